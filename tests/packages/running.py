"""The exporter run as a package runs it: from a folder laid out like the image, with a small environment."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from packages.files import CONFIG, HBOT, Instruction, mounts, of_final
from recon_exporter.demo.programs import free_port

if TYPE_CHECKING:
    from pathlib import Path

KEPT = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")


def environment(**variables: str) -> dict[str, str]:
    """What the exporter is given beside what it is about; it listens on a free port of loopback."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "RECON_WEB_LISTEN_ADDRESS": f"127.0.0.1:{free_port()}", **variables}


def _folders() -> list[str]:
    """The folders below the working directory that the image has."""
    words = [word for instruction in of_final("RUN") for word in _words(instruction)]
    return [word.removeprefix(f"{HBOT}/") for word in words if word.startswith(f"{HBOT}/")]


def _words(instruction: Instruction) -> list[str]:
    return instruction.text.split()


def prepared(folder: Path) -> Path:
    """The working directory of the image under ``folder``, with the files that the image has."""
    for name in _folders():
        (folder / name).mkdir(parents=True, exist_ok=True)
    for words in (instruction.words for instruction in of_final("COPY")):
        for source in words[:-1]:
            if source.startswith("config/"):
                shutil.copy(CONFIG.parent / source, folder / "config")
    return folder


def writable(folder: Path) -> list[Path]:
    """Where the compose file lets the exporter write, in such a folder."""
    open_ = [mount.target for mount in mounts("reconciliation-service") if not mount.is_read_only]
    return [folder / target.relative_to(HBOT) for target in open_]
