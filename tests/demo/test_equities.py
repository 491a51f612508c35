"""The demonstration's equities bot: both of its books agree but for the sale that it missed, until that is booked."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import until
from recon_exporter.clock import SystemClock
from recon_exporter.demo.end_of_day import EndOfDay
from recon_exporter.demo.equities import BOOK, BOT, CREDENTIALS, HOLDINGS, Equities
from recon_exporter.demo.operating import Operator
from recon_exporter.demo.trading_book import FILLS, POSITIONS
from recon_exporter.domain.comparison import compare
from recon_exporter.domain.positions import FillStatement, PositionStatement
from recon_exporter.ledgers.sql import SqlLedger, SqlQueries
from recon_exporter.venues.alpaca import Access, AlpacaVenue
from support.alpaca import QUICK
from support.positions import make_terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = SystemClock()


@pytest.fixture
def equities(tmp_path: Path) -> Iterator[Equities]:
    made = Equities(tmp_path, CLOCK)
    made.prepare()
    with made.server:
        yield made


def ledger(folder: Path) -> SqlLedger:
    return SqlLedger(BOT, f"sqlite:///{folder / BOOK}", SqlQueries(POSITIONS, FILLS))


def venue(equities: Equities) -> AlpacaVenue:
    api_key, secret = CREDENTIALS.values()
    return AlpacaVenue(BOT, Access(api_key, secret, paper=True, base_url=equities.server.url), CLOCK, QUICK)


def differences(equities: Equities, folder: Path) -> list[tuple[str, str]]:
    """Type and symbol of each, as an end-of-day run compares them."""
    ours, theirs = ledger(folder).positions(CLOCK.now()), venue(equities).positions(CLOCK.now())
    assert isinstance(ours, PositionStatement)
    assert isinstance(theirs, PositionStatement)
    found = compare(ours, theirs, make_terms(), CLOCK.now())
    assert found.compared >= len(HOLDINGS) - 1
    return [(one.type, one.symbol) for one in found.discrepancies]


def test_books_agree_but_for_the_missed_sale_until_it_is_booked(equities: Equities, tmp_path: Path) -> None:
    assert differences(equities, tmp_path) == []

    for _ in range(2):
        equities.miss_a_fill()
        assert differences(equities, tmp_path) == [("MISSING_AT_BROKER", "AAPL")]

        equities.book_the_missed_fill()
        assert differences(equities, tmp_path) == []

        equities.buy_back()
        assert differences(equities, tmp_path) == []


def test_both_sides_have_the_same_executions(equities: Equities, tmp_path: Path) -> None:
    equities.miss_a_fill()
    since = CLOCK.now() - timedelta(days=7)
    ours, theirs = ledger(tmp_path).fills(since, CLOCK.now()), venue(equities).fills(since, CLOCK.now())
    assert isinstance(ours, FillStatement)
    assert isinstance(theirs, FillStatement)

    known = {fill.fill_id for fill in ours.fills}
    (missed,) = [fill for fill in theirs.fills if fill.fill_id not in known]
    assert (missed.symbol, missed.quantity) == ("AAPL", Decimal(-40))
    assert CLOCK.now() - missed.at > timedelta(minutes=10)


class Typist(Operator):
    """Writes down what it would have run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {}, lambda _: None)
        self.typed: list[str] = []

    def run(self, *arguments: str) -> None:
        self.typed.append(" ".join(arguments[:2]))


def test_person_runs_the_reconciliation_books_and_clears(equities: Equities, tmp_path: Path) -> None:
    typist = Typist(tmp_path)
    day = EndOfDay(equities, typist)
    day.start()

    day.begin()
    until(lambda: len(typist.typed) == 1, "the run that finds it")
    assert differences(equities, tmp_path) == [("MISSING_AT_BROKER", "AAPL")]
    day.end()
    until(lambda: len(typist.typed) == 3, "the run after the booking, and the halt cleared")
    until(lambda: differences(equities, tmp_path) == [], "the position is bought back")
    day.stop()

    assert typist.typed == ["eod --bot", "eod --bot", "halt clear"]


def test_operator_tells_what_a_command_prints_and_runs_nothing_once_stopped(tmp_path: Path) -> None:
    told: list[str] = []
    operator = Operator(tmp_path, {}, told.append)

    operator.run("--version")
    operator.stop()
    operator.run("--version")

    assert len(told) == 1
    assert told[0].startswith("recon-exporter ")


def test_operator_that_is_stopped_ends_its_command(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "recon.yml").write_text("fleets: {hbot: {type: hbot}}\n")
    operator = Operator(tmp_path, {}, lambda _: None)
    thread = threading.Thread(target=operator.run, args=("serve", "--web.listen-address=127.0.0.1:0"))
    thread.start()
    until((tmp_path / ".state").exists, "the command runs")

    operator.stop()
    thread.join(5)

    assert not thread.is_alive()
