"""The findings that tell the discrepancies of one check: one of each type and severity, with the largest of them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import reduce

from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.money import ROUNDING, ZERO

SHOWN = 10
CODES = {
    BreakType.MISSING_AT_BROKER: "position_missing_at_venue",
    BreakType.MISSING_IN_DB: "position_missing_in_ledger",
    BreakType.QUANTITY_MISMATCH: "position_quantity_differs",
    BreakType.FILL_MISSING_IN_LEDGER: "fill_missing_in_ledger",
    BreakType.FILL_MISSING_AT_VENUE: "fill_missing_at_venue",
    BreakType.FILL_QUANTITY: "fill_quantity_differs",
    BreakType.FILL_PRICE: "fill_price_differs",
    BreakType.FILL_FEE: "fill_fee_differs",
    BreakType.FILL_DUPLICATE: "fill_duplicated",
    BreakType.FILL_FOREIGN: "fill_foreign",
    BreakType.BALANCE_MISMATCH: "balance_differs",
}
"""The finding that tells a type of break."""


def findings_of(check: str, bot: str, discrepancies: Iterable[Discrepancy]) -> tuple[Finding, ...]:
    """One finding for each type and severity among these, in the order of the types."""
    groups: dict[tuple[BreakType, Severity], list[Discrepancy]] = {}
    for one in discrepancies:
        groups.setdefault((one.type, one.severity), []).append(one)
    places = {kind: place for place, kind in enumerate(CODES)}
    ordered = sorted(groups.items(), key=lambda group: (places[group[0][0]], group[0][1]))
    return tuple(Finding(severity, check, CODES[kind], bot, _details(group)) for (kind, severity), group in ordered)


def _details(group: Sequence[Discrepancy]) -> dict[str, Detail]:
    """How many there are, and the largest of them; those of unknown exposure count as larger than any."""
    known = sorted(group, key=lambda one: (one.exposure is None, one.exposure or ZERO), reverse=True)
    examples: tuple[Detail, ...] = tuple(_told(one) for one in known[:SHOWN])
    return {"count": len(group), "exposure_usd": _sum(group), "examples": examples}


def _told(one: Discrepancy) -> dict[str, Detail]:
    details: dict[str, Detail] = {
        "symbol": one.symbol,
        "leg": one.leg,
        "item": one.item,
        "happened_at": one.happened_at,
        "ledger_quantity": one.ledger_quantity,
        "venue_quantity": one.venue_quantity,
        "difference": one.difference,
        "exposure_usd": one.exposure,
        "detail": one.detail,
    }
    return {name: value for name, value in details.items() if value not in {None, ""}}


def _sum(group: Iterable[Discrepancy]) -> Decimal | None:
    """None where one of them is unknown."""
    known = [one.exposure for one in group]
    told = [value for value in known if value is not None]
    return None if len(told) < len(known) else reduce(ROUNDING.add, told, ZERO)
