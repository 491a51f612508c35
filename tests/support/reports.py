"""Reports of fixed contents: a healthy fleet, one in which everything that can be shown is shown, a large one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from recon_exporter.domain.differences import Differences
from recon_exporter.domain.finding import (
    CheckResult,
    Finding,
    Measure,
    Reason,
    Severity,
    Unverified,
)
from recon_exporter.domain.policy import Origin
from recon_exporter.domain.report import BotVerdict, ExpectedBot, Report, Status
from recon_exporter.domain.statement import SourceHealth
from support.evidence import MINUTE, NOW, make_policy, make_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from recon_exporter.domain.policy import BotPolicy

CHECKS = ("accounting", "balance", "coverage", "exchange_snapshot", "fill_parity", "freshness", "inventory")
HOSTILE = 'evil"\\\n<script>alert(1)</script>'

MEASURES: Mapping[str, Mapping[Measure, str]] = {
    "accounting": {Measure.FEES_PAID: "10.25", Measure.TURNOVER: "0.1"},
    "balance": {Measure.EQUITY: "100000", Measure.IDENTITY_ERROR: "0"},
    "exchange_snapshot": {Measure.EXCHANGE_DRIFT: "0.0125", Measure.BASE_VENUE: "0.5125"},
    "fill_parity": {
        Measure.FILLS_LEDGER: "12",
        Measure.FILLS_EVENTS: "13",
        Measure.FILLS_PENDING: "1",
        Measure.FILL_DIFFERENCE: "-1",
    },
    "inventory": {Measure.INVENTORY_DRIFT: "0", Measure.BASE_LEDGER: "0.5", Measure.BASE_TARGET: "0.5"},
}


def make_finding(
    check: str, code: str, severity: Severity = Severity.WARNING, *, bot: str = "bot1", **details: str
) -> Finding:
    return Finding(severity, check, code, bot, details)


def make_result(
    check: str,
    *findings: Finding,
    bot: str = "bot1",
    unverified: Unverified | None = None,
    enabled: bool = True,
) -> CheckResult:
    """A result with the measures that an evaluated check has."""
    measures = MEASURES.get(check, {}) if enabled and unverified is None else {}
    return CheckResult(
        check, bot, findings, unverified, enabled, {name: Decimal(value) for name, value in measures.items()}
    )


def make_health(bot: str, *, at: datetime = NOW - MINUTE, venue: bool = True) -> tuple[SourceHealth, ...]:
    """All sources of a bot, up."""
    sources = [("ledger", "minute"), ("ledger", "fills"), ("ledger", "events")]
    sources += [("venue", "exchange_snapshot")] if venue else []
    return tuple(SourceHealth(bot, side, source, is_up=True, at=at) for side, source in sources)


def make_verdict(
    bot: str,
    *results: CheckResult,
    status: Status | None = Status.OK,
    health: tuple[SourceHealth, ...] | None = None,
    probe_status: str | None = "ok",
    policy: BotPolicy | None = None,
    permissions: Mapping[str, bool] = MappingProxyType({}),
) -> BotVerdict:
    """A verdict with every check; those not given are clean."""
    given = {result.check: result for result in results}
    return BotVerdict(
        bot=bot,
        status=status,
        results=tuple(given.get(check) or make_result(check, bot=bot) for check in CHECKS),
        policy=policy or make_policy(bot=bot),
        newest=make_row(),
        health=make_health(bot) if health is None else health,
        bad_lines={},
        probe_status=probe_status,
        permissions=permissions,
    )


def make_report(*bots: BotVerdict, status: Status = Status.OK, at: datetime = NOW) -> Report:
    """A report of these bots; findings are as old as the report."""
    expected = tuple(ExpectedBot(bot.bot, ("found",)) for bot in bots if bot.status is not None)
    findings = [finding for bot in bots for result in bot.results for finding in result.findings]
    return Report(
        at=at,
        duration_seconds=0.042,
        status=status,
        expected=expected,
        checked=tuple(bot.bot for bot in expected),
        bots=bots,
        first_seen={finding.identity: at for finding in findings},
        canaries_missed=(),
    )


def healthy_report() -> Report:
    """Two bots without a finding; the second's account is in mode paper_only."""
    paper = make_result("exchange_snapshot", bot="bot3", enabled=False)
    return make_report(make_verdict("bot1"), make_verdict("bot3", paper, probe_status="paper_only"))


