"""Every scripted incident at once, each with a bot of its own, under the real exporter, Prometheus and Alertmanager.

Waits are those of the shipped files divided by a scale; with 1 they are the defaults.
"""

from __future__ import annotations

import copy
import json
import re
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import requests
import yaml

from end_to_end.arrivals import Arrivals
from end_to_end.world import until
from recon_exporter.clock import SystemClock
from recon_exporter.demo.accounts import opened
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.configuration import Venues, write_exporter_files
from recon_exporter.demo.credentials import CREDENTIALS
from recon_exporter.demo.equities import BOT as EQUITIES_BOT
from recon_exporter.demo.equities import Equities
from recon_exporter.demo.exchange import Credentials
from recon_exporter.demo.fleet import BALANCES, OPENING_PRICE, PROFILES, opening_accounts
from recon_exporter.demo.fleet_accounts import FleetAccounts
from recon_exporter.demo.hbot_writer import HbotFiles
from recon_exporter.demo.hummingbot_book import HummingbotBook
from recon_exporter.demo.incidents import TIMELINE, Incident, Kind
from recon_exporter.demo.simulation import Scene, advance
from recon_exporter.demo.stage import HISTORY, LIVE_ROW, ROW, SEED, write_past, write_step
from recon_exporter.demo.traders import CLIENT_PREFIX, CONNECTOR, PERPETUAL, PERPETUAL_BOT, UNHEARD, Traders
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from recon_exporter.demo.exchange import Account, ExchangeServer
    from recon_exporter.demo.simulation import Step

TORN_BOT, STALE_BOT = "bot5", "bot6"
LIKE = "bot3"
"""The bots of the two incidents that need one more each trade on paper like this one."""

BOT_OF = {
    Kind.INVENTORY_DRIFT: "bot4",
    Kind.MISSING_EVENTS: "bot3",
    Kind.VENUE_DRIFT: "bot1",
    Kind.FEE_COUNTER_DROP: "bot2",
    Kind.TORN_FILE: TORN_BOT,
    Kind.STALE_BOT: STALE_BOT,
}
INCIDENTS = {one.kind: replace(one, bot=BOT_OF[one.kind]) for one in TIMELINE if one.kind in BOT_OF}
SIGN = re.compile(r'wsb_eod_reconciliation_breaks_total\{|recon_finding\{.*(severity="critical"|code="ledger_stale")')
"""The samples that tell of a critical finding, of a break that counts or of books that stopped."""

POLL_SECONDS = 0.2
SNAPSHOT = "3s"
"""The bots trade in seconds what others do in hours: an older snapshot would be of another time altogether."""

BOUGHT = "0.05"
HAND_BOT, HAND_PREFIX, HAND_BOOK = "perp-hand", "HAND", "hummingbot/by_hand.sqlite"
HAND_KEYS = Credentials("bg_demo_hand", "demonstration-only-h", "demonstration-h")
HAND_VARIABLES = {
    f"{HAND_PREFIX}_BITGET_{name}": value
    for name, value in zip(
        ("API_KEY", "SECRET", "PASSPHRASE"), (HAND_KEYS.key, HAND_KEYS.secret, HAND_KEYS.passphrase), strict=True
    )
}


