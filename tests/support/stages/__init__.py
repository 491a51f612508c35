"""Stages: adapters with the worlds that they read, for the contract that all of them keep (tests/contract/).

A module of this folder plugs its adapters in: it has ``LEDGERS`` or ``VENUES`` (or both), tuples of ``Entry``. Nothing
else is to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    import pytest

    from recon_exporter.ports import PositionLedger, PositionVenue

Adapter = TypeVar("Adapter")

LEGS, LOTS, ZEROS = "legs", "lots", "zeros"
TABLE = frozenset({LEGS, LOTS, ZEROS})
"""What a table of rows can hold."""


@dataclass(frozen=True)
class Held:
    """One row of a book, as texts; ``quantity`` is signed."""

    symbol: str
    quantity: str
    entry: str | None = None
    leg: str = "net"


class Stage(Protocol[Adapter]):
    """One adapter in front of a world that the suite furnishes.

    ``symbols`` are some that the world can hold, all at a time, in the adapter's own spelling. ``digits`` is how many
    decimal places a quantity there can have.
    """

    adapter: Adapter
    bot: str
    now: datetime
    symbols: Sequence[str]
    digits: int

    def hold(self, rows: Sequence[Held]) -> None:
        """From now on the world holds these rows and no others; none at all is a sound empty book."""

    def vanish(self) -> None:
        """The source is gone: file, table, or server."""

    def damage(self) -> Sequence[str]:
        """One value of the book becomes unreadable; returns texts that the error has to name: source, place, value."""


@dataclass(frozen=True)
class Entry(Generic[Adapter]):
    """An adapter under its name; ``open`` sets the stage up and takes it down, ``programs`` are real ones it needs.

    ``holds`` says what its world can hold: LEGS, a long and a short leg of one symbol; LOTS, several rows of one key;
    ZEROS, rows of quantity zero.
    """

    name: str
    open: Callable[[pytest.FixtureRequest], AbstractContextManager[Stage[Adapter]]]
    holds: frozenset[str] = frozenset()
    programs: tuple[str, ...] = ()


def ledgers() -> list[Entry[PositionLedger]]:
    """Every ledger that plugs in."""
    return [entry for module in _modules() for entry in getattr(module, "LEDGERS", ())]


def venues() -> list[Entry[PositionVenue]]:
    """Every venue that plugs in."""
    return [entry for module in _modules() for entry in getattr(module, "VENUES", ())]


def _modules() -> list[object]:
    found = sorted(name for _, name, _ in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in found]
