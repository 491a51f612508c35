"""The executions of one instrument on both sides, matched order by order: what does one side alone have?

An order is known by its venue id, by a client id that the venue's records lead to it, or by an execution that both
sides know. Executions that share no id are the same where they have the same quantity and lie close together.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.money import EXACT, ROUNDING, ZERO, ratio, total
from recon_exporter.domain.positions import Fill, Order

SAME_EXECUTION = timedelta(hours=1)
"""How far apart two books may date one execution that they know under different ids."""

_Groups = dict[str, list[Fill]]


@dataclass(frozen=True, slots=True)
class OrderMatch:
    """The executions of one order as the venue and as the ledger has them, sorted by time; one side may be empty.

    ``key`` is the order's id at the venue, else what the ledger calls it.
    """

    key: str
    client_order_id: str | None
    venue: tuple[Fill, ...]
    ledger: tuple[Fill, ...]

    @property
    def gap(self) -> Decimal:
        """The quantity that the ledger lacks: positive where it has to buy."""
        return EXACT.subtract(quantity_of(self.venue), quantity_of(self.ledger))

    @property
    def cost_gap(self) -> Decimal:
        """The signed cost that the ledger lacks."""
        return ROUNDING.subtract(cost_of(self.venue), cost_of(self.ledger))

    @property
    def unbooked(self) -> tuple[Fill, ...]:
        """The executions that the ledger lacks, where its ids tell which they are; else empty."""
        booked = {fill.fill_id for fill in self.ledger}
        missing = tuple(fill for fill in self.venue if fill.fill_id not in booked)
        return missing if quantity_of(missing) == self.gap else ()

    @property
    def surplus(self) -> tuple[Fill, ...]:
        """What the ledger has too much, where its ids tell which that is; else empty."""
        known = {fill.fill_id for fill in self.venue}
        extra = tuple(fill for fill in self.ledger if fill.fill_id not in known)
        return extra if total((quantity_of(extra), self.gap)) == ZERO else ()

    @property
    def at(self) -> datetime:
        """The time of its last execution, as the venue tells it where it does."""
        return (self.venue or self.ledger)[-1].at


def matched(ledger: Iterable[Fill], venue: Iterable[Fill], orders: Iterable[Order]) -> tuple[OrderMatch, ...]:
    """Every order that either side has executions of, in the order of time."""
    venue_fills, ledger_fills = sorted(venue, key=_age), sorted(ledger, key=_age)
    clients = _clients(venue_fills, orders)
    theirs: _Groups = {}
    for fill in venue_fills:
        theirs.setdefault(_venue_key(fill), []).append(fill)
    ours = _ledger_groups(ledger_fills, theirs, clients)
    names = {order_id: client_id for client_id, order_id in clients.items()}
    matches = [
        OrderMatch(key, names.get(key), tuple(theirs.get(key, ())), tuple(sorted(ours.get(key, ()), key=_age)))
        for key in theirs.keys() | ours.keys()
    ]
    return tuple(sorted(matches, key=lambda match: (match.at, match.key)))


def quantity_of(fills: Iterable[Fill]) -> Decimal:
    return total(fill.quantity for fill in fills)


def cost_of(fills: Iterable[Fill]) -> Decimal:
    """Quantity times price, summed: negative for sales."""
    cost = ZERO
    for fill in fills:
        cost = ROUNDING.fma(fill.quantity, fill.price, cost)
    return cost


def average_price(fills: Sequence[Fill]) -> Decimal | None:
    """The price of all together; None where they cancel out."""
    quantity = quantity_of(fills)
    return ratio(cost_of(fills), quantity) if quantity else None


def _age(fill: Fill) -> tuple[datetime, str]:
    return (fill.at, fill.fill_id)


def _venue_key(fill: Fill) -> str:
    return fill.order_id or fill.client_order_id or f"execution {fill.fill_id}"


def _clients(venue_fills: Iterable[Fill], orders: Iterable[Order]) -> Mapping[str, str]:
    """The venue's order ids by the ids that the bot gave."""
    pairs = [(order.client_order_id, order.order_id) for order in orders]
    pairs += [(fill.client_order_id, _venue_key(fill)) for fill in venue_fills]
    return {client_id: order_id for client_id, order_id in pairs if client_id}


def _ledger_groups(fills: Sequence[Fill], theirs: _Groups, clients: Mapping[str, str]) -> _Groups:
    """The ledger's executions under the venue's orders: first by ids, the rest by likeness to what nobody claims."""
    executions = {fill.fill_id: key for key, group in theirs.items() for fill in group}
    groups: _Groups = {}
    strangers: _Groups = {}
    for fill in fills:
        names = [name for name in (fill.order_id, fill.client_order_id) if name]
        known = [clients.get(name, name) for name in names if clients.get(name, name) in theirs]
        key = known[0] if known else executions.get(fill.fill_id)
        if key is None:
            strangers.setdefault((names or [f"execution {fill.fill_id}"])[0], []).append(fill)
        else:
            groups.setdefault(key, []).append(fill)
    unclaimed = _Unclaimed({key: group for key, group in theirs.items() if key not in groups})
    for name, group in strangers.items():
        whole = unclaimed.take(group)
        for fill in group:
            groups.setdefault(whole or unclaimed.like(fill) or name, []).append(fill)
    return groups


class _Unclaimed:
    """The venue's orders that no id of the ledger leads to, found by quantity and time."""

    def __init__(self, orders: _Groups) -> None:
        self._orders: dict[Decimal, list[tuple[datetime, str]]] = {}
        self._fills: dict[tuple[Decimal, Decimal], list[tuple[datetime, str]]] = {}
        for key, fills in orders.items():
            self._orders.setdefault(quantity_of(fills), []).append((fills[-1].at, key))
            for fill in fills:
                self._fills.setdefault((fill.quantity, fill.price), []).append((fill.at, key))
        for places in (*self._orders.values(), *self._fills.values()):
            places.sort()

    def take(self, fills: Sequence[Fill]) -> str | None:
        """The order that these executions are together; from then on it is claimed."""
        places = self._orders.get(quantity_of(fills), [])
        place = _nearest(places, fills[-1].at)
        return None if place is None else places.pop(place)[1]

    def like(self, fill: Fill) -> str | None:
        """The order that has an execution of this quantity and price."""
        places = self._fills.get((fill.quantity, fill.price), [])
        place = _nearest(places, fill.at)
        return None if place is None else places[place][1]


def _nearest(places: Sequence[tuple[datetime, str]], at: datetime) -> int | None:
    """Where in these, sorted by time, the nearest stands; None where none is near enough."""
    after = bisect_left(places, (at, ""))
    near = [place for place in (after - 1, after) if 0 <= place < len(places)]
    near = [place for place in near if abs(places[place][0] - at) <= SAME_EXECUTION]
    return min(near, key=lambda place: abs(places[place][0] - at), default=None)
