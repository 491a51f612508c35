"""Rows of fills → executions under our names, in units of the base asset."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.money import EXACT, ROUNDING
from recon_exporter.domain.positions import Fill
from recon_exporter.ledgers.hummingbot.fees import read_fees
from recon_exporter.ledgers.hummingbot.files import HummingbotFile
from recon_exporter.ledgers.hummingbot.source import PAPER, HummingbotSource
from recon_exporter.reading.refused import malformed
from recon_exporter.reading.stated import Row, StatedTable, rows_of
from recon_exporter.reading.time_rules import TimeRules

DIGITS = 6
MILLIONTH = Decimal(10) ** -DIGITS
SIDES = {"buy": 1, "sell": -1}
LEGS = {("OPEN", 1): "long", ("CLOSE", -1): "long", ("OPEN", -1): "short", ("CLOSE", 1): "short"}


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
    others: set[str] | None = None

    def note(self, market: str, config_file: str) -> None:
        """Rows that do not count, in words."""
        self.others = self.others or set()
        self.others.add(f"{market} ({config_file})")


def executions(
    file: HummingbotFile, source: HummingbotSource, times: TimeRules, seen: Seen, since: datetime | None = None
) -> Iterator[Execution]:
    """The fills of the source in the order in which they were written; raises Refused."""
    milliseconds = None if since is None else int(since.timestamp() * 1000)
    for table in file.fills(milliseconds):
        for row in _rows(table):
            market, config_file = row.label("market"), row.optional_label("config_file_path") or ""
            if source.holds(market, config_file):
                seen.own = True
                execution = _execution(row, source, times, is_scaled=file.is_scaled)
                if execution.fill.quantity:
                    yield execution
            elif market == f"{source.market}{PAPER}":
                seen.own = True
            else:
                seen.note(market, config_file)


def _rows(table: StatedTable) -> Iterator[Row]:
    return rows_of(table, {name: at for at, name in enumerate(table.columns or ())})


def _execution(row: Row, source: HummingbotSource, times: TimeRules, *, is_scaled: bool) -> Execution:
    sign = row.one_of("trade_type", SIDES)
    if sign is None:
        raise malformed(row.place("trade_type"), None, " or ".join(SIDES))
    amount, price = _value(row, "amount", is_scaled=is_scaled), _value(row, "price", is_scaled=is_scaled)
    client_order_id = row.optional_label("order_id")
    quote = row.label("quote_asset")
    fees = read_fees(row.value("trade_fee"), row.place("trade_fee"), ROUNDING.multiply(price, amount), quote)
    fill = Fill(
        fill_id=row.optional_label("exchange_trade_id") or row.place("exchange_trade_id"),
        order_id=row.optional_label("exchange_order_id"),
        client_order_id=client_order_id,
        symbol=source.symbol(row.label("symbol")),
        quantity=amount if sign > 0 else amount.copy_negate(),
        price=price,
        fees=fees,
        at=row.moment("timestamp", times),
        leg=_leg(row, sign) if source.hedge_mode else "net",
    )
    return Execution(fill, row.label("base_asset"), quote)


def _value(row: Row, column: str, *, is_scaled: bool) -> Decimal:
    told = row.number(column)
    if told < 0:
        raise malformed(row.place(column), told, "no negative number: the side is in trade_type")
    if not is_scaled:
        return told
    if told != told.to_integral_value():
        raise malformed(row.place(column), told, "a whole number of millionths")
    return EXACT.scaleb(told, -DIGITS)


def _leg(row: Row, sign: int) -> str:
    """Opening by a purchase and closing by a sale is done on the long leg."""
    word = row.optional_label("position")
    leg = LEGS.get((word or "", sign))
    if leg is None:
        raise malformed(row.place("position"), word, "OPEN or CLOSE, as the account is in hedge mode")
    return leg
