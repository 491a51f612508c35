"""The sql ledger: what its queries give becomes the book, and what they do not give is never made up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, Fee, Fill, FillStatement, PositionStatement
from recon_exporter.domain.statement import Balance, Position, Unavailable
from recon_exporter.ledgers.sql import SqlLedger, SqlQueries
from recon_exporter.reading.time_rules import TimeRules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALL = "SELECT * FROM positions"


class Books:
    """A bot's database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def table(self, columns: str, rows: Sequence[Sequence[object]] = (), name: str = "positions") -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(f"CREATE TABLE {name} ({columns})")
            for row in rows:
                places = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {name} VALUES ({places})", row)  # noqa: S608 - placeholders

    def answer(self, query: str = ALL, **columns: str) -> PositionStatement | Unavailable:
        return SqlLedger("swing-us", self.url, SqlQueries(query), columns).positions(NOW)

    def positions(self, query: str = ALL, **columns: str) -> tuple[Position, ...]:
        answer = self.answer(query, **columns)
        assert isinstance(answer, PositionStatement), answer
        return answer.positions

    def refusal(self, query: str = ALL, **columns: str) -> Unavailable:
        answer = self.answer(query, **columns)
        assert isinstance(answer, Unavailable), answer
        return answer


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "trading.db")


def test_every_column_of_ours_is_taken(books: Books) -> None:
    columns = "symbol, quantity, avg_price, price, currency, leg, updated_at"
    books.table(columns, [("AAPL", "-3", "150.10", "151.20", "USD", "net", "2026-03-06T21:00:00Z")])

    assert books.positions() == (
        Position(
            symbol="AAPL",
            quantity=Decimal(-3),
            mark_price=Decimal("151.20"),
            leg="net",
            average_price=Decimal("150.10"),
            currency="USD",
            written_at=datetime(2026, 3, 6, 21, tzinfo=UTC),
        ),
    )


def test_symbol_and_quantity_are_enough(books: Books) -> None:
    books.table("symbol, quantity", [("AAPL", 3)])

    answer = books.answer()

    assert isinstance(answer, PositionStatement)
    assert answer.positions == (Position("AAPL", Decimal(3), None),)
    assert not answer.has_write_times
    assert answer.as_of == NOW


@pytest.mark.parametrize(
    ("type_", "stored", "expected"),
    [
        ("TEXT", "0.123456789012345678", "0.123456789012345678"),
        ("TEXT", " 1e-8 ", "0.00000001"),
        ("TEXT", "1234567890123.500000000000000000", "1234567890123.5"),
        ("INTEGER", 9007199254740993, "9007199254740993"),
        ("REAL", 0.1, "0.1"),
        ("REAL", 1e22, "10000000000000000000000"),
        ("DECIMAL(38,18)", "0.1", "0.1"),
        ("NUMERIC", 2.5, "2.5"),
    ],
)
def test_number_of_any_column_type_is_what_its_text_says(
    books: Books, type_: str, stored: object, expected: str
) -> None:
    books.table(f"symbol TEXT, quantity {type_}", [("AAPL", stored)])

    assert books.positions()[0].quantity == Decimal(expected)


def test_lots_in_floats_add_up_as_their_texts_do(books: Books) -> None:
    books.table("symbol TEXT, quantity REAL", [("BTC/USD", 0.1)] * 3)

    assert books.positions()[0].quantity == Decimal("0.3")


@pytest.mark.parametrize(
    "value", ["", "  ", None, "NaN", "inf", "-Infinity", "1,5", "1_000", "0.5 USDT", b"1", "1" * 40]
)
def test_quantity_that_is_no_number_refuses_the_book_and_is_never_zero(books: Books, value: object) -> None:
    books.table("symbol, quantity", [("MSFT", 1), ("AAPL", value)])

    refusal = books.refusal()

    assert refusal.reason is Reason.SOURCE_MALFORMED
    assert str(books.path) in refusal.detail
    assert "row 2, column quantity" in refusal.detail


