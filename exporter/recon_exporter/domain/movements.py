"""What may explain a break: each movement that the ledger would have to book or to strike out, with its evidence."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.bookkeeping import Entry
from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import Break
from recon_exporter.domain.executions import OrderMatch, average_price, quantity_of
from recon_exporter.domain.money import ROUNDING, ZERO, plain, ratio, total
from recon_exporter.domain.position_rules import price_allowance
from recon_exporter.domain.positions import Activity, ActivityKind, Fill, Order
from recon_exporter.domain.symbols import contract_size
from recon_exporter.domain.terms import Terms
from recon_exporter.domain.words import one_line


class Cause(StrEnum):
    """Why the two books differ."""

    MISSED_FILL = "missed_fill"
    PARTIAL_FILLS = "partial_fills"
    MANUAL_ORDER = "manual_order"
    CLOSED_BY_BROKER = "closed_by_broker"
    SPLIT = "split"
    OTHER_MOVEMENT = "other_movement"
    PHANTOM = "phantom"
    WRONG_PRICE = "wrong_price"
    IN_FLIGHT = "in_flight"
    NOT_WRITTEN = "not_written"
    UNKNOWN = "unknown"


CLOSING = frozenset({ActivityKind.LIQUIDATION, ActivityKind.REORGANISATION, ActivityKind.OPTION_EVENT})
"""Movements by which a broker ends a position by itself."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Something that is in one book alone.

    ``quantity`` is what the ledger's position changes by where it is corrected: by booking ``entries`` and striking out
    ``struck``.
    """

    cause: Cause
    quantity: Decimal
    entries: tuple[Entry, ...]
    struck: tuple[Fill, ...]
    at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose an order is, by its client id: the bot's where it begins with one of ``prefixes``.

    Where no prefix is configured nobody can tell: then it is what is more likely for the type of break.
    """

    prefixes: tuple[str, ...]
    likely: Cause

    def cause(self, client_order_id: str | None) -> Cause:
        if not self.prefixes:
            return self.likely
        is_ours = client_order_id is not None and client_order_id.startswith(self.prefixes)
        return Cause.MISSED_FILL if is_ours else Cause.MANUAL_ORDER

    def told(self, client_order_id: str | None) -> str:
        """The client id and what follows from it, in words."""
        if not self.prefixes:
            return f"{_client(client_order_id)}; whose it is cannot be told, no prefix of own client ids is configured"
        whose = "the bot's own" if self.cause(client_order_id) is Cause.MISSED_FILL else "not one of the bot's"
        return f"{_client(client_order_id)}, {whose}"


def of_order(match: OrderMatch, order: Order | None, ownership: Ownership) -> Movement | None:
    """What one order's executions differ by; None where both books have the same quantity of it."""
    if not match.gap:
        return None
    if not match.ledger:
        return _unknown_to_ledger(match, order, ownership)
    if not match.venue:
        return _unknown_to_venue(match, order)
    if match.gap.is_signed() == quantity_of(match.venue).is_signed():
        return _partly_booked(match)
    return _booked_twice(match)


def of_price(match: OrderMatch, symbol: str, terms: Terms) -> Movement | None:
    """An order of which both books have the same quantity at prices beyond tolerance; None where they agree."""
    ours, theirs = average_price(match.ledger), average_price(match.venue)
    if match.gap or ours is None or theirs is None:
        return None
    if ROUNDING.subtract(ours, theirs).copy_abs() <= price_allowance(symbol, ours, theirs, terms):
        return None
    first, *others = map(entry_of, match.venue)
    if not any(map(fee_of, match.venue)):
        first = replace(first, fee=total(map(fee_of, match.ledger)))
    evidence = f"{_order(match.key)}: the venue executed {_traded(match.venue)}, the ledger has it at {number(ours)}"
    return Movement(Cause.WRONG_PRICE, ZERO, (first, *others), match.ledger, match.at, evidence)


def of_activity(activity: Activity, quantity: Decimal, symbol: str) -> Movement:
    """A movement that is no execution, of this quantity."""
    is_split = activity.kind is ActivityKind.SPLIT
    price = None if is_split else _activity_price(activity, quantity, symbol)
    entry = Entry(activity.at, quantity, price, is_split=is_split)
    told = "" if activity.quantity is not None else " (its quantity is not told)"
    evidence = (
        f"{activity.kind.value.replace('_', ' ')} {one_line(activity.code)} {one_line(activity.activity_id)} "
        f"at {activity.at.isoformat()}: {number(quantity)}{told}{'' if price is None else f' at {number(price)}'}"
    )
    return Movement(_CAUSES.get(activity.kind, Cause.OTHER_MOVEMENT), quantity, (entry,), (), activity.at, evidence)


