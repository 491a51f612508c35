"""What no rule may be, though Prometheus would take it: read from the text of a rule, told in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from alerts.rulebook import ROOT, Rule
from recon_exporter.settings.scalars import read_duration
from recon_exporter.telemetry import CATALOGUE, Kind
from support.watchers import OF_WATCHERS, WATCHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SCRAPED = {"job", "instance"}
METRIC = re.compile(r"(?<![\w:])(?:recon|wsb)_\w+(?![\w:])")
COMPARISON = re.compile(r"(?<![=!<>~])(?:==|!=|>=|<=|>|<)(?!=|~)")
RECORDED = re.compile(r"\bbot(_break_type)?:\w+:\w+")

_SELECTED = re.compile(r"\{[^}]*\}")
_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_RANGE = re.compile(r"\b(\w+)\((?:[^()\[\]]|\{[^}]*\})*\[(\w+)(?::\w*)?\]")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_OF_COUNTERS = {"rate", "irate", "increase"}
_OF_GAUGES = {"delta", "idelta", "deriv", "predict_linear", "avg_over_time", "quantile_over_time"}
_FRAGILE = re.compile(r"\b(?:topk|bottomk|quantile|stddev|stdvar|hour|minute|day_of_\w+|group_left|group_right)\b")


def label_sets(expression: str) -> Iterator[set[str]]:
    """The labels that the parts of an expression leave: aggregations, else recorded series, else selectors."""
    lists = re.findall(r"\b(?:sum|max|min|count) by \(([^)]*)\)", expression)
    recorded = RECORDED.findall(expression)
    if lists:
        yield from (set(names.split(", ")) for names in lists)
    elif recorded:
        yield from ({"job", "bot", *(["break_type"] if suffix else [])} for suffix in recorded)
    else:
        yield {"job"} if "absent(" in expression else SCRAPED if "up{" in expression else set()


def expression_labels(rule: Rule) -> set[str]:
    """The labels that every series of the rule's expression has."""
    sets = list(label_sets(rule.expression))
    return set.intersection(*sets) if sets else set()


def kept_labels(rule: Rule) -> set[str]:
    """The labels of the alert, but for its name."""
    return expression_labels(rule) | set(rule.labels)


def scrape_seconds() -> float:
    scrape: str = yaml.safe_load((ROOT / "config" / "prometheus.yml").read_text())["global"]["scrape_interval"]
    return read_duration(scrape).total_seconds()


def seconds(duration: str) -> float:
    return read_duration(duration).total_seconds()


def compares(rule: Rule) -> Iterator[str]:
    if rule.is_alert and rule.name != "Watchdog" and not COMPARISON.search(_SELECTED.sub("", rule.expression)):
        yield "fires on whatever exists: it compares nothing"


def has_plain_labels(rule: Rule) -> Iterator[str]:
    yield from (f"label {name} changes with the value" for name, text in rule.labels.items() if "{{" in text)
    yield from (f"label {name} hides that of the series" for name in expression_labels(rule) & set(rule.labels))


def humanizes(rule: Rule) -> Iterator[str]:
    for action in _actions(rule):
        prints = not re.match(r"(?:if|else|with|range|end)\b", action)
        if prints and re.search(r"\$value|\| value\b|^\.$", action) and "humanize" not in action:
            yield f"shows a bare number: {action}"


def has_units(rule: Rule) -> Iterator[str]:
    """Shares as a percentage, spans of time as a duration, seconds that are no span with their unit."""
    text = " ".join(rule.annotations.values())
    shown = set(re.findall(r"\$value \| (humanize\w*)", text))
    if rule.expression.startswith("time() -") and shown - {"humanizeDuration"}:
        yield "shows seconds of a span as a number"
    if "_skew_seconds" in rule.expression and "$value | humanize }} s " not in text:
        yield "shows seconds without their unit"
    if "drift" in rule.expression and rule.is_held and "humanizePercentage" not in shown:
        yield "shows a share as a number"


def uses_labels_that_it_has(rule: Rule) -> Iterator[str]:
    used = {name for action in _actions(rule) for name in re.findall(r"\$labels\.(\w+)", action)}
    yield from (f"shows the label {name}, which is not there" for name in sorted(used - kept_labels(rule)))


