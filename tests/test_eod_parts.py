"""From the configuration to the parts of end-of-day runs: books, terms, limits, and when the runs are due."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter import eod_parts
from recon_exporter.demo.alpaca_server import AlpacaServer
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.terms import HaltPolicy, Tolerance
from recon_exporter.eod_parts import Plan
from recon_exporter.settings.end_of_day import TimeOfDay
from recon_exporter.sources import Connections, sources
from support.alpaca import KEY, SECRET, StandingClock
from support.evidence import NOW
from support.parts import FixedClock
from support.workspace import ACCOUNT_MAP, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.looking import Subject

NEW_YORK = ZoneInfo("America/New_York")
FILES = "ledger: {type: file, positions: a.csv}, venue: {type: file, positions: v.csv}"
SWING = {"SWING_ALPACA_API_KEY": KEY, "SWING_ALPACA_SECRET": SECRET}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def subjects(place: Workspace, environment: dict[str, str] | None = None) -> dict[str, Subject]:
    return eod_parts.subjects(place.load(environment), Connections(FixedClock()))


def book(statement: PositionStatement | Unavailable) -> list[tuple[str, Decimal]]:
    """Symbols and quantities of a book that could be read."""
    assert isinstance(statement, PositionStatement), statement
    return [(position.symbol, position.quantity) for position in statement.positions]


def test_books_of_files_are_read_as_configured(tmp_path: Path) -> None:
    place = workspace(
        tmp_path,
        """
bots:
  a:
    ledger: {type: file, positions: a.csv, columns: {symbol: ticker}}
    venue: {type: file, positions: v.json}
    eod: {at: "16:15", settle: 5s, mass_breaks: 7}
""",
    )
    place.write("a.csv", "ticker,quantity\nAAPL,10\n")
    place.write("v.json", {"as_of": NOW.isoformat(), "positions": [{"symbol": "AAPL", "quantity": "9"}]})
    subject = subjects(place)["a"]

    assert book(subject.ledger.positions(NOW)) == [("AAPL", Decimal(10))]
    assert book(subject.venue.positions(NOW)) == [("AAPL", Decimal(9))]
    assert (subject.settle, subject.mass_limit, subject.halt_action) == (timedelta(seconds=5), 7, "none configured")


def test_book_in_a_database_is_read_as_configured(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "trading.db")) as database:
        database.execute("CREATE TABLE held (symbol TEXT, quantity TEXT, updated_at TEXT)")
        database.execute("INSERT INTO held VALUES ('AAPL', '10', '2026-02-24 06:00:00')")
        database.commit()
    place = workspace(
        tmp_path,
        """
bots:
  a:
    ledger:
      type: sql
      url: sqlite:///trading.db
      positions: SELECT * FROM held
      timezone: America/New_York
      heartbeat: SELECT max(updated_at) FROM held
      heartbeat_max_age: 1h
    venue: {type: file, positions: v.csv}
    eod: {at: "16:15"}
