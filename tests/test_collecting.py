"""Sources that are slow, hang or fail."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from recon_exporter.collecting import Collector
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Book, Unavailable
from recon_exporter.errors import SourceError, SourceUnreadable
from recon_exporter.ports import Fleet
from support.evidence import make_account, make_book
from support.parts import FixedClock, MemoryLedger, MemoryVenue


def reason(statement: object) -> Reason:
    assert isinstance(statement, Unavailable)
    return statement.reason


def collector(ledger: MemoryLedger, *, deadline: float = 5.0) -> Collector:
    venue = MemoryVenue({"bot1": make_account()})
    return Collector([Fleet("hbot", ledger, venue)], FixedClock(), timedelta(seconds=deadline))


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (SourceError("gone"), Reason.SOURCE_MISSING),
        (SourceUnreadable("closed"), Reason.SOURCE_UNREADABLE),
        (PermissionError("closed"), Reason.SOURCE_UNREADABLE),
        (ValueError("odd"), Reason.SOURCE_UNREADABLE),
    ],
)
def test_source_that_raises_is_unavailable_with_its_reason(failure: Exception, expected: Reason) -> None:
    collected = collector(MemoryLedger({"bot1": make_book()}, failure=failure)).collect()

    assert reason(collected.book("bot1")) is expected
    assert not isinstance(collected.account("bot1"), Unavailable)


def test_hanging_source_is_given_up_at_its_deadline_and_is_never_read_twice_at_once() -> None:
    gate = threading.Event()
    reading = collector(MemoryLedger({"bot1": make_book()}, gate=gate), deadline=0.05)

    first = reading.collect()
    second = reading.collect()
    gate.set()

    assert reason(first.book("bot1")) is Reason.DEADLINE_EXCEEDED
    assert reason(second.book("bot1")) is Reason.DEADLINE_EXCEEDED


def test_late_answer_is_that_of_a_later_cycle() -> None:
    gate = threading.Event()
    ledger = MemoryLedger({"bot1": make_book()}, gate=gate)
    reading = collector(ledger, deadline=0.05)
    reading.collect()
    gate.set()
    waiting = reading._late["hbot/ledger"]
    waiting.result(10)

    collected = reading.collect()
    reading.recorded(collected)

    assert isinstance(collected.book("bot1"), Book)
    assert ledger.adopted == 1


def test_ledger_that_still_reads_is_restored_when_it_has_ended() -> None:
    gate = threading.Event()
    ledger = MemoryLedger({"bot1": make_book()}, gate=gate)
    reading = collector(ledger, deadline=0.05)
    reading.collect()
    reading.restore({"hbot": {"key": "text"}})
    assert ledger.restored == []

    gate.set()
    reading._late["hbot/ledger"].result(10)
    collected = reading.collect()

    assert ledger.restored == [{"key": "text"}]
    assert isinstance(collected.book("bot1"), Book)


def test_bot_that_nobody_holds_is_missing() -> None:
    assert reason(collector(MemoryLedger({})).collect().book("bot1")) is Reason.SOURCE_MISSING


@pytest.mark.parametrize("why", [Reason.SOURCE_STALE, Reason.SOURCE_MALFORMED, Reason.TIME_IN_FUTURE])
def test_venue_that_says_nothing_of_any_bot_tells_each_of_them_why(why: Reason) -> None:
    venue = MemoryVenue(Unavailable(why, "the whole snapshot"))
    ledger = MemoryLedger({"bot1": make_book()})
    collected = Collector([Fleet("hbot", ledger, venue)], FixedClock(), timedelta(seconds=5)).collect()

    assert (reason(collected.account("bot1")), reason(collected.account("bot2"))) == (why, why)


def test_bot_without_entry_at_the_venue_has_no_account() -> None:
    collected = collector(MemoryLedger({"bot2": make_book(bot="bot2")})).collect()

    assert reason(collected.account("bot2")) is Reason.SOURCE_MISSING


def test_account_of_a_bot_that_no_fleet_holds_is_that_of_the_exporters_own_snapshot() -> None:
    own = MemoryVenue({"bot9": make_account(bot="bot9")})
    collected = Collector([], FixedClock(), timedelta(seconds=5), accounts=own).collect()

    assert collected.account("bot9") == make_account(bot="bot9")
    assert reason(collected.account("bot8")) is Reason.SOURCE_MISSING
