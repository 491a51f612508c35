"""The rules as Prometheus sees them, in real promtool."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from alerts.rulebook import ALERTS, ROOT, rules

if TYPE_CHECKING:
    from pathlib import Path

RULES = ALERTS / "recon.rules.yml"
TESTS = sorted((ALERTS / "tests").glob("*.test.yml"))


def promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, arguments)], check=False, capture_output=True, text=True)


@pytest.mark.needs_program("promtool")
def test_rules_pass_every_lint() -> None:
    result = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)

    assert result.returncode == 0, result.stderr


@pytest.mark.needs_program("promtool")
@pytest.mark.parametrize("path", TESTS, ids=[path.name for path in TESTS])
def test_rules_behave_as_their_tests_say(path: Path) -> None:
    result = promtool("test", "rules", path)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.needs_program("promtool")
def test_configuration_of_prometheus_loads_with_the_rules() -> None:
    result = promtool("check", "config", ROOT / "config" / "prometheus.yml")

    assert result.returncode == 0, result.stderr
    assert "1 rule files found" in result.stdout


MUTANTS = {
    "the threshold itself no longer counts": (">= on", "> on", "inventory"),
    "the exporter's own finding is not heard": ('code="inventory_drift_critical"', 'code="other"', "inventory"),
    "an unverified check counts as proof": (
        'evaluated{check="inventory"}) == 1',
        'evaluated{check="inventory"}) >= 0',
        "inventory",
    ),
    "proof ends nothing": ('evaluated{check="inventory"}) == 1', 'evaluated{check="inventory"}) == 2', "inventory"),
    "proof needs no threshold": ("< on (job, bot)", "or on (job, bot)", "inventory"),
    "nothing is remembered": ("or\n      last_over_time", "unless\n      last_over_time", "inventory"),
    "the all-clear is told without proof": (
        "== 0\n      and on (job, bot)\n",
        "== 0\n      or on (job, bot)\n",
        "cleared",
    ),
    "the all-clear is over before it is delivered": ("cleared[30m]", "cleared[5m]", "cleared"),
    "a run without verdict ends a break": (
        'evaluated{check="eod"}) == 1\n      )',
        'evaluated{check="eod"}) >= 0\n      )',
        "breaks",
    ),
    "breaks of one type end those of another": ("max by (job, bot, break_type)", "max by (job, bot)", "breaks"),
    "material exposure outlives its break": (
        "max by (job, bot) (wsb_eod_reconciliation_breaks_total) > 0",
        "max by (job, bot) (wsb_eod_reconciliation_breaks_total) >= 0",
        "break_consequences",
    ),
    "what is not material counts as critical": (
        'fill_fee_differs",severity="critical"}',
        'fill_fee_differs"}',
        "fills",
    ),
    "one look at too many differences is enough": ("for: 2m", "for: 0s", "mass_break"),
    "a day is enough for a week": ("> 604800", "> 86400", "eod_over_days"),
    "a run in time counts as missed": (
        "completed_timestamp_seconds)\n      >= on",
        "completed_timestamp_seconds)\n      < on",
        "eod_runs",
    ),
    "a cut tail goes unseen": (
        "resets(recon_audit_sequence[1d])) > 0",
        "resets(recon_audit_sequence[1d])) > 1",
        "audit_chain",
    ),
    "a rewritten tail goes unseen": (
        "changes(recon_audit_head[1d]))\n      >",
        "changes(recon_audit_head[1d]))\n      <",
        "audit_chain",
    ),
}


@pytest.mark.needs_program("promtool")
@pytest.mark.parametrize(("old", "new", "name"), MUTANTS.values(), ids=MUTANTS)
def test_a_damaged_rule_fails_its_tests(tmp_path: Path, old: str, new: str, name: str) -> None:
    text = RULES.read_text()
    assert old in text
    shutil.copytree(ALERTS / "tests", tmp_path / "tests")
    (tmp_path / RULES.name).write_text(text.replace(old, new))

    result = promtool("test", "rules", tmp_path / "tests" / f"{name}.test.yml")

    assert result.returncode == 1
    assert "exp:" in result.stderr


END_OF_DAY = """
max by (job, bot, break_type) (wsb_eod_reconciliation_breaks_total > 0)
or
(
  max by (job, bot, break_type) (wsb_eod_reconciliation_breaks_total)
  and on (job, bot) max by (job, bot) (recon_check_evaluated{check="eod"}) == 1
)
or
(
  0 * last_over_time(bot_break_type:wsb_eod_reconciliation_breaks:held[6h])
  and on (job, bot) max by (job, bot) (recon_check_enabled{check="eod"}) == 0
)
or
last_over_time(bot_break_type:wsb_eod_reconciliation_breaks:held[6h])
"""


def test_breaks_are_held_and_reported_by_the_given_expressions() -> None:
    """The contract with those who know the alert from elsewhere, to the letter."""
    record = "bot_break_type:wsb_eod_reconciliation_breaks:held"
    expressions = {rule.name: rule.expression for rule in rules()}

    assert expressions[record] == END_OF_DAY.strip()
    assert expressions["ReconciliationBreaks"] == (
        f"max by (job, bot, break_type) (wsb_eod_reconciliation_breaks_total > 0)\nor\n{record} > 0"
    )
