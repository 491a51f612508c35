"""Charts of drift: gaps where nothing was evaluated, limits where they are, words for who cannot see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.drift_history import KEPT, Look, with_look
from recon_exporter.web.drift_chart import DRAWN_BOTS, HEIGHT, WIDTH, Chart, drifts
from support.break_reports import with_drift
from support.evidence import NOW
from support.html_document import Document
from support.reports import broken_report, healthy_report, large_report, make_report, make_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.serving import Served

REPORT = make_report(make_verdict("bot1"))


def looks(*values: float | None) -> tuple[Look, ...]:
    """One look a minute with this inventory drift."""
    return tuple(
        Look(NOW + number * timedelta(minutes=1), {"bot1": (value, None)}) for number, value in enumerate(values)
    )


def chart(history: Sequence[Look]) -> Chart:
    (row,) = drifts(history, REPORT, ["bot1"]).rows
    drawn, absent = row.charts
    assert absent is None
    assert drawn is not None
    return drawn


def points(line: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, point.split(","))) for point in line.split()]


def test_what_was_not_evaluated_is_a_gap() -> None:
    drawn = chart(looks(0.1, 0.2, None, 0.3, None, 0.1, 0.1))

    assert [len(points(line)) for line in drawn.lines] == [2, 2]
    assert len(drawn.dots) == 1
    assert "not evaluated in 2 of them" in drawn.words


def test_latest_value_is_unknown_where_the_latest_report_has_none() -> None:
    assert chart(looks(0.1, 0.2)).now == "0.2"
    assert chart(looks(0.1, None)).now == "UNKNOWN"


def test_next_to_nothing_is_said_in_words() -> None:
    assert chart(looks(0.1, 0.00002832)).now == "below 0.0001"
    assert chart(looks(0.1, 0.0)).now == "0"
    assert chart(looks(0.1, 0.0001)).now == "0.0001"


def test_bot_without_any_value_has_no_chart() -> None:
    (row,) = drifts((Look(NOW, {"bot1": (None, None)}),), REPORT, ["bot1"]).rows

    assert row.charts == (None, None)
    assert drifts((Look(NOW, {}),), REPORT, ["bot1"]).rows == ()
    assert drifts((), REPORT, ["bot1"]).reports == 0


@pytest.mark.parametrize("values", [(0.0,), (0.0, 0.0), (5.0, 0.1), (-3.0, 2.0), (1e300, 0.0), (float("inf"), 0.1)])
def test_every_value_is_drawn_within_the_picture(values: tuple[float, ...]) -> None:
    drawn = chart(looks(*values))
    drawn_points = [*drawn.dots, *(point for line in drawn.lines for point in points(line))]

    assert drawn_points
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn_points)
    assert HEIGHT > drawn.warning > drawn.critical > 0 or max(map(abs, values)) > 1e9


def test_higher_drift_stands_higher_and_limits_are_where_values_would_be() -> None:
    limit = float(REPORT.bots[0].policy.limit("inventory_warn"))
    drawn = chart(looks(limit, limit / 2))
    (line,) = drawn.lines
    (_, at_limit), (_, below) = points(line)

    assert at_limit == drawn.warning < below


def test_history_keeps_the_newest_reports_and_only_bots_that_were_evaluated() -> None:
    history: tuple[Look, ...] = ()
    for number in range(KEPT + 5):
        history = with_look(history, replace(broken_report(), at=NOW + number * timedelta(minutes=1)))

    assert len(history) == KEPT
    assert history[-1].at == NOW + (KEPT + 4) * timedelta(minutes=1)
    assert set(history[-1].drifts) >= {"bot1"}
    assert not {"bot2", "bot4", "bot5"} & set(history[-1].drifts)


def test_only_so_many_bots_are_drawn() -> None:
    report = large_report(100)
    section = drifts(with_look((), report), report, [bot.bot for bot in report.bots])

    assert (len(section.rows), section.left_out) == (DRAWN_BOTS, 100 - DRAWN_BOTS)


def test_status_page_draws_with_words_for_who_cannot_see_it(served: Served) -> None:
    for drift in ("0.1", "0.2", "0.3"):
        served.sink.show(make_report(with_drift(make_verdict("bot1"), drift, None)))
    text = served.ask("/").text

    assert 'role="img" aria-label="Inventory drift of bot1: now 0.3, lowest 0.1, highest 0.3 in 3 reports' in text
    assert "<polyline" in text
    assert "not evaluated" in Document(text).text


def test_status_page_without_drifts_says_so(served: Served) -> None:
    served.sink.show(replace(healthy_report(), bots=()))

    assert "No drift has been evaluated yet." in Document(served.ask("/").text).text
