"""The running service under the load of a large fleet: its share of a core, how late it shows things, its answers."""

import gzip
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.fleet import Fleet
from benchmarks.load import Told, written_until_stopped
from benchmarks.measuring import in_own_process, peak_memory
from benchmarks.result import Baseline, Result, Unit
from benchmarks.scale import Scale
from benchmarks.scraping import Connection
from recon_exporter.clock import SystemClock

NAME = "service"
SHARE_OF_A_CORE = 0.20
LATENCY_LIMIT_SECONDS = 5.0
SCRAPE_LIMIT_SECONDS = 0.05
STARTED_WITHIN_SECONDS = 120
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
    """What was seen: share of a core, seconds from event to page, seconds of cycles, of scrapes during and between."""

    share: float
    latencies: Sequence[float]
    cycles: Sequence[float]
    busy: Sequence[float]
    idle: Sequence[float]
    peak: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: when its cycle ended, and how many fill events of each bot it tells."""

    ended: float
    fills: Mapping[str, float]


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """One service, watched first as Prometheus would, then by a client that hardly pauses."""
    if peak_memory() is None:
        sys.stderr.write(f"{NAME}: left out, for without /proc nobody tells the processor time of another process\n")
        return
    seen = in_own_process(_watched, folder / NAME, scale)
    of = f"{scale.service_bots:,} bots, a cycle each {scale.service_cycle} s"
    yield Result(NAME, f"processor time, {of}", seen.share, Unit.CORES, limit=SHARE_OF_A_CORE, peak=seen.peak)
    yield Result(NAME, f"cycle with its page, p50 of {len(seen.cycles)}", quantile(seen.cycles, 0.5))
    for share, limit in ((0.5, None), (0.99, LATENCY_LIMIT_SECONDS), (1, None)):
        what = f"event to page, {_word(share)} of {len(seen.latencies):,}"
        yield Result(NAME, what, quantile(seen.latencies, share), limit=limit)
    for share, limit in ((0.5, None), (0.99, SCRAPE_LIMIT_SECONDS)):
        idle = Baseline(f"{_word(share)} between cycles", quantile(seen.idle, share))
        what = f"scrape while a cycle runs, {_word(share)} of {len(seen.busy):,}"
        yield Result(NAME, what, quantile(seen.busy, share), baseline=idle, limit=limit)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of the values does not exceed; NaN where there are none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def _word(share: float) -> str:
    return "the longest" if share == 1 else f"p{100 * share:.0f}"


def _watched(folder: Path, scale: Scale) -> Watched:
    fleet = Fleet(folder, scale.service_bots, SystemClock().now())
    fleet.write(LINES, HISTORY_MINUTES)
    with (folder / "config" / "recon.yml").open("a", encoding="utf-8") as file:
        file.write(f"schedule: {{cycle: {scale.service_cycle}s}}\n")
    with _loaded(fleet) as load, _served(folder) as (url, process), Connection(url) as client:
        time.sleep(SETTLED_CYCLES * scale.service_cycle)
        before, began = _processor_seconds(process), time.perf_counter()
        bodies = list(_scraped_each_second(client, scale.service_seconds))
        share = (_processor_seconds(process) - before) / (time.perf_counter() - began)
        scrapes, cycles = _scraped_at_once(client, scale.service_seconds / 2)
        peak = peak_memory(process)
        load.send("stop")
        told = load.recv()
    pages = [_page(body) for body in bodies]
    during = [any(begin < ends and end > begins for begins, ends in cycles) for begin, end in scrapes]
    seconds = [end - begin for begin, end in scrapes]
    return Watched(
        share=share,
        latencies=_latencies(told, pages),
        cycles=[ends - begins for begins, ends in cycles],
        busy=[took for took, is_busy in zip(seconds, during, strict=True) if is_busy],
        idle=[took for took, is_busy in zip(seconds, during, strict=True) if not is_busy],
        peak=peak,
    )


@contextmanager
def _loaded(fleet: Fleet) -> Iterator[Pipe]:
    """Bots that write, in a process of their own; it answers "stop" with what it wrote."""
    ours, theirs = get_context("spawn").Pipe()
    bots = get_context("spawn").Process(target=written_until_stopped, args=(fleet, theirs), daemon=True)
    bots.start()
    try:
        yield ours
    finally:
        bots.terminate()
        bots.join()


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, int]]:
    """The service itself, once it is ready: its URL and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    program = [str(Path(sys.executable).with_name("recon-exporter")), "serve", "--web.listen-address", address]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(program, cwd=folder, stdout=log, stderr=log)
    try:
        _await(f"http://{address}/-/ready", process)
        yield f"http://{address}", process.pid
    finally:
        process.terminate()
        process.wait()


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.perf_counter() + STARTED_WITHIN_SECONDS
    while process.poll() is None and time.perf_counter() < ends:
        try:
            with urlopen(url, timeout=STARTED_WITHIN_SECONDS):  # noqa: S310  # our own address
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the service did not become ready")


def _processor_seconds(process: int) -> float:
    """Processor time of all threads so far, in user and kernel mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
