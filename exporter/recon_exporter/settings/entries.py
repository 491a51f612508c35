"""Every effective value of the configuration with its origin, for people to read; secrets masked."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from pydantic import BaseModel, SecretStr

from recon_exporter.domain.money import plain
from recon_exporter.settings.command import Words
from recon_exporter.settings.layers import Layers
from recon_exporter.settings.model import Entry
from recon_exporter.settings.problems import dotted
from recon_exporter.settings.shape import Effective
from recon_exporter.settings.trees import Path
from recon_exporter.settings.urls import masked

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def entries(effective: Effective, layers: Layers) -> tuple[Entry, ...]:
    """One entry for each value, in the order of the file's sections."""
    return tuple(Entry(dotted(path), text(value), *layers.origin(path)) for path, value in _leaves((), effective))


def _leaves(path: Path, value: object) -> Iterator[tuple[Path, object]]:
    if isinstance(value, BaseModel):
        children = [(name, getattr(value, name)) for name in type(value).model_fields]
    elif isinstance(value, dict) and value:
        children = list(value.items())
    else:
        yield path, value
        return
    for name, child in children:
        if child is not None:
            yield from _leaves((*path, name), child)


def text(value: object) -> str:
    """The value as it would be written in the file, a secret masked."""
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return str(value) if isinstance(value, Words) else ",".join(text(item) for item in value)
    # A query may be written over several lines.
    return " ".join(str(value).split())


def duration_text(duration: timedelta) -> str:
    """The duration in the largest unit that divides it: 90s, 5m, 24h and 30d are 90s, 5m, 1d and 30d."""
    seconds = int(duration.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0 and (seconds or size == 1))
    return f"{seconds // size}{unit}"
