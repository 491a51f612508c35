"""The sentences that tell a difference between fills to a person."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from recon_exporter.domain.break_words import number
from recon_exporter.domain.executions import average_price, quantity_of
from recon_exporter.domain.money import ROUNDING, ZERO, difference
from recon_exporter.domain.positions import Fill, FillKind
from recon_exporter.domain.words import one_line


def traded(fills: Sequence[Fill]) -> str:
    """Side, quantity, price, time and order of fills, as one."""
    quantity = quantity_of(fills)
    side = "sell" if quantity < ZERO else "buy"
    price = average_price(fills) if len(fills) > 1 else fills[0].price
    at = "" if price is None else f" at {number(price)}"
    parts = f" in {len(fills)} parts" if len(fills) > 1 else ""
    return f"{side} {number(quantity.copy_abs())}{at}{parts} on {fills[0].at.isoformat()}{_order(fills[0])}"


def missing_in_ledger(fills: Sequence[Fill]) -> str:
    kind = fills[0].kind
    how = "executed" if kind is FillKind.TRADE else f"executed, as {kind.value},"
    return f"the venue {how} {traded(fills)}; the ledger has none of it"


def missing_at_venue(fills: Sequence[Fill]) -> str:
    own = " (made up by the bot itself)" if fills[0].kind is FillKind.SYNTHETIC else ""
    return f"the ledger has {traded(fills)}{own}; the venue has no such fill"


def foreign(fills: Sequence[Fill]) -> str:
    return f"the venue executed {traded(fills)}; its client id is not one of the bot's"


def unattributable(fills: Sequence[Fill]) -> str:
    return f"the venue executed {traded(fills)}; on this shared account nobody can tell whose it is"


def unlike(fills: Sequence[Fill], side: str) -> str:
    return f"the {side} has {traded(fills)}, without an id that the other side knows, and nothing there is like it"


def too_long(fills: Sequence[Fill]) -> str:
    return f"its fills reach back beyond what was read, so that it cannot be judged: {traded(fills)}"


def resembling(fill: Fill, side: str) -> str:
    return f"; the {side}'s fill {one_line(fill.fill_id)}, {traded((fill,))}, looks like it"


def duplicate(surplus: Sequence[Fill], side: str) -> str:
    times = "twice" if len(surplus) == 1 else f"{len(surplus)} times too often"
    return f"the {side} has it {times}: {traded(surplus)}"


def quantity(ledger: Sequence[Fill], venue: Sequence[Fill]) -> str:
    ours, theirs = quantity_of(ledger), quantity_of(venue)
    gap = difference(ours, theirs)
    turned = ", the other side" if ours and theirs and ours.is_signed() != theirs.is_signed() else ""
    legs = f" ({_legs(ledger)} in the ledger, {_legs(venue)} at the venue)" if not gap else ""
    return f"the ledger has {number(ours)} of it, the venue {number(theirs)}{turned}: {number(gap)}{legs}"


def price(ours: Decimal, theirs: Decimal) -> str:
    gap = ROUNDING.subtract(ours, theirs)
    return f"the ledger has it at {number(ours)}, the venue at {number(theirs)}: {number(gap)}"


def fee(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> str:
    return f"the ledger has a fee of {_paid(ours)}, the venue of {_paid(theirs)}"


def _paid(fees: Mapping[str, Decimal]) -> str:
    return " and ".join(f"{number(amount)} {one_line(asset)}" for asset, amount in sorted(fees.items())) or "nothing"


def _legs(fills: Sequence[Fill]) -> str:
    return " and ".join(sorted({fill.leg for fill in fills}))


def _order(fill: Fill) -> str:
    named = [("order", fill.order_id), ("client id", fill.client_order_id)]
    told = ", ".join(f"{what} {one_line(name)}" for what, name in named if name)
    return f" ({told})" if told else ""
