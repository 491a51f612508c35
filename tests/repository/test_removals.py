"""Whatever is taken out of the bundle is missed: tests of a rule, a runbook, a metric of a panel, a drill, a line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from alerts.rulebook import Group, groups, rules, untested
from support.cross_references import (
    ROOT,
    Bundle,
    alerts_without_documentation,
    alerts_without_drill,
    alerts_without_runbook,
    alerts_without_tests,
    listed_without_line,
    metrics_without_documentation,
    metrics_without_panel,
    rules_without_metric,
)

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = Bundle()
ALERTS = sorted(WHOLE.alerts)
KEYS = sorted("/".join(rule.key) for rule in rules() if rule.is_alert)
METRICS = sorted(WHOLE.metrics)
PANELS = [(panel, metric) for panel, metrics in WHOLE.panels.items() for metric in sorted(metrics & WHOLE.metrics)]
TITLES = [group.title for group in WHOLE.groups]
VARIANTS = sorted(WHOLE.variants)
PARTS = ("README.md", "alerts", "docs", "grafana", "runbooks")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the bundle is made of, beside the program and the tests."""
    return copied(tmp_path, PARTS)


def copied(folder: Path, parts: tuple[str, ...]) -> Path:
    for part in parts:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
        else:
            shutil.copy(source, folder / part)
    return folder


def test_nothing_is_missed_in_a_copy_that_is_whole(copy: Path) -> None:
    bundle = replace(WHOLE, root=copy)

    assert list(alerts_without_tests(bundle)) == list(alerts_without_tests(WHOLE))
    assert bundle.panels == WHOLE.panels
    assert bundle.pages == WHOLE.pages


@pytest.mark.parametrize("key", KEYS)
def test_tests_of_an_alert_are_missed(copy: Path, key: str) -> None:
    titles = {group.title for group in groups() if key in group.alerts}
    for path in (copy / "alerts" / "tests").iterdir():
        if any(title in path.read_text() for title in titles):
            content = yaml.safe_load(path.read_text())
            content["tests"] = [test for test in content["tests"] if test["name"] not in titles]
            path.write_text(yaml.safe_dump(content))

    assert f"{key}: fires" in list(alerts_without_tests(replace(WHOLE, root=copy)))


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title[:80])
def test_a_group_of_tests_is_missed(title: str) -> None:
    (group,) = [group for group in WHOLE.groups if group.title == title]
    others = tuple(other for other in WHOLE.groups if other != group)

    gone = replace(WHOLE, replaced_groups=others)
    assert list(listed_without_line(gone)) == [f"{title} | {group.moments}: line in docs/shown.md of nothing"]


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title[:80])
def test_a_moment_of_a_group_of_tests_is_missed(title: str) -> None:
    shorter = tuple(without_moment(group) if group.title == title else group for group in WHOLE.groups)

    missed = list(listed_without_line(replace(WHOLE, replaced_groups=shorter)))
    assert [entry.startswith(f"{title} | ") for entry in missed] == [True, True]


def without_moment(group: Group) -> Group:
    kind = "alert_rule_test" if "alert_rule_test" in group.content else "promql_expr_test"
    return replace(group, content={**group.content, kind: group.content[kind][:-1]})


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title[:80])
def test_a_test_of_an_alert_that_does_not_exist_is_noticed(title: str) -> None:
    """As after a typing error, which promtool lets pass."""
    (group,) = [group for group in groups() if group.title == title]
    renamed = replace(group, alerts=frozenset(name.replace("/", "s/") for name in group.alerts))
    alerts = [rule for rule in rules() if rule.is_alert]

    assert f"{title}: no alert {min(renamed.alerts)}" in list(untested(alerts, [renamed]))


@pytest.mark.parametrize("alert", ALERTS)
def test_a_runbook_is_missed(copy: Path, alert: str) -> None:
    (copy / "runbooks" / f"{alert}.md").unlink()

    assert f"{alert}: no runbook" in list(alerts_without_runbook(replace(WHOLE, root=copy)))


