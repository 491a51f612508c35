"""Exchange snapshot: the base share that the bot believes against the one that its account at the venue has.

Only balances and positions under a probe that is ok are evidence; a base share told in the snapshot is none.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._canary import in_files
from recon_exporter.checks._inputs import look, snapshot_in_future
from recon_exporter.checks._thresholds import Scale, drift_findings
from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Measure, Reason, Severity, Unverified
from recon_exporter.domain.money import ONE, ROUNDING
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.statement import Book, MinuteRow, Unavailable, VenueAccount
from recon_exporter.domain.venue_share import Price, venue_price, venue_share

NAME = "exchange_snapshot"
SCALE = Scale("exchange_vs_local_base_pct_drift", "exchange_drift_warn", "exchange_drift_critical")
NET = "net_base_pct"
COPIED_MODE = "proxy_local"
CODES = {
    Reason.SOURCE_MISSING: "exchange_snapshot_missing",
    Reason.SOURCE_MALFORMED: "exchange_snapshot_unreadable",
    Reason.SOURCE_UNREADABLE: "exchange_snapshot_unreadable",
}


def judge(evidence: Evidence) -> CheckResult:
    """The probe's status against the account map, and the bot's base share against the venue's."""
    if not evidence.policy.exchange_source:
        return CheckResult(NAME, evidence.bot, enabled=False)
    probe = _unexpected_probe(evidence)
    if not _is_comparison_on(evidence):
        return CheckResult(NAME, evidence.bot, probe, enabled=False)
    book, venue = evidence.book, evidence.venue
    if isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, probe, book.unverified())
    if isinstance(venue, Unavailable):
        return CheckResult(NAME, evidence.bot, _absent_snapshot(evidence.bot, venue), venue.unverified())
    obstacle = _no_evidence(evidence, venue)
    if obstacle is not None:
        return CheckResult(NAME, evidence.bot, probe, obstacle)
    return _compared(evidence, book, venue, probe)


def _is_comparison_on(evidence: Evidence) -> bool:
    """Where no account is mapped nobody switched the comparison off, so it is on."""
    account = evidence.policy.account
    is_probed = account is None or account.mode is AccountMode.PROBE
    return is_probed and evidence.policy.is_on("exchange_check_enabled")


def _unexpected_probe(evidence: Evidence) -> tuple[Finding, ...]:
    account, venue = evidence.policy.account, evidence.venue
    if account is None or isinstance(venue, Unavailable) or venue.probe_status == account.mode.expected_probe:
        return ()
    if _untimely(evidence, venue) is not None:
        return ()
    details: dict[str, Detail] = {
        "probe_status": venue.probe_status,
        "expected_probe_status": account.mode.expected_probe,
        "account_mode": str(account.mode),
        "probe_error": venue.probe_error,
        "snapshot_at": venue.taken_at,
    }
    return (Finding(Severity.WARNING, NAME, "probe_status_unexpected", evidence.bot, details),)


def _absent_snapshot(bot: str, venue: Unavailable) -> tuple[Finding, ...]:
    code = CODES.get(venue.reason)
    return (Finding(Severity.WARNING, NAME, code, bot, {"detail": venue.detail}),) if code else ()


def _untimely(evidence: Evidence, venue: VenueAccount) -> Unverified | None:
    ahead = snapshot_in_future(evidence)
    if ahead is not None:
        return Unverified(Reason.TIME_IN_FUTURE, ahead)
    if evidence.now - venue.taken_at > evidence.policy.freshness.snapshot:
        return Unverified(Reason.SOURCE_STALE, f"the exchange snapshot is of {venue.taken_at.isoformat()}")
    return None


def _no_evidence(evidence: Evidence, venue: VenueAccount) -> Unverified | None:
    """Why the snapshot is no independent evidence about this account now."""
    untimely = _untimely(evidence, venue)
    if untimely is not None:
        return untimely
    if venue.mode == COPIED_MODE:
        return Unverified(Reason.NOT_INDEPENDENT, f"mode {COPIED_MODE} copies the bot's own numbers")
    if venue.probe_status != "ok":
        return Unverified(
            Reason.PROBE_NOT_OK, f"probe status {venue.probe_status}: {venue.probe_error or 'no error told'}"
        )
    if venue.balances is None:
        return Unverified(Reason.INPUT_MISSING, "the exchange snapshot has no balances of this account")
    return None


def _compared(evidence: Evidence, book: Book, venue: VenueAccount, probe: tuple[Finding, ...]) -> CheckResult:
    told = None if book.newest is None else venue_price(venue, book.newest)
    sight = look(evidence, book, _columns(book.newest, told))
    local, mid = sight.numbers.get("base_pct"), sight.numbers.get("mid")
    price = told if mid is None else Price(mid, "ledger_mid")
    if sight.row is None or local is None or price is None:
        return CheckResult(NAME, evidence.bot, probe, sight.unverified)
    share = venue_share(venue, sight.row, price)
    if isinstance(share, Unverified):
        return CheckResult(NAME, evidence.bot, probe, share)
    drift = abs(ROUNDING.subtract(local, share.gross))  # the share is a ratio, rounded already
    net = sight.numbers.get(NET)
    if net is not None:
        drift = max(drift, abs(ROUNDING.subtract(net, share.net)))
    details: dict[str, Detail] = {
        "local_base_pct": local,
        "exchange_base_pct": share.gross,
        **({} if net is None else {"local_net_base_pct": net, "exchange_net_base_pct": share.net}),
        "price": price.value,
        "price_source": price.source,
        "row_at": sight.row.at,
        "snapshot_at": venue.taken_at,
    }
    findings = (*probe, *drift_findings(evidence, NAME, SCALE, drift, details))
    measures = {Measure.EXCHANGE_DRIFT: drift, Measure.BASE_VENUE: share.gross}
    return CheckResult(NAME, evidence.bot, findings, sight.unverified, measures=measures)


def _columns(row: MinuteRow | None, price: Price | None) -> tuple[str, ...]:
    """What is compared. The net share, which perpetuals may tell, also shows a position on the wrong side."""
    columns = ("base_pct",) if price else ("base_pct", "mid")
    return (*columns, NET) if row is not None and row.is_perpetual and NET in row.numbers else columns


def canary(now: datetime) -> FileCanary:
    """A bot that believes in half, whose account holds the base asset alone."""
    details = {"local_base_pct": Decimal("0.5"), "exchange_base_pct": ONE}
    told = in_files(now, "exchange_vs_local_base_pct_drift_critical", details)
    return replace(told, balances={"BTC": "1", "USDT": "0"})


CHECK = Check(NAME, "base share against the account at the venue", judge, canary)
