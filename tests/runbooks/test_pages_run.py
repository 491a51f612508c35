"""Every command of every page runs as printed, and shows what the page says that it shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from recon_exporter.drills.registry import DRILLS
from runbooks.pages import Page, alert_pages, expressions_of, readme
from runbooks.reader import check_outcomes, run
from runbooks.stack import answer

if TYPE_CHECKING:
    from runbooks.stack import Stack

PAGES = (*(page for page in alert_pages() if page.name not in DRILLS), readme())
"""The page of an alert that has a drill is read in its sandbox: tests/drills."""


def named(page: Page) -> str:
    return page.name


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("page", [page for page in PAGES if "   BOT=" in page.text], ids=named)
def test_verification_lists_the_bot_while_its_break_stands(page: Page, stack: Stack) -> None:
    """An expression that never had a value would prove nothing by returning to empty.

    It comes before the commands are run: some of them end what their page is about.
    """
    if page.name == "ReconciliationCleared":
        return
    bot = re.search(r"BOT=(\w+)", page.text)[1]  # type: ignore[index]
    query = next(text for text in expressions_of(page) if text in page.sections["Verification"])

    assert f"'{bot}'" in str(answer(stack, query))


@pytest.mark.needs_program("prometheus", "promtool", "prometheus-alertmanager", "amtool", "curl")
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_run_as_printed_and_show_what_the_page_says(page: Page, stack: Stack) -> None:
    check_outcomes(page.steps, run(page.steps, stack))
