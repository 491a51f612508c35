"""Small real implementations of the ports of end-of-day runs, for tests of what lies between them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, BalanceStatement, Fill, FillStatement, Order, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.eod import EodRun, Occasion
from recon_exporter.errors import ProgressMoved
from recon_exporter.looking import Subject
from recon_exporter.ports import AuditHead, EodMark, EodMemory, EodRecording, Outgoing
from recon_exporter.sources.scope import ScopedLedger, ScopedVenue
from support.positions import BOT, NOW, POLICY, make_statement, make_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from recon_exporter.domain.breaks import Break, Halt
    from recon_exporter.domain.eod_report import EodReport
    from recon_exporter.domain.scope import Scope

Statement = PositionStatement | Unavailable
SETTLE = timedelta(seconds=30)
NOT_TOLD = Unavailable(Reason.INPUT_MISSING, "it does not tell")


@dataclass
class BookLedger:
    """A ledger whose successive readings a test lines up; the last one stays."""

    readings: list[Statement]
    told_fills: tuple[Fill, ...] = ()
    name: str = "file"
    reads: int = 0
    on_read: Callable[[int], None] = lambda _: None

    def positions(self, now: datetime) -> Statement:
        del now
        reading = self.readings[min(self.reads, len(self.readings) - 1)]
        self.reads += 1
        self.on_read(self.reads)
        return reading

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        return FillStatement(BOT, self.name, self.told_fills, since, now)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        del now
        return NOT_TOLD

    def mark(self) -> str | Unavailable:
        reading = self.readings[min(self.reads, len(self.readings) - 1)]
        return reading if isinstance(reading, Unavailable) else str(reading.positions)


@dataclass
class BookVenue:
    """A venue whose successive readings a test lines up; the last one stays."""

    readings: list[Statement]
    name: str = "alpaca"
    reads: int = 0

    def positions(self, now: datetime) -> Statement:
        del now
        reading = self.readings[min(self.reads, len(self.readings) - 1)]
        self.reads += 1
        return reading

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        del since, now
        return NOT_TOLD

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        del now
        return NOT_TOLD

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        del since
        return NOT_TOLD

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        del since
        return NOT_TOLD


@dataclass
class WaitingClock:
    """A clock on which waiting passes the time at once."""

    at: datetime = NOW
    waits: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def wait(self, span: timedelta) -> None:
        self.waits.append(span)
        self.at += span


@dataclass
class EodStateInMemory:
    """The end-of-day state of the port's description, without a disk."""

    memory: EodMemory = field(default_factory=lambda: EodMemory(0, (), (), {}, {}, ()))
    recordings: list[EodRecording] = field(default_factory=list)
    moves: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def turn(self) -> AbstractContextManager[object]:
        return self.lock

    def load_eod(self) -> EodMemory:
        return self.memory

    def eod_marks(self) -> Mapping[str, EodMark]:
        return self.memory.marks

    def record_eod(self, recording: EodRecording) -> int:
        if self.moves:
            self.moves -= 1
            self.memory = replace(self.memory, revision=self.memory.revision + 1)
        if recording.revision != self.memory.revision:
            raise ProgressMoved("another process was here")
        self.recordings.append(recording)
        breaks = {one.identifier: one for one in (*self.memory.breaks, *recording.breaks)}
        halts = [halt for halt in self.memory.halts if halt.bot not in recording.cleared]
        marks: dict[str, EodMark] = dict(self.memory.marks)
        if recording.mark is not None:
            marks[recording.mark.bot] = recording.mark
        self.memory = replace(
            self.memory,
            revision=self.memory.revision + 1,
            breaks=tuple(breaks.values()),
            halts=(*halts, *recording.halts),
            marks=marks,
        )
        return self.memory.revision

    def audit_head(self) -> AuditHead:
        return AuditHead(0, "0" * 64, is_valid=True)

    @property
    def breaks(self) -> tuple[Break, ...]:
        return tuple(one for one in self.memory.breaks if one.resolved_at is None)

    @property
    def halts(self) -> tuple[Halt, ...]:
        return self.memory.halts


@dataclass
class EodBench:
    """One bot's end-of-day runs with the parts a test may change."""

    ledger: BookLedger
    venue: BookVenue
    state: EodStateInMemory = field(default_factory=EodStateInMemory)
    clock: WaitingClock = field(default_factory=WaitingClock)
    told: list[EodReport] = field(default_factory=list)
    mass_limit: int = 50
    missed: tuple[str, ...] = ()
    tolerance: str = "0"
    scope: Scope | None = None

    def subject(self) -> Subject:
        scope = self.scope
        return Subject(
            BOT,
            self.ledger if scope is None else ScopedLedger(self.ledger, scope),
            self.venue if scope is None else ScopedVenue(self.venue, scope),
            replace(make_terms(quantity=self.tolerance), scope=scope),
            POLICY,
            SETTLE,
            self.mass_limit,
            "none configured",
            lambda _: self.missed,
        )

    def run(self, occasion: Occasion | None = None) -> EodReport:
        def outbox(report: EodReport, _: EodMemory) -> tuple[Outgoing, ...]:
            self.told.append(report)
            return ()

        return EodRun(self.state, self.clock, self.clock.wait).run(self.subject(), occasion or Occasion(), outbox)


def bench(ledger: Sequence[Statement] = (), venue: Sequence[Statement] = ()) -> EodBench:
    books = (list(ledger) or [make_statement()], list(venue) or [make_statement(source="alpaca")])
    return EodBench(BookLedger(books[0]), BookVenue(books[1]))
