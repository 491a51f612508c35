"""The operator's runbook, played against real books and the local Alpaca: from the page to no break."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from end_to_end.eod_world import BOT, CREDENTIALS, desk
from runbooks.pages import end_of_day_page
from runbooks.reader import check_outcomes, run
from runbooks.stack import Stack, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.eod_world import Desk
    from runbooks.pages import Step

HOURS = timedelta(hours=1)
PAGE = end_of_day_page()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A bot with an incident of each type that a run has found: a page has just arrived."""
    monkeypatch.chdir(tmp_path)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with desk(tmp_path) as bench:
        seed(bench)
        assert bench.command("eod").code == 1
        yield bench


def seed(bench: Desk) -> None:
    """Written long ago, never there, closed by the broker, ordered by hand, a fill missed, booked at another price."""
    for symbol, quantity, price in (
        ("AAPL", "5", "180"),
        ("TSLA", "10", "250"),
        ("SPY", "100", "500"),
        ("QQQ", "10", "400"),
    ):
        bench.traded(symbol, quantity, price, f"swing-{symbol}", 30 * HOURS)
        bench.books.hold(symbol, quantity, price)
    bench.books.hold("AAPL", "5", "180", written=72 * HOURS)
    bench.books.hold("MSFT", "50", "400")
    bench.books.hold("QQQ", "10", "440")
    bench.books.book_at("QQQ", "440")
    with bench.clock.earlier(20 * HOURS):
        bench.account.liquidate("TSLA", "240")
        bench.account.manual_order("NVDA", "5", "900")
        bench.account.fill("SPY", "-20", "505", "swing-exit")


def correct(bench: Desk) -> None:
    """What the page asks of the owner of the books."""
    for symbol in ("MSFT", "TSLA"):
        bench.books.drop(symbol)
    bench.books.hold("AAPL", "5", "180")
    bench.books.hold("NVDA", "5", "900")
    bench.books.hold("SPY", "80", "500")
    bench.books.hold("QQQ", "10", "400")


def shell(bench: Desk) -> Stack:
    """The reader's own shell, where the credentials are set as they are for the service."""
    return Stack(bench.folder, {}, {**clean_environment(bench.folder), **CREDENTIALS})


def steps_with(*words: str) -> list[Step]:
    """The first step, which names the bot, and those that hold one of the words."""
    return [step for index, step in enumerate(PAGE.steps) if index == 0 or any(word in step.command for word in words)]


def test_commands_run_as_printed_and_show_what_the_page_says(bench: Desk) -> None:
    check_outcomes(PAGE.steps, run(PAGE.steps, shell(bench)))


def test_every_type_of_the_page_is_there_before_and_none_after_it_was_followed(bench: Desk) -> None:
    assert {one["type"] for one in bench.breaks()} == {row["type"] for row in PAGE.table("Diagnosis")}
    correct(bench)

    _, by_command, by_python, cleared = run(
        steps_with("recon-exporter eod", "Breaks remaining", "halt clear"), shell(bench)
    )

    assert by_command == (0, "Breaks remaining: 0\n\n")
    assert by_python[1].strip() == "Breaks remaining: 0"
    assert cleared[0] == 0
    assert bench.breaks() == []
    assert set(bench.breaks_by_metric().values()) == {0}
    assert bench.command("halt", "list").last == "no halt is active"


def test_looking_with_the_snippet_of_the_page_changes_nothing(bench: Desk) -> None:
    before = (bench.audit(), bench.breaks())

    run(PAGE.steps[:1], shell(bench))

    assert (bench.audit(), bench.breaks()) == before


def test_a_side_that_cannot_be_read_gives_no_number(bench: Desk) -> None:
    (bench.folder / "trading.db").unlink()

    _, by_command, by_python = run(steps_with("recon-exporter eod", "Breaks remaining"), shell(bench))

    assert (by_command[0], "Breaks remaining: unknown (" in by_command[1]) == (1, True)
    assert by_python[0] == 1
    assert f"Unverified: {BOT}: ledger is unverified" in by_python[1]


def test_escalation_of_the_page_is_requested_by_the_run(bench: Desk) -> None:
    halts = {halt["reason"] for halt in bench.command("halt", "list", "--json").json()}

    assert {"exposure", "missing_positions", "MISSING_AT_BROKER", "MISSING_IN_DB", "QUANTITY_MISMATCH"} == halts
    assert "nothing was stopped" in bench.command("eod").out or "none configured" in bench.command("halt", "list").out
