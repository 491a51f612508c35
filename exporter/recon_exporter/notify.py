"""Telling systemd that the exporter is ready, alive or stopping: the datagrams of sd_notify, without its library."""

import socket
from collections.abc import Mapping
from contextlib import suppress

VARIABLE = "NOTIFY_SOCKET"


class ServiceManager:
    """Tells the service manager that listens on ``address``; nobody where the address is empty.

    A manager that cannot be reached is passed over: reconciling goes on, and the manager acts on what it misses. A
    name that begins with @ is one of the abstract namespace.
    """

    def __init__(self, address: str) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """The address is bound and the schedule runs."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The schedule still runs; to be called more often than the manager's watchdog waits."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            # A manager that reads no more must not hold up what tells it.
            channel.setblocking(False)  # noqa: FBT003  # the standard library's own signature
            channel.sendto(state.encode(), self._address)


NOBODY = ServiceManager("")


def service_manager(environment: Mapping[str, str]) -> ServiceManager:
    """The service manager that started this process, as systemd names it; nobody without one."""
    return ServiceManager(environment.get(VARIABLE, ""))
