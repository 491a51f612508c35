"""What the fill matcher says of both sides, seen through what it is fed and what it tells."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Fee, FillKind, Grain
from recon_exporter.domain.sides import AccountUse
from support.sides import (
    BOT,
    FEE,
    HOUR,
    MINUTE,
    NOW,
    PAIR,
    SECOND,
    fed,
    kinds,
    make_fill,
    make_fills,
    make_side_terms,
    make_terms,
    match,
)

IN_LEDGER, AT_VENUE = BreakType.FILL_MISSING_IN_LEDGER, BreakType.FILL_MISSING_AT_VENUE
ONE, TWO = make_fill("t1"), make_fill("t2", "-0.25", at=NOW - 15 * MINUTE)


def test_agreeing_sides_leave_nothing() -> None:
    matcher = FillMatcher(BOT, make_side_terms())

    result = fed(matcher, make_fills(ONE, TWO), make_fills(ONE, TWO))

    assert (kinds(result), result.matched, matcher.open_fills) == ([], 2, 0)
    assert (result.counts.ledger, result.counts.venue) == (2, 2)


def test_execution_that_the_ledger_lacks_is_told_with_its_order() -> None:
    (found,) = match(make_fills(ONE), make_fills(ONE, TWO)).differences

    assert (found.type, found.symbol, found.item, found.at) == (IN_LEDGER, PAIR, "t2", TWO.at)
    assert "sell 0.25 at 60000" in found.words
    assert "order o-t2, client id c-t2" in found.words


def test_execution_that_the_venue_lacks_is_told() -> None:
    assert kinds(match(make_fills(ONE, TWO), make_fills(ONE))) == [(AT_VENUE, "t2")]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"quantity": Decimal("0.6")}, BreakType.FILL_QUANTITY),
        ({"quantity": Decimal("-0.5")}, BreakType.FILL_QUANTITY),
        ({"price": Decimal(60001)}, BreakType.FILL_PRICE),
        ({"fees": (Fee("USDT", Decimal("0.06")),)}, BreakType.FILL_FEE),
        ({"fees": (Fee("BNB", Decimal("0.05")),)}, BreakType.FILL_FEE),
        ({"fees": ()}, BreakType.FILL_FEE),
    ],
)
def test_execution_that_differs_is_told_by_what_differs(changes: dict[str, object], kind: BreakType) -> None:
    other = replace(ONE, **changes)  # type: ignore[arg-type]

    assert kinds(match(make_fills(ONE), make_fills(other))) == [(kind, "t1")]


def test_amounts_are_compared_by_value_and_not_by_their_text() -> None:
    other = replace(ONE, quantity=Decimal("0.50"), price=Decimal("6E+4"), fees=(Fee("USDT", Decimal("0.0500")),))

    assert match(make_fills(ONE), make_fills(other)).matched == 1


def test_order_and_nothing_of_fees_do_not_matter() -> None:
    paid, rebate = Fee("BNB", Decimal("0.001")), Fee("USDT", Decimal("-0.01"))
    ours = replace(ONE, fees=(paid, rebate, Fee("BGB", Decimal(0))))

    assert match(make_fills(ours), make_fills(replace(ONE, fees=(rebate, paid)))).matched == 1


def test_fees_that_a_side_does_not_tell_are_not_compared_and_that_is_said() -> None:
    result = match(make_fills(replace(ONE, fees=None)), make_fills(ONE))

    assert (kinds(result), result.matched, result.without_fees) == ([], 1, 1)


def test_fee_that_a_side_only_estimates_is_not_compared() -> None:
    own = make_fill(fees=(Fee("USDT", Decimal("0.07"), is_estimated=True),))
    result = match(make_fills(own), make_fills(make_fill()))

    assert (kinds(result), result.without_fees) == ([], 1)


def test_tolerances_of_price_and_fee_let_through_what_they_say() -> None:
    terms = make_side_terms(fill_price_relative=Decimal("0.001"), fee_absolute=Decimal("0.01"))
    near = replace(ONE, price=Decimal(60060), fees=(Fee("USDT", Decimal("0.06")),))
    far = replace(ONE, price=Decimal(60061), fees=(Fee("USDT", Decimal("0.061")),))

    assert kinds(match(make_fills(ONE), make_fills(near), terms)) == []
    assert kinds(match(make_fills(ONE), make_fills(far), terms)) == [
        (BreakType.FILL_FEE, "t1"),
        (BreakType.FILL_PRICE, "t1"),
    ]


def test_absolute_tolerances_of_price_and_fee_count_where_they_are_larger_than_the_relative_ones() -> None:
    terms = make_side_terms(fill_price_absolute=Decimal(5), fee_relative=Decimal("0.5"), fee_absolute=Decimal("0.01"))
    near = replace(ONE, price=Decimal(60005), fees=(Fee("USDT", Decimal("0.1")),))
    far = replace(ONE, price=Decimal("60005.1"), fees=(Fee("USDT", Decimal("0.11")),))

    assert kinds(match(make_fills(ONE), make_fills(near), terms)) == []
    assert kinds(match(make_fills(ONE), make_fills(far), terms)) == [
        (BreakType.FILL_FEE, "t1"),
        (BreakType.FILL_PRICE, "t1"),
    ]


def test_what_a_side_loses_by_writing_is_tolerated_and_accounted_for() -> None:
    exact = make_fill(quantity="0.00012345", price="0.0000012345")
    written = make_fill(quantity="0.000123", price="0.000001")
    ledger = make_fills(written, quantum=Decimal("1e-6"), price_quantum=Decimal("1e-6"))

    result = match(ledger, make_fills(exact))

    assert (kinds(result), result.tolerated) == ([], (Decimal("-4.5E-7"),))


def test_opposite_side_differs_however_small() -> None:
    ours, theirs = make_fill(quantity="0.0000001"), make_fill(quantity="-0.0000001")

    result = match(make_fills(ours, quantum=Decimal("1e-6")), make_fills(theirs))

    assert kinds(result) == [(BreakType.FILL_QUANTITY, "t1")]
    assert "the other side" in result.differences[0].words


def test_other_leg_differs_where_both_tell_one() -> None:
    long, short, net = (replace(ONE, leg=leg) for leg in ("long", "short", "net"))

    assert kinds(match(make_fills(long), make_fills(short))) == [(BreakType.FILL_QUANTITY, "t1")]
    assert kinds(match(make_fills(net), make_fills(short))) == []


def test_same_id_of_another_symbol_is_another_execution() -> None:
    other = replace(ONE, symbol="ETH/USDT")

    assert match(make_fills(ONE, other), make_fills(ONE, other)).matched == 2


def test_symbols_meet_under_their_one_name() -> None:
    terms = make_side_terms(make_terms(aliases={"XBT/USDT": PAIR}))
    ledger = make_fills(replace(ONE, symbol="BTC-USDT"), replace(TWO, symbol="XBT/USDT"))

    assert match(ledger, make_fills(ONE, TWO), terms).matched == 2


class TestOneIdSeveralTimes:
    def test_both_sides_telling_it_twice_agree(self) -> None:
        close, reopen = make_fill("t1", "-0.3"), make_fill("t1", "-0.2")

        assert match(make_fills(close, reopen), make_fills(reopen, close)).matched == 1

    def test_one_side_telling_the_sum_agrees(self) -> None:
        fees = (Fee("USDT", Decimal("0.10")),)
        parts = make_fills(make_fill("t1", "-0.3", leg="long"), make_fill("t1", "-0.2", leg="short"))

        assert match(make_fills(make_fill("t1", "-0.5", fees=fees)), parts).matched == 1

    def test_equal_one_too_many_is_a_duplicate(self) -> None:
        result = match(make_fills(ONE, ONE), make_fills(ONE))

        assert kinds(result) == [(BreakType.FILL_DUPLICATE, "t1")]
        assert result.differences[0].ledger == (ONE,)
        assert kinds(match(make_fills(ONE), make_fills(ONE, ONE, ONE))) == [(BreakType.FILL_DUPLICATE, "t1")]

    def test_unequal_one_too_many_is_a_quantity(self) -> None:
        extra = replace(ONE, quantity=Decimal("0.1"))

        assert kinds(match(make_fills(ONE, extra), make_fills(ONE))) == [(BreakType.FILL_QUANTITY, "t1")]

    def test_one_of_them_at_another_price_is_a_price(self) -> None:
        ours = (make_fill("t1", "0.3"), make_fill("t1", "0.2"))
        theirs = (make_fill("t1", "0.3"), make_fill("t1", "0.2", "60010"))

        assert kinds(match(make_fills(*ours), make_fills(*theirs))) == [(BreakType.FILL_PRICE, "t1")]


class TestWindow:
    def test_young_fill_is_deferred_and_then_judged(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        young = make_fill("t9", at=NOW - 30 * SECOND)

        first = fed(matcher, make_fills(), make_fills(young))
        later = NOW + MINUTE
        second = fed(matcher, make_fills(until=later), make_fills(young, until=later))

        assert (kinds(first), first.deferred, first.unjudged) == ([], 1, frozenset({(PAIR, "t9")}))
        assert kinds(second) == [(IN_LEDGER, "t9")]

    def test_nothing_outside_what_both_cover_is_judged(self) -> None:
        early, late = make_fill("early", at=NOW - 2 * HOUR), make_fill("late", at=NOW - MINUTE * 10)
        ledger = make_fills(early, late)
        venue = make_fills(since=NOW - HOUR, until=NOW - 20 * MINUTE)

        result = match(ledger, venue)

        assert (kinds(result), result.unjudged) == ([], frozenset({(PAIR, "early"), (PAIR, "late")}))

    def test_symbols_that_a_side_does_not_tell_are_not_judged(self) -> None:
        other = replace(ONE, symbol="ETH/USDT")

        result = match(make_fills(ONE, other), make_fills(ONE, symbols=frozenset({PAIR})))

        assert (kinds(result), result.symbols) == ([], frozenset({PAIR}))

    def test_lag_of_a_side_widens_what_is_deferred(self) -> None:
        recent = make_fill(at=NOW - 4 * MINUTE)

        assert kinds(match(make_fills(), make_fills(recent))) == [(IN_LEDGER, "t1")]
        assert kinds(match(make_fills(lag=5 * MINUTE), make_fills(recent))) == []

    def test_windows_of_looks_join_where_the_matcher_is_asked_from_when_to_read(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        until = None
        for step in range(4):
            now = NOW + step * HOUR
            since = matcher.since(now)
            result = fed(matcher, make_fills(since=since, until=now), make_fills(since=since, until=now))
            assert result.skipped is None
            assert until is None or result.window.since <= until
            until = result.window.until

    def test_span_that_no_look_judged_is_told(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms(), judged_until=NOW - 4 * HOUR)

        result = fed(matcher, make_fills(), make_fills())

        assert result.skipped is not None
        assert (result.skipped.since, result.skipped.until) == (NOW - 4 * HOUR, result.window.since)

    def test_what_was_judged_by_an_earlier_process_is_read_from_there(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms(), judged_until=NOW - 9 * HOUR)

        assert matcher.since(NOW) < NOW - 9 * HOUR
        assert matcher.since(NOW, [NOW - 20 * HOUR]) < NOW - 20 * HOUR


class TestMovement:
    def test_fill_written_while_both_were_read_is_matched(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())

        assert kinds(fed(matcher, make_fills(), make_fills(ONE), make_fills(ONE))) == []

    def test_backfilled_one_that_the_venue_did_not_show_yet_is_deferred(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())

        first = fed(matcher, make_fills(), make_fills(), make_fills(ONE))

        assert (kinds(first), first.deferred) == ([], 1)
        assert kinds(fed(matcher, make_fills(ONE), make_fills())) == [(AT_VENUE, "t1")]

    def test_fill_struck_out_while_both_were_read_is_deferred(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())

        assert kinds(fed(matcher, make_fills(ONE), make_fills(ONE), make_fills())) == []
        assert kinds(fed(matcher, make_fills(), make_fills(ONE))) == [(IN_LEDGER, "t1")]


class TestMemory:
    def test_repaired_ledger_ends_the_difference(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())

        assert kinds(fed(matcher, make_fills(), make_fills(ONE))) == [(IN_LEDGER, "t1")]
        assert kinds(fed(matcher, make_fills(ONE), make_fills(ONE))) == []
        assert matcher.open_fills == 0

    def test_fill_that_vanishes_from_one_side_is_missed_there(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        fed(matcher, make_fills(ONE), make_fills(ONE))

        assert kinds(fed(matcher, make_fills(), make_fills(ONE))) == [(IN_LEDGER, "t1")]
        assert kinds(fed(matcher, make_fills(), make_fills())) == []

    def test_open_fill_is_not_judged_again_until_it_is_read_again(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        fed(matcher, make_fills(), make_fills(ONE))
        after = {"since": NOW, "until": NOW + HOUR}

        later = fed(matcher, make_fills(**after), make_fills(**after))

        assert (kinds(later), later.open_venue, matcher.open_fills) == ([], (ONE,), 1)
        assert not later.window.holds(ONE.at)

    def test_fill_that_the_ledger_writes_hours_late_meets_its_counterpart_once(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        fed(matcher, make_fills(), make_fills(ONE))
        booked = replace(ONE, at=NOW + 2 * HOUR)

        for step in range(3):
            span = {"since": NOW + HOUR + step * MINUTE, "until": NOW + 3 * HOUR + step * MINUTE}
            late = fed(matcher, make_fills(booked, **span), make_fills(**span))
            assert kinds(late) == []
            assert matcher.open_fills == 0
            if not step:
                assert (PAIR, "t1") in late.ended

    def test_late_counterpart_that_differs_says_how(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        fed(matcher, make_fills(), make_fills(ONE))
        span = {"since": NOW + HOUR, "until": NOW + 3 * HOUR}
        booked = replace(ONE, at=NOW + 2 * HOUR, price=Decimal(1))

        for _ in range(2):
            late = fed(matcher, make_fills(booked, **span), make_fills(**span))
            assert kinds(late) == [(BreakType.FILL_PRICE, "t1")]
            assert late.ended == {(PAIR, "t1")}

    def test_more_open_fills_than_the_limit_are_no_verdict_and_are_forgotten(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms(open_limit=1))

        result = matcher.feed(make_fills(), make_fills(ONE, TWO), make_fills())

        assert isinstance(result, UnverifiedSide)
        assert result.why.reason is Reason.MASS_BREAK
        assert matcher.open_fills == 0

    def test_fills_of_another_bot_are_refused(self) -> None:
        with pytest.raises(ValueError, match="other do not belong to"):
            FillMatcher(BOT, make_side_terms()).feed(make_fills(), make_fills(bot="other"), make_fills())


class TestOrders:
    ROW = make_fill("row", "0.5", "60010", order_id="o1", fees=(Fee("USDT", Decimal("0.10")),))
    PARTS = (make_fill("t1", "0.25", "60000", order_id="o1"), make_fill("t2", "0.25", "60020", order_id="o1"))

    def test_order_agrees_with_its_executions_in_sum_average_and_fees(self) -> None:
        assert match(make_fills(self.ROW, grain=Grain.ORDER), make_fills(*self.PARTS)).matched == 1
        assert match(make_fills(*self.PARTS), make_fills(self.ROW, grain=Grain.ORDER)).matched == 1

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"quantity": Decimal("0.4")}, BreakType.FILL_QUANTITY),
            ({"price": Decimal(60000)}, BreakType.FILL_PRICE),
            ({"fees": FEE}, BreakType.FILL_FEE),
        ],
    )
    def test_order_that_differs_is_told_by_what_differs(self, changes: dict[str, object], kind: BreakType) -> None:
        row = replace(self.ROW, **changes)  # type: ignore[arg-type]

        result = match(make_fills(row, grain=Grain.ORDER), make_fills(*self.PARTS))

        assert kinds(result) == [(kind, "o1")]

    def test_own_ids_meet_where_only_the_venue_knows_both(self) -> None:
        row = replace(self.ROW, order_id=None, client_order_id="c1")
        parts = tuple(replace(part, client_order_id="c1") for part in self.PARTS)

        assert match(make_fills(row, has_venue_ids=False), make_fills(*parts)).matched == 1

    def test_row_written_twice_is_a_duplicate(self) -> None:
        ledger = make_fills(self.ROW, replace(self.ROW, fill_id="again"), has_venue_ids=False)

        assert kinds(match(ledger, make_fills(*self.PARTS))) == [(BreakType.FILL_DUPLICATE, "o1")]

    def test_order_longer_than_what_is_read_is_told_and_makes_no_break(self) -> None:
        first = replace(self.PARTS[0], at=NOW - 3 * HOUR)
        result = match(make_fills(self.ROW, grain=Grain.ORDER), make_fills(first))

        assert (kinds(result), [one.item for one in result.unlike]) == ([], ["o1"])
        assert "reach back beyond" in result.unlike[0].words

    def test_fills_without_an_id_are_compared_as_what_is_left_of_their_order(self) -> None:
        parts = (*self.PARTS, make_fill("t3", order_id="o1"))
        ledger = (self.PARTS[0], replace(self.PARTS[1], fill_id=""), replace(parts[2], fill_id=""))

        assert kinds(match(make_fills(*ledger), make_fills(*parts))) == []
        assert kinds(match(make_fills(*ledger[:2]), make_fills(*parts))) == [(BreakType.FILL_QUANTITY, "o1")]


class TestLikeness:
    BARE = replace(ONE, fill_id="", order_id=None, client_order_id=None)

    def test_fill_without_any_id_is_explained_by_what_looks_like_it(self) -> None:
        result = match(make_fills(self.BARE), make_fills(replace(ONE, at=ONE.at + 30 * SECOND)))

        assert (kinds(result), result.alike, result.unlike) == ([], 1, ())

    def test_fill_without_any_id_never_makes_a_break(self) -> None:
        result = match(make_fills(self.BARE), make_fills())

        assert (kinds(result), len(result.unlike)) == ([], 1)
        assert "nothing there is like it" in result.unlike[0].words

    def test_sides_that_know_orders_by_different_ids_alone_are_compared_by_likeness(self) -> None:
        ours = replace(ONE, order_id=None)
        theirs = replace(ONE, client_order_id=None, fill_id="another")

        result = match(make_fills(ours, has_venue_ids=False), make_fills(theirs, replace(TWO, client_order_id=None)))

        assert (kinds(result), result.alike, len(result.unlike)) == ([], 1, 1)

    def test_difference_names_what_resembles_it_under_another_id(self) -> None:
        renamed = replace(ONE, fill_id="t1_77")

        result = match(make_fills(renamed), make_fills(ONE))

        assert kinds(result) == [(AT_VENUE, "t1_77"), (IN_LEDGER, "t1")]
        assert {one.resembles for one in result.differences} == {ONE, renamed}
        assert all("looks like it" in one.words for one in result.differences)


class TestOwnership:
    TERMS = make_terms(prefixes=("c-",))
    MANUAL = make_fill("t7", client_order_id="web-1")

    def test_order_of_somebody_else_on_the_bots_own_account_is_foreign(self) -> None:
        terms = make_side_terms(self.TERMS)

        assert kinds(match(make_fills(), make_fills(self.MANUAL, ONE), terms)) == [
            (BreakType.FILL_FOREIGN, "t7"),
            (IN_LEDGER, "t1"),
        ]

    def test_nothing_is_foreign_where_no_prefix_is_configured_or_no_client_id_told(self) -> None:
        unknown = replace(self.MANUAL, client_order_id=None)

        assert kinds(match(make_fills(), make_fills(self.MANUAL))) == [(IN_LEDGER, "t7")]
        assert kinds(match(make_fills(), make_fills(unknown), make_side_terms(self.TERMS))) == [(IN_LEDGER, "t7")]

    def test_others_that_may_trade_are_counted_alone(self) -> None:
        terms = make_side_terms(self.TERMS, allowed_client_ids=("web-",))

        result = match(make_fills(), make_fills(self.MANUAL), terms)

        assert (kinds(result), result.allowed) == ([], 1)

    def test_shared_account_judges_the_bots_own_orders_and_tells_what_nobody_can_attribute(self) -> None:
        terms = make_side_terms(self.TERMS, use=AccountUse.SHARED)
        unknown = replace(TWO, client_order_id=None)

        result = match(make_fills(), make_fills(self.MANUAL, ONE, unknown), terms)

        assert (kinds(result), result.allowed) == ([(IN_LEDGER, "t1")], 1)
        assert [one.venue for one in result.unlike] == [(unknown,)]

    def test_liquidation_is_the_bots_own_and_is_named(self) -> None:
        forced = replace(ONE, kind=FillKind.LIQUIDATION, client_order_id=None)

        (found,) = match(make_fills(), make_fills(forced), make_side_terms(self.TERMS)).differences

        assert (found.type, "as liquidation" in found.words) == (IN_LEDGER, True)

    def test_fill_that_the_bot_made_up_is_named(self) -> None:
        made_up = replace(ONE, kind=FillKind.SYNTHETIC)

        (found,) = match(make_fills(made_up), make_fills()).differences

        assert (found.type, "made up by the bot itself" in found.words) == (AT_VENUE, True)


class TestLooksThatJoin:
    def test_side_that_dates_late_loses_nothing_after_a_restart(self) -> None:
        until = NOW - HOUR
        matcher = FillMatcher(BOT, make_side_terms(), judged_until=until)
        since = matcher.since(NOW)

        result = fed(matcher, make_fills(since=since, lag=20 * MINUTE), make_fills(since=since))

        assert (result.skipped, result.window.since <= until) == (None, True)

    def test_what_a_wider_margin_skips_is_read_next_time(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        since = matcher.since(NOW)
        judged = fed(matcher, make_fills(since=since), make_fills(since=since)).judged_until
        later = NOW + 3 * HOUR
        since = matcher.since(later)

        by_order = make_fills(since=since, until=later, has_venue_ids=False)
        first = fed(matcher, by_order, make_fills(since=since, until=later))
        again = matcher.since(later)
        second = fed(matcher, replace(by_order, since=again), make_fills(since=again, until=later))

        assert judged is not None
        assert (first.judged_until, first.skipped) == (judged, None)
        assert second.window.since <= judged < second.window.until == second.judged_until

    def test_what_a_side_does_not_tell_any_more_is_told_once(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms(), judged_until=NOW - 9 * HOUR)
        matcher.since(NOW)

        first = fed(matcher, make_fills(), make_fills())

        assert first.skipped is not None
        assert fed(matcher, make_fills(), make_fills()).skipped is None


def test_fill_that_the_ledger_has_counted_and_not_written_is_waited_for_however_old() -> None:
    matcher = FillMatcher(BOT, make_side_terms())
    behind = make_fills(ONE, unwritten_since=ONE.at)

    waiting = fed(matcher, behind, make_fills(ONE, TWO))

    assert (kinds(waiting), waiting.deferred) == ([], 1)
    assert waiting.judged_until is not None
    assert waiting.judged_until <= TWO.at, "a process that begins anew looks at it again"
    assert kinds(fed(matcher, make_fills(ONE, TWO), make_fills(ONE, TWO))) == []


def test_part_of_an_order_that_is_not_written_yet_is_waited_for_too() -> None:
    first, second = (make_fill(name, "0.25", order_id="o1", client_order_id="c1") for name in ("p1", "p2"))
    ledger = make_fills(first, has_venue_ids=False, unwritten_since=first.at - SECOND)

    assert kinds(match(ledger, make_fills(first, second))) == []


def test_fill_that_the_ledger_does_not_know_of_is_told_after_others_were_waited_for() -> None:
    matcher = FillMatcher(BOT, make_side_terms())
    fed(matcher, make_fills(ONE, unwritten_since=ONE.at), make_fills(ONE, TWO))

    assert kinds(fed(matcher, make_fills(ONE), make_fills(ONE, TWO))) == [(IN_LEDGER, "t2")]
    assert kinds(match(make_fills(TWO, unwritten_since=TWO.at), make_fills(ONE, TWO))) == [(IN_LEDGER, "t1")]
