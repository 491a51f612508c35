"""Whatever proxy the environment names, what runs on this machine is asked without it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from requests.utils import get_environ_proxies

from recon_exporter.cli.proxies import spare_loopback
from support.receiver import receiving
from support.workspace import RECON, SMALLEST, workspace

if TYPE_CHECKING:
    from pathlib import Path

PROXY = "http://127.0.0.1:1"
OURSELVES = ("http://127.0.0.1:9093/api", "http://127.8.8.8/", "http://localhost:9093", "http://[::1]:9093/")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", PROXY)
    return monkeypatch


@pytest.mark.parametrize("url", OURSELVES)
def test_this_machine_is_asked_without_a_proxy(proxied: pytest.MonkeyPatch, url: str) -> None:
    proxied.setenv("no_proxy", "")
    spare_loopback(os.environ)

    assert get_environ_proxies(url) == {}


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_others_are_asked_as_the_environment_says(proxied: pytest.MonkeyPatch, name: str) -> None:
    proxied.setenv("no_proxy", "")
    proxied.setenv(name, "internal.example")
    spare_loopback(os.environ)

    assert get_environ_proxies("http://internal.example/") == {}
    assert get_environ_proxies("http://hooks.example/")["http"] == PROXY


def test_no_proxy_for_anybody_stays_so(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("no_proxy", "*")
    spare_loopback(os.environ)

    assert get_environ_proxies("http://hooks.example/") == {}


def test_a_command_spares_this_machine(tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.statuses = [403]
        workspace(tmp_path).write(RECON, f"{SMALLEST.strip()}\nalertmanager: {{url: '{receiver.url}'}}")
        asked = subprocess.run(
            [sys.executable, "-m", "recon_exporter", "page-test"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "http_proxy": PROXY},
            check=False,
            capture_output=True,
            text=True,
        )

    assert "it answered 403" in asked.stdout
