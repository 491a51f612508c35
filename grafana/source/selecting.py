"""Expressions that several panels ask, and how they select: by the variables of the dashboard, and by job.

Three rules hold for all of them. What is not known has no result, which panels show as grey UNKNOWN. A zero is said
only where something proves it: an evaluated check, a state that was read, a Watchdog that fires. And what has left the
page of a dead exporter is remembered for the time range of the dashboard, so that a bot turns UNKNOWN, not invisible.
"""

from collections.abc import Mapping
from typing import Final

JOB: Final = 'job=~"$job"'
BOT: Final = 'job=~"$job",bot=~"$bot"'
INSTANCE: Final = 'job=~"$job",instance=~"$instance"'

# An alert about the whole fleet has no label bot, one of Prometheus' own about a missing exporter perhaps no job.
_ALERTS_OF_BOTS: Final = 'alertname=~"Reconciliation.+",component!~"exporter|pipeline",job=~"$job|",bot=~"$bot|"'
_ALERTS_OF_EXPORTER: Final = 'alertname=~"Reconciliation.+|Watchdog",component=~"exporter|pipeline",job=~"$job|"'
_BREAK_CHECKS: Final = "eod|fills|positions|venue_balances"
_COUNTED: Final = "open|confirmed"


def of_bots(metric: str, **labels: str) -> str:
    """The series of the selected bots; a value with bars is an alternative."""
    return _series(metric, BOT, labels)


def of_jobs(metric: str, **labels: str) -> str:
    """The series of the selected scrape jobs, whatever the bot."""
    return _series(metric, JOB, labels)


def of_instances(metric: str, **labels: str) -> str:
    """The series of the selected exporters."""
    return _series(metric, INSTANCE, labels)


def _series(metric: str, selected: str, labels: Mapping[str, str]) -> str:
    matchers = [f'{name}{"=~" if "|" in value else "="}"{value}"' for name, value in labels.items()]
    return f"{metric}{{{','.join((selected, *matchers))}}}"


def bots_with_status(status: str) -> str:
    """How many bots have this status: the one-hot metric sums to a proven zero."""
    return f"sum({of_bots('recon_bot_status', status=status)})"


def status_of_bots() -> str:
    """For each bot 3 critical, 2 warning, 1 unknown, 0 ok, -1 switched off; what vanished from the page is unknown."""
    codes = {3: "critical", 2: "warning", 1: "unknown", 0: "ok"}
    arms = [f"{code} * ({of_bots('recon_bot_status', status=status)} == 1)" for code, status in codes.items()]
    enabled = of_bots("recon_check_enabled")
    return f"max by (job, bot) ({' or '.join(arms)})\nor max by (job, bot) ({enabled}) - 1 == -1\nor {_seen()}"


def status_words() -> str:
    """The same for tables: each bot once, its status as a label."""
    known = of_bots("recon_bot_status")
    enabled = of_bots("recon_check_enabled")
    off = f'label_replace(max by (job, bot) ({enabled}) == 0, "status", "off", "", "")'
    gone = f'label_replace({_seen()}, "status", "unknown", "", "")'
    return f"max by (job, bot, status) ({known} == 1)\nor on (job, bot) {off}\nor on (job, bot) {gone}"


def _seen() -> str:
    """The bots that had a status at any time in the time range: of each one series, for the sake of large fleets."""
    return f"group by (job, bot) (last_over_time({of_bots('recon_bot_status', status='ok')}[$__range]))"


def status_of_checks() -> str:
    """For each bot and check the same codes; 1 is a check that was not verified, or vanished from the page."""
    enabled = of_bots("recon_check_enabled")
    return (
        "max by (job, bot, check) (\n"
        f"  3 * ({of_bots('recon_findings', severity='critical')} > bool 0)\n"
        f"  or 2 * ({of_bots('recon_findings', severity='warning')} > bool 0)\n"
        f"  or ({of_bots('recon_check_evaluated')} == bool 0)\n"
        f"  or {enabled} - 1 == -1\n"
        ")\n"
        f"or group by (job, bot, check) (last_over_time({enabled}[$__range]))"
    )


def findings(severity: str = "critical|warning", by: str = "") -> str:
    """How many findings are current; a zero only where checks were evaluated."""
    return f"sum{by} ({of_bots('recon_findings', severity=severity)})"


def blind_checks(by: str = "", **labels: str) -> str:
    """How many enabled checks gave no verdict."""
    return f"sum{by} ({of_bots('recon_check_evaluated', **labels)} == bool 0)"


def open_breaks(by: str = "") -> str:
    """How many breaks are open; zero only where every enabled check that finds breaks was judged."""
    return f"sum{by} ({of_bots('recon_breaks_open', state=_COUNTED)})\nor {_no_break(by)}"


def exposure(by: str = "") -> str:
    """The known exposure of open breaks; nothing where there are breaks and none has a known exposure."""
    opened = f"sum{by} ({of_bots('recon_breaks_open', state=_COUNTED)})"
    return f"sum{by} ({of_bots('recon_break_exposure_usd')})\nor {_no_break(by)}\nunless {opened}"


def oldest_break() -> str:
    """The age of the oldest open break; zero where none is open."""
    oldest = of_bots("recon_break_oldest_opened_timestamp_seconds")
    return f"time() - min({oldest})\nor {_no_break('')}\nunless min({oldest})"


def _no_break(by: str) -> str:
    evaluated = of_bots("recon_check_evaluated", check=_BREAK_CHECKS)
    return f"0 * count{by} ({evaluated} == 1)\nunless count{by} ({evaluated} == 0)"


def gained(series: str) -> str:
    """What a counter gained in the time range; nothing once its exporter is gone, whose past is no news.

    Prometheus extrapolates an increase to the ends of its window, and a person counts in whole numbers.
    """
    return f"round(sum(increase({series}[$__range]) and {series}))"


def halts() -> str:
    """How many halts are latched; zero where the state that remembers them was read."""
    return f"count({of_bots('recon_halt_active')} == 1)\nor 0 * max({of_jobs('recon_audit_chain_valid')})"


def sources_down() -> str:
    """How many sources were not read completely and fresh."""
    return f"sum({of_bots('recon_source_up')} == bool 0)"


def cycle_age(select: str) -> str:
    """The age of the last finished cycle as a share of that at which ReconciliationCycleStale waits to fire."""
    cycle = f'{select},run="cycle"'
    return (
        f"max(\n  (time() - recon_job_last_success_timestamp_seconds{{{cycle}}})\n"
        f"  / on (job, instance)\n  (2 * recon_job_interval_seconds{{{cycle}}} + 60)\n)"
    )


def firing_alerts(*, about_exporter: bool = False) -> str:
    """Since when each alert is active, in milliseconds, of those that fire."""
    select = f'severity=~"critical|warning",{_ALERTS_OF_EXPORTER if about_exporter else _ALERTS_OF_BOTS}'
    return (
        "1000 * min by (alertname, severity, bot, check) (\n"
        f"  ALERTS_FOR_STATE{{{select}}}\n"
        f'  and ignoring (alertstate) ALERTS{{alertstate="firing",{select}}}\n)'
    )


def alerts(severity: str, *, about_exporter: bool = False) -> str:
    """The alerts of one severity that fire, for annotations."""
    select = _ALERTS_OF_EXPORTER if about_exporter else _ALERTS_OF_BOTS
    return f'ALERTS{{alertstate="firing",severity="{severity}",{select}}}'