""",
    )
    ledger = subjects(place)["a"].ledger
    statement, late = ledger.positions(at("2026-02-24T11:30Z")), ledger.positions(at("2026-02-24T12:30Z"))

    assert isinstance(statement, PositionStatement)
    assert statement.positions[0].written_at == at("2026-02-24T11:00Z")
    assert isinstance(late, Unavailable)
    assert late.reason is Reason.SOURCE_STALE


@pytest.mark.parametrize(("max_age", "reason"), [("", Reason.SOURCE_STALE), (", max_age: 30d", None)])
def test_statement_of_a_venue_is_refused_when_it_is_old(tmp_path: Path, max_age: str, reason: Reason | None) -> None:
    place = workspace(tmp_path, f"bots: {{a: {{{FILES.replace('v.csv', f'v.csv{max_age}')}, eod: {{at: '16:15'}}}}}}")
    place.write("v.csv", f"# as_of: {(NOW - timedelta(days=2)).isoformat()}\nsymbol,quantity\n")
    statement = subjects(place)["a"].venue.positions(NOW)

    assert (statement.reason if isinstance(statement, Unavailable) else None) is reason


@pytest.mark.parametrize(("max_age", "reason"), [("", Reason.SOURCE_STALE), (", max_age: 30d", None)])
def test_book_that_tells_that_it_is_old_is_refused(tmp_path: Path, max_age: str, reason: Reason | None) -> None:
    place = workspace(tmp_path, f"bots: {{a: {{{FILES.replace('a.csv', f'a.csv{max_age}')}, eod: {{at: '16:15'}}}}}}")
    place.write("a.csv", f"# as_of: {(NOW - timedelta(days=2)).isoformat()}\nsymbol,quantity\n")
    statement = subjects(place)["a"].ledger.positions(NOW)

    assert (statement.reason if isinstance(statement, Unavailable) else None) is reason


def test_statement_without_a_time_is_refused_where_its_age_is_limited(tmp_path: Path) -> None:
    place = workspace(
        tmp_path, f"bots: {{a: {{{FILES.replace('a.csv', 'a.csv, max_age: 1h')}, eod: {{at: '16:15'}}}}}}"
    )
    place.write("a.csv", "symbol,quantity\n")
    statement = subjects(place)["a"].ledger.positions(NOW)

    assert isinstance(statement, Unavailable)
    assert statement.reason is Reason.INPUT_MISSING


def test_account_at_alpaca_is_asked_with_the_credentials_of_its_prefix(tmp_path: Path) -> None:
    clock = StandingClock(at("2026-03-06T18:00Z"))
    with AlpacaServer(clock) as server:
        account = server.open_account(KEY, SECRET)
        account.fill("AAPL", 10, 200)
        place = workspace(
            tmp_path,
            f"""
bots:
  a:
    ledger: {{type: file, positions: a.csv}}
    venue: {{type: alpaca, credential_prefix: SWING, paper: true, base_url: "{server.url}"}}
    eod: {{at: "16:15"}}
""",
        )
        subject = eod_parts.subjects(place.load(SWING), Connections(clock))["a"]

        assert book(subject.venue.positions(clock.now())) == [("AAPL", Decimal(10))]
        assert subject.terms.currency == "USD"


def test_terms_are_those_of_the_configuration_under_canonical_names(tmp_path: Path) -> None:
    place = workspace(
        tmp_path,
        """
tolerances: {quantity: "0.1", symbols: {BTCUSD: {quantity: "0.001"}, XBT: {price_absolute: "5"}}}
policy: {halt_quantity_ratio: "0.2", halt_exposure_usd: "500", halt_missing_positions: 2, halt_action: {command: [x]}}
aliases: {XBT: BTC}
bots:
  a:
    ledger: {type: file, positions: a.csv, currency: EUR}
    venue: {type: file, positions: v.csv}
    eod: {at: "16:15", stale_after: 12h, stale_after_symbols: {BTC-USD: off, XBT: 1h}, client_id_prefixes: [swing-]}
  b:
    ledger: {type: file, positions: a.csv}
    venue: {type: file, positions: v.csv}
    eod: {at: "16:15", stale_after: off}
""",
    )
    usual = Tolerance(Decimal("0.1"), Decimal("0.005"), Decimal("0.01"), steps=Decimal("0.5"))
    found = subjects(place)
    terms = found["a"].terms

    assert terms.symbols.canonical("XBT") == "BTC"
    assert terms.tolerance == usual
    assert terms.tolerance_of == {
        "BTC/USD": replace(usual, quantity=Decimal("0.001")),
        "BTC": replace(usual, price_absolute=Decimal(5)),
    }
    assert terms.stale_after == timedelta(hours=12)
    assert terms.stale_after_of == {"BTC/USD": None, "BTC": timedelta(hours=1)}
    assert (terms.halt_quantity_ratio, terms.currency, terms.client_id_prefixes) == (Decimal("0.2"), "EUR", ("swing-",))
    assert (found["b"].terms.stale_after, found["b"].terms.currency) == (None, None)
    assert found["a"].policy == HaltPolicy(Decimal(500), 2)
    assert found["a"].halt_action == "pending"


def test_scope_of_the_configuration_holds_for_both_sides_and_the_terms(tmp_path: Path) -> None:
    place = workspace(
        tmp_path,
        """
aliases: {XBT: BTC/USD}
bots:
  a:
    ledger: {type: file, positions: a.csv}
    venue: {type: file, positions: v.csv}
    scope: {only: [XBT]}
    eod: {at: "16:15"}
