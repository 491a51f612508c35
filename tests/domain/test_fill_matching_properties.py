"""What holds of the fill matcher for any fills: a truth is told by both sides, and told wrongly by one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_differences import discrepancy
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Fee, Fill, Grain
from support.sides import (
    BOT,
    HOUR,
    MINUTE,
    MIRROR,
    NOW,
    PAIR,
    SECOND,
    by_time,
    fed,
    kinds,
    make_fill,
    make_fills,
    make_side_terms,
    match,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from recon_exporter.domain.differences import Place
    from recon_exporter.domain.fill_match import FillMatch
    from recon_exporter.domain.positions import FillStatement

TERMS = make_side_terms()
SPAN = 2 * HOUR - 5 * MINUTE
"""How long ago the oldest fill of a truth is at most: well inside what both sides cover."""


@st.composite
def executions(draw: st.DrawFn, place: int) -> Fill:
    size = draw(st.integers(1, 10**6)) * draw(st.sampled_from([-1, 1]))
    order = f"o{draw(st.integers(0, 3))}{'b' if size > 0 else 's'}"
    fees = draw(st.sampled_from([(), (Fee("BNB", Decimal("0.001")),), (Fee("USDT", Decimal("-0.5")),)]))
    return make_fill(
        f"t{place}",
        str(Decimal(size).scaleb(-4)),
        str(draw(st.integers(1, 10**6))),
        at=NOW - timedelta(seconds=draw(st.integers(90, int(SPAN.total_seconds())))),
        symbol=draw(st.sampled_from([PAIR, "ETH/USDT"])),
        order_id=order,
        client_order_id=f"c{order}",
        fees=fees,
    )


@st.composite
def truths(draw: st.DrawFn) -> tuple[Fill, ...]:
    return by_time(draw(executions(place)) for place in range(draw(st.integers(0, 12))))


@dataclass(frozen=True)
class Told:
    """What one side makes of a truth, and what must be found of it where the other tells the truth."""

    fills: tuple[Fill, ...]
    expected: Counter[tuple[BreakType, str]]


@st.composite
def distorted(draw: st.DrawFn, truth: tuple[Fill, ...]) -> Told:
    """Each fill is told well, left out, told twice, or told with another quantity, side, price or fee."""
    fills: list[Fill] = []
    expected: Counter[tuple[BreakType, str]] = Counter()
    changes: dict[str, Callable[[Fill], Fill]] = {
        BreakType.FILL_QUANTITY: lambda fill: replace(fill, quantity=fill.quantity * draw(st.sampled_from([2, -1]))),
        BreakType.FILL_PRICE: lambda fill: replace(fill, price=fill.price + 1),
        BreakType.FILL_FEE: lambda fill: replace(fill, fees=(Fee("BGB", Decimal(7)),)),
    }
    for fill in truth:
        fate = draw(st.sampled_from(["well", "well", "lost", "twice", *changes]))
        if fate == "lost":
            expected[BreakType.FILL_MISSING_IN_LEDGER, fill.fill_id] += 1
        elif fate == "twice":
            fills += [fill, fill]
            expected[BreakType.FILL_DUPLICATE, fill.fill_id] += 1
        elif fate in changes:
            fills.append(changes[fate](fill))
            expected[BreakType(fate), fill.fill_id] += 1
        else:
            fills.append(fill)
    return Told(tuple(fills), expected)


pairs = truths().flatmap(lambda truth: st.tuples(st.just(truth), distorted(truth)))


@given(truth=truths())
def test_side_agrees_with_itself(truth: tuple[Fill, ...]) -> None:
    result = match(make_fills(*truth), make_fills(*truth))

    assert (kinds(result), result.unlike, result.deferred, result.matched) == ([], (), 0, len(truth))


@given(pair=pairs)
@settings(max_examples=300)
def test_exactly_what_was_told_wrongly_is_found(pair: tuple[tuple[Fill, ...], Told]) -> None:
    truth, told = pair

    result = match(make_fills(*told.fills), make_fills(*truth))

    assert Counter(kinds(result)) == told.expected
    assert result.unlike == ()


@given(pair=pairs)
def test_swapped_sides_give_the_mirror_image(pair: tuple[tuple[Fill, ...], Told]) -> None:
    truth, told = pair

    there = match(make_fills(*told.fills), make_fills(*truth))
    back = match(make_fills(*truth), make_fills(*told.fills))

    assert sorted((MIRROR.get(kind, kind), item) for kind, item in kinds(there)) == kinds(back)
    ours = {one.item: discrepancy(BOT, one, TERMS) for one in there.differences}
    theirs = {one.item: discrepancy(BOT, one, TERMS) for one in back.differences}
    for item, one in ours.items():
        assert one.difference is None or theirs[item].difference == -one.difference
        assert (one.ledger_quantity, one.venue_quantity) == (theirs[item].venue_quantity, theirs[item].ledger_quantity)


@given(pair=pairs, steps=st.lists(st.integers(0, 600), max_size=8), reread=st.integers(0, 3))
@settings(max_examples=200)
def test_any_steps_and_readings_again_give_what_one_look_gives(
    pair: tuple[tuple[Fill, ...], Told], steps: list[int], reread: int
) -> None:
    truth, told = pair
    matcher = FillMatcher(BOT, TERMS)
    found: dict[Place, set[BreakType]] = {}
    moments = sorted({*(NOW - SPAN + timedelta(seconds=step * 10) for step in steps), NOW})
    for until in [moment for moment in moments for _ in range(reread + 1)]:
        since = NOW - 3 * HOUR if until == moments[0] else matcher.since(until)
        seen = fed(matcher, _read(told.fills, since, until), _read(truth, since, until))
        assert seen.skipped is None
        found.update(_types(seen))

    assert found == _types(match(make_fills(*told.fills), make_fills(*truth)))


def _types(result: FillMatch) -> dict[Place, set[BreakType]]:
    types: dict[Place, set[BreakType]] = {}
    for one in result.differences:
        types.setdefault(one.place, set()).add(one.type)
    return types


def _read(fills: Iterable[Fill], since: datetime, until: datetime) -> FillStatement:
    return make_fills(*(fill for fill in fills if since <= fill.at <= until), since=since, until=until)


@given(pair=pairs, start=st.integers(0, 180), end=st.integers(0, 180))
def test_nothing_outside_what_both_cover_is_judged(pair: tuple[tuple[Fill, ...], Told], start: int, end: int) -> None:
    truth, told = pair
    since, until = NOW - start * MINUTE, NOW - end * MINUTE

    part = _read(told.fills, since, until)
    result = FillMatcher(BOT, make_side_terms()).feed(part, make_fills(*truth), part)
    if isinstance(result, UnverifiedSide):
        assert until - since <= 2 * MINUTE
        return

    assert all(since <= one.at <= until for one in result.differences)
    whole = match(make_fills(*told.fills), make_fills(*truth))
    assert set(kinds(result)) <= set(kinds(whole))
    inside = {(one.type, one.item) for one in whole.differences if result.window.holds(one.at)}
    assert set(kinds(result)) == inside


@given(pair=pairs)
def test_young_fills_wait_and_are_then_found(pair: tuple[tuple[Fill, ...], Told]) -> None:
    truth, told = pair
    matcher = FillMatcher(BOT, make_side_terms(settle=3 * HOUR))

    early = matcher.feed(make_fills(*told.fills), make_fills(*truth), make_fills(*told.fills))
    later = NOW + 4 * HOUR
    second = fed(matcher, make_fills(*told.fills, until=later), make_fills(*truth, until=later))

    assert isinstance(early, UnverifiedSide)
    assert early.why.reason is Reason.SOURCE_INCOMPLETE
    assert Counter(kinds(second)) == told.expected


@given(truth=truths())
def test_orders_agree_with_their_executions(truth: tuple[Fill, ...]) -> None:
    rows = _as_orders(truth)

    for ledger, venue in ((rows, truth), (truth, rows)):
        result = match(make_fills(*ledger, grain=Grain.ORDER, price_quantum=Decimal("1e-18")), make_fills(*venue))
        assert (kinds(result), result.unlike) == ([], ())


@given(truth=truths(), data=st.data())
def test_order_level_finds_what_execution_level_finds_summed(truth: tuple[Fill, ...], data: st.DataObject) -> None:
    lost = data.draw(st.frozensets(st.sampled_from(truth))) if truth else frozenset()
    kept = tuple(fill for fill in truth if fill not in lost)

    by_execution = match(make_fills(*kept), make_fills(*truth))
    by_order = match(make_fills(*kept, has_venue_ids=False), make_fills(*truth))

    assert {fill.order_id for one in by_execution.differences for fill in one.venue} == {
        one.item for one in by_order.differences
    }
    sums = [
        sum(discrepancy(BOT, one, TERMS).difference or 0 for one in found.differences)
        for found in (by_execution, by_order)
    ]
    assert sums[0] == sums[1]


@given(pair=pairs, late=st.integers(0, 110))
def test_lag_within_what_a_side_states_changes_nothing(pair: tuple[tuple[Fill, ...], Told], late: int) -> None:
    truth, told = pair
    fills = tuple(replace(fill, at=fill.at + late * SECOND) for fill in told.fills)
    until = NOW + 5 * MINUTE

    result = match(make_fills(*fills, lag=2 * MINUTE, until=until), make_fills(*truth, until=until))

    assert Counter(kinds(result)) == told.expected


@given(truth=truths(), digits=st.integers(0, 3))
def test_truncation_that_a_side_states_is_tolerated_and_summed(truth: tuple[Fill, ...], digits: int) -> None:
    quantum = Decimal(1).scaleb(-digits)
    written = tuple(
        replace(fill, quantity=_cut(fill.quantity, digits)) for fill in truth if _cut(fill.quantity, digits)
    )
    kept = tuple(fill for fill in truth if _cut(fill.quantity, digits))

    result = match(make_fills(*written, quantum=quantum), make_fills(*kept))

    assert kinds(result) == []
    lost = sum((ours.quantity - theirs.quantity for ours, theirs in zip(written, kept, strict=True)), Decimal(0))
    assert sum(result.tolerated, Decimal(0)) == lost


def _cut(value: Decimal, digits: int) -> Decimal:
    return Decimal(int(value.scaleb(digits))).scaleb(-digits)


def _as_orders(fills: Iterable[Fill]) -> tuple[Fill, ...]:
    """One row for each order, as a bot keeps it that sums up."""
    orders: dict[tuple[str, str | None], list[Fill]] = {}
    for fill in fills:
        orders.setdefault((fill.symbol, fill.order_id), []).append(fill)
    rows = []
    for (_, order), parts in orders.items():
        quantity = sum(part.quantity for part in parts)
        cost = sum(part.quantity * part.price for part in parts)
        fees: Counter[str] = Counter()
        for part in parts:
            for fee in part.fees or ():
                fees[fee.asset] += fee.amount  # type: ignore[assignment]  # a counter of amounts
        paid = tuple(Fee(asset, Decimal(amount)) for asset, amount in fees.items())
        price = Decimal(cost) / Decimal(quantity)
        rows.append(replace(parts[-1], fill_id=f"row {order}", quantity=Decimal(quantity), price=price, fees=paid))
    return by_time(rows)
