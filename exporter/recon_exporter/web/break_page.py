"""What the page of one break shows: both sides, its life so far, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from shlex import quote

from recon_exporter.domain.attributed import Attribution, Line
from recon_exporter.domain.breaks import EOD, Break, BreakType
from recon_exporter.domain.cycle_explanation import advice_on
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.money import plain
from recon_exporter.domain.movements import Cause
from recon_exporter.domain.remedies import steps
from recon_exporter.domain.report import Report
from recon_exporter.web.break_list import BreakRow, bots_of, break_row, open_breaks
from recon_exporter.web.marks import LISTED_AT_MOST, RunbookOf

AccountLine = tuple[str, str, str, datetime | None, str]

_LEAST_DIGITS = 4
_CAUSES = {
    BreakType.MISSING_AT_BROKER: (Cause.CLOSED_BY_BROKER, Cause.PHANTOM, Cause.MANUAL_ORDER),
    BreakType.MISSING_IN_DB: (Cause.MISSED_FILL, Cause.MANUAL_ORDER, Cause.OTHER_MOVEMENT),
    BreakType.QUANTITY_MISMATCH: (Cause.PARTIAL_FILLS, Cause.MISSED_FILL, Cause.SPLIT, Cause.MANUAL_ORDER),
    BreakType.PRICE_MISMATCH: (Cause.WRONG_PRICE, Cause.SPLIT),
    BreakType.STALE_POSITION: (Cause.NOT_WRITTEN,),
}
"""The causes that an end-of-day break of each type usually has."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says."""

    name: str
    quantity: str
    price: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the difference is made of; the amounts of ``lines`` and ``unexplained`` add up to the difference.

    A line is source, words, id, time and amount. ``possible`` ones happened too and do not count.
    """

    lines: tuple[AccountLine, ...]
    left_out: int
    unexplained: str
    is_whole: bool
    possible: tuple[AccountLine, ...]
    possible_left_out: int


@dataclass(frozen=True, slots=True)
class BreakPage:
    """All of a break's page.

    ``account`` is None where nothing was worked out. ``history`` has times where they are known. ``causes`` are steps
    for each usual cause, ``commands`` what to run with what it is for. ``blind`` says why its check cannot see at
    present, empty where it can.
    """

    row: BreakRow
    told: Break
    sides: tuple[Side, ...]
    compared: str
    difference: str
    account: Account | None
    history: tuple[tuple[datetime | None, str], ...]
    advice: str
    causes: tuple[tuple[str, tuple[str, ...]], ...]
    commands: tuple[tuple[str, str], ...]
    runbook: str | None
    halts: tuple[str, ...]
    blind: str


def found_breaks(report: Report, beginning: str) -> Sequence[Break]:
    """The break of this identifier, else all whose identifier begins so; none where too little is given."""
    breaks = open_breaks(report)
    exact = [one for one in breaks if one.identifier == beginning]
    if exact or len(beginning) < _LEAST_DIGITS:
        return exact
    return [one for one in breaks if one.identifier.startswith(beginning)]


def break_page(one: Break, report: Report, now: datetime, runbook_of: RunbookOf) -> BreakPage:
    """The page as of ``now``."""
    found = one.discrepancy
    halts = [halt for bot in bots_of(report) if bot.bot == found.bot for halt in bot.halts]
    return BreakPage(
        row=break_row(one, now),
        told=one,
        sides=(
            Side("Ledger", _number(found.ledger_quantity), _number(found.ledger_price)),
            Side("Venue", _number(found.venue_quantity), _number(found.venue_price)),
        ),
        compared=_compared(one),
        difference=_number(found.difference),
        account=None if one.explanation is None else _account(one.explanation),
        history=tuple(_history(one, now)),
        advice=advice_on(found.type),
        causes=tuple((cause.value.replace("_", " "), steps(one, cause, None)) for cause in _causes(one)),
        commands=tuple(_commands(one)),
        runbook=runbook_of(found.check, found.type.value if found.check == EOD else CODES[found.type]),
        halts=tuple(f"{halt.told}: {halt.detail}" for halt in halts),
        blind=_blind(_result(report, one)),
    )


def _number(value: Decimal | None) -> str:
    return "–" if value is None else plain(value)


def _account(told: Attribution) -> Account:
    return Account(
        lines=tuple(map(_line, told.lines[:LISTED_AT_MOST])),
        left_out=max(0, len(told.lines) - LISTED_AT_MOST),
        unexplained=plain(told.unexplained),
        is_whole=not told.unexplained,
        possible=tuple(map(_line, told.possible[:LISTED_AT_MOST])),
        possible_left_out=max(0, len(told.possible) - LISTED_AT_MOST),
    )


def _line(line: Line) -> AccountLine:
    return (line.source.value.replace("_", " "), line.words, line.item, line.at, plain(line.amount))


def _compared(one: Break) -> str:
    """What the difference is a difference of."""
    if one.discrepancy.type in {BreakType.PRICE_MISMATCH, BreakType.FILL_PRICE}:
        return "prices"
    return "fees" if one.discrepancy.type is BreakType.FILL_FEE else "quantities"


def _causes(one: Break) -> tuple[Cause, ...]:
    return _CAUSES.get(one.discrepancy.type, ()) if one.discrepancy.check == EOD else ()


def _history(one: Break, now: datetime) -> list[tuple[datetime | None, str]]:
    """What is known of its life, in the order of time; what has no time of its own comes last."""
    dated = [
        (one.discrepancy.happened_at, "the fill happened"),
        (one.first_seen, "first seen"),
        (one.confirmed_at, "confirmed by another look"),
        (one.acknowledged_at, f"acknowledged by {one.acknowledged_by}"),
        (one.last_seen, f"last seen; looks that saw it: {one.times_seen}"),
        (one.judged_at, f"last judged: {_looks(one)}"),
    ]
    known = sorted(((at, words) for at, words in dated if at is not None), key=lambda event: event[0])
    return [*known, *((None, words) for words in _undated(one, now))]


def _looks(one: Break) -> str:
    if one.clean_in_row:
        return f"not found, looks in a row: {one.clean_in_row}"
    return f"found, looks in a row: {one.found_in_row}"


def _undated(one: Break, now: datetime) -> Iterable[str]:
    if one.accepted_until is not None:
        size = "" if one.accepted_size is None else f", up to a size of {plain(one.accepted_size)}"
        over = "" if one.accepted_until > now else "; that is over and it counts again"
        yield f"accepted by {one.accepted_by} until {one.accepted_until:%Y-%m-%d %H:%M} UTC{size}{over}"
    if one.proposed_by is not None:
        until = "" if one.proposed_until is None else f" until {one.proposed_until:%Y-%m-%d %H:%M} UTC"
        yield f"acceptance proposed by {one.proposed_by}{until}; a second person has to agree"
    if one.for_review:
        yield "flagged for review: it stays on the list, also once it is resolved, until a person retires it"
    if one.recurrences:
        yield f"it was there and resolved before: {one.recurrences}"


def _commands(one: Break) -> Iterable[tuple[str, str]]:
    name, found = quote(one.identifier), one.discrepancy
    bot = quote(found.bot)
    person = "--by NAME --reason WHY"
    yield "Ask both sides for the cause", f"recon-exporter breaks explain {name}"
    yield "See what the venue executed", f"recon-exporter venue fills --bot {bot} --after DATE"
    yield "See all that is kept about it", f"recon-exporter breaks show {name}"
    yield "Say that you look after it; it counts on", f"recon-exporter breaks ack {name} {person}"
    yield "Keep it on the list for review", f"recon-exporter breaks review {name} {person}"
    yield "Let it not count until a date", f"recon-exporter breaks accept {name} --until DATE {person}"
    yield "Record a correction in the audit log", f"recon-exporter audit add --break {name} --by NAME --what WHAT"
    again = f"eod --bot {bot}" if found.check == EOD else "once"
    yield "Look again after a correction", f"recon-exporter {again}"


def _result(report: Report, one: Break) -> CheckResult | None:
    found = one.discrepancy
    results = (result for bot in report.bots if bot.bot == found.bot for result in bot.results)
    return next((result for result in results if result.check == found.check), None)


def _blind(result: CheckResult | None) -> str:
    if result is None:
        return "its check is not made any more"
    if not result.enabled:
        return "its check is switched off"
    return "" if result.unverified is None else f"{result.unverified.reason.value}: {result.unverified.detail}"
