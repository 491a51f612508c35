"""`venue fills|orders|positions`: the runbook's query of the broker, over the local Alpaca."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from end_to_end.eod_world import BOT, CREDENTIALS, desk
from end_to_end.world import now
from recon_exporter.commands import venue as command
from recon_exporter.demo.alpaca_server import Fault
from recon_exporter.domain.positions import FillStatement
from recon_exporter.venues.alpaca import venue
from support.alpaca import QUICK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from end_to_end.eod_world import Desk, Said


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An account with an order of ten days ago, one of two days ago filled in part and then canceled, and one open."""
    monkeypatch.chdir(tmp_path)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(venue, "Limits", lambda: QUICK)
    handlers = logging.getLogger().handlers[:]
    with desk(tmp_path) as made:
        with made.clock.earlier(timedelta(days=10)):
            made.account.fill("IBM", "3", "50", "swing-1")
        with made.clock.earlier(timedelta(days=2)):
            made.account.end(made.account.partial_fill("AAPL", "10", "4", "100", "swing-2"))
        made.account.order("MSFT", "1", "swing-3")
        yield made
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()


def ask(broker: Desk, what: str, *more: str) -> Said:
    return broker.command("venue", what, "--bot", BOT, *more)


def test_query_broker_for_recent_fills_tells_executions_of_the_last_week(broker: Desk) -> None:
    said = ask(broker, "fills", "--json")

    (fill,) = said.json()
    assert said.code == 0
    assert (fill["symbol"], fill["quantity"], fill["price"], fill["client_order_id"]) == ("AAPL", 4, 100, "swing-2")


def test_query_broker_for_filled_orders_tells_those_filled_in_part_and_canceled_and_no_open_ones(broker: Desk) -> None:
    said = ask(broker, "orders", "--json")

    (order,) = said.json()
    assert said.code == 0
    assert (order["symbol"], order["status"], order["filled_quantity"]) == ("AAPL", "canceled", 4)


@pytest.mark.parametrize("what", ["fills", "orders"])
def test_query_broker_after_a_date_looks_as_far_back_as_asked(broker: Desk, what: str) -> None:
    date = (now() - timedelta(days=11)).date()

    assert [one["symbol"] for one in ask(broker, what, "--after", f"{date}", "--json").json()] == ["IBM", "AAPL"]
    assert ask(broker, what, "--after", f"{now().isoformat()}").out == "the venue says: none\n"


def test_positions_are_the_whole_book_one_a_line(broker: Desk) -> None:
    said = ask(broker, "positions")

    assert said.code == 0
    assert [line.split("  ")[:2] for line in said.out.splitlines()] == [
        ["symbol=AAPL", "quantity=4"],
        ["symbol=IBM", "quantity=3"],
    ]


@pytest.mark.parametrize("what", ["fills", "orders", "positions"])
def test_venue_that_does_not_say_is_no_empty_answer(broker: Desk, what: str) -> None:
    broker.server.fail(Fault.UNAVAILABLE)

    said = ask(broker, what, "--json")

    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[-1].startswith("venue: venue_unreachable: ")


def test_log_lines_about_attempts_stay_out_of_what_programs_read(broker: Desk) -> None:
    broker.server.fail(Fault.UNAVAILABLE, "/v2/positions", times=1)

    said = ask(broker, "positions", "--json")

    assert [one["symbol"] for one in said.json()] == ["AAPL", "IBM"]
    assert "event=stamina.retry_scheduled" in said.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--bot", "nobody"), "nobody has no venue of its own; configured: swing-us"),
        (("--bot", BOT, "--after", "yesterday"), "--after 'yesterday' is no date such as 2026-03-06"),
        (("--bot", BOT, "--after", "2026-03-06T12:00:00"), "--after '2026-03-06T12:00:00' has no time zone"),
    ],
)
def test_bot_or_date_that_cannot_be_taken_is_refused(broker: Desk, arguments: tuple[str, ...], why: str) -> None:
    said = broker.command("venue", "fills", *arguments)

    assert (said.code, said.out) == (2, "")
    assert why in said.err


class Forgetful:
    """A venue that tells the last day of one symbol alone."""

    def fills(self, since: datetime, now: datetime) -> FillStatement:
        del since
        return FillStatement(BOT, "ccxt", (), now - timedelta(days=1), now, frozenset({"BTC/USDT"}))


def test_list_that_does_not_go_as_far_back_as_asked_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    at = now()
    answer = command.ask(Forgetful(), "fills", at - timedelta(days=7), at)  # type: ignore[arg-type]  # only asked this

    assert answer == ()
    assert capsys.readouterr().err.splitlines() == [
        f"venue: it tells fills since {(at - timedelta(days=1)).isoformat()}: of those before nothing is said",
        "venue: it tells fills of BTC/USDT: of others nothing is said",
    ]
