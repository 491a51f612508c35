"""The ledger of a bot under Hummingbot: a book is what its fills make."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.ledgers.hummingbot import HummingbotLedger, HummingbotSource
from support.hummingbot import HummingbotDatabase
from support.stages import LOTS, ZEROS, Entry, Held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from recon_exporter.ports import PositionLedger

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@dataclass
class HummingbotStage:
    """Fills are only ever added: to hold another book, what is held is closed first."""

    database: HummingbotDatabase
    adapter: PositionLedger
    bot: str = "swing-us"
    now: datetime = NOW
    symbols: Sequence[str] = ("BTC/USDT", "ETH/USDT", "1INCH/USDT")
    digits: int = 6
    held: Sequence[Held] = field(default_factory=list)

    def hold(self, rows: Sequence[Held]) -> None:
        closing = [fill_of(row, closes=True) for row in self.held]
        self.database.fills(closing + [fill_of(row) for row in rows])
        self.held = rows

    def vanish(self) -> None:
        self.database.path.unlink()

    def damage(self) -> Sequence[str]:
        self.database.run("UPDATE TradeFill SET amount = '1o' WHERE rowid = 2")
        return (str(self.database.path), "TradeFill", "row 2", "amount", "'1o'")


def fill_of(row: Held, *, closes: bool = False) -> tuple[str, str, str, str]:
    quantity = Decimal(row.quantity)
    side = "SELL" if quantity.is_signed() is not closes else "BUY"
    return side, str(abs(quantity)), row.entry or "1", row.symbol.replace("/", "-")


@contextmanager
def opened(request: pytest.FixtureRequest) -> Iterator[HummingbotStage]:
    path = request.getfixturevalue("tmp_path") / "conf_pure_mm_1.sqlite"
    ledger = HummingbotLedger("swing-us", HummingbotSource(str(path), "binance"))
    yield HummingbotStage(HummingbotDatabase(path), ledger)


LEDGERS: tuple[Entry[PositionLedger], ...] = (Entry("hummingbot ledger", opened, frozenset({LOTS, ZEROS})),)
