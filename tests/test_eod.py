"""One end-of-day run: what confirms a break, what gives no verdict, what is recorded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter import looking
from recon_exporter.domain.breaks import BreakState
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.scope import Scope
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.eod import Occasion
from support.eod_parts import BookLedger, BookVenue, EodBench, bench
from support.positions import BOT, HOUR, NOW, make_position, make_statement

if TYPE_CHECKING:
    from recon_exporter.domain.eod_report import UnverifiedSide
    from recon_exporter.domain.positions import PositionStatement

AAPL = make_position("AAPL", "100")
HELD = make_statement(AAPL)
NONE = make_statement(source="alpaca")
AGREES = make_statement(AAPL, source="alpaca")
DOWN = Unavailable(Reason.VENUE_UNREACHABLE, "no answer")


def reason(side: UnverifiedSide | None) -> tuple[str, Reason]:
    assert side is not None
    return side.side, side.why.reason


def missing() -> EodBench:
    return bench([HELD], [NONE])


def test_books_that_agree_are_clean_at_the_first_look() -> None:
    subject = bench([HELD], [AGREES])

    report = subject.run()

    assert (report.unverified, report.discrepancies, report.breaks_remaining()) == (None, (), 0)
    assert report.compared == 1
    assert subject.clock.waits == []


def test_empty_books_with_proof_agree() -> None:
    assert bench([make_statement()], [NONE]).run().breaks_remaining() == 0


def test_break_in_a_symbol_that_leaves_the_scope_stands_until_it_returns() -> None:
    """Both sides tell nothing of it any more, which proves nothing."""
    subject = missing()
    subject.run()
    subject.scope = Scope.of(Symbols.of({}), None, ["AAPL"])
    left = subject.run()
    subject.scope = None
    subject.venue = BookVenue([AGREES])
    back = subject.run()

    assert (left.compared, left.discrepancies, left.breaks_remaining()) == (0, (), 1)
    assert back.breaks_remaining() == 0


def test_difference_is_a_confirmed_break_when_the_second_look_sees_it_too() -> None:
    subject = missing()

    report = subject.run()

    assert [one.state for one in report.breaks] == [BreakState.CONFIRMED]
    assert subject.clock.waits == [timedelta(seconds=30)]
    assert report.breaks_remaining() == 1


def test_fill_in_flight_is_gone_at_the_second_look() -> None:
    subject = bench([HELD], [NONE, AGREES])

    assert subject.run().breaks_remaining() == 0
    assert subject.state.breaks == ()


def test_what_only_the_last_look_saw_stays_open_and_does_not_halt() -> None:
    other = make_statement(make_position("AAPL", "100"), make_position("TSLA", "5"), source="alpaca")
    books = [NONE, other, NONE, other]
    subject = bench([HELD], books)

    report = subject.run()

    assert {one.state for one in report.breaks} == {BreakState.OPEN}
    assert report.halts == ()


@pytest.mark.parametrize(
    ("ledger", "venue", "expected"),
    [
        ([DOWN], [AGREES], ("ledger", Reason.VENUE_UNREACHABLE)),
        ([HELD], [DOWN], ("venue", Reason.VENUE_UNREACHABLE)),
        ([HELD], [NONE, DOWN], ("venue", Reason.VENUE_UNREACHABLE)),
    ],
)
def test_side_that_cannot_be_read_gives_no_verdict(
    ledger: list[object], venue: list[object], expected: tuple[str, Reason]
) -> None:
    report = bench(ledger, venue).run()  # type: ignore[arg-type]

    assert reason(report.unverified) == expected
    assert report.discrepancies == ()


def test_breaks_of_before_stand_through_an_unverified_run() -> None:
    subject = missing()
    subject.run()
    subject.venue.readings = [DOWN]

    report = subject.run()

    assert report.breaks_remaining() == 1
    mark = subject.state.memory.marks[BOT]
    assert mark.completed_at == NOW + timedelta(seconds=30)
    assert reason(mark.unverified) == ("venue", Reason.VENUE_UNREACHABLE)


def test_break_is_resolved_by_a_verified_run_that_finds_it_gone_and_keeps_its_age_before() -> None:
    subject = missing()
    first = subject.run()
    subject.clock.at += 2 * HOUR
    same = subject.run()
    subject.venue.readings = [AGREES]

    last = subject.run()

    assert same.breaks[0].first_seen == first.breaks[0].first_seen
    assert [one.identifier for one in last.resolved] == [first.breaks[0].identifier]
    assert last.breaks_remaining() == 0


def test_halt_is_raised_once_and_never_lowered_by_a_run() -> None:
    subject = missing()

    assert {halt.reason for halt in subject.run().halts} == {"MISSING_AT_BROKER", "exposure"}
    assert subject.run().halts == ()
    subject.venue.readings = [AGREES]
    subject.run()
    assert len(subject.state.halts) == 2


def test_more_new_breaks_than_one_source_can_have_is_a_suspected_feed_and_no_flood() -> None:
    subject = bench([make_statement(*(make_position(f"S{number}", "1") for number in range(4)))], [NONE])
    subject.mass_limit = 3

    report = subject.run()

    assert reason(report.unverified) == ("both", Reason.MASS_BREAK)
    assert subject.state.breaks == ()


def crowd(positions: int, limit: int) -> EodBench:
    """A ledger with so many positions that the venue has not."""
    made = bench([make_statement(*(make_position(f"S{number}", "1") for number in range(positions)))], [NONE])
    made.mass_limit = limit
    return made


def test_mass_break_says_how_many_of_which_type_and_halts_nothing() -> None:
    subject = crowd(4, limit=3)

    report = subject.run()

    assert report.unverified is not None
    assert report.unverified.why.detail == "4 MISSING_AT_BROKER are new in one run, more than 3: a source is suspected"
    assert (report.halts, subject.state.halts) == ((), ())


def test_mass_break_is_opened_and_halts_where_a_person_says_that_the_sources_are_right() -> None:
    subject = crowd(4, limit=3)
    subject.run()

    report = subject.run(Occasion(opens_mass_break=True))

    assert (report.unverified, report.breaks_remaining()) == (None, 4)
    assert {one.state for one in report.breaks} == {BreakState.CONFIRMED}
    assert {halt.reason for halt in report.halts} == {"MISSING_AT_BROKER", "missing_positions"}
    acts = subject.state.recordings[-1].acts
    assert (acts[0].action, acts[0].reason) == (
        "mass_break_opened",
        "4 MISSING_AT_BROKER are new in one run, more than 3: a person says that the sources are right",
    )


def test_mass_break_that_was_opened_is_none_in_the_next_run() -> None:
    subject = crowd(4, limit=3)
    subject.run(Occasion(opens_mass_break=True))

    assert subject.run().breaks_remaining() == 4


def test_word_that_sources_are_right_is_an_ordinary_run_where_few_breaks_are_new() -> None:
    subject = crowd(3, limit=3)

    assert subject.run(Occasion(opens_mass_break=True)).breaks_remaining() == 3
    assert "mass_break_opened" not in {act.action for act in subject.state.recordings[0].acts}


def test_run_whose_canaries_were_missed_is_unverified() -> None:
    subject = bench([HELD], [AGREES])
    subject.missed = ("PRICE_MISMATCH",)

    report = subject.run()

    assert reason(report.unverified) == ("both", Reason.CANARY_MISSED)
    assert report.canaries_missed == ("PRICE_MISMATCH",)


def test_run_records_break_halts_mark_and_audit_together_also_where_another_process_moved_on() -> None:
    subject = missing()
    subject.state.moves = 3

    subject.run(Occasion(NOW, is_late=True))

    (recording,) = subject.state.recordings
    assert len(recording.breaks) == 1
    assert {act.action for act in recording.acts} >= {"break_opened", "halt_raised", "run_completed"}
    assert recording.mark is not None
    assert recording.mark.served_due_at == NOW


@pytest.mark.parametrize(("ours", "theirs"), [(AGREES, NONE), (NONE, AGREES)])
def test_run_whose_look_is_older_than_that_of_another_process_looks_again(
    ours: PositionStatement, theirs: PositionStatement
) -> None:
    """A process that was stopped between its look and its record undoes nothing of what another saw after it."""
    subject = bench([HELD], [ours, ours, theirs])
    other = EodBench(BookLedger([HELD]), BookVenue([theirs]), subject.state, subject.clock)
    last_read_of_first_looks = 1 if ours is AGREES else 2

    def overtake(read: int) -> None:
        if read == last_read_of_first_looks:
            subject.venue.readings[read - 1 :] = [ours, theirs]
            other.run()

    subject.ledger.on_read = overtake
    report = subject.run()

    assert report.breaks_remaining() == len(subject.state.breaks) == (1 if theirs is NONE else 0)
    assert bool(subject.state.halts) == (theirs is NONE)
    assert len(subject.state.recordings) == 2


def test_clean_runs_are_journalled_too() -> None:
    subject = bench([HELD], [AGREES])
    subject.run()

    assert [act.action for act in subject.state.recordings[0].acts] == ["run_completed"]


def test_runs_without_a_verdict_are_journalled_with_the_side_and_the_reason() -> None:
    subject = bench([HELD], [DOWN])
    subject.run()

    (act,) = subject.state.recordings[0].acts
    assert (act.action, act.reason) == ("run_unverified", "venue: venue_unreachable: no answer")


def test_break_that_is_found_again_as_it_was_is_recorded_as_seen_again() -> None:
    subject = missing()
    first = subject.run().breaks[0]
    subject.clock.at += HOUR

    again = subject.run().breaks[0]

    assert subject.state.breaks == (again,)
    assert (again.times_seen, again.last_seen > first.last_seen) == (2, True)


def test_replaying_a_run_changes_nothing_but_times_seen() -> None:
    subject = missing()
    first = subject.run()
    again = subject.run()

    assert [one.identifier for one in again.breaks] == [one.identifier for one in first.breaks]
    assert again.opened == ()


def test_comparison_that_fails_gives_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(looking, "compare", fails)

    report = missing().run()

    assert reason(report.unverified) == ("both", Reason.CHECK_FAILED)


def test_run_by_hand_leaves_the_scheduled_time_served() -> None:
    subject = missing()
    subject.run(Occasion(NOW - HOUR))

    subject.run()

    assert subject.state.memory.marks[BOT].served_due_at == NOW - HOUR


def test_what_tolerances_let_through_adds_up_over_the_runs() -> None:
    subject = bench([make_statement(make_position("AAPL", "100.5"))], [AGREES])
    subject.tolerance = "1"

    subject.run()
    subject.run()

    assert subject.state.memory.marks[BOT].tolerated == (Decimal(1), Decimal(0))
