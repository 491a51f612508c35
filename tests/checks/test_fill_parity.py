"""Fill parity: counts, orders and quantities of one UTC day, with grace and pending fills aside."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from recon_exporter.checks.fill_parity import judge
from recon_exporter.domain.finding import CheckStatus, Measure, Reason
from recon_exporter.domain.statement import Damage, Malformed, OpenOrder
from support.evidence import (
    MINUTE,
    MISSING,
    NOW,
    UNREADABLE,
    Number,
    codes,
    make_book,
    make_evidence,
    make_fills,
    make_order,
    make_policy,
    make_row,
    make_rowless_book,
    only,
    reason,
)

TICK = timedelta(microseconds=1)
EMPTY = make_fills(ledger_count=0, events_count=0, newest_ledger_at=None)


def unwritten(order_id: str = "order-1", *, count: int = 1, last_at: datetime = NOW - 5 * MINUTE) -> OpenOrder:
    return make_order(order_id, count=-count, quantity="-1", last_at=last_at)


def test_fills_that_are_on_both_sides_are_ok() -> None:
    result = judge(make_evidence())

    assert result.status is CheckStatus.OK
    assert result.measures == {
        Measure.FILLS_LEDGER: 2,
        Measure.FILLS_EVENTS: 2,
        Measure.FILL_DIFFERENCE: 0,
        Measure.FILLS_PENDING: 0,
    }


def test_nothing_on_both_sides_is_ok_where_both_are_alive() -> None:
    book = make_book(make_row(fills_count_today="0"), fills=EMPTY)

    assert judge(make_evidence(book)).status is CheckStatus.OK


def test_fills_of_earlier_days_count_for_nothing() -> None:
    fills = make_fills(ledger_count=0, events_count=0, newest_ledger_at=NOW - timedelta(days=3))
    book = make_book(make_row(fills_count_today="0"), fills=fills)

    assert judge(make_evidence(book)).status is CheckStatus.OK


def test_fills_of_today_without_any_event_are_found() -> None:
    orders = (make_order("a"), make_order("b"))
    finding = only(judge(make_evidence(make_book(fills=make_fills(*orders, events_count=0)))))

    assert (finding.severity, finding.message) == ("warning", "fills_present_without_order_filled_events")
    assert dict(finding.details) == {
        "day": "2026-03-06",
        "ledger_count": 2,
        "events_count": 0,
        "difference": 2,
        "pending_count": 0,
        "backfilled_count": 0,
        "orders": 2,
        "examples": tuple(
            {
                "order_id": order_id,
                "count_difference": 1,
                "quantity_difference": Decimal("0.5"),
                "last_at": NOW - 10 * MINUTE,
            }
            for order_id in "ab"
        ),
    }


def test_events_made_from_the_ledger_are_no_evidence_for_it() -> None:
    fills = make_fills(make_order("a", count=2), events_count=0, backfilled_count=2)
    finding = only(judge(make_evidence(make_book(fills=fills))))

    assert finding.message == "fills_present_without_order_filled_events"
    assert finding.details["backfilled_count"] == 2


def test_fill_without_its_event_is_found_by_order_and_by_count() -> None:
    fills = make_fills(make_order("lonely"), ledger_count=3)
    result = judge(make_evidence(make_book(fills=fills)))

    assert codes(result) == ["fill_ids_differ", "fill_count_mismatch"]
    assert result.measures[Measure.FILL_DIFFERENCE] == 1
    assert result.findings[0].details["examples"] == (
        {
            "order_id": "lonely",
            "count_difference": 1,
            "quantity_difference": Decimal("0.5"),
            "last_at": NOW - 10 * MINUTE,
        },
    )


def test_event_without_its_fill_is_found() -> None:
    fills = make_fills(unwritten(last_at=NOW - 30 * MINUTE), events_count=3)

    assert codes(judge(make_evidence(make_book(fills=fills)))) == ["fill_ids_differ", "fill_count_mismatch"]


def test_equal_counts_of_different_orders_are_found() -> None:
    orders = (make_order("a"), unwritten("b", last_at=NOW - 30 * MINUTE))
    finding = only(judge(make_evidence(make_book(fills=make_fills(*orders)))))

    assert (finding.message, finding.details["orders"]) == ("fill_ids_differ", 2)


def test_other_quantity_of_as_many_fills_is_found() -> None:
    finding = only(judge(make_evidence(make_book(fills=make_fills(make_order(count=0, quantity="-0.001"))))))

    assert finding.message == "fill_quantity_differs"
    assert finding.details["orders"] == 1


def test_at_most_ten_orders_are_shown_and_all_are_counted() -> None:
    orders = tuple(make_order(f"order-{index:02}") for index in range(12))
    finding = judge(make_evidence(make_book(fills=make_fills(*orders, ledger_count=14)))).findings[0]
    examples = finding.details["examples"]

    assert finding.details["orders"] == 12
    assert isinstance(examples, tuple)
    assert [example["order_id"] for example in examples] == [f"order-{index:02}" for index in range(10)]


def test_count_differs_even_where_no_order_does() -> None:
    finding = only(judge(make_evidence(make_book(fills=make_fills(ledger_count=1474, events_count=1)))))

    assert finding.message == "fill_count_mismatch"
    assert finding.details["difference"] == 1473


@pytest.mark.parametrize(
    ("age", "expected"),
    [(2 * MINUTE, []), (2 * MINUTE + TICK, ["fill_ids_differ", "fill_count_mismatch"])],
)
def test_fill_is_in_grace_for_two_minutes(age: timedelta, expected: list[str]) -> None:
    fills = make_fills(make_order(last_at=NOW - age), ledger_count=3)

    assert codes(judge(make_evidence(make_book(fills=fills)))) == expected


def test_first_fills_of_the_day_are_in_grace_too() -> None:
    fills = make_fills(make_order(count=2, last_at=NOW - MINUTE), events_count=0)

    assert judge(make_evidence(make_book(fills=fills))).status is CheckStatus.OK


def test_what_is_in_grace_explains_no_more_than_itself() -> None:
    fills = make_fills(make_order(last_at=NOW - MINUTE), ledger_count=4)

    assert codes(judge(make_evidence(make_book(fills=fills)))) == ["fill_count_mismatch"]


def test_fill_of_yesterday_whose_grace_ends_today_is_no_difference_of_todays_totals() -> None:
    midnight = NOW.replace(hour=0)
    now = midnight + MINUTE
    fills = make_fills(
        make_order(last_at=midnight - MINUTE / 2),
        ledger_count=0,
        events_count=0,
        newest_event_at=now,
    )
    book = make_book(make_row(now), fills=fills)

    assert judge(make_evidence(book, now=now)).status is CheckStatus.OK
    assert codes(judge(make_evidence(book, now=now + MINUTE))) == ["fill_ids_differ"]


def test_event_newer_than_the_last_row_of_the_ledger_is_pending() -> None:
    fills = make_fills(unwritten(count=2), events_count=4)
    result = judge(make_evidence(make_book(make_row(fills_count_today="4"), fills=fills)))

    assert result.status is CheckStatus.OK
    assert result.measures[Measure.FILLS_PENDING] == 2
    assert result.measures[Measure.FILL_DIFFERENCE] == -2


@pytest.mark.parametrize(
    ("earlier", "status"),
    [
        (timedelta(0), CheckStatus.OK),
        (timedelta(microseconds=456), CheckStatus.OK),
        (timedelta(seconds=1), CheckStatus.OK),
        (timedelta(seconds=1, microseconds=1), CheckStatus.WARNING),
    ],
)
def test_event_as_new_as_the_last_row_may_be_of_the_same_burst(earlier: timedelta, status: CheckStatus) -> None:
    """Events tell their time in milliseconds or whole seconds, rows of the same burst in microseconds."""
    fills = make_fills(unwritten(last_at=NOW - 10 * MINUTE - earlier), events_count=3)

    assert judge(make_evidence(make_book(make_row(fills_count_today="3"), fills=fills))).status is status


def test_first_event_before_any_row_of_the_ledger_is_pending() -> None:
    fills = make_fills(unwritten(), ledger_count=0, events_count=1, newest_ledger_at=None)

    assert judge(make_evidence(make_book(make_row(fills_count_today="1"), fills=fills))).status is CheckStatus.OK


def test_pending_fill_is_found_missing_as_soon_as_the_next_row_is_written() -> None:
    fills = make_fills(unwritten(), ledger_count=3, events_count=4, newest_ledger_at=NOW - 4 * MINUTE)

    assert codes(judge(make_evidence(make_book(fills=fills)))) == ["fill_ids_differ", "fill_count_mismatch"]


@pytest.mark.parametrize(
    ("counter", "row_at", "is_contradicted"),
    [
        ("2", NOW, True),
        ("3", NOW, False),
        ("2", NOW - 3 * MINUTE, False),
        ("2", NOW - 3 * MINUTE + TICK, True),
        (None, NOW, False),
        (Malformed("nan", "minute.csv line 2"), NOW, False),
    ],
)
def test_bots_own_counter_contradicts_a_pending_fill(counter: Number, row_at: datetime, is_contradicted: bool) -> None:  # noqa: FBT001
    fills = make_fills(unwritten(), events_count=3)
    result = judge(make_evidence(make_book(make_row(row_at, fills_count_today=counter), fills=fills)))

    assert codes(result) == (["fill_ids_differ", "fill_count_mismatch"] if is_contradicted else [])
    assert result.measures[Measure.FILLS_PENDING] == (0 if is_contradicted else 1)


def test_counter_of_yesterday_contradicts_nothing() -> None:
    midnight = NOW.replace(hour=0)
    now = midnight + 3 * MINUTE
    fills = make_fills(
        unwritten(last_at=midnight - MINUTE),
        unwritten("order-2", last_at=midnight + MINUTE / 60),
        ledger_count=0,
        events_count=1,
        newest_event_at=now,
        newest_ledger_at=None,
    )
    of_yesterday = make_book(make_row(midnight - TICK, fills_count_today="0"), fills=fills, cadence=5 * MINUTE)
    of_today = make_book(make_row(now, fills_count_today="1"), fills=fills)

    assert judge(make_evidence(of_yesterday, now=now)).status is CheckStatus.OK
    assert judge(make_evidence(of_today, now=now)).status is CheckStatus.OK


@pytest.mark.parametrize("row_at", [NOW, NOW - timedelta(hours=11, minutes=29)])
def test_counter_of_the_bot_contradicts_two_empty_sides(row_at: datetime) -> None:
    fills = make_fills(ledger_count=0, events_count=0, newest_event_at=row_at)
    result = judge(make_evidence(make_book(make_row(row_at, fills_count_today="2"), fills=fills), now=row_at))

    assert (codes(result), reason(result)) == ([], Reason.INPUT_MISSING)


@pytest.mark.parametrize("row_at", [NOW.replace(hour=0), NOW.replace(hour=0, minute=30)])
def test_counter_that_may_be_yesterdays_contradicts_nothing(row_at: datetime) -> None:
    fills = make_fills(ledger_count=0, events_count=0, newest_event_at=row_at)
    book = make_book(make_row(row_at, fills_count_today="2"), fills=fills)

    assert judge(make_evidence(book, now=row_at)).status is CheckStatus.OK


@pytest.mark.parametrize("counter", ["0", None])
def test_counter_that_tells_no_fill_contradicts_nothing(counter: Number) -> None:
    assert judge(make_evidence(make_book(make_row(fills_count_today=counter), fills=EMPTY))).status is CheckStatus.OK


def test_counter_of_a_row_of_yesterday_says_nothing_about_two_empty_sides() -> None:
    midnight = NOW.replace(hour=0)
    fills = make_fills(ledger_count=0, events_count=0, newest_event_at=midnight)
    book = make_book(make_row(midnight - TICK, fills_count_today="2"), fills=fills)

    assert judge(make_evidence(book, now=midnight)).status is CheckStatus.OK


@pytest.mark.parametrize(("age", "why"), [(60 * MINUTE, None), (60 * MINUTE + TICK, Reason.SOURCE_STALE)])
def test_store_that_has_gone_quiet_proves_nothing(age: timedelta, why: Reason | None) -> None:
    fills = make_fills(newest_event_at=NOW - age)

    assert reason(judge(make_evidence(make_book(fills=fills)))) is why


def test_store_without_any_event_proves_nothing() -> None:
    fills = make_fills(ledger_count=0, events_count=0, newest_event_at=None)

    assert reason(judge(make_evidence(make_book(fills=fills)))) is Reason.SOURCE_STALE


def test_quiet_store_withholds_orders_that_differ() -> None:
    fills = make_fills(make_order(), ledger_count=3, newest_event_at=NOW - timedelta(hours=2))
    result = judge(make_evidence(make_book(fills=fills)))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_STALE)


def test_missing_ledger_is_unverified_and_the_events_are_counted() -> None:
    fills = make_fills(unwritten(), ledger=MISSING, ledger_count=0, events_count=3)
    result = judge(make_evidence(make_book(fills=fills)))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_MISSING)
    assert result.measures == {Measure.FILLS_EVENTS: 3}


@pytest.mark.parametrize("orders", [(), (make_order(count=2),)])
def test_missing_events_are_unverified_and_fills_without_them_are_told(orders: tuple[OpenOrder, ...]) -> None:
    fills = make_fills(*orders, events=MISSING, events_count=0, newest_event_at=None)
    result = judge(make_evidence(make_book(fills=fills)))

    assert (result.status, reason(result)) == (CheckStatus.UNVERIFIED, Reason.SOURCE_MISSING)
    assert codes(result) == ["fills_present_without_order_filled_events"]
    assert result.measures == {Measure.FILLS_LEDGER: 2}


def test_missing_events_of_a_day_without_fills_are_unverified_alone() -> None:
    fills = make_fills(events=MISSING, ledger_count=0, events_count=0, newest_event_at=None)
    result = judge(make_evidence(make_book(fills=fills)))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_MISSING)


def test_unreadable_events_say_nothing_about_fills() -> None:
    fills = make_fills(events=UNREADABLE, events_count=0)
    result = judge(make_evidence(make_book(fills=fills)))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_UNREADABLE)


@pytest.mark.parametrize(
    ("source", "field", "why"),
    [
        ("fills", None, Reason.SOURCE_MALFORMED),
        ("fills", "amount_base", Reason.SOURCE_MALFORMED),
        ("events", None, Reason.SOURCE_MALFORMED),
        ("minute", "mid", None),
    ],
)
def test_damage_of_either_side_leaves_the_check_unverified(source: str, field: str | None, why: Reason | None) -> None:
    book = make_book(damage=(Damage(source, field, f"{source} line 3", "nan"),))

    assert reason(judge(make_evidence(book))) is why


def test_damage_does_not_hide_an_order_that_differs() -> None:
    book = make_book(
        fills=make_fills(make_order(), ledger_count=3), damage=(Damage("events", None, "events byte 9", "{"),)
    )
    result = judge(make_evidence(book))

    assert (codes(result), reason(result)) == (["fill_ids_differ", "fill_count_mismatch"], Reason.SOURCE_MALFORMED)


def test_stale_bot_withholds_the_verdict_and_keeps_the_counts() -> None:
    book = make_book(make_row(NOW - timedelta(hours=1)), fills=make_fills(make_order(), ledger_count=3))
    result = judge(make_evidence(book))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_STALE)
    assert result.measures[Measure.FILLS_LEDGER] == 3


def test_bot_without_minute_rows_is_unverified_and_its_open_orders_are_sorted_all_the_same() -> None:
    book = make_rowless_book(fills=make_fills(unwritten(), events_count=3))
    result = judge(make_evidence(book))

    assert reason(result) is Reason.INPUT_MISSING
    assert result.measures[Measure.FILLS_PENDING] == 1


def test_switched_off_check_is_disabled() -> None:
    policy = make_policy(fill_parity_check_enabled=False)

    assert judge(make_evidence(policy=policy)).status is CheckStatus.DISABLED
