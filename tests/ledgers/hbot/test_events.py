"""One line of the event store."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from recon_exporter.ledgers.hbot.events import BadEvent, FillEvent, instances_of, parse_fill, times_of
from support.hbot import (
    BOT,
    NOON,
    Row,
    fill_event,
    fill_row,
    minute_event,
    minute_row,
    specified_event,
    top_level_event,
)

FILL = fill_row(NOON, "ord-1", amount_base=Decimal("0.25"))


def parse(event: object) -> FillEvent | None:
    return parse_fill(json.dumps(event).encode())


@pytest.mark.parametrize(
    "event",
    [
        specified_event(BOT, FILL),
        fill_event(BOT, FILL),
        fill_event(BOT, FILL, event_type="bot_fill"),
        top_level_event(BOT, FILL),
        fill_event(BOT, FILL, epoch_ms=True),
        fill_event(BOT, FILL) | {"ts_utc": int(NOON.timestamp())},
        fill_event(BOT, FILL) | {"payload": {"order_id": "ord-1", "amount_base": 0.25}},
        fill_event(BOT, FILL) | {"payload": {"client_order_id": "ord-1", "fill_qty_base": "0.2500", "order_id": ""}},
    ],
)
def test_every_shape_of_a_fill_tells_the_same(event: Row) -> None:
    fill = parse(event)

    assert fill is not None
    assert (fill.instance, fill.order_id, fill.quantity, fill.at) == (BOT, "ord-1", Decimal("0.25"), NOON)
    assert fill.is_backfill is False


def test_number_is_taken_from_its_text_and_never_through_float() -> None:
    line = json.dumps(fill_event(BOT, FILL)).replace('"0.25"', "0.1000000000000000055511151231257827")

    with pytest.raises(BadEvent, match="more digits"):
        parse_fill(line.encode())


@pytest.mark.parametrize("event", [minute_event(BOT, minute_row(NOON)), [], "order_filled", {"event_type": None}])
def test_other_events_are_no_fills(event: object) -> None:
    assert parse(event) is None


def test_backfill_is_told_by_its_producer() -> None:
    fill = parse(fill_event(BOT, FILL, producer="backfill.fills_csv"))

    assert fill is not None
    assert fill.is_backfill


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_id": ""}, "event_id"),
        ({"event_id": "\ud800"}, "event_id"),
        ({"instance_name": None}, "instance_name"),
        ({"ts_utc": "2026-03-06T12:00:00"}, "ts_utc"),
        ({"ts_utc": None}, "ts_utc"),
        ({"ts_utc": True}, "ts_utc"),
        ({"payload": {"order_id": " ", "amount_base": "1"}}, "order_id"),
        ({"payload": {"order_id": "a", "amount_base": "NaN"}}, "amount_base"),
        ({"payload": {"order_id": "a", "amount_base": float("inf")}}, "amount_base"),
        ({"payload": {"order_id": "a", "amount_base": "1e25"}}, "amount_base"),
        ({"payload": {"order_id": "a", "amount_base": "1e-31"}}, "amount_base"),
        ({"payload": {"order_id": "a"}}, "amount_base"),
        ({"payload": None}, "order_id"),
    ],
)
def test_fill_that_does_not_tell_everything_is_bad_in_that_field(change: Row, field: str) -> None:
    with pytest.raises(BadEvent) as caught:
        parse(fill_event(BOT, FILL) | change)

    assert caught.value.field == field


@pytest.mark.parametrize(
    "line",
    [
        b'{"event_type": "order_filled"',
        b'{"event_type": "order_filled"} {"a": 1}',
        b'{"event_type": "order_filled", "x": \xff}',
        b'{"event_type": "order_filled", "x": ' + b"[" * 100_000 + b"}",
    ],
)
def test_line_that_does_not_parse_is_bad_as_a_whole(line: bytes) -> None:
    with pytest.raises(BadEvent) as caught:
        parse_fill(line)

    assert caught.value.field is None


def test_bad_line_still_tells_whom_it_concerns_and_when() -> None:
    line = b'{"ts_utc": "1772798400000", "instance_name" : "bot7", "payload": {"instance_name":"bot8"}, "tor'

    assert instances_of(line) == {"bot7", "bot8"}
    assert times_of(line) == (NOON,)
    assert instances_of(b"{") == frozenset()


def test_one_fill_has_one_identity_in_both_kinds() -> None:
    filled, told_again = parse(specified_event(BOT, FILL)), parse(top_level_event(BOT, FILL))

    assert filled is not None
    assert told_again is not None
    assert filled.fill == told_again.fill
    assert filled.identity != told_again.identity
