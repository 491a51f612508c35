"""`healthcheck` asks the exporter beside it, and nobody in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from recon_exporter.commands import healthcheck
from recon_exporter.settings.overrides import Overrides
from support.receiver import receiving
from support.workspace import RECON, SMALLEST, workspace


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_proxy_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Containers get the proxy of the machine in their environment, and it knows nothing of what runs inside them."""
    monkeypatch.chdir(tmp_path)
    workspace(Path()).write(RECON, SMALLEST)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with receiving() as exporter:
        listen = f"{host}:{exporter.url.rpartition(':')[2].removesuffix('/alert')}"

        assert healthcheck.run(Overrides(listen_address=listen), {}, Path()) == 0


def test_nobody_there_is_not_healthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(tmp_path).write(RECON, SMALLEST)

    assert healthcheck.run(Overrides(listen_address="127.0.0.1:1"), {}, tmp_path) == 1
    assert capsys.readouterr().err == "http://127.0.0.1:1/-/healthy: ConnectionError\n"
