"""What the service manager is told, heard by a real datagram socket."""

from __future__ import annotations

import socket
import uuid
from typing import TYPE_CHECKING

import pytest

from recon_exporter.notify import NOBODY, ServiceManager, service_manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A listening manager: its address as systemd writes it, and its socket."""
    name = f"@recon-{uuid.uuid4()}" if request.param == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1))
        listening.settimeout(5)
        yield name, listening


def test_manager_hears_each_state_in_a_datagram_of_its_own(manager: tuple[str, socket.socket]) -> None:
    address, listening = manager
    told = service_manager({"NOTIFY_SOCKET": address})

    told.ready()
    told.alive()
    told.stopping()

    assert [listening.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_a_manager_nobody_is_told() -> None:
    service_manager({}).ready()
    NOBODY.alive()


def test_manager_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    ServiceManager(str(tmp_path / "gone")).alive()


def test_manager_that_reads_nothing_holds_nothing_up(manager: tuple[str, socket.socket]) -> None:
    address, _ = manager

    for _ in range(10_000):
        ServiceManager(address).alive()
