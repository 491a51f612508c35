"""Bots written down one by one: their books, their end-of-day runs, their credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from recon_exporter import bundle
from recon_exporter.settings.end_of_day import EodSettings, Off, StaleFrom, TimeOfDay
from recon_exporter.settings.ledgers import FileLedger, SqlLedger
from recon_exporter.settings.venues import AlpacaVenue, FileVenue, FleetFileVenue
from support.workspace import RECON, SMALLEST, workspace

if TYPE_CHECKING:
    from pathlib import Path

SQL = "ledger: {type: sql, url: 'sqlite:///trading.db', positions: SELECT 1}"
FILES = "ledger: {type: file, positions: a.csv}, venue: {type: file, positions: v.csv}"
SWING = {"SWING_ALPACA_API_KEY": "k", "SWING_ALPACA_SECRET": "s"}
EXCHANGES = {
    **{f"BOT1_BITGET_{part}": "k" for part in ("API_KEY", "SECRET", "PASSPHRASE")},
    **{f"FT_BINANCE_{part}": "k" for part in ("API_KEY", "SECRET")},
}


def test_examples_of_the_shipped_file_are_valid_where_their_marks_are_taken_away(tmp_path: Path) -> None:
    head, _, rest = (bundle.part("config") / "recon.yml").read_text().partition("\nfleets:\n")
    lines = [line.removeprefix("# ") if line.startswith(("# bots:", "#   ")) else line for line in rest.splitlines()]
    place = workspace(tmp_path, f"{head}\nfleets:\n" + "\n".join(lines))
    for path in ("reconciliation_thresholds.json", "exchange_account_map.json"):
        place.write(f"config/{path}", (bundle.part("config") / path).read_text())
    settings = place.load({**SWING, **EXCHANGES})

    assert [bot.name for bot in settings.bots] == ["btc-perp", "ft-spot", "swing-us", "trend"]
    assert [bot.name for bot in settings.bots if bot.eod is not None] == ["swing-us", "trend"]
    assert None not in [fleet.eod for fleet in settings.fleets]
    assert isinstance(settings.fleets[0].venue, FleetFileVenue)
    assert settings.policy.halt_action is not None
    assert "#   " not in "\n".join(lines)


def test_books_are_read_with_all_they_say(tmp_path: Path) -> None:
    recon = """
bots:
  b:
    ledger:
      type: sql
      url: sqlite:///trading.db
      positions: "WITH p AS (SELECT 1)\\nSELECT * FROM p"
      heartbeat: select max(at) from beats
      heartbeat_max_age: 5m
      columns: {symbol: ticker, fills.price: px}
      timezone: America/New_York
      currency: EUR
    venue: {type: alpaca, credential_prefix: SWING, paper: true, base_url: "http://127.0.0.1:8080/"}
  a:
    ledger: {type: file, positions: book/a.JSON, fills: a.parquet, max_age: 1h}
    venue: {type: file, positions: v.csv}
