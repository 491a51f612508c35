"""What venues and bots are known to do to whoever compares them, each as the two sides that show it.

The first part are the traps of venues and ledgers, the second what other engines got wrong.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from recon_exporter.checks import fills as fills_check
from recon_exporter.checks import positions as positions_check
from recon_exporter.domain.attributed import Source
from recon_exporter.domain.attribution import Records, attribute
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import CheckStatus, Reason, Severity, Unverified
from recon_exporter.domain.holdings import Holding
from recon_exporter.domain.positions import Activity, ActivityKind, Fee, FillKind
from recon_exporter.domain.sides import PositionSides
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import Symbols
from support.evidence import make_evidence
from support.sides import (
    BOT,
    HOUR,
    MINUTE,
    NOW,
    PAIR,
    SECOND,
    fed,
    kinds,
    make_fill,
    make_fills,
    make_positions,
    make_side_terms,
    make_sides,
    make_terms,
    match,
)

IN_LEDGER, AT_VENUE = BreakType.FILL_MISSING_IN_LEDGER, BreakType.FILL_MISSING_AT_VENUE
SWAP = "BTC/USDT:USDT"
ONE = make_fill("t1")
ZERO = Decimal(0)


class TestVenuesAndLedgers:
    def test_1_truncated_page_narrows_what_is_judged_and_makes_no_missing_fill(self) -> None:
        fills = tuple(make_fill(f"t{place}", at=NOW - place * 10 * MINUTE) for place in range(1, 12))
        newest = fills[:5]
        page = make_fills(*newest, since=newest[-1].at)

        result = match(make_fills(*fills), page)

        assert (kinds(result), result.window.since > newest[-1].at) == ([], True)

    def test_2_outage_is_no_verdict_and_frozen_answer_judges_nothing_new(self) -> None:
        outage = UnverifiedSide("venue", Unverified(Reason.VENUE_UNREACHABLE, "timeout"))
        check = fills_check.CHECK.judge(replace(make_evidence(), sides=make_sides(fills=outage)))
        frozen = match(make_fills(ONE), make_fills(until=NOW - HOUR))

        assert check.status is CheckStatus.UNVERIFIED
        assert (kinds(frozen), frozen.deferred) == ([], 1)

    def test_3_fill_in_flight_waits_on_whichever_side_it_is_seen_first(self) -> None:
        young = make_fill(at=NOW - 5 * SECOND)

        for ledger, venue in ((make_fills(young), make_fills()), (make_fills(), make_fills(young))):
            assert kinds(match(ledger, venue)) == []

    def test_5_fee_in_the_base_asset_explains_what_it_eats(self) -> None:
        fills = (make_fill("t1", "1", fees=(Fee("BTC", Decimal("0.001")),)),)
        found = match(make_fills(*fills), make_fills(*fills))

        result = attribute(Holding(PAIR, "net", "BTC", Symbols.of({})), Decimal("0.001"), Records(found, fills))

        assert [(line.source, line.amount) for line in result.lines] == [(Source.FEE, Decimal("0.001"))]

    @pytest.mark.parametrize("amount", ["0.001", "-0.001"])
    def test_5_fee_of_the_wrong_sign_is_a_fee_break(self, amount: str) -> None:
        ours = replace(ONE, fees=(Fee("BGB", Decimal(amount)),))
        theirs = replace(ONE, fees=(Fee("BGB", -Decimal(amount)),))

        assert kinds(match(make_fills(ours), make_fills(theirs))) == [(BreakType.FILL_FEE, "t1")]

    def test_6_closing_a_long_leg_is_a_sale_on_both_sides_whatever_the_venue_calls_it(self) -> None:
        close = make_fill("t1", "-0.5", symbol=SWAP, leg="long")
        misread = replace(close, quantity=Decimal("0.5"))

        assert kinds(match(make_fills(close), make_fills(close))) == []
        (found,) = match(make_fills(close), make_fills(misread)).differences
        assert (found.type, "the other side" in found.words) == (BreakType.FILL_QUANTITY, True)

    def test_7_partition_that_was_not_asked_is_not_judged(self) -> None:
        coin = make_fill("t2", symbol="BTC/USD:BTC")

        result = match(make_fills(ONE, coin), make_fills(ONE, symbols=frozenset({PAIR})))

        assert (kinds(result), result.symbols) == ([], frozenset({PAIR}))

    def test_8_six_decimals_own_ids_and_times_of_processing_are_no_breaks(self) -> None:
        executed = make_fill("900", "0.00012345", "0.0000012345", order_id="o1", client_order_id="x-1")
        kept = make_fill(
            "0.1_17", "0.000123", "0.000001", at=executed.at + 3 * MINUTE, order_id="o1", client_order_id="x-1"
        )
        micro = Decimal("1e-6")
        ledger = make_fills(kept, quantum=micro, price_quantum=micro, has_venue_ids=False, lag=5 * MINUTE)

        result = match(ledger, make_fills(executed))

        assert (kinds(result), result.matched) == ([], 1)

    def test_9_liquidation_and_manual_order_are_told_apart(self) -> None:
        forced = make_fill("t1", kind=FillKind.LIQUIDATION, client_order_id=None)
        manual = make_fill("t2", client_order_id="web-7")

        result = match(make_fills(), make_fills(forced, manual), make_side_terms(make_terms(prefixes=("x-",))))

        assert kinds(result) == [(BreakType.FILL_FOREIGN, "t2"), (IN_LEDGER, "t1")]

    def test_10_funding_and_transfer_explain_a_balance(self) -> None:
        moves = tuple(
            Activity(name, kind, "code", None, None, None, Decimal(amount), NOW - HOUR, "USDT")
            for name, kind, amount in (("f", ActivityKind.FUNDING, "-3"), ("x", ActivityKind.TRANSFER, "100"))
        )
        records = Records(match(make_fills(), make_fills()), (), moves)

        result = attribute(Holding(None, "net", "USDT", Symbols.of({})), Decimal(-97), records)

        assert ([line.item for line in result.lines], result.unexplained) == (["x", "f"], ZERO)

    def test_11_legs_that_cancel_out_do_not_hide_a_difference(self) -> None:
        def book(long: int, short: int) -> tuple[Position, ...]:
            sizes = (("long", long), ("short", -short))
            return tuple(Position(SWAP, Decimal(size), Decimal(1), leg) for leg, size in sizes if size)

        sides = make_sides(positions=PositionSides(make_positions(*book(5, 5)), make_positions(*book(2, 2))))

        result = positions_check.CHECK.judge(replace(make_evidence(), sides=sides))

        assert result.differences is not None
        assert {one.leg for one in result.differences.discrepancies} == {"long", "short"}

    def test_11_fill_that_a_ledger_made_up_to_heal_itself_does_not_hide_the_real_one(self) -> None:
        made_up = make_fill("inferred", kind=FillKind.SYNTHETIC, at=ONE.at + SECOND)

        result = match(make_fills(made_up), make_fills(ONE))

        assert kinds(result) == [(AT_VENUE, "inferred"), (IN_LEDGER, "t1")]
        assert {one.resembles for one in result.differences} == {made_up, ONE}


class TestOtherEngines:
    def test_funding_row_among_fills_never_counts_as_quantity(self) -> None:
        """It comes as an activity; of a derivative it changes the balance alone."""
        funding = Activity("f", ActivityKind.FUNDING, "Funding", SWAP, None, None, Decimal("-0.5"), NOW, "USDT")
        position = Holding(SWAP, "net", None, Symbols.of({}))

        assert position.moved(funding) == ZERO
        assert Holding(None, "net", "USDT", Symbols.of({})).moved(funding) == Decimal("-0.5")

    def test_one_trade_id_for_both_fills_of_a_position_that_flips_is_legitimate(self) -> None:
        flip = (make_fill("t1", "-0.3", leg="long"), make_fill("t1", "-0.2", leg="short"))

        assert kinds(match(make_fills(*flip), make_fills(*reversed(flip)))) == []

    def test_difference_found_again_in_every_look_is_one_break(self) -> None:
        matcher, terms = FillMatcher(BOT, make_side_terms()), make_side_terms()
        looks = [
            fills_check.differences_of(
                fed(matcher, make_fills(until=end), make_fills(ONE, until=end)), terms
            ).discrepancies
            for end in (NOW + place * MINUTE for place in range(5))
        ]

        assert len({one.identity for look in looks for one in look}) == 1
        assert all(len(look) == 1 for look in looks)

    def test_inferred_fill_before_the_real_one_waits_and_is_not_counted_twice(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        real = make_fill("t1", at=NOW - 5 * SECOND)
        inferred = replace(real, fill_id="inferred", kind=FillKind.SYNTHETIC)

        first = fed(matcher, make_fills(inferred), make_fills(real))
        later = NOW + 10 * MINUTE
        second = fed(matcher, make_fills(real, until=later), make_fills(real, until=later))

        assert (kinds(first), kinds(second), matcher.open_fills) == ([], [], 0)

    def test_replay_after_a_restart_changes_nothing(self) -> None:
        sides = (make_fills(ONE), make_fills(ONE, make_fill("t2")))
        before = fed(FillMatcher(BOT, make_side_terms()), *sides)

        after = fed(FillMatcher(BOT, make_side_terms(), judged_until=before.window.until), *sides)

        assert after == before

    def test_late_backfill_changes_what_was_judged_visibly(self) -> None:
        matcher = FillMatcher(BOT, make_side_terms())
        fed(matcher, make_fills(ONE), make_fills(ONE))
        backfilled = make_fill("t0", at=NOW - 90 * MINUTE)

        assert kinds(fed(matcher, make_fills(ONE), make_fills(backfilled, ONE))) == [(IN_LEDGER, "t0")]

    def test_two_runs_over_the_same_data_give_the_same_whatever_the_order_of_reading(self) -> None:
        fills = tuple(make_fill(f"t{place}", at=ONE.at) for place in range(20))
        backwards = match(make_fills(*reversed(fills[::2])), make_fills(*reversed(fills)))

        assert match(make_fills(*fills[::2]), make_fills(*fills)) == backwards

    def test_order_filled_two_seconds_before_the_look_is_within_grace(self) -> None:
        assert kinds(match(make_fills(make_fill(at=NOW - 2 * SECOND)), make_fills())) == []

    def test_unmatched_quantity_is_a_critical_break_with_its_exposure(self) -> None:
        """Not a line in a log: one fill in suspense has its worth and its severity."""
        (found,) = fills_check.differences_of(match(make_fills(), make_fills(ONE)), make_side_terms()).discrepancies

        assert (found.severity, found.exposure) == (Severity.CRITICAL, Decimal(30000))

    def test_fills_of_one_millisecond_are_told_apart_by_their_ids(self) -> None:
        fills = tuple(make_fill(f"t{place}") for place in range(3))

        assert kinds(match(make_fills(*fills[:2]), make_fills(*fills))) == [(IN_LEDGER, "t2")]
