"""Every cause that the end-of-day runbook resolves, from the break to `Breaks remaining: 0`, over real books.

The ledger is a SQLite file, the venue the local Alpaca behind the unmodified client, the commands are those of the
runbook. What the explanation says of profit and loss is held against the cash that the booked executions moved.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from end_to_end.eod_world import BOT, CREDENTIALS, desk
from recon_exporter import PositionReconciler
from recon_exporter.demo.alpaca_server import Fault
from recon_exporter.reconciler import Unverified
from recon_exporter.venues.alpaca import venue
from support.alpaca import QUICK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.eod_world import Desk

WEEKS = timedelta(days=14)
DAYS = timedelta(days=2)
HOUR = timedelta(hours=1)
OPENED = ["break_opened", "break_confirmed"]
TYPES = ("MISSING_AT_BROKER", "MISSING_IN_DB", "QUANTITY_MISMATCH", "PRICE_MISMATCH", "STALE_POSITION")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The folder of one bot; the command line works in it."""
    monkeypatch.chdir(tmp_path)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(venue, "Limits", lambda: QUICK)
    handlers = logging.getLogger().handlers[:]
    with desk(tmp_path) as made:
        yield made
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()


@dataclass(frozen=True)
class Found:
    """One break as a run opened it, and its explanation."""

    type: str
    symbol: str
    identifier: str
    auto_halt: bool
    explanation: dict[str, Any]

    @property
    def cause(self) -> str:
        return str(self.explanation["cause"])

    @property
    def evidence(self) -> str:
        return " ".join(self.explanation["evidence"])

    @property
    def pnl(self) -> tuple[int, int, int]:
        """Before, after, effect; in whole dollars here."""
        told = self.explanation["pnl"]
        return (told["before"], told["after"], told["effect"])


def found(bench: Desk, count: int = 1) -> list[Found]:
    """Run the reconciliation, which finds so many breaks, and have each explained."""
    said = bench.command("eod")
    assert (said.code, said.last) == (1, f"Breaks remaining: {count}"), said.err
    assert sum(bench.breaks_by_metric().values()) == count
    return [
        Found(
            one["type"],
            one["symbol"],
            one["id"],
            one["auto_halt"],
            bench.command("breaks", "explain", one["id"], "--json").json(),
        )
        for one in bench.breaks()
    ]


def resolve(bench: Desk, *breaks: Found, actions: tuple[str, ...] = ()) -> None:
    """After the ledger was corrected: write the corrections down, and have the run find nothing more."""
    for one in breaks:
        effect = "" if one.explanation["pnl"] is None else f"{one.pnl[2]}"
        what = ("--by", "ops", "--what", f"{one.symbol} corrected", f"--pnl={effect}")
        assert bench.command("audit", "add", "--break", one.identifier, *what).code == 0
    said = bench.command("eod")
    assert (said.code, said.out) == (0, "Breaks remaining: 0\n"), said.err
    assert bench.breaks_by_metric() == dict.fromkeys(TYPES, 0)
    for one in breaks:
        assert bench.actions(one.identifier) == [*OPENED, *actions, "correction_made", "break_resolved"]
    assert bench.command("audit", "verify").code == 0
    history = json.loads((bench.folder / ".state" / "eod_recon_breaks.json").read_text())["breaks"]
    assert {one["id"]: one["resolved_at"] is not None for one in history} == {one.identifier: True for one in breaks}


def cash_of(bench: Desk, symbol: str) -> Decimal:
    """What the executions in the ledger came to: the profit where the position is closed."""
    rows = bench.books.rows("SELECT side, quantity, price FROM fills WHERE symbol = ?", symbol)
    return sum((Decimal(q) * Decimal(p) * (1 if side == "sell" else -1) for side, q, p in rows), Decimal(0))


def halted(bench: Desk) -> list[str]:
    """The reasons for which the bot is to stop."""
    listed = bench.command("halt", "list", "--json").json()
    file = bench.folder / ".state" / "halt" / f"{BOT}.json"
    assert bool(listed) == file.exists()
    return [halt["reason"] for halt in listed]


def test_missing_at_broker_because_a_fill_was_missed(bench: Desk) -> None:
    bench.traded("AAPL", "10", "100", "swing-1", DAYS)
    bench.books.hold("AAPL", "10", "100")
    with bench.clock.earlier(HOUR):
        order = bench.account.fill("AAPL", "-10", "110", "swing-2")

    (one,) = found(bench)

    assert (one.type, one.cause, one.auto_halt) == ("MISSING_AT_BROKER", "missed_fill", True)
    assert order in one.evidence
    assert one.pnl == (0, 100, 100)
    assert halted(bench) == ["MISSING_AT_BROKER"]
    bench.book_order(order)
    bench.books.drop("AAPL")
    assert cash_of(bench, "AAPL") == one.pnl[1]
    resolve(bench, one)
    assert halted(bench) == ["MISSING_AT_BROKER"], "a halt outlives its break: a person clears it"
    assert bench.command("halt", "clear", "--bot", BOT, "--by", "ops", "--reason", "booked").code == 0
    assert halted(bench) == []


