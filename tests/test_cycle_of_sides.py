"""Cycles that compare both sides of a bot: breaks from the first look to the repair, over restarts, kills and changes.

Everything is real but the clock: configuration, files of both sides, checks with their canaries, state, page.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

import pytest

from recon_exporter import app
from recon_exporter.commands.breaks import Decision, act
from recon_exporter.demo.hbot_writer import HbotFiles, minute_row
from recon_exporter.domain import break_acts
from recon_exporter.domain.breaks import BreakState
from recon_exporter.domain.finding import CheckStatus, Severity
from recon_exporter.domain.report import Status
from recon_exporter.errors import StateError
from recon_exporter.judging import Judge
from recon_exporter.sinks.page import PageSink
from recon_exporter.state import open_state
from recon_exporter.telemetry import Format
from support.evidence import NOW
from support.parts import FixedClock
from support.workspace import Workspace, workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recon_exporter.cycle import Cycle
    from recon_exporter.domain.break_steps import Transition
    from recon_exporter.domain.breaks import Break
    from recon_exporter.domain.finding import CheckResult
    from recon_exporter.domain.report import Report
    from recon_exporter.settings.model import Settings
    from support.postgres import PostgresServer

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SYMBOL = "BTC/USDT:USDT"
POSITIONS = "symbol,quantity,avg_price,price,currency"
FILLS = "fill_id,order_id,symbol,side,quantity,price,fee,fee_currency,filled_at"
BALANCES = "asset,total,free"
CONFIGURATION = """\
state: {{url: "{state}"}}
confirm: {{cycles: 2, clear: 1, settle: 60s}}
{more}bots:
  mm1:
    ledger: {{type: file, positions: ledger/positions.csv, fills: ledger/fills.csv, balances: ledger/balances.csv}}
    venue: {{type: file, positions: venue/positions.csv, fills: venue/fills.csv, balances: venue/balances.csv}}
    intraday: true
  quiet:
    ledger: {{type: file, positions: quiet/ledger.csv}}
    venue: {{type: file, positions: quiet/venue.csv}}
    intraday: true
"""
WITHOUT_MM1 = """\
state: {{url: "{state}"}}
bots:
  quiet:
    ledger: {{type: file, positions: quiet/ledger.csv}}
    venue: {{type: file, positions: quiet/venue.csv}}
    intraday: true
"""
FLEET = """\
state: {{url: "{state}"}}
fleets:
  hbot:
    type: hbot
    venue: {{type: file, positions: "statements/{{bot}}.csv"}}
    intraday: true
"""


def fill(name: str, at: datetime = NOW - 20 * MINUTE, quantity: str = "0.5") -> str:
    return f"{name},o-{name},{SYMBOL},buy,{quantity},60000,0.5,USDT,{at.isoformat()}"


@dataclass
class Bench:
    """A bot with both sides in files, and the cycles that a process makes of it."""

    files: Workspace
    state_url: str
    clock: FixedClock = field(default_factory=FixedClock)
    page: PageSink = field(default_factory=PageSink)

    def __post_init__(self) -> None:
        for side in ("ledger", "venue"):
            self.positions(side, "1")
            self.fills(side, fill("t1"))
            self.balances(side, "10000")
        for side in ("ledger", "venue"):
            self.files.write(f"quiet/{side}.csv", f"{POSITIONS}\n{SYMBOL},1,60000,60000,USDT\n")
        self.configure(CONFIGURATION)

    def configure(self, text: str, more: str = "") -> None:
        self.files.write("config/recon.yml", text.format(state=self.state_url, more=more))

    def positions(self, side: str, *quantities: str) -> None:
        rows = [f"{SYMBOL},{quantity},60000,60000,USDT" for quantity in quantities]
        self.files.write(f"{side}/positions.csv", "\n".join([POSITIONS, *rows, ""]))

    def fills(self, side: str, *rows: str) -> None:
        self.files.write(f"{side}/fills.csv", "\n".join([FILLS, *rows, ""]))

    def balances(self, side: str, total: str) -> None:
        self.files.write(f"{side}/balances.csv", f"{BALANCES}\nUSDT,{total},{total}\n")

    def process(self) -> Process:
        return Process(self)

    def decide(self, one: Break, name: str) -> None:
        """What a person decides beside the running process, in a process of their own."""
        decision = Decision(name, "ann", "known to the desk")
        with closing(open_state(self.state_url)) as state:
            assert act(state, one.identifier, decision, decide(name), timedelta(days=30)) == 0

    def until_recorded(self) -> tuple[Break, ...]:
        """All breaks of cycles, as the state has them."""
        with closing(open_state(self.state_url)) as state:
            return state.load()[0].breaks


def decide(name: str) -> Callable[[Break, datetime], Transition]:
    if name == "retire":
        return lambda one, now: break_acts.retire(one, "ann", now)
    return lambda one, now: break_acts.accept(
        one, "ann", now + timedelta(days=1), now, four_eyes=False, at_most=timedelta(days=30)
    )


class Process:
    """Cycles of one process: its connection to the state, and what it remembers between cycles."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._state = open_state(bench.state_url)
        self._settings: Settings = bench.files.load()
        self._cycle: Cycle = app.build_cycle(self._settings, self._state, bench.clock)

    def cycle(self, after: timedelta = MINUTE) -> Report:
        """The next cycle, so much later."""
        self._bench.clock.advance(after)
        telling = app.build_telling(self._settings, always_stamp=True)
        return self._cycle.run(self._settings.policies, telling, self._bench.page.show)

    def reload(self) -> None:
        """As ``serve`` does where the configuration has changed."""
        self._cycle.close()
        self._settings = self._bench.files.load()
        self._cycle = app.build_cycle(self._settings, self._state, self._bench.clock)

    def close(self) -> None:
        self._cycle.close()
        self._state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_program("postgres", "initdb"))])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/.state/recon.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.database())


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    return Bench(workspace(tmp_path), f"sqlite:///{tmp_path}/.state/recon.db")


