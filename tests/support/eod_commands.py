"""A state with breaks and halts, and the command line over it, for tests of the commands about end-of-day runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from recon_exporter.cli import app, flags_first
from recon_exporter.ports import AuditAct, EodRecording
from recon_exporter.settings.overrides import Overrides
from support.positions import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from recon_exporter.domain.breaks import Break, Halt
    from recon_exporter.state.audit import AuditEntry
    from recon_exporter.state.store import SqlState


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code, what it said, and what it said of errors."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  # whatever document it is
        return json.loads(self.out)


@dataclass(frozen=True)
class Office:
    """Where persons decide: a directory with a configuration, and its state."""

    directory: Path
    state: SqlState

    @property
    def overrides(self) -> Overrides:
        """For functions that take what the command line takes."""
        return Overrides(config_file=str(self.directory / "recon.yml"))

    def command(self, *arguments: str) -> Said:
        """Our command line with these arguments."""
        flags = ["--config.file", str(self.directory / "recon.yml")]
        result = CliRunner().invoke(app, flags_first([*flags, *arguments]))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    def run_left(self, breaks: Sequence[Break] = (), halts: Sequence[Halt] = ()) -> None:
        """A run has left these."""
        self.state.record_eod(
            EodRecording(NOW, self.state.revision(), breaks=tuple(breaks), halts=tuple(halts)),
        )

    def acts(self) -> list[AuditEntry]:
        """What the audit log holds."""
        return list(self.state.audit_entries())

    def only(self) -> Break:
        """The one break of the state."""
        (one,) = self.state.load_eod().breaks
        return one

    def write(self, *acts: AuditAct) -> None:
        """Entries for the audit log."""
        self.state.record_eod(EodRecording(NOW, self.state.revision(), acts=acts))


def office(directory: Path, state: SqlState, policy: str = "{}") -> Office:
    """With a configuration that names the state and holds no bot."""
    (directory / "data").mkdir()
    (directory / "recon.yml").write_text(
        f"state: {{url: 'sqlite:///{directory}/recon.db'}}\n"
        f"fleets: {{hbot: {{type: hbot, data_root: '{directory}/data'}}}}\n"
        f"policy: {policy}\n",
        encoding="utf-8",
    )
    return Office(directory, state)
