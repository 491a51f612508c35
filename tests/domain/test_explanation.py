"""Each bullet of the runbook's resolution section: cause, evidence, steps and profit and loss of a seeded incident."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.explanation import Explanation, explain
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.movements import Cause
from recon_exporter.domain.positions import ActivityKind
from recon_exporter.domain.statement import Unavailable
from support.positions import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    break_of,
    compared,
    later,
    make_activity,
    make_break,
    make_fill,
    make_order,
    make_position,
    make_records,
    make_terms,
)

if TYPE_CHECKING:
    from recon_exporter.domain.breaks import Break
    from recon_exporter.domain.trail import Records

TERMS = make_terms()
BOUGHT = make_fill("10", "100", order_id="order-1", at=NOW - 2 * DAY)
BUY = make_order("order-1", "10", at=NOW - 2 * DAY)
SOLD = make_fill("-10", "90", order_id="order-2", fee="1.5", at=NOW - 5 * HOUR)
SELL = make_order("order-2", "-10", client_order_id="bot-2", price="90")
UNREAD = Unavailable(Reason.SOURCE_UNREADABLE, "connection refused")

AT_BROKER_MISSING = break_of([make_position("AAPL", "10", "100")], [])
IN_DB_MISSING = break_of([], [make_position("AAPL", "10", "100")])
LEDGER_SHORT_OF_FOUR = break_of([make_position("AAPL", "6", "100")], [make_position("AAPL", "10", "100")])
QUANTITY_UNEXPLAINED = break_of([make_position("AAPL", "6", "100")], [make_position("AAPL", "5", "100")])


def profit(why: Explanation) -> tuple[Decimal, Decimal, Decimal]:
    assert why.pnl is not None
    return (why.pnl.before, why.pnl.after, why.pnl.effect)


def told(one: Break, records: Records) -> tuple[Cause, Decimal | None]:
    """Cause and what remains unexplained."""
    why = explain(one, records, TERMS)
    return (why.cause, why.remainder)


# Missing at broker


def test_missing_at_broker_fill_was_missed_order_filled_but_callback_lost() -> None:
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT, SOLD), orders=(BUY, SELL))
    why = explain(AT_BROKER_MISSING, records, TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.MISSED_FILL, Decimal(10), Decimal(0))
    assert why.summary == "explains the difference of 10 exactly"
    assert why.evidence[0] == (
        "order order-2 (client id bot-2, the bot's own): the venue executed sell 10 at 90, "
        "last at 2026-03-06T16:15:00+00:00, the ledger has none of it"
    )
    assert profit(why) == (Decimal(0), Decimal("-101.5"), Decimal("-101.5"))
    assert "venue fills --bot swing-us" in why.steps[0]
    assert "AAPL from 10 to none" in why.steps[1]


def test_missing_at_broker_position_closed_by_broker_in_a_margin_call_without_an_execution() -> None:
    closed = make_activity(ActivityKind.LIQUIDATION, "-10", code="LIQ", price="80")
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=(BOUGHT,), activities=(closed,)), TERMS)

    assert (why.cause, why.remainder) == (Cause.CLOSED_BY_BROKER, Decimal(0))
    assert why.evidence[0] == "liquidation LIQ LIQ-1715 at 2026-03-06T17:15:00+00:00: -10 at 80"
    assert profit(why) == (Decimal(0), Decimal(-200), Decimal(-200))
    assert why.steps[0] == "Read the broker's notice of the margin call, corporate action or option event named above"


def test_missing_at_broker_position_closed_by_broker_with_an_execution_of_its_own() -> None:
    sold = make_fill("-10", "80", order_id="broker-1", at=NOW - 4 * HOUR)
    notice = make_activity(ActivityKind.LIQUIDATION, None, code="LIQ")
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT, sold), orders=(BUY,), activities=(notice,))
    why = explain(AT_BROKER_MISSING, records, TERMS)

    assert (why.cause, why.remainder) == (Cause.CLOSED_BY_BROKER, Decimal(0))
    assert why.evidence[0].endswith("; the broker tells of LIQ LIQ-1715")
    assert profit(why)[2] == Decimal(-200)


def test_missing_at_broker_position_closed_by_a_corporate_action_for_cash() -> None:
    merged = make_activity(ActivityKind.REORGANISATION, "-10", code="MA", amount="1250")
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=(BOUGHT,), activities=(merged,)), TERMS)

    assert (why.cause, profit(why)[2]) == (Cause.CLOSED_BY_BROKER, Decimal(250))


def test_missing_at_broker_option_that_expired_worthless() -> None:
    option = "AAPL240119C00100000"
    one = break_of([make_position(option, "2", "1.5")], [])
    expired = make_activity(ActivityKind.OPTION_EVENT, "-2", code="OPEXP", symbol=option, amount="0")
    why = explain(one, make_records(activities=(expired,)), TERMS)

    assert (why.cause, profit(why)[2]) == (Cause.CLOSED_BY_BROKER, Decimal(-300))


def test_missing_at_broker_closed_at_a_price_that_nobody_tells_has_no_profit_and_loss() -> None:
    closed = make_activity(ActivityKind.REORGANISATION, "-10", code="REORG")
    why = explain(AT_BROKER_MISSING, make_records(activities=(closed,)), TERMS)

    assert (why.cause, why.pnl) == (Cause.CLOSED_BY_BROKER, None)
    assert "--pnl" not in " ".join(why.steps)


def test_missing_at_broker_position_never_existed_and_no_order_ever() -> None:
    why = explain(AT_BROKER_MISSING, make_records(), TERMS)

    assert (why.cause, why.remainder) == (Cause.PHANTOM, Decimal(0))
    assert why.evidence[0] == (
        "the venue has no order, no execution and no other movement of it since 2026-02-04T21:15:00+00:00"
    )
    assert profit(why) == (Decimal(0), Decimal(0), Decimal(0))
    assert why.steps[1:3] == (
        "Take out of the ledger what was never executed: AAPL from 10 to none",
        "Investigate how it came to be: an order that was rejected, a paper trade, a fill that was booked twice",
    )


def test_missing_at_broker_position_of_an_order_that_was_rejected() -> None:
    rejected = make_order("order-1", "10", filled="0", price=None, status="rejected")
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), orders=(rejected,)), TERMS)

    assert (why.cause, why.remainder) == (Cause.PHANTOM, Decimal(0))
    assert why.evidence[0].endswith("the venue has it as rejected with 0 filled")


def test_records_that_were_read_are_told_and_of_those_that_were_not_no_emptiness() -> None:
    since = "executions of AAPL since 2026-02-04T21:15:00+00:00: "
    read = explain(QUANTITY_UNEXPLAINED, make_records(), TERMS)
    half = explain(QUANTITY_UNEXPLAINED, make_records(venue=UNREAD, activities=UNREAD), TERMS)
    nothing = explain(
        QUANTITY_UNEXPLAINED, make_records(ledger=UNREAD, venue=UNREAD, orders=UNREAD, activities=UNREAD), TERMS
    )

    assert read.evidence == (f"{since}the ledger has none; the venue has none; 0 other movements at the venue",)
    assert half.evidence[0] == f"{since}the ledger has none"
    assert len(nothing.evidence) == 4
    assert all(text.endswith("could not be read: connection refused") for text in nothing.evidence)


@pytest.mark.parametrize("part", ["venue", "orders", "activities"])
def test_missing_at_broker_is_not_called_phantom_while_the_venue_cannot_be_read(part: str) -> None:
    why = explain(AT_BROKER_MISSING, make_records(**{part: UNREAD}), TERMS)  # type: ignore[arg-type]

    assert (why.cause, why.explained, why.remainder) == (Cause.UNKNOWN, Decimal(0), Decimal(10))
    assert why.evidence[-1].endswith("could not be read: connection refused")


def test_order_of_the_ledger_is_not_called_unknown_to_a_venue_that_told_neither_executions_nor_orders() -> None:
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=UNREAD, orders=UNREAD), TERMS)

    assert (why.cause, why.remainder) == (Cause.UNKNOWN, Decimal(10))
    assert not [line for line in why.evidence if "no such order" in line]


# Missing in DB


def test_missing_in_db_order_was_placed_outside_the_system() -> None:
    manual = make_order("order-7", "10", client_order_id="a1b2-by-hand")
    bought = make_fill("10", "100", order_id="order-7")
    why = explain(IN_DB_MISSING, make_records(venue=(bought,), orders=(manual,)), TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.MANUAL_ORDER, Decimal(-10), Decimal(0))
    assert why.evidence[0].startswith("order order-7 (client id a1b2-by-hand, not one of the bot's)")
    assert "AAPL from none to 10" in why.steps[2]
    assert why.steps[3].endswith(f"breaks review {IN_DB_MISSING.identifier} --by NAME --reason WHY")
    assert profit(why) == (Decimal(0), Decimal(0), Decimal(0))


def test_missing_in_db_order_that_created_the_position_was_the_bots_own() -> None:
    why = explain(IN_DB_MISSING, make_records(venue=(BOUGHT,), orders=(BUY,)), TERMS)

    assert why.cause is Cause.MISSED_FILL


def test_missing_in_db_without_configured_client_ids_says_that_whose_order_it_is_cannot_be_told() -> None:
    why = explain(IN_DB_MISSING, make_records(venue=(BOUGHT,), orders=(BUY,)), make_terms(prefixes=()))

    assert why.cause is Cause.MANUAL_ORDER
    assert "no prefix of own client ids is configured" in why.evidence[0]


def test_missing_in_db_position_that_was_transferred_in() -> None:
    moved = make_activity(ActivityKind.TRANSFER, "10", code="ACATS")

    assert told(IN_DB_MISSING, make_records(activities=(moved,))) == (Cause.OTHER_MOVEMENT, Decimal(0))


def test_missing_in_db_of_which_nothing_is_recorded_is_unknown() -> None:
    why = explain(IN_DB_MISSING, make_records(), TERMS)

    assert (why.cause, why.remainder, why.pnl) == (Cause.UNKNOWN, Decimal(-10), None)
    assert why.steps[0].startswith("Look further back")


# Quantity mismatch


def test_quantity_mismatch_partial_fills_that_were_not_recorded() -> None:
    parts = [make_fill(quantity, "100", at=NOW - 5 * HOUR + place * MINUTE) for place, quantity in enumerate("343")]
    records = make_records(ledger=(parts[0], parts[2]), venue=tuple(parts), orders=(make_order("order-1", "10"),))
    why = explain(LEDGER_SHORT_OF_FOUR, records, TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.PARTIAL_FILLS, Decimal(-4), Decimal(0))
    assert why.evidence[0].startswith("order order-1: the venue executed 10 in 3 parts, the ledger has 6; 4 at 100 is")
    assert why.steps[2] == "Run the profit and loss of this position again from its first execution"


def test_quantity_mismatch_partial_fill_missing_from_an_order_that_the_ledger_books_as_one() -> None:
    parts = tuple(make_fill(quantity, price, at=NOW - 5 * HOUR) for quantity, price in (("6", "100"), ("4", "110")))
    booked = make_fill("6", "100", fill_id="17", order_id="bot-1")
    why = explain(LEDGER_SHORT_OF_FOUR, make_records(ledger=(booked,), venue=parts, orders=(make_order(),)), TERMS)

    assert (why.cause, why.remainder) == (Cause.PARTIAL_FILLS, Decimal(0))
    assert "4 at 110 is missing" in why.evidence[0]


def test_quantity_mismatch_split_that_the_broker_tells_of() -> None:
    before, after = make_position("AAPL", "10", "100"), make_position("AAPL", "40", "25")
    split = make_activity(ActivityKind.SPLIT, "30", code="SPLIT")
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT,), activities=(split,))

    for found in compared([before], [after]).discrepancies:
        why = explain(make_break(found), records, TERMS)
        assert (why.cause, why.remainder, profit(why)[2]) == (Cause.SPLIT, Decimal(0), Decimal(0))
        assert why.steps[0] == "Verify ratio and date of the split with the broker's notice"


@pytest.mark.parametrize(
    ("ledger", "venue", "ratio"),
    [
        (("10", "100"), ("40", "25"), "4 to 1"),
        (("30", "10"), ("3", "100"), "1 to 10"),
        (("2", "3"), ("3", "2"), "3 to 2"),
    ],
)
def test_quantity_mismatch_split_or_reverse_split_by_a_ratio_that_fits(
    ledger: tuple[str, str], venue: tuple[str, str], ratio: str
) -> None:
    both = compared([make_position("AAPL", *ledger)], [make_position("AAPL", *venue)]).discrepancies

    assert [found.type.value for found in both] == ["QUANTITY_MISMATCH", "PRICE_MISMATCH"]
    for found in both:
        why = explain(make_break(found), make_records(), TERMS)
        assert (why.cause, why.remainder) == (Cause.SPLIT, Decimal(0))
        assert why.evidence[0] == (
            f"the quantities are as {ratio}, venue to ledger, and the cost of the position is the same"
        )


def test_quantity_mismatch_of_a_round_ratio_at_the_same_price_is_no_split() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "20", "100")])

    assert told(one, make_records()) == (Cause.UNKNOWN, Decimal(-10))


def test_quantity_mismatch_fill_that_the_ledger_booked_twice() -> None:
    one = break_of([make_position("AAPL", "20", "100")], [make_position("AAPL", "10", "100")])
    twice = make_fill("10", "100", order_id="order-1", fill_id="again", at=NOW - 2 * DAY)
    why = explain(one, make_records(ledger=(BOUGHT, twice), venue=(BOUGHT,), orders=(BUY,)), TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.PHANTOM, Decimal(10), Decimal(0))
    assert why.evidence[0] == "order order-1: the ledger has 20 of it, the venue executed 10"


def test_quantity_mismatch_of_two_causes_is_explained_by_both() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "4", "100")])
    sold = make_fill("-5", "100", order_id="order-2")
    fee = make_activity(ActivityKind.FEE, "-1", code="CFEE")
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT, sold), orders=(BUY, SELL), activities=(fee,))
    why = explain(one, records, TERMS)

    assert (why.cause, why.remainder, len(why.evidence)) == (Cause.MISSED_FILL, Decimal(0), 3)


def test_quantity_mismatch_that_is_explained_in_part_says_what_remains() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "3", "100")])
    sold = make_fill("-5", "100", order_id="order-2")
    why = explain(one, make_records(ledger=(BOUGHT,), venue=(BOUGHT, sold), orders=(BUY, SELL)), TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.MISSED_FILL, Decimal(5), Decimal(2))
    assert why.summary == "explains 5 of the difference, 2 remains"


# Price, age, time


def test_price_mismatch_of_an_execution_booked_at_another_price() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "10", "110")])
    real = make_fill("10", "110", order_id="order-1", at=NOW - 2 * DAY)
    why = explain(one, make_records(ledger=(BOUGHT,), venue=(real,), orders=(BUY,)), TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.WRONG_PRICE, Decimal(-10), Decimal(0))
    assert why.evidence[0].endswith("the ledger has it at 100")


def test_price_mismatch_of_a_round_trip_that_the_ledger_missed() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "10", "120")])
    again = make_fill("10", "120", order_id="order-3", at=NOW - 4 * HOUR)
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT, SOLD, again), orders=(BUY, SELL))
    why = explain(one, records, make_terms(prefixes=()))

    assert (why.cause, why.remainder) == (Cause.MISSED_FILL, Decimal(0))
    assert profit(why) == (Decimal(0), Decimal("-101.5"), Decimal("-101.5"))


def test_price_mismatch_of_a_split_that_one_side_applied_to_the_quantity_alone() -> None:
    one = break_of([make_position("AAPL", "40", "100")], [make_position("AAPL", "40", "25")])
    split = make_activity(ActivityKind.SPLIT, "30", code="SPLIT")

    assert told(one, make_records(activities=(split,))) == (Cause.SPLIT, Decimal(0))


def test_price_mismatch_that_no_record_explains_is_unknown() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "10", "110")])

    assert told(one, make_records(ledger=(BOUGHT,), venue=(BOUGHT,), orders=(BUY,))) == (Cause.UNKNOWN, Decimal(-10))


def test_stale_position_is_told_as_not_written() -> None:
    held = make_position("AAPL", "10", written_at=NOW - 2 * DAY)
    why = explain(break_of([held], [held]), make_records(ledger=(BOUGHT,), venue=(BOUGHT,)), TERMS)

    assert (why.cause, why.explained, why.remainder, why.pnl) == (Cause.NOT_WRITTEN, None, None, None)
    assert "breaks accept" in why.steps[1]


@pytest.mark.parametrize(("age", "cause"), [(2 * MINUTE, Cause.IN_FLIGHT), (3 * MINUTE, Cause.MISSED_FILL)])
def test_execution_of_this_moment_is_in_flight(age: object, cause: Cause) -> None:
    sold = make_fill("-10", "90", order_id="order-2", at=NOW - age)  # type: ignore[operator]
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=(BOUGHT, sold), orders=(BUY, SELL)), TERMS)

    assert why.cause is cause
    if cause is Cause.IN_FLIGHT:
        assert len(why.steps) == 1


# Ledgers and venues that tell less


def test_ledger_without_executions_is_explained_by_what_fits() -> None:
    older = make_fill("10", "95", order_id="order-0", at=NOW - 3 * DAY)
    records = make_records(ledger=UNREAD, venue=(older, BOUGHT, SOLD), orders=(BUY, SELL))
    why = explain(
        break_of([make_position("AAPL", "20", "97.5")], [make_position("AAPL", "10", "97.5")]), records, TERMS
    )

    assert (why.cause, why.remainder) == (Cause.MISSED_FILL, Decimal(0))
    assert "order order-2" in why.evidence[0]
    assert profit(why) == (Decimal(0), Decimal("-76.5"), Decimal("-76.5"))
    assert why.pnl is not None
    assert why.pnl.basis == "the corrections alone, upon the ledger's position"


def test_ledger_without_executions_that_lacks_the_latest_orders_together() -> None:
    sales = [make_fill("-5", "90", order_id=f"order-{place}", at=NOW - place * HOUR) for place in (3, 4)]
    records = make_records(ledger=UNREAD, venue=(BOUGHT, *sales), orders=(BUY,))

    assert told(AT_BROKER_MISSING, records)[1] == Decimal(0)


def test_ledger_without_executions_that_lacks_one_part_of_an_order() -> None:
    parts = tuple(make_fill(quantity, at=NOW - 5 * HOUR) for quantity in ("6", "4"))

    assert told(LEDGER_SHORT_OF_FOUR, make_records(ledger=UNREAD, venue=parts)) == (Cause.PARTIAL_FILLS, Decimal(0))


def test_venue_without_executions_is_read_from_its_orders() -> None:
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=UNREAD, orders=(BUY, SELL)), TERMS)

    assert (why.cause, why.remainder, profit(why)[2]) == (Cause.MISSED_FILL, Decimal(0), Decimal(-100))


@pytest.mark.parametrize("order_id", [None, "17"], ids=["no ids", "ids of its own"])
def test_ledger_that_shares_no_ids_with_the_venue_is_matched_by_quantity_and_time(order_id: str | None) -> None:
    booked = make_fill("10", "100", order_id=order_id, fill_id="row-1", at=NOW - 2 * DAY + 30 * MINUTE)
    records = make_records(ledger=(booked,), venue=(BOUGHT, SOLD), orders=(BUY, SELL))

    assert told(AT_BROKER_MISSING, records) == (Cause.MISSED_FILL, Decimal(0))


def test_records_of_other_symbols_explain_nothing() -> None:
    other = make_fill("-10", "90", symbol="MSFT", order_id="order-2")
    dividend = make_activity(ActivityKind.DIVIDEND, "10", code="DIV")
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT, other), activities=(dividend,), orders=(BUY,))

    assert told(AT_BROKER_MISSING, records)[0] is Cause.UNKNOWN


def test_records_under_the_brokers_spelling_of_a_pair_are_its_own() -> None:
    one = break_of([make_position("BTC/USD", "1", "100")], [])
    sold = make_fill("-1", "90", symbol="BTCUSD", order_id="order-2")
    why = explain(one, make_records(venue=(sold,)), TERMS)

    assert why.remainder == Decimal(0)


def test_records_that_write_the_symbol_in_another_case_are_its_own() -> None:
    one = break_of([make_position("aapl", "1", "100")], [])
    why = explain(one, make_records(venue=(make_fill("-1", "90", symbol="AAPL", order_id="order-2"),)), TERMS)

    assert why.remainder == Decimal(0)


def test_records_of_a_side_that_tells_symbols_apart_by_their_case_are_kept_apart() -> None:
    one = break_of([make_position("aapl", "1", "100")], [])
    fills = tuple(make_fill("-1", "90", symbol=name, order_id=f"order-{name}") for name in ("AAPL", "Aapl"))

    assert told(one, make_records(venue=fills))[0] is Cause.PHANTOM


def test_fee_in_another_currency_is_left_out_and_named() -> None:
    sold = make_fill("-10", "90", order_id="order-2", fee="0.01", fee_currency="BNB")
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=(BOUGHT, sold)), make_terms(currency="USD"))

    assert profit(why)[2] == Decimal(-100)
    assert why.pnl is not None
    assert why.pnl.basis.endswith("fees in BNB are left out")


def test_every_correction_ends_in_the_audit_log_and_another_run() -> None:
    why = explain(AT_BROKER_MISSING, make_records(ledger=(BOUGHT,), venue=(BOUGHT, SOLD), orders=(BUY, SELL)), TERMS)

    assert why.steps[-2].endswith(
        f"recon-exporter audit add --break {why.identifier} --by NAME --what WHAT --pnl=-101.5"
    )
    assert why.steps[-1] == "Run it again: recon-exporter eod --bot swing-us"


def test_explaining_changes_nothing_and_says_the_same_again() -> None:
    records = make_records(ledger=(BOUGHT,), venue=(BOUGHT, SOLD), orders=(BUY, SELL))
    one = later(AT_BROKER_MISSING, for_review=True)

    assert explain(one, records, TERMS) == explain(one, records, TERMS)


def test_price_mismatch_of_a_position_older_than_the_records_names_the_execution_but_not_how_much_it_explains() -> None:
    one = break_of([make_position("AAPL", "30", "100")], [make_position("AAPL", "30", "110")])
    real = make_fill("10", "130", order_id="order-1", at=NOW - 2 * DAY)
    why = explain(one, make_records(ledger=(BOUGHT,), venue=(real,), orders=(BUY,)), TERMS)

    assert (why.cause, why.explained, why.remainder) == (Cause.WRONG_PRICE, None, None)
    assert why.summary == "how much of the break this explains cannot be told"


def test_price_mismatch_is_not_laid_on_executions_that_differ_by_a_rounding() -> None:
    one = break_of([make_position("AAPL", "30", "100")], [make_position("AAPL", "30", "110")])
    rounded = make_fill("10", "100.004", order_id="order-1", at=NOW - 2 * DAY)

    assert told(one, make_records(ledger=(BOUGHT,), venue=(rounded,), orders=(BUY,)))[0] is Cause.UNKNOWN


def test_price_mismatch_beside_executions_that_explain_little_of_it_is_unknown() -> None:
    one = break_of([make_position("AAPL", "10", "100")], [make_position("AAPL", "10", "150")])
    dearer = make_fill("10", "101", order_id="order-1", at=NOW - 2 * DAY)

    assert told(one, make_records(ledger=(BOUGHT,), venue=(dearer,), orders=(BUY,)))[0] is Cause.UNKNOWN


def test_stale_position_of_a_ledger_without_executions_is_told_as_not_written() -> None:
    held = make_position("AAPL", "10", written_at=NOW - 2 * DAY)

    assert told(break_of([held], [held]), make_records(ledger=UNREAD, venue=(BOUGHT, SOLD))) == (
        Cause.NOT_WRITTEN,
        None,
    )


@pytest.mark.parametrize(
    ("ledger", "venue"),
    [(("10", None), ("20", None)), (("7", "3"), ("11", "1.9090909")), (("10", "100"), ("-20", "50"))],
    ids=["no prices", "an unusual ratio", "opposite directions"],
)
def test_ratio_that_proves_nothing_is_no_split(ledger: tuple[str, str | None], venue: tuple[str, str | None]) -> None:
    found = compared([make_position("AAPL", *ledger)], [make_position("AAPL", *venue)]).discrepancies[0]

    assert explain(make_break(found), make_records(), TERMS).cause is Cause.UNKNOWN


def test_split_that_the_broker_tells_of_without_a_quantity_is_proved_by_the_ratio() -> None:
    one = break_of([make_position("AAPL", "10", None)], [make_position("AAPL", "40", None)])
    split = make_activity(ActivityKind.SPLIT, None, code="SPLIT")
    why = explain(one, make_records(activities=(split,)), TERMS)

    assert (why.cause, why.remainder) == (Cause.SPLIT, Decimal(0))
    assert why.evidence[0].endswith("the venue tells of SPLIT SPLIT-1715")


def test_several_corporate_actions_of_one_kind_explain_together() -> None:
    one = break_of([make_position("AAPL", "100", "10")], [make_position("AAPL", "10", "10")])
    rows = tuple(
        make_activity(ActivityKind.SPLIT, quantity, code="SPLIT", at=NOW - hours * HOUR)
        for quantity, hours in (("-100", 5), ("10", 4))
    )

    assert told(one, make_records(activities=rows)) == (Cause.SPLIT, Decimal(0))
