"""What stands of breaks and runs after a recording, made of what stood before it: all breaks need not be read again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from recon_exporter.domain.breaks import EOD, Break, Halt
from recon_exporter.ports import EodMemory, EodRecording
from recon_exporter.state import breaks as kept


@dataclass(frozen=True, slots=True)
class _Steps:
    """The breaks of a recording: those that the memory lacks, and of the others what they were and are."""

    opened: Sequence[Break]
    changed: Sequence[tuple[Break, Break]]

    @property
    def ended(self) -> list[Break]:
        """In the order in which they are read."""
        ended = [after for known, after in self.changed if known.resolved_at is None and after.resolved_at is not None]
        return sorted(ended, key=lambda one: (one.resolved_at, one.first_seen, one.identifier))


def following(memory: EodMemory, recording: EodRecording) -> EodMemory | None:
    """What is read after the recording was made upon the memory; None where only reading can tell."""
    before = {one.identifier: one for one in memory.all_breaks}
    after = {one.identifier: one for one in recording.breaks}
    steps = _Steps(
        [one for name, one in after.items() if name not in before],
        [(before[name], one) for name, one in after.items() if name in before],
    )
    if not _can_be_followed(memory, steps):
        return None
    opened = Counter((one.discrepancy.bot, one.discrepancy.type.value) for one in steps.opened)
    marks = {} if recording.mark is None else {recording.mark.bot: recording.mark}
    every = {**before, **after}.values()
    return EodMemory(
        revision=recording.revision + 1,
        breaks=_kept(one for one in every if one.discrepancy.check == EOD) if after else memory.breaks,
        cycle_breaks=_kept(one for one in every if one.discrepancy.check != EOD) if after else memory.cycle_breaks,
        halts=_halts(memory.halts, recording),
        marks=MappingProxyType({**memory.marks, **marks}),
        opened_counts=MappingProxyType(dict(Counter(memory.opened_counts) + opened)),
        resolution_seconds=(*memory.resolution_seconds, *map(kept.resolution, steps.ended)),
    )


def _can_be_followed(memory: EodMemory, steps: _Steps) -> bool:
    """A memory holds every unresolved break, so one that it lacks is new, but for a resolved one: that may be old."""
    if any(one.resolved_at is not None for one in steps.opened):
        return False
    if any(known.resolved_at not in {None, after.resolved_at} for known, after in steps.changed):
        return False
    ended = [one.resolved_at for one in steps.ended if one.resolved_at is not None]
    known = [one.resolved_at for one in memory.all_breaks if one.resolved_at is not None]
    return not ended or not known or ended[0] > max(known)


def _kept(breaks: Iterable[Break]) -> tuple[Break, ...]:
    ordered = sorted(breaks, key=lambda one: (one.first_seen, one.identifier))
    ended = [(one.resolved_at, one.identifier) for one in ordered if one.resolved_at is not None]
    if len(ended) <= kept.KEPT_RESOLVED:
        return tuple(ordered)
    by_name = sorted(ended, key=lambda end: end[1])
    latest = {name for _, name in sorted(by_name, key=lambda end: end[0], reverse=True)[: kept.KEPT_RESOLVED]}
    return tuple(one for one in ordered if one.resolved_at is None or one.identifier in latest)


def _halts(known: Iterable[Halt], recording: EodRecording) -> tuple[Halt, ...]:
    standing = (*(halt for halt in known if halt.bot not in recording.cleared), *recording.halts)
    named = {(halt.bot, halt.reason): halt for halt in standing}
    return tuple(named[name] for name in sorted(named))
