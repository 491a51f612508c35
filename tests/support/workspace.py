"""A working directory with configuration files, loaded without touching the environment of the test run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recon_exporter.settings.model import Settings

RECON = "config/recon.yml"
THRESHOLDS = "config/reconciliation_thresholds.json"
ACCOUNT_MAP = "config/exchange_account_map.json"
SMALLEST = "fleets: {hbot: {type: hbot}}\n"


@dataclass(frozen=True)
class Workspace:
    """Files under one directory; with the smallest recon.yml to begin with."""

    directory: Path

    def write(self, name: str, content: object) -> Path:
        """Write a file; what is no text is written as JSON."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def load(self, environment: Mapping[str, str] | None = None, flags: Overrides | None = None) -> Settings:
        """Load what is there."""
        return load(flags or Overrides(), environment or {}, self.directory)

    def problems(self, environment: Mapping[str, str] | None = None, flags: Overrides | None = None) -> tuple[str, ...]:
        """Why it is refused, with paths as they are below the directory; empty where it is valid."""
        try:
            self.load(environment, flags)
        except ConfigurationError as error:
            return tuple(str(problem).replace(f"{self.directory}/", "") for problem in error.problems)
        return ()


def workspace(directory: Path, recon: str = SMALLEST) -> Workspace:
    """A directory with a recon.yml."""
    made = Workspace(directory)
    made.write(RECON, recon)
    return made
