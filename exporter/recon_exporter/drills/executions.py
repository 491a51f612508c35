"""Executions that books and venue tell in files of their own, and what may become of one side."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from recon_exporter.demo.hbot_writer import (
    FILL_COLUMNS,
    MINUTE_COLUMNS,
    HbotFiles,
    Row,
    fill_event,
    fill_row,
    minute_row,
    table_text,
)
from recon_exporter.drills.fleet import MINUTE, PRICE, Values
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import Scene
from recon_exporter.reading.files import replace_file

PAIR = "BTC-USDT"
SIZE = Decimal("0.05")
POSITION = {"position_base": Decimal("0.1"), "avg_entry_price": PRICE}
POSITION_COLUMNS = "symbol,quantity,avg_price,price,currency"
EXECUTION_COLUMNS = "fill_id,order_id,client_order_id,symbol,side,quantity,price,fee,fee_currency,filled_at"
BURST = 120
"""More than one look believes (``confirm.mass``)."""


class Unbooked(Scene):
    """A bot trades a hundred times within seconds, and none of it reaches its books."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox)
        self._bot = bot
        self._rows: list[str] = []

    def prepare(self) -> Values:
        self._rows = [executed(number, self.sandbox.clock.now() - MINUTE) for number in (1, 2)]
        for side in ("books", "statements"):
            write_rows(self._file(side, ""), POSITION_COLUMNS, [f"{PAIR},1,50000,50000,USDT"])
            write_rows(self._file(side, "-fills"), EXECUTION_COLUMNS, self._rows)
        ledger, venue = (
            {"type": "file", "positions": f"{side}/{self._bot}.csv", "fills": f"{side}/{self._bot}-fills.csv"}
            for side in ("books", "statements")
        )
        return {"bots": {self._bot: {"ledger": ledger, "venue": venue, "intraday": True}}}

    def happen(self) -> None:
        now = self.sandbox.clock.now()
        self._rows += [executed(number, now) for number in range(3, 3 + BURST)]
        write_rows(self._file("statements", "-fills"), EXECUTION_COLUMNS, self._rows)

    def repair(self) -> None:
        write_rows(self._file("books", "-fills"), EXECUTION_COLUMNS, self._rows)

    def _file(self, side: str, suffix: str) -> Path:
        return self.sandbox.folder / side / f"{self._bot}{suffix}.csv"


class HandWritten(Scene):
    """Somebody writes an execution into the books of an hbot bot that has no id, and is none of the venue's."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox)
        self._bot = bot
        self._files = HbotFiles(sandbox.folder)
        self._fills: list[Row] = []

    def prepare(self) -> Values:
        now = self.sandbox.clock.now()
        statements = self.sandbox.folder / "statements"
        write_rows(statements / f"{self._bot}.csv", POSITION_COLUMNS, [f"{PAIR},0.1,50000,50000,USDT"])
        rows = [executed(number, now - MINUTE) for number in (1, 2)]
        write_rows(statements / f"{self._bot}-fills.csv", EXECUTION_COLUMNS, rows)
        self._fills = [fill_row(now - MINUTE, f"order-{number}", amount_base=SIZE) for number in (1, 2)]
        self._files.append_fills(self._bot, self._fills)
        self._files.append_events(now.date(), [fill_event(self._bot, fill) for fill in self._fills])
        self.keep()
        venue = {"type": "file", "positions": "statements/{bot}.csv", "fills": "statements/{bot}-fills.csv"}
        return {"fleets": {"hbot": {"type": "hbot", "venue": venue, "intraday": True}}}

    def happen(self) -> None:
        at = self.sandbox.clock.now() - MINUTE
        self._files.append_fills(self._bot, [fill_row(at, "", amount_base=SIZE, price=Decimal(50200))])

    def keep(self) -> None:
        row = minute_row(self.sandbox.clock.now(), **POSITION, fills_count_today=len(self._fills))
        self._files.append_minutes(self._bot, [row], columns=(*MINUTE_COLUMNS, *POSITION))

    def repair(self) -> None:
        replace_file(self._files.folder(self._bot) / "fills.csv", table_text(self._fills, FILL_COLUMNS, header=True))


def executed(number: int, at: datetime) -> str:
    """A row of a file of fills, as the venue tells it."""
    return f"t{number},order-{number},mm-{number},{PAIR},buy,{SIZE},{PRICE},2.5,USDT,{at.isoformat()}"


def write_rows(path: Path, columns: str, rows: Sequence[str]) -> None:
    """Put a table in the place of the one before."""
    replace_file(path, "\n".join([columns, *rows]) + "\n")
