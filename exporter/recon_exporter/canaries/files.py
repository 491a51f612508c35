"""The files of the synthetic bots, in a private folder that is removed with them.

They are written in two steps, as a real bot writes: what happened first, and later the last line of each table. What is
known of the first step is recorded once, so that every reading continues from there and meets the incidents as new.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from recon_exporter.domain.file_canary import BOT, FileCanary, ToldFill

FILL_COLUMNS = ("ts", "exchange", "trading_pair", "side", "price", "amount_base", "order_id")
MARKET = ("bitget", "BTC-USDT", "buy", "50000")
UNTIL_LAST, LAST = slice(None, -1), slice(-1, None)


class CanaryFiles:
    """The files that tell of these bots, by name; raises OSError where they cannot be written."""

    def __init__(self, canaries: Mapping[str, FileCanary], at: datetime) -> None:
        self._canaries, self._at = canaries, at
        self._temporary = TemporaryDirectory(prefix="recon-canaries-", ignore_cleanup_errors=True)
        self.folder = root = Path(self._temporary.name)
        self.data_root, self.event_store, self.snapshot = root / "data", root / "events", root / "snapshot.json"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove them all."""
        self._temporary.cleanup()

    def begin(self) -> None:
        """Write all but what came last."""
        self.event_store.mkdir()
        self.data_root.mkdir()
        for folder in self._folders():
            folder.mkdir(parents=True)
        self._append(UNTIL_LAST)
        self.snapshot.write_text(json.dumps(self._snapshot()), encoding="utf-8")

    def go_on(self) -> None:
        """Write what came last, and that the event store is alive."""
        self._append(LAST)
        sign_of_life = {"event_id": "alive", "event_type": "market_snapshot", "ts_utc": self._at.isoformat()}
        _append(self._events_file, [json.dumps(sign_of_life)])

    def _folders(self) -> Iterator[Path]:
        return (self._folder_of(name) for name, canary in self._canaries.items() if canary.rows)

    def _folder_of(self, name: str) -> Path:
        return self.data_root / name / "logs" / "runtime_v24" / f"{BOT}_a"

    @property
    def _events_file(self) -> Path:
        return self.event_store / f"events_{self._at:%Y%m%d}.jsonl"

    def _append(self, which: slice) -> None:
        for name, canary in self._canaries.items():
            if canary.rows:
                columns = tuple(canary.rows[0])
                rows = [[row[column] for column in columns] for row in canary.rows[which]]
                _append_table(self._folder_of(name) / "minute.csv", columns, rows)
                fills = [_fill_row(fill) for fill in canary.fills[which]]
                _append_table(self._folder_of(name) / "fills.csv", FILL_COLUMNS, fills)
        told = [json.dumps(_event(name, fill)) for name, of in self._canaries.items() for fill in of.events[which]]
        _append(self._events_file, told)

    def _snapshot(self) -> Mapping[str, Any]:
        held = {name: canary.balances for name, canary in self._canaries.items() if canary.balances is not None}
        entries = {name: _entry(balances) for name, balances in held.items()}
        return {"ts_utc": self._at.isoformat(), "mode": BOT, "bots": entries}


def _append_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if not file.tell():
            writer.writerow(columns)
        writer.writerows(rows)


def _append(path: Path, lines: Iterable[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _fill_row(fill: ToldFill) -> Sequence[str]:
    return (fill.at.isoformat(), *MARKET, fill.quantity, fill.order_id)


def _event(bot: str, fill: ToldFill) -> Mapping[str, Any]:
    return {
        "event_id": f"{bot}/{fill.order_id}",
        "event_type": "order_filled",
        "ts_utc": fill.at.isoformat(),
        "producer": BOT,
        "instance_name": bot,
        "payload": {"order_id": fill.order_id, "amount_base": fill.quantity},
    }


def _entry(balances: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "source": BOT,
        "exchange": MARKET[0],
        "trading_pair": MARKET[1],
        "account_probe_status": "ok",
        "account_balances": {asset: {"total": total} for asset, total in balances.items()},
    }
