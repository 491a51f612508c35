"""The rules as Prometheus sees them, in real promtool."""

from __future__ import annotations

import shutil
import subprocess
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from alerts.rulebook import ALERTS, ROOT

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
    "a person's word ends nothing": ("recon_check_enabled", "recon_check_enabled_", "held_for_a_day"),
    "the all-clear is told without an open state": ("[6h] offset 1s) > 0", "[6h] offset 1s) >= 0", "held"),
    "the all-clear is told without proof": (
        "== 0\n      and on (job, bot)\n",
        "== 0\n      or on (job, bot)\n",
        "cleared",
    ),
    "the all-clear is over before it is delivered": ("cleared[30m]", "cleared[5m]", "cleared"),
}


@pytest.mark.needs_program("promtool")
@pytest.mark.parametrize(("old", "new", "name"), MUTANTS.values(), ids=MUTANTS)
def test_a_damaged_rule_fails_its_tests(tmp_path: Path, old: str, new: str, name: str) -> None:
    rules = RULES.read_text()
    assert old in rules
    shutil.copytree(ALERTS / "tests", tmp_path / "tests")
    (tmp_path / RULES.name).write_text(rules.replace(old, new))

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


def test_breaks_with_a_zero_of_their_own_are_held_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ALERTS / "source")
    forms, model = import_module("forms"), import_module("model")
    breaks = model.Breaks("eod", "wsb_eod_reconciliation_breaks_total", "job, bot, break_type")
    record = "bot_break_type:wsb_eod_reconciliation_breaks:held"

    assert forms.record(None, breaks, "held") == record
    assert forms.held(record, breaks) == END_OF_DAY.strip()
    assert forms.firing(record, breaks).startswith(
        "max by (job, bot, break_type) (wsb_eod_reconciliation_breaks_total > 0)\nor"
    )
