"""Event stores of any length: a block of lines is made once, and repeated with identities and times of its own.

One line in a hundred is a fill, as ``fills.csv`` of its bot has it too; the others are what live stores consist of.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import BinaryIO

from recon_exporter.demo.hbot_writer import FILL_COLUMNS, fill_event, fill_row, table_text

BLOCK_LINES = 100_000
FILL_EVERY = 100
MINUTE = timedelta(minutes=1)

_COPY = "copy-#####"
_MINUTE = "2000-01-01T00:00:"
_OTHERS: Sequence[tuple[str, str, Mapping[str, str]]] = (
    ("market_snapshot", "hb.market_data.v1", {"mid": "68064.865", "best_bid": "68064.8", "best_ask": "68064.9"}),
    ("execution_intent", "hb.execution_intent.v1", {"action": "set_target_base_pct", "target_base_pct": "0.5"}),
    ("audit", "hb.audit.v1", {"severity": "info", "category": "strategy", "message": "levels refreshed"}),
)


def bot_name(number: int) -> str:
    """All names are equally long."""
    return f"bot-{number:04d}"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one minute, and the rows of fills.csv by bot that belong to them; marks stand for copy and minute."""

    lines: bytes
    fills: Mapping[str, bytes]

    @classmethod
    def of(cls, count: int, bots: int) -> "Block":
        """So many lines, spread evenly over the minute and over the bots."""
        minute = datetime(2000, 1, 1, tzinfo=UTC)
        fills = {number: _fill(number, count, minute) for number in range(FILL_EVERY // 2, count, FILL_EVERY)}
        lines, rows = [], dict[str, list[Mapping[str, object]]]()
        for number in range(count):
            at, bot = _at(number, count, minute), _bot_of(number, bots)
            if number in fills:
                rows.setdefault(bot, []).append(fills[number])
                event = fill_event(bot, fills[number], event_id=f"{_COPY}-{number}")
            else:
                event = other_event(number, f"{_COPY}-{number}", bot, at)
            lines.append(json.dumps(event))
        tables = {bot: table_text(of, FILL_COLUMNS, header=False).encode() for bot, of in rows.items()}
        return cls("".join(f"{line}\n" for line in lines).encode(), tables)

    def events(self, copy: int, at: datetime) -> bytes:
        """The lines as this copy, in the minute of this time."""
        return _marked(self.lines, copy, at)

    def rows(self, bot: str, copy: int, at: datetime) -> bytes:
        """The bot's rows of fills.csv as this copy."""
        return _marked(self.fills.get(bot, b""), copy, at)


def write_copies(block: Block, file: BinaryIO, copies: range, begin: datetime) -> Iterator[tuple[int, datetime]]:
    """Append the copies, one a minute from ``begin`` on; gives each with its minute once it is written."""
    for place, copy in enumerate(copies):
        at = begin + place * MINUTE
        file.write(block.events(copy, at))
        yield copy, at


def _marked(text: bytes, copy: int, at: datetime) -> bytes:
    named = text.replace(_COPY.encode(), f"copy-{copy:05d}".encode())
    return named.replace(_MINUTE.encode(), f"{at:%Y-%m-%dT%H:%M}:".encode())


def _at(number: int, count: int, minute: datetime) -> datetime:
    return minute + number * MINUTE / count


def _bot_of(number: int, bots: int) -> str:
    """Each bot gets its share of fills, however many there are."""
    return bot_name((number // FILL_EVERY if number % FILL_EVERY == FILL_EVERY // 2 else number) % bots)


def _fill(number: int, count: int, minute: datetime) -> dict[str, object]:
    price, amount = Decimal("68064.865"), Decimal("0.0015")
    return fill_row(_at(number, count, minute), f"{_COPY}-{number}", price=price, amount_base=amount)


def other_event(number: int, event_id: str, bot: str, at: datetime) -> dict[str, object]:
    """An event that is no fill, of one of the kinds in turn."""
    event_type, stream, payload = _OTHERS[number % len(_OTHERS)]
    return {
        "event_id": event_id,
        "event_type": event_type,
        "event_version": "v1",
        "ts_utc": at.isoformat(),
        "producer": "hb",
        "instance_name": bot,
        "controller_id": f"{bot}_a",
        "stream": stream,
        "payload": payload,
        "ingest_ts_utc": at.isoformat(),
    }