def result(report: Report, check: str, bot: str = "mm1") -> CheckResult:
    verdict = next(one for one in report.bots if one.bot == bot)
    return next(one for one in verdict.results if one.check == check)


def codes(report: Report, check: str, bot: str = "mm1") -> list[tuple[str, str]]:
    return sorted((one.message, str(one.severity)) for one in result(report, check, bot).findings)


def samples(page: PageSink, name: str) -> list[str]:
    return [line for line in page.page.body(Format.TEXT).decode().splitlines() if line.startswith(name)]


def standing(breaks: tuple[Break, ...]) -> list[tuple[str, str, str]]:
    return [
        (one.discrepancy.type.value, one.discrepancy.item, one.state.value)
        for one in breaks
        if one.state is not BreakState.RESOLVED
    ]


MISSING = [("fill_missing_in_ledger", "critical")]


def test_sides_that_agree_are_ok_in_all_three_checks(bench: Bench) -> None:
    with bench.process() as process:
        report = process.cycle()

    assert {result(report, check).status for check in ("fills", "positions", "venue_balances")} == {CheckStatus.OK}


def test_break_is_confirmed_by_the_second_evaluated_cycle_and_resolved_by_the_first_clean_one(bench: Bench) -> None:
    bench.fills("venue", fill("t1"), fill("t2"))
    with bench.process() as process:
        first, opened = process.cycle(), standing(bench.until_recorded())
        second, confirmed = process.cycle(), standing(bench.until_recorded())
        bench.fills("ledger", fill("t1"), fill("t2"))
        third = process.cycle()

    assert (codes(first, "fills"), opened) == ([], [("FILL_MISSING_IN_LEDGER", "t2", "open")])
    assert (codes(second, "fills"), confirmed) == (MISSING, [("FILL_MISSING_IN_LEDGER", "t2", "confirmed")])
    assert (codes(third, "fills"), standing(bench.until_recorded())) == ([], [])
    assert result(third, "fills").status is CheckStatus.OK


def test_cycle_that_could_not_evaluate_neither_counts_nor_starts_the_count_anew(bench: Bench) -> None:
    bench.fills("venue", fill("t1"), fill("t2"))
    with bench.process() as process:
        process.cycle()
        bench.files.write("venue/fills.csv", "<html>down for maintenance</html>")
        process.cycle()
        process.cycle()
        blind = process.cycle()
        unseen = standing(bench.until_recorded())
        bench.fills("venue", fill("t1"), fill("t2"))
        seen = process.cycle()

    assert result(blind, "fills").status is CheckStatus.UNVERIFIED
    assert (codes(blind, "fills"), unseen) == ([], [("FILL_MISSING_IN_LEDGER", "t2", "open")])
    assert codes(seen, "fills") == MISSING


