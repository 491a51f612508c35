"""`recon-exporter breaks`: the breaks of end-of-day runs, and what persons decide about them; all of it audited."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from recon_exporter.clock import SystemClock
from recon_exporter.commands.opened import deliver, refused, with_state
from recon_exporter.domain import break_acts
from recon_exporter.domain.break_acts import Refused, is_listed
from recon_exporter.domain.break_steps import Step, Transition
from recon_exporter.domain.breaks import EOD, Break
from recon_exporter.domain.document import to_json
from recon_exporter.domain.eod_document import break_document
from recon_exporter.domain.money import plain
from recon_exporter.errors import ProgressMoved
from recon_exporter.outgoing_eod import history_entry
from recon_exporter.ports import AuditAct, EodMemory, EodRecording, EodState
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.shape import HaltPolicy
from recon_exporter.state.store import SqlState

WIDTH_OF_A_PIPE = 160
ATTEMPTS = 5

Act = Callable[[Break, datetime], Transition]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided (ack, review, accept, retire), by whom and why; ``until`` ends an acceptance."""

    name: str
    by: str
    reason: str
    until: str | None = None


def run_list(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, *, everything: bool, as_json: bool
) -> int:
    """0, or 2 where configuration or state are unusable."""

    def work(state: EodState, _: Settings) -> int:
        return _list(state, everything=everything, as_json=as_json)

    return with_state("breaks", overrides, environment, directory, work)


def run_show(overrides: Overrides, environment: Mapping[str, str], directory: Path, identifier: str) -> int:
    """0, or 2 where there is no such break."""
    return with_state("breaks", overrides, environment, directory, lambda state, _: _show(state, identifier))


def run_act(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, identifier: str, decision: Decision
) -> int:
    """Acknowledge, review, accept or retire; 0, or 2 where it is refused. The history file goes with it."""

    def work(state: SqlState, settings: Settings) -> int:
        decide = _act_of(decision, settings.policy)
        code = act(state, identifier, decision, decide, settings.reports.retention)
        deliver(state, settings)
        return code

    return with_state("breaks", overrides, environment, directory, work)


def act(state: EodState, identifier: str, decision: Decision, decide: Act, retention: timedelta) -> int:
    """Carry out one decision and write it down, in one transaction; ``retention`` is that of the history."""
    if not decision.by.strip() or not decision.reason.strip():
        return refused("breaks", "--by and --reason must say something")
    now = SystemClock().now()
    for _ in range(ATTEMPTS):
        memory = state.load_eod()
        try:
            transition = decide(found_break(memory.all_breaks, identifier), now)
            state.record_eod(_recording(memory, transition, decision, now, retention))
        except ProgressMoved:
            continue
        except Refused as why:
            return refused("breaks", str(why))
        typer.echo(f"{transition.after.identifier}: {transition.action.replace('_', ' ')}")
        return 0
    return refused("breaks", "the state kept moving; try again")


def _recording(
    memory: EodMemory, transition: Transition, decision: Decision, now: datetime, retention: timedelta
) -> EodRecording:
    after = transition.after
    until = {Step.ACCEPTED: after.accepted_until, Step.ACCEPTANCE_PROPOSED: after.proposed_until}
    details = to_json({"until": until[transition.action]}, indent=0) if transition.action in until else "{}"
    act = AuditAct(decision.by.strip(), transition.action, after.identifier, decision.reason.strip(), details)
    outgoing = (history_entry(memory, (after,), now, retention),) if after.discrepancy.check == EOD else ()
    return EodRecording(now, memory.revision, breaks=(after,), acts=(act,), outgoing=outgoing)


def _act_of(decision: Decision, policy: HaltPolicy) -> Act:
    by = decision.by
    if decision.name == "ack":
        return lambda one, now: break_acts.acknowledge(one, by, now)
    if decision.name == "review":
        return lambda one, _: break_acts.review(one, by)
    if decision.name == "retire":
        return lambda one, now: break_acts.retire(one, by, now)
    four_eyes, at_most = policy.four_eyes, policy.accept_at_most
    return lambda one, now: break_acts.accept(
        one, by, _moment(decision.until or ""), now, four_eyes=four_eyes, at_most=at_most
    )


def _moment(text: str) -> datetime:
    """A date, meaning its end in UTC, or a time with zone."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(f"--until {text!r} is no date such as 2026-03-31 and no time with zone") from None
    if "T" in text or ":" in text:
        raise Refused(f"--until {text!r} has no time zone")
    return moment.replace(hour=23, minute=59, second=59, tzinfo=UTC)


def found_break(breaks: tuple[Break, ...], identifier: str) -> Break:
    """The break that the beginning of an identifier names. Raises Refused."""
    if not identifier.strip():
        raise Refused("the id of a break, or its beginning, is needed")
    matching = [one for one in breaks if one.identifier.startswith(identifier.strip())]
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise Refused(f"there is no break {identifier}")
    raise Refused(f"{identifier} fits {len(matching)} breaks: write more of it")


def _list(state: EodState, *, everything: bool, as_json: bool) -> int:
    found = [one for one in state.load_eod().all_breaks if everything or is_listed(one)]
    breaks = sorted(found, key=_place)
    if as_json:
        typer.echo(to_json([break_document(one) for one in breaks]))
        return 0
    if not breaks:
        typer.echo("no break is open")
        return 0
    # A symbol is no markup, whatever stands in it.
    console = Console(
        highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE
    )
    table = Table("id", "bot", "type", "symbol", "difference", "exposure USD", "state", "first seen", "flags")
    for one in breaks:
        table.add_row(*_cells(one))
    console.print(table)
    return 0


def _place(one: Break) -> tuple[str, str, str, str, datetime]:
    """Where it stands in a list: with its bot, and not by an identifier that nobody knows beforehand."""
    found = one.discrepancy
    return (found.bot, found.type.value, found.symbol, found.leg, one.first_seen)


def _cells(one: Break) -> tuple[str, ...]:
    difference = one.discrepancy
    leg = "" if difference.leg == "net" else f" ({difference.leg})"
    flags = [
        f"accepted until {one.accepted_until:%Y-%m-%d}" if one.accepted_until else "",
        f"acknowledged by {one.acknowledged_by}" if one.acknowledged_by else "",
        "for review" if one.for_review else "",
    ]
    return (
        one.identifier,
        difference.bot,
        difference.type.value,
        f"{difference.symbol}{leg}",
        _number(difference.difference),
        _number(difference.exposure),
        one.state.value,
        f"{one.first_seen:%Y-%m-%d %H:%M}Z",
        ", ".join(flag for flag in flags if flag),
    )


def _number(value: Decimal | None) -> str:
    return "unknown" if value is None else plain(value)


def _show(state: EodState, identifier: str) -> int:
    try:
        one = found_break(state.load_eod().all_breaks, identifier)
    except Refused as why:
        return refused("breaks", str(why))
    typer.echo(to_json(break_document(one)))
    return 0
