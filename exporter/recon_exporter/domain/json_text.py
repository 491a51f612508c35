"""JSON text in which a Decimal keeps its exact digits, and parts of which are written once and used again."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from recon_exporter.domain.money import plain


class Lasting(Mapping[str, Any]):
    """A mapping that stands in many documents and never changes; it remembers how it is written."""

    __slots__ = ("_content", "_texts")

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._texts: dict[tuple[str, str], str] = {}

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401  # what its content holds
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def text(self, newline: str, step: str) -> str:
        """The JSON text, as deep as ``newline`` says."""
        text = self._texts.get((newline, step))
        if text is None:
            text = self._texts[newline, step] = _mapping(self._content, newline, step)
        return text


def to_json(value: object, indent: int = 2) -> str:
    """Text laid out as ``json.dumps(value, indent=indent)`` lays it out, Decimals as numbers with all their digits.

    Times are written as ISO-8601 with +00:00 and microseconds. Raises ValueError for a number that is not finite
    and for a time without zone, TypeError for a type that JSON does not know.
    """
    return _text(value, "\n", " " * indent)


def time_text(at: datetime) -> str:
    """ISO-8601 with +00:00 and microseconds."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _text(value: object, newline: str, step: str) -> str:
    write = _SCALARS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Lasting):
        return value.text(newline, step)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, Mapping):
        return _mapping(value, newline, step)
    if isinstance(value, Sequence):
        return _sequence(value, newline, step)
    raise TypeError(f"{value!r} of type {type(value).__name__} has no place in JSON")


def _mapping(value: Mapping[str, object], newline: str, step: str) -> str:
    if not value:
        return "{}"
    inner = newline + step
    items = [f"{encode_basestring_ascii(key)}: {_text(item, inner, step)}" for key, item in value.items()]
    return f"{{{inner}{f',{inner}'.join(items)}{newline}}}"


def _sequence(value: Sequence[object], newline: str, step: str) -> str:
    if not value:
        return "[]"
    inner = newline + step
    items = [_text(item, inner, step) for item in value]
    return f"[{inner}{f',{inner}'.join(items)}{newline}]"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return plain(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return repr(value)


_SCALARS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    Decimal: _decimal,
    float: _float,
    datetime: lambda value: f'"{time_text(value)}"',
}
