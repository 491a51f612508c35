"""`recon-exporter audit`: the audit log shown, verified, exported, and corrections written into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.commands.breaks import found_break
from recon_exporter.commands.opened import refused, with_state
from recon_exporter.domain.break_acts import Refused
from recon_exporter.domain.document import to_json
from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.errors import ProgressMoved
from recon_exporter.ports import AuditAct, EodRecording
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state.audit import SealedEntry
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
    by, what = correction.by, correction.what
    if not by.strip() or not what.strip():
        return refused("audit", "--by and --what must say something")
    try:
        details = to_json({"pnl": amount(correction.pnl)}, indent=0) if correction.pnl else "{}"
    except InvalidAmount as error:
        return refused("audit", f"--pnl {error}")
    now = SystemClock().now()
    for _ in range(ATTEMPTS):
        memory = state.load_eod()
        try:
            identifier = found_break(memory.all_breaks, correction.subject).identifier
            act = AuditAct(by.strip(), "correction_made", identifier, what.strip(), details)
            state.record_eod(EodRecording(now, memory.revision, acts=(act,)))
        except ProgressMoved:
            continue
        except Refused as why:
            return refused("audit", str(why))
        typer.echo(f"{identifier}: correction written down")
        return 0
    return refused("audit", "the state kept moving; try again")


def _show(state: SqlState, *, as_json: bool) -> int:
    for sealed in state.sealed_entries():
        typer.echo(_exported(sealed) if as_json else _line(sealed))
    return 0


def _exported(sealed: SealedEntry) -> str:
    """One line of JSON, in the order and with the texts that the digest covers, so that it can be verified alone."""
    entry = sealed.entry
    content = {
        "sequence": sealed.sequence,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "reason": entry.reason,
        "details": entry.details,
        "previous": sealed.previous,
        "digest": sealed.digest,
    }
    return to_json(content, indent=0).replace("\n", "")


def _line(sealed: SealedEntry) -> str:
    entry = sealed.entry
    words = f"{entry.actor}  {entry.action}  {entry.subject}  {entry.reason}"
    told = "".join(letter if letter.isprintable() else " " for letter in words)
    return f"{sealed.sequence}  {entry.at:%Y-%m-%dT%H:%M:%SZ}  {told}"


def _verify(state: SqlState) -> int:
    head, broken_at = state.verify_audit()
    if broken_at is None:
        typer.echo(f"the audit chain holds: {head.sequence} entries, head {head.digest[:12]}")
        return 0
    typer.echo(f"the audit chain is BROKEN at entry {broken_at}", err=True)
    return BROKEN
