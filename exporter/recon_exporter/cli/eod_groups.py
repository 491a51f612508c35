"""The groups of commands about end-of-day runs: breaks, halt, audit, venue."""

import os
from pathlib import Path
from typing import Annotated

import typer

breaks = typer.Typer(help="The breaks of end-of-day runs and of cycles, and their life.", no_args_is_help=True)
halt = typer.Typer(help="The latched halts.", no_args_is_help=True)
audit = typer.Typer(help="The audit log.", no_args_is_help=True)
venue = typer.Typer(help="What the venue says of one bot, read-only.", no_args_is_help=True)
EOD_GROUPS = {"breaks": breaks, "halt": halt, "audit": audit, "venue": venue}

By = Annotated[str, typer.Option("--by", help="who decides so")]
Reason = Annotated[str, typer.Option("--reason", help="why; kept in the audit log")]
Identifier = Annotated[str, typer.Argument(help="the id, or its beginning, from `breaks list`")]
Bot = Annotated[str, typer.Option("--bot", help="which bot")]
After = Annotated[str | None, typer.Option("--after", help="a date, or a time with zone; a week ago without")]
AsJson = Annotated[bool, typer.Option("--json")]


@breaks.command("list")
def breaks_list(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="resolved ones too")] = False,
    as_json: AsJson = False,
) -> None:
    """The open breaks, and those flagged for review."""
    from recon_exporter.commands import breaks as command

    raise typer.Exit(command.run_list(context.obj, os.environ, Path(), everything=everything, as_json=as_json))


@breaks.command("show")
def breaks_show(context: typer.Context, identifier: Identifier) -> None:
    """One break with its whole life, as JSON."""
    from recon_exporter.commands import breaks as command

    raise typer.Exit(command.run_show(context.obj, os.environ, Path(), identifier))


@breaks.command("ack")
def breaks_ack(context: typer.Context, identifier: Identifier, by: By, reason: Reason) -> None:
    """Somebody looks after it; it counts on."""
    _decide(context, identifier, "ack", by, reason)


@breaks.command("review")
def breaks_review(context: typer.Context, identifier: Identifier, by: By, reason: Reason) -> None:
    """Keep it on the list, also after it is resolved, until it is retired."""
    _decide(context, identifier, "review", by, reason)


@breaks.command("accept")
def breaks_accept(
    context: typer.Context,
    identifier: Identifier,
    until: Annotated[str, typer.Option("--until", help="a date, or a time with zone")],
    by: By,
    reason: Reason,
) -> None:
    """Let it not count until a date; with four eyes a second person has to accept it too."""
    _decide(context, identifier, "accept", by, reason, until)


@breaks.command("retire")
def breaks_retire(context: typer.Context, identifier: Identifier, by: By, reason: Reason) -> None:
    """End it by a person's word, or close its review."""
    _decide(context, identifier, "retire", by, reason)


@breaks.command("explain")
def breaks_explain(context: typer.Context, identifier: Identifier, as_json: AsJson = False) -> None:
    """The probable cause, with evidence, corrective steps and the effect on P&L; proposes only."""
    from recon_exporter.commands import explain as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), identifier, as_json=as_json))


@halt.command("list")
def halt_list(context: typer.Context, as_json: AsJson = False) -> None:
    """The halts that stand."""
    from recon_exporter.commands import halts as command

    raise typer.Exit(command.run_list(context.obj, os.environ, Path(), as_json=as_json))


@halt.command("clear")
def halt_clear(context: typer.Context, bot: Bot, by: By, reason: Reason) -> None:
    """Clear the halts of a bot; the breaks behind them stand."""
    from recon_exporter.commands import halts as command

    raise typer.Exit(command.run_clear(context.obj, os.environ, Path(), bot=bot, by=by, reason=reason))


@audit.command("show")
def audit_show(context: typer.Context, as_json: AsJson = False) -> None:
    """Every entry, oldest first; with --json one object a line."""
    from recon_exporter.commands import audit as command

    raise typer.Exit(command.run_show(context.obj, os.environ, Path(), as_json=as_json))


@audit.command("verify")
def audit_verify(context: typer.Context) -> None:
    """Follow the chain from its beginning; exits 1 where an entry was edited, deleted or moved."""
    from recon_exporter.commands import audit as command

    raise typer.Exit(command.run_verify(context.obj, os.environ, Path()))


@audit.command("add")
def audit_add(
    context: typer.Context,
    subject: Annotated[str, typer.Option("--break", help="the id of the break")],
    by: By,
    what: Annotated[str, typer.Option("--what", help="what was corrected")],
    pnl: Annotated[str, typer.Option("--pnl", help="its effect on P&L")] = "",
) -> None:
    """Write down a correction that a person made."""
    from recon_exporter.commands import audit as command

    raise typer.Exit(command.run_add(context.obj, os.environ, Path(), command.Correction(subject, by, what, pnl)))


@venue.command("fills")
def venue_fills(context: typer.Context, bot: Bot, after: After = None, as_json: AsJson = False) -> None:
    """Every execution."""
    _ask(context, "fills", bot, after, as_json=as_json)


@venue.command("orders")
def venue_orders(context: typer.Context, bot: Bot, after: After = None, as_json: AsJson = False) -> None:
    """Orders that were filled, wholly or in part."""
    _ask(context, "orders", bot, after, as_json=as_json)


@venue.command("positions")
def venue_positions(context: typer.Context, bot: Bot, as_json: AsJson = False) -> None:
    """The whole book."""
    _ask(context, "positions", bot, None, as_json=as_json)


def _decide(  # the options of the command as they are
    context: typer.Context, identifier: str, name: str, by: str, reason: str, until: str | None = None
) -> None:
    from recon_exporter.commands import breaks as command

    decision = command.Decision(name, by, reason, until)
    raise typer.Exit(command.run_act(context.obj, os.environ, Path(), identifier, decision))


def _ask(context: typer.Context, what: str, bot: str, after: str | None, *, as_json: bool) -> None:
    from recon_exporter.commands import venue as command

    question = command.Question(what, bot, after)
    raise typer.Exit(command.run(context.obj, os.environ, Path(), question, as_json=as_json))
