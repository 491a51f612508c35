"""One line of minute.csv."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.domain.statement import Malformed
from recon_exporter.ledgers.hbot.minute_rows import NUMBERS, PlainNumbers, RowReader, malformed
from recon_exporter.reading.tables import BadLine, Header, parse_header
from support.hbot import NOON, WIDE_MINUTE_COLUMNS, line, minute_row

REAL_HEADER = (
    "ts,bot_variant,exchange,trading_pair,state,regime,mid,equity_quote,base_pct,target_base_pct,spread_pct,"
    "spread_floor_pct,net_edge_pct,skew,adverse_drift_30s,soft_pause_edge,base_balance,quote_balance,market_spread_pct,"
    "market_spread_bps,best_bid_size,best_ask_size,turnover_today_x,cancel_per_min,orders_active,fills_count_today,"
    "fees_paid_today_quote,daily_loss_pct,drawdown_pct,risk_reasons,fee_source,maker_fee_pct,taker_fee_pct"
)
REAL_ROW = (
    "2026-02-23T02:35:00+00:00,a,bitget_paper_trade,BTC-USDT,running,neutral_low_vol,68064.865,78064.865,"
    "0.8719013989199879,0.5,0.003,0.0025,0.0006,0,0,False,1.0,10000.0,0.00001,0.1,0.5,0.4,0.0,0,2,0,0,0,0.0000290775,,"
    "project:config/fee_profiles.json,0.001,0.001"
)


def reader(columns: tuple[str, ...]) -> RowReader:
    return RowReader(Header(columns))


def test_real_row_is_read_by_its_header() -> None:
    row = RowReader(parse_header(REAL_HEADER.encode(), ("ts",))).row(REAL_ROW.encode(), "minute.csv:byte 0")

    assert (row.variant, row.connector, row.trading_pair) == ("a", "bitget_paper_trade", "BTC-USDT")
    assert row.numbers["base_pct"] == Decimal("0.8719013989199879")
    assert row.numbers["equity_quote"] == Decimal("78064.865")
    assert row.numbers["base_balance"] == Decimal("1.0")
    assert "funding_paid_today_quote" not in row.numbers


def test_wide_layout_in_another_order_gives_the_same_row_and_more() -> None:
    told = minute_row(NOON, net_base_pct="-0.25")
    wide = reader(WIDE_MINUTE_COLUMNS).row(line(told, WIDE_MINUTE_COLUMNS).encode(), "")
    narrow = reader(tuple(REAL_HEADER.split(","))).row(line(told).encode(), "")

    assert len(WIDE_MINUTE_COLUMNS) > 110
    assert dict(wide.numbers) == {**narrow.numbers, "net_base_pct": Decimal("-0.25")}
    assert (wide.at, wide.connector, wide.fee_source) == (narrow.at, narrow.connector, narrow.fee_source)


def test_absent_and_blank_columns_have_no_entry() -> None:
    row = reader(("ts", "mid", "base_pct")).row(f"{NOON.isoformat()}, ,0.5".encode(), "")

    assert dict(row.numbers) == {"base_pct": Decimal("0.5")}
    assert (row.connector, row.variant) == ("", "")


@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity", "abc", "1,5", "0x10", "1e999"])
def test_value_that_is_no_finite_number_is_malformed_and_the_others_stand(text: str) -> None:
    row = reader(("ts", "mid", "base_pct")).row(f'{NOON.isoformat()},"{text}",0.5'.encode(), "minute.csv:byte 7")

    assert dict(row.numbers) == {"mid": Malformed(text, "minute.csv:byte 7"), "base_pct": Decimal("0.5")}
    assert [column for column, _ in malformed(row)] == ["mid"]


@pytest.mark.parametrize(
    "told",
    ["12:00,1", "2026-03-06T12:00:00,1", ",1", "2026-03-06T12:00:00+00:00", "2026-03-06T12:00:00+00:00,1,2"],
)
def test_line_without_an_aware_time_or_of_another_width_is_bad(told: str) -> None:
    with pytest.raises(BadLine):
        reader(("ts", "mid")).row(told.encode(), "")


def test_offset_of_another_zone_is_turned_into_utc() -> None:
    row = reader(("ts", "mid")).row(b"2026-03-06T13:00:00+01:00,1", "")

    assert row.at == NOON
    assert row.at.isoformat() == NOON.isoformat()


@given(st.lists(st.text("0123456789.-+eENai ", max_size=45), min_size=2, max_size=4))
def test_every_value_is_read_exactly_as_an_amount_is(texts: list[str]) -> None:
    columns = NUMBERS[: len(texts)]
    row = reader(("ts", *columns)).row(f"{NOON.isoformat()},{','.join(texts)}".encode(), "place")
    for column, text in zip(columns, texts, strict=True):
        found = row.numbers.get(column)
        if not text.strip():
            assert found is None
            continue
        try:
            assert found == amount(text)
        except InvalidAmount:
            assert isinstance(found, Malformed)


@given(st.dictionaries(st.sampled_from(NUMBERS), st.decimals("-1e9", "1e9", places=6), max_size=6))
def test_plain_numbers_are_the_mapping_that_they_were_made_of(numbers: dict[str, Decimal]) -> None:
    texts = ",".join(str(numbers.get(column, "")) for column in NUMBERS)
    plain = PlainNumbers(NUMBERS, texts)

    assert plain == numbers
    assert dict(plain.items()) == numbers
    assert len(plain) == len(numbers)
    assert "no_such_column" not in plain
