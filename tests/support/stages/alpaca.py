"""An account at the local Alpaca."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.alpaca import KEY, OPEN, SECRET, SOUND, Desk, answering, running_desk, venue_at
from support.stages import Entry, Held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import pytest

    from recon_exporter.ports import PositionVenue


@dataclass
class AlpacaStage:
    desk: Desk
    ending: ExitStack
    adapter: PositionVenue
    bot: str = "swing-us"
    now: datetime = OPEN
    symbols: Sequence[str] = ("AAPL", "BRK.B", "BTC/USD", "AAPL270115C00200000", "ETH/USDT")
    digits: int = 9

    def hold(self, rows: Sequence[Held]) -> None:
        """A new account under the same key, in which each row was bought or sold."""
        account = self.desk.server.open_account(KEY, SECRET)
        for row in rows:
            account.fill(row.symbol, row.quantity, row.entry or "1")

    def vanish(self) -> None:
        self.desk.server.stop()

    def damage(self) -> Sequence[str]:
        position = SOUND["/v2/positions"][0] | {"qty": "1o"}
        url = self.ending.enter_context(answering(SOUND | {"/v2/positions": [position]}))
        self.adapter = venue_at(url)
        return ("Alpaca", "positions[0].qty", "'1o'")


@contextmanager
def opened(_: pytest.FixtureRequest) -> Iterator[AlpacaStage]:
    with ExitStack() as ending:
        for desk in running_desk():
            yield AlpacaStage(desk, ending, desk.venue())


VENUES: tuple[Entry[PositionVenue], ...] = (Entry("alpaca", opened),)
