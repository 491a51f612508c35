"""Which fill events have been counted, so that one that is delivered again counts once.

Kept by the last day on which a fill is followed, and forgotten with it. Durable as documents of at most 4096 digests,
of which only the last one of a day is ever written again.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from recon_exporter.reading.digests import DigestSet

PREFIX = "seen/"
CHUNK = 4096


@dataclass(slots=True)
class SeenDay:
    """One day's digests, and those of them that stand in its last, incomplete document."""

    settled: DigestSet = field(default_factory=DigestSet)
    full_documents: int = 0
    unfilled: list[int] = field(default_factory=list)


class Seen:
    """Digests by day: those that are durable, and over them those of the reading that is going on."""

    def __init__(self, days: Mapping[date, SeenDay]) -> None:
        self._days = dict(days)
        self._fresh: dict[date, dict[int, None]] = {}

    def continued(self, day: date) -> "Seen":
        """A new reading over the same durable digests, without those of earlier days."""
        return Seen({of: seen for of, seen in self._days.items() if of >= day})

    def holds(self, digest: int) -> bool:
        """Whether the digest is there on any day."""
        for fresh in self._fresh.values():
            if digest in fresh:
                return True
        return any(digest in seen.settled for seen in self._days.values()) if self._days else False

    def add(self, day: date, digest: int) -> bool:
        """Note the digest; False where it was there."""
        if self.holds(digest):
            return False
        fresh = self._fresh.get(day)
        if fresh is None:
            fresh = self._fresh[day] = {}
        fresh[digest] = None
        return True

    def settle(self) -> None:
        """What this reading added has become durable."""
        for day, fresh in self._fresh.items():
            seen = self._days.setdefault(day, SeenDay())
            seen.settled.update(fresh)
            seen.unfilled += fresh
            filled = len(seen.unfilled) // CHUNK
            seen.full_documents += filled
            del seen.unfilled[: filled * CHUNK]
        self._fresh.clear()

    def documents(self) -> Iterator[tuple[str, str]]:
        """The documents that this reading changes."""
        for day, fresh in self._fresh.items():
            seen = self._days.get(day, SeenDay())
            digests = [*seen.unfilled, *fresh]
            for number, begin in enumerate(range(0, len(digests), CHUNK), seen.full_documents):
                yield _key(day, number), _packed(digests[begin : begin + CHUNK])

    def keys(self) -> Iterator[str]:
        """The keys of all documents."""
        for day in sorted({*self._days, *self._fresh}):
            seen = self._days.get(day, SeenDay())
            rest = len(seen.unfilled) + len(self._fresh.get(day, ()))
            for number in range(seen.full_documents - (-rest // CHUNK)):
                yield _key(day, number)


def restored(documents: Mapping[str, str]) -> Seen:
    """The digests out of their documents; raises ValueError where they are none."""
    numbered = sorted((*_of_key(key), text) for key, text in documents.items())
    days: dict[date, SeenDay] = {}
    for day, group in groupby(numbered, key=lambda item: item[0]):
        seen = days[day] = SeenDay()
        for expected, (_, number, text) in enumerate(group):
            if number != expected:
                raise ValueError(f"document {_key(day, expected)} is missing")
            digests = _unpacked(text)
            seen.settled.update(digests)
            is_full = len(digests) == CHUNK
            seen.full_documents += is_full
            seen.unfilled = [] if is_full else digests.tolist()
    return Seen(days)


def _key(day: date, number: int) -> str:
    return f"{PREFIX}{day.isoformat()}/{number}"


def _of_key(key: str) -> tuple[date, int]:
    day, _, number = key.removeprefix(PREFIX).partition("/")
    return date.fromisoformat(day), int(number)


def _packed(digests: list[int]) -> str:
    return b64encode(_little_endian(array("Q", digests)).tobytes()).decode()


def _unpacked(text: str) -> "array[int]":
    digests = array("Q")
    digests.frombytes(b64decode(text, validate=True))
    return _little_endian(digests)


def _little_endian(digests: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        digests.byteswap()
    return digests
