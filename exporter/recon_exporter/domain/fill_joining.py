"""Bringing the fills of both sides together by name: by the venue's ids, else by order; what agrees leaves nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from recon_exporter.domain.fill_links import Fills, Link
from recon_exporter.domain.positions import Fill

if TYPE_CHECKING:
    from recon_exporter.domain.differences import Place

_ID = attrgetter("fill_id")
_ORDER, _CLIENT = "order", "client"


class Names(dict[str, str]):
    """Canonical symbols by those that the sides use, each worked out once."""

    def __init__(self, canonical: Callable[[str], str]) -> None:
        super().__init__()
        self.canonical = canonical

    def __missing__(self, symbol: str) -> str:
        self[symbol] = self.canonical(symbol)
        return self[symbol]

    def learn(self, fills: Iterable[Fill]) -> None:
        """Know every symbol of these."""
        for symbol in {fill.symbol for fill in fills}:
            self.__missing__(symbol)


@dataclass(frozen=True, slots=True)
class Joined:
    """The names under which the sides do not plainly agree. ``agreeing`` counts the others, ``nameless`` have no id."""

    agreeing: int
    links: tuple[Link, ...]
    nameless_ledger: Fills
    nameless_venue: Fills


def by_ids(ledger: Sequence[Fill], venue: Sequence[Fill], names: Names) -> Joined:
    """Execution by execution; a name that a side tells several times is one link."""
    agreeing, ours, theirs = _unequal(ledger, venue, names)
    links: dict[Place, tuple[list[Fill], list[Fill]]] = {}
    for place, fills in enumerate((ours, theirs)):
        for fill in fills:
            if fill.fill_id:
                links.setdefault((names[fill.symbol], fill.fill_id), ([], []))[place].append(fill)
    return Joined(
        agreeing,
        tuple(Link(*key, tuple(own), tuple(others)) for key, (own, others) in links.items()),
        tuple(fill for fill in ours if not fill.fill_id),
        tuple(fill for fill in theirs if not fill.fill_id),
    )


_Rest = tuple[int, Sequence[Fill], Sequence[Fill]]


def _unequal(ledger: Sequence[Fill], venue: Sequence[Fill], names: Names) -> _Rest:
    """How many are plainly equal, and what is left of both sides; nearly all fills end here."""
    try:
        return _left(ledger, venue, dict(names))  # a plain dictionary is read faster
    except KeyError:
        names.learn((*ledger, *venue))
        return _left(ledger, venue, dict(names))


def _left(ledger: Sequence[Fill], venue: Sequence[Fill], called: Mapping[str, str]) -> _Rest:
    """Where a side tells an id several times, all of both sides is left: that is for a second look.

    Raises KeyError for a symbol that is called nothing.
    """
    ours = {(called[fill.symbol], fill.fill_id): fill for fill in ledger}
    if len(ours) < len(ledger) or any((symbol, "") in ours for symbol in called.values()):
        return (0, ledger, venue)
    theirs: list[Fill] = []
    counterpart = ours.pop
    for fill in venue:
        key = (called[fill.symbol], fill.fill_id)
        own = counterpart(key, None)
        if own is None:
            theirs.append(fill)
        elif (
            own.quantity != fill.quantity
            or own.price != fill.price
            or own.fees is None
            or own.fees != fill.fees
            or own.leg != fill.leg
        ):
            ours[key] = own
            theirs.append(fill)
    left = {fill.fill_id for fill in theirs}
    if sum(map(left.__contains__, map(_ID, venue))) > len(theirs):
        return (0, ledger, venue)
    return (len(ledger) - len(ours), tuple(ours.values()), theirs)


def by_orders(ledger: Sequence[Fill], venue: Sequence[Fill], names: Names) -> Joined:
    """Order by order: under the venue's id of it, else under the bot's own where no fill leads from one to the other.

    What has only ids of a kind that the other side never tells is nameless.
    """
    every = (*ledger, *venue)
    clients = {one.client_order_id: one.order_id for one in every if one.client_order_id and one.order_id}
    orders: dict[Place, tuple[list[Fill], list[Fill]]] = {}
    nameless: tuple[list[Fill], list[Fill]] = ([], [])
    for place, (fills, others) in enumerate(((ledger, venue), (venue, ledger))):
        naming = _Naming(clients, frozenset(clients.values()), _kinds(others))
        for fill in fills:
            name = naming.name(fill)
            sides = orders.setdefault((names[fill.symbol], name), ([], [])) if name else nameless
            sides[place].append(fill)
    links = tuple(Link(*key, tuple(ours), tuple(theirs), is_order=True) for key, (ours, theirs) in orders.items())
    return Joined(0, links, tuple(nameless[0]), tuple(nameless[1]))


@dataclass(frozen=True, slots=True)
class _Naming:
    """Orders by the bot's ids of them, those of the venue that have such an id, and what the other side tells."""

    clients: Mapping[str, str]
    orders: frozenset[str]
    kinds: frozenset[str]

    def name(self, fill: Fill) -> str | None:
        """What both sides can call its order; a side that tells nothing could call it anything."""
        client = fill.client_order_id
        order = fill.order_id or (self.clients.get(client) if client else None)
        if order and (not self.kinds or _ORDER in self.kinds or order in self.orders):
            return order
        return client if not self.kinds or _CLIENT in self.kinds else None


def _kinds(fills: Iterable[Fill]) -> frozenset[str]:
    """Which ids a side tells of its orders."""
    orders = {_ORDER for fill in fills if fill.order_id}
    return frozenset(orders | {_CLIENT for fill in fills if fill.client_order_id})


def with_orders_of_nameless(joined: Joined, names: Names) -> Joined:
    """Where a side tells some fills of an order without id, what is left of that order is compared as a whole."""
    nameless = (*joined.nameless_ledger, *joined.nameless_venue)
    if not nameless:
        return joined
    orders = {name for fill in nameless for name in (fill.order_id, fill.client_order_id) if name}

    def is_concerned(link: Link) -> bool:
        is_lone = not link.ledger or not link.venue
        return is_lone and any(fill.order_id in orders or fill.client_order_id in orders for fill in link.fills)

    left = [link for link in joined.links if is_concerned(link)]
    ours = [fill for link in left for fill in link.ledger]
    theirs = [fill for link in left for fill in link.venue]
    whole = by_orders((*joined.nameless_ledger, *ours), (*joined.nameless_venue, *theirs), names)
    kept = tuple(link for link in joined.links if not is_concerned(link))
    return Joined(joined.agreeing, (*kept, *whole.links), whole.nameless_ledger, whole.nameless_venue)
