"""What the page of one run shows, out of a file of which nothing is taken for granted but that it is a JSON object."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from recon_exporter.web.marks import LISTED_AT_MOST, Mark

CELL_AT_MOST = 1000
UNTOLD = "The file does not tell."
_DEPTH = 6
_TONES = {"ok", "warning", "critical", "unknown"}
_UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class BreakLink:
    """The id of a break, which has a page of its own while it is open."""

    identifier: str


Cell = str | Mark | BreakLink
Objects = Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``otherwise`` is said in its place where it has no row."""

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int
    otherwise: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """Facts about the whole run, and its tables."""

    is_synthetic: bool
    facts: tuple[tuple[str, Cell], ...]
    tables: tuple[Table, ...]


def run_page(body: bytes, *, is_eod: bool) -> RunPage | None:
    """The page of a report's file, of an end-of-day run or of a cycle; None where it is no JSON object."""
    try:
        document = json.loads(body, parse_float=Decimal, parse_constant=_refused)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    return _of_eod(document) if is_eod else _of_cycle(document)


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _of_cycle(document: Mapping[str, Any]) -> RunPage:
    facts = (
        ("Status", _mark(document.get("status"))),
        ("Judged at", _time(document.get("ts_utc"))),
        ("Bots judged", f"{_text(document.get('checked_bots'))} of {_text(document.get('expected_bots'))} expected"),
        ("Critical findings", _text(document.get("critical_count"))),
        ("Warnings", _text(document.get("warning_count"))),
        ("Not verified", f"{_text(document.get('unverified_count'))} checks"),
        ("Canaries missed", _text(document.get("canaries_missed", "–"), nothing="none")),
        ("Took", f"{_text(document.get('duration_seconds'))} s"),
        ("Written by", _text(document.get("exporter_version"))),
    )
    checks = _objects(document, "checks")
    if checks is not None:
        checks = [check for check in checks if check.get("status") not in ("ok", "disabled")]
    findings = _objects(document, "findings")
    if findings is not None:
        findings = sorted(findings, key=lambda finding: finding.get("severity") != "critical")
    tables = (
        _table("Findings", findings, _FINDING, "No finding.", "What the checks found, critical first"),
        _table("Checks that are not ok", checks, _CHECK, "Every enabled check was ok.", "What each check came to"),
        _table("Bots", _objects(document, "bots"), _BOT, "No bot.", "Every bot that was expected or taken out"),
    )
    return RunPage(is_synthetic=document.get("synthetic") is True, facts=facts, tables=tables)


def _of_eod(document: Mapping[str, Any]) -> RunPage:
    facts = (
        ("Bot", _text(document.get("bot"))),
        ("Outcome", _mark(document.get("status"))),
        ("Breaks remaining", _text(document.get("break_count"), nothing="unknown")),
        ("Standing", _text(document.get("breaks_standing"))),
        ("Exposure in USD", _text(document.get("exposure_usd"), nothing="unknown")),
        ("Positions compared", _text(document.get("positions_compared"))),
        ("Positions missing", _text(document.get("positions_missing"))),
        ("Unverified", _text(document.get("unverified", "–"), nothing="no")),
        ("Started", _time(document.get("started_at"))),
        ("Ended", _time(document.get("ts_utc"))),
        ("Due", _time(document.get("due_at", "–") or "by hand")),
        ("Canaries missed", _text(document.get("canaries_missed", "–"), nothing="none")),
        ("Ledger", _text(document.get("ledger"))),
        ("Venue", _text(document.get("venue"))),
    )
    none = "None."
    tables = (
        _table("Breaks", _objects(document, "discrepancies"), _BREAK, none, "Those that counted after the run"),
        _table("Accepted", _objects(document, "accepted"), _BREAK, none, "Those that a person accepted"),
        _table("Resolved", _objects(document, "resolved"), _BREAK, none, "Those that the run found no more"),
        _table("Halts raised", _objects(document, "halts_raised"), _HALT, none, "Requests that the bot stop trading"),
    )
    return RunPage(is_synthetic=False, facts=facts, tables=tables)


_Column = tuple[str, Callable[[Mapping[str, Any]], Cell]]


def _told(key: str) -> Callable[[Mapping[str, Any]], Cell]:
    return lambda row: _text(row.get(key))


def _timed(key: str) -> Callable[[Mapping[str, Any]], Cell]:
    return lambda row: _time(row.get(key))


def _marked(key: str) -> Callable[[Mapping[str, Any]], Cell]:
    return lambda row: _mark(row.get(key))


_FINDING: tuple[_Column, ...] = (
    ("Severity", _marked("severity")),
    ("Bot", _told("bot")),
    ("Check", _told("check")),
    ("Code", _told("message")),
    ("First seen", _timed("first_seen")),
    ("Details", _told("details")),
)
_CHECK: tuple[_Column, ...] = (
    ("State", _marked("status")),
    ("Bot", _told("bot")),
    ("Check", _told("check")),
    ("Reason", _told("reason")),
    ("In words", _told("detail")),
)
_BOT: tuple[_Column, ...] = (
    ("Bot", _told("bot")),
    ("Status", _marked("status")),
    ("Expected because", _told("expected_because")),
    ("Probe of the account", _told("probe_status")),
)
_BREAK: tuple[_Column, ...] = (
    ("Break", lambda row: BreakLink(_text(row.get("id")))),
    ("Severity", _marked("severity")),
    ("Type", _told("type")),
    ("Symbol", _told("symbol")),
    ("Leg", _told("leg")),
    ("Difference", _told("difference")),
    ("Exposure in USD", lambda row: _text(row.get("exposure"), nothing="unknown")),
    ("First seen", _timed("first_seen")),
    ("In words", _told("detail")),
)
_HALT: tuple[_Column, ...] = (
    ("Reason", _told("reason")),
    ("Since", _timed("since")),
    ("Detail", _told("detail")),
    ("Action", _told("action")),
)


def _table(title: str, told: Objects, columns: tuple[_Column, ...], otherwise: str, caption: str) -> Table:
    objects = told or []
    rows = tuple(tuple(cell(row) for _, cell in columns) for row in objects[:LISTED_AT_MOST])
    left_out = max(0, len(objects) - LISTED_AT_MOST)
    return Table(
        title, caption, tuple(name for name, _ in columns), rows, left_out, otherwise if told is not None else UNTOLD
    )


def _objects(document: Mapping[str, Any], key: str) -> Objects:
    """The objects of a list; None where there is no such list: then nobody can say that it is empty."""
    value = document.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else None


def _mark(value: object) -> Mark:
    word = _text(value)
    if word in {_UNVERIFIED, "unknown"}:
        return Mark("unknown", "UNKNOWN")
    tones = {"clean": "ok", "breaks": "critical"}
    return Mark(word if word in _TONES else tones.get(word, "off"), word)


def _text(value: object, *, nothing: str = "–") -> str:
    text = _flat(value, _DEPTH) or nothing
    return text if len(text) <= CELL_AT_MOST else f"{text[:CELL_AT_MOST]} … (more in the file)"


def _flat(value: object, depth: int) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping() | list() if not depth:
            return "…"
        case Mapping():
            return _joined(f"{name}={_flat(content, depth - 1)}" for name, content in value.items())
        case list():
            return _joined(_flat(content, depth - 1) for content in value)
        case _:
            return str(value)


def _time(value: object) -> str:
    """A time as the other pages tell it, or whatever else is there."""
    text = _text(value)
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return text


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)
