"""Drills of the alerts on fills, positions and balances that books and venue do not share during the day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recon_exporter.drills.fleet import write_json
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import Drill, Scene
from recon_exporter.reading.files import replace_file

SYMBOL = "BTC/USDT:USDT"
OWN, BY_HAND = "mm-", "web-"
"""How client ids begin: of the bot, and of somebody who trades in the venue's app."""

EARLIER, LATELY = timedelta(hours=3), timedelta(minutes=3)
"""How old the executions are that both sides tell, and the newest: it can be on its way to the books no longer."""

CAUGHT_UP = timedelta(hours=2)
"""So long ago the end-of-day run was due: it is made at the start, while nothing is wrong."""

BOOKS, STATEMENTS = "books", "statements"
POSITIONS = "symbol,quantity,avg_price,price,currency"
FILLS = "fill_id,order_id,client_order_id,symbol,side,quantity,price,fee,fee_currency,filled_at"
BALANCES = "asset,total,free"
SMALL, SMALL_ASSETS = "0.000001", 60
"""More assets than one bot may have series for, and fewer than what is taken for a broken source."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A purchase, by the venue's number of it, as one side tells it."""

    number: str
    quantity: Decimal = Decimal("0.5")
    price: int = 50000
    fee: Decimal = Decimal("2.5")
    client: str = OWN


@dataclass(frozen=True, slots=True)
class Side:
    """What one side tells of a bot: the position, the quote balance, and every execution."""

    quantity: Decimal
    quote: Decimal
    executions: tuple[Execution, ...]
    small_assets: int = 0

    def with_execution(self, one: Execution) -> "Side":
        """The same after a further execution."""
        executions = (*self.executions, one)
        return replace(self, quantity=self.quantity + one.quantity, quote=self.quote - one.fee, executions=executions)


HELD = Side(Decimal(1), Decimal(12500), (Execution("t1"), Execution("t2")))
"""What both sides tell before anything happens."""

NEWEST = Execution("t3")
TRADED = HELD.with_execution(NEWEST)


class Apart(Scene):
    """Books and venue that agreed and come apart; in the end the owner brings the books to what the venue says."""

    def __init__(self, sandbox: Sandbox, bot: str, books: Side = HELD, venue: Side = HELD) -> None:
        super().__init__(sandbox)
        self._bot = bot
        self._books, self._venue = books, venue
        self._executed_at: dict[str, datetime] = {}

    def prepare(self) -> Mapping[str, Any]:
        # Those of the bundle name bots that are not there.
        for name in ("exchange_account_map", "reconciliation_thresholds"):
            write_json(self.sandbox.folder / "config" / f"{name}.json", {"version": 1, "bots": {}})
        earlier = self.sandbox.clock.now() - EARLIER
        self._executed_at = {one.number: earlier for one in HELD.executions}
        self._write(BOOKS, HELD)
        self._write(STATEMENTS, HELD)
        sides = {"ledger": self._section(BOOKS), "venue": self._section(STATEMENTS), "intraday": True}
        run = {"at": f"{self.sandbox.clock.now() - CAUGHT_UP:%H:%M}", "settle": "1s", "client_id_prefixes": [OWN]}
        return {"bots": {self._bot: {**sides, "eod": run}}}

    def happen(self) -> None:
        self._executed_at[NEWEST.number] = self.sandbox.clock.now() - LATELY
        self._write(STATEMENTS, self._venue)
        self._write(BOOKS, self._books)

    def repair(self) -> None:
        self._write(BOOKS, self._venue)

    def _section(self, folder: str) -> dict[str, Any]:
        files = {"positions": "", "fills": "-fills", "balances": "-balances"}
        return {"type": "file", **{kind: f"{folder}/{self._bot}{suffix}.csv" for kind, suffix in files.items()}}

    def _write(self, folder: str, side: Side) -> None:
        files = {name: self.sandbox.folder / path for name, path in self._section(folder).items() if name != "type"}
        _write_table(files["positions"], POSITIONS, [f"{SYMBOL},{side.quantity},50000,50000,USDT"])
        _write_table(files["fills"], FILLS, [self._row(one) for one in side.executions])
        small = [f"DUST{number},{SMALL},{SMALL}" for number in range(side.small_assets)]
        _write_table(files["balances"], BALANCES, [f"USDT,{side.quote},{side.quote}", *small])

    def _row(self, one: Execution) -> str:
        at = self._executed_at[one.number].isoformat()
        order = f"{one.number},order-{one.number},{one.client}{one.number}"
        return f"{order},{SYMBOL},buy,{one.quantity},{one.price},{one.fee},USDT,{at}"