def of_execution(fill: Fill) -> Movement:
    """A single execution, of which nobody can tell whether the ledger has booked it."""
    evidence = (
        f"{_order(fill.order_id or f'execution {fill.fill_id}')}: one of its executions fits, {_traded((fill,))}; "
        "the ledger keeps no executions to compare with"
    )
    return Movement(Cause.PARTIAL_FILLS, fill.quantity, (entry_of(fill),), (), fill.at, evidence)


def of_phantom(one: Break, since: datetime) -> Movement:
    """A position of which the venue has never heard, struck out at its own price."""
    found = one.discrepancy
    quantity = (found.ledger_quantity or ZERO).copy_negate()
    evidence = f"the venue has no order, no execution and no other movement of it since {since.isoformat()}"
    entry = Entry(one.last_seen, quantity, found.ledger_price)
    return Movement(Cause.PHANTOM, quantity, (entry,), (), since, evidence)


def entry_of(fill: Fill) -> Entry:
    return Entry(fill.at, fill.quantity, fill.price, fee_of(fill))


def fee_of(fill: Fill) -> Decimal:
    """What its fees come to in the currency of the price; fees in other assets have been taken out before."""
    return total(fee.amount for fee in fill.fees or ())


_CAUSES = {ActivityKind.SPLIT: Cause.SPLIT} | dict.fromkeys(CLOSING, Cause.CLOSED_BY_BROKER)


def _unknown_to_ledger(match: OrderMatch, order: Order | None, ownership: Ownership) -> Movement:
    client = match.client_order_id or (order.client_order_id if order else None)
    evidence = (
        f"{_order(match.key)} ({ownership.told(client)}): the venue executed {_traded(match.venue)}, "
        "the ledger has none of it"
    )
    entries = tuple(map(entry_of, match.venue))
    return Movement(ownership.cause(client), match.gap, entries, (), match.at, evidence)


def _unknown_to_venue(match: OrderMatch, order: Order | None) -> Movement:
    fate = "the venue has no such order"
    if order is not None:
        fate = f"the venue has it as {one_line(order.status)} with {plain(order.filled_quantity)} filled"
    evidence = f"{_order(match.key)}: the ledger has {_traded(match.ledger)}, {fate}"
    return Movement(Cause.PHANTOM, match.gap, (), match.ledger, match.at, evidence)


def _partly_booked(match: OrderMatch) -> Movement:
    missing = match.unbooked
    price = average_price(missing) if missing else ratio(match.cost_gap, match.gap)
    entries = tuple(map(entry_of, missing)) or (Entry(match.at, match.gap, price),)
    evidence = (
        f"{_order(match.key)}: the venue executed {plain(quantity_of(match.venue))} in {len(match.venue)} parts, the "
        f"ledger has {plain(quantity_of(match.ledger))}; {plain(match.gap)} at {_price(price)} is missing, "
        f"last executed {match.at.isoformat()}"
    )
    return Movement(Cause.PARTIAL_FILLS, match.gap, entries, (), match.at, evidence)


def _booked_twice(match: OrderMatch) -> Movement:
    extra = match.surplus
    entries = () if extra else (Entry(match.at, match.gap, ratio(match.cost_gap, match.gap)),)
    evidence = (
        f"{_order(match.key)}: the ledger has {plain(quantity_of(match.ledger))} of it, "
        f"the venue executed {plain(quantity_of(match.venue))}"
    )
    return Movement(Cause.PHANTOM, match.gap, entries, extra, match.at, evidence)


def _activity_price(activity: Activity, quantity: Decimal, symbol: str) -> Decimal | None:
    """The price told, else that which the amount of money comes to."""
    if activity.price is not None or activity.amount is None or not quantity:
        return activity.price
    return ratio(activity.amount.copy_abs(), ROUNDING.multiply(quantity.copy_abs(), contract_size(symbol)))


def _order(key: str) -> str:
    return one_line(key) if key.startswith("execution ") else f"order {one_line(key)}"


def _client(client_order_id: str | None) -> str:
    return "no client id" if client_order_id is None else f"client id {one_line(client_order_id)}"


def _traded(fills: tuple[Fill, ...]) -> str:
    quantity = quantity_of(fills)
    side = "sell" if quantity < ZERO else "buy"
    at = fills[-1].at.isoformat()
    return f"{side} {plain(quantity.copy_abs())} at {_price(average_price(fills))}, last at {at}"


def _price(price: Decimal | None) -> str:
    return "various prices" if price is None else number(price)
