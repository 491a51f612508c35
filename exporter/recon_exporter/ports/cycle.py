"""What the cycle needs: clock, ledgers, venues, policies, state and sinks."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from recon_exporter.domain.breaks import Break
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.report import ExpectedBot
from recon_exporter.domain.statement import Book, Unavailable, VenueAccount
from recon_exporter.ports.audit import AuditAct


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> datetime:
        """The current time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""

    def wait(self, span: timedelta) -> None:
        """Do nothing for a while."""


@dataclass(frozen=True, slots=True)
class LedgerReading:
    """What one ledger says of all its bots, and how far it has read.

    ``documents`` are the changed parts of the ledger's progress, by key; None deletes. They become durable in the same
    transaction as the report that was made of ``books``.
    """

    books: Mapping[str, Book | Unavailable]
    documents: Mapping[str, str | None]


class Ledger(Protocol):
    """Reads the books of a fleet. ``read`` moves nothing forward by itself: ``recorded`` does, once it is durable."""

    name: str

    def restore(self, documents: Mapping[str, str]) -> None:
        """Go on from recorded progress, forgetting what is in memory; an empty mapping means a cold start."""

    def read(self, now: datetime) -> LedgerReading:
        """Read what is new. Raises only where nothing at all can be said."""

    def recorded(self) -> None:
        """What the latest ``read`` returned is durable."""


class Venue(Protocol):
    """Reads the venue's side for a fleet."""

    name: str

    def read(self, now: datetime) -> Mapping[str, VenueAccount | Unavailable] | Unavailable:
        """The accounts by bot; a bot that the source does not hold has no entry."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A ledger with its venue; ``venue`` is None where no exchange snapshot is configured."""

    name: str
    ledger: Ledger
    venue: Venue | None


@dataclass(frozen=True, slots=True)
class Policies:
    """What persons decided: ``of`` gives the policy of any bot, ``named`` the bots that thresholds and map name.

    ``named`` leaves out bots with ``enabled: false``, which stand in ``taken_out``.
    """

    of: Callable[[str], BotPolicy]
    named: tuple[ExpectedBot, ...]
    taken_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One entry of the outbox: ``body`` is the text that the sink writes or sends, ``name`` what it is for the sink.

    For sink ``report_file`` the name is ``latest`` or the stamp of the file; for ``webhook`` the notice's kind. An
    entry replaces one of its sink and name that is still waiting. Entries of one sink and lane leave in order, and one
    that fails makes those behind it wait; other lanes go on.
    """

    identifier: int | None
    sink: str
    name: str
    at: datetime
    body: str
    attempts: int = 0
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """All that one cycle makes durable in one transaction.

    ``memory.revision`` is that of the memory the cycle began with. ``progress`` holds by fleet the changed documents.
    ``breaks`` are the new and changed ones, ``acts`` what became of them.
    """

    at: datetime
    memory: Memory
    progress: Mapping[str, Mapping[str, str | None]]
    outgoing: tuple[Outgoing, ...]
    breaks: tuple[Break, ...] = ()
    acts: tuple[AuditAct, ...] = ()


class CycleState(Protocol):
    """What one cycle leaves for the next."""

    def turn(self) -> AbstractContextManager[object]:
        """The turn to record: no other thread that shares this state records meanwhile, another process may."""

    def load(self) -> tuple[Memory, Mapping[str, Mapping[str, str]]]:
        """Memory and every fleet's progress, as of one moment."""

    def record(self, recording: Recording) -> int:
        """Write all of it or nothing; returns the new revision.

        Raises ProgressMoved where the stored revision is not ``recording.memory.revision``, StateError otherwise.
        """


class State(CycleState, Protocol):
    """What survives ``kill -9``: memory, progress of the ledgers, outbox."""

    def revision(self) -> int:
        """The number of recordings by any process; cheap."""

    def claim(self, now: datetime, sinks: Sequence[str]) -> Sequence[Outgoing]:
        """The oldest entry of each lane of these sinks that has anything due, leased to the caller for a minute."""

    def remove(self, entry: Outgoing) -> None:
        """The entry leaves the outbox: its sink took it, or it is given up."""

    def postpone(self, entry: Outgoing, until: datetime, why: str) -> None:
        """The sink did not take it: try again not before ``until``, unless something new is to be told to it."""


class Sink(Protocol):
    """One destination of reports; ``name`` is the label ``sink`` and the sink of its entries in the outbox.

    ``gives_up`` says whether an entry that has failed for a day may be left.
    """

    name: str
    gives_up: bool

    def deliver(self, entry: Outgoing) -> None:
        """Write or send the entry; raises DeliveryFailed where it may be tried again."""
