"""Parts of the configuration whose adapters are not built yet: known by name, and refused by name."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, PlainValidator

from recon_exporter.settings.scalars import Duration, Interval, Text, refused
from recon_exporter.settings.section import Section, builtin, left_out

FLEETS = ("hbot",)
LEDGERS = ("sql", "hummingbot", "freqtrade", "file")
VENUES = ("alpaca", "ccxt", "file")


def read_fleet_type(value: object) -> str:
    """The type of a fleet: hbot."""
    if value in LEDGERS:
        raise refused(f"hbot: the ledger type {value} is not built yet")
    if value not in FLEETS:
        raise refused(" or ".join(FLEETS))
    return str(value)


def _not_built(kind: str, types: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value in types:
            raise refused(f"no {kind} of type {value}: it is not built yet")
        if value in FLEETS:
            raise refused(f"no {kind} of type {value}: {value} books are read by a fleet, under fleets")
        raise refused(f"one of {', '.join(types)}, of which none is built yet")

    return read


class _Opaque(Section):
    """A section whose other keys come with its adapter."""

    model_config = ConfigDict(extra="ignore")


class UnbuiltLedger(_Opaque):
    type: Annotated[str, PlainValidator(_not_built("ledger", LEDGERS))]


class UnbuiltVenue(_Opaque):
    type: Annotated[str, PlainValidator(_not_built("venue", VENUES))]


class EndOfDay(Section):
    """When the end-of-day run of a bot is due."""

    at: Text
    timezone: Text = builtin("UTC")
    days: Text = builtin("*")
    settle: Interval = builtin("30s")
    stale_after: Duration = builtin("24h")


def _refuse(_: EndOfDay) -> EndOfDay:
    raise refused("no eod section: the end-of-day run is not built yet")


UnbuiltEndOfDay = Annotated[EndOfDay, AfterValidator(_refuse)]


class UnbuiltBot(Section):
    """A bot written down one by one."""

    ledger: UnbuiltLedger
    venue: UnbuiltVenue = left_out()
    eod: UnbuiltEndOfDay = left_out()
