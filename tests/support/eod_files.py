"""A bot whose two books of positions are files, with its configuration: what a test changes is what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recon_exporter.clock import SystemClock
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recon_exporter.settings.model import Settings
    from recon_exporter.state.store import SqlState

HEADER = "symbol,quantity,avg_price,currency"
CONFIGURATION = """
state: {url: "sqlite:///.state/recon.db"}
web: {listen_address: "127.0.0.1:0"}
schedule: {cycle: 1s}
bots:
  swing:
    ledger: {type: file, positions: ledger.csv}
    venue: {type: file, positions: venue.csv}
    eod: {at: "16:15", timezone: America/New_York, days: "*", settle: 1s}
"""


@dataclass(frozen=True)
class Place:
    """The folder with configuration and books."""

    folder: Path

    @classmethod
    def in_folder(cls, folder: Path, configuration: str = CONFIGURATION) -> Place:
        (folder / "recon.yml").write_text(configuration)
        place = cls(folder)
        place.ledger(AAPL="100")
        place.venue(AAPL="100")
        return place

    def ledger(self, **positions: str) -> None:
        self._write("ledger.csv", positions)

    def venue(self, **positions: str) -> None:
        self._write("venue.csv", positions)

    def settings(self, environment: Mapping[str, str] | None = None) -> Settings:
        return load(self.overrides, environment or {}, self.folder)

    @property
    def overrides(self) -> Overrides:
        return Overrides(str(self.folder / "recon.yml"))

    def state(self) -> SqlState:
        return open_state(self.settings().state.url.get_secret_value())

    def _write(self, name: str, positions: Mapping[str, str]) -> None:
        rows = [f"{symbol},{quantity},10,USD" for symbol, quantity in positions.items()]
        (self.folder / name).write_text("\n".join([HEADER, *rows]) + "\n")


CLOCK = SystemClock()
