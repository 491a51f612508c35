"""Every run finds one known break of each type, or says which it can no longer see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

import pytest

from recon_exporter.domain.breaks import EOD_TYPES, BreakType
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.eod_canaries import BOT, canary_statements, missed_canaries
from support.positions import NOW, make_terms

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.positions import PositionStatement
    from recon_exporter.domain.terms import Terms

ALL = tuple(kind.value for kind in EOD_TYPES)


@pytest.mark.parametrize(
    "terms",
    [
        make_terms(),
        make_terms(quantity="5000000000", price_absolute="1000", price_relative="0.9"),
        make_terms(stale_after=timedelta(seconds=1)),
        make_terms(currency="EUR", aliases={"FB": "META"}),
    ],
    ids=["built-in", "very tolerant", "impatient", "another currency"],
)
def test_all_five_are_found_under_any_sensible_terms(terms: Terms) -> None:
    assert missed_canaries(compare, terms, NOW) == ()


def test_each_type_is_found_once_and_nothing_else() -> None:
    found = compare(*canary_statements(make_terms(), NOW), make_terms(), NOW).discrepancies

    assert sorted(one.type for one in found) == sorted(EOD_TYPES)
    assert {one.bot for one in found} == {BOT}


@pytest.mark.parametrize("blind", EOD_TYPES)
def test_comparison_that_is_blind_to_one_type_misses_its_canary(blind: BreakType) -> None:
    def blinded(ledger: PositionStatement, venue: PositionStatement, terms: Terms, now: datetime) -> Comparison:
        seen = compare(ledger, venue, terms, now)
        return replace(seen, discrepancies=tuple(one for one in seen.discrepancies if one.type is not blind))

    assert missed_canaries(blinded, make_terms(), NOW) == (blind.value,)


def test_comparison_that_raises_misses_all() -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("broken")

    assert missed_canaries(broken, make_terms(), NOW) == ALL


def test_stale_canary_is_not_expected_where_the_test_is_off() -> None:
    def blind(*_: object) -> Comparison:
        return Comparison(BOT, (), 0, (), frozenset(), stale_judged=False)

    assert missed_canaries(blind, make_terms(stale_after=None), NOW) == ALL[:-1]
    assert missed_canaries(compare, make_terms(stale_after=None), NOW) == ()


def test_tolerance_under_which_no_price_differs_is_noticed() -> None:
    assert missed_canaries(compare, make_terms(price_relative="1"), NOW) == ("PRICE_MISMATCH",)
