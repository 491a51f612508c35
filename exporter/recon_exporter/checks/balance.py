"""Balance: the account's arithmetic in the newest row, and equity that moves only as trading can move it.

1. Equity is positive, the base share within its range.
2. Equity is what the balances are worth (``_identity``).
3. From row to row equity changes by no more than price, fees and funding explain (``_continuity``).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._canary import in_files
from recon_exporter.checks._continuity import jumps
from recon_exporter.checks._identity import COLUMNS, Identity, identity_of
from recon_exporter.checks._inputs import look, row_ahead
from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Measure, Severity
from recon_exporter.domain.money import ONE, ZERO
from recon_exporter.domain.statement import Book, MinuteRow, Unavailable

NAME = "balance"

Numbers = Mapping[str, Decimal]


def judge(evidence: Evidence) -> CheckResult:
    """The newest row's balances, and every new row's equity against the row before it."""
    book = evidence.book
    if isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, unverified=book.unverified())
    sight = look(evidence, book, COLUMNS)
    findings = [*_rowless(evidence, book), *jumps(evidence, book, NAME)]
    if sight.row is None:
        return CheckResult(NAME, evidence.bot, tuple(findings), sight.unverified)
    identity = identity_of(sight.row, sight.numbers, evidence.policy.identity_tolerance)
    findings += _out_of_range(evidence.bot, sight.row, sight.numbers)
    findings += _broken_identity(evidence, sight.row, sight.numbers, identity)
    measures = _measures(sight.numbers, identity)
    return CheckResult(NAME, evidence.bot, tuple(findings), sight.unverified, measures=measures)


def _rowless(evidence: Evidence, book: Book) -> Iterator[Finding]:
    if book.newest is None and row_ahead(evidence, book) is None:
        folders = tuple(variant.path for variant in book.variants)
        yield Finding(Severity.WARNING, NAME, "missing_minute_snapshot", evidence.bot, {"folders": folders})


def _out_of_range(bot: str, row: MinuteRow, numbers: Numbers) -> Iterator[Finding]:
    equity, base = numbers.get("equity_quote"), numbers.get("base_pct")
    if equity is not None and equity <= ZERO:
        details: dict[str, Detail] = {"equity_quote": equity, "row_at": row.at}
        yield Finding(Severity.CRITICAL, NAME, "equity_non_positive", bot, details)
    # The base share of a perpetual is gross and may exceed one.
    if base is not None and (base < ZERO or (base > ONE and not row.is_perpetual)):
        details = {"base_pct": base, "is_perpetual": row.is_perpetual, "row_at": row.at}
        yield Finding(Severity.CRITICAL, NAME, "base_pct_out_of_range", bot, details)


def _broken_identity(
    evidence: Evidence, row: MinuteRow, numbers: Numbers, identity: Identity | None
) -> Iterator[Finding]:
    tolerance = evidence.policy.identity_tolerance
    if identity is None or identity.error <= tolerance:
        return
    details: dict[str, Detail] = {column: numbers[column] for column in COLUMNS}
    details |= {
        "balances_worth": identity.worth,
        "error": identity.error,
        "identity_tolerance": tolerance,
        "is_perpetual": row.is_perpetual,
        "row_at": row.at,
    }
    yield Finding(Severity.CRITICAL, NAME, "balance_identity_broken", evidence.bot, details)


def _measures(numbers: Numbers, identity: Identity | None) -> dict[Measure, Decimal]:
    measures: dict[Measure, Decimal] = {}
    if "equity_quote" in numbers:
        measures[Measure.EQUITY] = numbers["equity_quote"]
    if "base_pct" in numbers:
        measures[Measure.BASE_LEDGER] = numbers["base_pct"]
    if identity is not None:
        measures[Measure.IDENTITY_ERROR] = identity.error
    return measures


def canary(now: datetime) -> FileCanary:
    """A bot whose equity is ten times what its balances are worth."""
    details = {"equity_quote": Decimal(100000), "balances_worth": Decimal(10000)}
    return in_files(now, "balance_identity_broken", details, {"quote_balance": "-40000"})


CHECK = Check(
    NAME,
    "positive equity, base share in range, equity equals balances and does not jump",
    judge,
    canary,
    follows_steps=True,
)
