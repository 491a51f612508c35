"""Looking at both books of a bot: its canaries first, then comparisons until two in a row agree on what differs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from recon_exporter.bracketing import Bracket, Wait
from recon_exporter.domain.breaks import BreakIdentity
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.rates import with_rates_of
from recon_exporter.domain.terms import HaltPolicy, Terms
from recon_exporter.ports import Clock, PositionLedger, PositionVenue

LOOKS = 4
LOG = structlog.get_logger(__name__)

Canaries = Callable[[datetime], tuple[str, ...]]
"""The types of break that are not found in the canary books at this moment."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One bot whose positions are reconciled at the end of its day.

    ``mass_limit`` is how many new breaks one run may open; more are taken for a broken source. ``halt_action`` is what
    a new halt says of the action that stops the bot.
    """

    bot: str
    ledger: PositionLedger
    venue: PositionVenue
    terms: Terms
    policy: HaltPolicy
    settle: timedelta
    mass_limit: int
    halt_action: str
    canaries: Canaries


@dataclass(frozen=True, slots=True)
class Seen:
    """What the looks of one run established: the last comparison, and what an earlier look saw as well."""

    started_at: datetime
    comparison: Comparison
    confirmed: frozenset[BreakIdentity]


class Looks:
    """Looks at subjects; what an adapter or the comparison raises is no verdict on that subject alone."""

    def __init__(self, clock: Clock, wait: Wait) -> None:
        self._clock = clock
        self._wait = wait

    def at(self, subject: Subject) -> Seen | UnverifiedSide:
        """Look until two looks in a row agree on what differs, or are out of patience; or why there is no verdict."""
        started = self._clock.now()
        missed = subject.canaries(started)
        if missed:
            return UnverifiedSide("both", Unverified(Reason.CANARY_MISSED, f"not found: {', '.join(missed)}"))
        comparison = self._compared(subject)
        confirmed: frozenset[BreakIdentity] = frozenset()
        for _ in range(LOOKS - 1):
            if isinstance(comparison, UnverifiedSide) or not comparison.discrepancies:
                break
            before = _identities(comparison)
            self._wait(subject.settle)
            comparison = self._compared(subject)
            if isinstance(comparison, UnverifiedSide):
                break
            confirmed = before & _identities(comparison)
            if before == _identities(comparison):
                break
        return comparison if isinstance(comparison, UnverifiedSide) else Seen(started, comparison, confirmed)

    def _compared(self, subject: Subject) -> Comparison | UnverifiedSide:
        canonical = subject.terms.symbols.canonical
        bracket = Bracket(subject.ledger, subject.venue, canonical, self._clock, self._wait, subject.settle)
        look = bracket.look()
        if isinstance(look, UnverifiedSide):
            return look
        try:
            return compare(look.ledger, look.venue, with_rates_of(look.venue, subject.terms), self._clock.now())
        except Exception as error:  # no verdict on this bot, and none of the others is concerned
            LOG.exception("positions not compared", bot=subject.bot)
            return UnverifiedSide("both", Unverified(Reason.CHECK_FAILED, f"not compared: {type(error).__name__}"))


def _identities(comparison: Comparison) -> frozenset[BreakIdentity]:
    return frozenset(one.identity for one in comparison.discrepancies)
