"""A difference in positions and the fill that is all there is to it are confirmed by the same look, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.checks import fills as fills_check
from recon_exporter.domain.breaks import Break, BreakState, BreakType
from recon_exporter.domain.cycle_breaks import live_on
from recon_exporter.domain.differences import Differences
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.sides import Sides
from support.positions import make_discrepancy
from support.sides import BOT, HOUR, MINUTE, NOW, SECOND, fed, make_fill, make_fills, make_side_terms

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.positions import Fill

LAGS = [timedelta(0), 5 * MINUTE]
TERMS = make_side_terms()
CHECKS = ("positions", "venue_balances")


@dataclass
class Bot:
    """A bot that is looked at each minute, a little late or early; its books hear of a fill ``lag`` late at most."""

    lag: timedelta
    known: tuple[Break, ...] = ()
    looks: int = 0
    confirmed: dict[str, int] = field(default_factory=dict)
    _matcher: FillMatcher = field(default_factory=lambda: FillMatcher(BOT, TERMS))

    def look(self, ledger: tuple[Fill, ...], venue: tuple[Fill, ...], *, differs: bool) -> None:
        """One cycle; confirmed breaks are noted by check with the number of the look."""
        self.looks += 1
        at = NOW + self.looks * MINUTE + (self.looks % 3) * SECOND / 10
        ours = make_fills(*_until(ledger, at), since=NOW - 3 * HOUR, until=at, lag=self.lag)
        match = fed(self._matcher, ours, make_fills(*_until(venue, at), since=NOW - 3 * HOUR, until=at))
        sides = Sides(None, None, match, TERMS, at)
        results = [CheckResult("fills", BOT, differences=fills_check.differences_of(match, TERMS))]
        for check in CHECKS:
            found = replace(make_discrepancy(BreakType.QUANTITY_MISMATCH), bot=BOT, check=check)
            results.insert(0, CheckResult(check, BOT, differences=Differences((found,) if differs else ())))
        lived = live_on(self.known, {BOT: tuple(results)}, {BOT: sides}, at)
        assert [result.check for result in lived.results[BOT]] == [result.check for result in results]
        self.known = lived.breaks
        for one in lived.standing:
            if one.state is BreakState.CONFIRMED:
                self.confirmed.setdefault(one.discrepancy.check, self.looks)


def _until(fills: tuple[Fill, ...], at: datetime) -> tuple[Fill, ...]:
    return tuple(fill for fill in fills if fill.at <= at)


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("second", [1, 20, 40, 59])
def test_lost_fill_and_what_it_makes_of_the_book_are_confirmed_together(lag: timedelta, second: int) -> None:
    bot, lost = Bot(lag), make_fill(at=NOW + second * SECOND)

    for _ in range(12):
        bot.look((), (lost,), differs=True)

    assert set(bot.confirmed) == {"fills", *CHECKS}
    assert len(set(bot.confirmed.values())) == 1, bot.confirmed


def test_fill_that_the_books_hear_of_within_their_lag_is_no_break_at_all() -> None:
    bot, late = Bot(5 * MINUTE), make_fill(at=NOW + 30 * SECOND)

    for number in range(12):
        heard = number >= 4
        bot.look((late,) if heard else (), (late,), differs=not heard)

    assert bot.confirmed == {}


@pytest.mark.parametrize("lag", LAGS)
def test_difference_that_no_fill_can_explain_waits_for_none(lag: timedelta) -> None:
    bot, agreed = Bot(lag), make_fill(at=NOW - MINUTE)

    for _ in range(4):
        bot.look((agreed,), (agreed,), differs=True)

    assert bot.confirmed == dict.fromkeys(CHECKS, 2)


@pytest.mark.parametrize("lag", LAGS)
def test_bot_that_always_has_a_fill_under_way_is_not_waited_for_for_ever(lag: timedelta) -> None:
    bot = Bot(lag)
    fills = tuple(make_fill(f"t{number}", at=NOW + number * MINUTE) for number in range(20))

    for number in range(1, 15):
        at = NOW + number * MINUTE
        heard = tuple(fill for fill in fills if fill.at <= at - 30 * SECOND)
        bot.look(heard, fills, differs=True)

    behind = TERMS.settle + lag
    longest = 1 + (behind + 2 * TERMS.settle) // MINUTE + 1
    assert set(bot.confirmed) == set(CHECKS)
    assert max(bot.confirmed.values()) <= longest


def test_fills_that_are_not_judged_for_hours_hold_nothing_up_for_as_long() -> None:
    """As where a bot has counted fills and does not write them."""
    bot, young = Bot(timedelta(minutes=50)), make_fill(at=NOW + SECOND)

    for _ in range(16):
        bot.look((), (young,), differs=True)

    assert bot.confirmed == dict.fromkeys(CHECKS, 13)