@pytest.mark.parametrize("symbol", [None, "", "  ", "AA\nPL", "AA\0PL", 1.5])
def test_row_without_a_printable_symbol_refuses_the_book(books: Books, symbol: object) -> None:
    books.table("symbol, quantity", [(symbol, 1)])

    assert "row 1, column symbol" in books.refusal().detail


def test_symbol_stored_as_a_whole_number_is_its_digits(books: Books) -> None:
    books.table("symbol, quantity", [(700, 1)])

    assert books.positions()[0].symbol == "700"


@pytest.mark.parametrize(
    ("side", "quantity", "expected"),
    [("long", "2", 2), ("BUY", "2", 2), ("short", "2", -2), ("Sell", "2", -2), ("short", "-2", -2)],
)
def test_side_gives_the_sign(books: Books, side: str, quantity: str, expected: int) -> None:
    books.table("symbol, side, quantity", [("AAPL", side, quantity)])

    assert books.positions()[0].quantity == expected


@pytest.mark.parametrize(("side", "quantity"), [("long", "-2"), ("flat", "2"), (None, "2"), ("", "2")])
def test_side_that_contradicts_or_is_unknown_refuses_the_book(books: Books, side: object, quantity: str) -> None:
    books.table("symbol, side, quantity", [("AAPL", side, quantity)])

    assert books.refusal().reason is Reason.SOURCE_MALFORMED


def test_side_of_a_closed_position_does_not_matter(books: Books) -> None:
    books.table("symbol, side, quantity", [("AAPL", None, 0), ("MSFT", "flat", "0.00")])

    assert books.positions() == ()


def test_legs_are_kept_apart_and_signed(books: Books) -> None:
    books.table("symbol, leg, quantity", [("BTC", "short", 2), ("BTC", "LONG", 5), ("BTC", None, -1)])

    held = {position.key: position.quantity for position in books.positions()}

    assert held == {("BTC", "long"): 5, ("BTC", "net"): -1, ("BTC", "short"): -2}


@pytest.mark.parametrize(
    "row",
    [("BTC", "long", "short", 1), ("BTC", "short", "buy", 1), ("BTC", "long", "long", -1), ("BTC", "both", "buy", 1)],
)
def test_leg_and_side_that_contradict_refuse_the_book(books: Books, row: tuple[object, ...]) -> None:
    books.table("symbol, leg, side, quantity", [row])

    assert books.refusal().reason is Reason.SOURCE_MALFORMED


def test_lots_bought_and_sold_are_netted_and_have_no_price_of_entry(books: Books) -> None:
    rows = [("AAPL", "buy", 10, "100"), ("AAPL", "sell", 4, "110"), ("MSFT", "buy", 5, "1"), ("MSFT", "sell", 5, "2")]
    books.table("symbol, side, quantity, avg_price", rows)

    assert books.positions() == (Position("AAPL", Decimal(6), None),)


def test_weighted_price_stays_short_enough_for_exact_products(books: Books) -> None:
    books.table("symbol, quantity, avg_price", [("AAPL", 1, "100"), ("AAPL", 2, "50.5")])

    (position,) = books.positions()

    assert position.average_price == Decimal(67)
    books.path.unlink()
    books.table("symbol, quantity, avg_price", [("AAPL", 1, "100"), ("AAPL", 2, "100.1")])
    price = books.positions()[0].average_price
    assert price is not None
    assert price == Decimal("100.0666666666666666666666667")


def test_lot_without_a_price_leaves_the_price_of_the_position_unknown(books: Books) -> None:
    books.table("symbol, quantity, avg_price", [("AAPL", 1, "100"), ("AAPL", 2, None)])

    assert books.positions()[0].average_price is None


