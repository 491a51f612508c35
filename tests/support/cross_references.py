"""What ties the parts of the bundle together: metric, rule, test, runbook, drill, dashboard and documentation.

Every function reads a folder that holds the repository, or a copy of it, and tells what is missing between two kinds of
parts, in both directions.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.rulebook import Group, groups, rules, untested
from recon_exporter.drills.registry import DRILLS
from recon_exporter.telemetry import CATALOGUE
from support.watchers import OF_WATCHERS, WATCHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parent.parent.parent
NO_ALERT = {"README", "eod-reconciliation-breaks"}
NO_METRIC = {"recon_default", "recon_equities"}
"""Databases in an example."""

_METRIC = re.compile(r"(?<![\w:/.$-])(?:recon|wsb)_(?!exporter\b)[a-z0-9_]+(?![\w:(-])")
_ALERT = re.compile(r"\b(?:Reconciliation(?!PageTest)(?:[A-Z][a-z]+)+|Watchdog)\b")
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Bundle:
    """A folder with the files of the bundle, and the names of what the program beside them has."""

    root: Path = ROOT
    metrics: frozenset[str] = frozenset(name for name, metric in CATALOGUE.items() if metric.is_exported)
    drills: frozenset[str] = frozenset(DRILLS)
    variants: frozenset[str] = frozenset(
        f"{alert} --type {kind}" for alert, drill in DRILLS.items() for kind in drill.variants
    )
    replaced_groups: tuple[Group, ...] | None = None

    @property
    def alerts(self) -> set[str]:
        return {rule.name for rule in rules(self.root) if rule.is_alert}

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of promtool tests: those of the folder, where no others are given."""
        return groups(self.root) if self.replaced_groups is None else self.replaced_groups

    @property
    def pages(self) -> dict[str, str]:
        """The text of every runbook, by its name."""
        return {path.stem: path.read_text() for path in sorted((self.root / "runbooks").glob("*.md"))}

    @property
    def panels(self) -> dict[str, set[str]]:
        """The metrics that every panel asks for, by dashboard and title."""
        boards = [json.loads(path.read_text()) for path in sorted((self.root / "grafana/dashboards").glob("*.json"))]
        return {
            f"{board['uid']}/{panel['title']}": self.metrics_in(" ".join(t["expr"] for t in panel.get("targets", ())))
            for board in boards
            for panel in board["panels"]
        }

    @property
    def documentation(self) -> dict[str, str]:
        """README, the pages of docs/ and the runbooks, by path."""
        paths = [self.root / "README.md", *sorted((self.root / "docs").glob("*.md")), self.root / "grafana/README.md"]
        return {str(path.relative_to(self.root)): path.read_text() for path in paths} | {
            f"runbooks/{name}.md": text for name, text in self.pages.items()
        }

    def metrics_in(self, text: str) -> set[str]:
        """The metrics in a text, samples of a histogram under the name of the histogram."""
        names = set(_METRIC.findall(_QUOTED.sub('""', text)))
        return {base if (base := _base(name)) in self.metrics else name for name in names}


def _base(name: str) -> str:
    return re.sub(r"_(?:bucket|sum|count)$", "", name)


def alerts_without_tests(bundle: Bundle) -> Iterator[str]:
    """Alerts of which something is not shown, and tests of alerts that do not exist."""
    alerts = [rule for rule in rules(bundle.root) if rule.is_alert]
    yield from untested(alerts, bundle.groups)
    known = {rule.name for rule in alerts}
    for group in bundle.groups:
        yield from (f"{group.title}: no alert {name}" for name in sorted(group.expected_names - known))


def listed_without_line(bundle: Bundle) -> Iterator[str]:
    """Groups of promtool tests and drills against the page that lists them: what is gone leaves its line."""
    page = bundle.documentation.get("docs/shown.md", "")
    listed = re.findall(r"^\| \[\w+\]\(\S+\) \| (.+ \| \d+) \|$", page, re.MULTILINE)
    found = [f"{group.title} | {group.moments}" for group in bundle.groups]
    yield from _differences("line in docs/shown.md", set(found), set(listed))
    listed = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    yield from _differences("line in docs/shown.md", {*bundle.drills, *bundle.variants}, set(listed))


def alerts_without_runbook(bundle: Bundle) -> Iterator[str]:
    """Alerts without a page, pages without an alert, pages that the index does not lead to."""
    pages = set(bundle.pages) - NO_ALERT
    yield from _differences("runbook", bundle.alerts, pages)
    linked = set(re.findall(r"\]\((\w+)\.md\)", bundle.pages.get("README", "")))
    yield from (f"{name}: not in the index of the runbooks" for name in sorted(pages - linked))
    yield from (f"{name}: the index of the runbooks leads nowhere" for name in sorted(linked - pages))


