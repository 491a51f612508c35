"""What a difference is attributed to: a truth is built, records are left out or distorted, exactly those come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter.domain.attributed import Attribution, Source, details_of
from recon_exporter.domain.attribution import Records, attribute
from recon_exporter.domain.holdings import Holding
from recon_exporter.domain.positions import Activity, ActivityKind, Fee, Fill
from recon_exporter.domain.symbols import Symbols
from support.sides import MINUTE, NOW, PAIR, make_fill, make_fills, match

if TYPE_CHECKING:
    from collections.abc import Sequence

SYMBOLS = Symbols.of({})
POSITION = Holding(PAIR, "net", "BTC", SYMBOLS)
BITCOIN = Holding(None, "net", "BTC", SYMBOLS)
DOLLAR = Holding(None, "net", "USDT", SYMBOLS)
ZERO = Decimal(0)


def bought(place: int, quantity: str, fee: str = "0", symbol: str = PAIR) -> Fill:
    fees = (Fee("BTC", Decimal(fee)),) if Decimal(fee) else ()
    return make_fill(f"t{place}", quantity, at=NOW - MINUTE * (60 - place), fees=fees, symbol=symbol)


def movement(kind: ActivityKind, amount: str, name: str = "a1", asset: str = "BTC") -> Activity:
    return Activity(name, kind, kind.value, None, None, None, Decimal(amount), NOW - 30 * MINUTE, asset)


def told(attribution: Attribution) -> list[tuple[Source, str]]:
    return [(line.source, line.item) for line in attribution.lines]


def attributed(
    gap: str, ledger: Sequence[Fill], venue: Sequence[Fill], holding: Holding = POSITION, **more: object
) -> Attribution:
    found = match(make_fills(*ledger), make_fills(*venue))
    return attribute(holding, Decimal(gap), replace(Records(found, tuple(venue)), **more))  # type: ignore[arg-type]


def test_missing_fill_is_the_difference() -> None:
    fills = (bought(1, "0.5"), bought(2, "-0.2"))

    result = attributed("0.2", fills[:1], fills)

    assert told(result) == [(Source.MISSING_IN_LEDGER, "t2")]
    assert (result.lines[0].amount, result.unexplained) == (Decimal("0.2"), ZERO)
    assert result.lines[0].at == fills[1].at
    assert "sell 0.2" in result.lines[0].words


def test_phantom_fill_is_the_difference() -> None:
    fills = (bought(1, "0.5"), bought(2, "-0.2"))

    assert told(attributed("-0.2", fills, fills[:1])) == [(Source.MISSING_AT_VENUE, "t2")]


def test_fill_of_another_quantity_is_the_difference() -> None:
    assert told(attributed("0.1", (bought(1, "0.6"),), (bought(1, "0.5"),))) == [(Source.DIFFERENT_FILL, "t1")]


def test_fill_told_twice_is_the_difference() -> None:
    one = bought(1, "0.5")

    assert told(attributed("0.5", (one, one), (one,))) == [(Source.DUPLICATE, "t1")]


def test_fill_twice_in_the_list_of_the_venue_changes_nothing_of_what_it_holds() -> None:
    one = bought(1, "0.5")

    assert told(attributed("0", (one,), (one, one))) == []


def test_fee_in_the_base_asset_eats_the_position() -> None:
    fills = tuple(bought(place, "0.5", "0.0005") for place in range(3))

    result = attributed("0.0015", fills, fills)

    assert told(result) == [(Source.FEE, "")]
    assert "fees of 0.0015 BTC of 3 executions" in result.lines[0].words


def test_fees_that_do_not_fit_are_named_as_possible() -> None:
    fills = (bought(1, "0.5", "0.0005"),)

    result = attributed("0.3", fills, fills)

    assert (told(result), result.unexplained) == ([], Decimal("0.3"))
    assert [line.source for line in result.possible] == [Source.FEE]


@pytest.mark.parametrize("deducts", [True, False])
def test_missing_fill_is_told_with_its_fee_as_the_ledger_books_fees(*, deducts: bool) -> None:
    fills = (bought(1, "0.5", "0.0005"), bought(2, "0.2", "0.0002"))
    gap = "-0.1998" if deducts else "-0.1993"

    result = attributed(gap, fills[:1], fills)

    assert result.unexplained == ZERO
    expected = {(Source.MISSING_IN_LEDGER, "t2"), (Source.FEE, "t2")}
    assert set(told(result)) == (expected if deducts else expected | {(Source.FEE, "")})


def test_fee_of_a_missing_fill_counts_once_also_where_the_venue_was_read_twice() -> None:
    fills = (bought(1, "0.5", "0.0005"), bought(2, "0.2", "0.0002"))
    found = match(make_fills(*fills[:1]), make_fills(*fills))
    read_again = tuple(replace(fill) for fill in fills)

    result = attribute(POSITION, Decimal("-0.1993"), Records(found, read_again))

    assert result.unexplained == ZERO


def test_transfer_that_the_ledger_does_not_know_is_the_difference() -> None:
    fills = (bought(1, "0.5"),)
    known, unknown = movement(ActivityKind.TRANSFER, "-0.3"), movement(ActivityKind.TRANSFER, "0.1", "a2")

    result = attributed("-0.1", fills, fills, activities=(known, unknown), booked=(known,))

    assert told(result) == [(Source.TRANSFER, "a2")]


def test_funding_and_conversion_make_up_a_balance_together() -> None:
    activities = (
        movement(ActivityKind.FUNDING, "-1.5", "f1", "USDT"),
        movement(ActivityKind.FUNDING, "-1.25", "f2", "USDT"),
        movement(ActivityKind.CONVERSION, "40", "c1", "USDT"),
        movement(ActivityKind.TRANSFER, "1000", "x1", "USDT"),
    )

    result = attributed("-37.25", (), (), DOLLAR, activities=activities)

    assert told(result) == [(Source.CONVERSION, "c1"), (Source.FUNDING, "f1"), (Source.FUNDING, "f2")]
    assert [line.item for line in result.possible] == ["x1"]


def test_missing_purchase_changes_both_its_assets() -> None:
    fill = bought(1, "0.5")

    assert attributed("-0.5", (), (fill,), BITCOIN).unexplained == ZERO
    assert attributed("30000", (), (fill,), DOLLAR).unexplained == ZERO


def test_derivative_changes_neither_asset_by_its_executions() -> None:
    swap = bought(1, "0.5", symbol="BTC/USDT:USDT")

    assert told(attributed("0.5", (), (swap,), BITCOIN)) == []


def test_what_writing_cuts_off_is_told_as_such_up_to_its_limit() -> None:
    fills = (bought(1, "0.5"),)

    within = attributed("-0.0000019", fills, fills, uncertainty=Decimal("0.000002"))
    beyond = attributed("-0.0000021", fills, fills, uncertainty=Decimal("0.000002"))

    assert (told(within), within.unexplained) == ([(Source.TRUNCATION, "")], ZERO)
    assert (told(beyond), beyond.unexplained) == ([], Decimal("-0.0000021"))


def test_unmatched_fill_that_the_position_knows_does_not_stand_in_the_way_of_what_fits() -> None:
    fills = (bought(1, "0.5"), bought(2, "0.2"))

    result = attributed("-0.1", fills[:1], fills, activities=(movement(ActivityKind.TRANSFER, "0.1"),))

    assert told(result) == [(Source.TRANSFER, "a1")]
    assert [(line.source, line.item) for line in result.possible] == [(Source.MISSING_IN_LEDGER, "t2")]


def test_details_show_every_line_with_id_time_amount_and_words() -> None:
    (line,) = attributed("-0.5", (), (bought(1, "0.5"),)).lines

    assert details_of(attributed("-0.5", (), (bought(1, "0.5"),))) == {
        "explained": Decimal("-0.5"),
        "unexplained": ZERO,
        "lines": (
            {"source": "missing_in_ledger", "item": "t1", "at": line.at, "amount": line.amount, "detail": line.words},
        ),
        "possible": (),
    }


@dataclass(frozen=True)
class Truth:
    """What happened, and which of it the ledger lacks, made up, or has twice; by place in ``fills``."""

    fills: tuple[Fill, ...]
    lost: frozenset[int]
    twice: frozenset[int]
    resized: frozenset[int]
    phantoms: tuple[Fill, ...]
    activities: tuple[Activity, ...]
    unbooked: frozenset[int]

    def ledger(self) -> tuple[Fill, ...]:
        told = []
        for place, fill in enumerate(self.fills):
            if place in self.lost:
                continue
            resized = replace(fill, quantity=fill.quantity * 3)
            told.extend([resized if place in self.resized else fill] * (2 if place in self.twice else 1))
        return (*told, *self.phantoms)

    def gap(self) -> Decimal:
        booked = [one for place, one in enumerate(self.activities) if place not in self.unbooked]
        ours = sum((fill.quantity for fill in self.ledger()), ZERO) + sum((one.amount or ZERO for one in booked), ZERO)
        theirs = sum((fill.quantity for fill in self.fills), ZERO)
        return ours - theirs - sum((one.amount or ZERO for one in self.activities), ZERO)

    def expected(self) -> set[tuple[Source, str]]:
        return (
            {(Source.MISSING_IN_LEDGER, self.fills[place].fill_id) for place in self.lost}
            | {(Source.DUPLICATE, self.fills[place].fill_id) for place in self.twice}
            | {(Source.DIFFERENT_FILL, self.fills[place].fill_id) for place in self.resized}
            | {(Source.MISSING_AT_VENUE, fill.fill_id) for fill in self.phantoms}
            | {(Source.TRANSFER, self.activities[place].activity_id) for place in self.unbooked}
        )


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    """Up to eight fills, each lost, twice, resized or sound; activities whose amounts add up in one way only."""
    count = draw(st.integers(0, 8))
    sizes = draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count))
    signs = draw(st.lists(st.sampled_from([-1, 1]), min_size=count, max_size=count))
    fills = tuple(bought(place, str(sign * size)) for place, (size, sign) in enumerate(zip(sizes, signs, strict=True)))
    fates = draw(st.lists(st.sampled_from(["sound", "lost", "twice", "resized"]), min_size=count, max_size=count))
    places = {fate: frozenset(place for place in range(count) if fates[place] == fate) for fate in set(fates)}
    phantoms = tuple(bought(20 + place, str(size)) for place, size in enumerate(draw(st.lists(st.integers(1, 99)))[:3]))
    moved = draw(st.integers(0, 4))
    activities = tuple(movement(ActivityKind.TRANSFER, f"{2**place}E-6", f"a{place}") for place in range(moved))
    unbooked = draw(st.frozensets(st.integers(0, moved - 1))) if moved else frozenset()
    return Truth(
        fills,
        places.get("lost", frozenset()),
        places.get("twice", frozenset()),
        places.get("resized", frozenset()),
        phantoms,
        activities,
        unbooked,
    )


@given(truth=truths())
@settings(max_examples=300)
def test_exactly_what_was_left_out_or_distorted_comes_back(truth: Truth) -> None:
    result = attributed(str(truth.gap()), truth.ledger(), truth.fills, activities=truth.activities)

    assert (set(told(result)), result.unexplained) == (truth.expected(), ZERO)


@given(truth=truths(), off=st.integers(-(10**6), 10**6), slack=st.integers(0, 9))
def test_lines_and_what_remains_are_together_exactly_the_difference(truth: Truth, off: int, slack: int) -> None:
    gap = truth.gap() + Decimal(off).scaleb(-9)

    result = attributed(
        str(gap), truth.ledger(), truth.fills, activities=truth.activities, uncertainty=Decimal(slack).scaleb(-9)
    )

    assert result.explained + result.unexplained == gap == result.difference
    sizes = [abs(line.amount) for line in result.lines]
    assert sizes == sorted(sizes, reverse=True)
