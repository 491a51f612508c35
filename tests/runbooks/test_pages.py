"""What a page promises without running it: complete, short, and true to rules, catalogue, configuration and code."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from recon_exporter.checks import CHECKS
from recon_exporter.domain.breaks import EOD_TYPES
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.movements import Cause
from recon_exporter.domain.policy import LIMIT_KEYS, SWITCH_KEYS
from recon_exporter.settings.end_of_day import EodSettings
from recon_exporter.settings.environment import CONFIG_FILE, VARIABLES
from recon_exporter.settings.scalars import read_duration
from recon_exporter.settings.shape import Configuration
from recon_exporter.settings.thresholds import BUILTIN_LIMITS
from recon_exporter.settings.thresholds import VARIABLES as THRESHOLD_VARIABLES
from recon_exporter.telemetry import CATALOGUE, Kind
from runbooks.pages import (
    FOLDER,
    LAST,
    NOT_RUN,
    ROOT,
    Page,
    alert_pages,
    commands_of,
    end_of_day_page,
    expressions_of,
    our_command,
    readme,
)
from support.watchers import OF_WATCHERS, WATCHERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECTIONS = (
    "Meaning",
    "Impact",
    "Severity",
    "First five minutes",
    "Diagnosis",
    "Mitigation",
    "Verification",
    "False positives",
    "Silence",
    "Escalation",
    "Tuning",
    "Related",
)
WORDS = 900
LONGEST_SILENCE = timedelta(hours=24)
METRIC = re.compile(r"\b(?:recon|wsb)_(?!exporter\b)[a-z0-9_]+")
SELECTOR = re.compile(r"\b(?P<metric>(?:recon|wsb)_\w+)\{(?P<labels>[^}]*)\}")
PLACEHOLDER = re.compile(r"<[A-Za-z][^>\n]*>|\bT[O]DO\b|\bTBD\b|\bF[I]XME\b|\?\?|\| \? \||lorem", re.IGNORECASE)
ELSEWHERE = {"account_mode": "probe", "group_interval": "1m"}
"""Keys of the account map and of Alertmanager, with what the shipped files hold."""

ADDRESSES = ("http://127.0.0.1:9811/", "http://127.0.0.1:9090", "http://127.0.0.1:9093")
PROGRAMS = {"curl", "promtool", "amtool", "recon-exporter", "python3"}
SHELL = {
    "grep",
    "tail",
    "cut",
    "ls",
    "date",
    "df",
    "head",
    "cat",
    "mkdir",
    "cp",
    "id",
    "echo",
    "systemctl",
    "tee",
    "time",
}
OF_THE_MACHINE = {"docker", "kubectl", "systemctl"}
CHANGES = (
    "rm ",
    "mv ",
    "cp ",
    "mkdir",
    " > ",
    ">>",
    "bots forget",
    "incident open",
    "incident update",
    "--send",
    "systemctl",
    "recon-exporter eod",
    "breaks ack",
    "breaks review",
    "breaks accept",
    "breaks retire",
    "halt clear",
    "audit add",
)

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
ALERT_PAGES = alert_pages()
ALL_PAGES = (*ALERT_PAGES, readme(), end_of_day_page())


def named(page: Page) -> str:
    return page.name


each_alert = pytest.mark.parametrize("page", ALERT_PAGES, ids=named)
each_page = pytest.mark.parametrize("page", ALL_PAGES, ids=named)


def all_rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((ROOT / "alerts" / "recon.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def rules() -> list[dict[str, Any]]:
    return [rule for rule in all_rules() if "alert" in rule]


def expressions_behind(alert: str) -> list[str]:
    """The expressions of an alert's rules, and of the records that they read."""
    own = [rule["expr"] for rule in rules() if rule["alert"] == alert]
    read = [rule["expr"] for rule in all_rules() if "record" in rule and any(rule["record"] in text for text in own)]
    return own + read


def labels_of(metric: str) -> set[str]:
    """The labels of a metric as Prometheus stores it."""
    found = CATALOGUE.get(metric) or CATALOGUE[re.sub(r"_(?:bucket|sum|count)$", "", metric)]
    return {*found.labels, "job", "instance", *(["le"] if found.kind is Kind.HISTOGRAM else [])}


def test_every_alert_has_its_page_and_no_page_is_left_over() -> None:
    assert {page.name for page in ALERT_PAGES} == {rule["alert"] for rule in rules()}


