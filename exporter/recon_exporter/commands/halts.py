"""`recon-exporter halt`: the latched halts; a person clears them, and says why."""

from collections.abc import Mapping
from pathlib import Path

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.commands.opened import deliver, refused, with_state
from recon_exporter.domain.document import to_json
from recon_exporter.domain.eod_document import halt_document
from recon_exporter.errors import ProgressMoved
from recon_exporter.outgoing_eod import clearance_entries
from recon_exporter.ports import AuditAct, EodRecording, EodState
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state.store import SqlState

ATTEMPTS = 5


def run_list(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, as_json: bool) -> int:
    """0, or 2 where configuration or state are unusable."""
    return with_state("halt", overrides, environment, directory, lambda state, _: list_halts(state, as_json=as_json))


def run_clear(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, *, bot: str, by: str, reason: str
) -> int:
    """0 where the bot's halts are cleared, else 2. The halt file goes with them."""

    def work(state: SqlState, settings: Settings) -> int:
        code = clear(state, bot, by, reason)
        deliver(state, settings)
        return code

    return with_state("halt", overrides, environment, directory, work)


def list_halts(state: EodState, *, as_json: bool) -> int:
    """Print every halt that stands."""
    halts = state.load_eod().halts
    if as_json:
        typer.echo(to_json([halt_document(halt) for halt in halts]))
        return 0
    for halt in halts:
        since = f"since {halt.since:%Y-%m-%d %H:%M}Z"
        typer.echo(f"{halt.bot}  {halt.reason}  {since}  action: {halt.action}  {halt.detail}")
    if not halts:
        typer.echo("no halt is active")
    return 0


def clear(state: EodState, bot: str, by: str, reason: str) -> int:
    """Clear all halts of a bot; the decision goes into the audit log."""
    if not by.strip() or not reason.strip():
        return refused("halt", "--by and --reason must say something")
    now = SystemClock().now()
    for _ in range(ATTEMPTS):
        memory = state.load_eod()
        halts = [halt for halt in memory.halts if halt.bot == bot]
        if not halts:
            return refused("halt", f"{bot} is not halted")
        act = AuditAct(by.strip(), "halt_cleared", bot, reason.strip())
        outgoing = clearance_entries(bot, now)
        try:
            state.record_eod(EodRecording(now, memory.revision, cleared=(bot,), acts=(act,), outgoing=outgoing))
        except ProgressMoved:
            continue
        typer.echo(f"{bot}: {len(halts)} halts cleared; the breaks behind them stand until a run finds them gone")
        return 0
    return refused("halt", "the state kept moving; try again")
