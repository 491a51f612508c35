"""Two bots written down one by one: Hummingbot on the local Bitget, freqtrade on the local Binance.

Both trade a little on their exchange and write their books as those programs do. Once a round the first one does not
hear of an execution, until its owner writes it down.
"""

import threading
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from recon_exporter.demo.binance_server import binance_server
from recon_exporter.demo.bitget_server import USDT_FUTURES
from recon_exporter.demo.exchange import Credentials, Exchange
from recon_exporter.demo.exchange.records import Execution
from recon_exporter.demo.fleet import OPENING_PRICE, TICK
from recon_exporter.demo.freqtrade_book import FreqtradeBook
from recon_exporter.demo.hummingbot_book import HummingbotBook
from recon_exporter.domain.money import product, total
from recon_exporter.ports import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

PERPETUAL_BOT, SPOT_BOT = "perp-mm", "spot-ft"
PERPETUAL_PREFIX, SPOT_PREFIX = "PERP", "SPOTFT"
PERPETUAL_KEYS = Credentials("bg_demo_perp", "demonstration-only-p", "demonstration-p")
SPOT_KEYS = Credentials("bn_demo_spot", "demonstration-only-s")
HUMMINGBOT, FREQTRADE = Path("hummingbot") / "conf_perpetual_1.sqlite", Path("freqtrade") / "tradesv3.sqlite"
CONNECTOR = "bitget_perpetual"
CLIENT_PREFIX = "HBOT-"
PERPETUAL, SPOT = "BTC/USDT:USDT", "BTC/USDT"

HELD, LOT, LOST = Decimal("0.012"), Decimal("0.004"), Decimal("0.011")
FEE_COIN, FEE = "BNB", Decimal("0.0004")
PAST_TRADES = 13
BETWEEN = timedelta(hours=2)
LOOP_SECONDS = 12.0
JOIN_SECONDS = 3.0
UNHEARD = timedelta(minutes=7)
"""How long before the incident begins the lost execution was: a younger one Hummingbot may still ask for."""


class Traders:
    """Both bots, in a thread of their own. The first trades on ``bitget``, the second on an exchange of its own."""

    def __init__(self, folder: Path, bitget: Exchange, clock: Clock) -> None:
        self._clock = clock
        self.binance = binance_server(clock)
        self._perpetual = bitget.open_account(PERPETUAL_KEYS, PERPETUAL_BOT)
        self._spot = self.binance.exchange.open_account(SPOT_KEYS, SPOT_BOT)
        self._hummingbot = HummingbotBook(folder / HUMMINGBOT, CONNECTOR)
        self._freqtrade = FreqtradeBook(folder / FREQTRADE, "binance")
        self._orders = (f"{CLIENT_PREFIX}{number}" for number in count(1))
        self._trades = count(1)
        self._lost: Execution | None = None
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traders", daemon=True)

    def prepare(self) -> None:
        """Money from days ago, and what was traded since yesterday, on both sides."""
        days = (PAST_TRADES + 1) * BETWEEN
        began = self._clock.now() - days
        self._perpetual.deposit("USDT", 10000, USDT_FUTURES, at=began)
        for asset, amount in (("USDT", 20000), (FEE_COIN, 1)):
            self._spot.deposit(asset, amount, at=began)
        self.binance.exchange.price(SPOT, OPENING_PRICE)
        self.binance.exchange.price(f"{FEE_COIN}/USDT", 600)
        self._hummingbot.create()
        self._freqtrade.create()
        self._hummingbot.record(self._executed(HELD, OPENING_PRICE, days))
        for number in range(1, PAST_TRADES + 1):
            self._trade(days - number * BETWEEN)

    def start(self) -> None:
        """Go on trading."""
        self._thread.start()

    def begin(self) -> None:
        """Hummingbot does not hear of an execution."""
        self._asked.put(self._lose)

    def end(self) -> None:
        """Its owner writes the execution down."""
        self._asked.put(self._repair)

    def stop(self) -> None:
        """Trade no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._asked.put(lambda: None)
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                happen = self._asked.get(timeout=LOOP_SECONDS)
            except Empty:
                happen = self._trade
            if not self._stopping.is_set():
                happen()

    def _trade(self, ago: timedelta = timedelta(0)) -> None:
        """One execution of each bot: what they bought the last time they sell."""
        number = next(self._trades)
        is_sale = number % 2 == 0
        amount = LOT.copy_negate() if is_sale else LOT
        price = _price(number)
        self._hummingbot.record(self._executed(amount, price, ago))
        at = self._clock.now() - ago
        execution = self._spot.trade(SPOT, amount, price, fee=FEE, fee_asset=FEE_COIN, at=at)
        (self._freqtrade.leave if is_sale else self._freqtrade.enter)(execution)

    def _executed(self, amount: Decimal, price: Decimal, ago: timedelta = timedelta(0)) -> Execution:
        """An order of Hummingbot's own, executed so long ago."""
        at = self._clock.now() - ago
        return self._perpetual.trade(PERPETUAL, amount, price, client_id=next(self._orders), maker=True, at=at)

    def _lose(self) -> None:
        self._lost = self._executed(LOST, OPENING_PRICE, UNHEARD)

    def _repair(self) -> None:
        """The row of the lost execution; then the bot sells what it did not know it had."""
        if self._lost is not None:
            self._hummingbot.record(self._lost)
            self._hummingbot.record(self._executed(LOST.copy_negate(), OPENING_PRICE))
            self._lost = None


def _price(number: int) -> Decimal:
    """Some ticks around the price at which everything began."""
    return total((OPENING_PRICE, product(TICK, Decimal(number % 7 * 10))))
