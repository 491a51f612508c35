"""Every check's known break is found in files, and what is blind on the way to the report is noticed."""

from __future__ import annotations

import errno
import shutil
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from recon_exporter.canaries import CanaryFleet, files, stage, told
from recon_exporter.checks import CHECKS
from recon_exporter.checks._canary import sound_book, sound_evidence
from recon_exporter.domain.check import Canary, Check
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult
from recon_exporter.errors import SourceUnreadable
from recon_exporter.ledgers.hbot import HbotLedger, fills, ledger, minute_files, minute_rows
from recon_exporter.sinks.page.samples import render
from recon_exporter.venues import exchange_snapshot
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot
from support.evidence import NOW
from support.parts import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from recon_exporter.domain.check import Evidence
    from recon_exporter.domain.report import Report
    from recon_exporter.ledgers.hbot.minutes import MinuteProgress, MinuteReading
    from recon_exporter.ledgers.hbot.moment import Moment

LATER = timedelta(seconds=5)
OF_FILES = {name for name, check in CHECKS.items() if not check.compares_sides}
"""The checks whose known break stands in files; those of both sides have theirs as evidence."""
OF_ROWS = {"accounting", "balance", "exchange_snapshot", "fill_parity", "freshness", "inventory"}
hours = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001  # the strategy takes naive bounds and adds the zone
    max_value=datetime(2060, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def blind(evidence: Evidence) -> CheckResult:
    """A comparison that finds nothing, ever; of whatever check."""
    return CheckResult("blind", evidence.bot)


def broken(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError("no luck")


def fleet_of(checks: Mapping[str, Check]) -> CanaryFleet:
    return CanaryFleet(checks, FixedClock(NOW))


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CanaryFleet]:
    """All checks, with the folders for temporary files in one of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with closing(fleet_of(CHECKS)) as made:
        yield made


@given(now=hours)
@example(now=datetime(2026, 3, 6, tzinfo=UTC))
@example(now=datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_are_found_at_any_hour(now: datetime) -> None:
    with closing(fleet_of(CHECKS)) as made:
        assert made.missed(now) == {}


def test_all_are_found_in_every_cycle_and_across_midnight(fleet: CanaryFleet) -> None:
    cycles = [NOW, NOW + LATER, NOW + timedelta(hours=15), NOW + timedelta(days=1), NOW]

    assert [fleet.missed(at) for at in cycles] == [{}] * len(cycles)


def test_every_check_of_files_has_its_canary_in_files() -> None:
    assert {name for name, check in CHECKS.items() if isinstance(check.canary(NOW), FileCanary)} >= OF_ROWS


def test_each_bot_has_the_break_of_its_check_alone(fleet: CanaryFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The incident in one bot's files must not be what another check's canary is found by."""
    reports: list[Report] = []
    report_of = stage.Stage.report

    def watched(of: stage.Stage) -> Report:
        reports.append(report_of(of))
        return reports[-1]

    monkeypatch.setattr(stage.Stage, "report", watched)
    fleet.missed(NOW)

    found = {(finding.bot, finding.check) for finding in reports[0].findings}
    # What the bot believes is one side of both comparisons.
    assert found - {("inventory", "exchange_snapshot")} == {(name, name) for name in OF_FILES}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_blinded_comparison_is_noticed(name: str, fleet: CanaryFleet) -> None:
    del fleet
    blinded = {**CHECKS, name: replace(CHECKS[name], judge=blind)}

    with closing(fleet_of(blinded)) as made:
        assert made.missed(NOW) == {name: "its known break was not found in this cycle"}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_comparison_that_raises_is_noticed(name: str, fleet: CanaryFleet) -> None:
    del fleet
    with closing(fleet_of({**CHECKS, name: replace(CHECKS[name], judge=broken)})) as made:
        missed = made.missed(NOW)

    assert list(missed) == [name]
    assert "ZeroDivisionError: no luck" in missed[name]


def without_column(monkeypatch: pytest.MonkeyPatch, column: str) -> None:
    monkeypatch.setattr(minute_rows, "NUMBERS", tuple(one for one in minute_rows.NUMBERS if one != column))
    minute_files._reader_of.cache_clear()


def without_base_share(monkeypatch: pytest.MonkeyPatch) -> None:
    without_column(monkeypatch, "base_pct")


def without_fees(monkeypatch: pytest.MonkeyPatch) -> None:
    without_column(monkeypatch, "fees_paid_today_quote")


def without_target(monkeypatch: pytest.MonkeyPatch) -> None:
    without_column(monkeypatch, "target_base_pct")


def without_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fills.FillPass, "add_ledger_fill", lambda *_: None)


def without_new_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "read_fills", lambda *_: None)


def without_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fills.FillPass, "add_event_line", lambda *_: None)


def without_event_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "read_store", lambda *_: None)


def without_balances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_snapshot, "_balances", lambda *_: None)


def with_failing_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExchangeSnapshot, "read", broken)


def without_new_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def rowless(folder: str, known: MinuteProgress | None, moment: Moment) -> MinuteReading | None:
        reading = minute_files.read_minutes(folder, known, moment)
        return None if reading is None else replace(reading, rows=())

    monkeypatch.setattr(ledger, "read_minutes", rowless)


def with_rows_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minute_rows, "iso_time", lambda _: NOW.replace(hour=12, minute=0))


def without_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(ledger, "read_minutes", unreadable)


def with_failing_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HbotLedger, "read", broken)


def without_findings_in_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "report_document", lambda *_: {"findings": []})


def with_failing_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "report_document", broken)


def with_empty_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "render", lambda report, times: render(replace(report, bots=()), times))


