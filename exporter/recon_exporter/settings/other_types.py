"""Sections whose type is none that there is: refused, with the types that there are."""

from collections.abc import Callable
from typing import Annotated

from pydantic import ConfigDict, PlainValidator

from recon_exporter.settings.scalars import refused
from recon_exporter.settings.section import Section

FLEETS = ("hbot",)
LEDGERS = ("sql", "hummingbot", "freqtrade", "file")
VENUES = ("alpaca", "ccxt", "file")


def read_fleet_type(value: object) -> str:
    """The type of a fleet: hbot."""
    if value in LEDGERS:
        raise refused(f"hbot: {value} books are read one by one, under bots")
    if value not in FLEETS:
        raise refused(" or ".join(FLEETS))
    return str(value)


def _not_one_of(built: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value in FLEETS:
            raise refused(f"{' or '.join(built)}: {value} books are read by a fleet, under fleets")
        raise refused(" or ".join(built))

    return read


class _Refused(Section):
    """A section of no type that there is: nothing is said of its other keys."""

    model_config = ConfigDict(extra="ignore")


class OtherLedger(_Refused):
    type: Annotated[str, PlainValidator(_not_one_of(LEDGERS))]


class OtherVenue(_Refused):
    type: Annotated[str, PlainValidator(_not_one_of(VENUES))]