def _write_table(path: Path, columns: str, rows: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    replace_file(path, "\n".join([columns, *rows, ""]))


MISSING_IN_LEDGER = Drill(
    alert="ReconciliationFillMissing",
    severity="critical",
    happens="the venue executes an order of mm1, and its books never hear of it",
    repaired="the owner books the execution, with position and fee",
    scene=partial(Apart, bot="mm1", venue=TRADED),
    labels=MappingProxyType({"bot": "mm1"}),
)
QUANTITY_DIFFERS = Drill(
    alert="ReconciliationFillDiffers",
    severity="critical",
    happens="the venue executes 0.5 for mm2, and its books take 0.4",
    repaired="the owner corrects the row and the position",
    scene=partial(Apart, bot="mm2", books=HELD.with_execution(replace(NEWEST, quantity=Decimal("0.4"))), venue=TRADED),
    labels=MappingProxyType({"bot": "mm2"}),
)

DRILLS = (
    replace(
        MISSING_IN_LEDGER,
        variants=MappingProxyType(
            {
                "FILL_MISSING_IN_LEDGER": MISSING_IN_LEDGER,
                "FILL_MISSING_AT_VENUE": replace(
                    MISSING_IN_LEDGER,
                    happens="mm1 books an order that the venue has refused",
                    repaired="the owner takes out what was never executed",
                    scene=partial(Apart, bot="mm1", books=TRADED),
                ),
            }
        ),
    ),
    Drill(
        alert="ReconciliationFillDuplicated",
        severity="critical",
        happens="mm2 reads its history again and books one execution twice",
        repaired="the owner takes one of the two out",
        scene=partial(Apart, bot="mm2", books=TRADED.with_execution(NEWEST), venue=TRADED),
        labels=MappingProxyType({"bot": "mm2"}),
    ),
    Drill(
        alert="ReconciliationFillForeign",
        severity="critical",
        happens="somebody buys by hand on the account of mm2",
        repaired="the owner books what stays in the position",
        scene=partial(Apart, bot="mm2", venue=HELD.with_execution(replace(NEWEST, client=BY_HAND))),
        labels=MappingProxyType({"bot": "mm2"}),
    ),
    replace(
        QUANTITY_DIFFERS,
        variants=MappingProxyType(
            {
                "FILL_QUANTITY": QUANTITY_DIFFERS,
                "FILL_PRICE": replace(
                    QUANTITY_DIFFERS,
                    happens="mm2 books an execution at the price of its order, 3 000 below that of the venue",
                    repaired="the owner corrects the row",
                    scene=partial(
                        Apart, bot="mm2", books=HELD.with_execution(replace(NEWEST, price=47000)), venue=TRADED
                    ),
                ),
                "FILL_FEE": replace(
                    QUANTITY_DIFFERS,
                    severity="warning",
                    happens="mm2 books a fee of 1.25 and was charged 2.5",
                    repaired="the owner corrects the row and the balance",
                    scene=partial(
                        Apart, bot="mm2", books=HELD.with_execution(replace(NEWEST, fee=Decimal("1.25"))), venue=TRADED
                    ),
                ),
            }
        ),
    ),
    Drill(
        alert="ReconciliationPositionMismatch",
        severity="critical",
        happens="mm1 restarts and takes half of its position for all of it",
        repaired="the owner corrects the books to the venue",
        scene=partial(Apart, bot="mm1", books=replace(HELD, quantity=Decimal("0.5"))),
        labels=MappingProxyType({"bot": "mm1"}),
    ),
    Drill(
        alert="ReconciliationVenueBalanceMismatch",
        severity="critical",
        happens="2 500 USDT are withdrawn from the account of mm1, and nobody tells the bot",
        repaired="the owner books the withdrawal",
        scene=partial(Apart, bot="mm1", venue=replace(HELD, quote=Decimal(10000))),
        labels=MappingProxyType({"bot": "mm1"}),
    ),
    Drill(
        alert="ReconciliationSeriesSuppressed",
        severity="warning",
        happens="sixty assets that nobody asked for come into the account of mm1, next to nothing of each",
        repaired="the owner books them",
        scene=partial(Apart, bot="mm1", venue=replace(HELD, small_assets=SMALL_ASSETS)),
        labels=MappingProxyType({"bot": "mm1"}),
    ),
)
