"""Sorting what does not plainly agree: differences to be told, fills under way, and what nobody can judge."""

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter

from recon_exporter.domain import fill_words
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.fill_joining import Joined
from recon_exporter.domain.fill_links import Fills, Link, first_of, last_of
from recon_exporter.domain.fill_look import Look, Told, places_of
from recon_exporter.domain.fill_nameless import with_resembling, without_alike
from recon_exporter.domain.fill_sums import Trait, compared
from recon_exporter.domain.sides import AccountUse

_AGE = attrgetter("at", "fill_id")


class Sorting:
    """One look's links, sorted one by one. ``kept`` are the fills that an earlier look remembered."""

    def __init__(self, look: Look, kept: Fills) -> None:
        self.late = dict[int, datetime]()
        self._look = look
        self._kept = {id(fill): fill for fill in kept}
        self._told = Told()
        self._standing: list[Link] = []

    def sort(self, joined: Joined) -> Told:
        """Every name under which the sides do not plainly agree."""
        self._told.matched += joined.agreeing
        lone: list[Link] = []
        for link in joined.links:
            if link.ledger and link.venue:
                self._both(link)
            elif not self._is_late(link):
                lone.append(link)
        for link in without_alike(lone, joined, self._look, self._told):
            self._lone(link)
        self._end()
        self._told.differences[:] = with_resembling(self._told.differences, self._standing, self._look)
        self._told.sort()
        return self._told

    def open_fills(self) -> tuple[Fills, Fills]:
        """What is to be remembered of each side, sorted by time."""
        ours = [fill for link in self._standing for fill in link.ledger]
        theirs = [fill for link in self._standing for fill in link.venue]
        return (tuple(sorted(ours, key=_AGE)), tuple(sorted(theirs, key=_AGE)))

    def lone_fills(self) -> tuple[Fills, Fills]:
        """What has no counterpart, of each side, sorted by time."""
        ours = [fill for link in self._standing if not link.venue for fill in link.ledger]
        theirs = [fill for link in self._standing if not link.ledger for fill in link.venue]
        return (tuple(sorted(ours, key=_AGE)), tuple(sorted(theirs, key=_AGE)))

    def _both(self, link: Link) -> None:
        result = compared(link, self._look.allowed)
        if not result.has_fees:
            self._told.without_fees += 1
        if result.gap:
            self._told.tolerated.append(result.gap)
        if result.traits:
            self._told.uncompared.update((kind, *link.place) for kind in result.uncompared)
            self._place(link, lambda: result.traits)
        else:
            self._told.matched += 1

    def _is_late(self, link: Link) -> bool:
        """Whether its counterpart came earlier and is read no more."""
        for fill in link.fills if self._look.late else ():
            for digest in map(hash, places_of(fill, self._look.names)):
                at = self._look.late.get(digest)
                if at is not None and at < self._look.read_since:
                    self.late[digest] = at
                    return True
        return False

    def _lone(self, link: Link) -> None:
        if link.ledger:
            self._place(link, lambda: (_lacking(link, BreakType.FILL_MISSING_AT_VENUE),))
            return
        client = link.venue[0].client_order_id
        kind = self._whose(client)
        is_shared = self._look.terms.use is AccountUse.SHARED
        if kind is None:
            self._told.allowed += len(link.venue)
        elif not is_shared or self._is_own(client):
            self._place(link, lambda: (_lacking(link, kind),))
        elif self._look.holds(link.fills):
            self._told.tell_unlike(link, fill_words.unattributable(link.venue))

    def _is_own(self, client: str | None) -> bool:
        return client is not None and client.startswith(self._look.terms.comparison.client_id_prefixes)

    def _whose(self, client: str | None) -> BreakType | None:
        """What it is that the ledger lacks an execution of this order; None where others may trade here."""
        terms = self._look.terms
        if client is not None and client.startswith(terms.allowed_client_ids):
            return None
        if client is None or self._is_own(client) or not terms.comparison.client_id_prefixes:
            return BreakType.FILL_MISSING_IN_LEDGER
        return None if terms.use is AccountUse.SHARED else BreakType.FILL_FOREIGN

    def _place(self, link: Link, traits: Callable[[], Iterable[Trait]]) -> None:
        """Told where it can be judged now, else remembered or left."""
        told, look = self._told, self._look
        is_kept = any(id(fill) in self._kept for fill in link.fills)
        is_whole = is_kept or not link.is_order or first_of(link.fills) >= look.edge
        is_new = look.judges(link.at)
        has_come_late = is_kept and bool(link.ledger and link.venue)
        is_unwritten = look.is_unwritten(link)
        if is_unwritten:
            told.wait_for(link)
        if is_unwritten or last_of(link.fills) > look.window.until or look.is_moving(link):
            told.deferred += len(link.fills)
            told.unjudged.add(link.place)
            self._standing.append(link)
        elif look.covers(link.symbol) and ((is_new and is_whole) or has_come_late):
            for trait in traits():
                told.tell(link, trait)
            told.ended.update(() if is_new else (link.place,))
            self._standing.append(link)
        else:
            told.unjudged.add(link.place)
            self._standing.extend((link,) if is_kept else ())
            if is_new and not is_whole:
                told.tell_unlike(link, fill_words.too_long(link.fills))

    def _end(self) -> None:
        """What was remembered and has its counterpart now."""
        names = self._look.names
        standing = {id(fill) for link in self._standing for fill in link.fills}
        for fill in self._kept.values():
            if id(fill) not in standing:
                for place in places_of(fill, names):
                    self._told.ended.add(place)
                    self.late[hash(place)] = fill.at
        self._told.ended -= {link.place for link in self._standing} - {one.place for one in self._told.differences}


_WORDS = {
    BreakType.FILL_MISSING_AT_VENUE: fill_words.missing_at_venue,
    BreakType.FILL_MISSING_IN_LEDGER: fill_words.missing_in_ledger,
    BreakType.FILL_FOREIGN: fill_words.foreign,
}


def _lacking(link: Link, kind: BreakType) -> Trait:
    """That one side has nothing of it."""
    return Trait(kind, _WORDS[kind](link.fills), link.ledger, link.venue)
