"""What the difference of a position or balance break is made of, as far as one look at both sides tells."""

from dataclasses import replace
from decimal import Decimal

from recon_exporter.domain.attribution import Records, attribute
from recon_exporter.domain.breaks import Break, BreakType
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.holdings import Holding
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.sides import PositionSides, Sides

EXPLAINED = frozenset(
    {BreakType.MISSING_AT_BROKER, BreakType.MISSING_IN_DB, BreakType.QUANTITY_MISMATCH, BreakType.BALANCE_MISMATCH}
)


def explained(one: Break, sides: Sides) -> Break:
    """The break with the records that account for its difference; as it is where the look could not tell any."""
    found = one.discrepancy
    if found.type not in EXPLAINED or found.difference is None or one.judged_at != sides.taken_at:
        return one
    if not isinstance(sides.fills, FillMatch) or sides.movements is None:
        return one
    symbols = sides.terms.comparison.symbols
    records = Records(
        match=sides.fills,
        venue_fills=sides.movements.fills,
        activities=sides.movements.activities,
        uncertainty=_uncertainty(sides, found.symbol, found.leg),
    )
    return replace(one, explanation=attribute(Holding.of(found, symbols), found.difference, records))


def _uncertainty(sides: Sides, symbol: str, leg: str) -> Decimal:
    """How far the ledger's quantity may be off by the way it is written."""
    if not isinstance(sides.positions, PositionSides):
        return ZERO
    canonical = sides.terms.comparison.symbols.canonical
    told = [one for one in sides.positions.ledger.positions if (canonical(one.symbol), one.leg) == (symbol, leg)]
    return max((one.uncertainty for one in told), default=ZERO)
