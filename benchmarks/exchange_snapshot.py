"""Exchange snapshots of many accounts at one local venue: how long they take, and what one more account weighs."""

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accounts import LATENCY, Venue, settings_of, venue_of
from benchmarks.measuring import current_memory, in_own_process, peak_memory
from benchmarks.result import MEBIBYTE, Baseline, Result, Unit
from benchmarks.scale import Scale
from recon_exporter.clock import SystemClock
from recon_exporter.domain.probe import ProbeStatus
from recon_exporter.settings.model import Settings
from recon_exporter.snapshots import Snapshots
from recon_exporter.sources import Connections
from recon_exporter.sources.connections import AT_ONCE

NAME = "exchange-snapshot"
AT_MOST = 1.3
BARE = 100
"""How often each of the threads asks that do nothing else."""
FEWER = 5
"""Memory is compared with that of one account in so many."""


@dataclass(frozen=True, slots=True)
class Took:
    """One snapshot: its seconds, and how many requests the venue counted meanwhile."""

    seconds: float
    requests: int

    @property
    def ideal(self) -> float:
        """What the replies alone take where every worker always waits for one."""
        return self.requests * LATENCY.total_seconds() / AT_ONCE

    @property
    def ratio(self) -> float:
        """How much longer it took than that."""
        return self.seconds / self.ideal


@dataclass(frozen=True, slots=True)
class Measured:
    """The first snapshot, the best of those after it, and memory for each account beyond the few.

    ``bare`` is how many seconds a request takes of threads that only ask, as many as there are workers.
    """

    first: Took
    best: Took
    bare: float
    per_account: float | None
    peak: int | None


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """Snapshots of all accounts in one process, after one of a few of them."""
    accounts, few = scale.accounts, _few(scale.accounts)
    found = in_own_process(_measured, folder / NAME, accounts, min(scale.repeats, 3))
    for what, took, at_most in (("first", found.first, None), ("later", found.best, AT_MOST)):
        waiting = Baseline(f"requests × {LATENCY.microseconds // 1000} ms ÷ {AT_ONCE} workers", took.ideal, at_most)
        text = f"{what} snapshot, {accounts:,} accounts, {took.requests:,} requests"
        yield Result(NAME, text, took.seconds, baseline=waiting, peak=found.peak)
    text = f"later snapshot, {accounts:,} accounts"
    bare = Baseline(f"{AT_ONCE} threads that only ask as often", found.bare * found.best.requests)
    yield Result(NAME, text, found.best.seconds, baseline=bare)
    if found.per_account is not None:
        text = f"memory of an account beyond the first {few:,}, of {accounts:,}"
        yield Result(NAME, text, found.per_account, Unit.BYTES, limit=MEBIBYTE, peak=found.peak)


class _Failures:
    """Counts what the venue refused or did not answer."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def requested(self, venue: str) -> None:
        """The venue counts them itself."""

    def failed(self, venue: str, reason: str) -> None:
        """One more."""
        self.reasons.append(f"{venue}: {reason}")

    def skewed(self, venue: str, seconds: float) -> None:
        """Both have one clock."""


@dataclass(frozen=True, slots=True)
class _Takes:
    """Snapshots by the project's own code, each of which must be sound."""

    venue: Venue
    connections: Connections
    failures: _Failures

    def take(self, settings: Settings) -> Took:
        """One; raises where an account was not read, or the venue refused anything."""
        before = self.venue.requests()
        snapshots = Snapshots(settings, self.connections, SystemClock())
        started = time.perf_counter()
        taken = snapshots.take()
        seconds = time.perf_counter() - started
        statuses = {probe.status for _, probe in taken.asked}
        if statuses != {ProbeStatus.OK} or self.failures.reasons:
            raise RuntimeError(f"the snapshot is not sound: {statuses} {self.failures.reasons[:3]}")
        return Took(seconds, self.venue.requests() - before)


def _measured(folder: Path, accounts: int, repeats: int) -> Measured:
    failures = _Failures()
    with venue_of(accounts) as venue:
        takes = _Takes(venue, Connections(SystemClock(), failures), failures)
        few = settings_of(folder / "few", venue.url, _few(accounts))
        every = settings_of(folder / "all", venue.url, accounts)
        takes.take(few)
        before = _memory()
        first = takes.take(every)
        after = _memory()
        best = min((takes.take(every) for _ in range(repeats)), key=lambda took: took.ratio)
        bare = min(_bare(venue) for _ in range(repeats))
    grown = None if before is None or after is None else (after - before) / (accounts - _few(accounts))
    return Measured(first, best, bare, grown, peak_memory())


def _bare(venue: Venue) -> float:
    """Seconds of one request, where so many threads ask side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = time.perf_counter()
        list(pool.map(venue.ask_barely, [BARE] * AT_ONCE))
        return (time.perf_counter() - started) / (BARE * AT_ONCE)


def _few(accounts: int) -> int:
    return max(1, accounts // FEWER)


def _memory() -> int | None:
    gc.collect()
    return current_memory()
