"""One name for one instrument, whichever side uses which."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recon_exporter.domain.symbols import Symbols, contract_size, quote_currency
from support.positions import HOUR, NOW, compared, make_position, make_terms


@pytest.mark.parametrize(
    ("symbol", "canonical"),
    [
        ("BTCUSD", "BTC/USD"),
        ("BTC/USD", "BTC/USD"),
        ("BTC-USDT", "BTC/USDT"),
        ("BTC_USDC", "BTC/USDC"),
        ("USDCUSDT", "USDC/USDT"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("BTC-USDT:USDT", "BTC/USDT:USDT"),
        ("AAPL", "AAPL"),
        ("GBTC", "GBTC"),
        ("BRK.B", "BRK.B"),
        ("BRK-B", "BRK-B"),
        ("USD", "USD"),
        ("AAPL240119C00100000", "AAPL240119C00100000"),
        ("AAPL  240119C00100000", "AAPL240119C00100000"),
        ("two words", "two words"),
    ],
)
def test_spellings_of_one_instrument_meet(symbol: str, canonical: str) -> None:
    symbols = Symbols.of({})

    assert symbols.canonical(symbol) == canonical
    assert symbols.canonical(canonical) == canonical


def test_broker_symbol_without_slash_is_the_pair() -> None:
    assert compared([make_position("BTC/USD", "0.5")], [make_position("BTCUSD", "0.5")]).discrepancies == ()


@pytest.mark.parametrize(("ledger", "venue"), [("FB", "META"), ("META", "FB"), ("FB", "FB"), ("META", "META")])
def test_alias_holds_both_ways(ledger: str, venue: str) -> None:
    terms = make_terms(aliases={"FB": "META"})
    comparison = compared([make_position(ledger, "2")], [make_position(venue, "1")], terms)

    assert [found.symbol for found in comparison.discrepancies] == ["META"]


def test_alias_may_be_written_in_any_spelling_of_a_pair() -> None:
    terms = make_terms(aliases={"XBTUSD": "BTC-USD"})

    assert compared([make_position("XBT/USD", "1")], [make_position("BTCUSD", "1")], terms).discrepancies == ()


def test_break_says_what_each_side_calls_the_symbol() -> None:
    terms = make_terms(aliases={"FB": "META"})
    (found,) = compared([make_position("FB", "2")], [], terms).discrepancies

    assert "(ledger calls it FB)" in found.detail


def test_alias_of_an_alias_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="alias FB leads to META, which is an alias of MVRS"):
        Symbols.of({"FB": "META", "META": "MVRS"})


def test_alias_of_itself_is_none() -> None:
    assert Symbols.of({"BTCUSD": "BTC/USD"}).canonical("BTCUSD") == "BTC/USD"


def test_two_ledger_symbols_of_one_alias_are_summed_at_their_weighted_price() -> None:
    ledger = [make_position("FB", "1", "100"), make_position("META", "3", "200")]
    terms = make_terms(aliases={"FB": "META"})

    assert compared(ledger, [make_position("META", "4", "175")], terms).discrepancies == ()
    (found,) = compared(ledger, [], terms).discrepancies
    assert (found.ledger_quantity, found.ledger_price) == (Decimal(4), Decimal(175))


def test_symbols_of_one_alias_that_cancel_out_are_no_position() -> None:
    terms = make_terms(aliases={"FB": "META"})
    ledger = [make_position("FB", "1"), make_position("META", "-1")]

    assert compared(ledger, [], terms).discrepancies == ()


def test_symbols_of_one_alias_on_opposite_sides_have_no_average_price() -> None:
    terms = make_terms(aliases={"FB": "META"})
    ledger = [make_position("FB", "3", "100"), make_position("META", "-1", "200")]
    comparison = compared(ledger, [make_position("META", "2", "500")], terms)

    assert (comparison.discrepancies, len(comparison.unjudged)) == ((), 1)


def test_position_under_two_names_is_as_fresh_as_the_name_written_last() -> None:
    terms = make_terms(aliases={"FB": "META"}, stale_after=2 * HOUR)
    ledger = [
        make_position("FB", "1", written_at=NOW - 9 * HOUR),
        make_position("META", "1", written_at=NOW - HOUR),
    ]

    assert compared(ledger, [make_position("META", "2")], terms).discrepancies == ()


@pytest.mark.parametrize(
    ("ledger", "venue"),
    [("aapl", "AAPL"), ("AAPL", "aapl"), ("aapl", "aApl"), ("btcusd", "BTC/USD"), ("Brk.b", "BRK.B")],
)
def test_symbols_that_differ_in_case_only_are_one(ledger: str, venue: str) -> None:
    comparison = compared([make_position(ledger, "2")], [make_position(venue, "1")])

    assert [found.type.value for found in comparison.discrepancies] == ["QUANTITY_MISMATCH"]
    assert comparison.compared == 1


def test_break_says_how_each_side_writes_a_symbol_that_they_write_otherwise() -> None:
    (found,) = compared([make_position("aapl", "2")], [make_position("aApl", "1")]).discrepancies

    assert found.symbol == "AAPL"
    assert "(ledger calls it aapl, venue calls it aApl)" in found.detail


@pytest.mark.parametrize("doubled", ["ledger", "venue"])
def test_symbols_that_one_side_tells_apart_by_their_case_stay_apart(doubled: str) -> None:
    both, one = [make_position("TEST", "1"), make_position("test", "2")], [make_position("Test", "3")]
    comparison = compared(both, one) if doubled == "ledger" else compared(one, both)

    assert [found.symbol for found in comparison.discrepancies] == ["TEST", "Test", "test"]


def test_symbol_in_another_case_than_its_alias_is_the_alias() -> None:
    terms = make_terms(aliases={"FB": "META"})

    assert compared([make_position("fb", "1")], [make_position("META", "1")], terms).discrepancies == ()


def test_contract_of_a_listed_option_is_a_hundred_shares() -> None:
    assert contract_size("AAPL240119C00100000") == Decimal(100)
    assert contract_size("AAPL") == contract_size("BTC/USD") == Decimal(1)


def test_only_pairs_have_a_quote_currency() -> None:
    assert quote_currency("BTC/USDT:USDT") == "USDT"
    assert quote_currency("AAPL") is None
