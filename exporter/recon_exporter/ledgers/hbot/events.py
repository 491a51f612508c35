"""One line of the event store → one fill event, or none.

The envelope is the same for all events. Of a fill, what it says stands in the payload, in a ``bot_fill`` also beside
it, under the names of the specification (``client_order_id``, ``fill_qty_base``) or under those that are written
(``order_id``, ``amount_base``).
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from recon_exporter.domain.money import InvalidAmount, plain
from recon_exporter.ledgers.hbot.quantity import quantity
from recon_exporter.reading.digests import digest
from recon_exporter.reading.times import InvalidTime, any_time

KINDS = ("order_filled", "bot_fill")
SIGN = re.compile(rb'_fill(?:ed)?"')
"""A line without it is no fill: so both kinds end."""

ORDER_KEYS = ("client_order_id", "order_id")
QUANTITY_KEYS = ("fill_qty_base", "amount_base")
BACKFILL = "backfill."

Told = Mapping[str, Any]

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_INSTANCE = re.compile(rb'"instance_name"\s*:\s*"([^"\\]+)"')
_TIME = re.compile(rb'"(?:ts_utc|ingest_ts_utc)"\s*:\s*"?([^",}\s]+)')


class BadEvent(ValueError):
    """A line that may be a fill and cannot be read: ``field`` is what is wrong, None where it is the line."""

    def __init__(self, problem: str, field: str | None = None) -> None:
        super().__init__(problem)
        self.field = field


class FillEvent(NamedTuple):
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

    @property
    def fill(self) -> int:
        """A digest of what two events have in common that tell the same fill."""
        return digest(f"fill\0{self.instance}\0{self.order_id}\0{plain(self.quantity)}")


def parse_fill(line: bytes) -> FillEvent | None:
    """The fill of a line, None where it is another event; raises BadEvent."""
    try:
        text = line.decode().strip()
        event, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"no JSON: {error}") from None
    if end != len(text):
        raise BadEvent("more than one JSON value")
    if not isinstance(event, dict) or event.get("event_type") not in KINDS:
        return None
    payload = event.get("payload")
    told: tuple[Told, ...] = (payload, event) if isinstance(payload, dict) else (event,)
    return FillEvent(
        _text(event.get("event_id"), "event_id"),
        event["event_type"],
        _text(event.get("instance_name"), "instance_name"),
        _text(_first(told, ORDER_KEYS), "order_id"),
        _quantity(_first(told, QUANTITY_KEYS)),
        _time(event.get("ts_utc")),
        str(event.get("producer")).startswith(BACKFILL),
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


def _first(told: tuple[Told, ...], keys: tuple[str, ...]) -> object:
    for part in told:
        for key in keys:
            value = part.get(key)
            if value is not None and value != "":
                return value
    return None


def _text(value: object, field: str) -> str:
    if not isinstance(value, str) or not value or value.isspace():
        raise BadEvent(f"{field} is {value!r}", field)
    if not (value.isascii() or _is_unicode(value)):
        raise BadEvent(f"{field} is no Unicode: {value!r}", field)
    return value


def _is_unicode(text: str) -> bool:
    """Whether the text can be written: an escape in JSON may stand for half a character."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _quantity(value: object) -> Decimal:
    try:
        return quantity(_text(value, "amount_base"))
    except InvalidAmount as error:
        raise BadEvent(str(error), "amount_base") from None


def _time(value: object) -> datetime:
    try:
        return any_time(_text(value, "ts_utc"))
    except InvalidTime as error:
        raise BadEvent(str(error), "ts_utc") from None
