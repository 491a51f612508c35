"""Small real implementations of the cycle's ports, for tests of what lies between them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import ProgressMoved
from recon_exporter.ports import LedgerReading
from support.evidence import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from recon_exporter.domain.statement import Book, Unavailable, VenueAccount
    from recon_exporter.ports import Outgoing, Recording


@dataclass
class FixedClock:
    """A clock that moves only when told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def advance(self, step: timedelta) -> None:
        self.at += step

    def wait(self, span: timedelta) -> None:
        self.at += span


@dataclass
class MemoryLedger:
    """A ledger whose books a test sets; it remembers what was adopted."""

    books: dict[str, Book | Unavailable]
    name: str = "hbot"
    documents: dict[str, str | None] = field(default_factory=dict)
    restored: list[Mapping[str, str]] = field(default_factory=list)
    adopted: int = 0
    failure: Exception | None = None
    gate: threading.Event | None = None

    def restore(self, documents: Mapping[str, str]) -> None:
        self.restored.append(documents)

    def read(self, now: datetime) -> LedgerReading:
        del now
        if self.gate is not None:
            self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return LedgerReading(dict(self.books), dict(self.documents))

    def recorded(self) -> None:
        self.adopted += 1


@dataclass
class MemoryVenue:
    """A venue whose accounts a test sets."""

    accounts: Mapping[str, VenueAccount | Unavailable] | Unavailable
    name: str = "hbot"

    def read(self, now: datetime) -> Mapping[str, VenueAccount | Unavailable] | Unavailable:
        del now
        return self.accounts


@dataclass
class MemoryState:
    """The state of the port's description, without a disk."""

    memory: Memory = field(default_factory=Memory)
    progress: dict[str, dict[str, str]] = field(default_factory=dict)
    recordings: list[Recording] = field(default_factory=list)
    moves: int = 0
    """How many recordings another process slips in before ours."""
    others_record: bool = False
    """Whether runs of this process record before each of our recordings, as they do while nobody has the turn."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def revision(self) -> int:
        return self.memory.revision

    def turn(self) -> AbstractContextManager[object]:
        return self.lock

    def load(self) -> tuple[Memory, Mapping[str, Mapping[str, str]]]:
        return self.memory, self.progress

    def record(self, recording: Recording) -> int:
        if self.moves or (self.others_record and self._is_free()):
            self.moves = max(0, self.moves - 1)
            self.memory = replace(self.memory, revision=self.memory.revision + 1)
        if recording.memory.revision != self.memory.revision:
            raise ProgressMoved("another process was here")
        self.recordings.append(recording)
        self.memory = replace(recording.memory, revision=recording.memory.revision + 1)
        return self.memory.revision

    def _is_free(self) -> bool:
        """Whether another thread could have the turn now."""
        had: list[bool] = []

        def have() -> None:
            had.append(self.lock.acquire(blocking=False))
            if had[0]:
                self.lock.release()

        other = threading.Thread(target=have)
        other.start()
        other.join()
        return had[0]

    def claim(self, now: datetime, sinks: Sequence[str]) -> Sequence[Outgoing]:
        del now
        return [entry for recording in self.recordings for entry in recording.outgoing if entry.sink in sinks]

    def remove(self, entry: Outgoing) -> None:
        del entry

    def postpone(self, entry: Outgoing, until: datetime, why: str) -> None:
        del entry, until, why
