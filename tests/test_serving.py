"""The service in this process, on real files: what changes while it runs."""

from __future__ import annotations

import json
import logging
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from recon_exporter.clock import SystemClock
from recon_exporter.demo.hbot_writer import HbotFiles, minute_event, minute_row
from recon_exporter.errors import AddressError, ConfigurationError, StateError
from recon_exporter.ports import Recording
from recon_exporter.serving import Exporter
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.state import open_state
from recon_exporter.taking import ONLY_AT_START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from recon_exporter.ports import Clock

DEADLINE = 20.0
LAST_SUCCESS = 'recon_job_last_success_timestamp_seconds{run="cycle"}'
CONFIGURATION = """
web: {listen_address: "127.0.0.1:0"}
state: {url: "sqlite:///.state/recon.db"}
schedule: {cycle: 1s}
thresholds_file: thresholds.json
account_map_file: accounts.json
fleets: {hbot: {type: hbot}}
"""


def until(what: Callable[[], bool]) -> None:
    """Wait until it is so; the deadline is far beyond what it takes."""
    ends_at = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < ends_at, "it did not come about"
        time.sleep(0.05)


class Place:
    """A folder with a fleet of one bot, its configuration, and the service on it."""

    def __init__(self, folder: Path, configuration: str, clock: Clock | None = None) -> None:
        self.folder = folder
        self.thresholds({})
        (folder / "accounts.json").write_text('{"version": 1}')
        (folder / "recon.yml").write_text(configuration)
        now = SystemClock().now()
        rows = [minute_row(now - timedelta(minutes=minutes)) for minutes in (2, 1, 0)]
        files = HbotFiles(folder)
        files.append_minutes("bot1", rows)
        files.append_events(now.date(), [minute_event("bot1", rows[-1])])
        self.store = ConfigurationStore(Overrides(str(folder / "recon.yml")), {}, folder, SystemClock())
        self.state = open_state(self.store.current.state.url.get_secret_value())
        self.exporter = Exporter(self.store, self.state, clock or SystemClock(), timer=SystemClock())

    def thresholds(self, defaults: object) -> None:
        (self.folder / "thresholds.json").write_text(json.dumps({"version": 1, "defaults": defaults}))

    def page(self) -> str:
        return requests.get(f"{self.exporter.url}/metrics", timeout=5).text

    def shows(self, sample: str) -> Callable[[], bool]:
        return lambda: sample in self.page()


@contextmanager
def serving(folder: Path, configuration: str = CONFIGURATION, clock: Clock | None = None) -> Iterator[Place]:
    place = Place(folder, configuration, clock)
    place.exporter.start()
    try:
        until(place.shows('recon_bot_status{bot="bot1"'))
        yield place
    finally:
        place.exporter.stop()
        place.state.close()


def test_service_shows_the_fleet_writes_its_report_and_is_ready(tmp_path: Path) -> None:
    with serving(tmp_path) as place:
        latest = tmp_path / "reports/reconciliation/latest.json"
        until(latest.exists)

        assert 'recon_bot_status{bot="bot1",status="ok"} 1.0' in place.page()
        assert requests.get(f"{place.exporter.url}/-/ready", timeout=5).status_code == 200
        until(place.shows('recon_deliveries_total{sink="report_file"}'))
        assert json.loads(latest.read_text())["status"] == "ok"


def test_changed_thresholds_file_acts_within_a_cycle_and_a_bad_one_keeps_the_last_good(tmp_path: Path) -> None:
    limit = 'recon_threshold{bot="bot1",check="inventory",key="inventory_warn",severity="warning"} '
    with serving(tmp_path) as place:
        place.thresholds({"inventory_warn": 0.125})
        until(place.shows(limit + "0.125"))

        place.thresholds({"inventory_warn": "ture"})
        until(place.shows("recon_config_last_reload_successful 0.0"))
        assert limit + "0.125" in place.page()

        place.thresholds({"inventory_warn": 0.2})
        until(place.shows("recon_config_last_reload_successful 1.0"))
        until(place.shows(limit + "0.2"))


def test_refused_reload_names_every_problem_and_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as place:
        (tmp_path / "recon.yml").write_text(CONFIGURATION + "nonsense: 1\nreports: {retention: never}\n")

        with pytest.raises(ConfigurationError) as refusal:
            place.exporter.reload()

        assert len(refusal.value.problems) == 2
        assert "recon_config_last_reload_successful 0.0" in place.page()


def test_reload_takes_another_fleet(tmp_path: Path) -> None:
    with serving(tmp_path) as place:
        now = SystemClock().now()
        HbotFiles(tmp_path / "second").append_minutes("bot2", [minute_row(now)])
        more = "fleets: {hbot: {type: hbot}, second: {type: hbot, data_root: second/data}}"
        (tmp_path / "recon.yml").write_text(CONFIGURATION.replace("fleets: {hbot: {type: hbot}}", more))

        place.exporter.reload()

        until(place.shows('recon_bot_status{bot="bot2"'))


