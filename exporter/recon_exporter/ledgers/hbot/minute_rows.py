"""One line of minute.csv → one MinuteRow.

The table has 33 columns or more than 110, in any order; the header tells. ``ts`` must be there.
"""

import re
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.domain.statement import Malformed, MinuteRow
from recon_exporter.reading.tables import BadLine, Header, cells
from recon_exporter.reading.times import InvalidTime, iso_time

TIME = "ts"
TEXTS = ("bot_variant", "exchange", "trading_pair", "fee_source")
NUMBERS = (
    "mid",
    "equity_quote",
    "base_pct",
    "target_base_pct",
    "base_balance",
    "quote_balance",
    "turnover_today_x",
    "fills_count_today",
    "fees_paid_today_quote",
    "funding_paid_today_quote",
    "funding_cost_today_quote",
    "daily_loss_pct",
    "drawdown_pct",
    "maker_fee_pct",
    "taker_fee_pct",
    "net_base_pct",
    "target_net_base_pct",
    "position_base",
    "avg_entry_price",
    "realized_pnl_today_quote",
    "net_realized_pnl_today_quote",
)
SHOWN = 60

_PLAIN = r"(?:-?(?:0\.[0-9]{1,30}|[0-9]{1,6}\.[0-9]{1,24}|[0-9]{1,15}(?:\.[0-9]{1,15})?))?"
_ALL_PLAIN = re.compile(rf"{_PLAIN}(?:,{_PLAIN})*")
"""Blank cells and numbers that ``amount`` surely takes: no exponent, and not more digits than an amount can have."""


class PlainNumbers(Mapping[str, Decimal | Malformed]):
    """The numbers of a row without malformed ones, kept as one text and read when asked for.

    A first reading late in the day holds all of today's rows of a fleet, and few of their numbers are looked at.
    """

    __slots__ = ("_columns", "_text")

    def __init__(self, columns: tuple[str, ...], text: str) -> None:
        self._columns = columns
        self._text = text

    def __getitem__(self, column: str) -> Decimal | Malformed:
        return _parsed(self._columns, self._text)[column]

    def __iter__(self) -> Iterator[str]:
        return iter(_parsed(self._columns, self._text))

    def __len__(self) -> int:
        return len(_parsed(self._columns, self._text))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)})"

    def get(self, column: str, default: Any = None) -> Any:  # noqa: ANN401  # as Mapping has it
        """The same without an exception where there is none."""
        return _parsed(self._columns, self._text).get(column, default)

    def items(self) -> ItemsView[str, Decimal | Malformed]:
        """All of them."""
        return _parsed(self._columns, self._text).items()

    def read(self) -> Mapping[str, Decimal | Malformed]:
        """The same, all of them read."""
        return _parsed(self._columns, self._text)


@lru_cache(maxsize=512)
def _parsed(columns: tuple[str, ...], text: str) -> Mapping[str, Decimal | Malformed]:
    """What several checks ask for one after the other; the text is known to be plain, so that no amount is bad."""
    named = zip(columns, text.split(","), strict=True)
    return MappingProxyType({column: Decimal(cell) for column, cell in named if cell})


def with_numbers_read(row: MinuteRow) -> MinuteRow:
    """The row for one who keeps it and looks at it again and again."""
    if not isinstance(row.numbers, PlainNumbers):
        return row
    numbers = dict(row.numbers.read())
    return MinuteRow(row.at, row.variant, row.connector, row.trading_pair, row.fee_source, numbers)


class RowReader:
    """Reads the lines of one table: where its columns stand is worked out once."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._time = header.names.index(TIME)
        self._texts = [header.position(name) for name in TEXTS]
        self._columns = tuple(name for name in NUMBERS if name in header.names)
        self._numbers = [header.names.index(name) for name in self._columns]

    def row(self, line: bytes, place: str) -> MinuteRow:
        """The row; raises BadLine where the line as a whole cannot be read. ``place`` is told of malformed values."""
        found = cells(line, self._header)
        try:
            at = iso_time(found[self._time])
        except InvalidTime as error:
            raise BadLine(str(error)) from None
        variant, connector, pair, fee_source = ("" if at_ is None else found[at_] for at_ in self._texts)
        texts = [found[position] for position in self._numbers]
        return MinuteRow(at, variant, connector, pair, fee_source, self._values(texts, place))

    def time(self, line: bytes) -> datetime | None:
        """The time of a line that may be bad otherwise, None where even that cannot be read."""
        try:
            return iso_time(line.split(b",", self._time + 1)[self._time].strip().decode())
        except (IndexError, ValueError):
            return None

    def _values(self, texts: Sequence[str], place: str) -> Mapping[str, Decimal | Malformed]:
        joined = ",".join(texts)
        # A quoted cell may hold a comma itself: one value more than there are columns.
        if joined.count(",") == len(texts) - 1 and _ALL_PLAIN.fullmatch(joined):
            return PlainNumbers(self._columns, joined)
        named = zip(self._columns, texts, strict=True)
        return {column: _value(text, place) for column, text in named if text.strip()}


def malformed(row: MinuteRow) -> Iterator[tuple[str, Malformed]]:
    """The malformed values of a row, with their columns."""
    if not isinstance(row.numbers, PlainNumbers):
        for column, value in row.numbers.items():
            if isinstance(value, Malformed):
                yield column, value


def _value(text: str, place: str) -> Decimal | Malformed:
    try:
        return amount(text)
    except InvalidAmount:
        return Malformed(text[:SHOWN], place)
