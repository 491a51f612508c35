"""The samples of a report: one function for each family, each giving what follows the name in a sample line.

What was not evaluated has no series; nothing here ever writes a zero for something that is not known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from recon_exporter.domain.finding import CheckResult, Measure, Severity
from recon_exporter.domain.report import BotVerdict, Report, Status
from recon_exporter.sinks.page import eod_samples, side_samples
from recon_exporter.sinks.page.numbers import number, time_number
from recon_exporter.telemetry.catalogue import CATALOGUE
from recon_exporter.telemetry.exposition import Block, Page, escaped

PROBE_STATUSES = ("ok", "disabled", "paper_only", "missing_credentials", "fetch_failed", "unknown")

_LIMITS = {
    "inventory_warn": 'check="inventory",key="inventory_warn",severity="warning"',
    "inventory_critical": 'check="inventory",key="inventory_critical",severity="critical"',
    "exchange_drift_warn": 'check="exchange_snapshot",key="exchange_drift_warn",severity="warning"',
    "exchange_drift_critical": 'check="exchange_snapshot",key="exchange_drift_critical",severity="critical"',
    "fee_drop_warn": 'check="accounting",key="fee_drop_warn",severity="warning"',
    "fee_drop_critical": 'check="accounting",key="fee_drop_critical",severity="critical"',
    "turnover_fee_gap_warn": 'check="accounting",key="turnover_fee_gap_warn",severity="warning"',
}

_MEASURES: Mapping[str, Mapping[Measure, str]] = {
    "recon_inventory_drift_ratio": {Measure.INVENTORY_DRIFT: ""},
    "recon_exchange_drift_ratio": {Measure.EXCHANGE_DRIFT: ""},
    "recon_balance_identity_error_ratio": {Measure.IDENTITY_ERROR: ""},
    "recon_base_ratio": {
        Measure.BASE_LEDGER: 'side="ledger"',
        Measure.BASE_TARGET: 'side="target"',
        Measure.BASE_VENUE: 'side="venue"',
    },
    "recon_fills": {
        Measure.FILLS_LEDGER: 'side="ledger"',
        Measure.FILLS_EVENTS: 'side="events"',
        Measure.FILLS_VENUE: 'side="venue"',
    },
    "recon_fill_parity_difference": {Measure.FILL_DIFFERENCE: ""},
    "recon_fills_pending": {Measure.FILLS_PENDING: ""},
    "recon_equity_quote": {Measure.EQUITY: ""},
    "recon_fees_paid_today_quote": {Measure.FEES_PAID: ""},
    "recon_turnover_today_ratio": {Measure.TURNOVER: ""},
}

Evaluations = Mapping[tuple[str, str], str]
"""When bot and check were last evaluated, as the text of a sample."""


@dataclass(frozen=True, slots=True)
class _Bot:
    """A verdict with what all of its samples begin with: ``{bot="…",`` in ``start``, ``{bot="…"} `` in ``alone``."""

    verdict: BotVerdict
    start: str
    alone: str
    enabled: tuple[CheckResult, ...]
    measures: Mapping[Measure, str]
    evaluations: Evaluations


def render(report: Report, evaluations: Evaluations) -> Page:
    """The page of a report."""
    bots = [_bot(verdict, evaluations) for verdict in sorted(report.bots, key=lambda verdict: verdict.bot)]
    blocks = [
        _block("recon_bots_expected", [f" {float(_expected(report))}"]),
        _block("recon_bots_checked", [f" {float(len(report.checked))}"]),
        _block("recon_canaries_missed", _canaries(report)),
    ]
    blocks += [_block(name, (tail for bot in bots for tail in family(bot))) for name, family in _FAMILIES.items()]
    blocks += [_block(name, (tail for bot in bots for tail in _measured(bot, name))) for name in _MEASURES]
    blocks += side_samples.blocks(verdict for verdict in report.bots)
    if report.eod is not None:
        blocks += eod_samples.blocks(report.eod, report.at)
    return Page(blocks)


def _canaries(report: Report) -> Iterator[str]:
    yield f'{{run="cycle"}} {float(len(report.canaries_missed))}'
    if report.eod is not None and any(bot.completed_at for bot in report.eod.bots.values()):
        yield f'{{run="eod"}} {float(eod_samples.missed_canaries(report.eod))}'


def _expected(report: Report) -> int:
    """In a fleet without any bot at least one is expected that cannot be checked."""
    return max(len(report.expected), len(report.checked) + len(report.blind_fleets))


def _block(name: str, tails: Iterable[str]) -> Block:
    """A block out of what follows the name in each sample line: labels, a space, the value."""
    return Block(CATALOGUE[name], "".join([f"{name}{tail}\n" for tail in tails]).encode())


def _bot(verdict: BotVerdict, evaluations: Evaluations) -> _Bot:
    name = escaped(verdict.bot)
    enabled = tuple(result for result in verdict.results if result.enabled)
    measures: dict[Measure, str] = {}
    for result in verdict.results:
        for measure, value in result.measures.items():
            # What two checks count, as the fills of the ledger, is that of the one whose name comes first.
            measures.setdefault(measure, number(float(value)))
    return _Bot(verdict, f'{{bot="{name}",', f'{{bot="{name}"}} ', enabled, measures, evaluations)


def _bot_status(bot: _Bot) -> Iterator[str]:
    if bot.verdict.status is not None:
        for status in Status:
            yield f'{bot.start}status="{status}"}} {"1.0" if status is bot.verdict.status else "0.0"}'


def _check_enabled(bot: _Bot) -> Iterator[str]:
    for result in bot.verdict.results:
        yield f'{bot.start}check="{result.check}"}} {"1.0" if result.enabled else "0.0"}'


def _check_evaluated(bot: _Bot) -> Iterator[str]:
    for result in bot.enabled:
        yield f'{bot.start}check="{result.check}"}} {"1.0" if result.unverified is None else "0.0"}'


def _check_last_evaluated(bot: _Bot) -> Iterator[str]:
    for result in bot.enabled:
        time = bot.evaluations.get((bot.verdict.bot, result.check))
        if time is not None:
            yield f'{bot.start}check="{result.check}"}} {time}'


def _check_unverified(bot: _Bot) -> Iterator[str]:
    for result in bot.enabled:
        if result.unverified is not None:
            yield f'{bot.start}check="{result.check}",reason="{result.unverified.reason}"}} 1.0'


def _findings(bot: _Bot) -> Iterator[str]:
    for result in bot.verdict.results:
        for severity in Severity:
            count = sum(finding.severity is severity for finding in result.findings)
            if count or result.is_evaluated:
                yield f'{bot.start}check="{result.check}",severity="{severity}"}} {float(count)}'


def _finding(bot: _Bot) -> Iterator[str]:
    identities = {finding.identity for result in bot.verdict.results for finding in result.findings}
    for _, check, code, severity in sorted(identities):
        yield f'{bot.start}check="{check}",code="{code}",severity="{severity}"}} 1.0'


def _threshold(bot: _Bot) -> Iterator[str]:
    if bot.verdict.status is not None:
        for key, labels in _LIMITS.items():
            yield f"{bot.start}{labels}}} {number(float(bot.verdict.policy.limit(key)))}"


def _threshold_info(bot: _Bot) -> Iterator[str]:
    if bot.verdict.status is not None:
        for key in _LIMITS:
            yield f'{bot.start}key="{key}",origin="{bot.verdict.policy.limits[key].origin}"}} 1.0'


def _source_up(bot: _Bot) -> Iterator[str]:
    for health in bot.verdict.health:
        yield f'{bot.start}side="{health.side}",source="{health.source}"}} {"1.0" if health.is_up else "0.0"}'


def _source_timestamp(bot: _Bot) -> Iterator[str]:
    for health in bot.verdict.health:
        if health.at is not None:
            yield f'{bot.start}side="{health.side}",source="{health.source}"}} {time_number(health.at)}'


def _source_bad_lines(bot: _Bot) -> Iterator[str]:
    if bot.verdict.bad_lines is None:
        return
    counts = {health.source: 0 for health in bot.verdict.health if health.side == "ledger"}
    counts.update(bot.verdict.bad_lines)
    for source, count in sorted(counts.items()):
        yield f'{bot.start}source="{source}"}} {number(count)}'


def _venue_probe_status(bot: _Bot) -> Iterator[str]:
    if bot.verdict.probe_status is None:
        return
    current = bot.verdict.probe_status if bot.verdict.probe_status in PROBE_STATUSES else "unknown"
    for status in PROBE_STATUSES:
        yield f'{bot.start}status="{status}"}} {"1.0" if status == current else "0.0"}'


def _credential_permission(bot: _Bot) -> Iterator[str]:
    for permission, can in sorted(bot.verdict.permissions.items()):
        yield f'{bot.start}permission="{permission}"}} {"1.0" if can else "0.0"}'


def _measured(bot: _Bot, name: str) -> Iterator[str]:
    for measure, label in _MEASURES[name].items():
        if measure in bot.measures:
            yield f"{bot.start}{label}}} {bot.measures[measure]}" if label else f"{bot.alone}{bot.measures[measure]}"


_FAMILIES: Mapping[str, Callable[[_Bot], Iterator[str]]] = {
    "recon_bot_status": _bot_status,
    "recon_check_enabled": _check_enabled,
    "recon_check_evaluated": _check_evaluated,
    "recon_check_last_evaluated_timestamp_seconds": _check_last_evaluated,
    "recon_check_unverified": _check_unverified,
    "recon_findings": _findings,
    "recon_finding": _finding,
    "recon_threshold": _threshold,
    "recon_threshold_info": _threshold_info,
    "recon_source_up": _source_up,
    "recon_source_timestamp_seconds": _source_timestamp,
    "recon_source_bad_lines_total": _source_bad_lines,
    "recon_venue_probe_status": _venue_probe_status,
    "recon_credential_permission": _credential_permission,
}
