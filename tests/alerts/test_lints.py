"""No rule is what it may not be, and every lint notices what it is there for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from alerts.lints import LINTS, kept_labels, seconds, twice
from alerts.rulebook import ALERTS, ROOT, Rule, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES = rules()
NAMED = {f"{number} {rule.name}": rule for number, rule in enumerate(RULES)}
LONGEST_INTERVAL = 300


@pytest.mark.parametrize("lint", LINTS)
@pytest.mark.parametrize("rule", NAMED.values(), ids=NAMED)
def test_rule_is_what_it_should_be(rule: Rule, lint: str) -> None:
    assert list(LINTS[lint](rule)) == []


def test_no_rule_is_there_twice() -> None:
    assert list(twice(RULES)) == []
    assert list(twice((*RULES, RULES[0]))) == [RULES[0].name]


def test_rules_are_evaluated_often_enough() -> None:
    groups: list[dict[str, Any]] = yaml.safe_load((ALERTS / "recon.rules.yml").read_text())["groups"]
    interval: str = yaml.safe_load((ROOT / "config" / "prometheus.yml").read_text())["global"]["evaluation_interval"]

    assert all(seconds(group.get("interval", interval)) <= LONGEST_INTERVAL for group in groups)


def rule_of(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


def changed(name: str, old: str, new: str) -> Rule:
    """A rule with another expression."""
    rule = rule_of(name)
    assert old in rule.expression
    return replace(rule, expression=rule.expression.replace(old, new))


def told(name: str, old: str, new: str) -> Rule:
    """A rule with other texts."""
    rule = rule_of(name)
    assert any(old in text for text in rule.annotations.values())
    return replace(rule, annotations={key: text.replace(old, new) for key, text in rule.annotations.items()})


def labelled(name: str, **labels: str) -> Rule:
    rule = rule_of(name)
    return replace(rule, labels={**rule.labels, **labels})


VERIFIED = "ReconciliationCheckUnverified"
DAMAGED: Mapping[str, tuple[str, Rule]] = {
    "no comparison": ("compares", changed(VERIFIED, " > 0", "")),
    "a value in a label": ("has_plain_labels", labelled(VERIFIED, size="{{ $value }}")),
    "a label of the series": ("has_plain_labels", labelled(VERIFIED, bot="all")),
    "a bare value": ("humanizes", told("ReconciliationBreaks", "$value | humanize", "$value")),
    "a bare value of a query": (
        "humanizes",
        told("ReconciliationBreaks", "first | value | humanize", "first | value"),
    ),
    "seconds as a number": ("has_units", told("ReconciliationCycleStale", "humanizeDuration", "humanize")),
    "a skew without unit": ("has_units", told("ReconciliationVenueClockSkew", "humanize }} s ", "humanize }} ")),
    "a share as a number": ("has_units", told("ReconciliationInventoryDrift", "humanizePercentage", "humanize")),
    "a label that is dropped": (
        "uses_labels_that_it_has",
        told("ReconciliationExporterDown", "$labels.instance", "$labels.bot"),
    ),
    "the name of the alert": ("uses_labels_that_it_has", told(VERIFIED, "$labels.check", "$labels.alertname")),
    "absent at once": ("gives_absence_time", replace(rule_of("ReconciliationExporterAbsent"), duration="15s")),
    "a short window": ("looks_far_enough", changed("ReconciliationCycleMissed", "[15m]", "[30s]")),
    "a bare counter": (
        "treats_kinds_as_they_are",
        replace(rule_of("ReconciliationCycleMissed"), expression="sum by (job) (recon_job_missed_total) > 0"),
    ),
    "a gauge that rises": (
        "treats_kinds_as_they_are",
        changed("ReconciliationCycleMissed", "recon_job_missed_total", "recon_canaries_missed"),
    ),
    "a counter's trend": ("treats_kinds_as_they_are", changed("ReconciliationCycleMissed", "increase", "deriv")),
    "a metric that nobody declared": (
        "knows_what_is_not_ours",
        changed("ReconciliationRulesFailing", "rule_evaluation_failures", "rule_group_iterations_missed"),
    ),
    "a counter of others": ("knows_what_is_not_ours", changed("ReconciliationRulesFailing", "increase", "deriv")),
    "a label that nobody declared": (
        "knows_what_is_not_ours",
        changed("ReconciliationRulesFailing", "{rule_group=", "{rule="),
    ),
    "the top few": ("is_robust", changed(VERIFIED, "max by", "topk by")),
    "a ratio": ("is_robust", changed("ReconciliationVenueUnreachable", "> 0.5 *", "/")),
    "labels that are not named": ("is_robust", changed(VERIFIED, "by (job, bot, check)", "without (instance)")),
    "a pattern for a value": ("matches_plainly", changed(VERIFIED, "canary_missed|mass_break", "canary_missed")),
    "a pattern with anchors": ("matches_plainly", changed(VERIFIED, "canary_missed|mass_break", "^canary_missed|x")),
    "jobs that are mixed": ("keeps_job", changed(VERIFIED, "by (job, bot, check)", "by (bot, check)")),
    "targets of any job": ("keeps_job", changed("ReconciliationExporterDown", '{job="recon-exporter"}', "")),
}


@pytest.mark.parametrize(("lint", "rule"), DAMAGED.values(), ids=DAMAGED)
def test_lint_notices(lint: str, rule: Rule) -> None:
    assert list(LINTS[lint](rule)) != []


def test_every_lint_is_seen_to_notice() -> None:
    assert {lint for lint, _ in DAMAGED.values()} == set(LINTS)


def test_a_label_that_an_aggregation_drops_is_noticed() -> None:
    rule = rule_of("ReconciliationExporterDown")

    assert "instance" in kept_labels(rule)
    assert "instance" not in kept_labels(replace(rule, expression="max by (job) (up)"))