class Play(threading.Thread):
    """The hbot bots on the machine's clock, with the incidents in ``going_on``."""

    def __init__(self, folder: Path, accounts: FleetAccounts) -> None:
        super().__init__(name="play", daemon=True)
        self._files = HbotFiles(folder)
        self._accounts = accounts
        self._clock = SystemClock()
        self._over = threading.Event()
        self.going_on: frozenset[Incident] = frozenset()
        now = self._clock.now()
        first = min(now.replace(hour=0, minute=0, second=0, microsecond=0), now - HISTORY)
        like = next(profile for profile in PROFILES if profile.bot == LIKE)
        more = {
            bot: opened(replace(like, bot=bot), first, OPENING_PRICE, *BALANCES[LIKE]) for bot in (TORN_BOT, STALE_BOT)
        }
        self._scene = Scene(SEED, OPENING_PRICE, {**opening_accounts(first), **more})
        self._accounts.open(self._scene, first)
        times = [first + ROW * number for number in range((now - first) // ROW)]
        write_past(self._files, [self._step(at) for at in [*times, now]])

    def _step(self, at: datetime) -> Step:
        self._scene, step = advance(self._scene, at, self.going_on)
        self._accounts.follow(step)
        return step

    def run(self) -> None:
        while not self._over.wait(LIVE_ROW.total_seconds()):
            write_step(self._files, self._step(self._clock.now()))

    def stop(self) -> None:
        self._over.set()
        if self.is_alive():
            self.join(5)


class Watch(threading.Thread):
    """Looks at the exporter's own page: since when it shows what a page is about, by bot."""

    def __init__(self, url: str) -> None:
        super().__init__(name="watch", daemon=True)
        self._url = url
        self._over = threading.Event()
        self.shown_at: dict[str, float] = {}

    def run(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            try:
                text = requests.get(f"{self._url}/metrics", timeout=5).text
            except requests.RequestException:
                continue
            at = time.monotonic()
            for line in text.splitlines():
                if SIGN.match(line) and not line.endswith(" 0.0"):
                    bot = line.partition('bot="')[2].partition('"')[0]
                    self.shown_at.setdefault(bot, at)

    def stop(self) -> None:
        self._over.set()
        self.join(5)


@dataclass
class Stack:
    """Everything that runs."""

    sandbox: Sandbox
    play: Play
    traders: Traders
    equities: Equities
    bitget: ExchangeServer
    by_hand: Account
    watch: Watch
    arrivals: Arrivals

    def everything_happens(self) -> None:
        """All incidents begin."""
        self.watch.start()
        self.play.going_on = frozenset(INCIDENTS.values())
        at = SystemClock().now() - UNHEARD
        self.by_hand.trade(PERPETUAL, BOUGHT, OPENING_PRICE, client_id="by-hand", at=at)
        self.books_differ()

    def mend_torn_file(self) -> None:
        """The file is repaired before its checks have been blind for long."""
        self.play.going_on -= {INCIDENTS[Kind.TORN_FILE]}

    def books_differ(self) -> None:
        """Two bots do not hear of an execution, and the day of one of them is reconciled."""
        self.traders.begin()
        self.equities.miss_a_fill()
        self.reconcile()

    def books_agree(self) -> None:
        """Both have booked it, and the day is reconciled again."""
        self.traders.end()
        self.equities.book_the_missed_fill()
        self.reconcile()

    def reconcile(self) -> int:
        """An end-of-day run by hand; its exit code."""
        return self.sandbox.exporter.command("eod", "--bot", EQUITIES_BOT).returncode


@contextmanager
def stack(folder: Path, scale: float) -> Iterator[Stack]:
    """All of it, sound, seen by Prometheus, with nothing told to anybody yet."""
    clock, pace = SystemClock(), Pace(scale)
    with ExitStack() as running:
        arrivals = Arrivals()
        sandbox = Sandbox(folder, pace, mailbox=arrivals)
        running.callback(sandbox.stop)
        sandbox.unpack()
        equities = Equities(folder, clock)
        equities.prepare()
        bitget = bitget_server(clock)
        traders = Traders(folder, bitget.exchange, clock)
        traders.prepare()
        play = Play(folder, FleetAccounts(bitget.exchange))
        by_hand = _traded_by_hand(folder, bitget)
        for server in (equities.server, bitget, traders.binance):
            running.enter_context(server)
        _configure(sandbox, Venues(equities.server.url, bitget.url, traders.binance.url))
        sandbox.exporter.variables.update({**CREDENTIALS, **HAND_VARIABLES})
        for player in (play, traders):
            running.callback(player.stop)
            player.start()
        sandbox.exporter.start()
        until(sandbox.exporter.is_ready, "the first cycle", 60)
        sandbox.start_watchers()
        watch = Watch(sandbox.exporter.url)
        made = Stack(sandbox, play, traders, equities, bitget, by_hand, watch, arrivals)
        running.callback(lambda: watch.stop() if watch.is_alive() else None)
        until(lambda: bool(sandbox.ask('recon_check_evaluated{check="eod"} == 1')), "the day is reconciled", 60)
        until(lambda: bool(sandbox.ask("sum(recon_bot_status{status='ok'}) == 10")), "all bots are well", 60)
        yield made


def _traded_by_hand(folder: Path, bitget: ExchangeServer) -> Account:
    """A Hummingbot bot that holds something, in both books; somebody else has its password."""
    account = bitget.exchange.open_account(HAND_KEYS, HAND_BOT)
    began = SystemClock().now() - HISTORY
    account.deposit("USDT", 10000, USDT_FUTURES, at=began)
    book = HummingbotBook(folder / HAND_BOOK, CONNECTOR)
    book.create()
    book.record(account.trade(PERPETUAL, BOUGHT, OPENING_PRICE, client_id=f"{CLIENT_PREFIX}1", at=began))
    return account


def _configure(sandbox: Sandbox, venues: Venues) -> None:
    """As the demonstration, with the shipped intervals at this pace."""
    folder, pace = sandbox.folder, sandbox.pace
    write_exporter_files(folder, sandbox.exporter.url, sandbox.webhook, venues)
    path = folder / "config" / "recon.yml"
    document = yaml.safe_load(path.read_text())
    document["schedule"] = {"cycle": pace.span("60s"), "snapshot": SNAPSHOT}
    document["confirm"] = {"settle": pace.span("60s")}
    document["bots"][HAND_BOT] = copy.deepcopy(document["bots"][PERPETUAL_BOT])
    document["bots"][HAND_BOT]["ledger"]["path"] = HAND_BOOK
    document["bots"][HAND_BOT]["venue"]["credential_prefix"] = HAND_PREFIX
    path.write_text(yaml.safe_dump(document))
    for name in ("exchange_account_map", "reconciliation_thresholds"):
        file = folder / "config" / f"{name}.json"
        told = json.loads(file.read_text())
        told["bots"].update(dict.fromkeys((TORN_BOT, STALE_BOT), told["bots"][LIKE]))
        file.write_text(json.dumps(told))


__all__ = ["EQUITIES_BOT", "HAND_BOT", "PERPETUAL_BOT", "STALE_BOT", "TORN_BOT", "Stack", "stack"]
