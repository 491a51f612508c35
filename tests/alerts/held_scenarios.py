"""What may happen to an exporter while an alert about money is open, as promtool tests made from the alert table.

Every held alert has a bot of its own, named like the alert and its severity, and goes through every scenario. Of each
minute that a scenario asks about it says whether the alert fires, and whether the all-clear does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import generate
from model import Alert, Breaks, Drift, Findings, Held, Latched
from recon_exporter.telemetry import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Phase = Literal["open", "closed", "old values", "withheld", "warming up", "disabled", "dead", "removed"]
"""What an exporter shows of a bot: the condition; a fresh zero; an unverified check beside old zeros, or beside none;
checks without a verdict after a start; checks that a person switched off; nothing, with its target or without it."""

SEVERAL_VALUES = {"break_type": "MISSING_IN_DB", "reason": "exposure"}
LONG_AGO = "-1000000"
BEYOND_ANY_THRESHOLD, THRESHOLD = "9", "0.5"
SELECTOR = re.compile(r"\b((?:recon|wsb)_\w+)\b(?:\{([^}]*)\})?")


@dataclass(frozen=True, slots=True)
class Moment:
    """What must be true at a minute; `since` is the minute from which the alert has been active without a gap."""

    minute: int
    fires: bool
    all_clear: bool = False
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the instances show, each phase with its minutes, and what follows from it."""

    instances: tuple[tuple[tuple[Phase, int], ...], ...]
    moments: tuple[Moment, ...]
    step: int = 1


SCENARIOS: Mapping[str, Scenario] = {
    "the exporter dies": Scenario(
        ((("open", 5), ("dead", 55)),),
        (Moment(4, fires=True), Moment(6, fires=True), Moment(12, fires=True), Moment(59, fires=True, since=0)),
    ),
    "the exporter is back and warms up, and then the first pass is clean": Scenario(
        ((("open", 5), ("dead", 7), ("warming up", 8), ("closed", 10)),),
        (Moment(11, fires=True), Moment(14, fires=True), Moment(19, fires=True, since=0),
         Moment(20, fires=False, all_clear=True)),
    ),
    "the exporter is back and the break is still there": Scenario(
        ((("open", 5), ("dead", 7), ("warming up", 8), ("open", 10)),), (Moment(29, fires=True, since=0),)
    ),
    "the target is removed": Scenario(
        ((("open", 5), ("removed", 55)),),
        (Moment(6, fires=True), Moment(12, fires=True), Moment(59, fires=True, since=0)),
    ),
    "a source is down while the exporter answers, and old values stand there": Scenario(
        ((("open", 5), ("old values", 20), ("closed", 10)),),
        (Moment(5, fires=True), Moment(24, fires=True, since=0), Moment(25, fires=False, all_clear=True)),
    ),
    "a source is down while the exporter answers, and its series are withheld": Scenario(
        ((("open", 5), ("withheld", 20), ("closed", 10)),),
        (Moment(5, fires=True), Moment(24, fires=True, since=0), Moment(25, fires=False, all_clear=True)),
    ),
    "a redeployment brings another instance": Scenario(
        ((("open", 5), ("removed", 35)), (("removed", 6), ("warming up", 4), ("open", 10), ("closed", 20))),
        (Moment(5, fires=True), Moment(8, fires=True), Moment(19, fires=True, since=0),
         Moment(20, fires=False, all_clear=True)),
    ),
    "two exporters run side by side, and one dies": Scenario(
        ((("open", 20), ("closed", 20)), (("removed", 2), ("warming up", 3), ("open", 5), ("dead", 30))),
        (Moment(4, fires=True), Moment(7, fires=True), Moment(19, fires=True, since=0),
         Moment(20, fires=False, all_clear=True), Moment(35, fires=False, all_clear=True)),
    ),
    "two exporters run side by side, and the one that sees trouble is believed": Scenario(
        ((("open", 20), ("closed", 10)), (("closed", 30),)),
        (Moment(4, fires=True), Moment(19, fires=True, since=0), Moment(20, fires=False, all_clear=True)),
    ),
    "the break closes": Scenario(
        ((("closed", 5), ("open", 5), ("closed", 40)),),
        (Moment(4, fires=False), Moment(5, fires=True), Moment(9, fires=True), Moment(10, fires=False, all_clear=True),
         Moment(39, fires=False, all_clear=True), Moment(45, fires=False)),
    ),
    "the break closes, and the exporter dies afterwards": Scenario(
        ((("open", 5), ("closed", 5), ("dead", 60)),),
        (Moment(4, fires=True), Moment(5, fires=False, all_clear=True), Moment(11, fires=False, all_clear=True),
         Moment(17, fires=False, all_clear=True), Moment(69, fires=False)),
    ),
    "nothing was ever wrong, and the exporter dies and comes back": Scenario(
        ((("warming up", 3), ("closed", 5), ("dead", 20), ("warming up", 3), ("closed", 5)),),
        (Moment(2, fires=False), Moment(7, fires=False), Moment(20, fires=False), Moment(30, fires=False),
         Moment(35, fires=False)),
    ),
    "nobody sees it for twenty-five hours": Scenario(
        ((("open", 10), ("dead", 1500)), (("removed", 1510), ("warming up", 10), ("closed", 20))),
        (Moment(5, fires=True), Moment(400, fires=True), Moment(1505, fires=True), Moment(1515, fires=True, since=0),
         Moment(1525, fires=False, all_clear=True)),
        step=5,
    ),
    "a person disables the check": Scenario(
        ((("open", 5), ("disabled", 15), ("dead", 20)),),
        (Moment(4, fires=True), Moment(5, fires=False), Moment(19, fires=False), Moment(39, fires=False)),
    ),
    "a person forgets the bot, or retires what it left behind": Scenario(
        ((("open", 10), ("disabled", 360), ("removed", 830)),),
        (Moment(5, fires=True), Moment(15, fires=False), Moment(365, fires=False), Moment(380, fires=False),
         Moment(1195, fires=False)),
        step=5,
    ),
    "a person disables the check while nobody sees the bot": Scenario(
        ((("open", 5), ("dead", 10), ("disabled", 10)),), (Moment(14, fires=True, since=0), Moment(15, fires=False))
    ),
}  # fmt: skip


