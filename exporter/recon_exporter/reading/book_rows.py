"""Rows of somebody else's tables → positions, fills and balances by our names of the columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from recon_exporter.domain.money import InvalidAmount, plain
from recon_exporter.domain.positions import Fee, Fill, FillKind
from recon_exporter.domain.statement import Balance, Position
from recon_exporter.reading.cells import money
from recon_exporter.reading.lots import LotsDisagree, position_of
from recon_exporter.reading.refused import malformed
from recon_exporter.reading.stated import AS_OF, ColumnNames, Row, StatedTable, rows_of
from recon_exporter.reading.time_rules import TimeRules

POSITIONS, FILLS, BALANCES = "positions", "fills", "balances"
NEEDED: Mapping[str, tuple[str, ...]] = {
    POSITIONS: ("symbol", "quantity"),
    FILLS: ("fill_id", "symbol", "quantity", "price", "filled_at"),
    BALANCES: ("asset", "total"),
}
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    POSITIONS: ("avg_price", "price", "currency", "side", "leg", "updated_at", AS_OF),
    FILLS: ("order_id", "client_order_id", "side", "fee", "fee_currency", "synthetic"),
    BALANCES: ("free",),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {kind: NEEDED[kind] + OPTIONAL[kind] for kind in NEEDED}

SIDES = {"long": 1, "buy": 1, "short": -1, "sell": -1}
TRUTHS = {"true": True, "false": False, "1": True, "0": False}
LEGS = {"net": 0, "long": 1, "short": -1}
LEG_NAMES = {sign: name for name, sign in LEGS.items()}


@dataclass(frozen=True, slots=True)
class Terms:
    """How the tables of one source are read."""

    names: ColumnNames
    times: TimeRules


@dataclass(frozen=True, slots=True)
class StatedPositions:
    """The whole book of one table, sorted, each key once, none of quantity zero."""

    positions: tuple[Position, ...]
    has_write_times: bool
    as_of: datetime | None


def read_positions(table: StatedTable, terms: Terms) -> StatedPositions:
    """The book; raises Refused. The lots of one symbol and leg are added up."""
    found = terms.names.find(table, POSITIONS, NEEDED[POSITIONS], OPTIONAL[POSITIONS])
    lots: dict[tuple[str, str], list[Position]] = {}
    as_of: list[datetime] = []
    for row in rows_of(table, found):
        if AS_OF in found:
            as_of.append(row.moment(AS_OF, terms.times))
        lot = _lot(row, terms.times)
        if lot is not None:
            lots.setdefault(lot.key, []).append(lot)
    return StatedPositions(
        positions=tuple(_added_up(table, lots)),
        has_write_times="updated_at" in found,
        as_of=min(as_of, default=None),
    )


def read_fills(table: StatedTable, terms: Terms, since: datetime) -> tuple[Fill, ...]:
    """The fills since that moment, oldest first; raises Refused."""
    found = terms.names.find(table, FILLS, NEEDED[FILLS], OPTIONAL[FILLS])
    fills = [_fill(row, at) for row in rows_of(table, found) if (at := row.moment("filled_at", terms.times)) >= since]
    return tuple(sorted((fill for fill in fills if fill.quantity), key=lambda fill: (fill.at, fill.fill_id)))


def read_balances(table: StatedTable, terms: Terms) -> Mapping[str, Balance]:
    """The balances by asset; raises Refused, also for an asset that is there twice."""
    found = terms.names.find(table, BALANCES, NEEDED[BALANCES], OPTIONAL[BALANCES])
    balances: dict[str, Balance] = {}
    for row in rows_of(table, found):
        asset = row.label("asset")
        if asset in balances:
            raise malformed(row.place("asset"), asset, "each asset once")
        balances[asset] = Balance(row.number("total"), row.optional_number("free"))
    return dict(sorted(balances.items()))


def mark_of(positions: Sequence[Position]) -> str:
    """A digest of what is held and at which price of entry; a mere refresh of marks and times leaves it as it was."""
    seen = blake2b(digest_size=16)
    for position in positions:
        price = "" if position.average_price is None else plain(position.average_price)
        seen.update(f"{position.symbol}\x1f{position.leg}\x1f{plain(position.quantity)}\x1f{price}\n".encode())
    return seen.hexdigest()


def _lot(row: Row, times: TimeRules) -> Position | None:
    """None for a quantity of zero: such a row tells of a position that was closed."""
    quantity = row.number("quantity")
    if not quantity:
        return None
    leg = row.one_of("leg", LEGS) or 0
    return Position(
        symbol=row.label("symbol"),
        quantity=_signed(row, quantity, leg),
        mark_price=row.optional_number("price"),
        leg=LEG_NAMES[leg],
        average_price=row.optional_number("avg_price"),
        currency=row.optional_label("currency"),
        written_at=row.optional_moment("updated_at", times),
    )


def _signed(row: Row, quantity: Decimal, leg: int = 0) -> Decimal:
    """The quantity with the sign of side or leg where the source has such columns; it may carry that sign itself."""
    side = row.one_of("side", SIDES)
    if side is None and row.has("side"):
        raise malformed(row.place("side"), None, " or ".join(SIDES))
    if side and leg and side != leg:
        raise malformed(row.place("side"), row.value("side"), f"the side of the leg, {LEG_NAMES[leg]}")
    sign = side or leg
    if sign > 0 and quantity < 0:
        raise malformed(row.place("quantity"), quantity, "no negative quantity on this side")
    return quantity.copy_abs().copy_negate() if sign < 0 else quantity


def _fill(row: Row, at: datetime) -> Fill:
    return Fill(
        fill_id=row.label("fill_id"),
        order_id=row.optional_label("order_id"),
        client_order_id=row.optional_label("client_order_id"),
        symbol=row.label("symbol"),
        quantity=_signed(row, row.number("quantity")),
        price=row.number("price"),
        fees=_fees(row),
        at=at,
        kind=FillKind.SYNTHETIC if _is_synthetic(row) else FillKind.TRADE,
    )


def _is_synthetic(row: Row) -> bool:
    """Whether the bot made the fill up itself, so that its book meets the venue's."""
    told = row.value("synthetic")
    word = "false" if told is None else str(told).strip().lower()
    if word not in TRUTHS:
        raise malformed(row.place("synthetic"), told, " or ".join(TRUTHS))
    return TRUTHS[word]


def _fees(row: Row) -> tuple[Fee, ...] | None:
    """One fee; that in an asset which is not told has an empty one. None where the row tells none."""
    value, currency = row.value("fee"), row.optional_label("fee_currency")
    if value is None:
        return None
    try:
        amount, asset = money(value)
    except InvalidAmount:
        raise malformed(row.place("fee"), value, "a finite number, with or without its asset") from None
    if asset and currency and asset != currency:
        raise malformed(row.place("fee"), value, f"the asset of fee_currency, {currency}")
    return (Fee(asset or currency or "", amount),)


def _added_up(table: StatedTable, lots: Mapping[tuple[str, str], Sequence[Position]]) -> Iterator[Position]:
    for key in sorted(lots):
        try:
            position = position_of(lots[key])
        except LotsDisagree as error:
            raise malformed(f"{table.name}: the lots of {key[0]} ({key[1]})", str(error), "one position") from None
        if position is not None:
            yield position
