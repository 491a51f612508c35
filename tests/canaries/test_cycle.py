"""What canaries do to a cycle as ``serve`` runs it: a blind check has no say, and nothing of them is ever told."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter import app
from recon_exporter.checks import CHECKS
from recon_exporter.demo.hbot_writer import HbotFiles, account_entry, minute_row, snapshot_document
from recon_exporter.domain.document import report_document, to_json
from recon_exporter.domain.finding import CheckResult, Reason
from recon_exporter.domain.report import Status
from recon_exporter.sinks.page import PageSink
from recon_exporter.state import open_state
from recon_exporter.telemetry import Format
from recon_exporter.venues import exchange_snapshot
from support.evidence import NOW
from support.parts import FixedClock
from support.workspace import workspace

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.domain.check import Evidence
    from recon_exporter.domain.report import Report
    from recon_exporter.settings.model import Settings

MINUTE = timedelta(minutes=1)
CONFIGURATION = "fleets: {hbot: {type: hbot, exchange_snapshot: {enabled: true}}}\n"


def blind(evidence: Evidence) -> CheckResult:
    return CheckResult("blind", evidence.bot)


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where files of a passing use go in this test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two sound bots."""
    monkeypatch.chdir(tmp_path)
    files = HbotFiles(tmp_path)
    row = minute_row(NOW - MINUTE / 2)
    for bot in ("bot1", "bot2"):
        files.append_minutes(bot, [minute_row(NOW - 2 * MINUTE), row])
    files.replace_snapshot(snapshot_document(NOW - MINUTE, {bot: account_entry(row) for bot in ("bot1", "bot2")}))
    return workspace(tmp_path, CONFIGURATION).load()


def run(settings: Settings) -> tuple[Report, str, str]:
    """A cycle: its report, its page, and all documents of progress that it left."""
    clock, page = FixedClock(NOW), PageSink()
    with closing(open_state(settings.state.url.get_secret_value())) as state:
        with closing(app.build_cycle(settings, state, clock)) as cycle:
            report = cycle.run(settings.policies, app.build_telling(settings, always_stamp=True), page.show)
        memory, progress = state.load()
    return report, page.page.body(Format.TEXT).decode(), repr((memory, progress))


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_blinded_check_is_unverified_for_every_bot_and_raises_the_number_of_missed_canaries(
    name: str, fleet: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "CHECKS", {**CHECKS, name: replace(CHECKS[name], judge=blind)})

    report, page, _ = run(fleet)

    assert report.canaries_missed == (name,)
    assert 'recon_canaries_missed{run="cycle"} 1.0\n' in page
    for bot in ("bot1", "bot2"):
        assert f'recon_check_unverified{{bot="{bot}",check="{name}",reason="canary_missed"}} 1.0\n' in page
    others = [result for of in report.bots for result in of.results if result.check != name and result.unverified]
    assert not [result for result in others if result.unverified and result.unverified.reason is Reason.CANARY_MISSED]


@pytest.mark.usefixtures("temporary")
def test_blind_reader_of_the_venue_makes_its_check_unverified(fleet: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that loses a side may leave nothing to find in real bots: only the canary tells."""
    monkeypatch.setattr(exchange_snapshot, "_balances", lambda *_: None)

    report, page, _ = run(fleet)

    assert report.canaries_missed == ("exchange_snapshot",)
    assert report.status is not Status.OK
    assert 'recon_canaries_missed{run="cycle"} 1.0\n' in page


def test_nothing_that_was_planted_is_told_or_kept(fleet: Settings, temporary: Path) -> None:
    report, page, kept = run(fleet)
    document = to_json(report_document(report, app.document_context(fleet)))

    assert [bot.bot for bot in report.bots] == ["bot1", "bot2"]
    assert [bot.bot for bot in report.expected] == ["bot1", "bot2"]
    assert report.findings == ()
    assert 'recon_canaries_missed{run="cycle"} 0.0\n' in page
    page = page.replace("recon_canaries_missed", "").replace("when all canaries were found", "")
    for text in (page, document.replace("canaries_missed", ""), kept):
        assert "bot1" in text
        assert "canar" not in text
    assert list(temporary.iterdir()) == []


def test_place_that_cannot_be_written_is_told_of_every_check(fleet: Settings, temporary: Path) -> None:
    temporary.rmdir()

    report, page, _ = run(fleet)

    of_files = [name for name, check in CHECKS.items() if not check.compares_sides]
    told = {result.unverified for bot in report.bots for result in bot.results if result.check in of_files}
    assert {why.reason for why in told if why is not None} == {Reason.CANARY_MISSED}
    assert all(why is not None and "cannot be written" in why.detail for why in told)
    assert f'recon_canaries_missed{{run="cycle"}} {float(len(of_files))}\n' in page
    assert report.status is not Status.OK
