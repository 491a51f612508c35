"""Bots of the runbooks whose two sides every cycle compares, in files that both sides write.

mm1 an execution at the venue is not in the books, so position and balance differ too
mm2 a fill with another quantity, one with another price, one counted twice, and one of somebody else's
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SYMBOL = "BTC/USDT:USDT"
POSITIONS = "symbol,quantity,avg_price,price,currency"
FILLS = "fill_id,order_id,client_order_id,symbol,side,quantity,price,fee,fee_currency,filled_at"
BALANCES = "asset,total,free"
# Prefixes of own orders are told to the end-of-day run.
SIDES = """\
  mm1:
    ledger: {{type: file, positions: books/mm1.csv, fills: books/mm1-fills.csv, balances: books/mm1-balances.csv}}
    venue:
      type: file
      positions: statements/mm1.csv
      fills: statements/mm1-fills.csv
      balances: statements/mm1-balances.csv
    intraday: true
  mm2:
    ledger: {{type: file, positions: books/mm2.csv, fills: books/mm2-fills.csv}}
    venue: {{type: file, positions: statements/mm2.csv, fills: statements/mm2-fills.csv}}
    intraday: true
    eod: {{at: "{due}", settle: 1s, client_id_prefixes: [mm-]}}
"""


def write_both_sides(folder: Path) -> str:
    """Positions, fills and balances of both sides; returns their part of the section ``bots``."""
    now = datetime.now(UTC)  # noqa: TID251 - the program that is tried reads the same clock
    at = (now - timedelta(minutes=5)).isoformat()
    for name in ("books", "statements"):
        (folder / name).mkdir(exist_ok=True)
    books, statements = folder / "books", folder / "statements"
    _write(books / "mm1.csv", POSITIONS, [f"{SYMBOL},0.5,50000,50000,USDT"])
    _write(statements / "mm1.csv", POSITIONS, [f"{SYMBOL},1,50000,50000,USDT"])
    _write(books / "mm1-fills.csv", FILLS, [_fill("t1", at)])
    _write(statements / "mm1-fills.csv", FILLS, [_fill("t1", at), _fill("t2", at)])
    _write(books / "mm1-balances.csv", BALANCES, ["USDT,12500,12500"])
    _write(statements / "mm1-balances.csv", BALANCES, ["USDT,10000,10000"])
    for side in (books, statements):
        _write(side / "mm2.csv", POSITIONS, [f"{SYMBOL},1,50000,50000,USDT"])
    twice = [_fill("t4", at)] * 2
    _write(books / "mm2-fills.csv", FILLS, [_fill("t2", at, quantity="0.4"), _fill("t3", at, price="49990"), *twice])
    executed = [_fill(name, at) for name in ("t2", "t3", "t4")]
    _write(statements / "mm2-fills.csv", FILLS, [*executed, _fill("t5", at, prefix="web")])
    return SIDES.format(due=f"{now - timedelta(hours=2):%H:%M}")


def _fill(name: str, at: str, quantity: str = "0.5", price: str = "50000", prefix: str = "mm") -> str:
    return f"{name},order-{name},{prefix}-{name},{SYMBOL},buy,{quantity},{price},2.5,USDT,{at}"


def _write(path: Path, columns: str, rows: Sequence[str]) -> None:
    path.write_text("\n".join([columns, *rows]) + "\n")
