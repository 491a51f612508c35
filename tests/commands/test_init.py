"""`init` finds books, writes the smallest configuration, and says what it could not know."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recon_exporter.commands import init
from support.workspace import ACCOUNT_MAP, RECON, THRESHOLDS, Workspace

Capture = pytest.CaptureFixture[str]
SNAPSHOT = "reports/exchange_snapshots/latest.json"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def make_books(place: Workspace) -> None:
    place.write("data/bot2/logs/epp_v24/bot2_a/minute.csv", "ts\n")
    place.write("data/bot1/logs/runtime_v24/bot1_a/minute.csv", "ts\n")
    place.write("data/bot1/logs/epp_v24/bot1_b/minute.csv", "ts\n")


def make_database(path: Path, *tables: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for table in tables:
            connection.execute(f'CREATE TABLE "{table}" (id INTEGER)')


def test_what_it_writes_is_valid_and_reads_the_books(place: Workspace, capsys: Capture) -> None:
    make_books(place)

    assert init.run(None, place.directory) == 0
    assert (place.directory / RECON).read_text().splitlines()[1:] == ["fleets:", "  hbot:", "    type: hbot"]
    assert place.load().fleets[0].data_root == place.directory / "data"
    assert "found 2 hbot bots: bot1, bot2" in capsys.readouterr().out


def test_snapshot_that_is_there_is_compared_with(place: Workspace) -> None:
    make_books(place)
    place.write(SNAPSHOT, {})

    assert init.run(None, place.directory) == 0
    assert place.load().fleets[0].exchange_snapshot == place.directory / SNAPSHOT


def test_it_says_what_it_could_not_know(place: Workspace, capsys: Capture) -> None:
    make_books(place)
    init.run(None, place.directory)
    unknown = [line for line in capsys.readouterr().out.splitlines() if line.startswith("could not know: ")]

    assert [line.split(": ")[1] for line in unknown] == [
        "where the event store is",
        "what the exchanges say",
        "which limits the bots have",
        "whose accounts they use",
        "whom to tell",
        "the address under which people reach this exporter",
    ]


def test_what_is_there_is_not_unknown(place: Workspace, capsys: Capture) -> None:
    make_books(place)
    for name in ("reports/event_store/events_20260224.jsonl", SNAPSHOT, THRESHOLDS, ACCOUNT_MAP):
        place.write(name, "{}")
    init.run(None, place.directory)

    assert capsys.readouterr().out.count("could not know: ") == 2


def test_it_overwrites_nothing(place: Workspace, capsys: Capture) -> None:
    make_books(place)
    place.write(RECON, "mine")

    assert init.run(None, place.directory) == 2
    assert (place.directory / RECON).read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(("target", "written"), [("other/my.yml", "other/my.yml"), ("there", "there/recon.yml")])
def test_it_writes_where_it_is_told(place: Workspace, target: str, written: str) -> None:
    make_books(place)
    (place.directory / "there").mkdir()

    assert init.run(Path(target), place.directory) == 0
    assert (place.directory / written).is_file()


def test_nothing_is_written_where_there_are_no_books(place: Workspace, capsys: Capture) -> None:
    assert init.run(None, place.directory) == 2
    assert not (place.directory / "config").exists()
    assert "no books found: expected data/<bot>/logs/" in capsys.readouterr().err


def test_books_of_other_bots_are_named_as_not_supported_yet(place: Workspace, capsys: Capture) -> None:
    make_database(place.directory / "data" / "conf_pure_mm.sqlite", "TradeFill", "Order", "OrderStatus")
    make_database(place.directory / "user_data" / "tradesv3.sqlite", "trades", "orders", "pairlocks")
    make_database(place.directory / "other.db", "trades")
    make_database(place.directory / ".hidden" / "x.sqlite", "TradeFill", "Order")
    place.write("broken.sqlite", "SQLite format 3\0 but not really")

    assert init.run(None, place.directory) == 2
    assert [line.replace(str(place.directory), "…") for line in capsys.readouterr().out.splitlines()] == [
        "found a Hummingbot book, which is not supported yet: …/data/conf_pure_mm.sqlite",
        "found a freqtrade book, which is not supported yet: …/user_data/tradesv3.sqlite",
    ]


def test_somebody_elses_database_is_left_as_it_is(place: Workspace) -> None:
    path = place.directory / "data" / "bot.sqlite"
    make_database(path, "TradeFill", "Order")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    init.run(None, place.directory)

    assert [found.name for found in path.parent.iterdir()] == ["bot.sqlite"]
    assert before == path.read_bytes()
