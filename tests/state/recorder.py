"""Children that record as fast as they can and are killed at a random instant; run by test_store.py.

Prints for each kill the revision that was found afterwards, or what was half written.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from recon_exporter.ports import Outgoing, Recording
from recon_exporter.state import open_state

START = datetime(2026, 3, 6, tzinfo=UTC)
BOTS = 40
DEADLINE = 60.0


def record_forever(url: str) -> None:
    """Every recording changes every table, and says its number everywhere."""
    state = open_state(url)
    memory, _ = state.load()
    while True:
        number = memory.revision + 1
        at = START + timedelta(seconds=number)
        memory = replace(
            memory,
            seen={f"bot{index}": at for index in range(BOTS)},
            first_seen={(f"bot{index}", "check", "code", "warning"): at for index in range(BOTS)},
            stamped_at=at,
            stamped_fingerprint=str(number),
        )
        progress = {"hbot": {f"file{index}": str(number) for index in range(BOTS)}}
        outgoing = (Outgoing(None, "report_file", "latest", at, str(number) * 5000),)
        memory = replace(memory, revision=state.record(Recording(at, memory, progress, outgoing)))


def told(url: str) -> str:
    """The revision where everything says the same number, else what differs."""
    state = open_state(url)
    memory, progress = state.load()
    number = memory.revision
    at = START + timedelta(seconds=number)
    entries = state.claim(at, ["report_file"])
    for entry in entries:
        state.postpone(entry, at, "only looked at")
    state.close()
    if number == 0:
        return "0" if memory == type(memory)() and not progress and not entries else "half written: 0"
    whole = (
        set(memory.seen.values()) == set(memory.first_seen.values()) == {at}
        and memory.stamped_fingerprint == str(number)
        and len(memory.seen) == len(progress["hbot"]) == BOTS
        and set(progress["hbot"].values()) == {str(number)}
        and [entry.body for entry in entries] == [str(number) * 5000]
    )
    return str(number) if whole else f"half written: {number}"


def start(url: str) -> int:
    child = os.fork()
    if child == 0:
        record_forever(url)
    return child


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def first_recording_seconds(url: str) -> float:
    """How long a child takes until its first recording, on this machine as busy as it is."""
    started = time.monotonic()
    child = start(url)
    state = open_state(url)
    while state.revision() == 0 and time.monotonic() - started < DEADLINE:
        time.sleep(0.005)
    state.close()
    kill(child)
    return time.monotonic() - started


def main(url: str, kills: int) -> None:
    chance = random.Random(20260306)  # noqa: S311  # instants, not secrets
    longest = 2 * first_recording_seconds(url)
    for _ in range(kills):
        child = start(url)
        time.sleep(chance.uniform(0.0, longest))
        kill(child)
        print(told(url), flush=True)  # noqa: T201  # read by the test


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
