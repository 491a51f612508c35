"""What pages share: states as words, spans and values as people read them, and checks that could not be made."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal

from recon_exporter.domain.finding import Detail, Unverified
from recon_exporter.domain.money import plain
from recon_exporter.domain.report import BotVerdict, Report

LISTED_AT_MOST = 200
SHOWN_DIGITS = Context(prec=10)
UNVERIFIED = "unverified"
"""What stands in the place of a code where the page for a check that could not be made is asked for."""

_GRACE = timedelta(seconds=60)

RunbookOf = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """One state: ``tone`` chooses the colour, ``word`` says it, ``notes`` say more."""

    tone: str
    word: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One finding, or checks of one bot that could not be judged for one reason (``since`` empty)."""

    mark: Mark
    bot: str
    check: str
    code: str
    since: str
    details: tuple[tuple[str, str], ...]
    runbook: str | None


@dataclass(frozen=True, slots=True)
class Blindness:
    """The checks that could not be made, the first of them as rows."""

    rows: tuple[Listed, ...]
    left_out: int
    checks: int


def is_stale(report: Report, now: datetime, interval: timedelta) -> bool:
    """Whether three cycles should have followed this report: it then proves nothing any more."""
    return now - report.at > 3 * interval + _GRACE


def age(span: timedelta) -> str:
    """A span in its two largest units, such as ``2 h 5 min``."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        return "in the future"
    for size, unit, smaller_size, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def shown(value: Detail) -> str:
    """A detail of a finding as text."""
    match value:
        case Decimal():
            return rounded(value)
        case datetime():
            return value.isoformat(timespec="seconds")
        case str() | None:
            return value or "–"
        case Mapping():
            return ", ".join(f"{name}={shown(content)}" for name, content in value.items()) or "–"
        case Sequence():
            return ", ".join(shown(content) for content in value) or "–"
        case _:
            return str(value)


def rounded(value: Decimal) -> str:
    """A number a person can read: all its digits where they are few."""
    short = SHOWN_DIGITS.plus(value)
    return plain(value) if short == value else f"≈ {plain(short)}"


def blindness(bots: Sequence[BotVerdict], runbook_of: RunbookOf, only: Collection[str] | None = None) -> Blindness:
    """The checks that could not be judged, ``only`` these of them: one missing source blinds many checks."""
    groups: dict[tuple[str, Unverified], list[str]] = {}
    for bot in bots:
        for result in bot.results:
            if result.enabled and result.unverified is not None and (only is None or result.check in only):
                groups.setdefault((bot.bot, result.unverified), []).append(result.check)
    return Blindness(
        rows=tuple(_unverified(*group, runbook_of) for group in [*groups.items()][:LISTED_AT_MOST]),
        left_out=max(0, len(groups) - LISTED_AT_MOST),
        checks=sum(map(len, groups.values())),
    )


def _unverified(cause: tuple[str, Unverified], checks: Sequence[str], runbook_of: RunbookOf) -> Listed:
    bot, unverified = cause
    return Listed(
        mark=Mark("unknown", "UNKNOWN"),
        bot=bot,
        check=", ".join(checks),
        code=unverified.reason.value,
        since="",
        details=(("", unverified.detail),),
        runbook=runbook_of(checks[0], UNVERIFIED),
    )