def held_alerts() -> tuple[Alert, ...]:
    """Every row of the alert table that is about money."""
    return tuple(alert for _, rows in generate.GROUPS for alert in rows if isinstance(alert.condition, Held))


def promtool_file(scenario: Scenario, rules: str) -> dict[str, Any]:
    """The tests of one scenario for every held alert, as promtool reads them."""
    series = {**_targets(scenario)}
    for alert in held_alerts():
        series |= _series(alert, scenario)
    entries = [{"series": name, "values": values} for name, values in series.items()]
    asked = [test for alert in held_alerts() for moment in scenario.moments for test in _asked(alert, moment)]
    group = {"interval": "1m", "input_series": entries, "promql_expr_test": asked}
    return {"rule_files": [rules], "evaluation_interval": f"{scenario.step}m", "tests": [group]}


def _bot(alert: Alert) -> str:
    return f"{alert.name}-{alert.severity}"


def _asked(alert: Alert, moment: Moment) -> Iterator[dict[str, Any]]:
    """The questions about one alert at one minute; one series is one page, however many exporters there are."""
    own = f'alertname="{alert.name}",severity="{alert.severity}",bot="{_bot(alert)}"'
    yield _question(moment, f'count(ALERTS{{{own},alertstate="firing"}})', 1 if moment.fires else None)
    if moment.since is not None:
        yield _question(moment, f"max(ALERTS_FOR_STATE{{{own}}})", moment.since * 60)
    if alert.clears:
        cleared = f'alertname="ReconciliationCleared",cleared="{alert.name}",bot="{_bot(alert)}"'
        yield _question(moment, f"count(ALERTS{{{cleared}}})", 1 if moment.all_clear else None)


