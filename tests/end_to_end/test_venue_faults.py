"""Whatever an exchange does to one bot: its verdict is unknown, never flat and never ok; others go on; it comes back.

One exporter, one exchange, one account for each fault, each beside a book that agrees with it.
"""

from __future__ import annotations

import base64
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests

from end_to_end.world import Exporter, command, now, until
from recon_exporter.clock import SystemClock
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.equities import PastClock
from recon_exporter.demo.exchange import Credentials, Fault
from recon_exporter.demo.hummingbot_book import HummingbotBook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from recon_exporter.demo.exchange import Account, ExchangeServer

PERPETUAL = "BTC/USDT:USDT"
REASONS = {
    Fault.SLOW: {"deadline_exceeded"},
    Fault.HANG: {"deadline_exceeded"},
    Fault.RATE_LIMITED: {"rate_limited"},
    Fault.UNAVAILABLE: {"venue_unreachable"},
    Fault.BLOCKED: {"venue_unreachable"},
    Fault.DROPPED: {"venue_unreachable"},
    Fault.HTML: {"source_malformed"},
    Fault.TRUNCATED: {"source_malformed"},
    Fault.EMPTY: {"source_incomplete"},
    Fault.FROZEN: {"source_stale"},
    Fault.SKEWED: {"source_unreadable"},
    Fault.UNKNOWN_KEY: {"credentials_refused"},
    Fault.WRONG_PASSPHRASE: {"credentials_refused"},
    Fault.WRONG_SIGNATURE: {"credentials_refused"},
    Fault.FOREIGN_ADDRESS: {"credentials_refused"},
    Fault.FORBIDDEN: {"credentials_refused"},
}
"""Why a verdict is withheld, by what the exchange does."""

HOUR = timedelta(hours=1)
SPAN = timedelta(minutes=2)
"""How slow a slow answer is, and how far a skewed clock is ahead."""

SOUND = ("sound-1", "sound-2")
CHECKS = ("fills", "positions")
PAGES = ("/", "/metrics", "/config", "/breaks", "/runs")
PATIENCE = 90.0
LONGEST_ENDING = 10.0
FILLS = 200
"""Within a few minutes: two pages of them."""


def name_of(fault: Fault) -> str:
    return fault.replace("_", "-")


BROKEN = {name_of(fault): fault for fault in REASONS}
PARTIAL = name_of(Fault.ONE_PAGE)
"""What is told of this bot is true and does not reach back to where its fills were judged last."""

FROZEN = name_of(Fault.FROZEN)
BOTS = (*SOUND, PARTIAL, *BROKEN)


@dataclass(frozen=True)
class World:
    """Everything that runs; ``keys`` are the credentials of each bot."""

    server: ExchangeServer
    exporter: Exporter
    keys: Mapping[str, Credentials]

    def verdicts(self) -> dict[str, str]:
        """The status of each bot, in the latest report."""
        return {one["bot"]: one["status"] for one in self.exporter.latest().get("bots", ())}

    def withheld(self, bot: str) -> dict[str, str]:
        """The checks of a bot that could not be made, with the reason."""
        checks = self.exporter.latest().get("checks", ())
        return {one["check"]: one["reason"] for one in checks if one["bot"] == bot and one["status"] == "unverified"}

    def evaluated_at(self, bot: str) -> float:
        """When the fills of a bot were judged last."""
        return self.exporter.sample(f'recon_check_last_evaluated_timestamp_seconds{{bot="{bot}",check="fills"}}') or 0

    def book(self, bot: str) -> HummingbotBook:
        return HummingbotBook(self.exporter.folder / "hummingbot" / f"{bot}.sqlite", "bitget_perpetual")

    def spoil(self) -> None:
        """Every fault begins, but for the one that has been there from the start."""
        account = self.server.exchange.account(self.keys[PARTIAL].key)
        assert account is not None
        begin = now() - timedelta(seconds=FILLS)
        moments = (begin + timedelta(seconds=number) for number in range(FILLS))
        self.book(PARTIAL).record(*[account.trade(PERPETUAL, "0.001", "60000", at=at) for at in moments])
        self.server.fail(Fault.ONE_PAGE, account=PARTIAL)
        for bot, fault in BROKEN.items():
            if bot != FROZEN:
                self.server.fail(fault, account=bot, span=SPAN)


def prefix(bot: str) -> str:
    return bot.upper().replace("-", "")


def keys_of(bot: str) -> Credentials:
    return Credentials(f"bg_key_{bot}", f"s3cr3t/of+{bot}=", f"pass phrase+{bot}")


def bot_section(bot: str, url: str) -> dict[str, Any]:
    ledger = {"type": "hummingbot", "path": f"hummingbot/{bot}.sqlite", "market": "bitget_perpetual"}
    venue = {"type": "ccxt", "exchange": "bitget", "credential_prefix": prefix(bot), "account_types": ["swap"]}
    venue |= {"product_types": ["USDT-FUTURES"], "base_url": url, "deadline": "8s"}
    return {"ledger": ledger, "venue": venue}


def trade(bot: str, account: Account, folder: Path) -> None:
    """Executions since yesterday, on both sides."""
    account.deposit("USDT", "10000", USDT_FUTURES, at=now() - timedelta(days=3))
    book = HummingbotBook(folder / "hummingbot" / f"{bot}.sqlite", "bitget_perpetual")
    book.create()
    book.record(*[account.trade(PERPETUAL, "0.001", "60000", at=now() - hours * HOUR) for hours in (26, 9, 2)])


