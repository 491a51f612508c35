"""The alert rules and their promtool tests, read for the tests of this folder.

A group of promtool tests is named `<Alert>/<severity>[, …]: <aspect>[, …] - free text`; what an aspect means is
written in ASPECTS. The all-clear has one severity for many alerts, so there the alert that it closes stands in the
place of the severity. How alerts about money are held is shown by scenarios that are made from the alert table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent.parent
ALERTS = ROOT / "alerts"
CLEARED = "ReconciliationCleared"

Key = tuple[str, str]
"""Name and severity of an alert; of the all-clear, its name and that of the alert it closes."""

Outcomes = list[bool]
"""Whether an alert fires, by time."""


@dataclass(frozen=True)
class Rule:
    """One rule of the rule file; `name` is that of the alert, or of the recorded series."""

    name: str
    is_alert: bool
    expression: str
    duration: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def key(self) -> Key:
        return self.name, self.labels["cleared" if self.name == CLEARED else "severity"]

    @property
    def is_held(self) -> bool:
        return self.is_alert and self.expression.endswith(":held > 0")

    @property
    def texts(self) -> Iterator[str]:
        yield from (self.expression, *self.annotations.values())


@cache
def rules(root: Path = ROOT) -> tuple[Rule, ...]:
    """All rules of the rule file, in its order."""
    groups = _read(root / "alerts" / "recon.rules.yml")["groups"]
    return tuple(_rule(entry) for group in groups for entry in group["rules"])


def _read(path: Path) -> Any:  # noqa: ANN401  # YAML
    """The content of a file, by the loader that is quick where there is one."""
    return yaml.load(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe


def _rule(entry: Mapping[str, Any]) -> Rule:
    name = entry.get("alert") or entry["record"]
    is_alert = "alert" in entry
    return Rule(
        name, is_alert, entry["expr"], entry.get("for", ""), entry.get("labels", {}), entry.get("annotations", {})
    )


@dataclass(frozen=True)
class Group:
    """One group of promtool tests: the alerts that it is about, and what it claims to show of them."""

    title: str
    alerts: frozenset[str]
    aspects: frozenset[str]
    content: Mapping[str, Any]

    def concerns(self, rule: Rule) -> bool:
        return "/".join(rule.key) in self.alerts

    def outcomes(self, rule: Rule) -> Outcomes:
        """What the group says about an alert, in the order of time."""
        found = [
            *(_of_alert_test(test, rule) for test in self.content.get("alert_rule_test", ())),
            *(_of_expression_test(test, rule) for test in self.content.get("promql_expr_test", ())),
        ]
        return [fires for _, fires in sorted(entry for entry in found if entry is not None)]

    @property
    def moments(self) -> int:
        """How many times the group looks at something."""
        return sum(len(self.content.get(kind, ())) for kind in ("alert_rule_test", "promql_expr_test"))

    @property
    def expected_names(self) -> set[str]:
        """Every alert that the group names, wherever it does."""
        text = str(self.content)
        return set(re.findall(r"'alertname': '(\w+)'", text)) | set(re.findall(r'alertname="(\w+)"', text))

    @property
    def expected_alerts(self) -> Iterator[Mapping[str, Any]]:
        """Every alert that the group expects with its labels and annotations."""
        for test in self.content.get("alert_rule_test", ()):
            for expected in test["exp_alerts"]:
                yield {"alertname": test["alertname"], **expected}


@cache
def groups(root: Path = ROOT) -> tuple[Group, ...]:
    """All groups of all promtool test files."""
    return tuple(
        _group(content)
        for path in sorted((root / "alerts" / "tests").glob("*.test.yml"))
        for content in _read(path)["tests"]
    )


def _group(content: Mapping[str, Any]) -> Group:
    alerts, _, rest = content["name"].partition(": ")
    aspects = rest.partition(" - ")[0]
    return Group(content["name"], frozenset(alerts.split(", ")), frozenset(aspects.split(", ")), content)


def _minutes(test: Mapping[str, Any]) -> int:
    return int(test["eval_time"].removesuffix("m"))


def _of_alert_test(test: Mapping[str, Any], rule: Rule) -> tuple[int, bool] | None:
    if test["alertname"] != rule.name:
        return None
    return _minutes(test), any(_is_of(expected["exp_labels"], rule) for expected in test["exp_alerts"])


def _of_expression_test(test: Mapping[str, Any], rule: Rule) -> tuple[int, bool] | None:
    """A test of the series ALERTS: of one alert by its name, or a count of whatever fires."""
    expression = test["expr"]
    named = f'alertname="{rule.name}"' in expression
    of_bots = 'bot!=""' in expression and "$labels.bot" not in rule.annotations["summary"]
    if not named and (of_bots or not expression.startswith("count by (alertname")):
        return None
    shown = (dict(re.findall(r'(\w+)="([^"]*)"', sample["labels"])) for sample in test["exp_samples"])
    return _minutes(test), any(labels["alertname"] == rule.name and _is_of(labels, rule) for labels in shown)


def _is_of(labels: Mapping[str, str], rule: Rule) -> bool:
    label = "cleared" if rule.name == CLEARED else "severity"
    return labels.get(label, rule.key[1]) == rule.key[1]


def _ends(outcomes: Outcomes) -> bool:
    return (True, False) in pairwise(outcomes)


ASPECTS: Mapping[str, Callable[[Outcomes], bool]] = {
    "fires": any,
    "just below": lambda outcomes: not all(outcomes),
    "missing": bool,
    "ends": _ends,
    "unverified": any,
}
"""What must be seen in a group that claims an aspect."""

ALWAYS = ("fires", "just below", "missing", "ends")


def needed_aspects(rule: Rule) -> Sequence[str]:
    """What has to be shown of an alert. The Watchdog has no condition, so it can only fire."""
    return ("fires",) if rule.name == "Watchdog" else ALWAYS


def untested(alerts: Sequence[Rule], tested: Sequence[Group]) -> Iterator[str]:
    """Everything that is missing between the alerts and their tests, in both directions."""
    for rule in alerts:
        mine = [group for group in tested if group.concerns(rule)]
        shown = {aspect for group in mine for aspect in group.aspects if ASPECTS[aspect](group.outcomes(rule))}
        yield from (f"{'/'.join(rule.key)}: {aspect}" for aspect in needed_aspects(rule) if aspect not in shown)
        yield from (
            f"{group.title}: claims {aspect}"
            for group in mine
            for aspect in group.aspects
            if not ASPECTS[aspect](group.outcomes(rule))
        )
    known = {"/".join(rule.key) for rule in alerts}
    yield from (f"{group.title}: no alert {name}" for group in tested for name in sorted(group.alerts - known))
