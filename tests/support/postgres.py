"""A real PostgreSQL for tests: an own server process on a free loopback port, its data in a folder of its own.

Tests mark themselves with ``@pytest.mark.needs_program("postgres", "initdb")`` and take the fixture ``postgres``, which
is shared by the session; ``database()`` gives each test a database of its own.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.02
UNPRIVILEGED = ("postgres", "nobody")
ATTEMPTS = 5
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "60",
    "timezone": "UTC",
}


def programs_path() -> str:
    """Where programs are looked for: PATH, and the folders where Debian keeps the server's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders)])


@dataclass(frozen=True)
class PostgresServer:
    """A running server. ``password`` is that of the user ``postgres``, who may do everything."""

    port: int
    password: str

    def url(self, database: str = "postgres") -> str:
        """The address as SQLAlchemy wants it."""
        return f"postgresql+psycopg://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection of its own, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.password,
            dbname=database,
            autocommit=True,
        )

    def database(self) -> str:
        """A new empty database; returns its name."""
        name = f"test_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server until the end of the block; as root it runs as an unprivileged user, as it must."""
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="recon-postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        password = secrets.token_hex(12)
        _make_cluster(folder, password, user)
        process, port = _started(folder, user, password)
        try:
            yield PostgresServer(port, password)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def _program(name: str) -> str:
    found = shutil.which(name, path=programs_path())
    if found is None:
        raise FileNotFoundError(f"the program {name} is not there: mark the test with needs_program({name!r})")
    return found


def _make_cluster(folder: Path, password: str, user: str | None) -> None:
    password_file = folder / "password"
    password_file.write_text(password, encoding="utf-8")
    password_file.chmod(0o644)
    options = ["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
    command = [_program("initdb"), *options, f"--pwfile={password_file}", str(folder / "data")]
    made = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def _started(folder: Path, user: str | None, password: str) -> tuple[subprocess.Popen[bytes], int]:
    """The process that takes connections. Somebody else may take the port before it does: then it is tried again."""
    log = folder / "log"
    for _ in range(ATTEMPTS):
        port = _free_port()
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": port}.items()]
        command = [_program("postgres"), "-D", str(folder / "data"), *settings]
        with log.open("ab") as output:
            process = subprocess.Popen(command, user=user, cwd=folder, stdout=output, stderr=output)
        if _is_answering(process, PostgresServer(port, password)):
            return process, port
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8')}")


def _is_answering(process: subprocess.Popen[bytes], server: PostgresServer) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(PAUSE_SECONDS)
        else:
            return True
    _stop(process)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: sessions are ended, and the data is whole."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
