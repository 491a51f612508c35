"""What holds for every dashboard without a server: layout, words, variables, metrics, links; and they are fresh."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from grafana.boards import DASHBOARDS, ROOT, SOURCE, Board, boards, colour_of, links_of
from recon_exporter import bundle

if TYPE_CHECKING:
    from pathlib import Path

ALERT = re.compile(r"\bReconciliation[A-Z]\w+")
UNITS = {
    "short",
    "s",
    "percentunit",
    "currencyUSD",
    "cps",
    "none",
    "reqps",
    "bytes",
    "dateTimeFromNow",
    "dateTimeAsIso",
}
KINDS = {"stat", "table", "timeseries", "state-timeline"}
FULL_TURN = 24

each_board = pytest.mark.parametrize("board", boards(), ids=[board.uid for board in boards()])
each_panel = pytest.mark.parametrize(
    ("board", "panel"),
    [(board, panel) for board in boards() for panel in board.panels],
    ids=[f"{board.uid}/{panel['title']}" for board in boards() for panel in board.panels],
)


def alert_names() -> set[str]:
    rules = yaml.safe_load((ROOT / "alerts" / "recon.rules.yml").read_text())
    return {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}


def test_committed_dashboards_are_those_of_the_source(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SOURCE / "write_dashboards.py"), str(tmp_path)], check=True)

    fresh = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert fresh == {path.name: path.read_bytes() for path in DASHBOARDS.iterdir()}


def test_dashboards_are_those_that_alerts_lead_to() -> None:
    rules = (ROOT / "alerts" / "recon.rules.yml").read_text()

    linked = set(re.findall(rf"{re.escape(bundle.DASHBOARD_URL)}/([\w-]+)", rules))
    assert linked == {board.uid for board in boards()} == {"recon-fleet", "recon-bot", "recon-eod", "recon-exporter"}


@each_board
def test_dashboard_is_read_only_and_has_no_identity_of_one_grafana(board: Board) -> None:
    assert board.document["editable"] is False
    assert not board.document.keys() & {"id", "version", "__inputs", "__requires"}
    assert board.document["tags"] == ["recon-exporter"]
    assert board.document["title"].startswith("Reconciliation / ")
    assert board.document["description"].endswith((".", "?"))


@each_board
def test_panels_fill_the_grid_without_holes_or_overlaps(board: Board) -> None:
    cells: Counter[tuple[int, int]] = Counter()
    for panel in board.document["panels"]:
        grid = panel["gridPos"]
        cells.update(
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        )

    assert max(cells.values()) == 1
    height = max(y for _, y in cells) + 1
    assert len(cells) == FULL_TURN * height
    assert max(x for x, _ in cells) == FULL_TURN - 1


@each_board
def test_panels_have_numbers_and_queries_letters_of_their_own(board: Board) -> None:
    ids = [panel["id"] for panel in board.document["panels"]]
    titles = [panel["title"] for panel in board.panels]

    assert sorted(ids) == list(range(1, len(ids) + 1))
    assert len(titles) == len(set(titles))
    for panel in board.panels:
        letters = [target["refId"] for target in panel["targets"]]
        assert len(letters) == len(set(letters)) > 0


@each_panel
def test_panel_can_be_read_on_a_telephone(board: Board, panel: dict[str, Any]) -> None:
    """Grafana stacks panels on small screens at their height, so each has to be high enough alone."""
    least = {"stat": (4, 4)}.get(panel["type"], (12, 8))

    assert (panel["gridPos"]["w"], panel["gridPos"]["h"]) >= least
    assert panel["gridPos"]["h"] >= least[1]
    assert panel["type"] in KINDS, board.uid
    if panel["type"] == "table":
        arranged = panel["transformations"][-1]["options"]
        assert 2 <= len(arranged["indexByName"]) <= 7


@each_panel
def test_panel_says_what_it_shows_in_which_unit(board: Board, panel: dict[str, Any]) -> None:
    unit = panel["fieldConfig"]["defaults"]["unit"]

    assert 0 < len(panel["title"]) <= 40, board.uid
    assert len(panel["description"]) > 40
    assert panel["description"].endswith(".")
    assert unit in UNITS or unit.startswith("suffix: ")
    assert set(ALERT.findall(panel["description"])) <= alert_names()


@each_panel
def test_what_is_unknown_is_grey_and_says_so(board: Board, panel: dict[str, Any]) -> None:
    lowest = panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]

    assert colour_of(panel, None) == ("#808080", "UNKNOWN"), board.uid
    assert colour_of(panel, float("nan"))[1] == "UNKNOWN"
    assert lowest["value"] is None
    assert lowest["color"] in {"#808080", "transparent"}
    assert panel["fieldConfig"]["defaults"]["noValue"].startswith(("UNKNOWN", "No "))
    if panel["type"] == "stat":
        assert panel["fieldConfig"]["defaults"]["noValue"] == "UNKNOWN"
        assert all(target["instant"] for target in panel["targets"])


@each_board
def test_everything_is_asked_of_the_chosen_data_source(board: Board) -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}

    for panel in board.panels:
        assert panel["datasource"] == chosen
        assert all(target["datasource"] == chosen for target in panel["targets"])
    assert all(note["datasource"] == chosen for note in board.annotations)
    assert all(variable["datasource"] == chosen for variable in list(board.variables.values())[1:])


@each_board
def test_variables_are_chained_and_each_is_used(board: Board) -> None:
    names = list(board.variables)
    asked = [query.expression for query in board.queries]
    known = [*board.variables, *("__rate_interval", "__range")]

    assert names[:2] == ["datasource", "job"]
    assert names[2:] in (["bot"], ["instance"])
    for name in names[1:]:
        variable = board.variables[name]
        assert variable["multi"]
        assert variable["includeAll"]
        assert variable["allValue"] == ".+"
        assert any(f"${name}" in expression for expression in asked)
    assert '{job=~"$job"}' in board.variables[names[2]]["query"]
    assert {name for text in asked for name in re.findall(r"\$\{?(\w+)", text)} <= set(known)


@each_board
def test_alerts_are_marked_on_the_time_axis(board: Board) -> None:
    alerts = [note["expr"] for note in board.annotations if note["expr"].startswith('ALERTS{alertstate="firing"')]
    severities = [re.findall(r'severity="(\w+)"', alert)[0] for alert in alerts]

    assert severities[:2] == ["critical", "warning"]
    assert all('job=~"$job' in note["expr"] for note in board.annotations)


def test_starts_and_configurations_are_marked_where_the_exporter_is_looked_at() -> None:
    marked = {board.uid: [note["name"] for note in board.annotations][2:] for board in boards()}

    assert marked["recon-exporter"] == ["Starts of the exporter", "Configurations taken"]
    assert marked["recon-fleet"] == marked["recon-bot"] == marked["recon-eod"] == ["All-clears"]


@each_board
def test_links_lead_to_pages_that_exist(board: Board) -> None:
    uids = {one.uid for one in boards()}
    for url in links_of(board.document):
        if url.startswith("/d/"):
            assert re.match(r"/d/([\w-]+)\?", url)[1] in uids  # type: ignore[index]
            assert "${__url_time_range}" in url
        elif url.startswith(f"{bundle.RUNBOOK_URL}/"):
            assert re.fullmatch(r"\$\{__data\.fields\.alertname\}", page := url.rpartition("/")[2]) or page in {
                *alert_names(),
                "README",
            }
        else:
            assert re.fullmatch(
                rf"{re.escape(bundle.EXPORTER_URL)}/(?:runs|breaks(?:\?bot=\$\{{__data\.fields\.bot:percentencode\}})?)"
                rf"|{re.escape(bundle.PUBLIC_RUNBOOK_URL)}/\$\{{__data\.fields\.alertname\}}\.md",
                url,
            )


def test_rows_lead_only_by_labels_that_they_have() -> None:
    for board in boards():
        for panel in board.panels:
            fields = {name for url in links_of(panel) for name in re.findall(r"__data\.fields\.(\w+)", url)}
            labels = panel["transformations"][-1]["options"]["indexByName"] if panel["type"] == "table" else {}
            assert fields <= set(labels), panel["title"]
            assert not fields & set(panel.get("transformations", [{}])[-1].get("options", {}).get("renameByName", {}))
            names = {name for url in links_of(panel) for name in re.findall(r"__field\.labels\.(\w+)", url)}
            legends = " ".join(target.get("legendFormat", "") for target in panel["targets"])
            assert all(f"{{{{{name}}}}}" in legends for name in names), panel["title"]


def test_readme_names_every_dashboard() -> None:
    text = (ROOT / "grafana" / "README.md").read_text()

    for board in boards():
        assert f"`{board.uid}`" in text
    assert "has not been rendered" in text
