"""`init` finds books, writes the smallest configuration, and says what it could not know."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from recon_exporter.commands import init
from support.freqtrade import FreqtradeDatabase, on_sqlite
from support.hummingbot import CONFIG, HummingbotDatabase
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


def hummingbot(place: Workspace, name: str, market: str = "bitget") -> HummingbotDatabase:
    path = place.directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return HummingbotDatabase(path, market=market)


def freqtrade(place: Workspace, name: str, *pairs: str, exchange: str = "binance") -> FreqtradeDatabase:
    path = place.directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    database = on_sqlite(path)
    for pair in pairs:
        database.order(database.trade(0.5, pair=pair, exchange=exchange), "buy", 0.5, ft_pair=pair)
    return database


def written(place: Workspace) -> dict[str, Any]:
    """The bots of the file, which passes when the keys are there."""
    content: dict[str, Any] = yaml.safe_load((place.directory / RECON).read_text())["bots"]
    return content


def unknown(capsys: Capture) -> list[str]:
    """What it could not know, without what nobody's books tell."""
    lines = capsys.readouterr().out.splitlines()
    return [line.removeprefix("could not know: ") for line in lines if line.startswith("could not know: ")][:-2]


def test_hummingbot_becomes_a_bot_for_each_market_and_configuration(place: Workspace, capsys: Capture) -> None:
    spot, perpetual = hummingbot(place, "data/maker.sqlite"), hummingbot(place, "data/perp.sqlite", "bitget_perpetual")
    spot.fill("BUY", "1")
    spot.fill("BUY", "1", symbol="ETH-USDT")
    perpetual.fill("BUY", "1", config_file_path="conf_perp.yml")

    assert init.run(None, place.directory, {}) == 0
    assert written(place) == {
        "conf_pure_mm_1": {
            "ledger": {"type": "hummingbot", "path": "data/maker.sqlite", "market": "bitget"},
            "venue": {
                "type": "ccxt",
                "exchange": "bitget",
                "credential_prefix": "HUMMINGBOT",
                "account_types": ["spot"],
                "symbols": ["BTC/USDT", "ETH/USDT"],
            },
        },
        "conf_perp": {
            "ledger": {"type": "hummingbot", "path": "data/perp.sqlite", "market": "bitget_perpetual"},
            "venue": {
                "type": "ccxt",
                "exchange": "bitget",
                "credential_prefix": "HUMMINGBOT",
                "account_types": ["swap"],
                "symbols": ["BTC/USDT:USDT"],
            },
        },
    }
    names = [f"HUMMINGBOT_BITGET_{part}" for part in ("API_KEY", "SECRET", "PASSPHRASE")]
    told = f"the key that reads the bitget account of hummingbot: {', '.join(names)} (or …_FILE) not set"
    assert unknown(capsys) == [told]
    problems = place.problems({})
    assert [problem.split(":")[0] for problem in problems] == ["environment"] * len(names)
    assert all(name in "".join(problems) for name in names)
    assert place.problems(dict.fromkeys(names, "x")) == ()


def test_files_of_one_bot_are_one_book_and_bots_in_one_file_are_told_apart(place: Workspace, capsys: Capture) -> None:
    first, second = (hummingbot(place, f"data/maker_{number}.sqlite") for number in (1, 2))
    for database in (first, second):
        database.fill("BUY", "1")
    second.fill("BUY", "1", trade_id="9", config_file_path="other.yml")

    assert init.run(None, place.directory, {}) == 0
    bots = written(place)
    assert {name: bot["ledger"]["path"] for name, bot in bots.items()} == {
        "conf_pure_mm_1": "data/maker_*.sqlite",
        "other": "data/maker_2.sqlite",
    }
    assert {name: bot["ledger"]["config_files"] for name, bot in bots.items()} == {
        "conf_pure_mm_1": [CONFIG],
        "other": ["other.yml"],
    }
    assert {bot["venue"]["ownership"] for bot in bots.values()} == {"shared"}
    assert "which orders of the account are those of other: bots.other.venue.client_id_prefixes" in unknown(capsys)


def test_one_configuration_on_two_markets_is_two_bots(place: Workspace) -> None:
    database = hummingbot(place, "data/xemm.sqlite")
    database.fill("BUY", "1")
    database.fill("SELL", "1", market="binance")
    init.run(None, place.directory, {})

    assert list(written(place)) == ["conf_pure_mm_1-binance", "conf_pure_mm_1-bitget"]


@pytest.mark.parametrize(
    ("market", "exchange", "sandbox"),
    [
        ("gate_io_perpetual", "gate", None),
        ("binance_perpetual_testnet", "binance", True),
        ("coinbase_advanced_trade", "coinbase", None),
        ("binance_us", "binanceus", None),
        ("kucoin", "kucoin", None),
    ],
)
def test_exchange_follows_from_the_market(
    place: Workspace, market: str, exchange: str, *, sandbox: bool | None
) -> None:
    hummingbot(place, "data/a.sqlite", market).fill("BUY", "1")
    init.run(None, place.directory, {})

    (bot,) = written(place).values()
    assert (bot["venue"]["exchange"], bot["venue"].get("sandbox")) == (exchange, sandbox)