def test_missing_at_broker_because_the_broker_closed_it(bench: Desk) -> None:
    bench.traded("TSLA", "10", "100", "swing-1", DAYS)
    bench.books.hold("TSLA", "10", "100")
    with bench.clock.earlier(HOUR):
        order = bench.account.liquidate("TSLA", "80")

    (one,) = found(bench)

    assert (one.type, one.cause, one.auto_halt) == ("MISSING_AT_BROKER", "closed_by_broker", True)
    assert order in one.evidence
    assert one.pnl == (0, -200, -200)
    bench.book_order(order)
    bench.books.drop("TSLA")
    assert cash_of(bench, "TSLA") == one.pnl[1]
    resolve(bench, one)


def test_missing_at_broker_because_it_never_existed(bench: Desk) -> None:
    bench.books.hold("GME", "3", "20")

    (one,) = found(bench)

    assert (one.type, one.cause, one.auto_halt) == ("MISSING_AT_BROKER", "phantom", True)
    assert one.pnl == (0, 0, 0)
    bench.books.drop("GME")
    resolve(bench, one)


def test_missing_in_db_because_of_a_manual_order_is_flagged_for_review(bench: Desk) -> None:
    with bench.clock.earlier(HOUR):
        order = bench.account.manual_order("MSFT", "5", "40")

    (one,) = found(bench)

    assert (one.type, one.cause, one.auto_halt) == ("MISSING_IN_DB", "manual_order", True)
    assert order in one.evidence
    assert one.pnl == (0, 0, 0)
    assert f"breaks review {one.identifier}" in " ".join(one.explanation["steps"])
    assert bench.command("breaks", "review", one.identifier, "--by", "ops", "--reason", "who was it?").code == 0
    bench.book_order(order)
    bench.books.hold("MSFT", "5", "40")
    resolve(bench, one, actions=("break_flagged_for_review",))
    assert [(item["state"], item["for_review"]) for item in bench.breaks()] == [("resolved", True)]
    assert bench.command("breaks", "retire", one.identifier, "--by", "ops", "--reason", "it was Kim").code == 0
    assert bench.breaks() == []


def test_quantity_mismatch_because_partial_fills_were_not_recorded(bench: Desk) -> None:
    with bench.clock.earlier(DAYS):
        order = bench.account.order("AMD", "10", "swing-1")
        bench.account.execution(order, "6", "50")
    bench.book_order(order)
    with bench.clock.earlier(HOUR):
        bench.account.execution(order, "4", "50")
    bench.books.hold("AMD", "6", "50")

    (one,) = found(bench)

    assert (one.type, one.cause, one.auto_halt) == ("QUANTITY_MISMATCH", "partial_fills", True)
    assert order in one.evidence
    assert one.pnl == (0, 0, 0)
    bench.books.forget_fills()
    bench.book_order(order)
    bench.books.hold("AMD", "10", "50")
    resolve(bench, one)


def test_quantity_mismatch_because_the_exit_was_filled_in_parts_changes_the_profit(bench: Desk) -> None:
    bench.traded("AMD", "10", "50", "swing-1", DAYS)
    with bench.clock.earlier(HOUR):
        order = bench.account.fill("AMD", "-4", "55", "swing-2", parts=2)
    (first, _) = [fill for fill in bench.fills() if fill["order_id"] == order]
    bench.books.book(first)
    bench.books.hold("AMD", "8", "50")

    (one,) = found(bench)

    assert (one.type, one.cause) == ("QUANTITY_MISMATCH", "partial_fills")
    assert one.pnl == (10, 20, 10)


def test_quantity_mismatch_because_of_a_split(bench: Desk) -> None:
    bench.traded("NVDA", "10", "100", "swing-1", DAYS)
    bench.books.hold("NVDA", "10", "100")
    with bench.clock.earlier(HOUR):
        bench.account.split("NVDA", new=2, old=1)

    price, quantity = found(bench, 2)

    assert (price.type, price.cause, price.auto_halt) == ("PRICE_MISMATCH", "split", False)
    assert (quantity.type, quantity.cause, quantity.auto_halt) == ("QUANTITY_MISMATCH", "split", True)
    assert (price.pnl, quantity.pnl) == ((0, 0, 0), (0, 0, 0))
    assert sorted(halted(bench)) == ["QUANTITY_MISMATCH", "exposure"]
    bench.books.hold("NVDA", "20", "50")
    resolve(bench, price, quantity)


def test_price_mismatch_and_stale_position_are_warnings_that_halt_nobody(bench: Desk) -> None:
    bench.traded("AAPL", "1", "100", "swing-1", DAYS)
    bench.traded("IBM", "1", "100", "swing-2", DAYS)
    bench.books.book_at("AAPL", "103")
    bench.books.hold("AAPL", "1", "103")
    bench.books.hold("IBM", "1", "100", written=25 * HOUR)

    price, stale = found(bench, 2)

    assert (price.type, price.symbol, price.cause) == ("PRICE_MISMATCH", "AAPL", "wrong_price")
    assert (stale.type, stale.symbol, stale.cause) == ("STALE_POSITION", "IBM", "not_written")
    assert not price.auto_halt
    assert not stale.auto_halt
    assert halted(bench) == []
    bench.books.hold("AAPL", "1", "100")
    bench.books.hold("IBM", "1", "100")
    resolve(bench, price, stale)


