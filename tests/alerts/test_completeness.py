"""Every alert is tested, linked, described and built from metrics that exist; every test is about a real alert."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from alerts.lints import METRIC, SCRAPED, kept_labels
from alerts.rulebook import ALERTS, ASPECTS, CLEARED, ROOT, Group, Rule, groups, rules, untested
from recon_exporter.bundle import DASHBOARD_URL, PUBLIC_RUNBOOK_URL, RUNBOOK_URL
from recon_exporter.checks import CHECKS
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.eod_view import NAME as END_OF_DAY
from recon_exporter.telemetry import CATALOGUE, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES = rules()
PAGES = tuple(rule for rule in RULES if rule.is_alert)
GROUPS = groups()
ABOUT_THE_EXPORTER = {"exporter", "pipeline"}

SELECTOR = re.compile(r"(?<![\w:])((?:recon|wsb)_\w+|up)\{([^}]*)\}")

each_alert = pytest.mark.parametrize("rule", PAGES, ids=["/".join(rule.key) for rule in PAGES])
each_rule = pytest.mark.parametrize("rule", RULES, ids=[f"{number} {rule.name}" for number, rule in enumerate(RULES)])


def catalogued(name: str) -> str:
    """The name under which the catalogue knows a sample of a histogram."""
    base = re.sub(r"_(?:sum|count|bucket)$", "", name)
    return base if base in CATALOGUE and CATALOGUE[base].kind is Kind.HISTOGRAM else name


@pytest.mark.parametrize("group", GROUPS, ids=[group.title[:80] for group in GROUPS])
def test_a_group_of_tests_names_aspects_and_alerts_that_exist(group: Group) -> None:
    assert group.aspects <= set(ASPECTS)
    assert group.expected_names <= {rule.name for rule in PAGES}


def test_a_test_that_shows_nothing_of_what_it_claims_is_noticed() -> None:
    rule = next(page for page in PAGES if page.name == "ReconciliationExporterDown")
    empty = Group("", frozenset({"/".join(rule.key)}), frozenset({"fires", "ends"}), {})

    assert set(untested([rule], [empty])) > {": claims fires", ": claims ends"}


@each_alert
def test_the_summary_fits_a_lock_screen_and_begins_with_the_bot(rule: Rule) -> None:
    expected = [alert for group in GROUPS for alert in group.expected_alerts if is_expectation_of(alert, rule)]

    assert expected, "no test shows the text of this alert"
    for alert in expected:
        summary, bot = alert["exp_annotations"]["summary"], alert["exp_labels"].get("bot")
        # A name of twenty characters in the place of the short one of the test.
        assert len(summary) + (20 - len(bot) if bot else 0) <= 80
        assert bot is None or summary.startswith(f"{bot}: ")


def is_expectation_of(alert: Mapping[str, Any], rule: Rule) -> bool:
    labels: Mapping[str, str] = alert["exp_labels"]
    return alert["alertname"] == rule.name and rule.labels.items() <= labels.items()


@each_alert
def test_labels_route_and_annotations_say_all(rule: Rule) -> None:
    assert set(rule.annotations) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert rule.labels["severity"] in {"critical", "warning", "info", "none"}
    assert rule.labels["component"] in {"reconciliation", "compliance", "coverage", *ABOUT_THE_EXPORTER}
    assert ("check" in rule.labels) == (rule.is_held or rule.name == CLEARED)
    assert rule.labels["component"] != "reconciliation" or "check" in rule.labels
    assert (rule.labels.get("check") == "eod") <= (rule.labels["component"] == "compliance")


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


@each_rule
def test_metrics_and_labels_are_those_of_the_catalogue(rule: Rule) -> None:
    for text in rule.texts:
        assert [name for name in METRIC.findall(text) if not CATALOGUE[catalogued(name)].is_exported] == []
        for name, matchers in SELECTOR.findall(text):
            known = {"job"} if name == "up" else {*CATALOGUE[name].labels, *SCRAPED}
            assert set(re.findall(r"(\w+)(?:=~|!=|=)", matchers)) <= known


@each_rule
def test_checks_and_codes_are_those_of_the_exporter(rule: Rule) -> None:
    source = "".join(path.read_text() for path in (ROOT / "exporter" / "recon_exporter" / "checks").glob("*.py"))
    source += " ".join(f'"{code}"' for code in CODES.values())
    codes = [code for codes in re.findall(r'code=~?"([^"]+)"', rule.expression) for code in codes.split("|")]

    assert set(re.findall(r'check="(\w+)"', rule.expression)) <= {*CHECKS, END_OF_DAY}
    for code in codes:
        assert f'"{code}"' in source or f'Scale("{re.sub("_(warning|critical)$", "", code)}"' in source


@pytest.mark.parametrize("group", GROUPS, ids=[group.title[:80] for group in GROUPS])
def test_series_in_tests_are_as_the_exporter_shows_them(group: Group) -> None:
    for entry in group.content["input_series"]:
        name, _, matchers = entry["series"].partition("{")
        labels = set(re.findall(r'(\w+)="', matchers))
        assert labels == SCRAPED | (set() if name == "up" else set(CATALOGUE[name].labels))


def test_files_of_tests_are_all_read() -> None:
    assert {path.suffixes[-2] for path in (ALERTS / "tests").iterdir()} == {".test"}
