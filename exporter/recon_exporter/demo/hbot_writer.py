"""Writes the files of hbot as its bots, its event store and its snapshot job do.

Rows are mappings by column name; Decimal, bool, datetime and None become text as the bots write them, money never
passes through float. Without values of one's own a row is that of a sound bot.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

from recon_exporter.demo.hbot_columns import FEE_RATE, SOUND_FILL, SOUND_MINUTE
from recon_exporter.domain.document import to_json
from recon_exporter.reading.files import replace_file

MINUTE_COLUMNS = ("ts", *SOUND_MINUTE)
FILL_COLUMNS = ("ts", *SOUND_FILL)
EVENT_FIELDS = ("side", "price", "amount_base", "notional_quote", "fee_quote", "order_id")
ORDER_FILLED = "order_filled"
BOT_FILL = "bot_fill"
MINUTE_SNAPSHOT = "bot_minute_snapshot"
PRODUCER = "hb.bot"
TELEMETRY_STREAM = "hb.bot_telemetry.v1"
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
MILLISECOND = timedelta(milliseconds=1)

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HbotFiles:
    """The files of one fleet, laid out under ``root`` as the defaults of the configuration expect them."""

    root: Path

    @property
    def data(self) -> Path:
        """The folder of the bots."""
        return self.root / "data"

    @property
    def event_store(self) -> Path:
        """The folder of the event files."""
        return self.root / "reports" / "event_store"

    @property
    def snapshot(self) -> Path:
        """The exchange snapshot."""
        return self.root / "reports" / "exchange_snapshots" / "latest.json"

    def folder(self, bot: str, variant: str = "a", space: str = "epp_v24") -> Path:
        """The log folder of one variant of a bot."""
        return self.data / bot / "logs" / space / f"{bot}_{variant}"

    def append_minutes(
        self, bot: str, rows: Iterable[Row], variant: str = "a", columns: Sequence[str] = MINUTE_COLUMNS
    ) -> Path:
        """Append rows to minute.csv, with a header where the file is new."""
        return _append_table(self.folder(bot, variant) / "minute.csv", rows, columns)

    def append_fills(
        self, bot: str, rows: Iterable[Row], variant: str = "a", columns: Sequence[str] = FILL_COLUMNS
    ) -> Path:
        """Append rows to fills.csv, with a header where the file is new."""
        return _append_table(self.folder(bot, variant) / "fills.csv", rows, columns)

    def append_events(self, day: date, events: Iterable[Row]) -> Path:
        """Append events to the file of the day on which they were ingested."""
        file = self.event_store / f"events_{day:%Y%m%d}.jsonl"
        append_text(file, "".join(f"{json.dumps(event)}\n" for event in events))
        return file

    def replace_snapshot(self, document: Row) -> Path:
        """Put a new exchange snapshot in the place of the old one, atomically."""
        replace_file(self.snapshot, to_json(document))
        return self.snapshot


def minute_row(at: datetime, **values: object) -> dict[str, object]:
    """A row of minute.csv with all 33 columns; by default of a bot that holds the half it wants."""
    return {"ts": at, **SOUND_MINUTE, **values}


def fill_row(at: datetime, order_id: str, **values: object) -> dict[str, object]:
    """A row of fills.csv with all 17 columns; notional and fee follow from price and amount where not given."""
    row = {"ts": at, **SOUND_FILL, "order_id": order_id, **values}
    price, amount = row["price"], row["amount_base"]
    if isinstance(price, Decimal) and isinstance(amount, Decimal):
        notional = price * amount
        row |= {"notional_quote": notional, "fee_quote": notional * FEE_RATE, "mid_ref": price} | values
    return row


def fill_event(  # each way in which real stores differ is one parameter
    bot: str,
    fill: Row,
    *,
    event_type: str = ORDER_FILLED,
    event_id: str | None = None,
    producer: str = PRODUCER,
    epoch_ms: bool = False,
) -> dict[str, object]:
    """The event of a fill (a row of fills.csv), with the payload that live bots and the backfill script write."""
    payload = {field: text(fill[field]) for field in EVENT_FIELDS} | {"is_maker": bool(fill["is_maker"])}
    envelope = _envelope(bot, fill, event_type, payload) | {"correlation_id": text(fill["order_id"])}
    at = _moment(fill)
    named = {} if event_id is None else {"event_id": event_id}
    return envelope | named | {"producer": producer, "ts_utc": str(_milliseconds(at)) if epoch_ms else at.isoformat()}


def minute_event(bot: str, row: Row) -> dict[str, object]:
    """The event that a bot publishes with a row of minute.csv: a sign that the store is alive."""
    fields = ("equity_quote", "base_pct", "target_base_pct", "base_balance", "quote_balance", "fills_count_today")
    payload = {field: text(row[field]) for field in fields} | {"mid_price": text(row["mid"])}
    return _envelope(bot, row, MINUTE_SNAPSHOT, payload)


def _envelope(bot: str, row: Row, event_type: str, payload: Mapping[str, object]) -> dict[str, object]:
    at = _moment(row)
    identity = f"{event_type}|{bot}|{at.isoformat()}|{sorted(payload.items())}"
    return {
        "event_id": hashlib.sha256(identity.encode()).hexdigest(),
        "event_type": event_type,
        "event_version": "v1",
        "ts_utc": at.isoformat(),
        "producer": PRODUCER,
        "instance_name": bot,
        "controller_id": f"{bot}_{text(row['bot_variant'])}",
        "connector_name": text(row["exchange"]),
        "trading_pair": text(row["trading_pair"]),
        "correlation_id": "",
        "stream": TELEMETRY_STREAM,
        "stream_entry_id": f"{_milliseconds(at)}-0",
        "payload": payload,
        "ingest_ts_utc": at.isoformat(),
        "schema_validation_status": "ok",
    }


def _moment(row: Row) -> datetime:
    at = row["ts"]
    if not isinstance(at, datetime):
        raise TypeError(f"ts: found {at!r}, expected a datetime")
    return at


def _milliseconds(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND


def account_entry(row: Row, status: str = "ok", **values: object) -> dict[str, object]:
    """One bot's entry of an exchange snapshot; the balances are those of the row where the probe is ok."""
    base, _, quote = str(row["trading_pair"]).partition("-")
    held = {base: row["base_balance"], quote: row["quote_balance"]} if status == "ok" else {}
    entry: dict[str, object] = {
        "base_pct": row["base_pct"],
        "equity_quote": row["equity_quote"],
        "exchange": row["exchange"],
        "trading_pair": row["trading_pair"],
        "source": "bitget_ccxt_private_with_local_reference",
        "account_probe_status": status,
        "account_balances": {asset: {"total": amount, "free": amount} for asset, amount in held.items()},
        "account_probe_error": "",
    }
    return entry | values


def snapshot_document(at: datetime, bots: Mapping[str, Row], mode: str = "bitget_ccxt_private") -> dict[str, object]:
    """An exchange snapshot with the entries of its bots."""
    return {
        "ts_utc": at,
        "source": "exchange_snapshot_service",
        "mode": mode,
        "account_map_path": "config/exchange_account_map.json",
        "note": "",
        "account_probe": {"status": "ok", "balances": {}, "error": ""},
        "account_probe_cache": {},
        "bots": bots,
    }


def text(value: object) -> str:
    """A value as the bots write it into their files."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def table_text(rows: Iterable[Row], columns: Sequence[str], *, header: bool) -> str:
    """Rows as lines of a CSV file; a column that a row lacks is left blank."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if header:
        writer.writerow(columns)
    writer.writerows([text(row.get(column)) for column in columns] for row in rows)
    return buffer.getvalue()


def _append_table(file: Path, rows: Iterable[Row], columns: Sequence[str]) -> Path:
    append_text(file, table_text(rows, columns, header=not file.exists()))
    return file


def append_text(file: Path, content: str) -> None:
    """Append to a file as it is, also half a line; makes its folder where it is missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(content)
