"""Which rows of a history Binance tells: windows of time, identifiers to begin at, pages of at most 1 000."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from recon_exporter.demo.binance_server import errors
from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.exchange import Refusal, milliseconds

Row = TypeVar("Row")

DEFAULT_LIMIT = 500
HIGHEST_LIMIT = 1000
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """How far a window may reach, and what one with a single end means.

    ``bounded``: it reaches as far as it may and no further; else it reaches to the end of the history.
    """

    span: int
    bounded: bool
    too_long: Callable[[], Refusal]
    not_together: Callable[[str], Refusal]


SPOT = Rules(timedelta(hours=24) // _MILLISECOND, False, errors.too_many_hours, errors.combination_invalid)  # noqa: FBT003
FUTURES = Rules(timedelta(days=7) // _MILLISECOND, True, errors.interval_invalid, errors.sent_when_not_required)  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class History(Generic[Row]):
    """One list of an account, oldest first: where its rows stand in time, and the number each can be begun at."""

    rows: Sequence[Row]
    at: Callable[[Row], datetime]
    number: Callable[[Row], int]
    begin_at: str


def page(history: History[Row], call: Call, rules: Rules) -> list[Row]:
    """The rows told, oldest first: the first ones from a beginning that was asked for, the latest without one.

    Raises Refusal.
    """
    limit = call.limit(DEFAULT_LIMIT, HIGHEST_LIMIT)
    rows = history.rows[-limit:] if call.view.one_page else history.rows
    if history.begin_at in call.parameters:
        for name in {"startTime", "endTime"} & call.parameters.keys():
            raise rules.not_together(name)
        number = call.number(history.begin_at)
        return [row for row in rows if history.number(row) >= number][:limit]
    start, end = window(call, rules)
    chosen = [row for row in rows if start <= milliseconds(history.at(row)) <= end]
    return chosen[:limit] if "startTime" in call.parameters else chosen[-limit:]


def window(call: Call, rules: Rules) -> tuple[int, int]:
    """From when to when, both included; raises Refusal."""
    start, end, now = call.number("startTime"), call.number("endTime"), call.now
    if start and end:
        if end - start > rules.span:
            raise rules.too_long()
        return start, end
    if not rules.bounded:
        return start, end or now
    if start:
        return start, start + rules.span
    return (end or now) - rules.span, end or now
