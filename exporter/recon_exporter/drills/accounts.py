"""Bots with an account each at a local Bitget, which the exporter asks itself, as it would ask the real one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from recon_exporter.demo.bitget_server import Bitget, bitget_server
from recon_exporter.demo.exchange import Credentials, ExchangeServer, Fault
from recon_exporter.drills.fleet import PRICE, FleetScene, Values, holding
from recon_exporter.drills.sandbox import Sandbox

SYMBOL, BASE, QUOTE = "BTC/USDT", "BTC", "USDT"
PATIENCE_SECONDS, LOOK = 30.0, timedelta(seconds=0.2)
AHEAD = timedelta(seconds=12)
"""Enough to be told, and less than what makes Bitget refuse a signature."""


def variables(bot: str, keys: Credentials) -> Mapping[str, str]:
    """The variables in which the exporter looks for the key of this bot."""
    parts = {"API_KEY": keys.key, "SECRET": keys.secret, "PASSPHRASE": keys.passphrase}
    return {f"{bot.upper()}_BITGET_{part}": text for part, text in parts.items()}


class AccountsScene(FleetScene):
    """Each bot's account holds what its books say, and the exporter writes the snapshot."""

    DEADLINE = "5s"

    def __init__(self, sandbox: Sandbox, *names: str) -> None:
        super().__init__(sandbox, *names)
        self.fleet.is_snapshot_written = False
        self.server = bitget_server(sandbox.clock)
        self.keys = {bot.name: Credentials(f"bg_{bot.name}", "drill-only", "drill") for bot in self.fleet.bots}

    def prepare(self) -> Values:
        self.server.exchange.price(SYMBOL, PRICE)
        for bot, keys in self.keys.items():
            account = self.server.exchange.open_account(keys, bot)
            account.deposit(BASE, holding("0.5")["base_balance"])
            account.deposit(QUOTE, holding("0.5")["quote_balance"])
            self.sandbox.exporter.variables.update(variables(bot, keys))
        self.server.start()
        venue = {"type": "ccxt", "base_url": self.server.url, "account_types": ["spot"], "deadline": self.DEADLINE}
        fleet = {"type": "hbot", "exchange_snapshot": {"enabled": True}, "venue": venue, "intraday": False}
        return {**super().prepare(), "fleets": {"hbot": fleet}}

    def close(self) -> None:
        self.server.stop()


class Away(AccountsScene):
    """Nobody listens any more where the exchange was; later it is back at the same place with the same accounts."""

    def happen(self) -> None:
        """What reads the snapshot beside the alert finds there what the alert says, once the deadlines are over."""
        self.server.stop()
        clock = self.sandbox.clock
        ends_at = clock.monotonic() + PATIENCE_SECONDS
        while not self._is_blind() and clock.monotonic() < ends_at:
            clock.wait(LOOK)

    def repair(self) -> None:
        port = int(self.server.url.rpartition(":")[2])
        self.server = ExchangeServer(self.server.exchange, Bitget(), port=port)
        self.server.start()

    def _is_blind(self) -> bool:
        failed = (f'recon_venue_probe_status{{bot="{bot}",status="fetch_failed"}}' for bot in self.keys)
        return all(self.sandbox.exporter.value(series) == 1 for series in failed)


class Replaced(AccountsScene):
    """The key of one bot was replaced at the exchange, and nobody told the exporter."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, "bot1", bot)
        self._bot = bot
        self._next = replace(self.keys[bot], key=f"bg_{bot}_next")

    def happen(self) -> None:
        self.server.exchange.replace_key(self.keys[self._bot].key, self._next)

    def repair(self) -> None:
        exporter = self.sandbox.exporter
        exporter.variables.update(variables(self._bot, self._next))
        exporter.end()
        exporter.start()


class Powerful(AccountsScene):
    """The key of one bot is given a right at the exchange that reading does not need."""

    def __init__(self, sandbox: Sandbox, bot: str, *, withdraws: bool = False) -> None:
        super().__init__(sandbox, bot, "bot12")
        self._reading = self.keys[bot]
        self._powerful = replace(self._reading, can_trade=not withdraws, can_withdraw=withdraws)

    def happen(self) -> None:
        self.server.exchange.replace_key(self._reading.key, self._powerful)

    def repair(self) -> None:
        self.server.exchange.replace_key(self._powerful.key, self._reading)


class Ahead(AccountsScene):
    """The clocks of the exchange and of this machine are apart."""

    def happen(self) -> None:
        self.server.fail(Fault.SKEWED, span=AHEAD)

    def repair(self) -> None:
        self.server.recover()


class Hanging(AccountsScene):
    """The exchange takes requests and does not answer, for as long as the exporter waits."""

    DEADLINE = "60s"

    def happen(self) -> None:
        self.server.fail(Fault.HANG)

    def repair(self) -> None:
        self.server.recover()