@contextmanager
def trading(folder: Path) -> Iterator[World]:
    """All bots, and the exporter over them; it does not run yet.

    One exchange stands still since before: answers of a moment ago are not old yet.
    """
    keys = {bot: keys_of(bot) for bot in BOTS}
    variables: dict[str, str] = {}
    for bot, own in keys.items():
        parts = {"API_KEY": own.key, "SECRET": own.secret, "PASSPHRASE": own.passphrase}
        variables |= {f"{prefix(bot)}_BITGET_{part}": value for part, value in parts.items()}
    clock = PastClock(SystemClock())
    with bitget_server(clock) as server:
        for bot in BOTS:
            trade(bot, server.exchange.open_account(keys[bot], bot), folder)
        configuration = {
            "schedule": {"cycle": "2s", "snapshot": "1h"},
            "confirm": {"cycles": 2, "clear": 1, "settle": "1s"},
            "bots": {bot: bot_section(bot, server.url) for bot in BOTS},
        }
        (folder / "config").mkdir()
        (folder / "config" / "recon.yml").write_text(json.dumps(configuration))
        with clock.earlier(2 * SPAN):
            server.fail(Fault.FROZEN, account=FROZEN)
        yield World(server, Exporter(folder, variables=variables), keys)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with trading(tmp_path) as made:
        try:
            made.exporter.start()
            yield made
        finally:
            if made.exporter.process is not None and made.exporter.process.poll() is None:
                made.exporter.end()


def written(world: World) -> Iterator[tuple[str, bytes]]:
    """Everything that can be read of the exporter: its files, its pages, what commands print."""
    for path in world.exporter.folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    for page in PAGES:
        yield page, requests.get(f"{world.exporter.url}{page}", timeout=10).content
    for arguments in (("breaks", "list"), ("bots", "list"), ("print-config",)):
        ran = command(world.exporter.folder, *arguments, **world.exporter.variables)
        yield " ".join(arguments), f"{ran.stdout}{ran.stderr}".encode()


def forms(credentials: Credentials) -> Iterator[bytes]:
    """A key as it may stand somewhere."""
    for text in (credentials.key, credentials.secret, credentials.passphrase):
        yield from (text.encode(), quote(text, safe="").encode(), base64.b64encode(text.encode()))


def assert_no_secret_is_told(world: World) -> None:
    needles = [form for credentials in world.keys.values() for form in forms(credentials)]
    for place, content in written(world):
        assert content, place
        assert not [needle for needle in needles if needle in content], place


def test_every_fault_withholds_the_verdict_of_its_bot_alone_until_it_is_over(world: World) -> None:
    exporter = world.exporter
    until(lambda: world.verdicts() == dict.fromkeys(BOTS, "ok") | {FROZEN: "unknown"}, "all is well", PATIENCE)

    world.spoil()
    until(lambda: all(is_as_expected(world, bot) for bot in BROKEN), "every verdict is withheld", PATIENCE)
    until(lambda: world.verdicts()[PARTIAL] != "ok", "what was not read is told", PATIENCE)
    began = {bot: world.evaluated_at(bot) for bot in SOUND}
    exporter.wait_for_cycles(3)
    verdicts, told = world.verdicts(), exporter.latest()["findings"]
    assert {bot: verdicts[bot] for bot in BROKEN} == dict.fromkeys(BROKEN, "unknown")
    assert {bot: verdicts[bot] for bot in SOUND} == dict.fromkeys(SOUND, "ok")
    assert verdicts[PARTIAL] in {"unknown", "warning"}
    assert {(one["bot"], one["message"]) for one in told} <= {(PARTIAL, "fills_not_judged")}
    until(lambda: all(world.evaluated_at(bot) > began[bot] for bot in SOUND), "others are judged anew", PATIENCE)
    assert exporter.samples("recon_bot_status{")[f'recon_bot_status{{bot="{FROZEN}",status="ok"}}'] == 0
    assert_no_secret_is_told(world)

    world.server.recover()
    well = dict.fromkeys((*SOUND, *BROKEN), "ok")
    until(lambda: well.items() <= world.verdicts().items(), "recovery is seen", PATIENCE)
    # No position was flat, and no fill missing, at any time.
    assert set(exporter.samples("recon_breaks_opened_total{").values()) == {0}
    assert not (exporter.folder / "reports" / "eod").exists()
    assert_no_secret_is_told(world)


def test_an_exchange_that_hangs_does_not_keep_the_exporter_from_ending(world: World) -> None:
    asked = world.server.journal.count()
    world.server.fail(Fault.HANG)
    until(lambda: world.server.journal.count() > asked + len(BOTS), "every account is being asked", PATIENCE)

    began = time.monotonic()
    assert world.exporter.end() == 0
    assert time.monotonic() - began < LONGEST_ENDING


def is_as_expected(world: World, bot: str) -> bool:
    """Whether both checks are withheld, for a reason that this fault gives."""
    withheld = world.withheld(bot)
    return set(withheld) == set(CHECKS) and set(withheld.values()) <= REASONS[BROKEN[bot]]
