"""Fills without an id that the other side knows: what looks like them explains them, and nothing here makes a break."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from recon_exporter.domain import fill_words
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.fill_joining import Joined
from recon_exporter.domain.fill_likeness import Likeness, Unit
from recon_exporter.domain.fill_links import Fills, Link
from recon_exporter.domain.fill_look import Look, Told
from recon_exporter.domain.fill_match import FillDifference
from recon_exporter.domain.positions import Fill

_LACKING = frozenset({BreakType.FILL_MISSING_IN_LEDGER, BreakType.FILL_MISSING_AT_VENUE})


def without_alike(lone: Sequence[Link], joined: Joined, look: Look, told: Told) -> Sequence[Link]:
    """What is left of the links that stand alone, without those that a nameless fill of the other side looks like."""
    ours, theirs = joined.nameless_ledger, joined.nameless_venue
    if not ours and not theirs:
        return lone
    at_venue = Likeness((*_units_of(lone, "venue"), *_singles(theirs, look)), look.near, look.allowed)
    in_ledger = Likeness(_units_of(lone, "ledger"), look.near, look.allowed)
    for unit in _singles(ours, look):
        _seek(unit, at_venue, "ledger", look, told)
    for unit in _singles([fill for fill in theirs if not at_venue.is_taken(fill)], look):
        _seek(unit, in_ledger, "venue", look, told)
    left = (
        replace(link, ledger=_untaken(link.ledger, in_ledger), venue=_untaken(link.venue, at_venue)) for link in lone
    )
    return [link for link in left if link.fills]


def with_resembling(
    differences: Sequence[FillDifference], standing: Iterable[Link], look: Look
) -> Sequence[FillDifference]:
    """Those that one side lacks, each with what looks the same among the fills that the other side lacks."""
    is_any = any(one.type in _LACKING for one in differences)
    if not is_any or len(differences) > look.terms.mass_limit:
        return differences
    lone = [link for link in standing if not link.ledger or not link.venue]
    others = {
        BreakType.FILL_MISSING_IN_LEDGER: ("ledger", Likeness(_units_of(lone, "ledger"), look.near, look.allowed)),
        BreakType.FILL_MISSING_AT_VENUE: ("venue", Likeness(_units_of(lone, "venue"), look.near, look.allowed)),
    }
    return [_explained(one, *others[one.type]) if one.type in others else one for one in differences]


def _explained(one: FillDifference, side: str, likeness: Likeness) -> FillDifference:
    found = likeness.like(Unit.of(one.symbol, one.venue or one.ledger))
    if found is None:
        return one
    return replace(one, words=one.words + fill_words.resembling(found.fills[0], side), resembles=found.fills[0])


def _seek(unit: Unit, others: Likeness, side: str, look: Look, told: Told) -> None:
    if others.take(unit) is not None:
        told.alike += 1
    elif unit.at > look.window.until:
        told.deferred += 1
    elif look.window.holds(unit.at) and look.covers(unit.symbol):
        ours, theirs = (unit.fills, ()) if side == "ledger" else ((), unit.fills)
        told.tell_unlike(Link(unit.symbol, "", ours, theirs), fill_words.unlike(unit.fills, side))


def _singles(fills: Iterable[Fill], look: Look) -> list[Unit]:
    return [Unit.of(look.names[fill.symbol], (fill,)) for fill in fills]


def _units_of(lone: Iterable[Link], side: str) -> Iterator[Unit]:
    """Whole links, and the single executions of those that have several."""
    for link in lone:
        fills: Fills = getattr(link, side)
        if fills:
            yield Unit.of(link.symbol, fills)
        if len(fills) > 1:
            yield from (Unit.of(link.symbol, (fill,)) for fill in fills)


def _untaken(fills: Fills, likeness: Likeness) -> Fills:
    return tuple(fill for fill in fills if not likeness.is_taken(fill))
