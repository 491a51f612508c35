"""The breaks that differences between positions are within a cycle, by symbol and leg, in quantity alone.

A position that one side lacks and one of the opposite direction are critical, whatever they are worth; another
difference is where its exposure is material or unknown, and a warning otherwise. None asks for a halt: that is for
end-of-day runs. On a shared account the venue may hold more than the ledger in the ledger's direction, or where the
ledger holds nothing: that is somebody else's, shown and not judged.
"""

from dataclasses import replace
from decimal import Decimal

from recon_exporter.domain.breaks import MISSING, BreakType, Discrepancy
from recon_exporter.domain.comparison import compare
from recon_exporter.domain.differences import Differences
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ZERO, difference
from recon_exporter.domain.rates import with_rates_of
from recon_exporter.domain.sides import AccountUse, PositionSides, SideTerms

CHECK = "positions"
OF_QUANTITIES = MISSING | {BreakType.QUANTITY_MISMATCH}


def differences_of(sides: PositionSides, terms: SideTerms) -> Differences:
    """Every difference in quantity: beyond tolerance, within it, and what others hold on a shared account."""
    venue, scope = sides.venue, terms.comparison.scope
    rules = replace(with_rates_of(venue, terms.comparison), stale_after=None, stale_after_of={})
    comparison = compare(sides.ledger, venue, rules, venue.as_of)
    found = [one for one in comparison.discrepancies if one.type in OF_QUANTITIES]
    others = [one for one in found if _is_unattributed(one, terms)]
    gaps = {(one.symbol, one.leg): one.quantity for one in comparison.tolerated if one.quantity is not None}
    return Differences(
        discrepancies=tuple(_graded(one, terms) for one in found if one not in others),
        tolerated=tuple(gaps.values()),
        positions={**gaps, **{(one.symbol, one.leg): one.difference or ZERO for one in found}},
        unattributed={one.symbol: _beyond(one) for one in others},
        is_in_scope=None if scope is None else scope.holds_position,
    )


def _is_unattributed(one: Discrepancy, terms: SideTerms) -> bool:
    return terms.use is AccountUse.SHARED and not _is_flip(one) and bool(_beyond(one))


def _beyond(one: Discrepancy) -> Decimal:
    """How much more the venue holds than the ledger, in the ledger's direction or where it holds none; else zero."""
    ours, theirs = one.ledger_quantity or ZERO, one.venue_quantity or ZERO
    return difference(theirs, ours) if theirs.copy_abs() > ours.copy_abs() else ZERO


def _is_flip(one: Discrepancy) -> bool:
    ours, theirs = one.ledger_quantity or ZERO, one.venue_quantity or ZERO
    return bool(ours and theirs) and ours.is_signed() != theirs.is_signed()


def _graded(one: Discrepancy, terms: SideTerms) -> Discrepancy:
    is_material = one.exposure is None or one.exposure >= terms.materiality_usd
    is_critical = one.type in MISSING or _is_flip(one) or is_material
    severity = Severity.CRITICAL if is_critical else Severity.WARNING
    return replace(one, check=CHECK, auto_halt=False, severity=severity)