@pytest.mark.parametrize("alert", ALERTS)
def test_a_runbook_that_nothing_leads_to_is_noticed(copy: Path, alert: str) -> None:
    index = copy / "runbooks" / "README.md"
    index.write_text(index.read_text().replace(f"]({alert}.md)", "](index.md)"))

    assert f"{alert}: not in the index of the runbooks" in list(alerts_without_runbook(replace(WHOLE, root=copy)))


@pytest.mark.parametrize("alert", ALERTS)
def test_a_rule_is_missed(copy: Path, alert: str) -> None:
    path = copy / "alerts" / "recon.rules.yml"
    path.write_text(path.read_text().replace(f"- alert: {alert}\n", "- alert: ReconciliationElsewhere\n"))
    bundle = replace(WHOLE, root=copy)

    assert f"{alert}: runbook of nothing" in list(alerts_without_runbook(bundle))
    assert f"README.md: no alert {alert}" in list(alerts_without_documentation(bundle))
    assert any(f"no alert {alert}" in entry for entry in alerts_without_tests(bundle))


@pytest.mark.parametrize(("panel", "metric"), PANELS, ids=[f"{panel}-{metric}" for panel, metric in PANELS])
def test_a_metric_of_a_panel_that_has_another_name_is_noticed(copy: Path, panel: str, metric: str) -> None:
    uid, _, title = panel.partition("/")
    path = next(path for path in (copy / "grafana/dashboards").iterdir() if f'"uid": "{uid}"' in path.read_text())
    board = json.loads(path.read_text())
    for target in (target for part in board["panels"] if part["title"] == title for target in part["targets"]):
        target["expr"] = re.sub(rf"\b{metric}", f"{metric}_renamed", target["expr"])
    path.write_text(json.dumps(board))

    missed = list(metrics_without_panel(replace(WHOLE, root=copy)))
    assert any(entry.startswith(f"{panel}: no metric {metric}_renamed") for entry in missed)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_that_no_panel_shows_any_more_is_missed(copy: Path, metric: str) -> None:
    for path in (copy / "grafana" / "dashboards").glob("*.json"):
        path.write_text(re.sub(rf"\b{metric}(?=\b|_bucket|_sum|_count)", "up", path.read_text()))

    assert f"{metric}: on no dashboard" in list(metrics_without_panel(replace(WHOLE, root=copy)))


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_that_the_exporter_has_no_more_is_missed(metric: str) -> None:
    bundle = replace(WHOLE, metrics=WHOLE.metrics - {metric})
    panels = {panel for panel, name in PANELS if name == metric}

    missed = {entry.partition(": no metric ")[0] for entry in metrics_without_panel(bundle)}
    assert panels
    assert panels <= missed
    assert f"README.md: no metric {metric}" in list(metrics_without_documentation(bundle))
    if metric in (ROOT / "alerts" / "recon.rules.yml").read_text():
        assert any(f": no metric {metric}" in entry for entry in rules_without_metric(bundle))


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_that_is_new_is_asked_for_everywhere(metric: str) -> None:
    new = f"{metric.removesuffix('_total')}_also"
    bundle = replace(WHOLE, metrics=WHOLE.metrics | {new})

    assert f"{new}: on no dashboard" in list(metrics_without_panel(bundle))
    assert f"{new}: not in the README" in list(metrics_without_documentation(bundle))


@pytest.mark.parametrize("alert", ALERTS)
def test_a_drill_is_missed(alert: str) -> None:
    assert f"{alert}: no drill" in list(alerts_without_drill(replace(WHOLE, drills=WHOLE.drills - {alert})))


@pytest.mark.parametrize("drill", [*ALERTS, *VARIANTS])
def test_a_way_to_an_alert_is_missed(drill: str) -> None:
    fewer = replace(WHOLE, drills=WHOLE.drills - {drill}, variants=WHOLE.variants - {drill})

    assert list(listed_without_line(fewer)) == [f"{drill}: line in docs/shown.md of nothing"]


