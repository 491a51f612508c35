"""Fixtures of the tests with real programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from end_to_end.world import CONFIGURATION, Bot
from recon_exporter.demo.hbot_writer import HbotFiles

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a configuration of one fleet."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "recon.yml").write_text(CONFIGURATION)
    return tmp_path


@pytest.fixture
def bot(folder: Path) -> Bot:
    """The one bot of the fleet, which has written nothing yet."""
    return Bot(HbotFiles(folder))
