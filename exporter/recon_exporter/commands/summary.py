"""What a cycle established, as a table for a terminal."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recon_exporter.domain.report import BotVerdict, Report

WIDTH_OF_A_PIPE = 160
NOT_APPLICABLE = "–"
STYLES = {"ok": "green", "warning": "yellow", "critical": "bold red", "unknown": "magenta", "unverified": "magenta"}


def print_summary(report: Report, folder: Path) -> None:
    """Print status, bots by checks, and each finding with what is unverified; says where the report lies."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    console.print(_headline(report))
    if report.bots:
        console.print(_table(report))
    for blind in report.blind_fleets:
        console.print(Text(f"no bot found  fleet {blind.fleet}  {blind.reason}: {blind.detail}", _style("unverified")))
    for finding in report.findings:
        console.print(
            Text(f"{finding.severity:>8}  {finding.bot}  {finding.check}  {finding.message}", _style(finding.severity))
        )
    for bot in report.bots:
        for result in bot.results:
            if result.enabled and result.unverified is not None:
                why = f"{result.unverified.reason}: {result.unverified.detail}"
                console.print(Text(f"unverified  {bot.bot}  {result.check}  {why}", _style("unverified")))
    where = folder / "synthetic" if report.synthetic else folder
    console.print(f"report: {where / 'latest.json'}", soft_wrap=True)


def _headline(report: Report) -> Text:
    marked = " (synthetic)" if report.synthetic else ""
    counts = f"{len(report.checked)} of {len(report.expected)} bots checked, {len(report.findings)} findings"
    return Text(f"status {report.status.upper()}{marked}: {counts}", _style(report.status))


def _table(report: Report) -> Table:
    checks = sorted({result.check for bot in report.bots for result in bot.results})
    table = Table("bot", "status", *checks)
    for bot in report.bots:
        status = "taken out" if bot.status is None else bot.status.value
        table.add_row(bot.bot, _word(status), *(_word(_status(bot, check)) for check in checks))
    return table


def _status(bot: BotVerdict, check: str) -> str:
    found = [result.status for result in bot.results if result.check == check]
    return found[0].value if found else NOT_APPLICABLE


def _word(word: str) -> Text:
    return Text(word, _style(word))


def _style(word: str) -> str:
    return STYLES.get(word, "dim")
