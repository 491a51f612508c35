"""Every command of every page runs as printed, and shows what the page says that it shows."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from runbooks.pages import Page, alert_pages, commands_of, expressions_of, readme
from runbooks.stack import answer, readdressed

if TYPE_CHECKING:
    from runbooks.stack import Stack

PAGES = (*alert_pages(), readme())
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?"
VERDICTS = ("once", "gate", "eod")
"""Commands of ours whose exit code is an answer: not 0 here, for the fleet of the pages has breaks of all kinds."""

BREAKAGE = re.compile(r"Traceback|command not found|Usage:|[Ee]rror:|parse error|invalid")
MARK = "=== {} {} ==="


def named(page: Page) -> str:
    return page.name


def run(page: Page, stack: Stack) -> list[tuple[int, str]]:
    """Exit code and output of each step, all run by one shell, as by one reader."""
    parts = [f"{{ {step.command}\n}} 2>&1; code=$?; echo; echo {MARK.format('step', '$code')}" for step in page.steps]
    script = readdressed("\n".join(parts), stack.addresses)
    result = subprocess.run(
        ["bash", "-c", script],
        cwd=stack.folder,
        env=dict(stack.environment),
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.stderr == ""
    found = re.split(r"^" + MARK.format("step", r"(\d+)") + "\n", result.stdout, flags=re.MULTILINE)
    return [(int(code), output) for output, code in zip(found[0::2], found[1::2], strict=False)]


def pattern(line: str) -> str:
    """A line of a page as an expression: `…` stands for anything, a number for any number."""
    pieces = re.split(rf"(…|(?<![\w.]){NUMBER}(?![\w.]))", line.strip())
    return "".join(
        {"…": ".*"}.get(piece, NUMBER if index % 2 else re.escape(piece)) for index, piece in enumerate(pieces)
    )


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
    outcomes = run(page, stack)

    assert len(outcomes) == len(page.steps)
    for step, (code, output) in zip(page.steps, outcomes, strict=True):
        last = list(commands_of(step.command))[-1]
        is_verdict = "recon-exporter" in last and bool(set(last) & set(VERDICTS))
        assert code == 0 or (is_verdict and code in (1, 3)), f"{step.command}\n{output}"
        assert not BREAKAGE.search(output), f"{step.command}\n{output}"
        for line in step.expected:
            assert re.search(pattern(line), output), f"{line}\nnot shown by\n{step.command}\n{output}"
