"""A book that moves while both sides are read is followed or looked at again, never judged half-way."""

from __future__ import annotations

from datetime import timedelta

from recon_exporter.bracketing import ATTEMPTS, Bracket, Look
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable
from support.eod_parts import BookLedger, BookVenue, WaitingClock
from support.positions import make_fill, make_position, make_statement

SETTLE = timedelta(seconds=30)
BEFORE = make_statement(make_position("AAPL", "100"))
AFTER = make_statement(make_position("AAPL", "130"))


def look(ledger: BookLedger, venue: BookVenue, clock: WaitingClock | None = None) -> Look | UnverifiedSide:
    time = clock or WaitingClock()
    return Bracket(ledger, venue, lambda symbol: symbol, time, time.wait, SETTLE).look()


def at_venue(quantity: str) -> BookVenue:
    return BookVenue([make_statement(make_position("AAPL", quantity), source="alpaca")])


def test_book_that_holds_still_is_read_once() -> None:
    ledger = BookLedger([BEFORE])

    assert look(ledger, at_venue("90")) == Look(BEFORE, at_venue("90").readings[0])  # type: ignore[arg-type]
    assert ledger.reads == 1


def test_position_that_moved_agrees_where_the_venue_shows_it_before_or_after() -> None:
    for quantity in ("100", "130"):
        seen = look(BookLedger([BEFORE, AFTER]), at_venue(quantity))

        assert isinstance(seen, Look)
        assert seen.ledger == AFTER
        assert [position.quantity for position in seen.venue.positions] == [130]


def test_position_that_moved_in_steps_agrees_where_the_venue_shows_one_of_them() -> None:
    fills = (make_fill("10"), make_fill("20"))

    assert isinstance(look(BookLedger([BEFORE, AFTER], fills), at_venue("110")), Look)
    assert isinstance(look(BookLedger([BEFORE, AFTER, AFTER], fills), at_venue("115")), Look | UnverifiedSide)


def test_what_cannot_be_followed_is_looked_at_again_after_the_settle_delay() -> None:
    clock = WaitingClock()

    seen = look(BookLedger([BEFORE, AFTER, AFTER]), at_venue("115"), clock)

    assert isinstance(seen, Look)
    assert clock.waits == [SETTLE]
    assert [position.quantity for position in seen.venue.positions] == [115]


def test_book_that_never_holds_still_is_unverified_and_no_break() -> None:
    readings = [make_statement(make_position("AAPL", str(quantity))) for quantity in range(100, 120)]

    seen = look(BookLedger(list(readings)), at_venue("7"))

    assert isinstance(seen, UnverifiedSide)
    assert (seen.side, seen.why.reason) == ("both", Reason.MOVED_WHILE_READ)
    assert str(ATTEMPTS) in seen.why.detail


def test_ledger_that_fails_between_its_two_readings_is_unverified() -> None:
    gone = Unavailable(Reason.SOURCE_MISSING, "gone")

    seen = look(BookLedger([BEFORE, gone]), at_venue("100"))

    assert isinstance(seen, UnverifiedSide)
    assert seen.side == "ledger"


def test_price_of_a_followed_position_is_not_taken_from_the_ledger() -> None:
    seen = look(BookLedger([BEFORE, AFTER]), at_venue("100"))

    assert isinstance(seen, Look)
    assert [(position.average_price, position.mark_price) for position in seen.venue.positions] == [(None, None)]


def test_adapter_that_raises_leaves_its_side_unverified() -> None:
    def fail(reads: int) -> None:
        raise RuntimeError(f"read {reads}")

    broken = look(BookLedger([BEFORE], on_read=fail), at_venue("100"))

    assert isinstance(broken, UnverifiedSide)
    assert (broken.side, broken.why.reason) == ("ledger", Reason.CHECK_FAILED)
    assert broken.why.detail == "its adapter failed: RuntimeError"
