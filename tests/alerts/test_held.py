"""Every alert about money is held until fresh proof, whatever happens to the exporter, in real promtool."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from alerts.held_scenarios import SCENARIOS, Scenario, held_alerts, promtool_file
from alerts.rulebook import ALERTS, rules

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_program("promtool")
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)


def failures(folder: Path, scenario: Scenario, rule_text: str) -> str:
    """What promtool has to say about the rules without their texts, which would be rendered at every evaluation."""
    content = yaml.safe_load(rule_text)
    for group in content["groups"]:
        group["rules"] = [rule for rule in group["rules"] if ":held" in rule["expr"] or ":cleared" in rule["expr"]]
        for rule in group["rules"]:
            rule.pop("annotations", None)
    (folder / "rules.yml").write_text(yaml.safe_dump(content))
    (folder / "scenario.test.yml").write_text(yaml.safe_dump(promtool_file(scenario, "rules.yml")))
    command = ["promtool", "test", "rules", str(folder / "scenario.test.yml")]
    result: subprocess.CompletedProcess[str] = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (result.returncode == 0) == (not result.stderr)
    return result.stderr


def shipped() -> str:
    return (ALERTS / "recon.rules.yml").read_text()


def test_every_rule_that_is_held_goes_through_the_scenarios() -> None:
    in_table = {(alert.name, alert.severity) for alert in held_alerts()}

    assert in_table == {rule.key for rule in rules() if rule.is_held}
    assert len(in_table) > 20


@each_scenario
def test_held_alerts_end_on_fresh_proof_or_a_persons_word_alone(tmp_path: Path, scenario: Scenario) -> None:
    assert failures(tmp_path, scenario, shipped()) == ""


def damaged(old: str, new: str) -> str:
    text = shipped()
    assert old in text
    return text.replace(old, new)


DAMAGES = {
    "nothing is remembered": ("or\n      last_over_time(", "unless\n      last_over_time(", "the exporter dies"),
    "what is remembered of it is not seen": (":held > 0", ":held > 1e9", "the target is removed"),
    "a start ends it": (
        "recon_check_evaluated{",
        "recon_check_enabled{",
        "the exporter is back and warms up, and then the first pass is clean",
    ),
    "an unverified check ends it": (
        "}) == 1",
        "}) >= 0",
        "a source is down while the exporter answers, and old values stand there",
    ),
    "each instance for itself": (
        "max by (job, bot)",
        "max by (job, instance, bot)",
        "a redeployment brings another instance",
    ),
    "the best of two instances is believed": (
        "max by (job, bot",
        "min by (job, bot",
        "two exporters run side by side, and the one that sees trouble is believed",
    ),
    "proof ends nothing": ("}) == 1", "}) == 2", "the break closes"),
    "the zero is not recorded": ("0 * ", "NaN * ", "the break closes, and the exporter dies afterwards"),
    "the all-clear is told without an open state": (
        "offset 1s) > 0",
        "offset 1s) >= 0",
        "nothing was ever wrong, and the exporter dies and comes back",
    ),
    "a person's word ends nothing": ("recon_check_enabled{", "recon_nothing{", "a person disables the check"),
    "what the state forgot stays": (
        "0 * last_over_time(bot:recon_trading",
        "1 * last_over_time(bot:recon_trading",
        "the break closes",
    ),
    "the state forgets with the exporter": (
        "or\n      last_over_time(bot:recon_trading_halted",
        "unless\n      last_over_time(bot:recon_trading_halted",
        "nobody sees it for twenty-five hours",
    ),
}


@pytest.mark.parametrize(("old", "new", "scenario"), DAMAGES.values(), ids=DAMAGES)
def test_a_form_that_does_not_hold_is_noticed(tmp_path: Path, old: str, new: str, scenario: str) -> None:
    assert "exp:" in failures(tmp_path, SCENARIOS[scenario], damaged(old, new))