def test_lots_in_two_currencies_are_no_position(books: Books) -> None:
    books.table("symbol, quantity, currency", [("SAP", 1, "EUR"), ("SAP", 1, "USD")])

    assert "lots in EUR and USD" in books.refusal().detail


def test_lots_of_which_the_sum_cannot_be_exact_refuse_the_book(books: Books) -> None:
    books.table("symbol, quantity", [("AAPL", "1" + "0" * 29), ("AAPL", "0." + "0" * 28 + "1")])

    assert books.refusal().reason is Reason.SOURCE_MALFORMED


def test_newest_lot_tells_mark_and_time(books: Books) -> None:
    rows = [("AAPL", 1, "99", "2026-03-06T20:00Z"), ("AAPL", 1, "101", "2026-03-06T21:00Z"), ("AAPL", 1, None, None)]
    books.table("symbol, quantity, price, updated_at", rows)

    (position,) = books.positions()

    assert position.mark_price == Decimal(101)
    assert position.written_at == datetime(2026, 3, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("SELECT symbol, quantity FROM nowhere", "nowhere"),
        ("SELECT symbol, amount FROM positions", "amount"),
        ("SELECT symbol FROM positions", "quantity"),
        ("SELECT quantity FROM positions", "symbol"),
    ],
)
def test_missing_table_or_column_is_named(books: Books, query: str, missing: str) -> None:
    books.table("symbol, quantity")

    refusal = books.refusal(query)

    assert refusal.reason is Reason.INPUT_MISSING
    assert missing in refusal.detail


def test_column_that_was_given_a_name_must_be_there(books: Books) -> None:
    books.table("symbol, quantity, cost", [("AAPL", 1, "150")])

    assert books.positions(avg_price="cost")[0].average_price == Decimal(150)
    refusal = books.refusal(avg_price="costs")
    assert refusal.reason is Reason.INPUT_MISSING
    assert "costs (our avg_price)" in refusal.detail


def test_column_that_comes_twice_refuses_the_book(books: Books) -> None:
    books.table("symbol, quantity", [("AAPL", 1)])

    assert "each column once" in books.refusal("SELECT symbol, quantity, quantity AS quantity FROM positions").detail


def test_query_over_a_table_without_rows_proves_an_empty_book(books: Books) -> None:
    books.table("symbol, quantity")

    answer = books.answer()

    assert isinstance(answer, PositionStatement)
    assert answer.positions == ()
    assert "completed" in answer.proof


