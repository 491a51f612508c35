"""Bringing the fills of both sides together by name: by the venue's ids, else by order; what agrees leaves nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recon_exporter.domain.differences import Place
from recon_exporter.domain.fill_links import Fills, Link
from recon_exporter.domain.positions import Fill

_ORDER, _CLIENT = "order", "client"


class Names(dict[str, str]):
    """Canonical symbols by those that the sides use, each worked out once."""

    def __init__(self, canonical: Callable[[str], str]) -> None:
        super().__init__()
        self._canonical = canonical

    def __missing__(self, symbol: str) -> str:
        self[symbol] = self._canonical(symbol)
        return self[symbol]


@dataclass(frozen=True, slots=True)
class Joined:
    """The names under which the sides do not plainly agree. ``agreeing`` counts the others, ``nameless`` have no id."""

    agreeing: int
    links: tuple[Link, ...]
    nameless_ledger: Fills
    nameless_venue: Fills


def by_ids(ledger: Sequence[Fill], venue: Sequence[Fill], names: Names) -> Joined:
    """Execution by execution; a name that a side tells several times is one link."""
    ours, theirs = _indexed(ledger, names), _indexed(venue, names)
    repeated = ours.repeats.keys() | theirs.repeats.keys()
    groups = [Link(*key, ours.taken(key), theirs.taken(key)) for key in repeated]
    agreeing, links = _compared(ours.single, theirs.single)
    return Joined(agreeing, (*links, *groups), ours.nameless, theirs.nameless)


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


@dataclass(frozen=True, slots=True)
class _Index:
    """One side's fills by symbol and id: those whose id occurs once, all of the others, and those without one."""

    single: dict[Place, Fill]
    repeats: Mapping[Place, Fills]
    nameless: Fills

    def taken(self, key: Place) -> Fills:
        """All fills of this name, which is single no longer."""
        alone = self.single.pop(key, None)
        return self.repeats.get(key) or (() if alone is None else (alone,))


def _indexed(fills: Sequence[Fill], names: Names) -> _Index:
    single = {(names[fill.symbol], fill.fill_id): fill for fill in fills}
    if len(single) == len(fills) and not any((symbol, "") in single for symbol in names.values()):
        return _Index(single, {}, ())
    every: dict[Place, list[Fill]] = {}
    for fill in fills:
        every.setdefault((names[fill.symbol], fill.fill_id), []).append(fill)
    return _Index(
        {key: several[0] for key, several in every.items() if key[1] and len(several) == 1},
        {key: tuple(several) for key, several in every.items() if key[1] and len(several) > 1},
        tuple(fill for fill in fills if not fill.fill_id),
    )


def _compared(ours: Mapping[Place, Fill], theirs: dict[Place, Fill]) -> tuple[int, list[Link]]:
    """How many plainly agree, and the rest; nearly all fills end here, so that everything else is left to others."""
    links: list[Link] = []
    counterpart = theirs.pop
    for key, own in ours.items():
        other = counterpart(key, None)
        if other is None:
            links.append(Link(*key, (own,), ()))
        elif (
            own.quantity != other.quantity
            or own.price != other.price
            or own.fees is None
            or own.fees != other.fees
            or own.leg != other.leg
        ):
            links.append(Link(*key, (own,), (other,)))
    agreeing = len(ours) - len(links)
    links.extend(Link(*key, (), (other,)) for key, other in theirs.items())
    return (agreeing, links)
