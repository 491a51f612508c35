"""Realised profit and loss of one instrument as the ledger shows it now, and as it will once it is corrected."""

from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.bookkeeping import Account, Entry, book_all
from recon_exporter.domain.breaks import Break
from recon_exporter.domain.executions import quantity_of
from recon_exporter.domain.money import ROUNDING, ZERO
from recon_exporter.domain.movements import Movement, entry_of
from recon_exporter.domain.symbols import contract_size
from recon_exporter.domain.trail import Trail


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger's account before and after the correction, and in words what it was made of.

    ``is_whole`` where it was made from the first execution on.
    """

    before: Account
    after: Account
    basis: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ProfitAndLoss:
    """Realised profit by average cost, fees taken off, in ``currency`` where known; ``basis`` says of what."""

    before: Decimal
    after: Decimal
    effect: Decimal
    currency: str | None
    basis: str


def books(one: Break, trail: Trail, chosen: tuple[Movement, ...]) -> Books:
    """Book what the ledger has, and again with the movements corrected.

    From the first execution where the ledger's executions come to its position; else the corrections alone, upon the
    position as it stands.
    """
    held = one.discrepancy.ledger_quantity or ZERO
    entries = [entry for movement in chosen for entry in movement.entries]
    struck = [fill for movement in chosen for fill in movement.struck]
    if trail.has_ledger_fills and quantity_of(trail.ledger_fills) == held:
        removed = set(struck)
        kept = [entry_of(fill) for fill in trail.ledger_fills if fill not in removed]
        before = book_all(Account(), map(entry_of, trail.ledger_fills))
        after = book_all(Account(), [*kept, *entries])
        return Books(before, after, f"all executions since {trail.since.isoformat()}", is_whole=True)
    before = Account(held, one.discrepancy.ledger_price if held else None)
    reversals = [Entry(fill.at, fill.quantity.copy_negate(), fill.price) for fill in struck]
    after = book_all(before, [*reversals, *entries])
    return Books(before, after, "the corrections alone, upon the ledger's position", is_whole=False)


def profit_and_loss(one: Break, trail: Trail, made: Books) -> ProfitAndLoss | None:
    """The numbers; None where a price is unknown that they depend on."""
    if made.before.realised is None or made.after.realised is None:
        return None
    size = contract_size(one.discrepancy.symbol)
    before, after = (ROUNDING.multiply(realised, size) for realised in (made.before.realised, made.after.realised))
    left_out = f"; fees in {', '.join(trail.left_out_fees)} are left out" if trail.left_out_fees else ""
    return ProfitAndLoss(before, after, ROUNDING.subtract(after, before), trail.currency, made.basis + left_out)
