"""Who is told about which alert, and what is muted by what, in real amtool and a real Alertmanager."""

from __future__ import annotations

import socket
import subprocess
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from alerts.rulebook import ALERTS, CLEARED, Rule, rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = ALERTS / "alertmanager.yml"
PAGES = tuple(rule for rule in rules() if rule.is_alert)
RECEIVERS = {"critical": "pager,chat", "warning": "chat", "info": "chat-all-clear", "none": "dead-mans-switch"}
OTHERWISE = {CLEARED: "pager,chat-all-clear", "ReconciliationNotificationsFailing": "pager,chat"}


def configuration() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text())
    return content


def seconds(text: str) -> float:
    unit = {"s": "seconds", "m": "minutes", "h": "hours"}[text[-1]]
    return timedelta(**{unit: int(text[:-1])}).total_seconds()


@pytest.mark.needs_program("amtool")
def test_configuration_is_valid() -> None:
    result = subprocess.run(["amtool", "check-config", CONFIGURATION], check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr


@pytest.mark.needs_program("amtool")
@pytest.mark.parametrize("rule", PAGES, ids=["/".join(rule.key) for rule in PAGES])
def test_every_alert_reaches_its_receivers(rule: Rule) -> None:
    labels = {"alertname": rule.name, "job": "recon-exporter", "bot": "bot1", **rule.labels}
    command = ["amtool", "config", "routes", "test", f"--config.file={CONFIGURATION}"]
    receivers = OTHERWISE.get(rule.name, RECEIVERS[rule.labels["severity"]])
    verify = f"--verify.receivers={receivers}"

    result = subprocess.run(
        [*command, verify, *(f"{name}={value}" for name, value in labels.items())],
        check=False,
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_only_the_chat_hears_that_an_alert_is_no_longer_reported() -> None:
    told = {
        receiver["name"]: entry["send_resolved"]
        for receiver in configuration()["receivers"]
        for entry in receiver["webhook_configs"]
    }

    assert told == {"pager": False, "chat": True, "chat-all-clear": False, "dead-mans-switch": False}


def test_what_people_get_at_once_is_bounded() -> None:
    for file in (CONFIGURATION, ALERTS / "alertmanager-receivers.yml"):
        receivers = yaml.safe_load(file.read_text())["receivers"]
        ways = {
            receiver["name"]: receiver["webhook_configs"] for receiver in receivers if "webhook_configs" in receiver
        }
        bounds = {way.get("max_alerts") for name in ways if name != "dead-mans-switch" for way in ways[name]}
        assert bounds == {100}, file.name


def test_the_all_clear_reaches_everybody_who_may_have_heard_of_the_alert() -> None:
    text = CONFIGURATION.read_text()
    addresses = {receiver["name"]: receiver["webhook_configs"][0]["url"] for receiver in configuration()["receivers"]}

    assert addresses["chat"] == addresses["chat-all-clear"]
    assert f'alertname="{CLEARED}"' in text


def test_a_page_leaves_within_three_minutes_of_its_report() -> None:
    prometheus = yaml.safe_load((ALERTS.parent / "config" / "prometheus.yml").read_text())["global"]
    behind = seconds(prometheus["scrape_interval"]) + seconds(prometheus["evaluation_interval"])
    route = configuration()["route"]
    slowest = max(seconds(part["group_interval"]) for part in (route, *route["routes"]) if "group_interval" in part)

    assert behind + seconds(route["group_wait"]) + slowest <= 180


def test_what_follows_from_a_break_arrives_with_it() -> None:
    """One cause, one page: whatever is critical about a bot is in one group."""
    route = configuration()["route"]
    (pager,) = [part for part in route["routes"] if part["matchers"] == ['severity="critical"']]

    assert route["group_by"] == ["bot"]
    assert "group_by" not in pager


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Alertmanager that runs our configuration and delivers to nobody."""
    folder = tmp_path_factory.mktemp("alertmanager")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    copy = folder / "alertmanager.yml"
    copy.write_text(CONFIGURATION.read_text().replace("127.0.0.1:19093", f"{address}/nobody"))
    log = folder / "log"
    command = ["prometheus-alertmanager", f"--config.file={copy}", f"--storage.path={folder}"]
    listen = [f"--web.listen-address={address}", "--cluster.listen-address="]
    with log.open("w") as output, subprocess.Popen([*command, *listen], stderr=output) as process:
        try:
            wait_until_ready(address, log)
            yield address
        finally:
            process.terminate()


def wait_until_ready(address: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if requests.get(f"http://{address}/-/ready", timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail(f"Alertmanager does not answer:\n{log.read_text()}")


def muted(address: str, firing: list[dict[str, str]]) -> list[dict[str, str]]:
    """Send alerts, and return the labels of those that others of them inhibit."""
    run = str(time.monotonic_ns())
    alerts = [{"labels": {**labels, "job": f"{labels.get('job', 'recon-exporter')}-{run}"}} for labels in firing]
    url = f"http://{address}/api/v2/alerts"
    requests.post(url, json=alerts, timeout=5).raise_for_status()
    known = requests.get(url, timeout=5).json()
    inhibited = [alert["labels"] for alert in known if alert["status"]["inhibitedBy"]]
    return [labels for labels, sent in zip(firing, alerts, strict=True) if sent["labels"] in inhibited]


def alert(name: str, severity: str, bot: str = "", **labels: str) -> dict[str, str]:
    return {"alertname": name, "severity": severity, **({"bot": bot} if bot else {}), **labels}


DRIFT = alert("ReconciliationInventoryDrift", "critical", "bot1")
DRIFT_WARNING = alert("ReconciliationInventoryDrift", "warning", "bot1")
OTHER_WARNING = alert("ReconciliationInventoryDrift", "warning", "bot2")
PARITY = alert("ReconciliationFillParityBroken", "warning", "bot1")
MISSING = alert("ReconciliationBotNotCovered", "critical", "bot1")
STALE = alert("ReconciliationLedgerStale", "warning", "bot1")
STALE_LONG = alert("ReconciliationLedgerStale", "critical", "bot1")
UNVERIFIED = alert("ReconciliationCheckUnverified", "warning", "bot1", check="inventory")
OTHER_UNVERIFIED = alert("ReconciliationCheckUnverified", "warning", "bot2", check="inventory")
PROBE = alert("ReconciliationProbeStatusUnexpected", "warning", "bot1")
INCOMPLETE = alert("ReconciliationCoverageIncomplete", "critical")
OTHER_INCOMPLETE = alert("ReconciliationCoverageIncomplete", "critical", job="elsewhere")
DOWN = alert("ReconciliationExporterDown", "critical", instance="a")
CYCLE_STALE = alert("ReconciliationCycleStale", "critical", instance="a")
CYCLE_FAILING = alert("ReconciliationCycleFailing", "warning", instance="a", reason="state")
OTHER_FAILING = alert("ReconciliationCycleFailing", "warning", instance="b", reason="state")
BREAKS = alert("ReconciliationBreaks", "critical", "bot1", break_type="MISSING_IN_DB")
OTHER_BREAKS = alert("ReconciliationBreaks", "critical", "bot1", break_type="STALE_POSITION")
HALTED = alert("ReconciliationTradingHalted", "critical", "bot1")
EXPOSED = alert("ReconciliationExposureMaterial", "critical", "bot1")
POSITIONS = alert("ReconciliationPositionsMissing", "critical", "bot1")
AGED = alert("ReconciliationBreakAgeing", "critical", "bot1")
AGEING = alert("ReconciliationBreakAgeing", "warning", "bot1")
EOD_UNVERIFIED = alert("ReconciliationEodUnverified", "warning", "bot1")
FLOOD = alert("ReconciliationEodUnverified", "critical", "bot1")
EOD_MISSED = alert("ReconciliationEodRunMissed", "critical", "bot1")
FILL = alert("ReconciliationFillMissing", "critical", "bot1", check="fills")
FILL_DIFFERS = alert("ReconciliationFillDiffers", "warning", "bot1", check="fills")
POSITION = alert("ReconciliationPositionMismatch", "critical", "bot1", check="positions")
POSITION_WARNING = alert("ReconciliationPositionMismatch", "warning", "bot1", check="positions")
OTHER_POSITION = alert("ReconciliationPositionMismatch", "warning", "bot2", check="positions")
BALANCE = alert("ReconciliationVenueBalanceMismatch", "critical", "bot1", check="venue_balances")
BALANCE_WARNING = alert("ReconciliationVenueBalanceMismatch", "warning", "bot1", check="venue_balances")
MANY = alert("ReconciliationCheckUnverified", "critical", "bot1", check="fills")
ALL_CLEAR = alert(CLEARED, "info", "bot1", cleared="ReconciliationFillParityBroken")


@pytest.mark.needs_program("prometheus-alertmanager")
@pytest.mark.parametrize(
    ("firing", "expected"),
    [
        ([DRIFT, DRIFT_WARNING], [DRIFT_WARNING]),
        ([DRIFT, OTHER_WARNING, PARITY], []),
        (
            [MISSING, STALE, STALE_LONG, UNVERIFIED, PROBE, INCOMPLETE],
            [STALE, STALE_LONG, UNVERIFIED, PROBE, INCOMPLETE],
        ),
        ([MISSING, OTHER_UNVERIFIED, OTHER_INCOMPLETE], []),
        ([STALE, UNVERIFIED, OTHER_UNVERIFIED, INCOMPLETE], [UNVERIFIED, INCOMPLETE]),
        ([CYCLE_STALE, CYCLE_FAILING, OTHER_FAILING], [CYCLE_FAILING]),
        ([DOWN, DRIFT, PARITY, INCOMPLETE, UNVERIFIED], []),
        ([DRIFT, MISSING, ALL_CLEAR], []),
        ([BREAKS, OTHER_BREAKS, HALTED, EXPOSED, POSITIONS, EOD_MISSED, PARITY], []),
        ([AGED, AGEING, BREAKS], [AGEING]),
        ([STALE, EOD_UNVERIFIED, EOD_MISSED, BREAKS], [EOD_UNVERIFIED]),
        ([MISSING, FLOOD, BREAKS], []),
        ([FILL, POSITION_WARNING, BALANCE_WARNING, OTHER_POSITION, PARITY], [POSITION_WARNING, BALANCE_WARNING]),
        ([FILL, POSITION, BALANCE, FILL_DIFFERS, DRIFT], []),
        ([POSITION, POSITION_WARNING, BALANCE_WARNING], [POSITION_WARNING, BALANCE_WARNING]),
        ([POSITION_WARNING, BALANCE_WARNING, FILL_DIFFERS], []),
        ([MISSING, STALE_LONG, MANY, UNVERIFIED], [STALE_LONG, UNVERIFIED]),
        ([MANY, UNVERIFIED], []),
    ],
    ids=[
        "both thresholds of one drift",
        "another bot or another alert is not muted",
        "a bot that is gone explains what follows from it",
        "a bot that is gone explains nothing about others",
        "old books explain unverified checks",
        "failing cycles explain that none has finished, per instance",
        "an exporter that is down mutes no money",
        "an all-clear is never muted",
        "a break mutes nothing: what follows from it joins its notification",
        "a week says more than a day",
        "old books explain that a run has no verdict, not that none came",
        "books that are gone explain no flood of breaks",
        "a fill that is missing explains what is small beside it, of its bot",
        "a fill that is missing mutes nothing critical: what follows from it joins its notification",
        "a position explains a small balance",
        "what is small mutes nothing",
        "books that are gone explain no flood of differences in a cycle",
        "a flood in one check says nothing about another that has no verdict",
    ],
)
def test_a_cause_mutes_what_follows_from_it_and_nothing_else(
    alertmanager: str, firing: list[dict[str, str]], expected: list[dict[str, str]]
) -> None:
    assert muted(alertmanager, firing) == expected
