"""Each row of the runbook's table of break types, and where each of them begins."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.position_rules import Tolerated
from recon_exporter.domain.terms import Tolerance
from support.positions import BOT, DAY, HOUR, NOW, compared, make_position, make_statement, make_terms

SECOND = timedelta(seconds=1)


def only(comparison: Comparison) -> Discrepancy:
    (found,) = comparison.discrepancies
    return found


def types(comparison: Comparison) -> list[str]:
    return [found.type.value for found in comparison.discrepancies]


def test_missing_at_broker_internal_db_has_position_and_broker_does_not() -> None:
    found = only(compared([make_position("AAPL", "10", "150")], []))

    assert (found.type, found.severity, found.auto_halt) == (BreakType.MISSING_AT_BROKER, Severity.CRITICAL, True)
    assert (found.ledger_quantity, found.venue_quantity, found.difference) == (Decimal(10), None, Decimal(10))
    assert found.exposure == Decimal(1500)
    assert found.detail == "ledger holds 10 at 150, venue holds none; exposure 1500.00 USD"


def test_missing_in_db_broker_has_position_and_db_does_not() -> None:
    found = only(compared([], [make_position("AAPL", "-3", "20.5")]))

    assert (found.type, found.severity, found.auto_halt) == (BreakType.MISSING_IN_DB, Severity.CRITICAL, True)
    assert (found.ledger_quantity, found.venue_quantity, found.difference) == (None, Decimal(-3), Decimal(3))
    assert found.detail == "ledger holds none, venue holds -3 at 20.5; exposure 61.50 USD"


@pytest.mark.parametrize(
    ("ledger", "venue", "halts"),
    [
        ("100", "90", False),
        ("100", "89.999999999", True),
        ("90", "100", False),
        ("89.999999999", "100", True),
        ("-100", "-90", False),
        ("-89.999999999", "-100", True),
        ("100", "99", False),
        ("1", "-1", True),
    ],
)
def test_quantity_mismatch_halts_if_more_than_10_percent_of_the_larger_side(
    ledger: str, venue: str, *, halts: bool
) -> None:
    found = only(compared([make_position("AAPL", ledger)], [make_position("AAPL", venue)]))

    assert found.type is BreakType.QUANTITY_MISMATCH
    assert found.auto_halt is halts
    assert found.severity is (Severity.CRITICAL if halts else Severity.WARNING)


def test_price_mismatch_average_prices_disagree_significantly_and_never_halts() -> None:
    found = only(compared([make_position("AAPL", "10", "150")], [make_position("AAPL", "10", "300")]))

    assert (found.type, found.severity, found.auto_halt) == (BreakType.PRICE_MISMATCH, Severity.WARNING, False)
    assert (found.difference, found.exposure) == (Decimal(-150), Decimal(1500))
    assert found.detail == ("average price is 150 in the ledger, 300 at the venue: -150 (50 %); exposure 1500.00 USD")


def test_stale_position_untouched_for_24_hours_never_halts_and_is_no_exposure() -> None:
    old = make_position("AAPL", "10", written_at=NOW - DAY)
    found = only(compared([old], [make_position("AAPL", "10")]))

    assert (found.type, found.severity, found.auto_halt) == (BreakType.STALE_POSITION, Severity.WARNING, False)
    assert (found.difference, found.exposure) == (None, Decimal(0))
    assert found.detail == "ledger holds 10 at 100, last written 2026-03-05T21:15:00+00:00, stale after 24 h"


def test_position_written_a_second_less_than_24_hours_ago_is_not_stale() -> None:
    fresh = make_position("AAPL", "10", written_at=NOW - DAY + SECOND)

    assert types(compared([fresh], [make_position("AAPL", "10")])) == []


def test_position_held_for_months_and_refreshed_hourly_is_not_stale() -> None:
    held = make_position("AAPL", "10", written_at=NOW - HOUR)

    assert types(compared([held], [make_position("AAPL", "10")])) == []


def test_stale_position_that_the_broker_does_not_have_is_both_breaks() -> None:
    old = make_position("AAPL", "10", written_at=NOW - 3 * DAY)

    assert types(compared([old], [])) == ["MISSING_AT_BROKER", "STALE_POSITION"]


def test_stale_is_judged_by_bot_and_symbol_and_can_be_off() -> None:
    old = [make_position(symbol, "1", written_at=NOW - 2 * DAY) for symbol in ("AAPL", "KO", "MSFT")]
    terms = make_terms(stale_after=DAY, stale_after_of={"KO": None, "MSFT": 2 * DAY + SECOND})

    assert [found.symbol for found in compared(old, old, terms).discrepancies] == ["AAPL"]
    assert not compared(old, old, make_terms(stale_after=None)).stale_judged


def test_ledger_without_write_times_judges_no_age_and_says_so() -> None:
    held = make_position("AAPL", "10", written_at=None)
    comparison = compare(make_statement(held, has_write_times=False), make_statement(held), make_terms(), NOW)

    assert (comparison.discrepancies, comparison.stale_judged) == ((), False)
    assert comparison.unjudged == {(BOT, "STALE_POSITION", "AAPL", "net")}


def test_agreeing_books_have_no_break_and_count_their_keys() -> None:
    book = [make_position("AAPL", "10"), make_position("BTC/USD", "-0.5"), make_position("BTC/USD", "1", leg="long")]
    comparison = compared(book, book)

    assert (comparison.discrepancies, comparison.tolerated, comparison.compared) == ((), (), 3)


def test_two_empty_books_agree() -> None:
    assert compared([], []).discrepancies == ()


def test_opposite_directions_differ_whatever_the_tolerance() -> None:
    ledger, venue = [make_position("AAPL", "0.1")], [make_position("AAPL", "-0.1")]
    found = only(compared(ledger, venue, make_terms(quantity="5")))

    assert (found.type, found.auto_halt, found.difference) == (BreakType.QUANTITY_MISMATCH, True, Decimal("0.2"))
    assert "in the opposite direction: 0.2 (200 %)" in found.detail


@pytest.mark.parametrize(
    ("ledger", "venue", "told"),
    [
        (
            "1234567890.123456789",
            "1234567890.123456788",
            "ledger holds 1234567890.123456789 at 100, venue holds 1234567890.123456788 at 100: 0.000000001 (0 %)",
        ),
        ("1E+15", "2.50E+3", "ledger holds 1000000000000000 at 100, venue holds 2500 at 100: 999999999997500 (100 %)"),
        ("0.10", "1E-18", "ledger holds 0.1 at 100, venue holds 0.000000000000000001 at 100: 0.099999999999999999"),
    ],
)
def test_quantities_are_told_exactly_in_plain_digits(ledger: str, venue: str, told: str) -> None:
    assert told in only(compared([make_position("X", ledger)], [make_position("X", venue)])).detail


def test_difference_within_tolerance_is_counted_and_summed_with_its_sign() -> None:
    ledger = [make_position("AAPL", "10.4"), make_position("KO", "5"), make_position("MSFT", "7")]
    venue = [make_position("AAPL", "10"), make_position("KO", "5.5"), make_position("MSFT", "6.6")]
    comparison = compared(ledger, venue, make_terms(quantity="0.5"))

    assert comparison.discrepancies == ()
    assert comparison.tolerated_sums == (Decimal("0.8"), Decimal("-0.5"))
    assert comparison.tolerated[0] == Tolerated("AAPL", "net", Decimal("0.4"), None)


def test_dust_within_tolerance_on_one_side_alone_is_tolerated_not_missing() -> None:
    terms = make_terms(quantity="0.001")

    assert types(compared([make_position("BTC/USD", "0.001")], [], terms)) == []
    assert types(compared([make_position("BTC/USD", "0.0011")], [], terms)) == ["MISSING_AT_BROKER"]


def test_tolerance_of_a_symbol_goes_before_that_of_the_bot() -> None:
    terms = make_terms(tolerance_of={"BTC/USD": Tolerance(Decimal(1), Decimal(1), Decimal(0))})
    ledger = [make_position("AAPL", "10"), make_position("BTCUSD", "10", "5")]
    venue = [make_position("AAPL", "9.5"), make_position("BTC/USD", "9.5", "9")]

    assert [found.symbol for found in compared(ledger, venue, terms).discrepancies] == ["AAPL"]


@pytest.mark.parametrize(
    ("ledger", "venue", "differs"),
    [
        ("100", "100.50", False),  # less than half a percent of the larger
        ("100", "100.51", True),
        ("0.05", "0.055", False),  # a tenth of it, and not even a cent
        ("0.05", "0.056", True),  # the absolute limit lets no more pass than a tenth
        ("0.00001", "0.00002", True),
        ("1", "1.01", False),
        ("1", "1.011", True),
        ("199", "200", False),  # exactly half a percent
    ],
)
def test_price_differs_where_relative_and_absolute_limit_are_exceeded(
    ledger: str, venue: str, *, differs: bool
) -> None:
    comparison = compared([make_position("AAPL", "10", ledger)], [make_position("AAPL", "10", venue)])

    assert types(comparison) == (["PRICE_MISMATCH"] if differs else [])
    assert len(comparison.tolerated) == (0 if differs else 1)


def test_price_is_compared_also_where_quantities_differ() -> None:
    comparison = compared([make_position("AAPL", "10", "100")], [make_position("AAPL", "20", "150")])

    assert types(comparison) == ["QUANTITY_MISMATCH", "PRICE_MISMATCH"]
    assert comparison.discrepancies[1].exposure == Decimal(1000)


@pytest.mark.parametrize(
    "venue",
    [make_position("AAPL", "10", None), make_position("AAPL", "10", "100", currency="EUR")],
    ids=["no price", "another currency"],
)
def test_price_that_cannot_be_compared_is_unjudged(venue: object) -> None:
    comparison = compared([make_position("AAPL", "10", "100")], [venue])  # type: ignore[list-item]

    assert comparison.discrepancies == ()
    assert comparison.unjudged == {(BOT, "PRICE_MISMATCH", "AAPL", "net")}


def test_dollars_of_every_kind_are_one_currency() -> None:
    ledger = [make_position("BTC/USDT", "1", "100", currency="USDT")]
    venue = [make_position("BTC/USDT", "1", "200", currency="USD")]

    assert types(compared(ledger, venue)) == ["PRICE_MISMATCH"]


def test_legs_are_compared_for_themselves() -> None:
    ledger = [make_position("BTC/USDT", "2", leg="long"), make_position("BTC/USDT", "-1", leg="short")]
    comparison = compared(ledger, ledger[:1])

    assert only(comparison).identity == (BOT, "MISSING_AT_BROKER", "BTC/USDT", "short")
    assert only(comparison).detail.startswith("short leg: ledger holds -1")


def test_symbol_that_one_side_tells_net_and_the_other_by_legs_is_compared_netted() -> None:
    net = [make_position("BTC/USDT", "2")]
    legs = [make_position("BTC/USDT", "5", leg="long"), make_position("BTC/USDT", "-3", leg="short")]

    assert compared(net, legs).discrepancies == compared(legs, net).discrepancies == ()
    assert compared(net, [make_position("BTC/USDT", "2", leg="long")]).discrepancies == ()


def test_netted_legs_that_differ_are_one_break_of_the_net_position() -> None:
    legs = [make_position("BTC/USDT", "5", leg="long"), make_position("BTC/USDT", "-3", leg="short")]
    found = only(compared([make_position("BTC/USDT", "4")], legs))

    assert found.identity == (BOT, "QUANTITY_MISMATCH", "BTC/USDT", "net")
    assert (found.ledger_quantity, found.venue_quantity, found.difference) == (Decimal(4), Decimal(2), Decimal(2))


def test_legs_that_cancel_out_are_no_position_beside_a_net_one() -> None:
    legs = [make_position("BTC/USDT", "5", leg="long"), make_position("BTC/USDT", "-5", leg="short")]

    assert only(compared([make_position("BTC/USDT", "4")], legs)).type is BreakType.MISSING_AT_BROKER
    assert only(compared(legs, [make_position("BTC/USDT", "4")])).type is BreakType.MISSING_IN_DB


def test_each_leg_of_the_ledger_grows_stale_by_itself_also_where_the_venue_nets() -> None:
    legs = [
        make_position("BTC/USDT", "5", leg="long"),
        make_position("BTC/USDT", "-3", leg="short", written_at=NOW - DAY),
    ]
    found = only(compared(legs, [make_position("BTC/USDT", "2")]))

    assert (found.type, found.leg) == (BreakType.STALE_POSITION, "short")


def test_side_that_tells_net_and_legs_of_one_symbol_is_compared_leg_by_leg() -> None:
    mixed = [make_position("BTC/USDT", "2"), make_position("BTC/USDT", "1", leg="long")]

    assert only(compared([make_position("BTC/USDT", "2")], mixed)).leg == "long"


def test_amounts_of_thirty_digits_are_compared_exactly() -> None:
    quantity = "123456789012345.678901234567891"
    other = "123456789012345.678901234567892"
    found = only(compared([make_position("SHIB/USD", quantity)], [make_position("SHIB/USD", other)]))

    assert found.difference == Decimal("-1e-15")


def test_statements_of_two_bots_are_refused() -> None:
    with pytest.raises(ValueError, match="speaks of one, the venue of two"):
        compare(make_statement(bot="one"), make_statement(bot="two"), make_terms(), NOW)


def test_breaks_are_sorted_whatever_the_order_of_positions() -> None:
    book = [make_position(symbol, "1") for symbol in ("MSFT", "AAPL", "KO")]

    assert [found.symbol for found in compared(book, []).discrepancies] == ["AAPL", "KO", "MSFT"]
