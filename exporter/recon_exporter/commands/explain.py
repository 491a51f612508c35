"""`recon-exporter breaks explain`: the probable cause of a break, with evidence, steps, and the effect on P&L."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from recon_exporter import eod_parts
from recon_exporter.clock import SystemClock
from recon_exporter.commands.breaks import found_break
from recon_exporter.commands.opened import refused, with_state
from recon_exporter.domain.attributed import Attribution, details_of
from recon_exporter.domain.break_acts import Refused
from recon_exporter.domain.breaks import Break
from recon_exporter.domain.covered_records import covered_records
from recon_exporter.domain.cycle_explanation import explain_of_cycle, explains_itself, with_records
from recon_exporter.domain.document import to_json
from recon_exporter.domain.explanation import Explanation, explain
from recon_exporter.domain.money import plain
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.trail import Records
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.sources import Connections, Sources, sources
from recon_exporter.state.store import SqlState

LOOKS_BACK = timedelta(days=7)
"""How far before first sight the cause is looked for."""


def run(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, identifier: str, *, as_json: bool
) -> int:
    """0, or 2 where there is no such break or its bot is not configured."""
    return with_state(
        "breaks",
        overrides,
        environment,
        directory,
        lambda state, settings: _explain(state, settings, identifier, as_json=as_json),
        opens_venues=True,
    )


def _explain(state: SqlState, settings: Settings, identifier: str, *, as_json: bool) -> int:
    try:
        one = found_break(state.load_eod().all_breaks, identifier)
    except Refused as why:
        return refused("breaks", str(why))
    if explains_itself(one):
        print_explanation(one, explain_of_cycle(one), as_json=as_json)
        return 0
    bot = one.discrepancy.bot
    clock = SystemClock()
    both = sources(settings, Connections(clock))
    if bot not in both:
        return refused("breaks", f"{bot} is not configured any more: its sides cannot be asked")
    terms = eod_parts.terms_of(settings, bot)
    explanation = explain(one, _records(one, both[bot], clock.now(), terms.symbols), terms)
    print_explanation(one, with_records(explanation, one), as_json=as_json)
    return 0


def _records(one: Break, sources: Sources, now: datetime, symbols: Symbols) -> Records:
    since = one.first_seen - LOOKS_BACK
    fills = (sources.ledger.fills(since, now), sources.venue.fills(since, now))
    orders, activities = sources.venue.orders(since), sources.venue.activities(since)
    return covered_records(one.discrepancy.symbol, since, fills, orders, activities, symbols)


def print_explanation(one: Break, explanation: Explanation, *, as_json: bool) -> None:
    """In words, or as a JSON object."""
    if as_json:
        document = explanation_document(explanation)
        if one.explanation is not None:
            document["made_of"] = details_of(one.explanation)
        typer.echo(to_json(document))
        return
    found = one.discrepancy
    place = "  ".join(part for part in (found.type.value, found.symbol, found.item) if part)
    typer.echo(f"{one.identifier}  {place}  {found.detail}")
    typer.echo(f"probable cause: {explanation.cause}: {explanation.summary}")
    for title, lines in (("evidence", explanation.evidence), ("steps", explanation.steps)):
        if lines:
            typer.echo(f"{title}:")
        for line in lines:
            typer.echo(f"  - {line}")
    pnl = explanation.pnl
    if pnl is not None:
        before, after, effect = map(_told, (pnl.before, pnl.after, pnl.effect))
        typer.echo(f"P&L before {before}, after {after}, effect {effect} {pnl.currency or ''}: {pnl.basis}")
    if one.explanation is not None:
        _print_attribution(one.explanation)
    typer.echo(f"explained {_told(explanation.explained)}, remaining {_told(explanation.remainder)}")


def _print_attribution(made_of: Attribution) -> None:
    """What the latest cycle found the difference to be made of."""
    typer.echo(f"the difference of {plain(made_of.difference)} is made of:")
    for line in made_of.lines:
        typer.echo(f"  {plain(line.amount)}  {line.words}")
    typer.echo(f"  {plain(made_of.unexplained)}  unexplained")
    for line in made_of.possible:
        typer.echo(f"  not counted: {line.words}")


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """The explanation with all its numbers."""
    pnl = explanation.pnl
    return {
        "id": explanation.identifier,
        "cause": explanation.cause.value,
        "summary": explanation.summary,
        "evidence": list(explanation.evidence),
        "steps": list(explanation.steps),
        "pnl": None
        if pnl is None
        else {
            "before": pnl.before,
            "after": pnl.after,
            "effect": pnl.effect,
            "currency": pnl.currency,
            "basis": pnl.basis,
        },
        "explained": explanation.explained,
        "remainder": explanation.remainder,
    }


def _told(value: Decimal | None) -> str:
    return "unknown" if value is None else plain(value)