def alerts_without_drill(bundle: Bundle) -> Iterator[str]:
    """Alerts without a drill, drills without an alert, and both against the page that the drills wrote."""
    yield from _differences("drill", bundle.alerts, set(bundle.drills))
    written = set(re.findall(r"^\| \[(\w+)\]", bundle.documentation.get("docs/drills.md", ""), re.MULTILINE))
    yield from _differences("line in docs/drills.md", bundle.alerts, written)


def drills_told_otherwise(bundle: Bundle) -> Iterator[str]:
    """Lines of docs/drills.md whose severity, condition or repair is not that of the drill."""
    written = bundle.documentation.get("docs/drills.md", "").splitlines()
    for drill in DRILLS.values():
        line = f".md) | {drill.severity} | {drill.happens} | {drill.repaired} |"
        if not any(one.startswith(f"| [{drill.alert}](") and line in one for one in written):
            yield f"{drill.alert}: told otherwise in docs/drills.md"


def alerts_without_dashboard(bundle: Bundle) -> Iterator[str]:
    """Alerts whose link leads to no dashboard, and dashboards that no alert leads to."""
    linked = {
        rule.annotations["dashboard_url"].partition("?")[0].rsplit("/", 1)[-1]
        for rule in rules(bundle.root)
        if rule.is_alert
    }
    return _differences("dashboard", linked, {name.partition("/")[0] for name in bundle.panels})


def alerts_without_documentation(bundle: Bundle) -> Iterator[str]:
    """Alerts that the README does not list, and alerts in the documentation that do not exist."""
    told = set(_ALERT.findall(bundle.documentation["README.md"]))
    yield from (f"{name}: not in the README" for name in sorted(bundle.alerts - told))
    for path, text in bundle.documentation.items():
        yield from (f"{path}: no alert {name}" for name in sorted(set(_ALERT.findall(text)) - bundle.alerts))


def metrics_without_panel(bundle: Bundle) -> Iterator[str]:
    """Metrics that no panel shows, and panels of metrics that do not exist."""
    shown = set().union(*bundle.panels.values())
    yield from (f"{name}: on no dashboard" for name in sorted(bundle.metrics - shown))
    for panel, names in bundle.panels.items():
        yield from (f"{panel}: no metric {name}" for name in sorted(names - bundle.metrics))


def metrics_without_documentation(bundle: Bundle) -> Iterator[str]:
    """Metrics that the README does not list, and names in the documentation that are no metric."""
    told = bundle.metrics_in(bundle.documentation["README.md"])
    yield from (f"{name}: not in the README" for name in sorted(bundle.metrics - told))
    for path, text in bundle.documentation.items():
        unknown = bundle.metrics_in(text) - bundle.metrics - NO_METRIC
        yield from (f"{path}: no metric {name}" for name in sorted(unknown))


def rules_without_metric(bundle: Bundle) -> Iterator[str]:
    """Rules, and tests of rules, with series that neither the exporter nor those who watch it show."""
    known = bundle.metrics | WATCHERS.keys()
    for rule in rules(bundle.root):
        names = {name for text in rule.texts for name in bundle.metrics_in(text)}
        names |= set(OF_WATCHERS.findall(_QUOTED.sub('""', rule.expression)))
        yield from (f"{rule.name}: no metric {name}" for name in sorted(names - known))
    for group in bundle.groups:
        names = {entry["series"].partition("{")[0] for entry in group.content["input_series"]} - {"up"}
        yield from (f"{group.title}: no metric {name}" for name in sorted(names - known))


def _differences(kind: str, wanted: set[str], found: set[str]) -> Iterator[str]:
    yield from (f"{name}: no {kind}" for name in sorted(wanted - found))
    yield from (f"{name}: {kind} of nothing" for name in sorted(found - wanted))


CROSS_REFERENCES: Mapping[str, Callable[[Bundle], Iterator[str]]] = {
    check.__name__: check
    for check in (
        alerts_without_tests,
        listed_without_line,
        alerts_without_runbook,
        alerts_without_drill,
        drills_told_otherwise,
        alerts_without_dashboard,
        alerts_without_documentation,
        metrics_without_panel,
        metrics_without_documentation,
        rules_without_metric,
    )
}
"""Everything that has to be empty."""


def missing(bundle: Bundle) -> list[str]:
    """All that is missing anywhere."""
    return [f"{name}: {entry}" for name, check in CROSS_REFERENCES.items() for entry in check(bundle)]