"""
    files, sql = workspace(tmp_path, recon).load(SWING).bots

    assert (files.name, sql.name) == ("a", "b")
    assert isinstance(sql.ledger, SqlLedger)
    assert sql.ledger.url is not None
    assert sql.ledger.url.get_secret_value() == f"sqlite:///{tmp_path}/trading.db"
    assert (sql.ledger.heartbeat_max_age, sql.ledger.timezone) == (timedelta(minutes=5), ZoneInfo("America/New_York"))
    assert (sql.ledger.columns, sql.ledger.currency) == ({"symbol": "ticker", "fills.price": "px"}, "EUR")
    assert isinstance(sql.venue, AlpacaVenue)
    assert (sql.venue.paper, sql.venue.base_url) == (True, "http://127.0.0.1:8080")
    assert isinstance(files.ledger, FileLedger)
    assert (files.ledger.positions, files.ledger.fills) == (tmp_path / "book/a.JSON", tmp_path / "a.parquet")
    assert files.ledger.max_age == timedelta(hours=1)
    assert isinstance(files.venue, FileVenue)
    assert files.eod is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///trading.db", "sqlite:///{}/trading.db"),
        ("sqlite:////srv/trading.db", "sqlite:////srv/trading.db"),
        ("sqlite+pysqlite:///file:trading.db?mode=ro", "sqlite+pysqlite:///{}/trading.db?mode=ro"),
        ("postgresql+psycopg://u:p@h/db", "postgresql+psycopg://u:p@h/db"),
        ("duckdb:///book.duckdb", "duckdb:///book.duckdb"),
    ],
)
def test_any_database_may_hold_a_book(tmp_path: Path, url: str, expected: str) -> None:
    place = workspace(tmp_path, f"bots: {{a: {{{SQL}, venue: {{type: file, positions: v.csv}}}}}}")
    place.write(RECON, (tmp_path / RECON).read_text().replace("sqlite:///trading.db", url))
    (bot,) = place.load().bots

    assert isinstance(bot.ledger, SqlLedger)
    assert bot.ledger.url is not None
    assert bot.ledger.url.get_secret_value() == expected.format(tmp_path)


def test_end_of_day_has_built_in_values(tmp_path: Path) -> None:
    (bot,) = workspace(tmp_path, f"bots: {{a: {{{FILES}, eod: {{at: 16:15}}}}}}").load().bots

    assert bot.eod == EodSettings.model_validate(
        {
            "at": "16:15",
            "timezone": "UTC",
            "days": "*",
            "settle": "30s",
            "stale_after": "24h",
            "stale_after_symbols": {},
            "stale_from": "written",
            "mass_breaks": "50",
            "client_id_prefixes": [],
        }
    )
    assert bot.eod.at == TimeOfDay(16, 15)
    assert bot.eod.stale_from is StaleFrom.WRITTEN


def test_test_of_age_can_be_switched_off(tmp_path: Path) -> None:
    eod = "{at: '00:05', stale_after: off, stale_after_symbols: {AAPL: off, TSLA: 48h}}"
    settings = workspace(tmp_path, f"bots: {{a: {{{FILES}, eod: {eod}}}}}").load()
    (bot,) = settings.bots
    shown = {entry.path: entry.value for entry in settings.entries}

    assert bot.eod is not None
    assert bot.eod.stale_after is Off.OFF
    assert bot.eod.stale_after_symbols == {"AAPL": Off.OFF, "TSLA": timedelta(hours=48)}
    assert (shown["bots.a.eod.stale_after"], shown["bots.a.eod.stale_after_symbols.AAPL"]) == ("off", "off")
    assert (shown["bots.a.eod.at"], shown["bots.a.eod.timezone"]) == ("00:05", "UTC")


@pytest.mark.parametrize("days", ["*", "mon", "mon-fri", "mon,wed,fri", "mon-wed,sat-sun"])
def test_days_are_words_of_cron(tmp_path: Path, days: str) -> None:
    (bot,) = workspace(tmp_path, f"bots: {{a: {{{FILES}, eod: {{at: '16:15', days: '{days}'}}}}}}").load().bots

    assert bot.eod is not None
    assert bot.eod.days == days


@pytest.mark.parametrize(
    "days", ["", "0-4", "mon-", "-fri", "fri-mon", "mon-mon", "MON", "weekdays", "*/2", "mon, fri"]
)
def test_other_words_are_refused(tmp_path: Path, days: str) -> None:
    place = workspace(tmp_path, f"bots: {{a: {{{FILES}, eod: {{at: '16:15', days: '{days}'}}}}}}")

    assert [problem.split(": ")[1] for problem in place.problems()] == ["bots.a.eod.days"]


def test_credentials_of_a_venue_must_all_be_there(tmp_path: Path) -> None:
    recon = f"bots: {{a: {{{SQL}, venue: {{type: alpaca, credential_prefix: SWING}}}}}}"
    place = workspace(tmp_path, recon)
    place.write("secret", "s\n")
    (key,) = place.load({"SWING_ALPACA_API_KEY": "k", "SWING_ALPACA_SECRET_FILE": "secret"}).credentials

    assert (key.prefix, key.venue, key.secret.get_secret_value()) == ("SWING", "ALPACA", "s")
    assert place.problems({"SWING_ALPACA_SECRET": "s", "OTHER_ALPACA_API_KEY": "k"}) == (
        "environment: SWING_ALPACA_API_KEY: found nothing, expected a value, because bots.a.venue needs it",
    )


def test_bot_that_a_fleet_finds_too_is_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path, f"{SMALLEST}bots:\n  bot1: {{{FILES}}}\n  bot2: {{{FILES}}}")
    (tmp_path / "data/bot2/logs/epp_v24/a").mkdir(parents=True)

    assert place.problems() == (f"{RECON}:4: bots.bot2: found bot2, expected a bot that fleets.hbot does not find too",)


@pytest.mark.parametrize("venue", ["a.csv", "./books/../a.csv", "link.csv"])
def test_book_that_would_be_compared_with_itself_is_refused(tmp_path: Path, venue: str) -> None:
    files = FILES.replace("v.csv", venue)
    place = workspace(tmp_path, f"bots:\n  a: {{{files}}}")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")

    (problem,) = place.problems()
    assert problem.startswith(f"{RECON}:2: bots.a.venue.positions: found ")
    assert problem.endswith("expected another file than that of the ledger: a book agrees with itself")


def test_bot_without_end_of_day_is_allowed_and_said(tmp_path: Path) -> None:
    settings = workspace(tmp_path, f"bots: {{a: {{{FILES}}}}}").load()

    assert settings.notices[-1] == "bots.a has no eod section: its positions are not reconciled"


def test_fleet_with_end_of_day_and_without_venue_is_warned_about(tmp_path: Path) -> None:
    place = workspace(tmp_path, "fleets: {hbot: {type: hbot, eod: {at: '00:05'}}}")

    assert place.load().warnings[-1] == (
        "fleets.hbot has an eod section and no venue: its end-of-day runs give no verdict"
    )


def test_scope_is_shown_as_it_is_written(tmp_path: Path) -> None:
    recon = f"bots: {{a: {{{FILES}, scope: {{only: [BTC/USDT, AAPL]}}}}, b: {{{FILES}, scope: {{without: [TSLA]}}}}}}"
    settings = workspace(tmp_path, recon).load()
    shown = {entry.path: entry.value for entry in settings.entries if ".scope" in entry.path}

    assert shown == {"bots.a.scope.only": "BTC/USDT,AAPL", "bots.b.scope.without": "TSLA"}


def test_address_of_a_book_may_stand_in_a_file(tmp_path: Path) -> None:
    recon = f"bots: {{a: {{{SQL}, venue: {{type: file, positions: v.csv}}}}}}"
    place = workspace(tmp_path, recon.replace("url: 'sqlite:///trading.db'", "url_file: address"))
    place.write("address", "sqlite:///book.db\n")
    settings = place.load()
    (bot,) = settings.bots
    origins = {entry.path: str(entry.origin) for entry in settings.entries}

    assert isinstance(bot.ledger, SqlLedger)
    assert bot.ledger.url is not None
    assert bot.ledger.url.get_secret_value() == f"sqlite:///{tmp_path}/book.db"
    assert origins["bots.a.ledger.url"] == "file"


def test_halt_action_is_a_command_or_an_address(tmp_path: Path) -> None:
    place = workspace(tmp_path, f"{SMALLEST}policy: {{halt_action: {{command: [stop, -v], timeout: 5s}}}}")
    command = place.load().policy.halt_action
    place.write(RECON, f"{SMALLEST}policy: {{halt_action: {{url: 'http://127.0.0.1/stop'}}}}")
    address = place.load().policy.halt_action
    place.write(RECON, SMALLEST)

    assert command is not None
    assert (command.command, command.url, command.timeout) == (("stop", "-v"), None, timedelta(seconds=5))
    assert address is not None
    assert address.url is not None
    assert (address.command, address.timeout) == (None, timedelta(seconds=10))
    assert place.load().policy.halt_action is None


BOOK = "ledger: {{type: hummingbot, path: '{name}.sqlite', market: bitget{more}}}"
ACCOUNT = "venue: {{type: ccxt, exchange: bitget, credential_prefix: {prefix}, account_types: [{part}]{own}}}"
KEY = {f"{prefix}_BITGET_{part}": "x" for prefix in ("ONE", "TWO") for part in ("API_KEY", "SECRET", "PASSPHRASE")}
EXCLUSIVE, SHARED = ", ownership: exclusive", ", ownership: shared"
BASELINE = ", baseline: {BTC-USDT: {quantity: '0.5', as_of: '2026-03-01T00:00:00Z'}}"


def advice(place: Path, *bots: tuple[str, str, str], more: str = "") -> list[str]:
    """The warnings that speak of bots, each of which has prefix, part of the account and ownership."""
    written = "".join(
        f"  b{number}: {{{BOOK.format(name=number, more=more)}, {ACCOUNT.format(prefix=prefix, part=part, own=own)}}}\n"
        for number, (prefix, part, own) in enumerate(bots)
    )
    settings = workspace(place, f"bots:\n{written}").load(KEY)
    return [warning for warning in settings.warnings if warning.startswith("bots.")]


@pytest.mark.parametrize(
    ("bots", "is_told"),
    [
        pytest.param([("ONE", "spot", ""), ("ONE", "spot", "")], True, id="one part"),
        pytest.param([("ONE", "spot", ""), ("ONE", "spot, swap", SHARED)], True, id="one of them does not say so"),
        pytest.param([("ONE", "spot", SHARED), ("ONE", "spot", SHARED)], False, id="both say so"),
        pytest.param([("ONE", "spot", ""), ("ONE", "swap", "")], False, id="two parts"),
        pytest.param([("ONE", "spot", ""), ("TWO", "spot", "")], False, id="two accounts"),
    ],
)
def test_bots_that_meet_on_one_account_are_told(
    tmp_path: Path, bots: list[tuple[str, str, str]], *, is_told: bool
) -> None:
    told = "bots.b0 and bots.b1 share the account ONE at bitget: write ownership: shared for both"

    assert advice(tmp_path, *bots) == [told] * is_told


def test_coins_from_before_the_books_of_an_exclusive_account_are_told(tmp_path: Path) -> None:
    told = "bots.b0: ownership is exclusive and the ledger has no baseline: coins from before are differences"

    assert advice(tmp_path, ("ONE", "spot", EXCLUSIVE)) == [told]
    assert advice(tmp_path, ("ONE", "swap", EXCLUSIVE)) == []
    assert advice(tmp_path, ("ONE", "spot", EXCLUSIVE), more=BASELINE) == []


def test_bot_that_every_cycle_compares_is_not_said_to_be_unreconciled(tmp_path: Path) -> None:
    bot = f"{BOOK.format(name='b', more='')}, {ACCOUNT.format(prefix='ONE', part='spot', own='')}"
    settings = workspace(tmp_path, f"bots: {{b: {{{bot}}}}}\n").load(KEY)

    expected = "bots.b has no eod section: its books are compared in every cycle, and not at the end of a day"
    assert settings.notices[-1] == expected
