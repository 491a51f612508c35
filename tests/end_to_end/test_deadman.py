"""Prometheus stops, and somebody is told: by `deadman`, over the shipped rules and routes and the real programs."""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from end_to_end.world import COMMAND, environment, hastened_alertmanager_file, until
from recon_exporter.demo.configuration import write_prometheus_files
from recon_exporter.demo.programs import RunningProgram, find, free_port, start_alertmanager, start_prometheus
from support.receiver import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESEND = "--rules.alert.resend-delay=1s"
LONG, SHORT = "12s", "2s"
"""Longer than a busy machine may take for a sign of life; and where none will come."""
GONE, BACK = "NO WATCHDOG", "The Watchdog is back"


class Deadman:
    """`recon-exporter deadman` in a folder, at an address that stays; it posts, and appends to a file."""

    def __init__(self, folder: Path, url: str, after: str = SHORT) -> None:
        self.folder = folder
        self.after = after
        self.address = f"127.0.0.1:{free_port()}"
        (folder / "tell").write_text(url)
        (folder / "tell.sh").write_text("cat >> told.txt\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--listen", self.address, "--after", self.after, "--state", "watch/deadman.json"]
        ways = ["--run", "sh tell.sh", "--post-url-file", "tell"]
        with (self.folder / "deadman.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "deadman", *options, *ways],
                cwd=self.folder,
                env=environment(PATH="/usr/bin:/bin"),
                stderr=log,
            )
        until(self.is_healthy, "the watch answers")

    def is_healthy(self) -> bool:
        try:
            return requests.get(f"http://{self.address}/-/healthy", timeout=1).ok
        except requests.ConnectionError:
            return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(15)

    def last_seen(self) -> str:
        return str(json.loads((self.folder / "watch" / "deadman.json").read_text())["last_seen"])

    def wait_for_signs(self, count: int) -> None:
        for _ in range(count):
            last = self.last_seen()
            until(lambda last=last: self.last_seen() != last, "a sign of life")  # type: ignore[misc]

    def told_by_command(self) -> list[str]:
        path = self.folder / "told.txt"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def deadman(tmp_path: Path, inbox: Receiver, request: pytest.FixtureRequest) -> Iterator[Deadman]:
    watch = Deadman(tmp_path, inbox.url, getattr(request, "param", SHORT))
    watch.start()
    try:
        yield watch
    finally:
        if watch.process is not None and watch.process.poll() is None:
            watch.end()


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def routed_to(watch: Deadman) -> Path:
    """The shipped routes with short waits; the Watchdog goes to the watch, everything else nowhere."""
    path = hastened_alertmanager_file(watch.folder, f"http://{watch.address}")
    configuration = yaml.safe_load(path.read_text())
    for receiver in configuration["receivers"]:
        if receiver["name"] != "dead-mans-switch":
            del receiver["webhook_configs"]
    path.write_text(yaml.safe_dump(configuration))
    return path


def prometheus(watch: Deadman, alertmanager: RunningProgram, running: ExitStack) -> RunningProgram:
    executable = find("Prometheus")
    assert executable is not None
    file = write_prometheus_files(watch.folder, "http://127.0.0.1:1", alertmanager.url, "1s")
    program = start_prometheus(executable, file, watch.folder, RESEND)
    running.callback(program.stop)
    return program


def told(inbox: Receiver) -> list[str]:
    return [request.body for request in inbox.requests]


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("deadman", [LONG], indirect=True)
def test_somebody_is_told_that_prometheus_stopped_and_once_that_it_is_back(
    deadman: Deadman, inbox: Receiver, running: ExitStack
) -> None:
    executable = find("Alertmanager")
    assert executable is not None
    alertmanager = start_alertmanager(executable, routed_to(deadman), deadman.folder)
    running.callback(alertmanager.stop)
    first = prometheus(deadman, alertmanager, running)
    deadman.wait_for_signs(3)
    begun = len(told(inbox))  # where the real programs took longer to start than the watch waits
    assert begun in {0, 2}

    first.stop()
    until(lambda: len(told(inbox)) == begun + 1, "somebody is told")
    assert told(inbox)[begun].startswith(GONE)

    assert deadman.end(signal.SIGKILL) == -signal.SIGKILL
    deadman.start()
    prometheus(deadman, alertmanager, running)
    deadman.wait_for_signs(3)
    until(lambda: len(told(inbox)) == begun + 2, "somebody is told that it is back")
    deadman.wait_for_signs(3)
    assert [text.startswith(BACK) for text in told(inbox)[begun:]] == [False, True]
    assert deadman.told_by_command() == told(inbox)
    assert deadman.end() == 0


def test_what_is_no_sign_is_refused_and_nothing_else_is_served(deadman: Deadman, inbox: Receiver) -> None:
    url = f"http://{deadman.address}/watchdog"

    assert requests.post(url, json={"alerts": []}, timeout=5).status_code == 400
    assert requests.get(url, timeout=5).status_code == 405
    assert requests.post(url, data=b"x" * 2**21, timeout=5).status_code == 413
    until(lambda: [text[: len(GONE)] for text in told(inbox)] == [GONE], "somebody is told")


def test_a_command_that_fails_leaves_the_other_way(tmp_path: Path, inbox: Receiver) -> None:
    watch = Deadman(tmp_path, f"{inbox.url}?text={{text}}")
    (tmp_path / "tell.sh").write_text("exit 3\n")
    watch.start()
    try:
        until(lambda: bool(inbox.requests), "somebody is told")
    finally:
        watch.end()

    (request,) = inbox.requests
    assert request.path.startswith("/alert?text=NO%20WATCHDOG%20for%20")
    assert (request.body, "&" in request.path) == ("", False)
    assert "sh ended with 3" in (tmp_path / "deadman.log").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nobody would be told: give --run or --post-url-file"),
        (["--run", "true", "--after", "soon"], "expected a duration"),
        (["--run", "true", "--listen", "here"], "expected an address"),
        (["--post-url-file", "absent"], "No such file or directory"),
        (["--post-url-file", "secret"], "expected an http:// or https:// address in it"),
        (["--run", "true", "--state", "bad.json"], "bad.json holds no memory of a watch"),
        (["--run", "true", "--state", "secret/deadman.json"], "secret/deadman.json"),
    ],
)
def test_a_watch_that_would_tell_nobody_does_not_start(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "secret").write_text("hidden")
    (tmp_path / "bad.json").write_text("{")
    ended = subprocess.run(
        [*COMMAND, "deadman", *options], cwd=tmp_path, env=environment(), check=False, capture_output=True, timeout=20
    )

    assert ended.returncode == 2
    assert said in ended.stderr.decode()
    assert "hidden" not in ended.stderr.decode()
