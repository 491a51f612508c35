"""What one row of the alert table holds, and the conditions a row may name."""

import re
from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "info", "none"]
Dashboard = Literal["recon-fleet", "recon-bot", "recon-eod", "recon-exporter"]


@dataclass(frozen=True, slots=True)
class Plain:
    """A condition that ends as soon as its expression is empty: about sight or the exporter, never about money."""

    expression: str


def rising(by: str, counter: str) -> Plain:
    """Name a counter, initialised at start, that has moved within a quarter of an hour.

    Prometheus extrapolates an increase to the ends of its window, and a person counts in whole numbers.
    """
    return Plain(f"round(sum by ({by}) (increase({counter}[15m]))) > 0")


@dataclass(frozen=True, slots=True)
class Findings:
    """Money, held: current findings of one check, counted, or those of the given codes; of one severity or of any."""

    check: str
    severity: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """Money, held: a ratio that has reached the threshold which the exporter shows for this bot (`>=`).

    `codes` are the findings in which the exporter itself says so; they speak where the threshold is not shown.
    """

    check: str
    metric: str
    key: str
    severity: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Breaks:
    """Money, held: a metric that shows its own zero once its check has been evaluated without a break."""

    check: str
    metric: str
    by: str = "job, bot"


@dataclass(frozen=True, slots=True)
class Latched:
    """What follows from a break, held: the state remembers it, and its series leave once it is over.

    So the proof is that the exporter speaks of the bot's `check` and does not show it any more.
    """

    check: str
    expression: str


Held = Findings | Drift | Breaks | Latched
Condition = Plain | Held


@dataclass(frozen=True, slots=True)
class Alert:
    """One row: an alert name at one severity.

    `step` marks findings that may be about a step between two rows and leave with their UTC day. `life` marks findings
    that tell breaks, which a person's word may end too. `clears` is false for the upper of two severities, whose
    all-clear waits for the lower one. `about_exporter` links the runbook where it works while the exporter is down.
    """

    name: str
    severity: Severity
    component: str
    condition: Condition
    summary: str
    description: str
    dashboard: Dashboard
    duration: str = "0s"
    step: bool = False
    life: bool = False
    clears: bool = True
    about_exporter: bool = False

    @property
    def subject(self) -> str:
        """The name in plain words: `inventory drift`."""
        words: list[str] = re.findall("[A-Z][a-z]+", self.name.removeprefix("Reconciliation"))
        return " ".join(words).lower()
