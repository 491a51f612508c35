"""`recon-exporter eod`: one end-of-day run by hand; prints the breaks, and how many remain."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

import typer

from recon_exporter import __version__, logs
from recon_exporter.domain.document import to_json
from recon_exporter.domain.eod_document import eod_document
from recon_exporter.domain.eod_report import EodReport, UnverifiedSide
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.halts import FULL_RECONCILIATION
from recon_exporter.errors import ReconciliationError
from recon_exporter.reconciler import reconciled
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides

CLEAN, BREAKS, UNUSABLE, UNVERIFIED = 0, 1, 2, 3


def run(  # where it runs, and the options of the command
    overrides: Overrides,
    environment: Mapping[str, str],
    directory: Path,
    *,
    bot: str | None,
    as_json: bool,
    opens_mass_break: bool = False,
) -> int:
    """0 clean, 1 breaks, 2 configuration or state unusable, 3 a side unverified and no break counting."""
    if opens_mass_break and bot is None:
        typer.echo("eod: --open-mass-break goes with --bot: it is decided for one bot at a time", err=True)
        return UNUSABLE
    try:
        settings = load(overrides, environment, directory)
        logs.configure(settings.log.level, settings.log.format)
        reports = reconciled(settings, bot, record=True, opens_mass_break=opens_mass_break)
    except ReconciliationError as error:
        typer.echo(f"eod: {error}", err=True)
        return UNUSABLE
    if as_json:
        documents = [json.loads(to_json(eod_document(report, __version__))) for report in reports]
        typer.echo(json.dumps(documents if bot is None else documents[0], indent=2))
    else:
        print_reports(reports, settings.policy.halt_missing_positions)
    return exit_code(reports)


def exit_code(reports: Sequence[EodReport]) -> int:
    """A counting break is worse than a side that could not be read; no bot at all proves nothing."""
    if any(report.breaks_remaining() for report in reports):
        return BREAKS
    if not reports or any(report.unverified is not None for report in reports):
        return UNVERIFIED
    return CLEAN


def print_reports(reports: Sequence[EodReport], missing_limit: int) -> None:
    """The breaks of every bot as lines, halts, and the line that the runbook waits for."""
    for report in reports:
        for one in report.breaks:
            if one.counts(report.finished_at):
                found = one.discrepancy
                typer.echo(f"{found.type}: {found.symbol} — {found.detail}  [{report.bot}, {one.identifier}]")
        if report.unjudged:
            unjudged = ", ".join(f"{kind} of {count}" for kind, count in report.unjudged)
            typer.echo(f"{report.bot}: not judged: {unjudged}")
        for halt in report.halts:
            typer.echo(f"{report.bot}: {halt.told}: {halt.detail}")
        if report.unverified is not None:
            _print_unverified(report.bot, report.unverified)
    missing = sum(report.missing for report in reports)
    if missing >= missing_limit:
        typer.echo(f"{FULL_RECONCILIATION}: {missing} positions are missing")
    typer.echo(remaining(reports))


def _print_unverified(bot: str, side: UnverifiedSide) -> None:
    typer.echo(f"{bot}: {side.told}: {side.why.reason}: {side.why.detail}", err=True)
    if side.why.reason is Reason.MASS_BREAK:
        advice = f"recon-exporter eod --bot {quote(bot)} --open-mass-break"
        typer.echo(f"{bot}: where the sources are right, open them: {advice}", err=True)


def remaining(reports: Sequence[EodReport]) -> str:
    """``Breaks remaining: N``; unknown where any side is unverified, so that no false 0 is read."""
    standing = sum(report.breaks_remaining() for report in reports)
    if not reports or any(report.unverified is not None for report in reports):
        return f"Breaks remaining: unknown ({standing} standing)"
    return f"Breaks remaining: {standing}"
