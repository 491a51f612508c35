"""One line of the event store → one fill event, or none.

The envelope is the same for all events. Of a fill, what it says stands in the payload, in a ``bot_fill`` also beside
it, under the names of the specification (``client_order_id``, ``fill_qty_base``) or under those that are written
(``order_id``, ``amount_base``).
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from recon_exporter.domain.money import InvalidAmount, amount, plain
from recon_exporter.reading.digests import digest
from recon_exporter.reading.times import InvalidTime, any_time

ORDER_FILLED, BOT_FILL = "order_filled", "bot_fill"
WORDS = (b'"order_filled"', b'"bot_fill"')
"""A line without any of them is no fill."""

ORDER_KEYS = ("client_order_id", "order_id")
QUANTITY_KEYS = ("fill_qty_base", "amount_base")
BACKFILL = "backfill."

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_INSTANCE = re.compile(rb'"instance_name"\s*:\s*"([^"\\]+)"')
_TIME = re.compile(rb'"(?:ts_utc|ingest_ts_utc)"\s*:\s*"?([^",}\s]+)')


class BadEvent(ValueError):
    """A line that may be a fill and cannot be read: ``field`` is what is wrong, None where it is the line."""

    def __init__(self, problem: str, field: str | None = None) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True, slots=True)
class FillEvent:
    """One fill as the event store tells it; ``is_backfill`` where it was made from the ledger itself."""

    event_id: str
    kind: str
    instance: str
    order_id: str
    quantity: Decimal
    at: datetime
    is_backfill: bool

    @property
    def identity(self) -> int:
        """A digest of what makes it the same event when it is delivered again."""
        return digest(f"event\0{self.event_id}")

    def occurrence(self, kind: str, number: int) -> int:
        """A digest of the fill as the n-th of its order and quantity that events of this kind tell."""
        return digest(f"{kind}\0{self.instance}\0{self.order_id}\0{plain(self.quantity)}\0{number}")


def parse_fill(line: bytes) -> FillEvent | None:
    """The fill of a line, None where it is another event; raises BadEvent."""
    try:
        event = _DECODER.decode(line.decode())
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"no JSON: {error}") from None
    if not isinstance(event, dict) or event.get("event_type") not in (ORDER_FILLED, BOT_FILL):
        return None
    payload = event.get("payload")
    told: tuple[Mapping[str, Any], ...] = (payload, event) if isinstance(payload, dict) else (event,)
    return FillEvent(
        event_id=_text(event.get("event_id"), "event_id"),
        kind=event["event_type"],
        instance=_text(event.get("instance_name"), "instance_name"),
        order_id=_text(_first(told, ORDER_KEYS), "order_id"),
        quantity=_quantity(_first(told, QUANTITY_KEYS)),
        at=_time(event.get("ts_utc")),
        is_backfill=str(event.get("producer")).startswith(BACKFILL),
    )


def instances_of(line: bytes) -> frozenset[str]:
    """The bots that a bad line names; empty where it may concern any."""
    return frozenset(name.decode(errors="replace") for name in _INSTANCE.findall(line))


def times_of(line: bytes) -> tuple[datetime, ...]:
    """The times that an event of any kind tells of itself, bad or not: of what happened, and of its arrival."""
    times = []
    for told in _TIME.findall(line):
        with suppress(ValueError):
            times.append(any_time(told.decode()))
    return tuple(times)


def _first(told: tuple[Mapping[str, Any], ...], keys: tuple[str, ...]) -> object:
    found = (part[key] for part in told for key in keys if part.get(key) not in (None, ""))
    return next(found, None)


def _text(value: object, field: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadEvent(f"{field} is {value!r}", field)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadEvent(f"{field} is no Unicode: {value!r}", field) from None
    return value


def _quantity(value: object) -> Decimal:
    try:
        return amount(_text(value, "amount_base"))
    except InvalidAmount as error:
        raise BadEvent(str(error), "amount_base") from None


def _time(value: object) -> datetime:
    try:
        return any_time(_text(value, "ts_utc"))
    except InvalidTime as error:
        raise BadEvent(str(error), "ts_utc") from None