def _question(moment: Moment, expression: str, answer: int | None) -> dict[str, Any]:
    samples = [] if answer is None else [{"labels": "{}", "value": answer}]
    return {"eval_time": f"{moment.minute}m", "expr": expression, "exp_samples": samples}


def _targets(scenario: Scenario) -> dict[str, str]:
    return {
        f'up{{job="recon-exporter",instance="{number}"}}': _values(
            {"dead": "0", "removed": None}, phases, otherwise="1"
        )
        for number, phases in enumerate(scenario.instances)
    }


def _series(alert: Alert, scenario: Scenario) -> dict[str, str]:
    """Every series of an alert's bot, with its values over the scenario."""
    condition = alert.condition
    assert isinstance(condition, Held)
    shown = [*_checks(condition), *_condition(condition)]
    return {
        _name(metric, {"instance": str(number), "bot": _bot(alert), **labels}): _values(by_phase, phases)
        for number, phases in enumerate(scenario.instances)
        for metric, labels, by_phase in shown
    }


Shown = tuple[str, dict[str, str], dict[str, str | None]]
"""A metric, its labels, and its value by phase."""


def _checks(condition: Held) -> Iterator[Shown]:
    labels = {"check": condition.check}
    judged: dict[str, str | None] = {"open": "1", "closed": "1", "old values": "0", "withheld": "0", "disabled": "0"}
    yield "recon_check_evaluated", labels, judged
    # What the state remembers is shown as soon as the exporter speaks of the bot at all.
    enabled = dict.fromkeys(("open", "closed", "old values", "withheld", "warming up"), "1")
    if isinstance(condition, Latched):
        del enabled["warming up"]
    yield "recon_check_enabled", labels, {**enabled, "disabled": "0"}


def _condition(condition: Held) -> Iterator[Shown]:
    """What opens and closes the condition; a zero that an unverified check still shows proves nothing."""
    zeros: dict[str, str | None] = {"closed": "0", "old values": "0"}
    match condition:
        case Findings(check=check, severity=severity, codes=(code, *_)):
            labels = {"check": check, "code": code, "severity": severity or "warning"}
            yield "recon_finding", labels, {"open": "1"}
        case Findings(check=check, severity=severity):
            yield "recon_findings", {"check": check, "severity": severity or "warning"}, {"open": "1", **zeros}
        case Drift(check=check, metric=metric, key=key, severity=severity):
            yield metric, {}, {"open": BEYOND_ANY_THRESHOLD, **zeros}
            limit = dict.fromkeys(("open", "closed", "old values", "withheld", "warming up"), THRESHOLD)
            yield "recon_threshold", {"check": check, "key": key, "severity": severity}, {**limit}
        case Breaks(metric=metric):
            yield metric, {"break_type": SEVERAL_VALUES["break_type"]}, {"open": "1", **zeros}
        case Latched(expression=expression):
            for metric, matchers in SELECTOR.findall(expression):
                labels = {name: SEVERAL_VALUES[name] for name in CATALOGUE[metric].labels if name != "bot"}
                labels |= dict(re.findall(r'(\w+)="([^"]*)"', matchers))
                value = LONG_AGO if metric.endswith("_timestamp_seconds") else "1"
                yield metric, labels, dict.fromkeys(("open", "old values", "withheld"), value)


def _name(metric: str, labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{value}"' for name, value in {"job": "recon-exporter", **labels}.items())
    return f"{metric}{{{pairs}}}"


def _values(
    by_phase: Mapping[str, str | None], phases: tuple[tuple[Phase, int], ...], otherwise: str | None = None
) -> str:
    """The values of a series minute by minute in promtool's words; where it goes away it is stale at once."""
    minutes = chain.from_iterable([by_phase.get(phase, otherwise)] * count for phase, count in phases)
    words: list[str] = []
    before: str | None = None
    for value in minutes:
        words.append(value if value is not None else "_" if before is None else "stale")
        before = value
    return " ".join(words)
