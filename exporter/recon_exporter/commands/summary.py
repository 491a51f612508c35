"""What a cycle established, as a table for a terminal."""

import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recon_exporter import bundle
from recon_exporter.domain.breaks import Break, BreakState
from recon_exporter.domain.report import BotVerdict, Report
from recon_exporter.web.runbooks import Runbooks

WIDTH_OF_A_PIPE = 160
NOT_APPLICABLE = "–"
STYLES = {"ok": "green", "warning": "yellow", "critical": "bold red", "unknown": "magenta", "unverified": "magenta"}


def print_summary(report: Report, folder: Path) -> None:
    """Print status, bots by checks, each finding and break, and what is unverified; says where the report lies."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    console.print(_headline(report))
    if report.bots:
        console.print(_table(report))
    for line in _lines(report):
        console.print(line, soft_wrap=True)
    where = folder / "synthetic" if report.synthetic else folder
    console.print(f"report: {where / 'latest.json'}", soft_wrap=True)


def _lines(report: Report) -> Iterator[Text]:
    """What the table does not tell, one a line."""
    off = {result.check for bot in report.bots for result in bot.results} - set(_checks(report))
    if off:
        yield Text(f"disabled for every bot: {', '.join(sorted(off))}", "dim")
    for blind in report.blind_fleets:
        yield Text(f"no bot found  fleet {blind.fleet}  {blind.reason}: {blind.detail}", _style("unverified"))
    runbook_of = Runbooks(bundle.part("runbooks")).of_finding()
    for finding in report.findings:
        told = f"{finding.severity:>8}  {finding.bot}  {finding.check}  {finding.message}"
        page = runbook_of(finding.check, finding.message)
        told += f"  (runbook {page})" if page else ""
        yield Text(told, _style(finding.severity))
    yield from _breaks(report)
    for bot in report.bots:
        for result in bot.results:
            if result.enabled and result.unverified is not None:
                why = f"{result.unverified.reason}: {result.unverified.detail}"
                yield Text(f"unverified  {bot.bot}  {result.check}  {why}", _style("unverified"))


def _breaks(report: Report) -> Iterator[Text]:
    """Those that cycles found and nobody has accepted; runs of the end of a day tell theirs themselves."""
    bots = () if report.eod is None else report.eod.bots.values()
    for one in (one for bot in bots for one in bot.cycle_breaks if one.counts(report.at)):
        yield Text(f"{_state(one)}  {_told(one)}", _style("warning"))


def _checks(report: Report) -> list[str]:
    """Those that are enabled for some bot: columns of the others would hide them."""
    return sorted({result.check for bot in report.bots for result in bot.results if result.enabled})


def _headline(report: Report) -> Text:
    marked = " (synthetic)" if report.synthetic else ""
    findings = "1 finding" if len(report.findings) == 1 else f"{len(report.findings)} findings"
    counts = f"{len(report.checked)} of {len(report.expected)} bots checked, {findings}"
    return Text(f"status {report.status.upper()}{marked}: {counts}", _style(report.status))


def _table(report: Report) -> Table:
    checks = _checks(report)
    table = Table("bot", "status", *checks)
    for bot in report.bots:
        status = "taken out" if bot.status is None else bot.status.value
        table.add_row(bot.bot, _word(status), *(_word(_status(bot, check)) for check in checks))
    return table


def _told(one: Break) -> str:
    found = one.discrepancy
    return f"{found.bot}  {found.type} {found.symbol}: {found.detail} (recon-exporter breaks explain {one.identifier})"


def _state(one: Break) -> str:
    """A difference that is still to be confirmed is no finding yet."""
    return "seen, not confirmed yet" if one.state is BreakState.OPEN else str(one.state)


def _status(bot: BotVerdict, check: str) -> str:
    found = [result.status for result in bot.results if result.check == check]
    return found[0].value if found else NOT_APPLICABLE


def _word(word: str) -> Text:
    return Text(word, _style(word))


def _style(word: str) -> str:
    return STYLES.get(word, "dim")
