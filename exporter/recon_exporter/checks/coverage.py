"""Coverage: is every expected bot there, and once?"""

from datetime import datetime

from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Reason, Severity
from recon_exporter.domain.statement import Book, Unavailable

NAME = "coverage"


def judge(evidence: Evidence) -> CheckResult:
    """Whether the ledger holds the bot, and whether more than one log folder claims to be it."""
    book = evidence.book
    if not isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, _duplicates(evidence, book) if len(book.variants) > 1 else ())
    if book.reason is not Reason.SOURCE_MISSING:
        return CheckResult(NAME, evidence.bot, unverified=book.unverified())
    missing = Finding(Severity.CRITICAL, NAME, "expected_bot_missing", evidence.bot, {"detail": book.detail})
    return CheckResult(NAME, evidence.bot, (missing,))


def _duplicates(evidence: Evidence, book: Book) -> tuple[Finding, ...]:
    speaking, *others = book.variants
    details: dict[str, Detail] = {
        "variant_count": len(book.variants),
        "speaking": speaking.path,
        "others": tuple({"path": other.path, "newest_at": other.newest_at} for other in others),
    }
    return (Finding(Severity.WARNING, NAME, "duplicate_bot_variants", evidence.bot, details),)


def canary(now: datetime) -> FileCanary:
    """A bot that is expected and has no log folder."""
    del now
    return FileCanary("expected_bot_missing", {})


CHECK = Check(NAME, "expected bots are there, each once", judge, canary)
