"""The synthetic fleet of one day: its files, and a cycle of its own over them.

It is the cycle of real fleets in every part: ledger, venue, collector, checks, report. Of its readings only the first
is recorded, so that each pass reads the incidents anew and nothing that was read once hides that it cannot be any more.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from recon_exporter.canaries.files import CanaryFiles
from recon_exporter.collecting import Collector
from recon_exporter.cycle import Cycle
from recon_exporter.domain.file_canary import BOT, POLICY, FileCanary
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.report import ExpectedBot, Report
from recon_exporter.errors import StateError
from recon_exporter.judging import Judge
from recon_exporter.ledgers.hbot import HbotLedger
from recon_exporter.ports import Clock, Fleet, Policies, Recording
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot

DEADLINE = timedelta(seconds=5)


class Stage:
    """Raises OSError where the files cannot be written."""

    def __init__(self, canaries: Mapping[str, FileCanary], judge: Judge, clock: Clock, at: datetime) -> None:
        self.at = at
        self.canaries = canaries
        with ExitStack() as kept:
            files = kept.enter_context(CanaryFiles(canaries, at))
            self.folder = files.folder
            files.begin()
            ledger = HbotLedger(BOT, files.data_root, files.event_store, POLICY.freshness)
            fleet = Fleet(BOT, ledger, ExchangeSnapshot(BOT, files.snapshot, POLICY.freshness))
            standing = _StandingClock(clock, at)
            collector = Collector([fleet], standing, DEADLINE)
            self._cycle = Cycle(collector, judge, _NothingKept(), standing)
            kept.callback(self._cycle.close)
            collector.recorded(collector.collect())
            files.go_on()
            self._kept = kept.pop_all()
        expected = tuple(ExpectedBot(bot, (BOT,)) for bot in canaries)
        self._policies = Policies(_policy, expected, ())

    def report(self) -> Report:
        """What a cycle finds in the files now."""
        return self._cycle.look(self._policies)

    def close(self) -> None:
        """Read nothing any more, and remove the files."""
        self._kept.close()


class _StandingClock:
    """Noon, by a clock that goes on for deadlines."""

    def __init__(self, clock: Clock, at: datetime) -> None:
        self._clock, self._at = clock, at

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def wait(self, span: timedelta) -> None:
        self._clock.wait(span)


class _NothingKept:
    """What a cycle of canaries remembers: nothing, so that nothing of them can come among what is durable."""

    def turn(self) -> AbstractContextManager[object]:
        return nullcontext()

    def load(self) -> tuple[Memory, Mapping[str, Mapping[str, str]]]:
        return Memory(), {}

    def record(self, recording: Recording) -> NoReturn:
        raise StateError(f"a report of canaries is never recorded, nor is that of {recording.at.isoformat()}")


def _policy(bot: str) -> BotPolicy:
    return replace(POLICY, bot=bot)
