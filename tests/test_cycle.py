"""One pass over all bots, with real checks and small real parts around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.checks import CHECKS
from recon_exporter.collecting import Collector
from recon_exporter.cycle import FORGOTTEN_STAYS, Cycle
from recon_exporter.domain.eod_view import EodView
from recon_exporter.domain.finding import CheckStatus, Reason
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.report import ExpectedBot, Report, Status
from recon_exporter.domain.statement import Unavailable
from recon_exporter.errors import ProgressMoved, SourceError, SourceUnreadable
from recon_exporter.judging import Judge
from recon_exporter.ports import Fleet, Outgoing, Policies
from support.eod_views import BOT as EOD_BOT
from support.eod_views import make_bot, make_view
from support.evidence import MINUTE, NOW, make_account, make_book, make_policy, make_row
from support.parts import FixedClock, MemoryLedger, MemoryState, MemoryVenue
from support.positions import make_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recon_exporter.domain.finding import CheckResult
    from recon_exporter.domain.statement import Book

LATER = timedelta(seconds=60)


class Bench:
    """A cycle with the parts a test may change."""

    def __init__(self, books: Mapping[str, Book | Unavailable], memory: Memory | None = None) -> None:
        self.clock = FixedClock()
        self.ledger = MemoryLedger(dict(books))
        self.venue = MemoryVenue({bot: make_account(bot=bot) for bot in books})
        self.state = MemoryState(memory or Memory())
        self.policies = Policies(lambda bot: make_policy(bot=bot), (), ())
        self.delivered: list[Report] = []
        self.collector = Collector([Fleet("hbot", self.ledger, self.venue)], self.clock, timedelta(seconds=5))
        self.cycle = Cycle(self.collector, Judge(CHECKS), self.state, self.clock)

    def run(self) -> Report:
        def outbox(report: Report, memory: Memory) -> tuple[Memory, tuple[Outgoing, ...]]:
            return memory, (Outgoing(None, "report_file", "latest", report.at, "{}"),)

        return self.cycle.run(self.policies, outbox, self.delivered.append)


def results_of(report: Report, bot: str) -> Mapping[str, CheckResult]:
    verdict = next(verdict for verdict in report.bots if verdict.bot == bot)
    return {result.check: result for result in verdict.results}


def codes(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


def test_sound_fleet_is_ok_and_every_bot_has_every_check() -> None:
    report = Bench({"bot1": make_book(bot="bot1"), "bot2": make_book(bot="bot2")}).run()

    assert report.status is Status.OK
    assert report.checked == ("bot1", "bot2")
    assert {result.status for bot in report.bots for result in bot.results if result.enabled} == {CheckStatus.OK}
    assert set(results_of(report, "bot1")) == {*CHECKS, "eod"}
    assert not results_of(report, "bot1")["eod"].enabled


def test_no_bot_at_all_is_unknown_never_ok() -> None:
    assert Bench({}).run().status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("failure", "why"), [(None, Reason.SOURCE_MISSING), (SourceUnreadable("closed"), Reason.SOURCE_UNREADABLE)]
)
def test_fleet_without_any_bot_is_unknown_also_beside_one_that_is_sound(failure: Exception | None, why: Reason) -> None:
    bench = Bench({"bot1": make_book()})
    silent = MemoryLedger({}, name="second", failure=failure)
    fleets = [Fleet("hbot", bench.ledger, bench.venue), Fleet("second", silent, None)]
    bench.cycle = Cycle(Collector(fleets, bench.clock, timedelta(seconds=5)), Judge(CHECKS), bench.state, bench.clock)
    report = bench.run()

    assert report.status is Status.UNKNOWN
    assert [(blind.fleet, blind.reason) for blind in report.blind_fleets] == [("second", why)]
    assert {one.status for one in results_of(report, "bot1").values() if one.enabled} == {CheckStatus.OK}


def test_folder_that_never_could_be_read_is_not_missed_when_it_goes() -> None:
    bench = Bench({"bot1": make_book(), "lost+found": Unavailable(Reason.SOURCE_UNREADABLE, "permission denied")})

    assert results_of(bench.run(), "lost+found")["coverage"].unverified is not None
    del bench.ledger.books["lost+found"]
    assert [bot.bot for bot in bench.run().expected] == ["bot1"]


def test_bot_that_was_read_once_is_missed_when_it_goes_unreadable_and_then_goes() -> None:
    bench = Bench({"bot1": make_book()})
    bench.run()
    bench.ledger.books["bot1"] = Unavailable(Reason.SOURCE_UNREADABLE, "permission denied")
    bench.run()
    del bench.ledger.books["bot1"]

    assert codes(bench.run()) == ["expected_bot_missing"]


def test_named_bot_that_is_not_there_is_a_critical_finding() -> None:
    bench = Bench({"bot1": make_book()})
    bench.policies = Policies(bench.policies.of, (ExpectedBot("bot9", ("account_map",)),), ())

    report = bench.run()

    assert report.status is Status.CRITICAL
    assert codes(report) == ["expected_bot_missing"]
    assert [bot.bot for bot in report.expected] == ["bot1", "bot9"]
    assert report.checked == ("bot1",)


def test_bot_whose_folder_vanishes_stays_expected() -> None:
    bench = Bench({"bot1": make_book(), "bot2": make_book(bot="bot2")})
    bench.run()
    del bench.ledger.books["bot2"]

    report = bench.run()

    assert "expected_bot_missing" in codes(report)
    assert results_of(report, "bot2")["inventory"].status is CheckStatus.UNVERIFIED


def test_forgotten_bot_shows_its_checks_switched_off_for_six_hours_and_then_goes() -> None:
    memory = Memory(seen={"bot2": NOW - LATER}, forgotten={"bot2": NOW - MINUTE})
    bench = Bench({"bot1": make_book()}, memory)

    report = bench.run()
    bench.clock.advance(FORGOTTEN_STAYS)
    later = bench.run()

    assert {result.status for result in results_of(report, "bot2").values()} == {CheckStatus.DISABLED}
    assert [bot.bot for bot in report.expected] == ["bot1"]
    assert [bot.bot for bot in later.bots] == ["bot1"]


def test_forgotten_bot_that_writes_again_is_expected_again() -> None:
    memory = Memory(seen={"bot1": NOW - LATER}, forgotten={"bot1": NOW - MINUTE})
    bench = Bench({"bot1": make_book()}, memory)

    assert [bot.bot for bot in bench.run().expected] == ["bot1"]
    assert bench.state.memory.forgotten == {}


def test_bot_taken_out_by_the_thresholds_is_shown_switched_off_and_not_expected() -> None:
    bench = Bench({"bot1": make_book(), "bot2": make_book(bot="bot2")})
    bench.policies = Policies(bench.policies.of, (), ("bot2",))

    report = bench.run()

    assert [bot.bot for bot in report.expected] == ["bot1"]
    assert {result.status for result in results_of(report, "bot2").values()} == {CheckStatus.DISABLED}


def test_found_bot_that_the_defaults_switch_off_is_not_judged() -> None:
    bench = Bench({"bot1": make_book()})
    bench.policies = Policies(lambda bot: make_policy(bot=bot, enabled=bot != "bot1"), (), ())

    report = bench.run()

    assert report.expected == ()
    assert {result.status for result in results_of(report, "bot1").values()} == {CheckStatus.DISABLED}


def test_exchange_check_is_off_for_a_fleet_without_venue_though_another_has_one() -> None:
    clock, state = FixedClock(), MemoryState()
    fleets = [
        Fleet("a", MemoryLedger({"bot1": make_book()}, "a"), MemoryVenue({"bot1": make_account()})),
        Fleet("b", MemoryLedger({"bot2": make_book(bot="bot2")}, "b"), None),
    ]
    cycle = Cycle(Collector(fleets, clock, timedelta(seconds=5)), Judge(CHECKS), state, clock)

    report = cycle.look(Policies(lambda bot: make_policy(bot=bot), (), ()))

    assert results_of(report, "bot1")["exchange_snapshot"].status is CheckStatus.OK
    assert results_of(report, "bot2")["exchange_snapshot"].status is CheckStatus.DISABLED


def test_unreadable_ledger_makes_its_bots_unverified_and_is_not_read_as_flat() -> None:
    bench = Bench({"bot1": make_book()})
    bench.run()
    bench.ledger.failure = PermissionError("no access to data")

    report = bench.run()

    assert report.checked == ()
    assert results_of(report, "bot1")["balance"].unverified is not None
    assert report.status is Status.UNKNOWN


def test_missing_data_root_is_the_expected_bots_missing() -> None:
    bench = Bench({"bot1": make_book()})
    bench.run()
    bench.ledger.failure = SourceError("data: no such folder")

    assert codes(bench.run()) == ["expected_bot_missing"]


def test_one_bots_verdict_does_not_depend_on_the_others() -> None:
    alone = Bench({"bot1": make_book()}).run()
    broken = make_book(make_row(equity_quote="-1"), bot="bot2")
    together = Bench({"bot1": make_book(), "bot2": broken}).run()

    assert results_of(together, "bot1") == results_of(alone, "bot1")
    assert together.status is Status.CRITICAL


def test_finding_keeps_the_time_it_was_first_seen() -> None:
    bench = Bench({"bot1": make_book(make_row(equity_quote="-1"))})
    first = bench.run()
    bench.clock.advance(LATER)

    second = bench.run()

    assert set(second.first_seen.values()) == {NOW}
    assert first.first_seen.keys() == second.first_seen.keys()


def test_fee_drop_stays_until_the_end_of_its_day_though_its_rows_are_examined_once() -> None:
    before = make_row(NOW - 2 * MINUTE, fees_paid_today_quote="3")
    after = make_row(NOW - MINUTE, fees_paid_today_quote="1")
    bench = Bench({"bot1": make_book(after, previous=before)})
    bench.run()
    bench.ledger.books = {"bot1": make_book(make_row(NOW, fees_paid_today_quote="1"), previous=after)}
    bench.clock.advance(MINUTE)

    same_day = bench.run()
    restarted = Bench(bench.ledger.books, bench.state.memory).run()

    assert "fees_counter_decreased_critical" in codes(same_day)
    assert "fees_counter_decreased_critical" in codes(restarted)


def test_check_of_steps_that_failed_on_rows_is_not_clean_again_on_that_day() -> None:
    bench = Bench({"bot1": make_book()})
    whole = bench.cycle._judge
    failing = replace(CHECKS["accounting"], judge=lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    bench.cycle._judge = Judge({**CHECKS, "accounting": failing})
    bench.run()
    bench.cycle._judge = whole

    report = bench.run()

    assert codes(report) == ["rows_not_judged"]
    assert results_of(report, "bot1")["accounting"].status is CheckStatus.WARNING


def test_recording_carries_progress_and_ledger_adopts_it_only_then() -> None:
    bench = Bench({"bot1": make_book()})
    bench.ledger.documents = {"bot1": "{}"}

    bench.run()

    assert bench.state.recordings[0].progress == {"hbot": {"bot1": "{}"}}
    assert bench.ledger.adopted == 1


def test_pass_begins_anew_where_another_process_has_recorded() -> None:
    bench = Bench({"bot1": make_book()})
    bench.state.moves = 2

    bench.run()

    assert len(bench.delivered) == 1
    assert len(bench.ledger.restored) == 3
    assert bench.cycle.revision == bench.state.revision()


def test_runs_of_the_same_process_that_keep_recording_do_not_keep_the_cycle_from_it() -> None:
    bench = Bench({"bot1": make_book()})
    bench.state.others_record = True

    bench.run()

    assert len(bench.delivered) == 1
    assert bench.cycle.revision == bench.state.revision()


def test_cycle_that_cannot_record_delivers_nothing() -> None:
    bench = Bench({"bot1": make_book()})
    bench.state.moves = 9

    with pytest.raises(ProgressMoved):
        bench.run()

    assert bench.delivered == []
    assert bench.ledger.adopted == 0


def test_look_records_and_delivers_nothing() -> None:
    bench = Bench({"bot1": make_book()})

    report = bench.cycle.look(bench.policies)

    assert report.status is Status.OK
    assert bench.state.recordings == []
    assert bench.ledger.adopted == 0


def test_venue_without_entry_shows_its_source_down() -> None:
    bench = Bench({"bot1": make_book()})
    bench.venue.accounts = {}

    report = bench.run()

    health = next(health for health in report.bots[0].health if health.side == "venue")
    unverified = results_of(report, "bot1")["exchange_snapshot"].unverified
    assert not health.is_up
    assert unverified is not None
    assert unverified.reason is Reason.SOURCE_MISSING


def test_bot_in_two_fleets_is_unverified() -> None:
    clock, state = FixedClock(), MemoryState()
    fleets = [Fleet(name, MemoryLedger({"bot1": make_book()}, name), None) for name in ("a", "b")]
    cycle = Cycle(Collector(fleets, clock, timedelta(seconds=5)), Judge(CHECKS), state, clock)

    report = cycle.look(Policies(lambda bot: make_policy(bot=bot), (), ()))

    assert report.checked == ()
    assert report.status is Status.UNKNOWN


def test_bot_of_the_configuration_without_end_of_day_run_is_shown_with_everything_off() -> None:
    clock, state = FixedClock(), MemoryState()
    fleets = [Fleet("hbot", MemoryLedger({"bot1": make_book()}), MemoryVenue({"bot1": make_account()}))]
    view = EodView({}, 0, 0, audit_is_valid=True, unscheduled=("bot1", "swing"))
    collector = Collector(fleets, clock, timedelta(seconds=5))

    report = Cycle(collector, Judge(CHECKS), state, clock, lambda: view).look(
        Policies(lambda bot: make_policy(bot=bot), (), ())
    )

    assert [bot.bot for bot in report.expected] == ["bot1"]
    assert {result.status for result in results_of(report, "swing").values()} == {CheckStatus.DISABLED}
    assert report.status is Status.OK


def test_breaks_of_a_bot_that_a_person_took_out_leave_the_page() -> None:
    clock, state = FixedClock(), MemoryState()
    view = make_view(make_bot(make_missing("AAPL")))
    cycle = Cycle(Collector([], clock, timedelta(seconds=5)), Judge(CHECKS), state, clock, lambda: view)

    shown = cycle.look(Policies(lambda bot: make_policy(bot=bot), (), ()))
    gone = cycle.look(Policies(lambda bot: make_policy(bot=bot), (), (EOD_BOT,)))

    assert shown.eod is not None
    assert gone.eod is not None
    assert (set(shown.eod.bots), set(gone.eod.bots)) == ({EOD_BOT}, set())
    assert results_of(gone, EOD_BOT)["eod"].status is CheckStatus.DISABLED
