"""What a check is, what it is given, and the known break by which every cycle tests it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.sides import Sides
from recon_exporter.domain.statement import Book, Unavailable, VenueAccount


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a check may see of one bot; ``now`` is the time of the cycle, so that no check reads a clock.

    ``sides`` is None for a bot of which no ledger and venue are configured to be compared.
    """

    bot: str
    now: datetime
    policy: BotPolicy
    book: Book | Unavailable
    venue: VenueAccount | Unavailable
    sides: Sides | None = None


@dataclass(frozen=True, slots=True)
class Canary:
    """Synthetic evidence with one known break; the check is trusted only while it reports ``code`` for it.

    For a check whose input comes out of no file: where it does, a FileCanary also tests what reads the files.
    """

    evidence: Evidence
    code: str


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison or sanity test. ``name`` is that of its file, the label ``check`` and its only name.

    ``follows_steps`` says that it judges each new row against the row before: rows that it could not judge are lost to
    it, for they are not seen again. ``compares_sides`` says that it judges Evidence.sides alone: for a bot without
    files of its own nothing else is on.
    """

    name: str
    summary: str
    judge: Callable[[Evidence], CheckResult]
    canary: Callable[[datetime], Canary | FileCanary]
    follows_steps: bool = False
    compares_sides: bool = False
