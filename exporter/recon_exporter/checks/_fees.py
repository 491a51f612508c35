"""Steps of the fee counter: within one UTC day and one connector it never falls, and turnover accrues fees.

Known reasons for a fall are no finding: maker rebates, and counters of the day that begin late after midnight.
"""

from collections.abc import Iterator
from decimal import Decimal

from recon_exporter.checks._inputs import Step, known, new_steps
from recon_exporter.checks._rollover import is_deferred_reset
from recon_exporter.checks._thresholds import Scale
from recon_exporter.domain.check import Evidence
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.money import ROUNDING, ZERO, difference
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.statement import Book, MinuteRow

FEES = "fees_paid_today_quote"
TURNOVER = "turnover_today_x"
MAKER = "maker_fee_pct"
TAKER = "taker_fee_pct"
SCALE = Scale("fees_counter_decreased", "fee_drop_warn", "fee_drop_critical")


def fee_steps(evidence: Evidence, book: Book, check: str) -> Iterator[Finding]:
    """What is wrong with the fee counter between the new rows of today."""
    for step in new_steps(book, FEES, _count_together):
        if step.after > step.before:
            continue
        if step.after < step.before and not is_deferred_reset(step, book.closing):
            yield from _decrease(evidence, step, check)
        yield from _turnover_alone(evidence, step, check)


def _count_together(earlier: MinuteRow, later: MinuteRow) -> bool:
    return earlier.connector == later.connector and earlier.at.date() == later.at.date()


def _decrease(evidence: Evidence, step: Step, check: str) -> Iterator[Finding]:
    policy, rebate = evidence.policy, _rebate(step)
    severity = _severity(policy, step, ROUNDING.subtract(difference(step.before, step.after), rebate))
    if severity is None:
        return
    details = {
        **_step_details(step),
        **SCALE.details(policy),
        "fee_drop_relative_floor": policy.fee_drop_relative_floor,
        "rebate_allowance": rebate,
    }
    yield Finding(severity, check, SCALE.code_of(severity), evidence.bot, details, step_at=step.later.at)


def _severity(policy: BotPolicy, step: Step, drop: Decimal) -> Severity | None:
    """The thresholds are absolute; a floor relative to the fees paid so far may lift them."""
    floor = ROUNDING.multiply(policy.fee_drop_relative_floor, abs(step.before))
    if drop > max(policy.limit(SCALE.critical_key), floor):
        return Severity.CRITICAL
    return Severity.WARNING if drop > max(policy.limit(SCALE.warn_key), floor) else None


def _rebate(step: Step) -> Decimal:
    """What makers were paid at most: the notional traded in between at the rebate; zero without a rebate."""
    turnover, maker, equity = step.readings(TURNOVER), known(step.later, MAKER), known(step.later, "equity_quote")
    if turnover is None or maker is None or equity is None or maker >= ZERO:
        return ZERO
    traded = max(ZERO, difference(turnover[1], turnover[0]))
    return ROUNDING.multiply(ROUNDING.multiply(traded, abs(equity)), abs(maker))


def _turnover_alone(evidence: Evidence, step: Step, check: str) -> Iterator[Finding]:
    limit = evidence.policy.limits["turnover_fee_gap_warn"]
    turnover = step.readings(TURNOVER)
    if turnover is None or not _charges_fees(step.later):
        return
    grown = difference(turnover[1], turnover[0])
    if grown > limit.value:
        details: dict[str, Detail] = {
            **_step_details(step),
            "turnover_delta": grown,
            "warn_threshold": limit.value,
            "warn_origin": str(limit.origin),
            "fee_source": step.later.fee_source,
        }
        code = "turnover_without_fee_accrual"
        yield Finding(Severity.WARNING, check, code, evidence.bot, details, step_at=step.later.at)


def _charges_fees(row: MinuteRow) -> bool:
    maker, taker = known(row, MAKER), known(row, TAKER)
    return (
        bool(row.fee_source) and maker is not None and taker is not None and maker >= ZERO and max(maker, taker) > ZERO
    )


def _step_details(step: Step) -> dict[str, Detail]:
    return {
        "prev_fee": step.before,
        "curr_fee": step.after,
        "fee_delta": difference(step.after, step.before),
        "previous_at": step.earlier.at,
        "row_at": step.later.at,
    }
