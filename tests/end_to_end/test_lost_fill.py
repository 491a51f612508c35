"""A bot trades on an exchange and its ledger loses a fill: from the execution to the page, and to the all-clear."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests

from end_to_end.world import (
    RESEND,
    Exporter,
    Mailbox,
    command,
    hastened_alertmanager_file,
    now,
    receiving,
    until,
)
from recon_exporter.clock import SystemClock
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.configuration import write_prometheus_files
from recon_exporter.demo.exchange import Credentials
from recon_exporter.demo.hummingbot_book import HummingbotBook
from recon_exporter.demo.programs import RunningProgram, find, start_alertmanager, start_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from recon_exporter.demo.exchange import Account
    from recon_exporter.demo.exchange.records import Execution

BOT, PREFIX = "perp-mm", "PERP"
PERPETUAL = "BTC/USDT:USDT"
KEYS = Credentials("bg_0000perp", "s3cr3t/of+perp=", "pass phrase+perp")
VARIABLES = {
    "PERP_BITGET_API_KEY": KEYS.key,
    "PERP_BITGET_SECRET": KEYS.secret,
    "PERP_BITGET_PASSPHRASE": KEYS.passphrase,
}
CONFIGURATION = """\
schedule: {{cycle: 1s, snapshot: 1h}}
confirm: {{cycles: 2, clear: 1, settle: 1s}}
webhook: {{url: "{receiver}/webhook", min_severity: critical}}
bots:
  perp-mm:
    ledger: {{type: hummingbot, path: hummingbot/*.sqlite, market: bitget_perpetual}}
    venue:
      type: ccxt
      exchange: bitget
      credential_prefix: PERP
      account_types: [swap]
      product_types: [USDT-FUTURES]
      base_url: "{venue}"
      client_id_prefixes: [HBOT-]
"""
MINUTE = timedelta(minutes=1)
SETTLED = 7 * MINUTE
"""Hummingbot asks for fills that its stream lost every two minutes: what is younger than five is not judged yet."""

MISSING = f'recon_finding{{bot="{BOT}",check="fills",code="fill_missing_in_ledger",severity="critical"}}'
ALERT, CLEARED = "ReconciliationFillMissing", "ReconciliationCleared"
FIRING = (ALERT, "critical")
ALL_CLEAR = {(f"{CLEARED}:{ALERT}", "info"), (f"{CLEARED}:ReconciliationPositionMismatch", "info")}
"""The position that was wrong for want of the fill is right again too; it rang no pager of its own."""

PAGER, SWITCH = "/pager", "/dead-mans-switch"
LIFE = ["break_opened", "break_confirmed", "break_resolved"]


@dataclass
class PerpetualBot:
    """The bot at the local Bitget, with its book."""

    account: Account
    book: HummingbotBook
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def execute(self, quantity: str, price: str, ago: timedelta) -> Execution:
        """An order of the bot's own, executed at the exchange; its book does not know of it yet."""
        client = f"HBOT-{next(self.numbers)}"
        return self.account.trade(PERPETUAL, quantity, price, client_id=client, at=now() - ago)

    def trade(self, quantity: str, price: str, ago: timedelta) -> None:
        """The same, and in its book."""
        self.book.record(self.execute(quantity, price, ago))


@contextmanager
def trading(folder: Path, receiver_url: str) -> Iterator[PerpetualBot]:
    """A bot that has traded since yesterday, both sides agreeing, and the configuration that reconciles it."""
    with bitget_server(SystemClock()) as server:
        account = server.exchange.open_account(KEYS, BOT)
        account.deposit("USDT", "10000", USDT_FUTURES, at=now() - timedelta(days=3))
        bot = PerpetualBot(account, HummingbotBook(folder / "hummingbot" / "conf_1.sqlite", "bitget_perpetual"))
        bot.book.create()
        for hours, quantity, price in ((30, "0.010", "60000"), (3, "-0.004", "60500"), (2, "0.006", "60200")):
            bot.trade(quantity, price, timedelta(hours=hours))
        (folder / "config").mkdir()
        configuration = CONFIGURATION.format(receiver=receiver_url, venue=server.url)
        (folder / "config" / "recon.yml").write_text(configuration)
        yield bot


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs."""

    bot: PerpetualBot
    exporter: Exporter
    prometheus: RunningProgram
    mailbox: Mailbox

    def value(self, query: str) -> float | None:
        """The first value that Prometheus finds now."""
        answer = requests.get(f"{self.prometheus.url}/api/v1/query", params={"query": query}, timeout=5).json()
        found = answer["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    def pages(self) -> list[tuple[str, str]]:
        """What the pager was told of the bot: alert and severity, of an all-clear also what it ends."""
        return [
            (":".join(filter(None, (labels["alertname"], labels.get("cleared")))), labels["severity"])
            for document in self.mailbox.documents(PAGER)
            for alert in document["alerts"]
            for labels in [alert["labels"]]
            if labels["bot"] == BOT
        ]

    def wait_for_signs_of_life(self, count: int) -> None:
        """Wait for so many of the Watchdog's notifications: meanwhile every other group had its turn too."""
        target = len(self.mailbox.documents(SWITCH)) + count
        until(lambda: len(self.mailbox.documents(SWITCH)) >= target, f"{count} signs of life of the Watchdog")

    def ask(self, *arguments: str) -> str:
        """What a command prints that goes well."""
        ran = command(self.exporter.folder, *arguments, **VARIABLES)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def listed(self) -> list[tuple[str, str]]:
        """The open breaks: type, and id of the execution or order concerned."""
        return [(one["type"], one["item"]) for one in json.loads(self.ask("breaks", "list", "--json"))]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    prometheus_executable, alertmanager_executable = find("Prometheus"), find("Alertmanager")
    assert prometheus_executable is not None
    assert alertmanager_executable is not None
    exporter = Exporter(tmp_path, variables=VARIABLES)
    with ExitStack() as running:
        mailbox, receiver_url = running.enter_context(receiving())
        bot = running.enter_context(trading(tmp_path, receiver_url))
        configuration = hastened_alertmanager_file(tmp_path, receiver_url)
        alertmanager = start_alertmanager(alertmanager_executable, configuration, tmp_path)
        running.callback(alertmanager.stop)
        configuration = write_prometheus_files(tmp_path, exporter.url, alertmanager.url, "1s")
        resend = f"--rules.alert.resend-delay={RESEND}"
        prometheus = start_prometheus(prometheus_executable, configuration, tmp_path, resend)
        running.callback(prometheus.stop)
        running.callback(lambda: exporter.process is None or exporter.process.poll() is not None or exporter.end())
        exporter.start()
        yield World(bot, exporter, prometheus, mailbox)


def breaks_of(document: Mapping[str, Any], check: str) -> list[dict[str, Any]]:
    """The breaks of one check that a report or a webhook tells."""
    return [one for found in document["findings"] if found["check"] == check for one in found["details"]["breaks"]]


def assert_names(one: Mapping[str, Any], lost: Execution) -> None:
    """That what is told of a break leads to the very execution."""
    assert (one["symbol"], one["item"], one["venue_quantity"]) == (PERPETUAL, lost.trade_id, 0.003)
    for part in (f"{lost.side} 0.003 at 60100", lost.order_id, "the ledger has none of it"):
        assert part in one["text"]


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_a_lost_fill_is_paged_by_name_and_called_off_when_the_ledger_is_repaired(world: World) -> None:
    exporter, mailbox = world.exporter, world.mailbox
    until(lambda: world.value('recon_check_evaluated{check="fills"}') == 1, "a clean verdict in Prometheus")
    until(lambda: exporter.latest()["status"] == "ok", "all is well")

    lost = world.bot.execute("0.003", "60100", SETTLED)
    until(lambda: exporter.sample(MISSING) == 1, "the missing fill is confirmed")
    until(lambda: bool(mailbox.documents("/webhook")), "the webhook")
    (told,) = mailbox.documents("/webhook")
    (missing,) = breaks_of(told, "fills")
    assert (told["kind"], missing["state"]) == ("firing", "confirmed")
    assert_names(missing, lost)
    assert_names(breaks_of(exporter.latest(), "fills")[0], lost)
    until(lambda: bool(world.pages()), "a page about the fill")
    assert ("FILL_MISSING_IN_LEDGER", lost.trade_id) in world.listed()
    explained = world.ask("breaks", "explain", missing["break"])
    assert lost.order_id in explained
    assert f"{lost.side} 0.003 at 60100" in explained
    world.wait_for_signs_of_life(3)
    assert world.pages() == [FIRING]

    world.bot.book.record(lost)
    until(lambda: exporter.sample(MISSING) is None, "the finding is gone")
    until(lambda: len(mailbox.documents("/webhook")) > 1, "the webhook tells that it ended")
    until(lambda: len(world.pages()) > len(ALL_CLEAR), "the all-clear")
    world.wait_for_signs_of_life(5)
    assert world.pages()[0] == FIRING
    assert sorted(world.pages()[1:]) == sorted(ALL_CLEAR)
    assert [document["kind"] for document in mailbox.documents("/webhook")] == ["firing", "resolved"]
    assert (exporter.latest()["status"], exporter.latest()["findings"]) == ("ok", [])
    assert_history_tells_of_it(world, missing["break"])


def assert_history_tells_of_it(world: World, identity: str) -> None:
    """What stands of the break afterwards, told by a process that has seen nothing of it."""
    exporter = world.exporter
    assert exporter.end() == 0
    assert world.ask("breaks", "list") == "no break is open\n"
    exporter.start()
    until(lambda: exporter.sample('recon_check_evaluated{bot="perp-mm",check="fills"}') == 1, "fills are judged anew")
    exporter.wait_for_cycles(2)
    assert (exporter.latest()["status"], exporter.latest()["findings"]) == ("ok", [])
    entries = [json.loads(line) for line in world.ask("audit", "show", "--json").splitlines()]
    assert [entry["action"] for entry in entries if entry["subject"] == identity] == LIFE
    assert world.ask("audit", "verify").startswith("the audit chain holds: 6 entries")