def broken_report() -> Report:
    """One bot of each kind: drifting, blind, missing, taken out, and one with a name that wants to do harm."""
    critical = make_finding("inventory", "inventory_drift_critical", Severity.CRITICAL, bot="bot1", drift="0.5")
    repeated = [make_finding("fill_parity", code, bot="bot1") for code in ("fill_ids_differ", "fill_count_mismatch")]
    drifting = make_verdict(
        "bot1",
        make_result("inventory", critical, bot="bot1"),
        make_result("fill_parity", *repeated, bot="bot1"),
        status=Status.CRITICAL,
        policy=make_policy(bot="bot1", origin=Origin.BOT, inventory_critical="0.55"),
    )
    return make_report(drifting, _blind(), _missing(), _taken_out(), _hostile(), status=Status.CRITICAL)


def sides_report(symbols: int = 2) -> Report:
    """A bot whose positions and balances differ at so many places."""
    positions = {(f"COIN{number:03}/USDT", "net"): Decimal(number + 1) for number in range(symbols)}
    found = Differences((), positions=positions, balances={"BTC": Decimal("-0.5")}, tolerated=(Decimal("0.1"),))
    result = replace(make_result("positions", bot="grid-btc"), differences=found)
    return make_report(replace(make_verdict("grid-btc"), results=(result,)))


def _blind() -> BotVerdict:
    stale = Unverified(Reason.SOURCE_STALE, "the last row is 4 days old")
    probe = Unverified(Reason.PROBE_NOT_OK, "fetch_failed: Apikey does not exist")
    old = NOW - timedelta(days=4)
    down = SourceHealth("bot2", "ledger", "minute", is_up=False, at=old)
    return make_verdict(
        "bot2",
        make_result("freshness", make_finding("freshness", "ledger_stale", bot="bot2"), bot="bot2", unverified=stale),
        make_result("inventory", bot="bot2", unverified=stale),
        make_result("exchange_snapshot", bot="bot2", unverified=probe),
        status=Status.WARNING,
        health=(down, *make_health("bot2")[1:]),
        probe_status="ccxt_unavailable",
        permissions={"trade": True, "withdraw": False},
    )


def _missing() -> BotVerdict:
    nothing = Unverified(Reason.SOURCE_MISSING, "no log folder of bot4 was found")
    gone = make_finding("coverage", "expected_bot_missing", Severity.CRITICAL, bot="bot4")
    results = [make_result(check, bot="bot4", unverified=nothing) for check in CHECKS if check != "coverage"]
    down = SourceHealth("bot4", "venue", "exchange_snapshot", is_up=False, at=None)
    return make_verdict(
        "bot4",
        make_result("coverage", gone, bot="bot4"),
        *results,
        status=Status.CRITICAL,
        health=(down,),
        probe_status=None,
    )


def _taken_out() -> BotVerdict:
    results = [make_result(check, bot="bot5", enabled=False) for check in CHECKS]
    return make_verdict("bot5", *results, status=None, health=(), probe_status=None)


def _hostile() -> BotVerdict:
    unknown = Unverified(Reason.INPUT_MISSING, "<img src=x onerror=alert(2)>")
    return make_verdict(HOSTILE, make_result("accounting", bot=HOSTILE, unverified=unknown), status=Status.UNKNOWN)


def large_report(bots: int = 1000) -> Report:
    """A fleet of clean bots of which every tenth drifts."""
    return make_report(*(_numbered(f"bot-{number:04d}", drifts=number % 10 == 0) for number in range(bots)))


def _numbered(bot: str, *, drifts: bool) -> BotVerdict:
    finding = make_finding("inventory", "inventory_drift_warning", bot=bot)
    results = [make_result("inventory", finding, bot=bot)] if drifts else []
    return make_verdict(bot, *results, status=Status.WARNING if drifts else Status.OK)
