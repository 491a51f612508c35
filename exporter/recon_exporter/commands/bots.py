"""`recon-exporter bots`: who is expected and why, and whom a person has taken off the list."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import typer

from recon_exporter import app, logs
from recon_exporter.clock import SystemClock
from recon_exporter.domain.decision import RECONCILED
from recon_exporter.domain.document import to_json
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.report import ExpectedBot
from recon_exporter.domain.words import one_line
from recon_exporter.errors import ConfigurationError, StateError
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from recon_exporter.state.audit import AuditEntry
from recon_exporter.state.store import SqlState

UNUSABLE = 2
PAST = ("seen", RECONCILED)

Work = Callable[[Sequence[ExpectedBot], SqlState], int]


def run_list(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, as_json: bool) -> int:
    """0, or 2 where configuration or state are unusable."""
    return _with_fleet(
        overrides,
        environment,
        directory,
        lambda expected, state: list_bots(expected, state.load()[0], as_json=as_json),
    )


def run_forget(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, *, bot: str, by: str, reason: str
) -> int:
    """0 where the bot is expected no longer, else 2."""
    now = SystemClock().now()
    return _with_fleet(
        overrides, environment, directory, lambda expected, state: forget_bot(expected, state, now, bot, by, reason)
    )


def list_bots(expected: Sequence[ExpectedBot], memory: Memory, *, as_json: bool) -> int:
    """Print every expected bot with the reasons, then those that were forgotten."""
    names = {bot.bot for bot in expected}
    forgotten = {bot: at for bot, at in sorted(memory.forgotten.items()) if bot not in names}
    if as_json:
        typer.echo(to_json([*_expected_documents(expected, memory), *_forgotten_documents(forgotten)]))
        return 0
    for bot in expected:
        since = memory.seen.get(bot.bot)
        first = f"first seen {since:%Y-%m-%d %H:%M}Z" if since else "never seen"
        typer.echo(f"{one_line(bot.bot)}  expected: {', '.join(bot.reasons)}  {first}")
    for name, at in forgotten.items():
        typer.echo(f"{one_line(name)}  forgotten {at:%Y-%m-%d %H:%M}Z")
    if not expected:
        typer.echo("no bot is expected")
    return 0


def forget_bot(expected: Sequence[ExpectedBot], state: SqlState, now: datetime, bot: str, by: str, reason: str) -> int:
    """Forget a bot that is expected only because it was seen or reconciled; the decision goes into the audit log.

    Its breaks and halts are decided about first, each by its own command: they would go unseen without the bot.
    """
    if not by.strip() or not reason.strip():
        return _refuse("--by and --reason must say something")
    reasons = next((found.reasons for found in expected if found.bot == bot), ())
    if standing := [why for why in reasons if why not in PAST]:
        return _refuse(f"{bot} would stay expected ({', '.join(standing)}): remove it there, or set enabled to false")
    left = state.load_eod()
    breaks = [one for one in left.all_breaks if one.discrepancy.bot == bot and one.resolved_at is None]
    if breaks or any(halt.bot == bot for halt in left.halts):
        advice = "`breaks retire` and `halt clear` come first"
        return _refuse(f"{bot} has {len(breaks)} open breaks, or a halt: {advice}")
    if not state.forget(bot, AuditEntry(now, by.strip(), "bots forget", bot, reason.strip())):
        return _refuse(f"{bot} was never seen")
    typer.echo(f"{bot} is forgotten; it is expected again as soon as its logs are found")
    return 0


def _with_fleet(overrides: Overrides, environment: Mapping[str, str], directory: Path, work: Work) -> int:
    try:
        settings = load(overrides, environment, directory, opens_venues=False)
        logs.configure(settings.log.level, settings.log.format)
        with closing(open_state(settings.state.url.get_secret_value())) as state:
            cycle = app.build_cycle(settings, state, SystemClock())
            with closing(cycle):
                return work(cycle.look(settings.policies).expected, state)
    except (ConfigurationError, StateError) as error:
        return _refuse(str(error))


def _refuse(why: str) -> int:
    typer.echo(f"bots: {why}", err=True)
    return UNUSABLE


def _expected_documents(expected: Sequence[ExpectedBot], memory: Memory) -> list[Mapping[str, object]]:
    return [
        {
            "bot": bot.bot,
            "expected_because": bot.reasons,
            "first_seen": memory.seen.get(bot.bot),
            "forgotten_at": memory.forgotten.get(bot.bot),
        }
        for bot in expected
    ]


def _forgotten_documents(forgotten: Mapping[str, datetime]) -> list[Mapping[str, object]]:
    return [
        {"bot": bot, "expected_because": (), "first_seen": None, "forgotten_at": at} for bot, at in forgotten.items()
    ]