def test_confirmed_break_stands_while_a_side_is_lost_and_ends_on_fresh_proof_alone(bench: Bench) -> None:
    bench.positions("venue", "2")
    with bench.process() as process:
        process.cycle()
        process.cycle()
        bench.positions("ledger", "2")
        bench.files.write("venue/positions.csv", "")
        blind = process.cycle(HOUR)
        raw = samples(bench.page, 'recon_position_difference{bot="mm1"')
        bench.positions("venue", "2")
        clean = process.cycle()

    assert result(blind, "positions").status is not CheckStatus.OK
    assert result(blind, "positions").unverified is not None
    assert (codes(blind, "positions"), raw) == ([("position_quantity_differs", "critical")], [])
    assert (result(clean, "positions").status, standing(bench.until_recorded())) == (CheckStatus.OK, [])


def test_raw_difference_is_a_gauge_at_once_while_the_break_is_not_confirmed_yet(bench: Bench) -> None:
    bench.positions("venue", "0.75")
    bench.balances("venue", "9990")
    with bench.process() as process:
        report = process.cycle()

    assert codes(report, "positions") == []
    assert samples(bench.page, 'recon_position_difference{bot="mm1"') == [
        f'recon_position_difference{{bot="mm1",symbol="{SYMBOL}",leg="net"}} 0.25'
    ]
    assert samples(bench.page, 'recon_balance_difference{bot="mm1"') == [
        'recon_balance_difference{bot="mm1",asset="USDT"} 10.0'
    ]


def test_sign_flip_is_critical_within_any_tolerance(bench: Bench) -> None:
    bench.configure(CONFIGURATION, "tolerances: {quantity: 100, dust_usd: 1000000000}\n")
    bench.positions("ledger", "0.001")
    bench.positions("venue", "-0.001")
    with bench.process() as process:
        process.cycle()
        report = process.cycle()

    assert codes(report, "positions") == [("position_quantity_differs", "critical")]
    assert report.bots[0].bot == "mm1"


def test_break_of_one_bot_leaves_the_others_verdict_alone(bench: Bench) -> None:
    bench.positions("venue", "2")
    with bench.process() as process:
        process.cycle()
        report = process.cycle()

    assert result(report, "positions", "quiet").status is CheckStatus.OK


@pytest.mark.usefixtures("state_url")
def test_break_survives_a_kill_between_its_first_look_and_its_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_url: str
) -> None:
    """A process that is killed closes nothing: the next one goes on from what was recorded."""
    monkeypatch.chdir(tmp_path)
    bench = Bench(workspace(tmp_path), state_url)
    bench.fills("venue", fill("t1"), fill("t2"))
    killed = bench.process()
    killed.cycle()
    with bench.process() as process:
        second = process.cycle()
        [one] = bench.until_recorded()
    with bench.process() as process:
        bench.fills("ledger", fill("t1"), fill("t2"))
        third = process.cycle()
    killed.close()

    assert codes(second, "fills") == MISSING
    assert (one.first_seen, one.times_seen) == (NOW + MINUTE, 2)
    assert (codes(third, "fills"), standing(bench.until_recorded())) == ([], [])


def test_standing_break_older_than_what_is_read_again_is_judged_after_the_repair(bench: Bench) -> None:
    """Also by a process that never saw it: what a cycle reads reaches back to every break that stands."""
    bench.fills("venue", fill("t1"), fill("t2"))
    with bench.process() as process:
        process.cycle()
        process.cycle()
        later = process.cycle(30 * HOUR)
    with bench.process() as process:
        still = process.cycle(30 * HOUR)
        bench.fills("ledger", fill("t1"), fill("t2"))
        repaired = process.cycle()

    assert (codes(later, "fills"), codes(still, "fills"), codes(repaired, "fills")) == (MISSING, MISSING, [])
    assert standing(bench.until_recorded()) == []