@each_alert
def test_page_has_every_section_in_order_and_none_is_empty(page: Page) -> None:
    assert page.headings[0] == (1, page.name)
    assert tuple(title for level, title in page.headings if level == 2) == SECTIONS
    assert [title for title, body in page.sections.items() if not body] == []


@each_alert
def test_page_is_short_enough_to_be_read_at_night(page: Page) -> None:
    assert page.words <= WORDS


@each_alert
def test_page_leaves_nothing_to_be_filled_in(page: Page) -> None:
    assert PLACEHOLDER.findall(page.text) == []


@each_page
def test_fences_say_what_they_are_and_why_they_are_not_run(page: Page) -> None:
    assert {fence.language for fence in page.fences} <= {"bash", "text", "promql"}
    notes = [fence.note for fence in page.fences if fence.note]
    assert [note for note in notes if not re.fullmatch(f"({NOT_RUN}|{LAST}) .{{10,}}", note)] == []


@each_page
def test_only_what_belongs_to_the_machine_is_not_run(page: Page) -> None:
    left_out = [fence for fence in page.fences if fence.language == "bash" and not fence.is_run]
    programs = {words[0] for fence in left_out for words in commands_of(fence.body)}

    assert programs <= OF_THE_MACHINE


@each_alert
def test_output_stands_below_every_command_of_the_first_five_minutes(page: Page) -> None:
    first = [step for step in page.steps if step.section == "First five minutes"]

    assert [step.command for step in first if not "".join(step.expected).strip(" …")] == []


@each_alert
def test_page_can_be_acted_on_and_verified(page: Page) -> None:
    first = [fence for fence in page.fences if fence.section == "First five minutes"]
    verification = [fence for fence in page.fences if fence.section == "Verification" and fence.language != "text"]

    assert any(fence.is_run for fence in first)
    assert all(fence.is_run and "promtool query instant" in fence.body for fence in verification)
    assert verification
    assert "Do **not** " in page.sections["Mitigation"]
    assert "Undo:" in page.sections["Mitigation"]


@each_alert
def test_first_five_minutes_change_nothing(page: Page) -> None:
    first = [fence.body for fence in page.fences if fence.section == "First five minutes"]

    assert [(word, body) for body in first for word in CHANGES if word in body] == []


@each_page
def test_commands_use_only_what_the_reader_has(page: Page) -> None:
    used = {words[0] for fence in page.fences if fence.language == "bash" for words in commands_of(fence.body)}
    programs = {word for word in used if not re.match(r"[A-Z]+=|#|for$|do$|done$|if$|print", word)}

    assert programs - PROGRAMS - SHELL == set()


@each_page
def test_addresses_are_those_of_the_bundle(page: Page) -> None:
    urls = {
        url for fence in page.fences if fence.language == "bash" for url in re.findall(r"http://[^\s'\"]+", fence.body)
    }

    assert [url for url in urls if not url.startswith(ADDRESSES)] == []


@each_page
def test_every_command_of_ours_exists_with_its_options(page: Page) -> None:
    for words in our_commands(page):
        command, rest = our_command(words)
        assert not hasattr(command, "commands") or rest in (["--version"], ["--help"]), words
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in rest if word.startswith("--")} <= known | {"--version", "--help"}, words


@each_page
def test_commands_in_blocks_have_all_their_arguments(page: Page) -> None:
    for fence in page.fences:
        for words in commands_of(fence.body) if fence.language == "bash" else ():
            if words[0] == "recon-exporter" and words[1:] != ["--version"]:
                command, rest = our_command(words[1:])
                command.make_context("recon-exporter", rest)


def our_commands(page: Page) -> Iterator[list[str]]:
    for code in page.inline_code:
        if code.startswith("recon-exporter "):
            yield from (words[1:] for words in commands_of(code))
    for fence in page.fences:
        if fence.language == "bash":
            yield from (words[1:] for words in commands_of(fence.body) if words[0] == "recon-exporter")


@each_page
def test_metrics_are_in_the_catalogue_and_exported(page: Page) -> None:
    names = {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in METRIC.findall(page.text)}

    assert {name for name in names if name not in CATALOGUE or not CATALOGUE[name].is_exported} == set()
    assert set(OF_WATCHERS.findall(page.text)) <= WATCHERS.keys()


def test_readme_of_the_dashboards_names_metrics_and_dashboards_that_exist() -> None:
    text = (ROOT / "grafana" / "README.md").read_text()

    assert set(METRIC.findall(text)) <= set(CATALOGUE)
    linked = {re.search(r"/d/([\w-]+)", rule["annotations"]["dashboard_url"])[1] for rule in rules()}  # type: ignore[index]
    assert linked <= set(re.findall(r"`(recon-\w+)`", text))


