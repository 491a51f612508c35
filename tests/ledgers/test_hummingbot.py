"""The ledger of a bot under Hummingbot: what its fills make, however it wrote them down."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Fee, FillStatement, PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.ledgers.hummingbot import Baseline, HummingbotLedger, HummingbotSource
from recon_exporter.reading.time_rules import TimeRules
from support.hummingbot import BEGAN, CONFIG, FLOATS, HummingbotDatabase, flat_fee, milliseconds, rate_fee

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MILLIONTH = Decimal("0.000001")


@pytest.fixture
def database(tmp_path: Path) -> HummingbotDatabase:
    return HummingbotDatabase(tmp_path / "conf_pure_mm_1.sqlite")


def ledger(of: HummingbotDatabase, times: TimeRules | None = None, **source: Any) -> HummingbotLedger:  # noqa: ANN401
    told = {"path": str(of.path), "market": of.market} | source
    return HummingbotLedger("swing", HummingbotSource(**told), times or TimeRules())


def statement(of: HummingbotLedger) -> PositionStatement:
    answer = of.positions(NOW)
    assert isinstance(answer, PositionStatement), answer
    return answer


def held(of: HummingbotLedger) -> dict[tuple[str, str], str]:
    return {one.key: format(one.quantity, "f") for one in statement(of).positions}


def only(of: HummingbotLedger) -> Position:
    (position,) = statement(of).positions
    return position


def told(of: HummingbotLedger, since: datetime = NOW - DAY) -> FillStatement:
    answer = of.fills(since, NOW)
    assert isinstance(answer, FillStatement), answer
    return answer


def refused(answer: object) -> Unavailable:
    assert isinstance(answer, Unavailable), answer
    return answer


# Numbers


def test_amounts_in_millionths_and_in_floats_say_the_same(tmp_path: Path) -> None:
    books = []
    for schema in ("20260922", FLOATS):
        database = HummingbotDatabase(tmp_path / f"{schema}.sqlite", schema=schema)
        database.fill("BUY", "0.25", "64123.5")
        database.fill("SELL", "0.1", "65000")
        books.append((only(ledger(database)).quantity, only(ledger(database)).average_price))

    assert books == [(Decimal("0.15"), Decimal("64123.5"))] * 2


def test_migrated_database_holds_millionths_in_a_column_of_floats(tmp_path: Path) -> None:
    database = HummingbotDatabase(tmp_path / "old.sqlite", schema=FLOATS)
    database.run("DROP TABLE TradeFill")
    columns = "price BIGINT, amount FLOAT, trade_fee JSON, exchange_trade_id TEXT, position TEXT"
    names = "config_file_path, strategy, market, symbol, base_asset, quote_asset, timestamp, order_id, trade_type"
    database.run(f"CREATE TABLE TradeFill ({names}, order_type, leverage, {columns})")
    database.run("UPDATE Metadata SET value = '20230516'")
    row = (CONFIG, "mm", "binance", "BTC-USDT", "BTC", "USDT", milliseconds(BEGAN), "HB-1", "BUY", "LIMIT", 1)
    fee = '{"percent": 0.001, "flat_fees": [{"asset": "BNB", "amount": 0.0015}]}'
    values = (*row, 64_000_000_000, 250_000, fee, "7001_1", "NIL")
    database.insert("TradeFill", *values)

    assert only(ledger(database)).quantity == Decimal("0.25")
    (fill,) = told(ledger(database)).fills
    assert (fill.price, fill.fees) == (Decimal(64000), (Fee("BNB", Decimal("0.0015")),))
    assert told(ledger(database)).has_venue_ids is False, "the migration added numbers of its own"


def test_version_that_contradicts_the_columns_is_refused(database: HummingbotDatabase) -> None:
    database.run("UPDATE Metadata SET value = '20210119'")

    answer = refused(ledger(database).positions(NOW))

    assert answer.reason is Reason.SOURCE_MALFORMED
    assert "local_db_version" in answer.detail
    assert "20210119" in answer.detail


def test_fraction_of_a_millionth_shows_that_the_scale_is_another(database: HummingbotDatabase) -> None:
    database.fill("BUY", "0.25")
    database.run("UPDATE TradeFill SET amount = 0.25")

    answer = refused(ledger(database).positions(NOW))

    assert "TradeFill: row 1, column amount" in answer.detail
    assert "whole number of millionths" in answer.detail


def test_truncation_is_a_quantum_and_an_uncertainty_not_a_difference(database: HummingbotDatabase) -> None:
    for _ in range(3):
        database.fill("BUY", "0.00012345", "0.00001234", "PEPE-USDT")

    position = only(ledger(database))

    assert position.quantity == Decimal("0.000369")
    assert position.uncertainty == 3 * MILLIONTH
    assert abs(position.quantity - 3 * Decimal("0.00012345")) <= position.uncertainty
    statement = told(ledger(database))
    assert (statement.quantum, statement.price_quantum) == (MILLIONTH, MILLIONTH)


def test_average_of_prices_with_too_few_digits_is_not_told(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1000000", "0.0000012345", "PEPE-USDT")

    assert only(ledger(database)).average_price is None


def test_fee_is_not_estimated_of_a_price_with_too_few_digits(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1000000", "0.0000012345", "PEPE-USDT", fee=rate_fee("0.001"))
    database.fill("BUY", "1000000", "0.0000012345", "PEPE-USDT", fee=flat_fee("USDT", "0.001"))

    assert [fill.fees for fill in told(ledger(database)).fills] == [None, (Fee("USDT", Decimal("0.001")),)]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10**9)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_truncated_fills_add_up_to_the_truth_within_the_uncertainty(
    tmp_path_factory: pytest.TempPathFactory, fills: list[tuple[bool, int]]
) -> None:
    database = HummingbotDatabase(tmp_path_factory.mktemp("book") / "mm.sqlite")
    truth = Decimal(0)
    rows = []
    for is_purchase, billionths in fills:
        amount = Decimal(billionths).scaleb(-9)
        truth += amount if is_purchase else -amount
        rows.append(("BUY" if is_purchase else "SELL", str(amount), "100", "BTC-USDT"))
    database.fills(rows)

    positions = statement(ledger(database)).positions

    found = positions[0].quantity if positions else Decimal(0)
    assert abs(found - truth) <= len(fills) * MILLIONTH


# Positions


def test_position_is_the_signed_sum_at_the_running_average(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1", "100")
    database.fill("BUY", "3", "200")
    database.fill("SELL", "1", "500")

    assert only(ledger(database)) == Position(
        "BTC/USDT", Decimal(3), None, average_price=Decimal(175), currency="USDT", uncertainty=3 * MILLIONTH
    )


def test_average_begins_anew_where_a_position_crosses_zero(database: HummingbotDatabase) -> None:
    database.market = "binance_perpetual"
    database.fill("BUY", "1", "100")
    database.fill("SELL", "3", "120")

    position = only(ledger(database))

    assert (position.quantity, position.average_price) == (Decimal(-2), Decimal(120))


def test_base_asset_fees_reduce_what_is_held_on_spot(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1", "100", fee=flat_fee("BTC", "0.001"))
    database.fill("BUY", "1", "100", fee=flat_fee("BNB", "0.01"))

    assert held(ledger(database)) == {("BTC/USDT", "net"): "1.999000"}


def test_fees_leave_contracts_as_they_are(database: HummingbotDatabase) -> None:
    database.market = "bitget_perpetual"
    database.fill("BUY", "1", "100", fee=flat_fee("BTC", "0.001"))

    assert held(ledger(database)) == {("BTC/USDT:USDT", "net"): "1.000000"}


def test_legs_follow_from_side_and_action_in_hedge_mode(database: HummingbotDatabase) -> None:
    database.market = "bitget_perpetual"
    database.fill("BUY", "2", position="OPEN")
    database.fill("SELL", "0.5", position="CLOSE")
    database.fill("SELL", "3", position="OPEN")
    database.fill("BUY", "1", position="CLOSE")

    assert held(ledger(database, hedge_mode=True)) == {
        ("BTC/USDT:USDT", "long"): "1.500000",
        ("BTC/USDT:USDT", "short"): "-2.000000",
    }
    assert held(ledger(database)) == {("BTC/USDT:USDT", "net"): "-0.500000"}


def test_fill_without_a_leg_is_named_in_hedge_mode(database: HummingbotDatabase) -> None:
    database.market = "bitget_perpetual"
    database.fill("BUY", "2", position="NIL")

    assert "row 1, column position: found 'NIL'" in refused(ledger(database, hedge_mode=True).positions(NOW)).detail


def test_baseline_stands_for_all_fills_until_its_time(database: HummingbotDatabase) -> None:
    database.fill("BUY", "5", at=BEGAN - HOUR)
    database.fill("SELL", "1", at=BEGAN + HOUR)
    baselines = (
        Baseline("BTC-USDT", Decimal(10), BEGAN, average_price=Decimal(90)),
        Baseline("ETH/USDT", Decimal(2), BEGAN),
    )

    assert held(ledger(database, baselines=baselines)) == {("BTC/USDT", "net"): "9.000000", ("ETH/USDT", "net"): "2"}
    assert statement(ledger(database, baselines=baselines)).positions[0].average_price == Decimal(90)


def test_baseline_is_of_the_leg_that_its_sign_tells_in_hedge_mode(database: HummingbotDatabase) -> None:
    database.market = "bitget_perpetual"
    database.fill("BUY", "0.5", position="CLOSE", at=BEGAN + HOUR)
    baselines = (Baseline("BTC/USDT:USDT", Decimal(-2), BEGAN),)

    assert held(ledger(database, baselines=baselines, hedge_mode=True)) == {("BTC/USDT:USDT", "short"): "-1.500000"}


def test_table_of_positions_that_a_strategy_left_is_not_live_truth(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1")
    values = ("p1", "c", "binance", "BUY", "BTC-USDT", milliseconds(BEGAN), 0, 99_000_000, 0, 0, 0, 0)
    database.insert("Position", *values)

    assert held(ledger(database)) == {("BTC/USDT", "net"): "1.000000"}


@pytest.mark.parametrize(
    ("market", "pair", "name"),
    [
        ("binance", "BTC-USDT", "BTC/USDT"),
        ("bybit_perpetual", "1000PEPE-USDT", "1000PEPE/USDT:USDT"),
        ("okx_perpetual", "ETH-USDC", "ETH/USDC:USDC"),
        ("bybit_perpetual", "BTC-USD", "BTC/USD:BTC"),
    ],
)
def test_symbols_are_unified_names(database: HummingbotDatabase, market: str, pair: str, name: str) -> None:
    database.market = market
    database.fill("BUY", "1", "100", pair)

    assert only(ledger(database, symbols={"BTC-USD": "BTC/USD:BTC"})).symbol == name


def test_settlement_that_a_pair_does_not_tell_has_to_be_given(database: HummingbotDatabase) -> None:
    database.market = "bybit_perpetual"
    database.fill("BUY", "1", "100", "BTC-USD")

    answer = refused(ledger(database).positions(NOW))

    assert answer.reason is Reason.INPUT_MISSING
    assert "BTC/USD:BTC" in answer.detail


# Rows that count


def test_paper_rows_do_not_count(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1")
    database.fill("BUY", "100", market="binance_paper_trade")

    assert held(ledger(database)) == {("BTC/USDT", "net"): "1.000000"}
    assert len(told(ledger(database)).fills) == 1


def test_market_on_paper_is_no_evidence(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1", market="binance_paper_trade")

    answer = refused(ledger(database, market="binance_paper_trade").positions(NOW))

    assert answer.reason is Reason.NOT_INDEPENDENT
    assert held(ledger(database)) == {}, "who traded on paper only holds nothing"


def test_market_that_nobody_traded_in_is_not_an_empty_book(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1")

    answer = refused(ledger(database, market="binance_perp").positions(NOW))

    assert answer.reason is Reason.INPUT_MISSING
    assert "binance (conf_pure_mm_1.yml)" in answer.detail
    assert isinstance(ledger(database, market="binance_perp").fills(NOW - DAY, NOW), Unavailable)


def test_orders_without_fills_show_that_the_market_is_the_right_one(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1")
    database.fill("BUY", "1", market="kucoin")
    database.run("DELETE FROM TradeFill WHERE market = 'kucoin'")

    assert held(ledger(database, market="kucoin")) == {}


def test_rows_of_other_configurations_do_not_count(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1")
    database.fill("BUY", "5", config_file_path="conf_other.yml")

    assert held(ledger(database, config_files=(CONFIG,))) == {("BTC/USDT", "net"): "1.000000"}


def test_files_of_several_bots_on_one_account_are_merged_and_copies_count_once(tmp_path: Path) -> None:
    first, second = (HummingbotDatabase(tmp_path / f"{name}.sqlite") for name in ("a", "b"))
    first.fill("BUY", "1", "100", trade_id="7001")
    second.fill("BUY", "1", "100", trade_id="7001")
    second.fill("BUY", "2", "200", trade_id="7002")

    both = ledger(first, path=str(tmp_path / "*.sqlite"))

    assert held(both) == {("BTC/USDT", "net"): "3.000000"}
    assert [fill.fill_id for fill in told(both).fills] == ["7001", "7002"]


def test_both_sides_of_a_trade_between_two_bots_stay(tmp_path: Path) -> None:
    first, second = (HummingbotDatabase(tmp_path / f"{name}.sqlite") for name in ("a", "b"))
    first.fill("BUY", "1", trade_id="7001")
    second.fill("SELL", "1", trade_id="7001")

    both = ledger(first, path=str(tmp_path / "*.sqlite"))

    assert held(both) == {}
    assert len(told(both).fills) == 2


def test_one_trade_number_of_two_symbols_is_two_fills(tmp_path: Path) -> None:
    first, second = (HummingbotDatabase(tmp_path / f"{name}.sqlite") for name in ("a", "b"))
    first.fill("BUY", "1", trade_id="7001")
    second.fill("BUY", "1", symbol="ETH-USDT", trade_id="7001")

    assert len(told(ledger(first, path=str(tmp_path / "*.sqlite"))).fills) == 2


# Fills


def test_fill_tells_ids_of_both_sides_and_lags_behind(database: HummingbotDatabase) -> None:
    database.fill("SELL", "0.5", "64000", fee=flat_fee("USDT", "0.032"))

    found = told(ledger(database))
    (fill,) = found.fills

    assert (fill.fill_id, fill.order_id, fill.client_order_id) == ("7001", "EX-1", "HB-1")
    assert (fill.symbol, fill.quantity, fill.price) == ("BTC/USDT", Decimal("-0.5"), Decimal(64000))
    assert fill.fees == (Fee("USDT", Decimal("0.032")),)
    assert fill.at == BEGAN + timedelta(minutes=1)
    assert found.lag >= timedelta(minutes=5)
    assert found.has_venue_ids


def test_orphan_fill_without_its_order_counts(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1", with_order=False)

    (fill,) = told(ledger(database)).fills

    assert (fill.order_id, fill.client_order_id) == (None, "HB-1")
    assert held(ledger(database)) == {("BTC/USDT", "net"): "1.000000"}


@pytest.mark.parametrize(
    ("fee", "fees"),
    [
        (flat_fee("BNB", "0.00012345678901"), (Fee("BNB", Decimal("0.00012345678901")),)),
        (flat_fee("USDT", "-0.01"), (Fee("USDT", Decimal("-0.01")),)),
        (rate_fee("0.001"), (Fee("USDT", Decimal("0.2"), is_estimated=True),)),
        (rate_fee("0.001", "BNB"), (Fee("BNB", Decimal("0.2"), is_estimated=True),)),
        (rate_fee("0"), ()),
        ({"percent": 0.001, "flat_fees": [["BNB", 0.5]]}, (Fee("BNB", Decimal("0.5")),)),
        (
            {"flat_fees": [{"token": "BGB", "amount": "1"}, {"token": "BGB", "amount": "2"}]},
            (Fee("BGB", Decimal(3)),),
        ),
    ],
    ids=["flat", "rebate", "rate", "rate in a third asset", "none", "of the oldest schema", "twice one asset"],
)
def test_fees_are_those_charged_else_estimated(
    database: HummingbotDatabase, fee: object, fees: tuple[Fee, ...]
) -> None:
    database.fill("BUY", "2", "100", fee=fee)

    assert told(ledger(database)).fills[0].fees == fees


@pytest.mark.parametrize("fee", ["{", "[]", json.dumps(flat_fee("BNB", "x")), '{"flat_fees": [1]}', '{"percent": []}'])
def test_fee_that_cannot_be_read_is_named(database: HummingbotDatabase, fee: str) -> None:
    database.fill("BUY", "2")
    database.run("UPDATE TradeFill SET trade_fee = ?", fee)

    answer = refused(ledger(database).fills(NOW - DAY, NOW))

    assert answer.reason is Reason.SOURCE_MALFORMED
    assert "row 1, column trade_fee" in answer.detail


def test_numbers_that_the_exchange_did_not_give_are_not_taken_for_its_own(tmp_path: Path) -> None:
    for number, (market, trade_id) in enumerate([("binance", "7001_12"), ("bitstamp", "7001-7002"), ("okx", "")]):
        database = HummingbotDatabase(tmp_path / f"{number}.sqlite", market)
        database.fill("BUY", "1", trade_id=trade_id)

        assert told(ledger(database)).has_venue_ids is False


def test_fills_are_covered_from_the_first_row_on(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1", at=NOW - HOUR)

    assert told(ledger(database), NOW - DAY).since == NOW - HOUR
    assert told(ledger(database), NOW - HOUR / 2).since == NOW - HOUR / 2
    assert told(ledger(database), NOW - HOUR / 2).fills == ()


def test_fill_of_the_future_is_refused(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1", at=NOW + HOUR)

    assert refused(ledger(database).positions(NOW)).reason is Reason.TIME_IN_FUTURE
    assert refused(ledger(database).fills(NOW - DAY, NOW)).reason is Reason.TIME_IN_FUTURE


# Funding


def test_two_funding_payments_that_collide_leave_one_a_lower_bound(database: HummingbotDatabase) -> None:
    database.market = "binance_perpetual"
    at = NOW - HOUR
    database.funding(milliseconds(at), -0.5, "BTC-USDT")
    database.funding(milliseconds(at), -0.25, "ETH-USDT")

    answer = ledger(database).funding(NOW - DAY)

    assert not isinstance(answer, Unavailable)
    assert [(one.symbol, one.amount, one.asset) for one in answer] == [("BTC/USDT:USDT", Decimal("-0.5"), "USDT")]


def test_funding_times_in_seconds_and_milliseconds_are_the_same_moments(database: HummingbotDatabase) -> None:
    database.market = "bybit_perpetual"
    database.funding(int((NOW - 2 * HOUR).timestamp()), 0.125)
    database.funding(milliseconds(NOW - HOUR), 0.25)

    answer = ledger(database).funding(NOW - DAY)

    assert not isinstance(answer, Unavailable)
    assert [one.at for one in answer] == [NOW - 2 * HOUR, NOW - HOUR]


def test_funding_that_two_bots_on_one_account_were_told_of_counts_once(tmp_path: Path) -> None:
    both = [HummingbotDatabase(tmp_path / f"{name}.sqlite", "bybit_perpetual") for name in ("a", "b")]
    for database in both:
        database.funding(milliseconds(NOW - HOUR), 0.25)

    answer = ledger(both[0], path=str(tmp_path / "*.sqlite")).funding(NOW - DAY)

    assert not isinstance(answer, Unavailable)
    assert len(answer) == 1


# What proves nothing


def test_database_with_empty_tables_proves_an_empty_book(database: HummingbotDatabase) -> None:
    assert statement(ledger(database)).positions == ()
    assert told(ledger(database)).since == NOW - DAY


def test_file_of_no_bytes_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "mm.sqlite").touch()
    source = HummingbotSource(str(tmp_path / "*.sqlite"), "binance")

    answer = refused(HummingbotLedger("swing", source).positions(NOW))

    assert answer.reason is Reason.SOURCE_INCOMPLETE
    assert "mm.sqlite" in answer.detail


def test_pattern_that_nothing_matches_is_missing(tmp_path: Path) -> None:
    source = HummingbotSource(str(tmp_path / "*.sqlite"), "binance")

    assert refused(HummingbotLedger("swing", source).positions(NOW)).reason is Reason.SOURCE_MISSING
    assert refused(HummingbotLedger("swing", source).mark()).reason is Reason.SOURCE_MISSING


def test_table_and_column_that_are_not_there_are_named(database: HummingbotDatabase) -> None:
    database.run("ALTER TABLE TradeFill RENAME COLUMN trade_fee TO fee")

    assert "TradeFill has no column trade_fee" in refused(ledger(database).positions(NOW)).detail

    database.run("DROP TABLE FundingPayment")
    database.run("ALTER TABLE TradeFill RENAME COLUMN fee TO trade_fee")

    assert statement(ledger(database)).proof
    assert "no table FundingPayment" in refused(ledger(database).funding(NOW)).detail


def test_bot_that_wrote_nothing_for_too_long_is_stale(database: HummingbotDatabase) -> None:
    times = TimeRules(max_age=HOUR)

    assert refused(ledger(database, times).positions(NOW)).reason is Reason.SOURCE_STALE

    database.fill("BUY", "1", at=NOW - 2 * HOUR)
    assert refused(ledger(database, times).positions(NOW)).reason is Reason.SOURCE_STALE

    database.fill("BUY", "1", at=NOW - HOUR / 2)
    assert statement(ledger(database, times)).positions


def test_balances_are_not_kept(database: HummingbotDatabase) -> None:
    assert refused(ledger(database).balances(NOW)).reason is Reason.INPUT_MISSING


def test_mark_stays_while_only_orders_change(database: HummingbotDatabase) -> None:
    database.fill("BUY", "1")
    mark = ledger(database).mark()
    database.run('UPDATE "Order" SET last_update_timestamp = last_update_timestamp + 1')

    assert ledger(database).mark() == mark
    database.run("DELETE FROM TradeFill")
    assert ledger(database).mark() != mark
