"""Confirmed breaks of cycles as findings of their check: one for each type and severity, with the gravest by name."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from recon_exporter.domain.attributed import details_of
from recon_exporter.domain.breaks import Break, BreakState, BreakType
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.money import ROUNDING, ZERO

_NAMED = 5


def break_findings(breaks: Iterable[Break], now: datetime) -> tuple[Finding, ...]:
    """The findings of the breaks that count: confirmed, and not accepted."""
    groups: dict[tuple[str, str, BreakType, Severity], list[Break]] = {}
    for one in breaks:
        if one.confirmed_at is not None and one.state is not BreakState.RESOLVED and one.counts(now):
            found = one.discrepancy
            groups.setdefault((found.bot, found.check, found.type, found.severity), []).append(one)
    return tuple(_finding(key, groups[key]) for key in sorted(groups))


def _finding(key: tuple[str, str, BreakType, Severity], breaks: Sequence[Break]) -> Finding:
    bot, check, kind, severity = key
    ordered = sorted(breaks, key=lambda one: (-(one.discrepancy.exposure or ZERO), one.first_seen, one.identifier))
    exposures = [one.discrepancy.exposure for one in breaks]
    total = ZERO
    for exposure in exposures:
        total = ROUNDING.add(total, exposure or ZERO)
    details: dict[str, Detail] = {
        "count": len(breaks),
        "opened_at": min(one.first_seen for one in breaks),
        "exposure_usd": None if None in exposures else total,
        "breaks": [_named(one) for one in ordered[:_NAMED]],
        "text": "; ".join(one.discrepancy.detail for one in ordered[:_NAMED]),
    }
    return Finding(severity, check, CODES[kind], bot, details)


def _named(one: Break) -> dict[str, Detail]:
    found = one.discrepancy
    why: dict[str, Detail] = {} if one.explanation is None else {"explanation": details_of(one.explanation)}
    return why | {
        "break": one.identifier,
        "symbol": found.symbol,
        "leg": found.leg,
        "item": found.item,
        "ledger_quantity": found.ledger_quantity,
        "venue_quantity": found.venue_quantity,
        "difference": found.difference,
        "state": one.state.value,
        "opened_at": one.first_seen,
        "happened_at": found.happened_at,
        "text": found.detail,
    }
