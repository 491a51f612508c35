"""The ledger as a whole: finding bots, reading in two phases, restarting, and what goes wrong."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Book, Unavailable
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot import HbotLedger, discovery
from recon_exporter.reading import append_only
from support.hbot import (
    BOT,
    FRESHNESS,
    MIDNIGHT,
    MINUTE,
    NOON,
    HbotFleet,
    append,
    fill_event,
    fill_row,
    minute_row,
    minute_rows,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recon_exporter.ledgers.hbot.discovery import Discovery


@pytest.fixture
def fleet(tmp_path: Path) -> HbotFleet:
    fleet = HbotFleet(tmp_path)
    fleet.live_until(NOON)
    return fleet


def unavailable(fleet: HbotFleet, bot: str = BOT) -> Unavailable:
    answer = fleet.cycle()[bot]
    assert isinstance(answer, Unavailable), answer
    return answer


def test_bots_of_both_name_spaces_are_found_and_other_folders_are_not(fleet: HbotFleet) -> None:
    fleet.files.folder("bot2", space="runtime_v24").mkdir(parents=True)
    (fleet.files.folder("bot2", space="runtime_v24") / "minute.csv").write_text("")
    for other in ("shared/logs", "no-logs", "empty/logs/epp_v24/empty_a"):
        (fleet.files.data / other).mkdir(parents=True)
    (fleet.files.data / "file").write_text("")

    assert sorted(fleet.cycle()) == [BOT, "bot2"]


def test_empty_data_root_has_no_books(tmp_path: Path) -> None:
    assert HbotFleet(tmp_path).cycle() == {}


def test_missing_data_root_is_an_error_that_names_it(tmp_path: Path) -> None:
    ledger = HbotLedger("hbot", tmp_path / "nowhere", tmp_path, FRESHNESS)

    with pytest.raises(SourceError, match="nowhere"):
        ledger.read(NOON)


def test_variant_with_the_newest_row_speaks_and_all_are_listed(fleet: HbotFleet) -> None:
    fleet.files.append_minutes(BOT, minute_rows(NOON - timedelta(days=3), 3), variant="dead")
    fleet.files.folder(BOT, space="runtime_v24").mkdir(parents=True)
    new = fleet.files.folder(BOT, space="runtime_v24") / "minute.csv"
    shutil.copy(fleet.minute(), new)
    append(new, fleet.minute().read_text().splitlines(keepends=True)[-1].replace("12:00", "12:01"))
    book = fleet.book(NOON + MINUTE)

    assert [(variant.path, variant.newest_at) for variant in book.variants] == [
        ("bot1/logs/runtime_v24/bot1_a", NOON + MINUTE),
        ("bot1/logs/epp_v24/bot1_a", NOON),
        ("bot1/logs/epp_v24/bot1_dead", NOON - timedelta(days=3)),
    ]
    assert book.newest is not None
    assert book.newest.at == NOON + MINUTE


def test_vanished_bot_has_no_book_and_comes_back_where_it_was(fleet: HbotFleet, tmp_path: Path) -> None:
    fleet.cycle()
    shutil.move(fleet.files.data / BOT, tmp_path / "elsewhere")
    gone = fleet.cycle(NOON + MINUTE)
    shutil.move(tmp_path / "elsewhere", fleet.files.data / BOT)

    assert gone == {}
    assert fleet.book(NOON + MINUTE).rows == ()


def test_progress_of_a_bot_that_stays_away_is_dropped(fleet: HbotFleet) -> None:
    fleet.cycle()
    shutil.rmtree(fleet.files.data / BOT)
    for days in (1, 2):
        fleet.cycle(NOON + timedelta(days=days))

    assert [key for key in fleet.documents if key.startswith("minutes/")] == []


def test_folder_that_vanishes_between_finding_and_opening_is_no_failure(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.live_until(NOON, bot="bot2")
    find = discovery.find_bots

    def find_and_lose(data_root: Path) -> Discovery:
        found = find(data_root)
        shutil.rmtree(data_root / "bot2", ignore_errors=True)
        return found

    monkeypatch.setattr("recon_exporter.ledgers.hbot.ledger.find_bots", find_and_lose)

    assert sorted(fleet.cycle()) == [BOT]


def refuse(monkeypatch: pytest.MonkeyPatch, of: str, ending: str) -> None:
    """Let one call of the operating system be refused for one path: the tests may run as root, whom no mode refuses."""
    call: Callable[..., object] = getattr(os, of)

    def refused(path: str, *arguments: object, **named: object) -> object:
        if str(path).endswith(ending):
            raise PermissionError(13, "Permission denied", path)
        return call(path, *arguments, **named)

    monkeypatch.setattr(os, of, refused)


def test_unreadable_minute_file_makes_that_bot_unavailable_alone(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.live_until(NOON, bot="bot2")
    refuse(monkeypatch, "open", "bot1_a/minute.csv")

    assert unavailable(fleet).reason is Reason.SOURCE_UNREADABLE
    assert "minute.csv" in unavailable(fleet).detail
    assert isinstance(fleet.cycle()["bot2"], Book)


def test_unreadable_bot_folder_makes_that_bot_unavailable_alone(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.live_until(NOON, bot="bot2")
    refuse(monkeypatch, "scandir", "bot1/logs/epp_v24")

    assert unavailable(fleet).reason is Reason.SOURCE_UNREADABLE
    assert isinstance(fleet.cycle()["bot2"], Book)


def test_unreadable_data_root_is_an_error(fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "scandir", "data")

    with pytest.raises(SourceError, match="Permission denied"):
        fleet.read()


def test_unreadable_fills_are_unavailable_until_they_can_be_read(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.add_fills(fill_row(NOON, "ord-1"))
    with monkeypatch.context() as patch:
        refuse(patch, "open", "fills.csv")
        refused = fleet.book().fills

    assert refused.ledger is not None
    assert refused.ledger.reason is Reason.SOURCE_UNREADABLE
    assert (fleet.book().fills.ledger, fleet.book().fills.ledger_count) == (None, 1)


def test_unreadable_store_is_unavailable_until_it_can_be_read(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.add_events(fill_event(BOT, fill_row(NOON, "ord-1")))
    with monkeypatch.context() as patch:
        refuse(patch, "open", ".jsonl")
        refused = fleet.book().fills

    assert refused.events is not None
    assert refused.events.reason is Reason.SOURCE_UNREADABLE
    assert (fleet.book().fills.events, fleet.book().fills.events_count) == (None, 1)


def test_device_that_fails_in_the_middle_of_the_store_loses_and_doubles_nothing(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.add_events(*[fill_event(BOT, fill_row(NOON, f"ord-{number}")) for number in range(50)])
    fleet.add_fills(*[fill_row(NOON, f"ord-{number}") for number in range(50)])
    pread, calls = os.pread, 0

    def failing(descriptor: int, count: int, offset: int) -> bytes:
        nonlocal calls
        calls += count == append_only.BLOCK
        if calls > 5:
            raise OSError(5, "Input/output error")
        return pread(descriptor, count, offset)

    with monkeypatch.context() as patch:
        patch.setattr(append_only, "BLOCK", 2000)
        patch.setattr(os, "pread", failing)
        broken = fleet.book().fills
    healed = fleet.book().fills

    assert broken.events is not None
    assert broken.events_count < 50
    assert (healed.ledger_count, healed.events_count, healed.open) == (50, 50, ())


def test_minute_file_replaced_while_it_is_read_is_read_as_it_was(
    fleet: HbotFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fstat = os.fstat

    def replacing(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        if fleet.minute().exists() and status.st_ino == fleet.minute().stat().st_ino:
            fleet.minute().unlink()
        return status

    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", replacing)
        first = fleet.book()
    fleet.add_rows(*minute_rows(NOON + MINUTE, 2))
    second = fleet.book(NOON + MINUTE)

    assert len(first.rows) == 4
    assert times(second.rows) == [NOON, NOON + MINUTE]


def test_reading_again_without_recording_says_the_same_and_changes_nothing(fleet: HbotFleet) -> None:
    fleet.add_fills(fill_row(NOON, "ord-1"))
    fleet.add_events(fill_event(BOT, fill_row(NOON, "ord-2")))
    first, second = fleet.read(), fleet.read()

    assert first.books == second.books
    assert first.documents == second.documents


def test_reading_again_with_nothing_new_changes_no_document(fleet: HbotFleet) -> None:
    fleet.add_events(fill_event(BOT, fill_row(NOON, "ord-2")), fill_event("stranger", fill_row(NOON, "ord-2")))
    fleet.cycle()

    assert fleet.read().documents == {}
    fleet.restart()
    assert fleet.read().documents == {}


def test_only_what_changed_is_written(fleet: HbotFleet) -> None:
    fleet.live_until(NOON, bot="bot2")
    fleet.cycle()
    fleet.add_rows(minute_row(NOON + MINUTE))

    assert list(fleet.read(NOON + MINUTE).documents) == ["minutes/bot1/logs/epp_v24/bot1_a"]


def test_restart_goes_on_exactly_where_recording_ended(fleet: HbotFleet) -> None:
    fleet.add_fills(fill_row(NOON, "ord-1"))
    fleet.cycle()
    fleet.add_rows(minute_row(NOON + MINUTE))
    lost = fleet.read(NOON + MINUTE)
    fleet.restart()
    again = fleet.read(NOON + MINUTE)

    assert again.books == lost.books
    assert again.documents == lost.documents


def test_progress_recorded_by_another_process_is_taken_over(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON + MINUTE))
    fleet.read(NOON + MINUTE)
    other = fleet.cold()
    other.cycle(NOON + MINUTE)
    fleet.documents = other.documents
    fleet.ledger.restore(other.documents)

    assert fleet.book(NOON + MINUTE).rows == ()


@pytest.mark.parametrize("spoil", [lambda text: text[:-1], lambda _: "{}", lambda _: "", lambda _: '{"files": 1}'])
def test_progress_that_cannot_be_read_is_a_cold_start_that_replaces_it(
    fleet: HbotFleet, spoil: Callable[[str], str]
) -> None:
    fleet.add_events(fill_event(BOT, fill_row(NOON, "ord-1")))
    fleet.cycle()
    for key in list(fleet.documents):
        spoiled = {**fleet.documents, key: spoil(fleet.documents[key]), "minutes/gone": "x"}
        other = HbotFleet(fleet.root, documents=spoiled)
        other.restart()
        books = other.cycle()

        assert len(books[BOT].rows) == 4  # type: ignore[union-attr]
        assert books[BOT].fills.events_count == 1  # type: ignore[union-attr]
        assert sorted(other.documents) == sorted(fleet.documents)


def test_missing_digests_are_noticed(fleet: HbotFleet) -> None:
    fleet.add_events(*[fill_event(BOT, fill_row(NOON, f"ord-{number}")) for number in range(2200)])
    fleet.cycle()
    digests = sorted(key for key in fleet.documents if key.startswith("seen/"))
    del fleet.documents[digests[0]]
    fleet.restart()
    fleet.add_events(fill_event(BOT, fill_row(NOON, "ord-7")))

    assert len(digests) == 2
    assert fleet.book().fills.events_count == 2200


def test_digests_grow_by_their_last_document_only(fleet: HbotFleet) -> None:
    fleet.add_events(*[fill_event(BOT, fill_row(NOON, f"ord-{number}")) for number in range(2200)])
    fleet.cycle()
    fleet.add_events(*[fill_event(BOT, fill_row(NOON, f"new-{number}")) for number in range(5)])
    changed = [key for key in fleet.read().documents if key.startswith("seen/")]
    fleet.cycle()
    fleet.restart()
    fleet.add_events(*[fill_event(BOT, fill_row(NOON, f"new-{number}")) for number in range(7)])

    assert changed == ["seen/2026-03-06/1"]
    assert fleet.book().fills.events_count == 2207


def test_digests_of_a_day_go_with_it(fleet: HbotFleet) -> None:
    fleet.add_events(fill_event(BOT, fill_row(NOON, "ord-1")))
    fleet.cycle()
    fleet.cycle(MIDNIGHT)

    assert [key for key in fleet.documents if key.startswith("seen/")] == []


def test_bots_do_not_disturb_one_another(fleet: HbotFleet) -> None:
    alone = fleet.book()
    fleet.add_rows(minute_row(NOON, mid="NaN"), bot="bot2")
    append(fleet.minute("bot2"), b"\xff\0\n")
    fleet.fills("bot2").write_text("nonsense\n")

    assert fleet.cold().book() == alone


def test_ledger_that_was_away_over_a_weekend_reads_today_only(fleet: HbotFleet) -> None:
    fleet.cycle()
    later = NOON + timedelta(days=3)
    fleet.add_rows(*minute_rows(later, 5))
    fleet.add_fills(fill_row(NOON, "old"), fill_row(later, "new"))
    fleet.add_events(fill_event(BOT, fill_row(later, "new")), arrived=later)
    fleet.restart()
    book = fleet.book(later)

    assert len(book.rows) == 5
    assert (book.fills.ledger_count, book.fills.events_count, book.fills.open) == (1, 1, ())
