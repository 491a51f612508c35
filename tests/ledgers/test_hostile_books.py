"""Books that nobody would write on purpose: each costs its own bot the verdict, and no other bot anything."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from recon_exporter.demo.hbot_writer import HbotFiles, minute_row
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.statement import Book, Malformed, Unavailable
from recon_exporter.errors import SourceUnreadable
from recon_exporter.ledgers.hbot import HbotLedger

NOW = datetime(2026, 3, 6, 12, 0, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FRESHNESS = Freshness(Decimal(3), 10 * MINUTE, 2 * MINUTE, 60 * MINUTE)


@pytest.fixture
def files(tmp_path: Path) -> HbotFiles:
    """A fleet with one sound bot."""
    made = HbotFiles(tmp_path)
    made.append_minutes("sound", [minute_row(NOW - 2 * MINUTE), minute_row(NOW - MINUTE)])
    return made


def books(files: HbotFiles) -> dict[str, Book | Unavailable]:
    """What a ledger says of all bots, after its progress has gone through the state and back."""
    first = HbotLedger("hbot", files.data, files.event_store, FRESHNESS)
    documents = {key: text for key, text in first.read(NOW).documents.items() if text is not None}
    assert all(text.encode() and key.encode() for key, text in documents.items())
    again = HbotLedger("hbot", files.data, files.event_store, FRESHNESS)
    again.restore(documents)
    return dict(again.read(NOW).books)


def is_sound(book: Book | Unavailable) -> bool:
    return isinstance(book, Book) and book.newest is not None and not book.damage


@pytest.mark.parametrize("cell", ["1,5", ",", "0.5,0.5"])
def test_quoted_cell_with_a_comma_is_one_malformed_value(files: HbotFiles, cell: str) -> None:
    files.append_minutes("quoting", [minute_row(NOW - MINUTE, base_pct=cell)])

    found = books(files)

    book = found["quoting"]
    assert isinstance(book, Book)
    assert book.newest is not None
    assert isinstance(book.newest.numbers["base_pct"], Malformed)
    assert book.newest.numbers["target_base_pct"] == Decimal("0.5")
    assert is_sound(found["sound"])


@pytest.mark.parametrize("number", ["1_000", "\u0661", "\uff11.5"])
def test_number_that_no_bot_writes_is_malformed(files: HbotFiles, number: str) -> None:
    files.append_minutes("odd", [minute_row(NOW - MINUTE, equity_quote=number)])

    book = books(files)["odd"]

    assert isinstance(book, Book)
    assert book.newest is not None
    assert isinstance(book.newest.numbers["equity_quote"], Malformed)


def test_link_that_leads_nowhere_costs_no_other_bot_its_book(files: HbotFiles) -> None:
    (files.data / "loop").symlink_to("loop")

    found = books(files)

    assert is_sound(found["sound"])


def test_variant_that_cannot_be_looked_at_leaves_the_bot_its_other_one(files: HbotFiles) -> None:
    (files.folder("sound").parent / "loop").symlink_to("loop")

    assert is_sound(books(files)["sound"])


@pytest.mark.parametrize("folder", [b"b\xff/logs/epp_v24/b_a", b"ok/logs/epp_v24/b\xff"])
def test_folder_whose_name_is_no_unicode_is_a_bot_that_cannot_be_read(files: HbotFiles, folder: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(files.data) + b"/" + folder))
    path.mkdir(parents=True)
    (path / "minute.csv").write_bytes((files.folder("sound") / "minute.csv").read_bytes())

    found = books(files)

    (other,) = found.keys() - {"sound"}
    assert other in {"b\\xff", "ok"}
    unreadable = found[other]
    assert isinstance(unreadable, Unavailable)
    assert unreadable.reason is Reason.SOURCE_UNREADABLE
    assert is_sound(found["sound"])


def test_pipe_in_the_place_of_a_file_does_not_hold_the_reading_up(files: HbotFiles) -> None:
    folder = files.folder("piped")
    folder.mkdir(parents=True)
    os.mkfifo(folder / "minute.csv")

    found = books(files)

    unreadable = found["piped"]
    assert isinstance(unreadable, Unavailable)
    assert unreadable.reason is Reason.SOURCE_UNREADABLE
    assert is_sound(found["sound"])


def test_data_root_that_cannot_be_read_is_not_taken_for_one_without_bots(files: HbotFiles) -> None:
    loop = files.root / "loop"
    loop.symlink_to("loop")

    with pytest.raises(SourceUnreadable, match="loop"):
        HbotLedger("hbot", loop, files.event_store, FRESHNESS).read(NOW)
