"""The position of an hbot bot."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.demo.hbot_writer import MINUTE_COLUMNS, HbotFiles, minute_row, table_text
from recon_exporter.domain.policy import Freshness
from recon_exporter.ledgers.hbot.positions import HbotPositions
from support.stages import ZEROS, Entry, Held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from recon_exporter.ports import PositionLedger

MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 3, 6, 12, 0, 5, tzinfo=UTC)
FRESHNESS = Freshness(Decimal(3), 10 * MINUTE, 2 * MINUTE, 60 * MINUTE)
COLUMNS = (*MINUTE_COLUMNS, *(name for name in ("position_base", "avg_entry_price") if name not in MINUTE_COLUMNS))


@dataclass
class HbotStage:
    files: HbotFiles
    adapter: PositionLedger
    bot: str = "bot1"
    now: datetime = NOW
    symbols: Sequence[str] = ("BTC-USDT",)
    digits: int = 18

    def hold(self, rows: Sequence[Held]) -> None:
        held = rows[0] if rows else Held("BTC-USDT", "0")
        self._write(position_base=held.quantity, avg_entry_price=held.entry, trading_pair=held.symbol)

    def vanish(self) -> None:
        shutil.rmtree(self.files.data / self.bot)

    def damage(self) -> Sequence[str]:
        self._write(position_base="1o")
        return ("bot1/logs/epp_v24/bot1_a/minute.csv", "byte", "position_base", "1o")

    def _write(self, **values: object) -> None:
        folder = self.files.folder(self.bot)
        folder.mkdir(parents=True, exist_ok=True)
        rows = [minute_row(NOW - number * MINUTE, **values) for number in (3, 2, 1)]
        (folder / "minute.csv").write_text(table_text(rows, COLUMNS, header=True), encoding="utf-8")


@contextmanager
def opened(request: pytest.FixtureRequest) -> Iterator[HbotStage]:
    files = HbotFiles(request.getfixturevalue("tmp_path"))
    yield HbotStage(files, HbotPositions("bot1", files.data, FRESHNESS))


LEDGERS: tuple[Entry[PositionLedger], ...] = (Entry("hbot positions", opened, frozenset({ZEROS})),)
