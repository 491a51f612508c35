"""`recon-exporter audit`: the audit log shown, verified, exported, and corrections written into it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.commands.opened import refused, with_state
from recon_exporter.domain.document import to_json
from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.errors import ProgressMoved
from recon_exporter.ports import AuditAct, EodRecording
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state.store import SqlState

BROKEN = 1
ATTEMPTS = 5


def run_show(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, as_json: bool) -> int:
    """0, or 2 where configuration or state are unusable; with ``as_json`` one JSON object a line, for export."""
    return with_state("audit", overrides, environment, directory, lambda state, _: _show(state, as_json=as_json))


def run_verify(overrides: Overrides, environment: Mapping[str, str], directory: Path) -> int:
    """0 where every link holds, 1 where the chain is broken."""
    return with_state("audit", overrides, environment, directory, lambda state, _: _verify(state))


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person did about a break; ``pnl`` is its effect in the currency of the position, empty where none."""

    subject: str
    by: str
    what: str
    pnl: str = ""


def run_add(overrides: Overrides, environment: Mapping[str, str], directory: Path, correction: Correction) -> int:
    """Write down a correction that a person made; 0, or 2 where it is refused."""
    return with_state("audit", overrides, environment, directory, lambda state, _: add(state, correction))


def add(state: SqlState, correction: Correction) -> int:
    """Append one correction for a break."""
    subject, by, what, pnl = correction.subject, correction.by, correction.what, correction.pnl
    if not by.strip() or not what.strip():
        return refused("audit", "--by and --what must say something")
    try:
        effect = None if not pnl else amount(pnl)
    except InvalidAmount as error:
        return refused("audit", f"--pnl {error}")
    now = SystemClock().now()
    for _ in range(ATTEMPTS):
        memory = state.load_eod()
        if not any(one.identifier == subject for one in memory.breaks):
            return refused("audit", f"there is no break {subject}")
        details = to_json({"pnl": effect}, indent=0)
        act = AuditAct(by.strip(), "correction_made", subject, what.strip(), details)
        try:
            state.record_eod(EodRecording(now, memory.revision, acts=(act,)))
        except ProgressMoved:
            continue
        typer.echo(f"{subject}: correction written down")
        return 0
    return refused("audit", "the state kept moving; try again")


def _show(state: SqlState, *, as_json: bool) -> int:
    for sequence, entry in enumerate(state.audit_entries(), start=1):
        if as_json:
            row = {
                "sequence": sequence,
                "at": entry.at.isoformat(),
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "reason": entry.reason,
                "details": json.loads(entry.details),
            }
            typer.echo(json.dumps(row))
        else:
            words = (entry.actor, entry.action, entry.subject, entry.reason)
            typer.echo(f"{sequence}  {entry.at:%Y-%m-%dT%H:%M:%SZ}  {'  '.join(words)}")
    return 0


def _verify(state: SqlState) -> int:
    head, broken_at = state.verify_audit()
    if broken_at is None:
        typer.echo(f"the audit chain holds: {head.sequence} entries, head {head.digest[:12]}")
        return 0
    typer.echo(f"the audit chain is BROKEN at entry {broken_at}", err=True)
    return BROKEN
