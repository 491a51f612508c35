"""What an alert says, as promtool renders it: short, whole, with links that work while it stands and a first step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from alerts.lints import kept_labels
from alerts.rulebook import Rule, groups, rules
from recon_exporter.bundle import DASHBOARD_URL, PUBLIC_RUNBOOK_URL, RUNBOOK_URL
from recon_exporter.checks import CHECKS
from recon_exporter.domain.breaks import BreakType
from recon_exporter.telemetry import JobFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PAGES = tuple(rule for rule in rules() if rule.is_alert)
LOCK_SCREEN = 80
ABOUT_THE_EXPORTER = {"exporter", "pipeline"}
WHO = ("bot", "venue", "sink")
"""Labels that say whom an alert is about: its summary begins with the first that it has."""


def longest(values: Iterable[str]) -> str:
    return max(values, key=len)


LONGEST: Mapping[str, str] = {
    "bot": "b" * 20,
    "break_type": longest(BreakType),
    "check": longest(CHECKS),
    "code": "fills_not_comparable",
    "instance": "recon-exporter.internal:9811",
    "integration": "alertmanager",
    "job": "recon-exporter",
    "reason": longest(JobFailure),
    "rule_group": "/etc/prometheus/rules/recon.rules.yml;recon-both-sides",
    "run": "snapshot",
    "sink": "report_file",
    "source": "exchange_snapshot",
    "venue": "v" * 20,
}
"""The longest value that a label has, or that is reckoned with."""

FAULTY = re.compile(r"<no value>|<error|%!|\{\{|\}\}|\bNaN\b|\binf\b|  |\(\)|^: |: \.|: $|\bnil\b", re.IGNORECASE)
FIRST_STEP = re.compile(
    r"recon-exporter [a-z]|curl |"
    r"(?:^|[.:;] |, or )"
    r"(?:Pause|Look|Trust|Find|Check|Compare|Follow|Take|Give|Mend|Stop|Explain|Configure|Make sure)\b"
)

each_alert = pytest.mark.parametrize("rule", PAGES, ids=["/".join(rule.key) for rule in PAGES])


def rendered(rule: Rule) -> list[tuple[Mapping[str, str], Mapping[str, str]]]:
    """Labels and annotations of an alert, wherever a test of promtool shows them."""
    found = [
        (alert["exp_labels"], alert["exp_annotations"])
        for group in groups()
        for alert in group.expected_alerts
        if is_of(alert, rule)
    ]
    assert found, "no test shows the texts of this alert"
    return found


def is_of(alert: Mapping[str, Any], rule: Rule) -> bool:
    labels: Mapping[str, str] = alert["exp_labels"]
    return alert["alertname"] == rule.name and rule.labels.items() <= labels.items()


def growth(labels: Mapping[str, str], rule: Rule) -> Iterator[int]:
    """How much longer each label of the summary may be than in the test."""
    for name in re.findall(r"\$labels\.(\w+) \}\}", rule.annotations["summary"]):
        yield max(0, len(LONGEST[name]) - len(labels[name]))


@each_alert
def test_the_summary_fits_a_lock_screen_with_the_longest_labels_too(rule: Rule) -> None:
    for labels, texts in rendered(rule):
        assert len(texts["summary"]) + sum(growth(labels, rule)) <= LOCK_SCREEN, texts["summary"]


@each_alert
def test_the_summary_begins_with_whom_it_is_about(rule: Rule) -> None:
    for labels, texts in rendered(rule):
        names = [labels[name] for name in WHO if name in labels]
        assert not names or texts["summary"].startswith(f"{names[0]}: ")


@each_alert
def test_no_text_has_a_gap(rule: Rule) -> None:
    for labels, texts in rendered(rule):
        assert [text for text in (*labels.values(), *texts.values()) if FAULTY.search(text) or not text] == []


@pytest.mark.parametrize(
    "text", ["bot1: <no value>", ": 3 findings", "Reason:  timeout", "Reason: .", "(): x", "NaN %"]
)
def test_a_gap_is_noticed(text: str) -> None:
    assert FAULTY.search(text)


@each_alert
def test_every_series_that_fires_has_its_labels(rule: Rule) -> None:
    for labels, _ in rendered(rule):
        assert set(labels) >= kept_labels(rule) - {"alertname"}


@each_alert
def test_the_description_says_what_to_do_first(rule: Rule) -> None:
    if rule.labels["severity"] != "info":
        assert FIRST_STEP.search(rule.annotations["description"]), rule.annotations["description"]


@each_alert
def test_what_is_held_says_when_it_was_seen_last(rule: Rule) -> None:
    """The message itself has the time since when."""
    if rule.is_held:
        spoken = {"Verdict of ", "Shown by the exporter at present"}
        assert any(words in rule.annotations["description"] for words in spoken)
        assert "the last known state is held" in rule.annotations["description"]


@each_alert
def test_the_runbook_can_be_read_while_what_it_is_about_is_down(rule: Rule) -> None:
    if rule.labels["component"] in ABOUT_THE_EXPORTER:
        assert rule.annotations["runbook_url"] == f"{PUBLIC_RUNBOOK_URL}/{rule.name}.md"
        assert re.search(r"First(, when it stopped)?: (curl|recon-exporter) ", rule.annotations["description"])
    else:
        assert rule.annotations["runbook_url"] == f"{RUNBOOK_URL}/{rule.name}"


@each_alert
def test_the_dashboard_is_opened_at_the_bot(rule: Rule) -> None:
    bot = r"\?var-bot=\{\{ \$labels\.bot \}\}" if "bot" in kept_labels(rule) else ""
    pattern = rf"{re.escape(DASHBOARD_URL)}/recon-(fleet|bot|eod|exporter){bot}"

    assert re.fullmatch(pattern, rule.annotations["dashboard_url"])