def test_a_drill_of_nothing_is_noticed() -> None:
    bundle = replace(WHOLE, drills=WHOLE.drills | {"ReconciliationElsewhere"})

    assert "ReconciliationElsewhere: drill of nothing" in list(alerts_without_drill(bundle))


@pytest.mark.parametrize("name", [*ALERTS, *METRICS])
def test_a_line_of_the_readme_is_missed(copy: Path, name: str) -> None:
    path = copy / "README.md"
    path.write_text(re.sub(rf"\b{name}\b", "nothing", path.read_text()))
    bundle = replace(WHOLE, root=copy)
    check = alerts_without_documentation if name in ALERTS else metrics_without_documentation

    assert f"{name}: not in the README" in list(check(bundle))


WITH_PROGRAM = (*PARTS, "config", "exporter", "pyproject.toml", "tests")
REMOVALS: dict[str, tuple[str, str, str, str]] = {
    "tests of a rule": (
        "alerts/tests/inventory.test.yml",
        "ReconciliationInventoryDrift/critical: ",
        "ReconciliationInventoryDrift/warning: ",
        "ReconciliationInventoryDrift/critical: fires",
    ),
    "one of the tests of a rule that has others": (
        "alerts/tests/inventory.test.yml",
        " - a drift of more than the whole equity, seen by an exporter that is gone",
        " - of nothing",
        "a drift of more than the whole equity, seen by an exporter that is gone | 1: line in docs/shown.md of nothing",
    ),
    "a runbook": (
        "runbooks/README.md",
        "](ReconciliationBreaks.md)",
        "](ReconciliationBreakAgeing.md)",
        "ReconciliationBreaks: not in the index of the runbooks",
    ),
    "a metric of a panel": (
        "grafana/dashboards/recon-fleet.json",
        "recon_bots_checked",
        "recon_bots_seen",
        "no metric recon_bots_seen",
    ),
    "a metric of the exporter": (
        "exporter/recon_exporter/telemetry/catalogue.py",
        '"recon_equity_quote"',
        '"recon_equity_quoted"',
        "recon_equity_quoted: on no dashboard",
    ),
    "a drill": (
        "exporter/recon_exporter/drills/registry.py",
        "        for drill in module.DRILLS\n",
        '        for drill in module.DRILLS\n        if drill.alert != "ReconciliationBreaks"\n',
        "ReconciliationBreaks: no drill",
    ),
    "one of the ways to an alert": (
        "exporter/recon_exporter/drills/exporter.py",
        '"overrun": Drill(',
        '"slow": Drill(',
        "ReconciliationCycleMissed --type overrun: line in docs/shown.md of nothing",
    ),
}


@pytest.fixture(scope="module")
def whole_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the program and its tests."""
    return copied(tmp_path_factory.mktemp("repository"), WITH_PROGRAM)


def test_the_tests_pass_in_a_copy_that_is_whole(whole_copy: Path) -> None:
    result = run_cross_references(whole_copy)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("path", "old", "new", "said"), REMOVALS.values(), ids=REMOVALS)
def test_the_tests_fail_in_a_copy_from_which_something_was_taken(
    whole_copy: Path, path: str, old: str, new: str, said: str
) -> None:
    damaged = whole_copy / path
    text = damaged.read_text()
    assert old in text
    damaged.write_text(text.replace(old, new))
    try:
        result = run_cross_references(whole_copy)
    finally:
        damaged.write_text(text)

    assert result.returncode == 1
    assert said in result.stdout


def run_cross_references(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests of cross references that stand in a copy, over the program in it."""
    command = [sys.executable, "-B", "-m", "pytest", "-vv", "-p", "no:cacheprovider"]
    # What is not this repository's program is not to be measured either.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "COV_CORE"))}
    variables = {**inherited, "PYTHONPATH": str(folder / "exporter")}
    file = "tests/repository/test_cross_references.py"
    return subprocess.run([*command, file], cwd=folder, env=variables, check=False, capture_output=True, text=True)
