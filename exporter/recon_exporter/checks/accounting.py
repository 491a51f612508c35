"""Accounting: fees that are plausible in the newest row, and a fee counter that never falls (``_fees``)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._canary import in_files
from recon_exporter.checks._fees import FEES, MAKER, TAKER, TURNOVER, fee_steps
from recon_exporter.checks._inputs import look
from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Measure, Severity
from recon_exporter.domain.money import ROUNDING, ZERO, ratio
from recon_exporter.domain.statement import MinuteRow, Unavailable

NAME = "accounting"
EQUITY = "equity_quote"
COLUMNS = (FEES, TURNOVER, EQUITY, MAKER, TAKER)
BELOW_ZERO = Decimal("-0.000001")
BAND_FACTOR = Decimal("2.5")
BAND_LEAST_TURNOVER = Decimal("0.25")

Numbers = Mapping[str, Decimal]


def judge(evidence: Evidence) -> CheckResult:
    """The newest row's fees, and every new row's fees against the row before it."""
    if not evidence.policy.is_on("accounting_check_enabled"):
        return CheckResult(NAME, evidence.bot, enabled=False)
    book = evidence.book
    if isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, unverified=book.unverified())
    sight = look(evidence, book, COLUMNS)
    findings = [*fee_steps(evidence, book, NAME)]
    measures = {}
    if sight.row is not None:
        findings += _negative_fees(evidence.bot, sight.row, sight.numbers)
        findings += _rate_out_of_band(evidence.bot, sight.row, sight.numbers)
        named = ((Measure.FEES_PAID, FEES), (Measure.TURNOVER, TURNOVER))
        measures = {measure: sight.numbers[column] for measure, column in named if column in sight.numbers}
    return CheckResult(NAME, evidence.bot, tuple(findings), sight.unverified, measures=measures)


def _negative_fees(bot: str, row: MinuteRow, numbers: Numbers) -> Iterator[Finding]:
    """Negative fees are right only for a maker who is paid."""
    fees, maker = numbers.get(FEES), numbers.get(MAKER)
    if fees is not None and maker is not None and fees < BELOW_ZERO and maker >= ZERO:
        details: dict[str, Detail] = {FEES: fees, MAKER: maker, "row_at": row.at}
        yield Finding(Severity.CRITICAL, NAME, "fees_paid_negative", bot, details)


def _rate_out_of_band(bot: str, row: MinuteRow, numbers: Numbers) -> Iterator[Finding]:
    """The rate that was paid on the day's turnover, against the maker's and the taker's with room to either side."""
    if any(column not in numbers for column in COLUMNS):
        return
    fees, turnover, equity, maker, taker = (numbers[column] for column in COLUMNS)
    if fees < ZERO or equity <= ZERO or turnover < BAND_LEAST_TURNOVER:
        return
    rate = ratio(fees, ROUNDING.multiply(turnover, equity))
    lowest = ratio(min(maker, taker), BAND_FACTOR)
    highest = ROUNDING.multiply(max(maker, taker), BAND_FACTOR)
    if lowest <= rate <= highest:
        return
    details: dict[str, Detail] = {column: numbers[column] for column in COLUMNS}
    details |= {"fee_rate": rate, "lowest_expected": lowest, "highest_expected": highest, "row_at": row.at}
    yield Finding(Severity.WARNING, NAME, "fee_rate_out_of_expected_band", bot, details)


def canary(now: datetime) -> FileCanary:
    """A bot whose fee counter falls from ten to nothing at noon."""
    details = {"prev_fee": Decimal(10), "curr_fee": ZERO}
    return in_files(now, "fees_counter_decreased_critical", details, {FEES: "0"})


CHECK = Check(
    NAME,
    "fees not negative, never falling, accrued with turnover at a plausible rate",
    judge,
    canary,
    follows_steps=True,
)
