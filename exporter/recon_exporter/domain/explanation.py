"""Why a break is there: the probable cause with its evidence, what to do, and what that does to profit and loss.

It proposes. Nothing here, or anywhere in the program, writes into the bot's own books.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import Break, BreakType
from recon_exporter.domain.executions import matched
from recon_exporter.domain.money import ROUNDING, ZERO
from recon_exporter.domain.movements import Cause, Movement, of_price
from recon_exporter.domain.positions import Fill
from recon_exporter.domain.profit import Books, ProfitAndLoss, books, profit_and_loss
from recon_exporter.domain.remedies import steps
from recon_exporter.domain.splits import split_by_ratio, split_of_price
from recon_exporter.domain.suspects import moved, suspects
from recon_exporter.domain.terms import Terms
from recon_exporter.domain.trail import Records, Trail, trail_of

_ARRIVING = frozenset({Cause.MISSED_FILL, Cause.MANUAL_ORDER, Cause.PARTIAL_FILLS, Cause.PHANTOM})
"""No causes yet while the execution is so young that it may still be on its way into one of the books."""
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What most probably caused one break.

    ``explained`` and ``remainder`` add up to the break's difference, which is that of the prices for PRICE_MISMATCH;
    both are None where there is no difference or it cannot be followed. ``pnl`` is None where nothing is to be booked,
    or where a price is unknown.
    """

    identifier: str
    cause: Cause
    summary: str
    evidence: tuple[str, ...]
    steps: tuple[str, ...]
    pnl: ProfitAndLoss | None
    explained: Decimal | None
    remainder: Decimal | None


def explain(one: Break, records: Records, terms: Terms) -> Explanation:
    """Look for the cause in what both sides recorded."""
    trail = trail_of(one, records, terms)
    is_price = one.discrepancy.type is BreakType.PRICE_MISMATCH
    chosen = _price_suspects(one, trail, terms) if is_price else suspects(one, trail, terms)
    made = books(one, trail, chosen)
    explained, remainder = _shares(one, chosen, made)
    cause = _cause(one, chosen, terms)
    pnl = profit_and_loss(one, trail, made) if chosen else None
    return Explanation(
        identifier=one.identifier,
        cause=cause,
        summary=_summary(explained, remainder),
        evidence=(*(movement.evidence for movement in chosen), *_context(one, trail), *trail.unread),
        steps=steps(one, cause, None if pnl is None else pnl.effect),
        pnl=pnl,
        explained=explained,
        remainder=remainder,
    )


def _price_suspects(one: Break, trail: Trail, terms: Terms) -> tuple[Movement, ...]:
    """What makes the ledger's average price that of the venue, or brings it at least halfway there."""
    split = split_of_price(one, trail.activities) or split_by_ratio(one, trail.activities)
    if split:
        return split
    matches = matched(trail.ledger_fills, trail.venue_fills, trail.orders.values())
    mispriced = [of_price(match, one.discrepancy.symbol, terms) for match in matches]
    chosen = (*suspects(one, trail, terms), *(movement for movement in mispriced if movement is not None))
    left, gap = _shares(one, chosen, books(one, trail, chosen))[1], one.discrepancy.difference
    if left is None or gap is None:
        return chosen
    return chosen if left.copy_abs() <= ROUNDING.multiply(gap.copy_abs(), _HALF) else ()


def _shares(one: Break, chosen: tuple[Movement, ...], made: Books) -> tuple[Decimal | None, Decimal | None]:
    """How much of the difference is explained, and how much remains."""
    gap, price = one.discrepancy.difference, one.discrepancy.ledger_price
    if gap is None:
        return (None, None)
    if not chosen:
        return (ZERO, gap)
    if one.discrepancy.type is not BreakType.PRICE_MISMATCH:
        explained = moved(chosen).copy_negate()
    elif chosen[0].cause is Cause.SPLIT:
        explained = gap
    elif made.is_whole and made.after.average is not None and price is not None:
        explained = ROUNDING.subtract(price, made.after.average)
    else:
        return (None, None)
    return (explained, ROUNDING.subtract(gap, explained))


def _cause(one: Break, chosen: tuple[Movement, ...], terms: Terms) -> Cause:
    """That of the largest movement, unless all of them are too young to count."""
    if not chosen:
        return Cause.NOT_WRITTEN if one.discrepancy.type is BreakType.STALE_POSITION else Cause.UNKNOWN
    if all(movement.cause in _ARRIVING and one.last_seen - movement.at <= terms.in_flight for movement in chosen):
        return Cause.IN_FLIGHT
    return max(chosen, key=lambda movement: movement.quantity.copy_abs()).cause


def _summary(explained: Decimal | None, remainder: Decimal | None) -> str:
    if explained is None or remainder is None:
        return "how much of the break this explains cannot be told"
    if not remainder:
        return f"explains the difference of {number(explained)} exactly"
    if not explained:
        return f"nothing that was recorded explains the difference of {number(remainder)}"
    return f"explains {number(explained)} of the difference, {number(remainder)} remains"


def _context(one: Break, trail: Trail) -> tuple[str, ...]:
    """What was looked at; of what could not be read nothing is said here, for that it is empty nobody knows."""
    seen = [
        *_executions("ledger", trail.ledger_fills, has_told=trail.has_ledger_fills),
        *_executions("venue", trail.venue_fills, has_told=trail.has_venue_fills),
        *([f"{len(trail.activities)} other movements at the venue"] if trail.has_activities else []),
    ]
    return (
        (f"executions of {one.discrepancy.symbol} since {trail.since.isoformat()}: {'; '.join(seen)}",) if seen else ()
    )


def _executions(side: str, fills: Sequence[Fill], *, has_told: bool) -> Iterator[str]:
    if fills:
        yield f"the {side}'s latest of {len(fills)} is of {max(fill.at for fill in fills).isoformat()}"
    elif has_told:
        yield f"the {side} has none"