BREAKAGES = {
    without_base_share: {"balance", "exchange_snapshot", "inventory"},
    without_fees: {"accounting"},
    without_target: {"inventory"},
    without_fills: {"fill_parity"},
    without_new_fills: {"fill_parity"},
    without_events: {"fill_parity"},
    without_event_store: {"fill_parity"},
    without_balances: {"exchange_snapshot"},
    with_failing_snapshot: {"exchange_snapshot"},
    without_new_rows: {"accounting"},
    with_rows_of_now: {"freshness"},
    without_rows: OF_ROWS,
    with_failing_ledger: OF_FILES,
    without_findings_in_document: set(CHECKS),
    with_failing_document: set(CHECKS),
    with_empty_page: set(CHECKS),
}


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.__name__)
def test_blind_reader_or_report_is_noticed_from_the_start_and_later(
    breakage: object, fleet: CanaryFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that an earlier cycle read may stand for what cannot be read any more."""
    assert callable(breakage)
    assert fleet.missed(NOW) == {}
    with monkeypatch.context() as patched:
        breakage(patched)
        later = fleet.missed(NOW + LATER)
        with closing(fleet_of(CHECKS)) as other:
            from_the_start = other.missed(NOW)
    minute_files._reader_of.cache_clear()

    assert set(later) == BREAKAGES[breakage]
    assert set(from_the_start) == BREAKAGES[breakage]
    assert fleet.missed(NOW + 2 * LATER) == {}


def test_every_check_is_missed_by_some_blind_reader() -> None:
    assert set().union(*BREAKAGES.values()) == set(CHECKS)


def test_what_could_not_be_seen_is_told_with_its_reason(fleet: CanaryFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    without_balances(monkeypatch)

    assert fleet.missed(NOW) == {
        "exchange_snapshot": "its known break could not be seen: input_missing, "
        "the exchange snapshot has no balances of this account"
    }


@pytest.mark.parametrize("name", ["read_minutes", "find_bots"])
def test_reason_is_the_same_in_every_cycle(name: str, fleet: CanaryFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are written anew each time have other names: a reason that told them would seem to be news."""

    def failing(place: object, *_: object) -> NoReturn:
        raise SourceUnreadable(f"{place} cannot be read")

    monkeypatch.setattr(ledger, name, failing)
    first, second = fleet.missed(NOW), fleet.missed(NOW + LATER)

    assert first == second
    assert " data" in first["balance"]


def test_missed_canaries_are_logged_when_it_begins(fleet: CanaryFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    without_balances(monkeypatch)
    with capture_logs() as lines:
        fleet.missed(NOW)
        fleet.missed(NOW + LATER)

    assert [line["event"] for line in lines] == ["canaries missed"]
    assert lines[0]["checks"] == "exchange_snapshot"
    assert lines[0]["why"].startswith("its known break could not be seen")


def test_folder_that_was_tidied_up_is_written_anew(fleet: CanaryFleet, tmp_path: Path) -> None:
    fleet.missed(NOW)
    (folder,) = tmp_path.iterdir()
    shutil.rmtree(folder)

    assert fleet.missed(NOW + LATER) == {}


def test_files_are_private_and_are_removed_at_the_end(fleet: CanaryFleet, tmp_path: Path) -> None:
    fleet.missed(NOW)
    fleet.missed(NOW + timedelta(days=1))
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0

    fleet.close()
    fleet.close()

    assert list(tmp_path.iterdir()) == []


def test_place_that_cannot_be_written_leaves_the_checks_of_files_blind(
    fleet: CanaryFleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    missed = fleet.missed(NOW)

    assert set(missed) == OF_FILES
    why = "the files of the canaries cannot be written, in the folder for temporary files: No such file or directory"
    assert set(missed.values()) == {why}


def test_full_disk_leaves_the_checks_of_files_blind_and_nothing_behind(
    fleet: CanaryFleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files, "_append_table", full)
        missed = fleet.missed(NOW)

    assert set(missed) == OF_FILES
    assert "no space left on device" in missed["balance"]
    assert list(tmp_path.iterdir()) == []
    assert fleet.missed(NOW + LATER) == {}


def evidence_check(judge: object = None) -> Check:
    """A check of what comes out of no file."""
    inventory = CHECKS["inventory"]
    evidence = sound_evidence(NOW, sound_book(NOW, {"base_pct": "0"}))
    return replace(
        inventory,
        judge=judge or inventory.judge,  # type: ignore[arg-type]
        canary=lambda _: Canary(evidence, "inventory_drift_critical"),
    )


def test_canary_as_evidence_is_found_beside_those_in_files() -> None:
    with closing(fleet_of({**CHECKS, "inventory": evidence_check()})) as made:
        assert made.missed(NOW) == {}


@pytest.mark.parametrize("judge", [blind, broken])
def test_check_that_is_blind_to_its_evidence_is_noticed(judge: object) -> None:
    with closing(fleet_of({"inventory": evidence_check(judge)})) as made:
        assert list(made.missed(NOW)) == ["inventory"]


def test_report_that_leaves_out_evidence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    without_findings_in_document(monkeypatch)
    with closing(fleet_of({"inventory": evidence_check()})) as made:
        assert list(made.missed(NOW)) == ["inventory"]


def test_canary_that_cannot_be_made_is_missed_and_the_others_are_found(fleet: CanaryFleet) -> None:
    del fleet
    with closing(fleet_of({**CHECKS, "balance": replace(CHECKS["balance"], canary=broken)})) as made:
        assert made.missed(NOW) == {"balance": "its canary failed: ZeroDivisionError: no luck"}
