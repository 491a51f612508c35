"""Two statements of positions compared: every difference beyond tolerance, and what could not be judged.

Prices are compared wherever both sides hold a position and tell one, whether or not the quantities agree: so a break in
the price never ends because the quantity broke as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain import position_rules
from recon_exporter.domain.breaks import BreakIdentity, BreakType, Discrepancy
from recon_exporter.domain.lots import summed
from recon_exporter.domain.money import ZERO, total
from recon_exporter.domain.position_pair import Pair
from recon_exporter.domain.position_rules import Tolerated
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.scope import Scope
from recon_exporter.domain.shared_keys import with_one_spelling, with_shared_legs
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import Terms

Key = tuple[str, str]
Verdict = Discrepancy | Tolerated | BreakIdentity
_ORDER = {kind: place for place, kind in enumerate(BreakType)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing the two statements of one bot established.

    ``compared`` counts the keys of both sides together. ``unjudged`` are breaks that could be neither found nor
    excluded because a side does not tell a price or a time of writing: one that stands already stands on.
    ``stale_judged`` says whether the test of stale positions was made at all. Of symbols outside ``scope`` nothing was
    told: a break of one stands on, too.
    """

    bot: str
    discrepancies: tuple[Discrepancy, ...]
    compared: int
    tolerated: tuple[Tolerated, ...]
    unjudged: frozenset[BreakIdentity]
    stale_judged: bool
    scope: Scope | None = None

    def has_judged(self, standing: Discrepancy) -> bool:
        """Whether a break that stands, and was not found again, is gone."""
        is_told = self.scope is None or self.scope.holds_position(standing.symbol)
        return is_told and standing.identity not in self.unjudged

    @property
    def tolerated_sums(self) -> tuple[Decimal, Decimal]:
        """The positive and the negative differences in quantity that tolerance let through, each summed."""
        differences = [one.quantity for one in self.tolerated if one.quantity is not None]
        return (total(one for one in differences if one > ZERO), total(one for one in differences if one < ZERO))

    @property
    def unjudged_counts(self) -> tuple[tuple[BreakType, int], ...]:
        """How many positions could not be judged, by type of break, in the order of the types."""
        counts = Counter(BreakType(identity[1]) for identity in self.unjudged)
        return tuple((kind, counts[kind]) for kind in BreakType if kind in counts)


def compare(ledger: PositionStatement, venue: PositionStatement, terms: Terms, now: datetime) -> Comparison:
    """Judge every key of both sides; raises ValueError where the statements are of two bots."""
    if ledger.bot != venue.bot:
        raise ValueError(f"the ledger speaks of {ledger.bot}, the venue of {venue.bot}")
    told, theirs = with_one_spelling(_book(ledger, terms.symbols), _book(venue, terms.symbols), terms.symbols)
    ours, theirs = with_shared_legs(told, theirs)
    verdicts = [verdict for pair in _differing(ledger.bot, ours, theirs) for verdict in _judged(pair, terms)]
    # Each leg that the ledger tells is written by itself, also where the venue knows the net position only.
    verdicts.extend(_stale(ledger, told, theirs, terms, now))
    return Comparison(
        bot=ledger.bot,
        discrepancies=tuple(sorted((one for one in verdicts if isinstance(one, Discrepancy)), key=_place)),
        compared=len(ours.keys() | theirs.keys()),
        tolerated=tuple(one for one in verdicts if isinstance(one, Tolerated)),
        unjudged=frozenset(one for one in verdicts if isinstance(one, tuple)),
        stale_judged=ledger.has_write_times and _is_stale_on(terms),
        scope=terms.scope,
    )


def _place(one: Discrepancy) -> tuple[str, str, int]:
    return (one.symbol, one.leg, _ORDER[one.type])


def _book(statement: PositionStatement, symbols: Symbols) -> dict[Key, Position]:
    """The positions by their one name; those that meet under it are summed."""
    book: dict[Key, Position] = {}
    lots: dict[Key, list[Position]] = {}
    canonical = symbols.canonical
    for position in statement.positions:
        key = (canonical(position.symbol), position.leg)
        if key in book:
            lots.setdefault(key, [book[key]]).append(position)
        else:
            book[key] = position
    for key, several in lots.items():
        together = summed(several)
        if together is None:
            del book[key]
        else:
            book[key] = together
    return book


def _differing(bot: str, ours: Mapping[Key, Position], theirs: Mapping[Key, Position]) -> Iterator[Pair]:
    """The keys on which the sides do not plainly agree; nearly all of a large book ends here."""
    for key, own in ours.items():
        other = theirs.get(key)
        if (
            other is None
            or own.quantity != other.quantity
            or own.average_price is None
            or own.average_price != other.average_price
            or (own.currency and other.currency and own.currency != other.currency)
        ):
            yield Pair(bot, *key, own, other)
    for key, other in theirs.items():
        if key not in ours:
            yield Pair(bot, *key, None, other)


def _judged(pair: Pair, terms: Terms) -> Iterator[Verdict]:
    if pair.ledger is None or pair.venue is None:
        yield position_rules.missing(pair, terms)
        return
    quantity = position_rules.quantity(pair, terms)
    if quantity is not None:
        yield quantity
    if not pair.has_comparable_prices:
        yield (pair.bot, BreakType.PRICE_MISMATCH, pair.symbol, pair.leg)
        return
    price = position_rules.price(pair, terms)
    if price is not None:
        yield price


def _is_stale_on(terms: Terms) -> bool:
    return any(limit is not None for limit in (terms.stale_after, *terms.stale_after_of.values()))


def _stale(
    ledger: PositionStatement, ours: Mapping[Key, Position], theirs: Mapping[Key, Position], terms: Terms, now: datetime
) -> Iterable[Verdict]:
    """Every position that the ledger holds, whatever the venue says of it."""
    if not _is_stale_on(terms):
        return
    usual, of_symbol = terms.stale_after, terms.stale_after_of
    for key, position in ours.items():
        limit = of_symbol.get(key[0], usual)
        if limit is None:
            continue
        if not ledger.has_write_times or position.written_at is None:
            yield (ledger.bot, BreakType.STALE_POSITION, *key)
        elif now - position.written_at >= limit:
            pair = Pair(ledger.bot, *key, position, theirs.get(key))
            yield position_rules.stale(pair, position.written_at, limit)
