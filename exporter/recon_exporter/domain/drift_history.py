"""The drifts of the last reports, for charts: kept in memory alone, so that they begin anew with every start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recon_exporter.domain.finding import Measure
from recon_exporter.domain.report import Report

DRIFTS = (Measure.INVENTORY_DRIFT, Measure.EXCHANGE_DRIFT)
KEPT = 60
"""How many reports are remembered: an hour at one cycle a minute."""


@dataclass(frozen=True, slots=True)
class Look:
    """One report's drifts by bot, in the order of DRIFTS; None where a drift was not evaluated.

    A bot of which none was evaluated is left out. They are drawn and never judged, so floats are exact enough.
    """

    at: datetime
    drifts: Mapping[str, tuple[float | None, ...]]


def with_look(history: tuple[Look, ...], report: Report) -> tuple[Look, ...]:
    """The history with this report's drifts, without what is too old to be kept."""
    drifts = {}
    for bot in report.bots:
        measured = {name: result.measures[name] for result in bot.results for name in DRIFTS if name in result.measures}
        told = tuple(float(measured[name]) if name in measured else None for name in DRIFTS)
        if any(value is not None for value in told):
            drifts[bot.bot] = told
    return (*history[1 - KEPT :], Look(report.at, drifts))
