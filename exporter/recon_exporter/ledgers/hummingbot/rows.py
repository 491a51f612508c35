"""Rows of fills → executions under our names, in units of the base asset.

A book is what all its fills make, so there are many: what repeats from row to row is looked at once, and the usual
values are taken on a short way. All others go the long way, on which errors are named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from recon_exporter.domain.money import EXACT, ROUNDING
from recon_exporter.domain.positions import Fee, Fill
from recon_exporter.ledgers.hummingbot.fees import read_fees
from recon_exporter.ledgers.hummingbot.files import HummingbotFile
from recon_exporter.ledgers.hummingbot.source import PAPER, HummingbotSource
from recon_exporter.reading.cells import LONGEST
from recon_exporter.reading.refused import malformed
from recon_exporter.reading.stated import Row
from recon_exporter.reading.time_rules import EARLIEST, TimeRules

DIGITS = 6
MILLIONTH = Decimal(10) ** -DIGITS
LEAST_PRICE = Decimal("0.01")
"""Of a lower price millionths keep too few digits: what is computed of it says nothing."""

SIDES = {"buy": 1, "sell": -1}
LEGS = {("OPEN", 1): "long", ("CLOSE", -1): "long", ("OPEN", -1): "short", ("CLOSE", 1): "short"}
REPEATED = ("market", "config_file_path", "symbol", "base_asset", "quote_asset", "trade_type", "position")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL_MILLISECONDS = range(int(EARLIEST.timestamp() * 1000), 10**14)


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill with the assets of its pair."""

    fill: Fill
    base_asset: str
    quote_asset: str


@dataclass(slots=True)
class Seen:
    """What a reading came across: whether rows of the market are there, and of which other ones."""

    own: bool = False
    others: set[str] = field(default_factory=set)


class Kind(NamedTuple):
    """What a row tells by the values that repeat."""

    symbol: str
    base_asset: str
    quote_asset: str
    sign: int
    leg: str


class Executions:
    """The fills of one file; ``has_fees`` says whether they are wanted with their fees."""

    def __init__(self, file: HummingbotFile, source: HummingbotSource, times: TimeRules, *, has_fees: bool) -> None:
        self._file = file
        self._source = source
        self._times = times
        self._has_fees = has_fees
        self._kinds: dict[tuple[object, ...], Kind | None] = {}

    def read(self, seen: Seen, since: datetime | None = None) -> Iterator[Execution]:
        """Those that count, in the order in which they were written; raises Refused."""
        milliseconds = None if since is None else int(since.timestamp() * 1000)
        for table in self._file.fills(milliseconds):
            found = {name: at for at, name in enumerate(table.columns or ())}
            repeated = [found[name] for name in REPEATED]
            for number, cells in enumerate(table.rows):
                key = tuple(cells[at] for at in repeated)
                row = Row(table, found, number)
                if key not in self._kinds:
                    self._kinds[key] = self._kind(row, seen)
                kind = self._kinds[key]
                if kind is not None:
                    execution = self._execution(row, kind)
                    if execution.fill.quantity:
                        yield execution

    def _kind(self, row: Row, seen: Seen) -> Kind | None:
        """None where the row does not count."""
        market, config_file = row.label("market"), row.optional_label("config_file_path") or ""
        if not self._source.holds(market, config_file):
            if market == f"{self._source.market}{PAPER}":
                seen.own = True
            else:
                seen.others.add(f"{market} ({config_file})")
            return None
        seen.own = True
        sign = row.one_of("trade_type", SIDES)
        if sign is None:
            raise malformed(row.place("trade_type"), None, " or ".join(SIDES))
        symbol = self._source.symbol(row.label("symbol"))
        leg = _leg(row, sign) if self._source.hedge_mode else "net"
        return Kind(symbol, row.label("base_asset"), row.label("quote_asset"), sign, leg)

    def _execution(self, row: Row, kind: Kind) -> Execution:
        amount, price = self._value(row, "amount"), self._value(row, "price")
        fill = Fill(
            fill_id=_label(row, "exchange_trade_id") or row.place("exchange_trade_id"),
            order_id=_label(row, "exchange_order_id"),
            client_order_id=_label(row, "order_id"),
            symbol=kind.symbol,
            quantity=amount if kind.sign > 0 else amount.copy_negate(),
            price=price,
            fees=self._fees(row, amount, price, kind) if self._has_fees else None,
            at=self._at(row),
            leg=kind.leg,
        )
        return Execution(fill, kind.base_asset, kind.quote_asset)

    def _value(self, row: Row, column: str) -> Decimal:
        value = row.value(column)
        if type(value) is int and value >= 0 and self._file.is_scaled:
            return EXACT.scaleb(Decimal(value), -DIGITS)
        told = row.number(column)
        if told < 0:
            raise malformed(row.place(column), told, "no negative number: the side is in trade_type")
        if not self._file.is_scaled:
            return told
        if told != told.to_integral_value():
            raise malformed(row.place(column), told, "a whole number of millionths")
        return EXACT.scaleb(told, -DIGITS)

    def _at(self, row: Row) -> datetime:
        value = row.value("timestamp")
        if type(value) is int and value in _USUAL_MILLISECONDS:
            return _EPOCH + timedelta(milliseconds=value)
        return row.moment("timestamp", self._times)

    def _fees(self, row: Row, amount: Decimal, price: Decimal, kind: Kind) -> tuple[Fee, ...] | None:
        is_exact = not self._file.is_scaled or price >= LEAST_PRICE
        notional = ROUNDING.multiply(price, amount) if is_exact else None
        return read_fees(row.value("trade_fee"), lambda: row.place("trade_fee"), notional, kind.quote_asset)


def _label(row: Row, column: str) -> str | None:
    value = row.value(column)
    if type(value) is str and len(value) <= LONGEST and value.isprintable() and " " not in value:
        return value
    return row.optional_label(column)


def _leg(row: Row, sign: int) -> str:
    """Opening by a purchase and closing by a sale is done on the long leg."""
    word = row.optional_label("position")
    leg = LEGS.get((word or "", sign))
    if leg is None:
        raise malformed(row.place("position"), word, "OPEN or CLOSE, as the account is in hedge mode")
    return leg
