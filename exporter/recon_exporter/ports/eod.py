"""What end-of-day runs need: the two books of positions, and the durable side of their life."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from recon_exporter.domain.breaks import Break, Halt
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.probe import Probe
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ports.audit import AuditAct
from recon_exporter.ports.cycle import Outgoing


class PositionLedger(Protocol):
    """The bot's own book of positions, opened read-only."""

    name: str

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book, or why it cannot be had; an empty one only with proof."""

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The fills that the bot knows of; Unavailable where its books keep none."""

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The balances that the bot believes in; Unavailable where its books keep none."""

    def mark(self) -> str | Unavailable:
        """A text that is another whenever the book has changed: read before and after the venue, it brackets it."""


class PositionVenue(Protocol):
    """The broker's or exchange's side, through calls that only read."""

    name: str

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book, or why it cannot be had; an empty one only where the account's own totals agree."""

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """Every execution of the span that the statement covers, which may begin later than asked."""

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The account's balances, all of them, or why they cannot be had."""

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        """Orders submitted since, of any final state, oldest first."""

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        """What moved the book otherwise, oldest first."""


class ProbedVenue(PositionVenue, Protocol):
    """A venue that can also be asked for the whole account at once."""

    def probe(self, now: datetime, trading_pair: str) -> Probe:
        """The account with the key's rights and the venue's clock; ``trading_pair`` is BASE-QUOTE, empty if unknown.

        Never raises: what could not be had is the status, the reason and the error of the probe.
        """


class VenueMeter(Protocol):
    """Counts what is asked of venues."""

    def requested(self, venue: str) -> None:
        """One request was sent."""

    def failed(self, venue: str, reason: str) -> None:
        """One request failed; ``reason`` is a code derived from the class of the failure, never from its text."""

    def skewed(self, venue: str, seconds: float) -> None:
        """The venue's clock minus ours."""


@dataclass(frozen=True, slots=True)
class EodMark:
    """What is known of a bot's end-of-day runs: times of the latest one, of the latest verified one, and why not.

    ``served_due_at`` is the scheduled time that the latest verified run served. ``unverified`` is None where the latest
    run was verified. ``canaries_missed`` are those of the latest run, ``tolerated`` what
    tolerances let through in all verified runs.
    """

    bot: str
    attempted_at: datetime
    completed_at: datetime | None
    served_due_at: datetime | None
    unverified: UnverifiedSide | None
    canaries_missed: tuple[str, ...]
    tolerated: tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class EodMemory:
    """What end-of-day runs left: all unresolved breaks and those resolved within retention, active halts, marks.

    ``cycle_breaks`` are those that cycles found. The counts are of both.
    """

    revision: int
    breaks: tuple[Break, ...]
    halts: tuple[Halt, ...]
    marks: Mapping[str, EodMark]
    opened_counts: Mapping[tuple[str, str], int]
    """By bot and break type, since the state exists."""
    resolution_seconds: tuple[tuple[str, str, float], ...]
    """Bot, break type and time to resolve of every resolved break, oldest first."""
    cycle_breaks: tuple[Break, ...] = ()

    @property
    def all_breaks(self) -> tuple[Break, ...]:
        """Those of runs and of cycles, by first sight."""
        return tuple(sorted((*self.breaks, *self.cycle_breaks), key=lambda one: (one.first_seen, one.identifier)))


@dataclass(frozen=True, slots=True)
class EodRecording:
    """All that one run, or one act of a person, makes durable in one transaction.

    ``breaks`` are the new and changed ones, ``halts`` those newly raised or whose action became known, ``cleared`` bots
    whose halts a person cleared.
    """

    at: datetime
    revision: int
    breaks: tuple[Break, ...] = ()
    halts: tuple[Halt, ...] = ()
    cleared: tuple[str, ...] = ()
    mark: EodMark | None = None
    acts: tuple[AuditAct, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Length of the audit chain, digest of its last entry, and whether every link holds."""

    sequence: int
    digest: str
    is_valid: bool


class EodState(Protocol):
    """The durable side of end-of-day runs, in the same database and under the same revision as State."""

    def turn(self) -> AbstractContextManager[object]:
        """The turn to record: no other thread that shares this state records meanwhile, another process may."""

    def load_eod(self) -> EodMemory:
        """Everything, as of one moment."""

    def eod_marks(self) -> Mapping[str, EodMark]:
        """The marks alone, by bot: cheap, however many breaks are kept."""

    def record_eod(self, recording: EodRecording) -> int:
        """Write all of it or nothing; returns the new revision.

        Raises ProgressMoved where the stored revision is not ``recording.revision``, StateError otherwise.
        """

    def audit_head(self) -> AuditHead:
        """The head of the chain; verifies what has not been verified since this state was opened."""
