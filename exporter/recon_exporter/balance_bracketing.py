"""Reading both sides' balances so that what moves in between is not taken for a break.

Ledger, venue, ledger again, as with positions. An asset whose total the ledger changed meanwhile agrees where the venue
shows it before or after, and on a shared account where it shows more; where it shows neither, the look is repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from recon_exporter.bracketing import ATTEMPTS, Wait, told
from recon_exporter.domain.balance_rules import totals
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.positions import BalanceStatement
from recon_exporter.domain.sides import AccountUse, BalanceSides, SideTerms
from recon_exporter.domain.statement import Balance, Unavailable
from recon_exporter.ports import Clock, PositionLedger, PositionVenue


@dataclass(frozen=True, slots=True)
class BalanceBracket:
    """How to read the balances of one bot."""

    ledger: PositionLedger
    venue: PositionVenue
    terms: SideTerms
    clock: Clock
    wait: Wait
    settle: timedelta

    def look(self) -> BalanceSides | UnverifiedSide:
        """Both sides of one moment, or which of them cannot be judged and why."""
        moved: tuple[str, ...] = ()
        for attempt in range(ATTEMPTS):
            if attempt:
                self.wait(self.settle)
            seen = self._once()
            if not isinstance(seen, tuple):
                return seen
            moved = seen
        why = f"{', '.join(moved)} kept moving while both sides were read, {ATTEMPTS} times"
        return UnverifiedSide("both", Unverified(Reason.MOVED_WHILE_READ, why))

    def _once(self) -> BalanceSides | UnverifiedSide | tuple[str, ...]:
        """Both sides, or the assets whose movement cannot be followed."""
        before = told(lambda: self.ledger.balances(self.clock.now()))
        if isinstance(before, Unavailable):
            return UnverifiedSide("ledger", before.unverified())
        venue = told(lambda: self.venue.balances(self.clock.now()))
        if isinstance(venue, Unavailable):
            return UnverifiedSide("venue", venue.unverified())
        after = told(lambda: self.ledger.balances(self.clock.now()))
        if isinstance(after, Unavailable):
            return UnverifiedSide("ledger", after.unverified())
        first, last, theirs = (totals(one, self.terms) for one in (before, after, venue))
        moved = {asset for asset in first.keys() | last.keys() if first.get(asset, ZERO) != last.get(asset, ZERO)}
        followed = {asset: self._followed(asset, first, last, theirs) for asset in moved}
        if lost := sorted(asset for asset, amount in followed.items() if amount is None):
            return tuple(lost)
        return BalanceSides(after, self._rolled(venue, followed))

    def _followed(
        self, asset: str, first: Mapping[str, Decimal], last: Mapping[str, Decimal], theirs: Mapping[str, Decimal]
    ) -> Decimal | None:
        """What the venue has of it once it is where the ledger is now; None where that cannot be told."""
        states, shown = (first.get(asset, ZERO), last.get(asset, ZERO)), theirs.get(asset, ZERO)
        if shown in states:
            return states[1]
        is_beyond = self.terms.use is AccountUse.SHARED and shown > max(states)
        return shown if is_beyond else None

    def _rolled(self, venue: BalanceStatement, followed: Mapping[str, Decimal | None]) -> BalanceStatement:
        """The venue's balances, those that moved under their one name."""
        canonical = self.terms.comparison.symbols.canonical
        kept = {asset: one for asset, one in venue.balances.items() if canonical(asset) not in followed}
        moved = {asset: Balance(amount, None) for asset, amount in followed.items() if amount is not None}
        return replace(venue, balances=kept | moved)