def test_bot_that_leaves_the_configuration_keeps_its_breaks_until_a_person_decides(bench: Bench) -> None:
    """Neither report nor page call it off, and what is held about it ends once nothing stands any more."""
    bench.positions("venue", "2")
    with bench.process() as process:
        process.cycle()
        before = process.cycle()
        [one] = bench.until_recorded()
        open_before = samples(bench.page, 'recon_breaks_open{bot="mm1"')
        bench.configure(WITHOUT_MM1)
        process.reload()
        left = process.cycle(HOUR)
        open_after = samples(bench.page, 'recon_breaks_open{bot="mm1"')
        why = samples(bench.page, 'recon_check_unverified{bot="mm1"')
        bench.decide(one, "retire")
        retired = process.cycle()
        off = samples(bench.page, 'recon_check_enabled{bot="mm1",check="positions"}')
        [decided] = bench.until_recorded()
        assert decided.resolved_at is not None
        bench.clock.at = decided.resolved_at  # persons go by the clock on the wall
        later = process.cycle(7 * HOUR)

    assert (codes(left, "positions"), left.status) == (codes(before, "positions"), Status.CRITICAL)
    assert (len(open_before), open_after) == (1, open_before)
    assert why == ['recon_check_unverified{bot="mm1",check="positions",reason="source_missing"} 1.0']
    assert (off, retired.status) == (['recon_check_enabled{bot="mm1",check="positions"} 0.0'], Status.OK)
    assert [bot.bot for bot in later.bots] == ["quiet"]


def test_bot_that_a_person_no_longer_has_compared_shows_its_checks_switched_off(bench: Bench) -> None:
    bench.positions("venue", "2")
    with bench.process() as process:
        process.cycle()
        process.cycle()
        bench.configure(CONFIGURATION.replace("intraday: true", "intraday: false", 1))
        process.reload()
        process.cycle()

    assert samples(bench.page, 'recon_check_enabled{bot="mm1",check="positions"}') == [
        'recon_check_enabled{bot="mm1",check="positions"} 0.0'
    ]


def test_break_of_a_bot_whose_folder_vanishes_is_not_called_off(bench: Bench) -> None:
    """As where the disk of the bots is not mounted: nobody decided that its checks are off."""
    files = HbotFiles(bench.files.directory)
    bench.files.write("statements/bot1.csv", f"{POSITIONS}\nBTC/USDT,2,60000,60000,USDT\n")
    bench.configure(FLEET)
    with bench.process() as process:
        rows = [
            {**minute_row(NOW + at), "position_base": "1", "avg_entry_price": "60000"} for at in (MINUTE, 2 * MINUTE)
        ]
        files.append_minutes("bot1", rows, columns=tuple(rows[0]))
        process.cycle()
        seen = process.cycle()
        files.data.rename(bench.files.directory / "elsewhere")
        gone = process.cycle()

    assert codes(seen, "positions", "bot1") == [("position_quantity_differs", "critical")]
    assert codes(gone, "positions", "bot1") == codes(seen, "positions", "bot1")
    assert result(gone, "positions", "bot1").unverified is not None
    assert gone.status is Status.CRITICAL
    assert samples(bench.page, 'recon_check_evaluated{bot="bot1",check="positions"}') == [
        'recon_check_evaluated{bot="bot1",check="positions"} 0.0'
    ]


@pytest.mark.parametrize("name", ["accept", "retire"])
def test_decision_about_a_break_while_the_process_runs_is_kept_by_its_next_cycle(bench: Bench, name: str) -> None:
    bench.positions("venue", "2")
    with bench.process() as process:
        process.cycle()
        process.cycle()
        [one] = bench.until_recorded()
        bench.decide(one, name)
        report = process.cycle()

    decided = next(later for later in bench.until_recorded() if later.identifier == one.identifier)
    assert decided.state is (BreakState.ACCEPTED if name == "accept" else BreakState.RESOLVED)
    assert codes(report, "positions") == []


def test_retired_break_that_is_still_there_opens_again(bench: Bench) -> None:
    bench.positions("venue", "2")
    with bench.process() as process:
        process.cycle()
        process.cycle()
        [one] = bench.until_recorded()
        bench.decide(one, "retire")
        process.cycle()
        report = process.cycle()

    again = [later for later in bench.until_recorded() if later.state is not BreakState.RESOLVED]
    assert [(later.recurrences, later.state) for later in again] == [(1, BreakState.CONFIRMED)]
    assert result(report, "positions").findings[0].severity is Severity.CRITICAL


def test_venue_that_is_exchanged_by_a_reload_is_asked_in_the_next_cycle(bench: Bench) -> None:
    bench.files.write("other/positions.csv", f"{POSITIONS}\n{SYMBOL},3,60000,60000,USDT\n")
    bench.files.write("other/fills.csv", f"{FILLS}\n{fill('t1')}\n")
    bench.files.write("other/balances.csv", f"{BALANCES}\nUSDT,10000,10000\n")
    with bench.process() as process:
        sound = process.cycle()
        bench.configure(CONFIGURATION.replace("venue/", "other/"))
        process.reload()
        process.cycle()
        report = process.cycle()

    assert codes(sound, "positions") == []
    assert codes(report, "positions") == [("position_quantity_differs", "critical")]


