"""What cycles remember of breaks: all that stand, and the latest of those that are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from recon_exporter.domain.breaks import Break, BreakState, BreakType
from recon_exporter.domain.cycle_breaks import KEPT_RESOLVED, Lived, live_on
from recon_exporter.domain.differences import Differences
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.sides import Sides
from support.positions import NOW, make_discrepancy
from support.sides import make_side_terms

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.breaks import Discrepancy

CHECK = "positions"
SECOND = timedelta(seconds=1)


def differing(number: int) -> Discrepancy:
    return replace(make_discrepancy(BreakType.QUANTITY_MISMATCH), check=CHECK, symbol=f"S{number:05}")


def look(known: tuple[Break, ...], at: datetime, *found: Discrepancy) -> Lived:
    bot = differing(0).bot
    sides = {bot: Sides(None, None, None, make_side_terms(), at)}
    return live_on(known, {bot: (CheckResult(CHECK, bot, differences=Differences(found)),)}, sides, at)


def test_memory_of_resolved_breaks_ends_with_the_latest_while_all_are_written_down() -> None:
    count = KEPT_RESOLVED + 250
    opened = look((), NOW, *map(differing, range(count)))
    first_ended = look(opened.breaks, NOW + SECOND, *map(differing, range(100, count)))
    all_ended = look(first_ended.breaks, NOW + 2 * SECOND, differing(count - 1))

    assert len(opened.breaks) == count
    assert (len(first_ended.changed), len(all_ended.changed)) == (count, count - 100)
    assert len(all_ended.breaks) == KEPT_RESOLVED + 1
    assert [one.discrepancy.symbol for one in all_ended.standing] == [differing(count - 1).symbol]
    ends = {one.resolved_at for one in all_ended.breaks}
    assert ends == {None, NOW + 2 * SECOND}


def test_break_that_is_kept_recurs_and_one_that_is_forgotten_begins_anew() -> None:
    count = KEPT_RESOLVED + 1
    known = look((), NOW, *map(differing, range(count))).breaks
    known = look(known, NOW + SECOND, *map(differing, range(1, count))).breaks
    known = look(known, NOW + 2 * SECOND).breaks
    again = look(known, NOW + 3 * SECOND, differing(0), differing(5)).standing

    assert {one.discrepancy.symbol: one.recurrences for one in again} == {"S00000": 0, "S00005": 1}


def test_what_stands_is_never_forgotten() -> None:
    count = KEPT_RESOLVED + 10
    known = look((), NOW, *map(differing, range(count))).breaks

    assert {one.state for one in known} == {BreakState.OPEN}
    assert len(look(known, NOW + SECOND, *map(differing, range(count))).breaks) == count