SIDES = """
web: {listen_address: "127.0.0.1:0"}
state: {url: "sqlite:///.state/recon.db"}
schedule: {cycle: 1s}
thresholds_file: thresholds.json
account_map_file: accounts.json
bots:
  bot1:
    ledger: {type: file, positions: ledger.csv}
    venue: {type: file, positions: venue.csv}
    intraday: true
"""


@pytest.mark.parametrize(
    ("change", "sample"),
    [
        (("bot1:", "bot9:"), 'recon_bot_status{bot="bot9",status="ok"} 1.0'),
        (("venue.csv", "other.csv"), 'recon_check_evaluated{bot="bot1",check="positions"} 0.0'),
        (("true", "false"), 'recon_check_enabled{bot="bot1",check="positions"} 0.0'),
    ],
)
def test_reload_takes_what_is_said_of_the_sides_of_bots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], sample: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for side in ("ledger", "venue"):
        rows = "symbol,quantity,avg_price,price,currency\nBTC/USDT,1,60000,60000,USDT\n"
        (tmp_path / f"{side}.csv").write_text(rows)
    with serving(tmp_path, SIDES) as place:
        assert sample not in place.page()
        (tmp_path / "recon.yml").write_text(SIDES.replace(*change))

        place.exporter.reload()

        until(place.shows(sample))


class Tomorrow(SystemClock):
    """A clock that is a day ahead of the machine's."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=1)


@pytest.mark.parametrize("clock", [SystemClock(), Tomorrow()], ids=["by the machine's clock", "by another one"])
def test_recording_of_another_process_is_shown_without_waiting_for_the_next_cycle(tmp_path: Path, clock: Clock) -> None:
    runs = 'recon_job_runs_total{run="cycle"} '
    with serving(tmp_path, CONFIGURATION.replace("cycle: 1s", "cycle: 1h"), clock) as place:
        assert runs + "1.0" in place.page()

        other = open_state(place.store.current.state.url.get_secret_value())
        memory, _ = other.load()
        other.record(Recording(SystemClock().now(), memory, {}, ()))
        other.close()

        until(place.shows(runs + "2.0"))


def test_address_in_use_is_named(tmp_path: Path) -> None:
    with serving(tmp_path) as place:
        taken = place.exporter.url.removeprefix("http://")
        (tmp_path / "recon.yml").write_text(CONFIGURATION.replace("127.0.0.1:0", taken))
        store = ConfigurationStore(Overrides(str(tmp_path / "recon.yml")), {}, tmp_path, SystemClock())

        with pytest.raises(AddressError, match=taken):
            Exporter(store, place.state, SystemClock()).start()


@pytest.mark.parametrize(
    ("fault", "reason"), [(StateError("the disk is full"), "state"), (KeyError("odd"), "unexpected")]
)
def test_cycle_that_fails_is_counted_by_its_reason_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, reason: str
) -> None:
    def fail(recording: Recording) -> int:
        del recording
        raise fault

    failures = f'recon_job_failures_total{{reason="{reason}",run="cycle"}} '
    with serving(tmp_path) as place:
        success = next(line for line in place.page().splitlines() if line.startswith(LAST_SUCCESS))
        with monkeypatch.context() as broken:
            broken.setattr(place.state, "record", fail)
            until(lambda: failures in place.page() and failures + "0.0" not in place.page())
            assert 'recon_bot_status{bot="bot1",status="ok"} 1.0' in place.page()

        until(lambda: success not in place.page())


def test_lines_of_warning_and_error_are_counted_until_it_stops(tmp_path: Path) -> None:
    handlers = logging.getLogger().handlers[:]
    with serving(tmp_path) as place:
        logging.getLogger("anybody").error("a failure")
        until(place.shows('recon_log_lines_total{level="error"} 1.0'))

    assert logging.getLogger().handlers == handlers


def test_reload_moves_the_reports_that_pages_list(tmp_path: Path) -> None:
    with serving(tmp_path) as place:
        (tmp_path / "recon.yml").write_text(CONFIGURATION + "reports: {dir: elsewhere/cycles}\n")

        place.exporter.reload()

        until((tmp_path / "elsewhere" / "cycles" / "latest.json").exists)
        assert "elsewhere/cycles" in requests.get(f"{place.exporter.url}/runs", timeout=5).text


@pytest.mark.parametrize("path", ONLY_AT_START)
def test_what_only_a_start_takes_is_a_setting(tmp_path: Path, path: str) -> None:
    place = Place(tmp_path, CONFIGURATION)
    place.state.close()

    assert path in {entry.path for entry in place.store.current.entries}