@pytest.mark.parametrize(
    "stored",
    [
        "2026-03-06T21:00:00+00:00",
        "2026-03-06 21:00:00Z",
        "2026-03-06T16:00:00-05:00",
        "2026-03-06 21:00:00.000000+00",
        1772830800,
        1772830800.0,
        "1772830800",
        1772830800000,
        "1772830800000000",
    ],
)
def test_write_time_is_read_in_every_common_spelling(books: Books, stored: object) -> None:
    books.table("symbol, quantity, updated_at", [("AAPL", 1, stored)])

    assert books.positions()[0].written_at == datetime(2026, 3, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize("stored", ["2026-03-06 21:00:00", "2026-03-06T21:00:00.123"])
def test_time_without_offset_is_refused_unless_its_zone_is_told(books: Books, stored: str) -> None:
    books.table("symbol, quantity, updated_at", [("AAPL", 1, stored)])
    told = SqlLedger("bot", books.url, SqlQueries(ALL), times=TimeRules(zone=ZoneInfo("America/New_York")))

    refusal, answer = books.refusal(), told.positions(NOW + 8 * HOUR)

    assert "timezone" in refusal.detail
    assert isinstance(answer, PositionStatement)
    at = answer.positions[0].written_at
    assert at is not None
    assert at.replace(microsecond=0) == datetime(2026, 3, 7, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "stored", ["2026-03-06", "20260306", 20260306, "yesterday", "", b"2026", 0, -1, "9e99", 1.5e308]
)
def test_time_that_is_no_moment_is_refused_and_blank_is_unknown(books: Books, stored: object) -> None:
    books.table("symbol, quantity, updated_at", [("AAPL", 1, stored)])

    answer = books.answer()

    if stored == "":
        assert isinstance(answer, PositionStatement)
        assert answer.positions[0].written_at is None
        assert answer.has_write_times
    else:
        assert isinstance(answer, Unavailable)
        assert "column updated_at" in answer.detail


def test_write_time_in_the_future_is_invalid(books: Books) -> None:
    books.table("symbol, quantity, updated_at", [("AAPL", 1, "2026-03-06T21:17:01Z")])

    refusal = books.refusal()

    assert refusal.reason is Reason.TIME_IN_FUTURE
    assert "AAPL (net), updated_at" in refusal.detail


@pytest.mark.parametrize(
    ("beat", "reason"),
    [
        ("2026-03-06T21:05:00Z", None),
        ("2026-03-06T21:04:59Z", Reason.SOURCE_STALE),
        ("2026-03-06T21:17:01Z", Reason.TIME_IN_FUTURE),
        (None, Reason.SOURCE_STALE),
        ("soon", Reason.SOURCE_MALFORMED),
    ],
)
def test_book_counts_only_while_the_heart_beats(books: Books, beat: str | None, reason: Reason | None) -> None:
    books.table("symbol, quantity")
    books.table("at", [(beat,)], "beats")
    answer = SqlLedger("bot", books.url, SqlQueries(ALL, heartbeat="SELECT max(at) FROM beats")).positions(NOW)

    assert (answer.reason if isinstance(answer, Unavailable) else None) is reason


@pytest.mark.parametrize(
    "query", ["SELECT at FROM beats", "SELECT at, at FROM beats LIMIT 1", "SELECT at FROM nowhere"]
)
def test_heartbeat_that_gives_no_single_time_vouches_for_nothing(books: Books, query: str) -> None:
    books.table("symbol, quantity")
    books.table("at", [("2026-03-06T21:15:00Z",)] * 2, "beats")

    assert isinstance(SqlLedger("bot", books.url, SqlQueries(ALL, heartbeat=query)).positions(NOW), Unavailable)


FILLS = "SELECT * FROM fills"


def fills(books: Books, since: datetime = NOW - 24 * HOUR, **columns: str) -> tuple[Fill, ...] | Unavailable:
    told = SqlLedger("bot", books.url, SqlQueries(ALL, fills=FILLS), columns).fills(since, NOW)
    return told if isinstance(told, Unavailable) else told.fills


def test_fills_are_signed_exact_and_in_order_since_the_moment(books: Books) -> None:
    columns = "fill_id, order_id, symbol, side, quantity, price, fee, fee_currency, filled_at"
    rows = [
        ("f3", "o2", "AAPL", "sell", "5", "151", None, None, "2026-03-06T20:30Z"),
        (2, 1, "AAPL", "buy", "0.5", "150.5", "0.01", "USD", "2026-03-06T20:00Z"),
        ("f1", None, None, "nonsense", None, None, None, None, "2026-03-01T20:00Z"),
    ]
    books.table(columns, rows, "fills")

    at = datetime(2026, 3, 6, 20, tzinfo=UTC)
    assert fills(books) == (
        Fill("2", "1", None, "AAPL", Decimal("0.5"), Decimal("150.5"), (Fee("USD", Decimal("0.01")),), at),
        Fill("f3", "o2", None, "AAPL", Decimal(-5), Decimal(151), None, at + HOUR / 2),
    )


@pytest.mark.parametrize(
    "row", [(None, "AAPL", 1, 1), ("f", None, 1, 1), ("f", "AAPL", None, 1), ("f", "AAPL", 1, None)]
)
def test_fill_with_a_part_missing_refuses_the_fills(books: Books, row: tuple[object, ...]) -> None:
    books.table("fill_id, symbol, quantity, price, filled_at", [(*row, "2026-03-06T20:00Z")], "fills")

    assert isinstance(fills(books), Unavailable)


def test_qualified_name_of_a_column_is_for_one_table_only(books: Books) -> None:
    books.table("ticker, quantity, price", [("AAPL", 1, "150")])
    books.table("fill_id, ticker, quantity, exec, filled_at", [("f", "AAPL", 1, "149", "2026-03-06T20:00Z")], "fills")
    ledger = SqlLedger("b", books.url, SqlQueries(ALL, fills=FILLS), {"symbol": "ticker", "fills.price": "exec"})

    answer, found = ledger.positions(NOW), ledger.fills(NOW - 24 * HOUR, NOW)

    assert isinstance(answer, PositionStatement)
    assert answer.positions[0].mark_price == Decimal(150)
    assert isinstance(found, FillStatement)
    assert found.fills[0].price == Decimal(149)


def test_table_that_is_not_configured_is_unavailable(books: Books) -> None:
    books.table("symbol, quantity")
    ledger = SqlLedger("bot", books.url, SqlQueries(ALL))

    for answer in (ledger.fills(NOW, NOW), ledger.balances(NOW)):
        assert isinstance(answer, Unavailable)
        assert answer.reason is Reason.INPUT_MISSING


def test_balances_are_by_asset(books: Books) -> None:
    books.table("symbol, quantity")
    books.table("asset, total, free", [("USD", "100.5", "80"), ("BTC", "-0.25", None)], "balances")
    ledger = SqlLedger("bot", books.url, SqlQueries(ALL, balances="SELECT * FROM balances"))

    told = ledger.balances(NOW)

    assert isinstance(told, BalanceStatement)
    assert told.balances == {
        "BTC": Balance(Decimal("-0.25"), None),
        "USD": Balance(Decimal("100.5"), Decimal(80)),
    }


def test_asset_that_comes_twice_refuses_the_balances(books: Books) -> None:
    books.table("symbol, quantity")
    books.table("asset, total", [("USD", 1), ("USD", 2)], "balances")

    answer = SqlLedger("bot", books.url, SqlQueries(ALL, balances="SELECT * FROM balances")).balances(NOW)

    assert isinstance(answer, Unavailable)
    assert "'USD'" in answer.detail


def test_mark_is_about_what_is_held_and_not_about_when_it_was_written(books: Books) -> None:
    books.table("symbol, quantity, avg_price, price, updated_at", [("AAPL", 1, "150", "151", "2026-03-06T20:00Z")])
    ledger = SqlLedger("bot", books.url, SqlQueries(ALL))
    first = ledger.mark()

    def after(change: str) -> str | Unavailable:
        with closing(sqlite3.connect(books.path)) as connection, connection:
            connection.execute(f"UPDATE positions SET {change}")  # noqa: S608 - the changes below
        return ledger.mark()

    assert isinstance(first, str)
    assert after("price = '152', updated_at = '2026-03-06T21:00Z', quantity = '1.00'") == first
    assert after("avg_price = '149'") != first
    assert after("avg_price = '150', quantity = 2") != first
    assert isinstance(after("quantity = NULL"), Unavailable)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://bot:s3cr3t@127.0.0.1:1/trading?password=s3cr3t",
        "postgresql+nodriver://bot:s3cr3t@127.0.0.1/trading",
        "nodatabase://bot:s3cr3t@127.0.0.1/trading",
        "://bot:s3cr3t",
        "sqlite:///s3cr3t",
    ],
)
def test_password_is_in_no_error(url: str) -> None:
    answer = SqlLedger("bot", url.replace("sqlite:///s3cr3t", "sqlite://"), SqlQueries(ALL)).positions(NOW)

    assert isinstance(answer, Unavailable)
    assert answer.detail
    assert "s3cr3t" not in answer.detail
