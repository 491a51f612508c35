"""Of what a side does not cover its silence says nothing, whatever is to be explained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recon_exporter.domain.covered_records import covered_records
from recon_exporter.domain.explanation import explain
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.movements import Cause
from recon_exporter.domain.positions import FillStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from support.positions import DAY, HOUR, NOW, break_of, make_fill, make_order, make_position, make_terms

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.positions import Fill
    from recon_exporter.domain.trail import Records

SYMBOLS = Symbols.of({})
ASKED = NOW - 7 * DAY
OLD = make_fill("10", "100", order_id="order-1", at=NOW - 5 * DAY)
NEW = make_fill("-4", "100", order_id="order-2", at=NOW - HOUR)
PHANTOM = break_of([make_position("AAPL", "10", "100")], [])


def statement(*fills: Fill, since: datetime = ASKED, **changes: object) -> FillStatement:
    told = FillStatement("swing-us", "made up", fills, since, NOW)
    return replace(told, **changes)  # type: ignore[arg-type]  # names and types are those of FillStatement


def records(ledger: FillStatement, venue: FillStatement | Unavailable) -> Records:
    orders = tuple(make_order(name, "10", at=at) for name, at in (("order-1", OLD.at), ("order-2", NEW.at)))
    return covered_records("AAPL", ASKED, (ledger, venue), orders, (), SYMBOLS)


def test_all_is_there_where_both_sides_cover_what_was_asked() -> None:
    told = records(statement(OLD, NEW), statement(OLD, NEW))

    assert (told.since, told.ledger_fills, told.venue_fills) == (ASKED, (OLD, NEW), (OLD, NEW))
    assert len(told.orders) == 2  # type: ignore[arg-type]  # orders were told


def test_what_is_older_than_the_venue_tells_is_left_out_on_both_sides() -> None:
    told = records(statement(OLD, NEW), statement(NEW, since=NOW - DAY))

    assert (told.since, told.ledger_fills, told.venue_fills) == (NOW - DAY, (NEW,), (NEW,))
    assert [order.order_id for order in told.orders] == ["order-2"]  # type: ignore[union-attr]  # likewise


def test_venue_that_does_not_tell_the_symbol_is_no_proof_that_nothing_was_executed() -> None:
    told = covered_records("AAPL", ASKED, (statement(OLD), statement(symbols=frozenset({"MSFT"}))), (), (), SYMBOLS)

    assert isinstance(told.venue_fills, Unavailable)
    assert told.venue_fills.reason is Reason.SOURCE_INCOMPLETE
    assert explain(PHANTOM, told, make_terms()).cause is not Cause.PHANTOM


def test_side_that_could_not_be_read_stays_unread() -> None:
    down = Unavailable(Reason.VENUE_UNREACHABLE, "no answer")

    assert records(statement(OLD), down).venue_fills is down
