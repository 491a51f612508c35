"""The local Bitget, a fleet of the shipped account map on disk, and the configuration that sends one to the other."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_exporter.clock import SystemClock
from recon_exporter.demo.bitget_server import bitget_server
from recon_exporter.demo.exchange import Credentials
from recon_exporter.demo.hbot_writer import HbotFiles, minute_row
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.snapshots import Snapshots
from recon_exporter.sources import Connections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Account, ExchangeServer
    from recon_exporter.ports import Clock, VenueMeter
    from recon_exporter.settings.model import Settings

ROOT = Path(__file__).parent.parent.parent
KEYS = Credentials("bg_4c0ffee5", "s3cr3t/of+bot1=", "pass phrase+1", can_trade=True)
OTHER_KEYS = Credentials("bg_5d0ffee6", "s3cr3t/of+bot5=", "pass phrase+5")
PAIR, SPOT = "BTC-USDT", "BTC/USDT"
MINUTE = timedelta(minutes=1)
CONFIGURATION = """\
web: {{listen_address: "127.0.0.1:0"}}
schedule: {{cycle: 1s, snapshot: 1s}}
fleets:
  hbot:
    type: hbot
    exchange_snapshot: {{enabled: true}}
    venue: {{type: ccxt, base_url: "{url}", account_types: [spot], deadline: {deadline}}}
"""


@dataclass
class SnapshotWorld:
    """A folder with the shipped map; bot1 has an account with money, and so has bot5, which the map does not name."""

    folder: Path
    server: ExchangeServer
    account: Account
    environment: dict[str, str] = field(default_factory=dict)

    def settings(self, **environment: str) -> Settings:
        return load(Overrides(), {**self.environment, **environment}, self.folder)

    def snapshots(self, settings: Settings | None = None, meter: VenueMeter | None = None) -> Snapshots:
        clock: Clock = SystemClock()
        return Snapshots(settings or self.settings(), Connections(clock, meter), clock)

    @property
    def path(self) -> Path:
        return self.folder / "reports" / "exchange_snapshots" / "latest.json"

    def written(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.path.read_text())
        return content

    def accounts(self, bots: object, **defaults: str) -> None:
        document = {"version": 1, "defaults": defaults, "bots": bots}
        (self.folder / "config" / "exchange_account_map.json").write_text(json.dumps(document))

    def secrets(self) -> tuple[str, ...]:
        return tuple(text for one in (KEYS, OTHER_KEYS) for text in (one.key, one.secret, one.passphrase))


@contextmanager
def snapshot_world(folder: Path, deadline: str = "10s") -> Iterator[SnapshotWorld]:
    clock = SystemClock()
    with bitget_server(clock) as server:
        server.exchange.price(SPOT, "50000")
        account = server.exchange.open_account(KEYS, "bot1")
        other = server.exchange.open_account(OTHER_KEYS, "bot5")
        for one in (account, other):
            one.deposit("USDT", "6000")
            one.deposit("BTC", "0.08")
        (folder / "config").mkdir()
        shipped = (ROOT / "config" / "exchange_account_map.json").read_text()
        (folder / "config" / "exchange_account_map.json").write_text(shipped)
        (folder / "config" / "recon.yml").write_text(CONFIGURATION.format(url=server.url, deadline=deadline))
        files = HbotFiles(folder)
        for bot in ("bot1", "bot2", "bot3"):
            files.append_minutes(bot, [minute_row(clock.now() - MINUTE, trading_pair=PAIR)])
        yield SnapshotWorld(folder, server, account, environment_of("BOT1", KEYS))


def environment_of(prefix: str, keys: Credentials) -> dict[str, str]:
    """The variables that hold a key to Bitget."""
    parts = {"API_KEY": keys.key, "SECRET": keys.secret, "PASSPHRASE": keys.passphrase}
    return {f"{prefix}_BITGET_{part}": value for part, value in parts.items()}
