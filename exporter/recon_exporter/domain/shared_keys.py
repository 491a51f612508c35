"""Bringing two books under the same keys: one spelling of each symbol, and legs only where both sides tell them.

Both steps treat the sides alike, so that a mirrored pair of books has the mirrored verdict.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from recon_exporter.domain.lots import summed
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import Symbols

Key = tuple[str, str]
Book = dict[Key, Position]
Books = tuple[Book, Book]

NET = "net"
_ALL_LEGS = (NET, "long", "short")


def with_one_spelling(ours: Book, theirs: Book, symbols: Symbols) -> Books:
    """Both books, with symbols that differ in case only as one symbol; unless one side has both spellings."""
    names = _names_in_common(ours, theirs, symbols)
    return (_renamed(ours, names), _renamed(theirs, names)) if names else (ours, theirs)


def with_shared_legs(ours: Book, theirs: Book) -> Books:
    """Both books, with a symbol netted where one side tells it net and the other by long and short."""
    symbols = sorted({symbol for symbol, _ in ours.keys() ^ theirs.keys()})
    netted = [symbol for symbol in symbols if _is_told_in_two_ways(_legs(ours, symbol), _legs(theirs, symbol))]
    return (_netted(ours, netted), _netted(theirs, netted)) if netted else (ours, theirs)


def _names_in_common(ours: Book, theirs: Book, symbols: Symbols) -> Mapping[str, str]:
    """The name under which a spelling of one side meets another one of the other side."""
    # Nearly all keys are on both sides: only the others can differ in case.
    alone = tuple({symbol for symbol, _ in keys} for keys in (ours.keys() - theirs.keys(), theirs.keys() - ours.keys()))
    first, second = ({symbols.folded(symbol) for symbol in side} for side in (alone[0] - alone[1], alone[1] - alone[0]))
    folds = first & second
    if not folds:
        return {}
    sides = [_spellings(book, folds, symbols) for book in (ours, theirs)]
    return {
        spelling: fold
        for fold in folds
        if all(len(side[fold]) == 1 for side in sides)
        for side in sides
        for spelling in side[fold]
    }


def _spellings(book: Book, folds: Collection[str], symbols: Symbols) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {fold: set() for fold in folds}
    for symbol, _ in book:
        fold = symbols.folded(symbol)
        if fold in found:
            found[fold].add(symbol)
    return found


def _renamed(book: Book, names: Mapping[str, str]) -> Book:
    return {(names.get(symbol, symbol), leg): position for (symbol, leg), position in book.items()}


def _legs(book: Book, symbol: str) -> frozenset[str]:
    return frozenset(leg for leg in _ALL_LEGS if (symbol, leg) in book)


def _is_told_in_two_ways(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether one side tells the symbol net, and the other by its legs alone."""
    net = frozenset({NET})
    return bool(ours and theirs) and ((ours == net and NET not in theirs) or (theirs == net and NET not in ours))


def _netted(book: Book, symbols: Iterable[str]) -> Book:
    """The book with one position of each of these symbols; none where its legs cancel out."""
    result = dict(book)
    for symbol in symbols:
        together = summed(list(_taken(result, symbol)))
        if together is not None:
            result[symbol, NET] = replace(together, leg=NET)
    return result


def _taken(book: Book, symbol: str) -> Iterator[Position]:
    """The positions of the symbol, taken out of the book."""
    for leg in _ALL_LEGS:
        position = book.pop((symbol, leg), None)
        if position is not None:
            yield position
