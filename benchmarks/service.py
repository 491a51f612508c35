"""The running service under the load of a large fleet: its share of a core, how late it shows things, its answers."""

import gzip
import math
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.fleet import Fleet
from benchmarks.load import Told
from benchmarks.measuring import in_own_process, peak_memory
from benchmarks.result import Baseline, Result, Unit
from benchmarks.scale import Scale
from benchmarks.scraping import Connection
from benchmarks.serving import configure, loaded, processor_seconds, served
from recon_exporter.clock import SystemClock

NAME = "service"
SHARE_OF_A_CORE = 0.20
LATENCY_LIMIT_SECONDS = 5.0
SCRAPE_LIMIT_SECONDS = 0.05
SETTLED_CYCLES = 3
PAUSE_SECONDS = 0.01
LINES, HISTORY_MINUTES = 1_000, 20

FILLS = re.compile(rb'^recon_fills\{bot="([^"]+)",side="events"\} (\S+)$', re.MULTILINE)
ENDED = re.compile(rb"^recon_job_last_success_timestamp_seconds\{[^}]*\} (\S+)$", re.MULTILINE)
TOOK = re.compile(rb"^recon_job_duration_seconds_sum\{[^}]*\} (\S+)$", re.MULTILINE)
PAGE = "/metrics"
SCHEDULE = "/metrics?name[]=recon_job_last_success_timestamp_seconds&name[]=recon_job_duration_seconds_sum"

Span = tuple[float, float]
"""When something began and ended, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a scraper saw that came once a second: share of a core, and seconds from each event to its page."""

    share: float
    latencies: Sequence[float]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a client saw that hardly paused: seconds of cycles, of scrapes during and between them."""

    cycles: Sequence[float]
    busy: Sequence[float]
    idle: Sequence[float]


@dataclass(frozen=True, slots=True)
class Service:
    """All that was seen of one process: at its interval, under pressure, and after a reload with a shorter one."""

    watched: Watched
    pressed: Pressed
    sooner: Watched
    peak: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: when its cycle ended, and how many fill events of each bot it tells."""

    ended: float
    fills: Mapping[str, float]


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """One service, watched first as Prometheus would, then by a client that hardly pauses, then with shorter cycles."""
    if peak_memory() is None:
        sys.stderr.write(f"{NAME}: left out, for without /proc nobody tells the processor time of another process\n")
        return
    seen = in_own_process(_seen, folder / NAME, scale)
    yield from _watched_results(seen.watched, scale.service_cycle, scale.service_bots, seen.peak)
    yield from _pressed_results(seen.pressed)
    yield from _watched_results(seen.sooner, scale.service_cycle_sooner, scale.service_bots, seen.peak)


def _watched_results(watched: Watched, cycle: int, bots: int, peak: int | None) -> Iterator[Result]:
    of = f"{bots:,} bots, cycle {cycle}s"
    yield Result(NAME, f"{of}: processor time", watched.share, Unit.CORES, limit=SHARE_OF_A_CORE, peak=peak)
    for share, limit in ((0.5, None), (0.99, LATENCY_LIMIT_SECONDS), (1, None)):
        what = f"{of}: event to page, {_word(share)} of {len(watched.latencies):,}"
        yield Result(NAME, what, quantile(watched.latencies, share), limit=limit)


def _pressed_results(pressed: Pressed) -> Iterator[Result]:
    yield Result(NAME, f"cycle with its page, p50 of {len(pressed.cycles)}", quantile(pressed.cycles, 0.5))
    for share, limit in ((0.5, None), (0.99, SCRAPE_LIMIT_SECONDS)):
        idle = Baseline(f"{_word(share)} between cycles", quantile(pressed.idle, share))
        what = f"scrape while a cycle runs, {_word(share)} of {len(pressed.busy):,}"
        yield Result(NAME, what, quantile(pressed.busy, share), baseline=idle, limit=limit)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of the values does not exceed; NaN where there are none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def _word(share: float) -> str:
    return "the longest" if share == 1 else f"p{100 * share:.0f}"


