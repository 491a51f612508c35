"""A fixed data set at a fixed time gives a fixed exposition and a fixed report, through the real parts over real files.

Written anew with RECON_WRITE_GOLDEN_FILES in the environment.
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from recon_exporter import __version__, app
from recon_exporter.demo.hbot_writer import (
    HbotFiles,
    account_entry,
    append_text,
    fill_event,
    fill_row,
    minute_event,
    minute_row,
    snapshot_document,
)
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.sinks.page import PageSink
from recon_exporter.state import open_state
from recon_exporter.telemetry import Format, Telemetry
from support.parts import FixedClock

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 2, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONFIGURATION = """\
fleets:
  hbot: {type: hbot, exchange_snapshot: {enabled: true}}
"""
THRESHOLDS = {
    "version": 1,
    "defaults": {"inventory_warn": 0.3},
    "bots": {"bot2": {"inventory_critical": 0.4}, "bot5": {}},
}
ACCOUNTS = {
    "version": 1,
    "bots": {
        "bot1": {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"},
        "bot2": {"exchange": "bitget", "credential_prefix": "BOT2", "account_mode": "probe"},
        "bot3": {"exchange": "bitget", "credential_prefix": "BOT3", "account_mode": "paper_only"},
        "bot4": {"exchange": "none", "credential_prefix": "BOT4", "account_mode": "disabled"},
    },
}


def rows(newest_at: datetime, *changes: dict[str, object]) -> list[dict[str, object]]:
    """One row a minute, the last at this time."""
    first = newest_at - MINUTE * (len(changes) - 1)
    return [minute_row(first + MINUTE * number, **changed) for number, changed in enumerate(changes)]


def write_fleet(files: HbotFiles) -> None:
    """bot1 sound, bot2 off its target and its account, bot3 with lost events and a damaged line, bot4 stale."""
    fresh = NOW - MINUTE / 2
    drifted = {"base_pct": Decimal("0.95"), "base_balance": Decimal("0.19"), "quote_balance": Decimal(500)}
    paid = {"fills_count_today": 1, "fees_paid_today_quote": Decimal("1.25"), "turnover_today_x": Decimal("0.125")}
    sound = rows(fresh, {}, {}, {}, paid)
    files.append_minutes("bot1", sound)
    files.append_minutes("bot2", rows(fresh, {**drifted, **paid}, {**drifted, "fees_paid_today_quote": Decimal(1)}))
    files.append_minutes("bot3", rows(fresh, {}, {"fills_count_today": 2}))
    append_text(files.folder("bot3") / "minute.csv", "2026-02-22T12:00:00+00:00,a,torn\n")
    files.append_minutes("bot4", rows(NOW - timedelta(hours=1), {}, {}, {}))
    told = fill_row(NOW - 5 * MINUTE, "order-1", fee_quote=Decimal("1.25"))
    files.append_fills("bot1", [told])
    files.append_fills("bot3", [fill_row(NOW - 4 * MINUTE, f"order-{number}") for number in (2, 3)])
    events = [fill_event("bot1", told), fill_event("bot1", told), minute_event("bot1", sound[-1])]
    files.append_events(NOW.date(), events)
    files.replace_snapshot(snapshot_document(NOW - MINUTE, snapshot_entries(sound[-1])))


def snapshot_entries(row: dict[str, object]) -> dict[str, dict[str, object]]:
    return {
        "bot1": account_entry(row),
        "bot2": account_entry(row),
        "bot3": account_entry(row, "paper_only"),
        "bot4": account_entry(row, "fetch_failed", account_probe_error="Apikey does not exist"),
    }


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HbotFiles:
    """The data set in the working directory, so that paths in reports are relative."""
    monkeypatch.chdir(tmp_path)
    Path("config").mkdir()
    Path("config/recon.yml").write_text(CONFIGURATION)
    Path("config/reconciliation_thresholds.json").write_text(json.dumps(THRESHOLDS))
    Path("config/exchange_account_map.json").write_text(json.dumps(ACCOUNTS))
    files = HbotFiles(Path())
    write_fleet(files)
    return files


def reconciled(times: int = 1) -> tuple[str, str]:
    """The exposition and the report file after so many cycles in a process of their own."""
    settings = load(Overrides(), {}, Path())
    clock, page = FixedClock(NOW), PageSink()
    with closing(open_state(settings.state.url.get_secret_value())) as state:
        cycle = app.build_cycle(settings, state, clock)
        for _ in range(times):
            cycle.run(settings.policies, app.build_telling(settings, always_stamp=True), page.show)
        app.build_deliveries(settings, state, clock, Telemetry("", (), ())).deliver()
        cycle.close()
    report = (settings.reports.dir / "latest.json").read_text()
    return page.page.body(Format.TEXT).decode(), report.replace(f'"{__version__}"', '"VERSION"')


@pytest.mark.usefixtures("fleet")
def test_fixed_files_give_a_fixed_exposition_and_report() -> None:
    exposition, report = reconciled()
    if "RECON_WRITE_GOLDEN_FILES" in os.environ:
        (GOLDEN / "exposition.txt").write_text(exposition)
        (GOLDEN / "report.json").write_text(report)

    assert exposition == (GOLDEN / "exposition.txt").read_text()
    assert report == (GOLDEN / "report.json").read_text()


@pytest.mark.usefixtures("fleet")
def test_further_cycles_and_a_restart_over_unchanged_files_say_the_same() -> None:
    cold_exposition, _ = reconciled()
    warm = reconciled()

    assert warm[0] == cold_exposition
    assert reconciled(times=3) == warm
