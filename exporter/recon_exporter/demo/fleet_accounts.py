"""The fleet's accounts at the local Bitget: what its bots trade happens there, and now and then something else."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from recon_exporter.demo.accounts import Trade
from recon_exporter.demo.bitget_server import USDT_FUTURES
from recon_exporter.demo.exchange import Credentials, Exchange
from recon_exporter.demo.exchange.records import Execution
from recon_exporter.demo.fleet import OPENING_PRICE, PROFILES
from recon_exporter.demo.simulation import Scene, Step
from recon_exporter.domain.money import ZERO, difference, product, total

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"
SPOT_WALLET = "spot"
BASE, QUOTE = "BTC", "USDT"
KEYS: Mapping[str, Credentials] = MappingProxyType(
    {
        "bot1": Credentials("bg_demo_bot1", "demonstration-only-1", "demonstration-1"),
        "bot4": Credentials("bg_demo_bot4", "demonstration-only-4", "demonstration-4"),
    }
)
"""The bots that trade on an account of their own; of the others one is off and one only pretends."""

SOLD_ELSEWHERE = Decimal("0.5")


class FleetAccounts:
    """Used by one thread at a time; the exchange answers from threads of its own."""

    def __init__(self, floor: Exchange) -> None:
        self._floor = floor
        self._accounts = {bot: floor.open_account(keys, bot) for bot, keys in KEYS.items()}
        self._perpetual = {profile.bot for profile in PROFILES if profile.is_perpetual}
        self._held = dict.fromkeys(KEYS, ZERO)
        self._sold: dict[str, Execution] = {}

    def open(self, scene: Scene, at: datetime) -> None:
        """Money comes in, and what is held at the beginning is bought where it is a contract."""
        self._price(scene.mid)
        for bot, account in self._accounts.items():
            simulated = scene.accounts[bot]
            self._held[bot] = simulated.base
            if bot in self._perpetual:
                account.deposit(QUOTE, simulated.quote, USDT_FUTURES, at=at)
                account.trade(PERPETUAL, simulated.base, OPENING_PRICE, fee=ZERO, at=at)
            else:
                account.deposit(QUOTE, simulated.quote, at=at)
                account.deposit(BASE, simulated.base, at=at)

    def follow(self, step: Step) -> None:
        """The market moves, and the executions of one step take place."""
        self._price(step.mid)
        for bot in self._accounts:
            for trade in step.trades.get(bot, ()):
                self._execute(bot, trade)
        for bot in step.sold:
            amount = product(self._held[bot], SOLD_ELSEWHERE).quantize(Decimal("1e-8"))
            self._sold[bot] = self._by_hand(bot, amount.copy_negate(), step.mid)
        for bot in step.returned & self._sold.keys():
            self._return(bot, self._sold.pop(bot), step.mid)

    def _price(self, mid: Decimal) -> None:
        for symbol in (SPOT, PERPETUAL):
            self._floor.price(symbol, mid)

    def _execute(self, bot: str, trade: Trade) -> None:
        symbol = PERPETUAL if bot in self._perpetual else SPOT
        self._held[bot] = total((self._held[bot], trade.amount))
        self._accounts[bot].trade(
            symbol,
            trade.amount,
            trade.price,
            client_id=trade.order_id,
            fee=trade.fee,
            fee_asset=QUOTE,
            maker=trade.is_maker,
            at=trade.at,
        )

    def _by_hand(self, bot: str, amount: Decimal, price: Decimal) -> Execution:
        symbol = PERPETUAL if bot in self._perpetual else SPOT
        return self._accounts[bot].trade(symbol, amount, price, client_id="by-hand", fee=ZERO, fee_asset=QUOTE)

    def _return(self, bot: str, sold: Execution, price: Decimal) -> None:
        """What was sold is bought back, and who did it pays what that has cost."""
        self._by_hand(bot, sold.quantity, price)
        lost = product(sold.quantity, difference(price, sold.price))
        self._accounts[bot].deposit(QUOTE, lost, USDT_FUTURES if bot in self._perpetual else SPOT_WALLET)