def test_what_cannot_be_told_of_a_market_is_said(place: Workspace, capsys: Capture) -> None:
    hummingbot(place, "data/a.sqlite", "vertex_perpetual").fill("BUY", "1", symbol="BTC-USD", config_file_path="a.yml")
    init.run(None, place.directory, {})

    first, second, _ = unknown(capsys)
    assert first == "which exchange of ccxt vertex_perpetual is: bots.a.venue.exchange is a guess that is refused"
    assert second == "how BTC-USD is settled: name it in bots.a.ledger.symbols, such as BTC-USD: BTC/USD:BTC"
    refused = [problem for problem in place.problems({}) if "bots.a.venue.exchange" in problem]
    assert len(refused) == 1


def test_freqtrade_becomes_a_bot_for_each_database(place: Workspace) -> None:
    freqtrade(place, "user_data/tradesv3.sqlite", "BTC/USDT")
    freqtrade(place, "user_data/trades.futures.sqlite", "ETH/USDT:USDT", "BTC/USDT:USDT")
    key = {f"FT_BINANCE_{part}": "x" for part in ("API_KEY", "SECRET")}

    assert init.run(None, place.directory, key) == 0
    told = {
        name: (bot["ledger"]["url"], bot["venue"]["account_types"], bot["venue"]["symbols"])
        for name, bot in written(place).items()
    }
    assert told == {
        "trades-futures": ("sqlite:///user_data/trades.futures.sqlite", ["swap"], ["BTC/USDT:USDT", "ETH/USDT:USDT"]),
        "tradesv3": ("sqlite:///user_data/tradesv3.sqlite", ["spot"], ["BTC/USDT"]),
    }
    assert {bot["venue"]["credential_prefix"] for bot in written(place).values()} == {"FT"}
    assert place.problems(key) == ()


def test_books_that_prove_nothing_are_left_out_with_a_word(place: Workspace, capsys: Capture) -> None:
    freqtrade(place, "user_data/tradesv3.dryrun.sqlite", "BTC/USDT")
    placed_nowhere = freqtrade(place, "user_data/renamed.sqlite")
    placed_nowhere.order(placed_nowhere.trade(1.0), "buy", 1.0, order_id="dry_run_buy_1")
    freqtrade(place, "user_data/unused.sqlite")
    hummingbot(place, "data/fresh.sqlite").run("SELECT 1")
    hummingbot(place, "data/paper.sqlite", "binance_paper_trade").fill("BUY", "1")
    make_database(place.directory / "other.db", "trades")
    make_database(place.directory / ".hidden" / "x.sqlite", "TradeFill", "Order")
    place.write("broken.sqlite", "SQLite format 3\0 but not really")

    assert init.run(None, place.directory, {}) == 2
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "left out: data/fresh.sqlite: a Hummingbot book without fills: nothing tells its market",
        "left out: user_data/renamed.sqlite: a freqtrade book of a dry run, no exchange knows of its orders",
        "left out: user_data/tradesv3.dryrun.sqlite: a freqtrade book of a dry run, no exchange knows of its orders",
        "left out: user_data/unused.sqlite: a freqtrade book without trades: nothing tells its exchange",
        "left out: binance_paper_trade: a market on paper, no exchange knows of its fills",
    ]
    assert "no books found" in captured.err


def test_bots_of_all_kinds_stand_in_one_file(place: Workspace, capsys: Capture) -> None:
    make_books(place)
    hummingbot(place, "data/bot1.sqlite").fill("BUY", "1", config_file_path="bot1.yml")
    freqtrade(place, "user_data/tradesv3.sqlite", "BTC/USDT")

    assert init.run(None, place.directory, {}) == 0
    assert set(written(place)) == {"bot1-2", "tradesv3"}
    assert capsys.readouterr().out.splitlines()[:3] == [
        "found 2 hbot bots: bot1, bot2",
        "found 1 freqtrade bot: tradesv3",
        "found 1 hummingbot bot: bot1-2",
    ]


def test_books_behind_a_link_are_found_once_and_links_in_a_circle_end(place: Workspace, capsys: Capture) -> None:
    hummingbot(place, "elsewhere/.hidden/conf_1.sqlite").fill("BUY", "1", "50000")
    folder = place.directory / "elsewhere" / ".hidden"
    (place.directory / "hummingbot").symlink_to(folder)
    (place.directory / "again").symlink_to(folder)
    (folder / "circle").symlink_to(place.directory)

    assert init.run(None, place.directory) == 0
    assert "found 1 hummingbot bot: " in capsys.readouterr().out


def test_somebody_elses_database_is_left_as_it_is(place: Workspace) -> None:
    path = place.directory / "data" / "bot.sqlite"
    make_database(path, "TradeFill", "Order")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    init.run(None, place.directory)

    assert [found.name for found in path.parent.iterdir()] == ["bot.sqlite"]
    assert before == path.read_bytes()