@each_page
def test_labels_are_those_of_the_metric(page: Page) -> None:
    text = page.text.replace('\\"', '"')
    for match in SELECTOR.finditer(text):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!=|=|!~)", re.sub(r'"[^"]*"', '""', match["labels"])))
        assert labels <= labels_of(match["metric"]), match[0]


@pytest.mark.needs_program("promtool")
def test_every_expression_parses(tmp_path: Path) -> None:
    expressions = [expression for page in ALL_PAGES for expression in expressions_of(page)]
    records = [{"record": f"page:expression:{number}", "expr": text} for number, text in enumerate(expressions)]
    file = tmp_path / "pages.rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "pages", "rules": records}]}))

    result = subprocess.run(["promtool", "check", "rules", str(file)], check=False, capture_output=True, text=True)

    assert len(expressions) > len(ALERT_PAGES)
    assert (result.returncode, result.stderr) == (0, "")


@each_page
def test_links_lead_somewhere(page: Page) -> None:
    for target in page.links:
        name, _, anchor = target.partition("#")
        path = FOLDER / name if name else page.path
        assert path.is_file(), target
        assert not anchor or anchor in Page(path).anchors, target


def test_readme_leads_to_every_page_from_what_one_sees() -> None:
    section = Page(FOLDER / "README.md").sections["What do I see?"]
    linked = re.findall(r"\]\((\w+)\.md\)", section)

    assert sorted(linked) == sorted(page.name for page in ALERT_PAGES)


@each_alert
def test_severities_and_durations_are_those_of_the_rules(page: Page) -> None:
    told = {(row["severity"], row["for"]) for row in page.table("Severity")}
    in_force = {(rule["labels"]["severity"], rule.get("for", "0s")) for rule in rules() if rule["alert"] == page.name}

    assert told == in_force


@each_alert
def test_verification_asks_for_what_the_rule_asks_for(page: Page) -> None:
    asked = {name for text in expressions_of(page) for name in re.findall(r"\b(?:recon_\w+|up|ALERTS)\b", text)}
    asked |= {name for text in expressions_of(page) for name in OF_WATCHERS.findall(text)}
    in_rule = {
        name for text in expressions_behind(page.name) for name in METRIC.findall(text) + OF_WATCHERS.findall(text)
    }

    assert "ALERTS" in asked or asked & (in_rule | {"up"})


@each_alert
def test_silence_is_for_this_alert_and_has_an_end(page: Page) -> None:
    commands = [
        words
        for fence in page.fences
        if fence.section == "Silence" and fence.language == "bash"
        for words in commands_of(fence.body)
    ]
    if page.name == "Watchdog":
        assert commands == []
        return
    (words,) = commands
    severities = {rule["labels"]["severity"] for rule in rules() if rule["alert"] == page.name}

    assert words[:3] == ["amtool", "silence", "add"]
    assert f"alertname={page.name}" in words
    assert any(word.startswith("severity=") for word in words) == (len(severities) > 1)
    assert (
        read_duration(next(word for word in words if word.startswith("--duration=")).partition("=")[2])
        <= LONGEST_SILENCE
    )
    assert "At most" in page.sections["Silence"]


@each_alert
def test_matchers_of_a_silence_are_labels_of_the_alert(page: Page) -> None:
    matchers = set(re.findall(r" (\w+)=\S+", page.sections["Silence"])) - {"alertname", "severity"}
    expressions = " ".join(rule["expr"] for rule in rules() if rule["alert"] == page.name)
    labels = {label for rule in rules() if rule["alert"] == page.name for label in rule["labels"]}

    assert {label for label in matchers if label not in labels and not re.search(rf"\b{label}\b", expressions)} == set()


@each_alert
def test_defaults_in_tuning_are_those_of_the_program(page: Page) -> None:
    for row in page.table("Tuning"):
        if row["key"] != "none":
            assert row["default"] == default_of(row["key"]), row["key"]


def default_of(key: str) -> str:
    """The built-in value of a key, as it is written in its file."""
    if key in BUILTIN_LIMITS:
        return str(BUILTIN_LIMITS[key])
    if key in SWITCH_KEYS:
        return "true"
    if key in ELSEWHERE:
        return ELSEWHERE[key]
    field: Any = None
    model: Any = Configuration
    if key.startswith("eod."):
        key, model = key.removeprefix("eod."), EodSettings
    for name in key.replace("fleets.hbot.", "fleets.").split("."):
        field = model.model_fields[name]
        model = field.annotation if not str(field.annotation).startswith("dict") else field.annotation.__args__[1]
    return str(field.default)


def test_readme_lists_the_thresholds_with_their_defaults() -> None:
    rows = {row["key"]: row["default"] for row in readme().table("Threshold configuration")}
    shipped = json.loads((ROOT / "config" / "reconciliation_thresholds.json").read_text(), parse_float=str)["defaults"]

    assert rows == {key: default_of(key) for key in (*SWITCH_KEYS, *LIMIT_KEYS)}
    assert rows == {key: str(value).replace("True", "true") for key, value in shipped.items()}


def test_readme_lists_the_variables_that_act() -> None:
    text = readme().sections["Threshold configuration"]
    named_here = set(re.findall(r"`((?:HB|RECON|EXCHANGE)_[A-Z_]+)`", text))

    assert named_here - {variable.name for variable in VARIABLES} - set(THRESHOLD_VARIABLES.values()) == {CONFIG_FILE}


def test_alertmanager_sends_a_sign_of_life_as_often_as_the_page_says() -> None:
    routes = yaml.safe_load((ROOT / "alerts" / "alertmanager.yml").read_text())["route"]["routes"]
    (route,) = [route for route in routes if route["matchers"] == ['alertname="Watchdog"']]

    assert route["group_interval"] == ELSEWHERE["group_interval"]


def codes_by_check() -> dict[str, set[str]]:
    """The codes that the README lists for each check."""
    rows = {row["check"].removesuffix(" (optional)"): row["codes"] for row in readme().table("Checks")}
    return {check: set(re.findall(r"[a-z]+(?:_[a-z]+)+", text)) for check, text in rows.items()}


def test_readme_lists_every_check_with_codes_that_it_reports() -> None:
    folder = ROOT / "exporter" / "recon_exporter" / "checks"
    source = " ".join(path.read_text() for path in folder.glob("*.py"))
    source += " ".join(f'"{code}"' for code in CODES.values())
    listed = codes_by_check()

    assert set(listed) == set(CHECKS)
    assert {check.canary(NOON).code for check in CHECKS.values()} <= set().union(*listed.values())
    for code in set().union(*listed.values()):
        assert f'"{re.sub("_(warning|critical)$", "", code)}' in source, code


@each_page
def test_codes_in_expressions_are_codes_that_the_checks_report(page: Page) -> None:
    asked = set(re.findall(r'code="([a-z_]+)"', page.text))

    assert asked <= set().union(*codes_by_check().values())


def test_pages_on_unverified_checks_know_every_reason() -> None:
    """A missed canary and a run that never came have alerts of their own."""
    of_cycles = Page(FOLDER / "ReconciliationCheckUnverified.md").table("Diagnosis")
    of_end_of_day = Page(FOLDER / "ReconciliationEodUnverified.md").table("Diagnosis")

    known = {row["reason"] for row in (*of_cycles, *of_end_of_day)}
    assert known == set(Reason) - {Reason.CANARY_MISSED, Reason.NOT_RUN}


def test_operators_page_is_linked_from_the_readme_and_has_every_section_of_the_original() -> None:
    page = end_of_day_page()
    subsections = {title.partition(" (")[0] for level, title in page.headings if level == 3}

    assert page.path.name in readme().links
    assert [title for level, title in page.headings if level == 2][:4] == [
        "Impact",
        "Diagnosis",
        "Resolution",
        "Escalation",
    ]
    assert {"Missing at broker", "Missing in DB", "Quantity mismatch", "Resolution steps"} <= subsections


def test_operators_page_lists_the_break_types_with_the_auto_halt_of_the_original() -> None:
    rows = end_of_day_page().table("Diagnosis")

    assert {row["type"]: row["auto-halt?"].split(" ")[0] for row in rows} == {
        "MISSING_AT_BROKER": "yes",
        "MISSING_IN_DB": "yes",
        "QUANTITY_MISMATCH": "if",
        "PRICE_MISMATCH": "no",
        "STALE_POSITION": "no",
    }
    assert {row["type"] for row in rows} == set(EOD_TYPES)


def test_operators_page_names_every_cause_that_the_program_names() -> None:
    text = end_of_day_page().text + Page(FOLDER / "ReconciliationBreaks.md").text

    assert {cause for cause in Cause if f"`{cause}`" not in text} <= {Cause.OTHER_MOVEMENT}
