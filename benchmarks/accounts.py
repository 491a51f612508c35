"""Many accounts at one local exchange, and the exchange itself in a process of its own, which counts what is asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.fleet import sound_row
from recon_exporter.clock import SystemClock
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.exchange import Credentials, Exchange, Limit, listed
from recon_exporter.demo.hbot_writer import HbotFiles
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides

LATENCY = timedelta(milliseconds=20)
LIMIT = Limit(10, timedelta(seconds=1))
"""What Bitget grants an account of most of its questions; here it is for all of them together."""
LISTED = 700
"""So many more spot pairs, and as many contracts: about what Bitget lists, so that a copy of all would be seen."""
CONFIGURATION = """\
fleets:
  hbot:
    type: hbot
    exchange_snapshot: {{enabled: true}}
    venue: {{type: ccxt, base_url: "{url}", deadline: 5m}}
"""


def credentials(number: int) -> Credentials:
    """The key to one account."""
    return Credentials(f"bg_key_{number:04d}", f"s3cr3t/of+account={number}", f"pass phrase+{number}")


def bot_name(number: int) -> str:
    """Whose account it is."""
    return f"bot{number:04d}"


@dataclass(frozen=True, slots=True)
class Venue:
    """The exchange in its own process, as this one sees it."""

    url: str
    pipe: Pipe

    def requests(self) -> int:
        """How many have come so far, by its own journal."""
        self.pipe.send("requests")
        count: int = self.pipe.recv()
        return count

    def ask_barely(self, times: int) -> None:
        """Ask for its time so often, over one connection, and make nothing of the replies."""
        connection = HTTPConnection(urlsplit(self.url).netloc)
        for _ in range(times):
            connection.request("GET", "/api/v2/public/time")
            connection.getresponse().read()
        connection.close()


@contextmanager
def venue_of(accounts: int) -> Iterator[Venue]:
    """A local Bitget with so many accounts, each with money on spot and for contracts."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(accounts, theirs), daemon=True)
    process.start()
    try:
        yield Venue(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _serve(accounts: int, pipe: Pipe) -> None:
    with bitget_server(SystemClock(), latency=LATENCY, limit=LIMIT) as server:
        _list_markets(server.exchange)
        for number in range(accounts):
            account = server.exchange.open_account(credentials(number), bot_name(number))
            account.deposit("USDT", 6000)
            account.deposit("BTC", "0.08")
            account.deposit("USDT", 6000, USDT_FUTURES)
        pipe.send(server.url)
        while pipe.recv():
            pipe.send(server.journal.count())


def _list_markets(exchange: Exchange) -> None:
    exchange.price("BTC/USDT", 50_000)
    for number in range(LISTED):
        exchange.list_market(listed(f"C{number:03d}/USDT"))
        exchange.list_market(listed(f"C{number:03d}/USDT:USDT", USDT_FUTURES))


def settings_of(folder: Path, url: str, accounts: int) -> Settings:
    """A folder with one bot for each account, which the account map names and whose key is in the environment."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "recon.yml").write_text(CONFIGURATION.format(url=url))
    names = {bot_name(number): {"credential_prefix": bot_name(number).upper()} for number in range(accounts)}
    document = {"version": 1, "defaults": {"exchange": "bitget", "account_mode": "probe"}, "bots": names}
    (folder / "config" / "exchange_account_map.json").write_text(json.dumps(document))
    row = sound_row(SystemClock().now())
    for bot in names:
        HbotFiles(folder).append_minutes(bot, [row])
    return load(Overrides(), _environment(accounts), folder)


def _environment(accounts: int) -> Mapping[str, str]:
    variables: dict[str, str] = {}
    for number in range(accounts):
        prefix, key = f"{bot_name(number).upper()}_BITGET", credentials(number)
        variables |= {
            f"{prefix}_API_KEY": key.key,
            f"{prefix}_SECRET": key.secret,
            f"{prefix}_PASSPHRASE": key.passphrase,
        }
    return variables
