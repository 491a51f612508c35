"""The snapshot job of a running exporter: what it counts and shows, when it runs, and whose file it leaves alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests

from recon_exporter.clock import SystemClock
from recon_exporter.demo.exchange import Fault
from recon_exporter.serving import Exporter
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.state import open_state
from support.snapshots import snapshot_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from support.snapshots import SnapshotWorld

DEADLINE = 30.0
OK = 'recon_venue_probe_status{bot="bot1",status="ok"} 1.0'
RUNS = 'recon_job_runs_total{run="snapshot"}'


def until(what: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < ends_at, "it did not come about"
        time.sleep(0.05)


@contextmanager
def serving(world: SnapshotWorld, environment: Mapping[str, str]) -> Iterator[Exporter]:
    store = ConfigurationStore(Overrides(), environment, world.folder, SystemClock())
    state = open_state(store.current.state.url.get_secret_value())
    exporter = Exporter(store, state, SystemClock())
    exporter.start()
    try:
        yield exporter
    finally:
        exporter.stop()
        state.close()


def page(exporter: Exporter) -> str:
    return requests.get(f"{exporter.url}/metrics", timeout=5).text


def value(exporter: Exporter, sample: str) -> float | None:
    lines = [line for line in page(exporter).splitlines() if line.startswith(f"{sample} ")]
    return float(lines[0].rpartition(" ")[2]) if lines else None


def test_running_exporter_writes_the_snapshot_reads_it_and_shows_what_the_venue_says(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world, serving(world, world.environment) as exporter:
        until(lambda: OK in page(exporter))

        shown = page(exporter)
        assert 'recon_credential_permission{bot="bot1",permission="trade"} 1.0' in shown
        assert 'recon_credential_permission{bot="bot1",permission="withdraw"} 0.0' in shown
        assert 'recon_venue_request_failures_total{reason="auth",venue="bitget"} 0.0' in shown
        assert (value(exporter, 'recon_venue_requests_total{venue="bitget"}') or 0) > 0
        assert abs(value(exporter, 'recon_venue_clock_skew_seconds{venue="bitget"}') or 0) < 5
        assert 'recon_job_last_success_timestamp_seconds{run="snapshot"}' in shown
        assert 'recon_job_interval_seconds{run="snapshot"} 1.0' in shown
        for secret in world.secrets():
            assert secret not in shown


def test_key_that_is_refused_is_counted_and_shown_until_it_is_accepted_again(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world, serving(world, world.environment) as exporter:
        until(lambda: OK in page(exporter))
        world.server.fail(Fault.UNKNOWN_KEY, account="bot1")
        until(lambda: 'recon_venue_probe_status{bot="bot1",status="fetch_failed"} 1.0' in page(exporter))
        assert value(exporter, 'recon_venue_request_failures_total{reason="auth",venue="bitget"}')
        world.server.recover()
        until(lambda: OK in page(exporter))


def test_write_that_fails_is_counted_and_the_file_is_the_one_before(tmp_path: Path) -> None:
    failures = 'recon_job_failures_total{reason="write",run="snapshot"}'
    with snapshot_world(tmp_path) as world:
        (tmp_path / "blocked").write_text("no folder")
        environment = {**world.environment, "EXCHANGE_SNAPSHOT_OUT_PATH": "blocked/latest.json"}
        with serving(world, environment) as exporter:
            until(lambda: (value(exporter, failures) or 0) > 0)
            assert value(exporter, 'recon_job_last_success_timestamp_seconds{run="snapshot"}') is None
    assert (tmp_path / "blocked").read_text() == "no folder"


def test_without_key_and_without_being_asked_it_leaves_the_file_to_whoever_writes_it(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world:
        world.path.parent.mkdir(parents=True)
        world.path.write_text("{}")
        with serving(world, {}) as exporter:
            until(lambda: 'recon_bot_status{bot="bot1"' in page(exporter))
            assert value(exporter, RUNS) == 0
            assert value(exporter, 'recon_job_interval_seconds{run="snapshot"}') is None
        assert world.path.read_text() == "{}"


def test_mode_off_leaves_the_file_alone_although_there_is_a_key(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world:
        assert not world.snapshots(world.settings(EXCHANGE_SNAPSHOT_MODE="off")).is_wanted()
        assert world.snapshots().is_wanted()


def test_mode_that_somebody_asked_for_runs_without_any_key(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world:
        world.environment.clear()
        assert world.snapshots(world.settings(EXCHANGE_SNAPSHOT_MODE="bitget_ccxt_private")).is_wanted()
        assert not world.snapshots().is_wanted()


def test_job_begins_and_ends_with_the_account_map(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world, serving(world, world.environment) as exporter:
        until(lambda: (value(exporter, RUNS) or 0) > 0)
        world.accounts(
            {"bot1": {"account_mode": "disabled"}, "bot2": {"account_mode": "disabled"}}, account_mode="disabled"
        )
        exporter.reload()
        until(lambda: value(exporter, 'recon_job_interval_seconds{run="snapshot"}') is None)
        world.accounts({"bot1": {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}})
        exporter.reload()
        until(lambda: value(exporter, 'recon_job_interval_seconds{run="snapshot"}') == 1.0)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from recon_exporter.sinks.snapshot_file import SnapshotFile
number = 0
while True:
    number += 1
    SnapshotFile(Path(sys.argv[1])).write({"number": number, "fill": "x" * 200_000, "end": number}, datetime.now(UTC))
    print(number, flush=True)
"""


def test_file_is_whole_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    for wait in (0.0, 0.003, 0.007, 0.013):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(wait)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        content: dict[str, Any] = json.loads(path.read_text())
        assert content["number"] == content["end"]


def test_what_killed_writers_left_is_removed_after_a_while(tmp_path: Path) -> None:
    with snapshot_world(tmp_path) as world:
        snapshots = world.snapshots()
        taken = snapshots.take()
        snapshots.write(taken)
        left = world.path.with_name(".latest.json.1.aa.recon-tmp")
        left.write_text("half")
        old = (SystemClock().now() - timedelta(hours=2)).timestamp()
        os.utime(left, (old, old))
        snapshots.write(taken)
        assert list(world.path.parent.iterdir()) == [world.path]
