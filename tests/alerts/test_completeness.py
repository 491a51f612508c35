"""Every alert is tested, linked, described and built from metrics that exist; every test is about a real alert."""

from __future__ import annotations

import re

import pytest

from alerts.lints import METRIC, SCRAPED
from alerts.rulebook import ALERTS, ASPECTS, CLEARED, ROOT, Group, Rule, groups, rules, untested
from recon_exporter.checks import CHECKS
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.eod_view import NAME as END_OF_DAY
from recon_exporter.telemetry import CATALOGUE, Kind
from support.watchers import WATCHERS

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
def test_labels_route_and_annotations_say_all(rule: Rule) -> None:
    assert set(rule.annotations) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert rule.labels["severity"] in {"critical", "warning", "info", "none"}
    assert rule.labels["component"] in {"reconciliation", "compliance", "coverage", *ABOUT_THE_EXPORTER}
    assert ("check" in rule.labels) == (rule.is_held or rule.name == CLEARED)
    assert rule.labels["component"] != "reconciliation" or "check" in rule.labels
    assert (rule.labels.get("check") == "eod") <= (rule.labels["component"] == "compliance")


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
        own = WATCHERS[name] if name in WATCHERS else () if name == "up" else CATALOGUE[name].labels
        assert labels == SCRAPED | set(own)


def test_files_of_tests_are_all_read() -> None:
    assert {path.suffixes[-2] for path in (ALERTS / "tests").iterdir()} == {".test"}
