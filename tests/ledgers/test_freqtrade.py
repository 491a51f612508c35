"""The ledger of a bot under freqtrade: open trades are positions, orders are fills, whatever the version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, Fee, FillStatement, Grain, PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.ledgers.freqtrade import FreqtradeLedger
from support.freqtrade import BEGAN, NEW, OLD, FreqtradeDatabase, on_postgres, on_sqlite
from support.sqlite_writer import writing

if TYPE_CHECKING:
    from support.postgres import PostgresServer

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> FreqtradeDatabase:
    return on_sqlite(tmp_path / "tradesv3.sqlite")


def ledger(*databases: FreqtradeDatabase, exchange: str | None = None) -> FreqtradeLedger:
    return FreqtradeLedger("swing", tuple(one.url for one in databases), exchange)


def positions(of: FreqtradeLedger) -> tuple[Position, ...]:
    answer = of.positions(NOW)
    assert isinstance(answer, PositionStatement), answer
    return answer.positions


def held(of: FreqtradeLedger) -> dict[str, tuple[str, str | None]]:
    return {
        one.symbol: (str(one.quantity), None if one.average_price is None else str(one.average_price))
        for one in positions(of)
    }


def told(of: FreqtradeLedger, since: datetime = NOW - DAY) -> FillStatement:
    answer = of.fills(since, NOW)
    assert isinstance(answer, FillStatement), answer
    return answer


def refused(answer: object) -> Unavailable:
    assert isinstance(answer, Unavailable), answer
    return answer


# Positions


def test_open_trades_are_positions_and_closed_ones_are_none(database: FreqtradeDatabase) -> None:
    database.trade(0.1, 64000.5)
    database.trade(3.0, 10.0, pair="ETH/USDT", is_open=False)

    (position,) = positions(ledger(database))

    assert position == Position(
        "BTC/USDT", Decimal("0.1"), None, average_price=Decimal("64000.5"), currency="USDT", written_at=None
    )


def test_short_trades_are_negative(database: FreqtradeDatabase) -> None:
    database.trade(0.1, 64000.0, pair="BTC/USDT:USDT", is_short=True, trading_mode="FUTURES")

    assert held(ledger(database)) == {"BTC/USDT:USDT": ("-0.1", "64000.0")}


def test_old_schema_without_is_short_knows_only_long_trades(tmp_path: Path) -> None:
    database = on_sqlite(tmp_path / "tradesv3.sqlite", OLD)
    trade = database.trade(0.1, 64000.0)
    database.order(trade, "buy", 0.1, 64000.0, cost=6410.0)

    assert held(ledger(database)) == {"BTC/USDT": ("0.1", "64000.0")}
    (fill,) = told(ledger(database)).fills
    assert fill.price == Decimal(64100), "without an average it is cost by quantity"
    assert fill.fees is None


def test_partial_fill_of_an_open_first_order_is_held_though_the_amount_is_zero(database: FreqtradeDatabase) -> None:
    trade = database.trade(0.0, 100.0)
    database.order(trade, "buy", 0.3, 99.0, ft_is_open=True, status="open", amount=1.0)

    assert held(ledger(database)) == {"BTC/USDT": ("0.3", "99.0")}


def test_amount_wished_for_is_not_held_where_older_versions_wrote_it_down(tmp_path: Path) -> None:
    database = on_sqlite(tmp_path / "tradesv3.sqlite", OLD)
    trade = database.trade(1.0, 100.0)
    database.order(trade, "buy", 0.3, 99.0, ft_is_open=True, status="open", amount=1.0)

    assert held(ledger(database))["BTC/USDT"][0] == "0.3"


def test_partial_fill_of_an_open_additional_entry_counts_at_its_price(database: FreqtradeDatabase) -> None:
    trade = database.trade(1.0, 100.0)
    database.order(trade, "buy", 1.0, 100.0)
    database.order(trade, "buy", 1.0, 200.0, ft_is_open=True, status="open")

    assert held(ledger(database)) == {"BTC/USDT": ("2.0", "150.0")}


@pytest.mark.parametrize(("entry", "leaving", "quantity"), [("buy", "sell", "0.7"), ("sell", "buy", "-0.7")])
def test_partial_fill_of_an_open_exit_leaves_the_entry_price(
    database: FreqtradeDatabase, entry: str, leaving: str, quantity: str
) -> None:
    trade = database.trade(1.0, 100.0, is_short=entry == "sell")
    database.order(trade, entry, 1.0, 100.0)
    database.order(trade, leaving, 0.3, 120.0, ft_is_open=True, status="open")

    assert held(ledger(database)) == {"BTC/USDT": (quantity, "100.0")}


def test_stop_loss_whose_side_is_not_told_closes_the_trade(database: FreqtradeDatabase) -> None:
    trade = database.trade(1.0, 100.0)
    database.order(trade, "stoploss", 0.25, 90.0, side=None, ft_is_open=True, status="open")

    assert held(ledger(database)) == {"BTC/USDT": ("0.75", "100.0")}
    assert told(ledger(database)).fills[0].quantity == Decimal("-0.25")


def test_eaten_fee_is_told_but_not_taken_from_the_amount(database: FreqtradeDatabase) -> None:
    trade = database.trade(1.0, 100.0, fee_open_currency="BTC", fee_open=0.001)
    database.order(trade, "buy", 1.0, 100.0, ft_fee_base=None)

    assert held(ledger(database)) == {"BTC/USDT": ("1.0", "100.0")}
    assert told(ledger(database)).fills[0].fees == (Fee("BTC", Decimal("0.001")),)


def test_two_databases_on_one_account_add_up(tmp_path: Path) -> None:
    first, second = (on_sqlite(tmp_path / f"{name}.sqlite") for name in ("a", "b"))
    first.order(first.trade(1.0, 100.0), "buy", 1.0, order_id="1")
    second.order(second.trade(3.0, 200.0), "buy", 3.0, order_id="2")

    both = ledger(first, second)

    assert held(both) == {"BTC/USDT": ("4.0", "175.0")}
    assert [fill.order_id for fill in told(both).fills] == ["1", "2"]


def test_opposite_trades_of_two_bots_offset_each_other(tmp_path: Path) -> None:
    first, second = (on_sqlite(tmp_path / f"{name}.sqlite") for name in ("a", "b"))
    first.trade(1.0, 100.0)
    second.trade(1.0, 200.0, is_short=True)

    assert held(ledger(first, second)) == {}


# Fills


def test_orders_are_fills_without_numbers_of_executions(database: FreqtradeDatabase) -> None:
    trade = database.trade(0.5)
    database.order(trade, "buy", 1.0, 64000.5, order_id="9001", price=64001.0)
    database.order(trade, "sell", 0.5, 65000.0, order_id="9002")
    database.order(trade, "sell", 0.0, None, order_id="9003", status="canceled")

    statement = told(ledger(database))
    bought, sold = statement.fills

    assert (bought.fill_id, bought.order_id, bought.client_order_id) == ("9001", "9001", None)
    assert (bought.symbol, bought.quantity, bought.price) == ("BTC/USDT", Decimal("1.0"), Decimal("64000.5"))
    assert sold.quantity == Decimal("-0.5")
    assert bought.at == datetime(2026, 3, 6, 12, 2, tzinfo=UTC)
    assert (statement.grain, statement.has_venue_ids) == (Grain.ORDER, False)


@pytest.mark.parametrize(
    ("columns", "fee_base", "fees"),
    [
        ({"fee_open_currency": "BTC"}, 0.0011, (Fee("BTC", Decimal("0.0011")),)),
        ({"fee_open_currency": "USDT"}, None, (Fee("USDT", Decimal("0.2")),)),
        ({"fee_open_currency": "BNB"}, None, None),
        ({"fee_open_currency": None}, None, None),
    ],
    ids=["taken from the base", "by the rate", "in a third asset", "assumed"],
)
def test_fees_are_told_where_the_exchange_told_them(
    database: FreqtradeDatabase, columns: dict[str, Any], fee_base: float | None, fees: tuple[Fee, ...] | None
) -> None:
    database.order(database.trade(2.0, **columns), "buy", 2.0, 100.0, ft_fee_base=fee_base)

    assert told(ledger(database)).fills[0].fees == fees


def test_fills_are_covered_from_the_first_trade_on(database: FreqtradeDatabase) -> None:
    database.order(database.trade(1.0), "buy", 1.0)

    assert told(ledger(database)).since == datetime(2026, 3, 6, 12, 1, tzinfo=UTC)
    later = told(ledger(database), NOW - timedelta(hours=1))
    assert (later.since, later.fills) == (NOW - timedelta(hours=1), ())


def test_order_of_the_future_is_refused(database: FreqtradeDatabase) -> None:
    at = BEGAN + DAY
    database.order(database.trade(1.0), "buy", 1.0, order_filled_date=at, order_update_date=at)

    assert refused(ledger(database).fills(NOW - DAY, NOW)).reason is Reason.TIME_IN_FUTURE


# Whose trades count


def test_database_of_a_dry_run_is_refused_by_its_orders(database: FreqtradeDatabase) -> None:
    database.order(database.trade(1.0, is_open=False), "buy", 1.0, order_id="dry_run_buy_BTC/USDT_1")

    for answer in (ledger(database).positions(NOW), ledger(database).fills(NOW - DAY, NOW), ledger(database).mark()):
        assert refused(answer).reason is Reason.NOT_INDEPENDENT
        assert "dry_run_buy_BTC/USDT_1" in refused(answer).detail


def test_database_of_a_dry_run_is_refused_by_its_name(tmp_path: Path) -> None:
    database = on_sqlite(tmp_path / "tradesv3.dryrun.sqlite")

    assert refused(ledger(database).positions(NOW)).reason is Reason.NOT_INDEPENDENT


def test_open_trade_of_an_earlier_dry_run_is_refused(database: FreqtradeDatabase) -> None:
    database.order(database.trade(1.0), "buy", 1.0, order_id="dry_run_buy_1")
    database.order(database.trade(1.0), "buy", 1.0, order_id="9001")

    assert refused(ledger(database).positions(NOW)).reason is Reason.NOT_INDEPENDENT


def test_trades_on_two_exchanges_need_one_named(database: FreqtradeDatabase) -> None:
    database.trade(1.0)
    database.trade(2.0, exchange="kraken")

    answer = refused(ledger(database).positions(NOW))

    assert answer.reason is Reason.INPUT_MISSING
    assert "binance, kraken" in answer.detail
    assert held(ledger(database, exchange="Kraken")) == {"BTC/USDT": ("2.0", "100.0")}


def test_exchange_that_nobody_traded_on_is_not_an_empty_book(database: FreqtradeDatabase) -> None:
    database.trade(1.0)

    assert "there are those on binance" in refused(ledger(database, exchange="binanceus").positions(NOW)).detail


# What proves nothing


@pytest.mark.parametrize("version", [NEW, OLD])
def test_database_with_empty_tables_proves_an_empty_book(tmp_path: Path, version: str) -> None:
    database = on_sqlite(tmp_path / "tradesv3.sqlite", version)

    assert positions(ledger(database)) == ()
    assert told(ledger(database)).since == NOW - DAY


def test_file_of_no_bytes_and_one_that_is_not_there_prove_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tradesv3.sqlite"
    assert refused(FreqtradeLedger("swing", (url,)).positions(NOW)).reason is Reason.SOURCE_MISSING

    (tmp_path / "tradesv3.sqlite").touch()
    assert refused(FreqtradeLedger("swing", (url,)).positions(NOW)).reason is Reason.INPUT_MISSING


def test_column_that_is_not_there_is_named(database: FreqtradeDatabase) -> None:
    database.run("ALTER TABLE orders RENAME COLUMN filled TO done", ())

    assert "orders has no column filled" in refused(ledger(database).positions(NOW)).detail


# Balances


def test_balances_are_the_newest_snapshot_with_what_stands_behind_contracts(database: FreqtradeDatabase) -> None:
    today = datetime(2026, 3, 6)  # noqa: DTZ001 - as freqtrade writes times
    database.wallet(today - DAY, "USDT", 5.0)
    database.wallet(today, "USDT", 900.0, rate=1.0)
    database.wallet(today, "BTC", 0.5, rate=64000.0)
    database.wallet(today, "ETH/USDT:USDT", 2.0, rate=2000.0, collateral=100.0)

    answer = ledger(database).balances(NOW)

    assert isinstance(answer, BalanceStatement), answer
    assert {asset: one.total for asset, one in answer.balances.items()} == {"BTC": Decimal("0.5"), "USDT": 1000}
    assert answer.prices == {"BTC": Decimal(64000), "USDT": Decimal(1)}
    assert answer.as_of == datetime(2026, 3, 6, tzinfo=UTC)


def test_balances_are_unavailable_where_they_are_old_or_not_kept(tmp_path: Path, database: FreqtradeDatabase) -> None:
    database.wallet(datetime(2026, 3, 4), "USDT", 5.0)  # noqa: DTZ001 - as freqtrade writes times
    old = on_sqlite(tmp_path / "old.sqlite", OLD)

    assert refused(ledger(database).balances(NOW)).reason is Reason.SOURCE_STALE
    assert refused(ledger(old).balances(NOW)).reason is Reason.INPUT_MISSING


# Other servers, and the bot itself


@pytest.mark.needs_program("postgres", "initdb")
@pytest.mark.parametrize("version", [NEW, OLD])
def test_postgres_says_the_same_as_sqlite(postgres: PostgresServer, tmp_path: Path, version: str) -> None:
    answers = []
    for database in (on_sqlite(tmp_path / "tradesv3.sqlite", version), on_postgres(postgres, version)):
        trade = database.trade(0.1, 64000.1)
        database.order(trade, "buy", 0.1, 64000.1)
        database.order(trade, "sell", 0.03, 65000.0, ft_is_open=True, status="open")
        database.trade(2.0, pair="ETH/USDT", is_open=False)
        answers.append((positions(ledger(database)), told(ledger(database)).fills, ledger(database).mark()))

    assert answers[0] == answers[1]
    assert [str(one.quantity) for one in answers[0][0]] == ["0.07"]


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_bot_never_fails_nor_waits_while_its_book_is_read(database: FreqtradeDatabase, journal: str) -> None:
    database.run(f"PRAGMA journal_mode = {journal}", ())
    for _ in range(50):
        database.order(database.trade(1.0, 100.0), "buy", 1.0)
    path = Path(database.url.removeprefix("sqlite:///"))

    with writing(path, "UPDATE trades SET stop_loss = ? WHERE id = 1") as commits:
        for _ in range(20):
            assert len(positions(ledger(database))) == 1
            told(ledger(database))

    assert commits.error is None
    assert commits.count > 1