""",
    )
    for side in ("a", "v"):
        place.write(f"{side}.csv", "symbol,quantity\nBTC-USD,1\nTSLA,2\n")
    subject = subjects(place)["a"]

    assert [book(side.positions(NOW)) for side in (subject.ledger, subject.venue)] == [[("BTC-USD", Decimal(1))]] * 2
    assert subject.terms.scope is not None
    assert not subject.terms.scope.holds("TSLA")


def test_age_of_a_position_may_be_that_of_its_last_fill(tmp_path: Path) -> None:
    books = "ledger: {type: file, positions: a.csv, fills: f.csv}, venue: {type: file, positions: v.csv}"
    place = workspace(tmp_path, f"bots: {{a: {{{books}, eod: {{at: '16:15', stale_from: last_fill}}}}}}")
    place.write("a.csv", "symbol,quantity,updated_at\nBTC/USD,1,2026-02-24T11:59Z\nTSLA,2,2026-02-24T11:59Z\n")
    place.write(
        "f.csv",
        "fill_id,symbol,quantity,price,filled_at\n2,BTCUSD,0.5,1,2025-12-24T00:00Z\n1,BTCUSD,0.5,1,2025-11-24T00:00Z\n",
    )
    ledger = subjects(place)["a"].ledger
    statement = ledger.positions(NOW)
    (tmp_path / "f.csv").unlink()

    assert isinstance(statement, PositionStatement)
    assert statement.has_write_times
    assert [position.written_at for position in statement.positions] == [at("2025-12-24T00:00Z"), None]
    assert isinstance(ledger.positions(NOW), Unavailable)


def fleet(tmp_path: Path, venue: str = "", eod: str = ", eod: {at: '00:05'}") -> Workspace:
    for bot in ("bot1", "bot2"):
        (tmp_path / f"data/{bot}/logs/epp_v24/a").mkdir(parents=True)
    return workspace(tmp_path, f"fleets: {{hbot: {{type: hbot{venue}{eod}}}}}")


def test_each_bot_of_a_fleet_has_its_own_statement(tmp_path: Path) -> None:
    place = fleet(tmp_path, ", venue: {type: file, positions: 'statements/{bot}.csv'}")
    place.write("statements/bot1.csv", f"# as_of: {NOW.isoformat()}\nsymbol,quantity\nBTC/USDT,1\n")
    found = subjects(place)
    other = found["bot2"].venue.positions(NOW)

    assert list(found) == ["bot1", "bot2"]
    assert {subject.ledger.name for subject in found.values()} == {"hbot"}
    assert book(found["bot1"].venue.positions(NOW)) == [("BTC/USDT", Decimal(1))]
    assert isinstance(other, Unavailable)
    assert "statements/bot2.csv" in other.detail


def test_bots_of_a_fleet_take_their_credentials_from_the_account_map(tmp_path: Path) -> None:
    place = fleet(tmp_path, ", venue: {type: alpaca, paper: true}")
    account = {"exchange": "alpaca", "credential_prefix": "SWING", "account_mode": "probe"}
    place.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot1": account}})
    with_key, without_key = subjects(place, SWING), subjects(place)
    unnamed, unset = with_key["bot2"].venue.positions(NOW), without_key["bot1"].venue.positions(NOW)

    assert with_key["bot1"].venue.name == "alpaca"
    assert unnamed == Unavailable(Reason.INPUT_MISSING, f"{tmp_path / ACCOUNT_MAP} tells no credential_prefix of bot2")
    assert unset == Unavailable(Reason.INPUT_MISSING, "SWING_ALPACA_API_KEY and SWING_ALPACA_SECRET are not set")


def test_fleet_without_venue_has_no_verdict(tmp_path: Path) -> None:
    venue = subjects(fleet(tmp_path))["bot1"].venue

    assert venue.name == "none"
    for answer in (venue.positions(NOW), venue.fills(NOW, NOW), venue.orders(NOW), venue.activities(NOW)):
        assert answer == Unavailable(Reason.INPUT_MISSING, "fleets.hbot has no venue")


def test_bots_of_a_fleet_are_those_on_disk_at_the_time(tmp_path: Path) -> None:
    found = fleet(tmp_path).load()
    (tmp_path / "data/bot3/logs/epp_v24").mkdir(parents=True)

    assert [plan.bot for plan in eod_parts.plans(found)] == ["bot1", "bot2", "bot3"]


def test_bot_that_is_taken_out_has_no_runs(tmp_path: Path) -> None:
    place = fleet(tmp_path)
    place.write(THRESHOLDS, {"version": 1, "bots": {"bot2": {"enabled": False}}})

    assert list(subjects(place)) == ["bot1"]
    assert [plan.bot for plan in eod_parts.plans(place.load())] == ["bot1"]


def test_bots_without_end_of_day_have_sources_and_terms_and_no_plan(tmp_path: Path) -> None:
    found = workspace(tmp_path, f"bots: {{a: {{{FILES}}}, b: {{{FILES}, eod: {{at: '16:15'}}}}}}").load()

    assert eod_parts.unscheduled(found) == ("a",)
    assert [plan.bot for plan in eod_parts.plans(found)] == ["b"]
    assert list(eod_parts.subjects(found, Connections(FixedClock()))) == ["b"]
    assert list(sources(found, Connections(FixedClock()))) == ["a", "b"]
    assert eod_parts.terms_of(found, "a") == eod_parts.terms_of(found, "b")
    with pytest.raises(KeyError):
        eod_parts.terms_of(found, "c")


def plan(time: str = "16:15", zone: str = "America/New_York", days: str = "*") -> Plan:
    hour, minute = time.split(":")
    return Plan("a", TimeOfDay(int(hour), int(minute)), ZoneInfo(zone), days)


def following(one: Plan, start: str, count: int) -> list[str]:
    """So many due times after the start, in UTC."""
    moment, found = at(start), []
    for _ in range(count):
        moment = one.next_after(moment)
        found.append(f"{moment:%m-%d %H:%M}")
    return found


def test_run_keeps_its_local_time_when_the_clocks_change() -> None:
    assert following(plan(), "2026-03-07T00:00Z", 3) == ["03-07 21:15", "03-08 20:15", "03-09 20:15"]
    assert following(plan(), "2026-10-31T00:00Z", 3) == ["10-31 20:15", "11-01 21:15", "11-02 21:15"]


def test_time_that_the_clocks_leave_out_is_not_missed() -> None:
    assert following(plan("02:30"), "2026-03-07T12:00Z", 2) == ["03-08 07:30", "03-09 06:30"]
    assert following(plan("00:00", "America/Santiago"), "2026-09-05T12:00Z", 2) == ["09-06 04:00", "09-07 03:00"]
    assert following(plan("02:30", days="sun"), "2026-03-07T12:00Z", 2) == ["03-08 07:30", "03-15 06:30"]


def test_time_that_the_clocks_show_twice_is_served_once() -> None:
    one = plan("01:30")

    assert following(one, "2026-10-31T12:00Z", 2) == ["11-01 05:30", "11-02 06:30"]
    assert one.due_before(at("2026-11-01T06:45Z")) == at("2026-11-01T05:30Z")


def test_days_are_those_of_the_place() -> None:
    assert following(plan("23:00", days="fri"), "2026-03-01T00:00Z", 2) == ["03-07 04:00", "03-14 03:00"]
    assert following(plan(days="mon-fri"), "2026-03-06T22:00Z", 1) == ["03-09 20:15"]


def test_due_time_is_told_from_its_very_second() -> None:
    due = at("2026-03-06T21:15Z")

    assert plan().due_before(due) == due
    assert plan().due_before(due - timedelta(microseconds=1)) == due - timedelta(days=1)
    assert plan().next_after(due) == due + timedelta(days=1)
    assert plan().next_after(due - timedelta(microseconds=1)) == due


@settings(deadline=None)
@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # it adds UTC
    time=st.sampled_from(["00:00", "01:30", "02:30", "16:15", "23:59"]),
    zone=st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]),
    days=st.sampled_from(["*", "sun", "mon-fri", "tue,sat"]),
)
def test_every_moment_lies_between_two_due_times_of_two_days(now: datetime, time: str, zone: str, days: str) -> None:
    one = plan(time, zone, days)
    last, following_ = one.due_before(now), one.next_after(now)

    assert last is not None
    assert last <= now < following_
    assert one.next_after(last) == following_
    assert one.due_before(following_) == following_
    assert last.astimezone(one.timezone).date() < following_.astimezone(one.timezone).date()
