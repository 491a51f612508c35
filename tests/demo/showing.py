"""A running demonstration in the hands of a test."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from end_to_end.world import COMMAND, environment, until
from recon_exporter.demo.programs import free_port

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator
    from pathlib import Path

PROBED = {"bot1": "ok", "bot2": "disabled", "bot3": "paper_only", "bot4": "ok", "perp-mm": "ok", "spot-ft": "ok"}
BOTS = (*PROBED, "swing-us")
INTRODUCED = "Ctrl-C"


@dataclass(slots=True)
class Shown:
    """A running demonstration and what it has printed so far."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path
    output: Path

    def text(self) -> str:
        return self.output.read_text()

    def prometheus(self) -> str:
        """The address of its Prometheus."""
        line = next(line for line in self.text().splitlines() if line.startswith("  Prometheus"))
        return line.split()[1].rstrip("/")

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)


@contextmanager
def demonstration(tmp_path: Path, *arguments: str, **variables: str) -> Iterator[Shown]:
    """The demonstration in a folder below ``tmp_path``, introduced."""
    folder, output, port = tmp_path / "show", tmp_path / "output", free_port()
    flags = [f"--directory={folder}", f"--web.listen-address=127.0.0.1:{port}", *arguments]
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [*COMMAND, "demo", *flags], env=environment(**variables), stdout=stream, stderr=subprocess.STDOUT
        )
    shown = Shown(process, f"http://127.0.0.1:{port}", folder, output)
    try:
        until(lambda: INTRODUCED in shown.text() or process.poll() is not None, "the introduction")
        assert process.poll() is None, shown.text()
        yield shown
    finally:
        process.kill()
        process.wait()


def metrics(shown: Shown) -> str:
    return requests.get(f"{shown.url}/metrics", timeout=5).text


def all_are_ok(shown: Shown) -> bool:
    text = metrics(shown)
    return all(f'recon_bot_status{{bot="{bot}",status="ok"}} 1' in text for bot in BOTS)
