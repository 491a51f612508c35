"""Drift over the last reports as small charts: what was not evaluated is a gap, never a line or a zero."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from recon_exporter.domain.drift_history import DRIFTS, Look
from recon_exporter.domain.finding import Measure
from recon_exporter.domain.report import BotVerdict, Report
from recon_exporter.web.marks import age

WIDTH = 240
HEIGHT = 48
DRAWN_BOTS = 24

_MARGIN = 3
_SMALLEST = 0.0001
_HEADROOM = 1.15
_LIMITS = {
    Measure.INVENTORY_DRIFT: ("inventory_warn", "inventory_critical"),
    Measure.EXCHANGE_DRIFT: ("exchange_drift_warn", "exchange_drift_critical"),
}
_NAMES = {Measure.INVENTORY_DRIFT: "Inventory drift", Measure.EXCHANGE_DRIFT: "Exchange drift"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Chart:
    """One drift of one bot. ``lines`` are the unbroken pieces, ``warning`` and ``critical`` the heights of limits.

    ``words`` says in text what the picture shows; ``now`` is the latest value as text, UNKNOWN where there is none.
    """

    name: str
    lines: tuple[str, ...]
    dots: tuple[Point, ...]
    warning: float
    critical: float
    now: str
    limits: str
    words: str


@dataclass(frozen=True, slots=True)
class DriftRow:
    """The charts of one bot, None where nothing was evaluated within the history."""

    bot: str
    charts: tuple[Chart | None, ...]


@dataclass(frozen=True, slots=True)
class Drifts:
    """The section of all charts: the worst bots first."""

    columns: tuple[str, ...]
    rows: tuple[DriftRow, ...]
    left_out: int
    reports: int
    span: str


def drifts(history: Sequence[Look], report: Report, order: Iterable[str]) -> Drifts:
    """The charts of the bots of a report, in this order."""
    verdicts = {bot.bot: bot for bot in report.bots}
    seen = {bot for look in history for bot in look.drifts}
    bots = [verdicts[name] for name in order if name in seen and verdicts[name].status is not None]
    return Drifts(
        columns=tuple(_NAMES[measure] for measure in DRIFTS),
        rows=tuple(_row(bot, history) for bot in bots[:DRAWN_BOTS]),
        left_out=max(0, len(bots) - DRAWN_BOTS),
        reports=len(history),
        span=age(history[-1].at - history[0].at) if history else "",
    )


def _row(bot: BotVerdict, history: Sequence[Look]) -> DriftRow:
    return DriftRow(bot.bot, tuple(_chart(bot, place, history) for place in range(len(DRIFTS))))


def _chart(bot: BotVerdict, place: int, history: Sequence[Look]) -> Chart | None:
    told = [(look.at, _drawable(look, bot.bot, place)) for look in history]
    known = [abs(value) for _, value in told if value is not None]
    if not known:
        return None
    warning, critical = (float(bot.policy.limit(key)) for key in _LIMITS[DRIFTS[place]])
    frame = _Frame(told[0][0], told[-1][0] - told[0][0], _HEADROOM * max(critical, *known))
    pieces = tuple(_pieces(told, frame))
    latest = told[-1][1]
    now = "UNKNOWN" if latest is None else _shown(latest)
    limits = f"warning from {warning:.4g}, critical from {critical:.4g}"
    gaps = sum(value is None for _, value in told)
    name = _NAMES[DRIFTS[place]]
    return Chart(
        name=name,
        lines=tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1),
        dots=tuple(piece[0] for piece in pieces if len(piece) == 1),
        warning=frame.height(warning),
        critical=frame.height(critical),
        now=now,
        limits=limits,
        words=f"{name} of {bot.bot}: now {now}, lowest {_shown(min(known))}, highest {_shown(max(known))} "
        f"in {len(told)} reports, not evaluated in {gaps} of them; {limits}",
    )


def _shown(value: float) -> str:
    """Four digits; what is next to nothing is said in words instead of powers of ten."""
    return f"below {_SMALLEST}" if 0 < abs(value) < _SMALLEST else f"{value:.4g}"


def _drawable(look: Look, bot: str, place: int) -> float | None:
    value = look.drifts[bot][place] if bot in look.drifts else None
    return value if value is not None and isfinite(value) else None


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a time and a value stand in the picture."""

    start: datetime
    span: timedelta
    top: float

    def height(self, value: float) -> float:
        share = abs(value) / self.top if self.top else 0.0
        return round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)

    def point(self, at: datetime, value: float) -> Point:
        share = (at - self.start) / self.span if self.span else 1.0
        return (round(_MARGIN + share * (WIDTH - 2 * _MARGIN), 1), self.height(value))


def _pieces(told: Iterable[tuple[datetime, float | None]], frame: _Frame) -> Iterator[list[Point]]:
    """The runs of evaluated values; whatever was not evaluated ends one."""
    piece: list[Point] = []
    for at, value in told:
        if value is not None:
            piece.append(frame.point(at, value))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece
