"""The README keeps its word: each command does what stands beside it, and what acceptance asks for holds."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from recon_exporter.clock import SystemClock
from recon_exporter.drills.fleet import MINUTE, Bot, Fleet, holding, write_json
from recon_exporter.drills.running import until_one_day
from runbooks.pages import ROOT, readme
from runbooks.reader import check_outcomes, run
from runbooks.stack import Stack, clean_environment, free_addresses, receiver, running, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

CONFIGURATION = """\
web: {{listen_address: "127.0.0.1:{port}"}}
schedule: {{cycle: 1s}}
fleets:
  hbot: {{type: hbot, exchange_snapshot: {{enabled: true}}}}
"""
CLOCK = SystemClock()
SOUND = Bot("bot1")
DRIFTING = Bot("bot4", {**holding("0.95"), "target_base_pct": Decimal("0.3")})
A_LITTLE_OFF = Bot("bot4", {**holding("0.9"), "target_base_pct": Decimal("0.6")})
OWN_LIMITS = {"inventory_warn": 0.4, "inventory_critical": 0.55}
"""Of the sound bot, where it is there: who is named in a file is expected."""

COMMANDS = {row["here"]: row for row in readme().table("Commands")}


@dataclass(slots=True)
class Shell:
    """A working directory with books in it, and a person who types commands there."""

    folder: Path
    environment: dict[str, str]
    address: str

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**self.environment, **variables},
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    @contextmanager
    def serving(self, command: str) -> Iterator[subprocess.Popen[bytes]]:
        """The service, once its first cycle is over and reported."""
        with running(command.split(), self.folder, self.environment) as process:
            until(lambda: requests.get(f"http://{self.address}/-/ready", timeout=5).ok, "the first cycle")
            until(lambda: self.has("latest.json"), "a report")
            yield process

    def read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "reports" / "reconciliation" / name).read_text())
        return content

    def has(self, name: str) -> bool:
        return (self.folder / "reports" / "reconciliation" / name).exists()


@pytest.fixture
def shell_with(tmp_path: Path) -> Callable[..., Shell]:
    """A shell in a directory with the books of the given bots."""

    def build(*bots: Bot) -> Shell:
        while wait := until_one_day(CLOCK.now()):
            CLOCK.wait(wait)
        (address,) = free_addresses(1)
        write(Fleet(tmp_path, bots, thresholds={bot.name: OWN_LIMITS for bot in bots if bot == SOUND}))
        (tmp_path / "config" / "recon.yml").write_text(CONFIGURATION.format(port=address.partition(":")[2]))
        return Shell(tmp_path, clean_environment(tmp_path), address)

    return build


def write(fleet: Fleet) -> None:
    """Two rows of each bot, a minute apart, and what belongs to them."""
    fleet.configure()
    now = CLOCK.now()
    for at in (now - MINUTE, now):
        fleet.write(at)


def told_codes(command: str) -> set[int]:
    """The exit codes that stand beside a command."""
    return {int(code) for code in re.findall(r"(?<!\w)[0-3](?!\w)", COMMANDS[command]["exit code"])}


def check_serve(shell_with: Callable[..., Shell], command: str) -> None:
    shell = shell_with(SOUND, DRIFTING)
    with shell.serving(command) as process:
        metrics = requests.get(f"http://{shell.address}/metrics", timeout=5).text
        assert re.search(r"^recon_bots_checked 2(\.0)?$", metrics, re.MULTILINE)
        assert requests.get(f"http://{shell.address}/", timeout=5).ok
        assert requests.get(f"http://{shell.address}/runbooks/ReconciliationInventoryDrift", timeout=5).ok
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def check_once(shell_with: Callable[..., Shell], command: str) -> None:
    shell = shell_with(SOUND, DRIFTING)

    assert shell.run(command).returncode == 1
    report = shell.read("latest.json")
    stamped = list((shell.folder / "reports" / "reconciliation").glob("reconciliation_*Z.json"))
    assert [json.loads(path.read_text()) for path in stamped] == [report]
    assert report["status"] == "critical"
    assert {finding["severity"] for finding in report["findings"]} <= {"warning", "critical"}


def check_synthetic(shell_with: Callable[..., Shell], command: str) -> None:
    shell = shell_with(SOUND)
    assert shell.run("recon-exporter once").returncode == 0
    real = shell.read("latest.json")

    assert shell.run(command).returncode == 1
    synthetic = shell.read("synthetic/latest.json")
    assert synthetic["synthetic"] is True
    assert "critical" in {finding["severity"] for finding in synthetic["findings"]}
    assert shell.read("latest.json") == real


def check_send(shell_with: Callable[..., Shell], command: str) -> None:
    shell = shell_with(SOUND)
    with receiver() as webhook:
        assert shell.run(command, RECON_ALERT_WEBHOOK_URL=webhook.url).returncode == 1

    assert [message["synthetic"] for message in webhook.received] == [True]
    assert shell.has("synthetic/last_webhook_test.json")
    assert not shell.has("last_webhook_sent.json")
    assert not shell.has("latest.json")


def check_print_config(shell_with: Callable[..., Shell], command: str) -> None:
    result = shell_with(SOUND).run(command)

    assert result.returncode == 0
    assert re.search(r"bot1\.inventory_warn\s+0\.4\s+bot", result.stdout)
    assert re.search(r"bot1\.exchange_drift_warn\s+0\.1\s+builtin", result.stdout)


def check_gate(shell_with: Callable[..., Shell], command: str) -> None:
    shell = shell_with(SOUND, DRIFTING)
    shell.run("recon-exporter once")

    result = shell.run(command)

    assert result.returncode == 1
    assert "critical" in result.stdout


def check_incident(shell_with: Callable[..., Shell], command: str) -> None:
    shell = shell_with(SOUND)

    assert shell.run(command).returncode == 0
    entry = (shell.folder / "docs" / "ops" / "incidents.md").read_text()
    assert "owner=alice" in entry
    assert "eta=" in entry
    assert "bot4" in entry


CASES: Mapping[str, Callable[[Callable[..., Shell], str], None]] = {
    "serve": check_serve,
    "once": check_once,
    "once --synthetic-drift": check_synthetic,
    "once --synthetic-drift --send": check_send,
    "print-config": check_print_config,
    "gate": check_gate,
    "incident open": check_incident,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_table_does_what_stands_beside_it(command: str, shell_with: Callable[..., Shell]) -> None:
    words = command.removeprefix("recon-exporter ").split(' --summary "')[0]

    CASES[words](shell_with, command)


@pytest.mark.needs_program("curl")
def test_commands_run_as_printed_and_show_what_the_page_says(shell_with: Callable[..., Shell]) -> None:
    shell, steps = shell_with(SOUND, DRIFTING), readme().steps
    with shell.serving("recon-exporter serve"):
        stack = Stack(shell.folder, {"127.0.0.1:9811": shell.address}, shell.environment)
        check_outcomes(steps, run(steps, stack))


def test_printed_commands_are_those_of_the_original() -> None:
    printed = [row["as printed in the original"] for row in COMMANDS.values()]

    assert printed[:3] == [
        "docker compose --env-file ../env/.env --profile external up -d reconciliation-service",
        "PYTHONPATH=. python services/reconciliation_service/main.py --once",
        "PYTHONPATH=. python services/reconciliation_service/main.py --once --synthetic-drift",
    ]


@pytest.mark.parametrize(
    "command",
    [
        "recon-exporter init own.yml",
        "recon-exporter check-config",
        "recon-exporter print-schema",
        "recon-exporter bots list",
        "recon-exporter incident list",
        "recon-exporter bundle export bundle",
    ],
)
def test_further_commands_are_listed_and_work(command: str, shell_with: Callable[..., Shell]) -> None:
    listed = readme().sections["Commands"]

    assert f"`{command.removesuffix(' own.yml')}`" in listed
    assert shell_with(SOUND).run(command).returncode == 0


def test_healthcheck_fails_where_nothing_is_served(shell_with: Callable[..., Shell]) -> None:
    assert shell_with(SOUND).run("recon-exporter healthcheck").returncode == 1


@pytest.mark.parametrize(
    ("bots", "break_it", "code"),
    [
        pytest.param([SOUND], None, 0, id="ok"),
        pytest.param([A_LITTLE_OFF], None, 1, id="warning"),
        pytest.param([SOUND], "rm -r reports/event_store", 3, id="unverified"),
        pytest.param([SOUND], "echo no >config/reconciliation_thresholds.json", 2, id="configuration"),
    ],
)
def test_exit_codes_of_once_are_those_of_the_table(
    bots: Sequence[Bot], break_it: str | None, code: int, shell_with: Callable[..., Shell]
) -> None:
    shell = shell_with(*bots)
    if break_it is not None:
        shell.run(break_it)

    assert shell.run("recon-exporter once").returncode == code
    assert str(code) in {row["code"] for row in readme().table("Exit codes")}


def test_gate_opens_for_a_fresh_and_clean_report(shell_with: Callable[..., Shell]) -> None:
    shell = shell_with(SOUND)
    shell.run("recon-exporter once")

    assert shell.run("recon-exporter gate").returncode == 0


@pytest.mark.parametrize(
    ("bot", "least", "sent"),
    [(DRIFTING, "critical", 1), (A_LITTLE_OFF, "warning", 1), (A_LITTLE_OFF, "critical", 0)],
)
def test_webhook_and_marker_come_at_the_threshold(
    bot: Bot, least: str, sent: int, shell_with: Callable[..., Shell]
) -> None:
    shell = shell_with(bot)
    with receiver() as webhook:
        shell.run("recon-exporter once", RECON_ALERT_WEBHOOK_URL=webhook.url, RECON_ALERT_MIN_SEVERITY=least)

    assert [message["source"] for message in webhook.received] == ["reconciliation_service"] * sent
    assert shell.has("last_webhook_sent.json") == bool(sent)


def test_marker_is_not_written_where_nobody_confirmed(shell_with: Callable[..., Shell]) -> None:
    shell = shell_with(DRIFTING)
    (nobody,) = free_addresses(1)

    shell.run("recon-exporter once", RECON_ALERT_WEBHOOK_URL=f"http://{nobody}/alert")

    assert not shell.has("last_webhook_sent.json")


def test_thresholds_in_details_follow_the_thresholds_file(shell_with: Callable[..., Shell]) -> None:
    shell = shell_with(DRIFTING)
    assert thresholds_told(shell) == (0.25, 0.45, "builtin")

    own = {"version": 1, "bots": {"bot4": {"inventory_warn": 0.1, "inventory_critical": 0.2}}}
    write_json(shell.folder / "config" / "reconciliation_thresholds.json", own)

    assert thresholds_told(shell) == (0.1, 0.2, "bot")


def thresholds_told(shell: Shell) -> tuple[float, float, str]:
    shell.run("recon-exporter once")
    (details,) = [one["details"] for one in shell.read("latest.json")["findings"] if one["check"] == "inventory"]
    return details["warn_threshold"], details["critical_threshold"], details["critical_origin"]


@pytest.mark.parametrize("wrong", ["", "bot1", "bot2", "bot3"])
def test_validation_target_is_checked_against_the_shipped_map(wrong: str, shell_with: Callable[..., Shell]) -> None:
    modes = {row["bot"]: row for row in readme().table("Exchange snapshot account mapping")}
    statuses = {bot: row["account_probe_status must be"] for bot, row in modes.items()}
    shown = {bot: "fetch_failed" if bot == wrong else status for bot, status in statuses.items()}
    shell = shell_with(*(Bot(bot, probe=status) for bot, status in shown.items()))
    shipped = json.loads((ROOT / "config" / "exchange_account_map.json").read_text())
    shipped["bots"] = {bot: shipped["bots"][bot] for bot in modes}
    write_json(shell.folder / "config" / "exchange_account_map.json", shipped)

    shell.run("recon-exporter once")

    found = [one["bot"] for one in shell.read("latest.json")["findings"] if one["message"] == "probe_status_unexpected"]
    assert {bot: row["account_mode"] for bot, row in modes.items()} == {
        bot: entry["account_mode"] for bot, entry in shipped["bots"].items()
    }
    assert found == [wrong] * bool(wrong)