def test_mass_of_differences_stays_unverified_until_it_is_repaired(bench: Bench) -> None:
    """What was never told as breaks may not pass for judged when it is no longer among the latest fills."""
    old = NOW - 5 * HOUR
    bench.fills("venue", *(fill(f"t{number}", old) for number in range(150)))
    with bench.process() as process:
        first = process.cycle()
        later = process.cycle(HOUR)
    with bench.process() as process:
        restarted = process.cycle(HOUR)
        bench.fills("ledger", *(fill(f"t{number}", old) for number in range(149)))
        process.cycle()
        repaired = process.cycle()

    assert {result(report, "fills").status for report in (first, later, restarted)} == {CheckStatus.UNVERIFIED}
    assert codes(repaired, "fills") == MISSING


def test_fill_of_a_time_when_nothing_could_be_recorded_is_judged_afterwards(bench: Bench) -> None:
    with bench.process() as process:
        process.cycle()
        with closing(sqlite3.connect(".state/recon.db", isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN EXCLUSIVE")
            bench.fills("venue", fill("t1"), fill("t2", NOW + 2 * MINUTE))
            for _ in range(2):
                with pytest.raises(StateError):
                    process.cycle(20 * MINUTE)
        process.cycle()
        report = process.cycle()

    assert codes(report, "fills") == MISSING


def test_fill_of_a_time_when_the_check_missed_its_canary_is_judged_afterwards(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench.process() as process:
        process.cycle()
        bench.fills("venue", fill("t1"), fill("t2", NOW + 2 * MINUTE))
        with monkeypatch.context() as patch:
            patch.setattr(Judge, "missed_canaries", lambda *_: {"fills": "not found"})
            blind = [process.cycle(20 * MINUTE) for _ in range(3)]
        process.cycle()
        report = process.cycle()

    assert {result(one, "fills").status for one in blind} == {CheckStatus.UNVERIFIED}
    assert codes(report, "fills") == MISSING


def test_restart_finds_no_break_in_a_fill_that_the_ledger_wrote_late(bench: Bench) -> None:
    """Wherever what is read again begins: the pair was judged, and its one half may lie before that."""
    bench.fills("venue", fill("t1", NOW - HOUR), fill("t9", NOW - 50 * MINUTE))
    bench.fills("ledger", fill("t1", NOW - HOUR), fill("t9", NOW))
    with bench.process() as process:
        process.cycle()
    told = []
    for _ in range(24):
        with bench.process() as process:
            told += [process.cycle(5 * MINUTE), process.cycle()]

    assert {result(report, "fills").status for report in told} == {CheckStatus.OK}
    assert bench.until_recorded() == ()


def test_break_stands_where_the_venue_stops_telling_the_fill_that_the_ledger_lacks(bench: Bench) -> None:
    bench.fills("venue", fill("t1"), fill("t2"))
    with bench.process() as process:
        process.cycle()
        process.cycle()
        bench.fills("venue", fill("t1"))
        silent = process.cycle()
        bench.fills("venue", fill("t1"), fill("t2"))
        bench.fills("ledger", fill("t1"), fill("t2"))
        repaired = process.cycle()

    assert (codes(silent, "fills"), codes(repaired, "fills")) == (MISSING, [])
    assert standing(bench.until_recorded()) == []


def test_venue_that_tells_no_more_what_it_has_just_told_is_unverified(bench: Bench) -> None:
    """An empty answer by mistake would make every fill of the ledger one that the venue lacks."""
    for side in ("ledger", "venue"):
        bench.fills(side, fill("t1", NOW - 3 * MINUTE))
    with bench.process() as process:
        process.cycle()
        bench.fills("venue")
        empty = [process.cycle(), process.cycle()]
        bench.fills("venue", fill("t1", NOW - 3 * MINUTE))
        back = process.cycle()

    assert {result(report, "fills").status for report in empty} == {CheckStatus.UNVERIFIED}
    assert (result(back, "fills").status, bench.until_recorded()) == (CheckStatus.OK, ())


@pytest.mark.parametrize("late", [3 * MINUTE, 30 * MINUTE, 55 * MINUTE])
def test_fill_that_the_ledger_dates_later_is_no_break_when_the_venues_is_read_no_more(
    bench: Bench, late: timedelta
) -> None:
    with bench.process() as process:
        process.cycle()
        at = bench.clock.now()
        bench.fills("venue", fill("t1"), fill("t9", at))
        process.cycle(late)
        bench.fills("ledger", fill("t1"), fill("t9", at + late))
        process.cycle()
        told = [(result(process.cycle(), "fills").status, standing(bench.until_recorded())) for _ in range(30)]

    assert told == [(CheckStatus.OK, [])] * 30


def test_fills_of_today_are_those_of_the_whole_day_also_after_a_restart(bench: Bench) -> None:
    both = [fill("t0", NOW - 26 * HOUR), fill("t1", NOW - 9 * HOUR), fill("t2", NOW - 6 * HOUR), fill("t3")]
    for side in ("ledger", "venue"):
        bench.fills(side, *both)
    with bench.process() as process:
        process.cycle()
        first = samples(bench.page, 'recon_fills{bot="mm1"')
        process.cycle(HOUR)
    with bench.process() as process:
        process.cycle()

    assert first == ['recon_fills{bot="mm1",side="ledger"} 3.0', 'recon_fills{bot="mm1",side="venue"} 3.0']
    assert samples(bench.page, 'recon_fills{bot="mm1"') == first


def test_missing_fill_stands_where_another_venue_never_heard_of_it(bench: Bench) -> None:
    """An account that is exchanged proves nothing of what was lost on the one before; a person retires it."""
    bench.fills("venue", fill("t1"), fill("t2"))
    bench.files.write("other/positions.csv", f"{POSITIONS}\n{SYMBOL},1,60000,60000,USDT\n")
    bench.files.write("other/fills.csv", f"{FILLS}\n{fill('t1')}\n")
    bench.files.write("other/balances.csv", f"{BALANCES}\nUSDT,10000,10000\n")
    with bench.process() as process:
        process.cycle()
        process.cycle()
        bench.configure(CONFIGURATION.replace("venue/", "other/"))
        process.reload()
        report = process.cycle()

    assert codes(report, "fills") == MISSING


def test_clock_that_was_ahead_for_a_while_leaves_no_fill_unjudged(bench: Bench) -> None:
    with bench.process() as process:
        process.cycle()
        process.cycle(24 * 365 * HOUR)
        bench.clock.advance(-24 * 365 * HOUR)
        bench.fills("venue", fill("t1"), fill("t2", NOW + 2 * MINUTE))
        process.cycle(30 * MINUTE)
        report = process.cycle()

    assert codes(report, "fills") == MISSING


OTHER = "ETH/USDT:USDT"
SCOPED = CONFIGURATION.replace("    intraday: true\n", "    scope: {{without: [%s]}}\n    intraday: true\n", 1)


def test_symbols_outside_the_scope_are_no_differences(bench: Bench) -> None:
    bench.configure(SCOPED % OTHER)
    bench.files.write("venue/positions.csv", f"{POSITIONS}\n{SYMBOL},1,60000,60000,USDT\n{OTHER},5,3000,3000,USDT\n")
    bench.fills("venue", fill("t1"), fill("t2").replace(SYMBOL, OTHER))
    with bench.process() as process:
        process.cycle()
        report = process.cycle()

    assert {result(report, check).status for check in ("fills", "positions")} == {CheckStatus.OK}
    assert bench.until_recorded() == ()


def test_breaks_in_a_symbol_that_leaves_the_scope_stand_until_it_returns(bench: Bench) -> None:
    bench.positions("venue", "2")
    bench.fills("venue", fill("t1"), fill("t2"))
    with bench.process() as process:
        process.cycle()
        before = process.cycle()
        bench.configure(SCOPED % SYMBOL)
        process.reload()
        process.cycle()
        left = process.cycle(HOUR)
        stood = standing(bench.until_recorded())
        bench.positions("ledger", "2")
        bench.fills("ledger", fill("t1"), fill("t2"))
        bench.configure(CONFIGURATION)
        process.reload()
        back = process.cycle()

    assert codes(before, "fills") == codes(left, "fills") == MISSING
    assert codes(before, "positions") == codes(left, "positions") == [("position_quantity_differs", "critical")]
    assert len(stood) == 2
    assert (codes(back, "fills"), codes(back, "positions")) == ([], [])
