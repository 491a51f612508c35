"""A page read in the sandbox of its own drill while the alert stands: each command shows what the page says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import requests

from runbooks.pages import FOLDER, Page, verification_of
from runbooks.reader import check_outcomes, run
from runbooks.stack import Stack, answer, clean_environment

if TYPE_CHECKING:
    from recon_exporter.drills.sandbox import Sandbox

MENDED_BEFORE_VERIFICATION = frozenset({"Watchdog"})
"""It is Prometheus that is dead, whom the queries of a verification are for."""


def read_page(alert: str, sandbox: Sandbox) -> None:
    """Follow the page as somebody does who was just told of the alert."""
    page, stack = Page(FOLDER / f"{alert}.md"), stack_of(sandbox)
    if alert not in MENDED_BEFORE_VERIFICATION:
        check_verification_lists_it(page, sandbox)
    steps = page.steps
    if alert in MENDED_BEFORE_VERIFICATION:
        steps = tuple(step for step in page.steps if step.section != "Verification")
    check_outcomes(steps, run(steps, stack))
    if alert in MENDED_BEFORE_VERIFICATION:
        check_after_repair(page, sandbox, stack)
    end_silences(stack)


def check_after_repair(page: Page, sandbox: Sandbox, stack: Stack) -> None:
    """Nobody answers the queries of the page before Prometheus was started again, as it says."""
    sandbox.start_prometheus()
    steps = tuple(step for step in page.steps if step.section == "Verification")
    check_outcomes(steps, run(steps, replace(stack, addresses=addresses_of(sandbox))))


def check_verification_lists_it(page: Page, sandbox: Sandbox) -> None:
    """An expression that never had a value would prove nothing by returning to empty."""
    query, _ = verification_of(page)[0]
    assert is_listed(page, sandbox, query) or is_listed(page, sandbox, sandbox.pace.expression(query)), query


def is_over(alert: str, sandbox: Sandbox) -> bool:
    """Whether the queries of the page's Verification answer what it says of the end."""
    page = Page(FOLDER / f"{alert}.md")
    promised = [(query, is_there) for query, is_there in verification_of(page) if is_there is not None]
    try:
        return all(is_listed(page, sandbox, sandbox.pace.expression(query)) is there for query, there in promised)
    except requests.RequestException:
        return False


def is_listed(page: Page, sandbox: Sandbox, query: str) -> bool:
    """Whether Prometheus answers with the bot of the page, or with anything where the page is about none."""
    found = answer(Stack(sandbox.folder, addresses_of(sandbox), {}), query)
    bot = re.search(r"BOT=([\w-]+)", page.text)
    return bool(found) if bot is None else f"'{bot[1]}'" in str(found)


def stack_of(sandbox: Sandbox) -> Stack:
    """The sandbox as the reader of a page sees it: the addresses that take the place of those printed."""
    return Stack(sandbox.folder, addresses_of(sandbox), clean_environment(sandbox.folder) | sandbox.exporter.variables)


def addresses_of(sandbox: Sandbox) -> dict[str, str]:
    """Where the servers of the sandbox listen, by the address that a page prints."""
    assert sandbox.prometheus is not None
    assert sandbox.alertmanager is not None
    return {
        "127.0.0.1:9811": sandbox.exporter.address,
        "127.0.0.1:9090": sandbox.prometheus.url.removeprefix("http://"),
        "127.0.0.1:9093": sandbox.alertmanager.url.removeprefix("http://"),
    }


def end_silences(stack: Stack) -> None:
    """A silence that the page had us add would also keep the end of the alert from us."""
    url = f"--alertmanager.url={stack.url('127.0.0.1:9093')}"
    silences = subprocess.run(["amtool", "silence", "query", "-q", url], check=True, capture_output=True, text=True)
    for silence in silences.stdout.split():
        subprocess.run(["amtool", "silence", "expire", url, silence], check=True, capture_output=True)
