"""Sources that hang: their callers go on, they are not asked twice at once, and nobody else has to wait."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter import calling
from recon_exporter.calling import BoundedLedger, BoundedVenue, Bounds, Calls
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import FillStatement
from recon_exporter.domain.statement import Unavailable
from support.eod_parts import NOT_TOLD, BookLedger, BookVenue
from support.positions import BOT, NOW, make_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG, SHORT = timedelta(seconds=20), timedelta(milliseconds=20)


class Source:
    """Hangs until it is let go, and counts who asks it."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked = 0

    def answer(self) -> str | Unavailable:
        self.asked += 1
        self.gate.wait(20)
        return "late"


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source()
    yield made
    made.gate.set()


def why(answer: object) -> tuple[Reason, str]:
    assert isinstance(answer, Unavailable), answer
    return answer.reason, answer.detail


def test_answer_in_time_is_the_answer() -> None:
    assert Calls().ask("a/venue", lambda: 17, LONG) == 17


@pytest.mark.parametrize("error", [ValueError("odd"), TimeoutError("of the source itself"), SystemExit(3)])
def test_what_a_call_raises_is_raised_where_it_was_asked(error: BaseException) -> None:
    def fail() -> int:
        raise error

    with pytest.raises(type(error)):
        Calls().ask("a/venue", fail, LONG)


def test_source_that_hangs_is_unavailable_at_its_deadline_and_not_asked_again_before_it_has_ended(
    source: Source,
) -> None:
    calls = Calls()

    assert why(calls.ask("a/venue", source.answer, SHORT)) == (
        Reason.DEADLINE_EXCEEDED,
        "a/venue: no answer within 0.02 s",
    )
    assert why(calls.ask("a/venue", source.answer, SHORT)) == (
        Reason.DEADLINE_EXCEEDED,
        "a/venue: an earlier read has not ended yet",
    )
    assert source.asked == 1
    assert calls.ask("b/venue", lambda: "prompt", LONG) == "prompt"


def test_source_that_has_ended_late_is_asked_anew(source: Source) -> None:
    calls = Calls()
    calls.ask("a/venue", source.answer, SHORT)
    source.gate.set()
    for thread in threading.enumerate():
        if thread.name == "ask a/venue":
            thread.join(20)

    assert calls.ask("a/venue", lambda: "new", LONG) == "new"


def test_sources_that_hang_keep_no_other_from_being_asked(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "PROMPT_SECONDS", 0.01)
    calls = Calls()
    names = [f"{number}/venue" for number in range(3 * calling.AT_ONCE)]
    waiting = [threading.Thread(target=calls.ask, args=(name, source.answer, LONG)) for name in names]
    for thread in waiting:
        thread.start()

    assert calls.ask("b/venue", lambda: "prompt", LONG) == "prompt"

    source.gate.set()
    for thread in waiting:
        thread.join(20)


def test_bounded_sources_say_what_their_sources_say() -> None:
    bounds = Bounds(Calls(), LONG)
    statement = make_statement()
    ledger = BoundedLedger("a", BookLedger([statement]), bounds)
    venue = BoundedVenue("a", BookVenue([statement]), bounds)

    assert (ledger.name, venue.name) == ("file", "alpaca")
    assert (ledger.positions(NOW), ledger.mark()) == (statement, "()")
    assert ledger.fills(NOW, NOW) == FillStatement(BOT, "file", (), NOW, NOW)
    assert ledger.balances(NOW) is NOT_TOLD
    assert venue.positions(NOW) is statement
    assert [venue.fills(NOW, NOW), venue.balances(NOW)] == [NOT_TOLD] * 2
    assert [venue.orders(NOW), venue.activities(NOW)] == [NOT_TOLD] * 2
