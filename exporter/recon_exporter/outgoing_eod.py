"""What is told about an end-of-day run: its report, the dated history, the halt files; as entries of the outbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.domain.breaks import ACTION_CONFIRMED, Break, Halt
from recon_exporter.domain.document import to_json
from recon_exporter.domain.eod_document import eod_document, halt_document, history_document
from recon_exporter.domain.eod_report import EodReport
from recon_exporter.domain.stamp import LATEST, stamp_name
from recon_exporter.ports import EodMemory, Outgoing

FILES = "report_file"
HALT = "halt"
NO_ACTION = "none configured"
PENDING = "pending"
CONFIRMED = ACTION_CONFIRMED


@dataclass(frozen=True, slots=True)
class EodTelling:
    """The rules of what is told about a run."""

    exporter_version: str
    has_halt_action: bool
    retention: timedelta
    """How long a resolved break stays in the dated history."""

    def __call__(self, report: EodReport, memory: EodMemory) -> tuple[Outgoing, ...]:
        """The entries that are recorded together with the run."""
        body = to_json(eod_document(report, self.exporter_version))
        at = report.finished_at
        entries = [
            Outgoing(None, FILES, f"eod/{LATEST}", at, body),
            Outgoing(None, FILES, f"eod/{stamp_name(at)}", at, body),
            history_entry(memory, (*report.breaks, *report.resolved), at, self.retention),
        ]
        halted = sorted({halt.bot for halt in report.halts})
        for bot in halted:
            file = halt_entry(bot, [*_of(bot, memory.halts), *_of(bot, report.halts)], at)
            entries.append(file)
            if self.has_halt_action:
                entries.append(action_entry(bot, file.body, at))
        return tuple(entries)


def history_entry(memory: EodMemory, changed: Iterable[Break], at: datetime, retention: timedelta) -> Outgoing:
    """The whole history, with what a run or a person has just changed, without what was resolved long ago."""
    every = {one.identifier: one for one in (*memory.breaks, *changed)}
    known = {
        name: one
        for name, one in every.items()
        if one.resolved_at is None or one.for_review or at - one.resolved_at <= retention
    }
    return Outgoing(None, FILES, "history/breaks", at, to_json(history_document(known.values(), at)))


def halt_entry(bot: str, halts: Sequence[Halt], at: datetime) -> Outgoing:
    """The halt file of a bot; without halts it is taken away."""
    body = to_json({"bot": bot, "written_at": at, "halts": [halt_document(halt) for halt in halts]}) if halts else ""
    return _halt(f"file/{bot}", body, at)


def action_entry(bot: str, body: str, at: datetime) -> Outgoing:
    """What stops a bot; with an empty body nothing is done any more."""
    return _halt(f"action/{bot}", body, at)


def clearance_entries(bot: str, at: datetime) -> tuple[Outgoing, ...]:
    """The halt file of a cleared bot goes, and it is not stopped by what has not yet been carried out."""
    return (action_entry(bot, "", at), halt_entry(bot, (), at))


def _halt(name: str, body: str, at: datetime) -> Outgoing:
    # A lane of its own: a file that cannot be written must not hold up what stops the bot.
    return Outgoing(None, HALT, name, at, body, lane=name)


def _of(bot: str, halts: Iterable[Halt]) -> list[Halt]:
    return [halt for halt in halts if halt.bot == bot]
