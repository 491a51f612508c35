"""The canary book of the end-of-day run: two synthetic statements with one known break of each type.

They are made to the bot's own terms, so that tolerances under which a break could not be found any more are noticed as
a blind comparison is.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.breaks import EOD_TYPES, BreakType, Discrepancy
from recon_exporter.domain.comparison import Comparison
from recon_exporter.domain.money import ONE, product, total
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position
from recon_exporter.domain.terms import Terms

BOT = "canary"
Compare = Callable[[PositionStatement, PositionStatement, Terms, datetime], Comparison]

# The first is in order on both sides: a book that is broken throughout would prove less.
_SOUND = "CANARY.SOUND"
_SYMBOLS = {kind: f"CANARY.{kind}" for kind in EOD_TYPES}


def canary_statements(terms: Terms, now: datetime) -> tuple[PositionStatement, PositionStatement]:
    """Ledger and venue of a bot that does not exist."""
    quantity = total((terms.tolerance.quantity, ONE))
    price = total((terms.tolerance.price_absolute, ONE))
    written = now if terms.stale_after is None else now - min(timedelta(minutes=1), terms.stale_after / 2)
    old = now if terms.stale_after is None else now - terms.stale_after

    def held(symbol: str, units: int = 1, dearness: int = 1, written_at: datetime | None = written) -> Position:
        average = product(price, Decimal(dearness))
        return Position(symbol, product(quantity, Decimal(units)), average, "net", average, "USD", written_at)

    ledger = (
        held(_SOUND),
        held(_SYMBOLS[BreakType.MISSING_AT_BROKER]),
        held(_SYMBOLS[BreakType.QUANTITY_MISMATCH], units=3),
        held(_SYMBOLS[BreakType.PRICE_MISMATCH], dearness=1000),
        held(_SYMBOLS[BreakType.STALE_POSITION], written_at=old),
    )
    venue = (
        held(_SOUND),
        held(_SYMBOLS[BreakType.MISSING_IN_DB]),
        held(_SYMBOLS[BreakType.QUANTITY_MISMATCH]),
        held(_SYMBOLS[BreakType.PRICE_MISMATCH]),
        held(_SYMBOLS[BreakType.STALE_POSITION]),
    )
    return (_statement(ledger, now), _statement(venue, now))


def missing_from(discrepancies: Iterable[Discrepancy], terms: Terms) -> tuple[str, ...]:
    """The types whose canary is not among these; that of stale positions is not looked for where the test is off."""
    found = {(one.bot, one.type, one.symbol) for one in discrepancies}
    wanted = [kind for kind in EOD_TYPES if kind is not BreakType.STALE_POSITION or terms.stale_after is not None]
    return tuple(kind.value for kind in wanted if (BOT, kind, _SYMBOLS[kind]) not in found)


def missed_canaries(compare: Compare, terms: Terms, now: datetime) -> tuple[str, ...]:
    """The types of break that this comparison does not find under these terms; one that raises finds none."""
    ledger, venue = canary_statements(terms, now)
    try:
        found = compare(ledger, venue, terms, now).discrepancies
    except Exception:  # noqa: BLE001  # whatever it is, the canaries were not found
        return missing_from((), terms)
    return missing_from(found, terms)


def _statement(positions: Iterable[Position], now: datetime) -> PositionStatement:
    ordered = tuple(sorted(positions, key=lambda position: position.key))
    return PositionStatement(BOT, "canary", now, ordered, has_write_times=True, proof="made for this run")
