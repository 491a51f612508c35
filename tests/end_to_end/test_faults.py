"""Whatever breaks, nothing is half-written, nothing unknown looks clean, and what comes back is seen again."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import COMMAND, command, environment, serving, until

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import Bot, Exporter

THRESHOLD = 'recon_threshold{bot="bot1",check="inventory",key="inventory_warn",severity="warning"}'
RELOADED = "recon_config_last_reload_successful"


def write_threshold(folder: Path, text: str) -> None:
    """Thresholds with this text in the place of one value."""
    document = f'{{"version": 1, "defaults": {{"inventory_warn": {text}, "inventory_critical": 0.9}}}}'
    (folder / "config" / "reconciliation_thresholds.json").write_text(document)


def assert_nothing_is_half_written(folder: Path) -> None:
    for path in (folder / "reports").rglob("*.json"):
        json.loads(path.read_text())
    state = folder / ".state" / "recon.db"
    if state.exists():
        with closing(sqlite3.connect(state)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("seed", range(10))
def test_once_killed_at_any_instant_leaves_whole_files(folder: Path, bot: Bot, seed: int) -> None:
    bot.write()
    began = time.monotonic()
    assert command(folder, "once").returncode == 0
    takes = time.monotonic() - began

    killed = subprocess.Popen([*COMMAND, "once"], cwd=folder, env=environment(), stdout=subprocess.DEVNULL)
    time.sleep(Random(seed).uniform(0.4, 1.1) * takes)  # noqa: S311  # instants that can be repeated
    killed.kill()
    killed.wait()

    assert_nothing_is_half_written(folder)
    bot.write("0.98")
    result = command(folder, "once", "--json")
    assert result.returncode == 1, result.stderr
    assert json.loads(result.stdout)["critical_count"] == 1


@pytest.mark.parametrize("seed", range(10))
def test_serve_killed_at_any_instant_leaves_whole_files(folder: Path, bot: Bot, seed: int) -> None:
    bot.write()
    with serving(folder) as exporter:
        time.sleep(Random(seed).uniform(0, 1.1))  # noqa: S311  # instants that can be repeated
        exporter.end(signal.SIGKILL)
        assert_nothing_is_half_written(folder)

        exporter.start()
        assert exporter.latest()["status"] == "ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_within_ten_seconds_with_nothing_half_written(
    folder: Path, bot: Bot, number: signal.Signals
) -> None:
    bot.write()
    with serving(folder) as exporter:
        began = time.monotonic()

        assert exporter.end(number) == 0
        assert time.monotonic() - began < 10
    assert_nothing_is_half_written(folder)


def test_a_second_serve_refuses_and_names_the_first(folder: Path, bot: Bot) -> None:
    bot.write()
    with serving(folder) as exporter:
        assert exporter.process is not None
        result = command(folder, "serve", "--web.listen-address=127.0.0.1:0")

        assert result.returncode == 2
        assert str(exporter.process.pid) in result.stderr


def test_reports_that_cannot_be_written_are_counted_and_told(folder: Path, bot: Bot) -> None:
    """A file stands where the folder should be, which stops root too."""
    bot.write()
    (folder / "reports" / "reconciliation").write_text("in the way")

    with serving(folder) as exporter:
        failures = 'recon_delivery_failures_total{sink="report_file"}'
        until(lambda: (exporter.sample(failures) or 0) > 0, "a failed delivery")
        assert exporter.sample('recon_bot_status{bot="bot1",status="ok"}') == 1
    result = command(folder, "once")
    assert result.returncode == 2
    assert "report_file" in result.stderr


def test_a_state_that_cannot_be_written_is_refused_by_name(folder: Path, bot: Bot) -> None:
    bot.write()
    (folder / ".state").write_text("in the way")

    for name in ("once", "serve"):
        result = command(folder, name)
        assert result.returncode == 2
        assert ".state" in result.stderr
        assert "Traceback" not in result.stderr


def test_a_state_that_cannot_be_written_while_serving_fails_the_cycle_and_keeps_the_page(
    folder: Path, bot: Bot
) -> None:
    bot.write()
    with serving(folder) as exporter:
        failing = 'recon_job_failures_total{reason="state",run="cycle"}'
        with closing(sqlite3.connect(folder / ".state" / "recon.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            bot.write("0.98")
            until(lambda: (exporter.sample(failing) or 0) > 0, "a cycle that failed")
            assert exporter.sample('recon_bot_status{bot="bot1",status="ok"}') == 1
            other.execute("ROLLBACK")

        until(lambda: exporter.sample('recon_bot_status{bot="bot1",status="critical"}') == 1, "the next cycle")


def test_a_data_root_that_vanishes_is_unknown_and_comes_back(folder: Path, bot: Bot) -> None:
    bot.write()
    with serving(folder) as exporter:
        assert exporter.sample('recon_check_evaluated{bot="bot1",check="balance"}') == 1
        data, aside = folder / "data", folder / "aside"
        data.rename(aside)
        until(
            lambda: exporter.sample('recon_check_evaluated{bot="bot1",check="balance"}') == 0, "balance is unverified"
        )
        assert exporter.sample('recon_bot_status{bot="bot1",status="ok"}') == 0
        assert exporter.samples("recon_inventory_drift_ratio") == {}
        assert exporter.samples("recon_equity_quote") == {}
        assert exporter.sample("recon_bots_expected") == 1
        assert exporter.sample("recon_bots_checked") == 0

        aside.rename(data)
        bot.write()
        until(lambda: exporter.sample('recon_bot_status{bot="bot1",status="ok"}') == 1, "recovery")
        assert exporter.sample("recon_bots_checked") == 1


def has_refused(exporter: Exporter) -> bool:
    return exporter.sample(RELOADED) == 0


def test_broken_thresholds_keep_the_last_good_ones_until_mended(folder: Path, bot: Bot) -> None:
    bot.write()
    write_threshold(folder, "0.3")
    with serving(folder) as exporter:
        assert (exporter.sample(RELOADED), exporter.sample(THRESHOLD)) == (1, 0.3)

        write_threshold(folder, '"ture"')
        until(lambda: has_refused(exporter), "the refusal shows")
        exporter.wait_for_cycles(2)
        assert (exporter.sample(RELOADED), exporter.sample(THRESHOLD)) == (0, 0.3)
        assert "ture" in (folder / "serve.log").read_text()

        write_threshold(folder, "0.35")
        until(lambda: exporter.sample(RELOADED) == 1, "the mended file is taken")
        until(lambda: exporter.sample(THRESHOLD) == 0.35, "its value acts")


def test_sighup_reloads_all_and_keeps_the_last_good_configuration(folder: Path, bot: Bot) -> None:
    bot.write()
    configuration = folder / "config" / "recon.yml"
    good = configuration.read_text()
    with serving(folder) as exporter:
        interval = 'recon_job_interval_seconds{run="cycle"}'
        configuration.write_text(good + "nonsense: 1\n")
        exporter.send(signal.SIGHUP)
        until(lambda: has_refused(exporter), "the refusal shows")
        assert exporter.sample(interval) == 1
        exporter.wait_for_cycles(1)

        configuration.write_text(good.replace("cycle: 1s", "cycle: 2s"))
        exporter.send(signal.SIGHUP)
        until(lambda: exporter.sample(interval) == 2, "the new interval")
        assert exporter.sample(RELOADED) == 1