def gives_absence_time(rule: Rule) -> Iterator[str]:
    if "absent(" in rule.expression and seconds(rule.duration or "0s") < 2 * scrape_seconds():
        yield "absent before the second scrape was missed"


def looks_far_enough(rule: Rule) -> Iterator[str]:
    for function, window in _RANGE.findall(rule.expression):
        if seconds(window) < 4 * scrape_seconds():
            yield f"{function} over less than four scrapes: {window}"


def treats_kinds_as_they_are(rule: Rule) -> Iterator[str]:
    """Counters only by how they rise; what may fall, never by that. `resets` counts falls, of a gauge too."""
    for name in METRIC.findall(rule.expression):
        is_counter = CATALOGUE[name].kind is Kind.COUNTER
        functions = set(re.findall(rf"\b(\w+)\({name}\b", rule.expression))
        if is_counter and not functions & _OF_COUNTERS:
            yield f"asks the counter {name} for what it has counted since its start"
        if (functions & _OF_COUNTERS and not is_counter) or (functions & _OF_GAUGES and is_counter):
            yield f"asks {name} for what its kind has not"


def knows_what_is_not_ours(rule: Rule) -> Iterator[str]:
    """What Prometheus and Alertmanager say of themselves: declared, by its labels, and by how it rises."""
    for name in OF_WATCHERS.findall(_without_strings(rule.expression)):
        if name not in WATCHERS:
            yield f"asks for {name}, which is not declared"
        elif not set(re.findall(rf"\b(\w+)\({name}\b", rule.expression)) & _OF_COUNTERS:
            yield f"asks the counter {name} for what it has counted since its start"
    for name, matchers in re.findall(r"\b(\w+)\{([^}]*)\}", rule.expression):
        unknown = {label for label, _, _ in _MATCHER.findall(matchers)} - WATCHERS.get(name, frozenset())
        if name in WATCHERS and unknown - SCRAPED:
            yield f"asks {name} for labels that are not declared: {sorted(unknown)}"


def is_robust(rule: Rule) -> Iterator[str]:
    text = _without_strings(rule.expression)
    yield from (f"not to be relied on: {word}" for word in _FRAGILE.findall(text))
    if re.search(r"\s/\s", text):
        yield "divides, and nothing keeps zero out"
    if re.search(r"\b(?:without|ignoring)\b", text):
        yield "keeps labels that it does not name"


def matches_plainly(rule: Rule) -> Iterator[str]:
    for name, operator, value in _MATCHER.findall(rule.expression):
        if operator in {"=~", "!~"} and not re.search(r"[|.*+?\[\](){}\\]", value):
            yield f"a pattern that is a plain value: {name}{operator}{value}"
        if operator in {"=~", "!~"} and re.search(r"^\^|\$$|^\.\*|\.\*$", value):
            yield f"a pattern with what is there by itself: {name}{operator}{value}"


def keeps_job(rule: Rule) -> Iterator[str]:
    """Names of ours need no selector for the job, so that the scrape job may be called otherwise; `up` does."""
    lists = re.findall(r"\b(?:by|on) \(([^)]*)\)", rule.expression)
    yield from (f"mixes the jobs: ({names})" for names in lists if "job" not in names.split(", "))
    if len(re.findall(r"\bup\b", rule.expression)) != rule.expression.count('up{job="recon-exporter"}'):
        yield "asks for targets of any job"


LINTS: Mapping[str, Callable[[Rule], Iterator[str]]] = {
    lint.__name__: lint
    for lint in (
        compares,
        has_plain_labels,
        humanizes,
        has_units,
        uses_labels_that_it_has,
        gives_absence_time,
        looks_far_enough,
        treats_kinds_as_they_are,
        knows_what_is_not_ours,
        is_robust,
        matches_plainly,
        keeps_job,
    )
}
"""What is asked of every rule."""


def twice(rules: Sequence[Rule]) -> Iterator[str]:
    """Recorded series of one name, and alerts of one name that fire on the same for the same time."""
    seen: set[tuple[str, ...]] = set()
    for rule in rules:
        same = (rule.name, rule.expression, rule.duration) if rule.is_alert else (rule.name,)
        if same in seen:
            yield rule.name
        seen.add(same)


def _actions(rule: Rule) -> list[str]:
    return [action for text in rule.annotations.values() for action in _ACTION.findall(text)]


def _without_strings(expression: str) -> str:
    return re.sub(r'"[^"]*"', '""', expression)
