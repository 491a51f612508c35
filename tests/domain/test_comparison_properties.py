"""What holds for every two books: mirrors, self-agreement, order, and that distortions are found and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.scope import Scope
from support.positions import DAY, NOW, compared, make_position, make_terms

if TYPE_CHECKING:
    from random import Random

    from recon_exporter.domain.comparison import Comparison
    from recon_exporter.domain.statement import Position

MIRRORED = {
    BreakType.MISSING_AT_BROKER: BreakType.MISSING_IN_DB,
    BreakType.MISSING_IN_DB: BreakType.MISSING_AT_BROKER,
    BreakType.QUANTITY_MISMATCH: BreakType.QUANTITY_MISMATCH,
    BreakType.PRICE_MISMATCH: BreakType.PRICE_MISMATCH,
}
SYMBOLS = ("AAPL", "aapl", "BTC/USD", "BTCUSD", "btcusd", "FB", "META", "AAPL240119C00100000")
LEGS = ("net", "long", "short")
NO_AGE = make_terms(aliases={"FB": "META"}, quantity="0.01", stale_after=None)

amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=4).filter(bool)
prices = st.none() | st.decimals(min_value="0.0001", max_value=10**5, places=4)
currencies = st.sampled_from(["USD", "USDT", None])


@st.composite
def books(draw: st.DrawFn) -> list[Position]:
    keys = draw(st.lists(st.tuples(st.sampled_from(SYMBOLS), st.sampled_from(LEGS)), unique=True))
    return [
        replace(
            make_position(symbol, "1", leg=leg, currency=draw(currencies)),
            quantity=draw(amounts),
            average_price=draw(prices),
        )
        for symbol, leg in keys
    ]


def negated(difference: Decimal | None) -> Decimal | None:
    """Exactly: the minus sign alone would round to the digits of the ordinary context."""
    return None if difference is None else difference.copy_negate()


def facts(comparison: Comparison) -> list[tuple[object, ...]]:
    return [
        (found.type, found.symbol, found.leg, found.difference, found.severity, found.auto_halt)
        for found in comparison.discrepancies
    ]


@given(books(), books())
def test_swapping_sides_mirrors_the_verdict(one: list[Position], other: list[Position]) -> None:
    mirrored = [
        (MIRRORED[found.type], found.symbol, found.leg, negated(found.difference), found.severity, found.auto_halt)
        for found in compared(other, one, NO_AGE).discrepancies
    ]

    assert sorted(facts(compared(one, other, NO_AGE)), key=repr) == sorted(mirrored, key=repr)


@given(books(), books())
def test_swapping_sides_negates_what_was_tolerated(one: list[Position], other: list[Position]) -> None:
    there, back = (compared(*sides, NO_AGE).tolerated_sums for sides in ((one, other), (other, one)))

    assert there == (-back[1], -back[0])


@given(books(), books(), st.none() | st.sets(st.sampled_from(SYMBOLS)), st.sets(st.sampled_from(SYMBOLS)))
def test_scope_takes_away_its_own_differences_and_no_others(
    one: list[Position], other: list[Position], only: set[str] | None, without: set[str]
) -> None:
    scope = Scope.of(NO_AGE.symbols, only, without)
    ours, theirs = ([held for held in book if scope.holds(held.symbol)] for book in (one, other))

    expected = [fact for fact in facts(compared(one, other, NO_AGE)) if scope.holds(str(fact[1]))]
    assert facts(compared(ours, theirs, NO_AGE)) == expected


@given(books())
def test_a_ledger_agrees_with_itself(book: list[Position]) -> None:
    comparison = compared(book, book, NO_AGE)

    assert (comparison.discrepancies, comparison.tolerated) == ((), ())


@given(books(), books(), st.randoms(use_true_random=False))
def test_order_of_positions_is_irrelevant(one: list[Position], other: list[Position], random: Random) -> None:
    mixed, mixed_other = (random.sample(book, len(book)) for book in (one, other))

    assert facts(compared(mixed, mixed_other, NO_AGE)) == facts(compared(one, other, NO_AGE))


Sums = dict[tuple[str, str], Decimal]


def sums(book: list[Position], names: dict[str, str], netted: set[str]) -> Sums:
    """The quantities by name and leg, added up without any of the code under test but the names of aliases."""
    added: Sums = {}
    for side in book:
        canonical = NO_AGE.symbols.canonical(side.symbol)
        name = names.get(canonical, canonical)
        key = (name, "net" if name in netted else side.leg)
        added[key] = added.get(key, Decimal(0)) + side.quantity
    return {key: quantity for key, quantity in added.items() if quantity}


def in_common(one: list[Position], other: list[Position]) -> tuple[Sums, Sums]:
    """Both books by the keys that they share: capitals do not part what no side parts, nor legs what one side nets."""
    plain_books = [sums(book, {}, set()) for book in (one, other)]
    names: dict[str, str] = {}
    for shared in ("AAPL", "BTC/USD"):
        alike = {shared, shared.lower().replace("/", "")}
        spelt = [alike & {symbol for symbol, _ in book} for book in plain_books]
        if spelt[0] != spelt[1] and all(len(side) == 1 for side in spelt):
            names |= dict.fromkeys(spelt[0] | spelt[1], shared)
    named = [sums(book, names, set()) for book in (one, other)]
    netted = set()
    for symbol in {symbol for book in named for symbol, _ in book}:
        first, second = ({leg for name, leg in book if name == symbol} for book in named)
        if (first == {"net"} and second and "net" not in second) or (
            second == {"net"} and first and "net" not in first
        ):
            netted.add(symbol)
    return sums(one, names, netted), sums(other, names, netted)


@given(books(), books())
def test_breaks_in_quantity_are_those_of_plain_subtraction(one: list[Position], other: list[Position]) -> None:
    ours, theirs = in_common(one, other)
    gaps = {key: (ours.get(key, Decimal(0)), theirs.get(key, Decimal(0))) for key in ours | theirs}
    expected = {key: own - there for key, (own, there) in gaps.items() if abs(own - there) > NO_AGE.tolerance.quantity}
    expected |= {key: own - there for key, (own, there) in gaps.items() if own * there < 0}

    found = compared(one, other, NO_AGE).discrepancies

    assert {one.identity[2:]: one.difference for one in found if one.type != "PRICE_MISMATCH"} == expected


distortions = st.sampled_from(["none", "drop ledger", "drop venue", "quantity", "price", "age"])
EXPECTED = {
    "none": None,
    "drop ledger": BreakType.MISSING_IN_DB,
    "drop venue": BreakType.MISSING_AT_BROKER,
    "quantity": BreakType.QUANTITY_MISMATCH,
    "price": BreakType.PRICE_MISMATCH,
    "age": BreakType.STALE_POSITION,
}


@given(st.lists(distortions, max_size=12))
def test_distorting_a_true_book_gives_back_exactly_those_breaks(kinds: list[str]) -> None:
    ledger, venue = [], []
    for place, kind in enumerate(kinds):
        true = make_position(f"SYM{place:02d}", "10")
        distorted = {
            "quantity": replace(true, quantity=Decimal("10.5")),
            "price": replace(true, average_price=Decimal(101)),
            "age": replace(true, written_at=NOW - 2 * DAY),
        }
        ledger += [] if kind == "drop ledger" else [distorted.get(kind, true)]
        venue += [] if kind == "drop venue" else [true]

    found = [(one.type, one.symbol) for one in compared(ledger, venue).discrepancies]

    assert found == [(EXPECTED[kind], f"SYM{place:02d}") for place, kind in enumerate(kinds) if kind != "none"]