def test_three_missing_positions_halt_and_call_for_a_full_manual_reconciliation(bench: Desk) -> None:
    for symbol in ("GME", "AMC", "BB"):
        bench.books.hold(symbol, "1", "20")

    said = bench.command("eod")

    assert said.last == "Breaks remaining: 3"
    assert "full manual reconciliation: 3 positions are missing" in said.out
    assert set(halted(bench)) == {"MISSING_AT_BROKER", "missing_positions"}


def test_impact_above_1000_dollars_halts_until_a_person_clears_it(bench: Desk) -> None:
    bench.traded("BRK.A", "10", "2000", "swing-1", DAYS)
    bench.books.hold("BRK.A", "9.4", "2000")

    (one,) = found(bench)

    assert (one.type, one.auto_halt) == ("QUANTITY_MISMATCH", False), "6 % is no reason to halt by itself"
    assert halted(bench) == ["exposure"]


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REFUSED, Fault.EMPTY, Fault.HALF_BOOK])
def test_side_that_proves_nothing_is_unverified_and_what_stood_stands(bench: Desk, fault: Fault) -> None:
    bench.traded("AAPL", "10", "100", "swing-1", WEEKS)
    bench.traded("IBM", "10", "100", "swing-2", WEEKS)
    bench.books.hold("AAPL", "10", "100")
    bench.books.hold("IBM", "10", "100")
    bench.server.fail(fault, "/v2/positions")

    said = bench.command("eod")

    assert (said.code, said.last) == (3, "Breaks remaining: unknown (0 standing)")
    assert "venue is unverified" in said.err
    assert bench.breaks_by_metric() == {}
    bench.server.recover()
    bench.books.hold("GME", "3", "20")
    (one,) = found(bench)
    bench.server.fail(fault, "/v2/positions")
    bench.books.drop("GME")

    said = bench.command("eod")

    assert (said.code, said.last) == (1, "Breaks remaining: unknown (1 standing)")
    assert [item["id"] for item in bench.breaks()] == [one.identifier]
    assert bench.breaks_by_metric()["MISSING_AT_BROKER"] == 1
    with pytest.raises(Unverified) as raised:
        PositionReconciler().reconcile()
    assert (raised.value.bot, raised.value.side) == (BOT, "venue")
    bench.server.recover()
    resolve(bench, one)


def test_no_bot_with_an_end_of_day_run_is_no_proof_either(bench: Desk) -> None:
    (bench.folder / "config" / "recon.yml").write_text("fleets: {hbot: {type: hbot}}\n")

    said = bench.command("eod")

    assert (said.code, said.last) == (3, "Breaks remaining: unknown (0 standing)")
    with pytest.raises(Unverified):
        PositionReconciler().reconcile()


DIAGNOSIS = """
from recon_exporter import PositionReconciler
r = PositionReconciler()
report = r.reconcile()
for d in report.get('discrepancies', []):
    print(f'{d["type"]}: {d["symbol"]} — {d["detail"]}')
"""
REMAINING = """
from recon_exporter import PositionReconciler
r = PositionReconciler()
report = r.reconcile()
print(f'Breaks remaining: {report.get("break_count", 0)}')
"""


def test_both_snippets_of_the_runbook_run_with_our_import(bench: Desk) -> None:
    bench.traded("AAPL", "10", "100", "swing-1", DAYS)
    with bench.clock.earlier(HOUR):
        bench.account.manual_order("MSFT", "5", "40")
    bench.books.hold("AAPL", "10", "100")

    shown = bench.python(DIAGNOSIS)

    told = "MISSING_IN_DB: MSFT — ledger holds none, venue holds 5 at 40; exposure 200.00 USD\n"
    assert (shown.returncode, shown.stdout) == (0, told), shown.stderr
    assert bench.python(REMAINING).stdout == "Breaks remaining: 1\n"
    history = json.loads((bench.folder / ".state" / "eod_recon_breaks.json").read_text())
    assert [one["type"] for one in history["breaks"]] == ["MISSING_IN_DB"]

    bench.books.hold("MSFT", "5", "40")

    assert bench.python(REMAINING).stdout == "Breaks remaining: 0\n"
    bench.server.fail(Fault.UNAVAILABLE)
    failed = bench.python(REMAINING)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Unverified: swing-us: venue is unverified" in failed.stderr


def test_looking_only_records_nothing(bench: Desk) -> None:
    bench.books.hold("GME", "3", "20")

    report = PositionReconciler().reconcile(record=False)

    assert report["break_count"] == 1
    assert bench.breaks() == []
    assert bench.audit() == []
