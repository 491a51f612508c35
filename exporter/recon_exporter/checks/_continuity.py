"""Continuity of equity: from row to row it changes by no more than price, fees and funding can explain."""

from collections.abc import Iterator
from decimal import Decimal

from recon_exporter.checks._inputs import Step, known, new_steps
from recon_exporter.domain.check import Evidence
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.money import ROUNDING, ZERO, difference, ratio
from recon_exporter.domain.statement import Book, MinuteRow

COUNTERS = ("fees_paid_today_quote", "funding_cost_today_quote")


def jumps(evidence: Evidence, book: Book, check: str) -> Iterator[Finding]:
    """Every new step of equity that is not explained, also across midnight and a change of connector."""
    for step in new_steps(book, "equity_quote", _always):
        jump = difference(step.after, step.before)
        allowed = ROUNDING.multiply(evidence.policy.equity_jump_ratio, abs(step.before))
        if abs(jump) > allowed:
            allowed = ROUNDING.add(allowed, _explained(step))
        if abs(jump) > allowed:
            yield _finding(evidence.bot, check, step, jump, allowed)


def _always(_earlier: MinuteRow, _later: MinuteRow) -> bool:
    return True


def _finding(bot: str, check: str, step: Step, jump: Decimal, allowed: Decimal) -> Finding:
    details: dict[str, Detail] = {
        "previous_equity": step.before,
        "equity_quote": step.after,
        "jump": jump,
        "allowed": allowed,
        "previous_at": step.earlier.at,
        "row_at": step.later.at,
        "connector": step.later.connector,
        "connector_changed": step.earlier.connector != step.later.connector,
        "trading_pair_changed": step.earlier.trading_pair != step.later.trading_pair,
    }
    return Finding(Severity.CRITICAL, check, "equity_discontinuity", bot, details, step_at=step.later.at)


def _explained(step: Step) -> Decimal:
    """An upper bound in quote currency; a number that is not known explains nothing."""
    explained = _price_effect(step)
    for column in COUNTERS:
        explained = ROUNDING.add(explained, _accrued(step, column))
    return explained


def _price_effect(step: Step) -> Decimal:
    mids = step.readings("mid")
    if mids is None or step.earlier.trading_pair != step.later.trading_pair:
        return ZERO
    exposure = max(_exposure(step.earlier), _exposure(step.later))
    return ROUNDING.multiply(exposure, abs(difference(*mids)))


def _exposure(row: MinuteRow) -> Decimal:
    """Units of base that the price moves: the balance, of a perpetual also the position that base_pct implies."""
    held = abs(known(row, "base_balance") or ZERO)
    share, equity, mid = (known(row, column) for column in ("base_pct", "equity_quote", "mid"))
    if not (row.is_perpetual and share and equity and mid):
        return held
    return max(held, abs(ratio(ROUNDING.multiply(share, equity), mid)))


def _accrued(step: Step, column: str) -> Decimal:
    """What the counter moved; it may have begun anew in between, so the smaller of growth and reading counts."""
    readings = step.readings(column)
    if readings is None:
        return ZERO
    before, after = readings
    return min(abs(difference(after, before)), abs(after))
