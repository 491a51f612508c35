"""The samples of end-of-day runs: breaks by type, their age and size, halts, due times, the audit chain."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from recon_exporter.domain.breaks import CYCLE_TYPES, EOD, EOD_TYPES, MISSING, Break, BreakType
from recon_exporter.domain.eod_view import BotEod, EodView
from recon_exporter.sinks.page.numbers import number, time_number
from recon_exporter.telemetry.catalogue import CATALOGUE
from recon_exporter.telemetry.exposition import Block, escaped

if TYPE_CHECKING:
    from decimal import Decimal

Samples = Iterator[str]


def blocks(view: EodView, now: datetime) -> list[Block]:
    """One block for each family."""
    bots = [view.bots[bot] for bot in sorted(view.bots)]
    found = [_block(name, (tail for bot in bots for tail in family(bot, now))) for name, family in _FAMILIES.items()]
    head = [
        _block("recon_audit_sequence", [f" {number(view.audit_sequence)}"]),
        _block("recon_audit_head", [f" {number(view.audit_head)}"]),
        _block("recon_audit_chain_valid", [f" {float(view.audit_is_valid)}"]),
    ]
    return found + head


def missed_canaries(view: EodView) -> int:
    """Types that any bot's latest run did not find in its canary book."""
    return len({missed for bot in view.bots.values() for missed in bot.canaries_missed})


def _block(name: str, tails: Iterable[str]) -> Block:
    return Block(CATALOGUE[name], "".join([f"{name}{tail}\n" for tail in tails]).encode())


def _start(bot: BotEod) -> str:
    return f'{{bot="{escaped(bot.bot)}",'


def _alone(bot: BotEod) -> str:
    return f'{{bot="{escaped(bot.bot)}"}} '


def _counting(bot: BotEod, now: datetime) -> list[Break]:
    return [one for one in bot.breaks if one.counts(now)]


def _wsb(bot: BotEod, now: datetime) -> Samples:
    """Absent before the first completed run."""
    if bot.completed_at is None:
        return
    counts = Counter(one.discrepancy.type for one in _counting(bot, now))
    for break_type in EOD_TYPES:
        yield f'{_start(bot)}break_type="{break_type}"}} {number(counts[break_type])}'


def _all_counting(bot: BotEod, now: datetime) -> list[Break]:
    return [one for one in (*bot.breaks, *bot.cycle_breaks) if one.counts(now)]


def _types(bot: BotEod) -> list[BreakType]:
    """The types that its runs and cycles may find, and those that they ever found."""
    usual = {*(EOD_TYPES if bot.has_runs else ()), *(CYCLE_TYPES if bot.has_sides else ())}
    return [kind for kind in BreakType if kind in usual or kind in bot.opened]


def _open(bot: BotEod, now: datetime) -> Samples:
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in (*bot.breaks, *bot.cycle_breaks):
        counts[(one.discrepancy.type, one.discrepancy.severity, one.state_at(now))] += 1
    for (break_type, severity, state), count in sorted(counts.items()):
        yield f'{_start(bot)}break_type="{break_type}",severity="{severity}",state="{state}"}} {number(count)}'


def _opened(bot: BotEod, _: datetime) -> Samples:
    for break_type in _types(bot):
        yield f'{_start(bot)}break_type="{break_type}"}} {number(bot.opened.get(break_type, 0))}'


def _resolved(bot: BotEod, _: datetime) -> Samples:
    for break_type in _types(bot):
        yield f'{_start(bot)}break_type="{break_type}"}} {number(len(bot.resolution_seconds.get(break_type, ())))}'


def _oldest(bot: BotEod, now: datetime) -> Samples:
    oldest: dict[str, datetime] = {}
    for one in _all_counting(bot, now):
        known = oldest.get(one.discrepancy.type, one.first_seen)
        oldest[one.discrepancy.type] = min(known, one.first_seen)
    for break_type, at in sorted(oldest.items()):
        yield f'{_start(bot)}break_type="{break_type}"}} {time_number(at)}'


def _exposure(bot: BotEod, now: datetime) -> Samples:
    """No series for a type of which any exposure is unknown."""
    by_type: dict[str, dict[tuple[str, ...], list[Decimal | None]]] = {}
    for one in _all_counting(bot, now):
        found = one.discrepancy
        places = by_type.setdefault(found.type, {})
        places.setdefault((found.symbol, found.leg, found.item), []).append(found.exposure)
    for break_type, places in sorted(by_type.items()):
        # A run and a cycle may tell of one position: that is one exposure.
        told = [None if None in several else max(one for one in several if one is not None)
                for several in places.values()]  # fmt: skip
        known = [one for one in told if one is not None]
        if len(known) == len(told):
            yield f'{_start(bot)}break_type="{break_type}"}} {number(float(sum(known)))}'


def _resolution(bot: BotEod, _: datetime) -> Samples:
    buckets = CATALOGUE["recon_break_resolution_seconds"].buckets
    for break_type in _types(bot):
        seconds = bot.resolution_seconds.get(break_type, ())
        labels = f'{_start(bot)}break_type="{break_type}"'
        for bound in buckets:
            yield f'_bucket{labels},le="{number(bound)}"}} {number(sum(one <= bound for one in seconds))}'
        yield f'_bucket{labels},le="+Inf"}} {number(len(seconds))}'
        yield f"_count{labels}}} {number(len(seconds))}"
        yield f"_sum{labels}}} {number(sum(seconds))}"


def _missing(bot: BotEod, now: datetime) -> Samples:
    if bot.completed_at is not None:
        yield f"{_alone(bot)}{number(sum(one.discrepancy.type in MISSING for one in _counting(bot, now)))}"


def _due(bot: BotEod, _: datetime) -> Samples:
    if bot.due_at is not None:
        yield f"{_alone(bot)}{time_number(bot.due_at)}"


def _completed(bot: BotEod, _: datetime) -> Samples:
    if bot.completed_at is not None:
        yield f"{_alone(bot)}{time_number(bot.completed_at)}"


def _halts(bot: BotEod, _: datetime) -> Samples:
    for reason in sorted({halt.reason for halt in bot.halts}):
        yield f'{_start(bot)}reason="{escaped(reason)}"}} 1.0'


def _tolerated(bot: BotEod, _: datetime) -> Samples:
    """Of runs since the state exists, of cycles since the exporter started."""
    sums = {**({EOD: bot.tolerated} if bot.has_runs else {}), **bot.cycle_tolerated}
    for check, both in sums.items():
        for sign, value in zip(("positive", "negative"), both, strict=True):
            yield f'{_start(bot)}check="{check}",sign="{sign}"}} {number(float(abs(value)))}'


_FAMILIES: Mapping[str, Callable[[BotEod, datetime], Samples]] = {
    "wsb_eod_reconciliation_breaks_total": _wsb,
    "recon_breaks_open": _open,
    "recon_breaks_opened_total": _opened,
    "recon_breaks_resolved_total": _resolved,
    "recon_break_oldest_opened_timestamp_seconds": _oldest,
    "recon_break_exposure_usd": _exposure,
    "recon_break_resolution_seconds": _resolution,
    "recon_positions_missing": _missing,
    "recon_eod_due_timestamp_seconds": _due,
    "recon_eod_last_completed_timestamp_seconds": _completed,
    "recon_halt_active": _halts,
    "recon_tolerated_difference_total": _tolerated,
}
