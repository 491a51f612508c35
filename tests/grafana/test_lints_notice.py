"""Each lint notices what it is there for: a dashboard with one thing wrong does not pass."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from grafana import test_dashboards, test_expressions
from grafana.boards import Board, boards

if TYPE_CHECKING:
    from collections.abc import Callable


def of_first_panel(lint: Callable[[Board, dict[str, Any]], None]) -> Callable[[Board], None]:
    return lambda board: lint(board, board.panels[0])


def of_first_query(lint: Callable[[Any], None]) -> Callable[[Board], None]:
    return lambda board: lint(board.queries[0])


def panel(board: Board) -> dict[str, Any]:
    return board.panels[0]


def defaults(board: Board) -> dict[str, Any]:
    found: dict[str, Any] = panel(board)["fieldConfig"]["defaults"]
    return found


def asking(expression: str) -> Callable[[Board], None]:
    return lambda board: panel(board)["targets"][0].update(expr=expression)


BOT = 'job=~"$job",bot=~"$bot"'
GRID = test_dashboards.test_panels_fill_the_grid_without_holes_or_overlaps
NUMBERS = test_dashboards.test_panels_have_numbers_and_queries_letters_of_their_own
WORDS = of_first_panel(test_dashboards.test_panel_says_what_it_shows_in_which_unit)
SIZE = of_first_panel(test_dashboards.test_panel_can_be_read_on_a_telephone)
UNKNOWN = of_first_panel(test_dashboards.test_what_is_unknown_is_grey_and_says_so)
SOURCE = test_dashboards.test_everything_is_asked_of_the_chosen_data_source
VARIABLES = test_dashboards.test_variables_are_chained_and_each_is_used
LINKS = test_dashboards.test_links_lead_to_pages_that_exist
METRICS = of_first_query(test_expressions.test_metrics_and_labels_are_those_of_the_catalogue)
SELECTORS = of_first_query(test_expressions.test_every_selector_obeys_the_variables)
WINDOWS = of_first_query(test_expressions.test_rates_fit_the_scrape_interval_or_a_rule)
COUNTERS = of_first_query(test_expressions.test_counters_are_asked_for_what_they_gain)

CASES: dict[str, tuple[Callable[[Board], None], Callable[[Board], None]]] = {
    "a panel over another": (GRID, lambda board: panel(board)["gridPos"].update(x=1)),
    "a hole": (GRID, lambda board: panel(board)["gridPos"].update(w=3)),
    "a panel beyond the edge": (GRID, lambda board: panel(board)["gridPos"].update(x=22)),
    "a number used twice": (NUMBERS, lambda board: panel(board).update(id=board.panels[1]["id"])),
    "a panel without a query": (NUMBERS, lambda board: panel(board).update(targets=[])),
    "no description": (WORDS, lambda board: panel(board).update(description="")),
    "no title": (WORDS, lambda board: panel(board).update(title="")),
    "an alert that does not exist": (
        WORDS,
        lambda board: panel(board).update(description="It is ReconciliationGone." * 3),
    ),
    "an unknown unit": (WORDS, lambda board: defaults(board).update(unit="bananas")),
    "a tiny panel": (SIZE, lambda board: panel(board)["gridPos"].update(h=2)),
    "an unknown kind of panel": (SIZE, lambda board: panel(board).update(type="singlestat")),
    "no word for nothing": (UNKNOWN, lambda board: defaults(board).update(noValue="0")),
    "no mapping of nothing": (UNKNOWN, lambda board: defaults(board).update(mappings=[])),
    "a green floor": (UNKNOWN, lambda board: defaults(board)["thresholds"]["steps"][0].update(color="green")),
    "the past told as news": (UNKNOWN, lambda board: panel(board)["targets"][0].update(instant=False)),
    "a data source by name": (
        SOURCE,
        lambda board: panel(board).update(datasource={"type": "prometheus"}),
    ),
    "an undefined variable": (VARIABLES, asking(f'recon_bot_status{{{BOT},job="$region"}}')),
    "a variable of one value": (VARIABLES, lambda board: board.variables["job"].update(multi=False)),
    "a link to no dashboard": (
        LINKS,
        lambda board: board.document["links"].append({"url": "/d/gone?${__url_time_range}"}),
    ),
    "a link to no runbook": (
        LINKS,
        lambda board: board.document["links"].append({"url": "http://127.0.0.1:9811/runbooks/X"}),
    ),
    "an unknown metric": (METRICS, asking(f"recon_profit_usd{{{BOT}}}")),
    "an unknown label": (METRICS, asking(f'recon_bot_status{{{BOT},mood="good"}}')),
    "bots that nobody chose": (SELECTORS, asking('recon_bot_status{job=~"$job"}')),
    "a metric without a selector": (SELECTORS, asking("sum(recon_bots_checked)")),
    "a window of its own": (WINDOWS, asking(f"rate(recon_source_bad_lines_total{{{BOT}}}[5m])")),
    "a counter as it is": (COUNTERS, asking(f"recon_source_bad_lines_total{{{BOT}}}")),
}


@pytest.mark.parametrize(("lint", "spoil"), CASES.values(), ids=CASES.keys())
def test_what_is_wrong_is_noticed(lint: Callable[[Board], None], spoil: Callable[[Board], None]) -> None:
    board = Board(deepcopy(next(dict(one.document) for one in boards() if one.uid == "recon-fleet")))
    lint(board)

    spoil(board)

    with pytest.raises((AssertionError, KeyError)):
        lint(board)