def _seen(folder: Path, scale: Scale) -> Service:
    fleet = Fleet(folder, scale.service_bots, SystemClock().now())
    fleet.write(LINES, HISTORY_MINUTES)
    with loaded(fleet) as load, served(folder, scale.service_cycle) as (url, process), Connection(url) as client:
        share, bodies = _watch(client, process, scale.service_cycle, scale.service_seconds)
        scrapes, cycles = _scraped_at_once(client, scale.service_seconds / 2)
        configure(folder, scale.service_cycle_sooner)
        os.kill(process, signal.SIGHUP)
        sooner_share, sooner_bodies = _watch(client, process, scale.service_cycle_sooner, scale.service_seconds / 2)
        peak = peak_memory(process)
        load.send("stop")
        told = load.recv()
    watched = Watched(share, _latencies(told, [_page(body) for body in bodies]))
    sooner = Watched(sooner_share, _latencies(told, [_page(body) for body in sooner_bodies]))
    return Service(watched, _sorted_by_cycles(scrapes, cycles), sooner, peak)


def _watch(client: Connection, process: int, cycle: int, seconds: float) -> tuple[float, list[bytes]]:
    """The share of a core, and the bodies of scrapes once a second, some cycles after the interval came into force."""
    time.sleep(SETTLED_CYCLES * cycle)
    before, began = processor_seconds(process), time.perf_counter()
    bodies = list(_scraped_each_second(client, seconds))
    return (processor_seconds(process) - before) / (time.perf_counter() - began), bodies


def _sorted_by_cycles(scrapes: Sequence[Span], cycles: Sequence[Span]) -> Pressed:
    busy: list[float] = []
    idle: list[float] = []
    for begin, end in scrapes:
        is_busy = any(begin < ends and end > begins for begins, ends in cycles)
        (busy if is_busy else idle).append(end - begin)
    return Pressed([ends - begins for begins, ends in cycles], busy, idle)


def _scraped_each_second(client: Connection, seconds: float) -> Iterator[bytes]:
    began = time.perf_counter()
    for number in range(1, math.ceil(seconds) + 1):
        yield bytes(client.get(PAGE, compressed=True))
        time.sleep(max(0.0, began + number - time.perf_counter()))


def _scraped_at_once(client: Connection, seconds: float) -> tuple[list[Span], list[Span]]:
    """Scrapes with hardly a pause, and the cycles meanwhile."""
    clock = SystemClock()
    ends = clock.monotonic() + seconds
    scrapes: list[Span] = []
    told: list[tuple[float, float]] = []
    while clock.monotonic() < ends:
        at = clock.now().timestamp()
        scrapes.append((at, at + client.seconds(PAGE, compressed=True)))
        time.sleep(PAUSE_SECONDS)
        if not told or at - told[-1][0] > 1:
            told.append(_schedule(client))
    cycles = [(ended - (total - before), ended) for (_, before), (ended, total) in pairwise(told)]
    return scrapes, [span for span in cycles if span[1] > span[0]]


def _schedule(client: Connection) -> tuple[float, float]:
    """When the latest cycle ended, and how long all of them took together."""
    body = bytes(client.get(SCHEDULE, compressed=False))
    return _number(ENDED, body), _number(TOOK, body)


def _page(body: bytes) -> Page:
    text = gzip.decompress(body)
    return Page(_number(ENDED, text), {bot.decode(): float(count) for bot, count in FILLS.findall(text)})


def _number(pattern: re.Pattern[bytes], text: bytes) -> float:
    found = pattern.search(text)
    return float(found[1]) if found else 0.0


def _latencies(told: Sequence[Told], pages: Sequence[Page]) -> list[float]:
    """How long each event was written before the end of the first cycle whose page counts it."""
    first, last = pages[0].ended, pages[-1].ended - LATENCY_LIMIT_SECONDS - 1
    return [_shown_at(one, pages) - one.at for one in told if first < one.at < last]


def _shown_at(told: Told, pages: Sequence[Page]) -> float:
    return next((page.ended for page in pages if page.fills.get(told.bot, 0) >= told.number), math.inf)
