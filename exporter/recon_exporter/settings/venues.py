"""The section ``venue``: where the statements of the exchange or broker come from, told apart by their ``type``."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import PlainValidator, Tag, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from recon_exporter.settings.book_values import (
    Exchange,
    FleetPath,
    OptionalBaseUrl,
    OptionalFleetPath,
    OptionalStatementPath,
    StatementPath,
    Statements,
    by_type,
)
from recon_exporter.settings.other_types import OtherVenue
from recon_exporter.settings.scalars import Flag, Interval, Prefix, Text, one_of
from recon_exporter.settings.section import TAG, Section, builtin, left_out


class Ownership(StrEnum):
    """Whether the account is the bot's alone, or also holds what is not the bot's."""

    EXCLUSIVE = "exclusive"
    SHARED = "shared"


class AccountType(StrEnum):
    """The parts of an account as ccxt names them."""

    SPOT = "spot"
    SWAP = "swap"
    FUTURE = "future"
    MARGIN = "margin"
    FUNDING = "funding"


AccountTypes = Annotated[
    tuple[Annotated[AccountType, PlainValidator(one_of(*AccountType))], ...],
    WithJsonSchema({"type": "array", "items": {"enum": [str(one) for one in AccountType]}}),
]
OptionalOwned = Annotated[
    Ownership | None, PlainValidator(one_of(*Ownership)), WithJsonSchema({"enum": [str(one) for one in Ownership]})
]


class FileVenue(Statements):
    """The statements of a venue, such as those of a broker at the end of the day."""

    type: Literal["file"]
    positions: StatementPath
    fills: OptionalStatementPath = left_out()
    balances: OptionalStatementPath = left_out()


class FleetFileVenue(Statements):
    """The statements of a venue for each bot of a fleet, whose name stands for ``{bot}`` in the paths."""

    type: Literal["file"]
    positions: FleetPath
    fills: OptionalFleetPath = left_out()
    balances: OptionalFleetPath = left_out()


class FleetAlpacaVenue(Section):
    """The account of each bot of a fleet at Alpaca; the account map has the prefixes of their credentials."""

    type: Literal["alpaca"]
    paper: Flag = False
    base_url: OptionalBaseUrl = left_out()


class AlpacaVenue(FleetAlpacaVenue):
    """One account at Alpaca: <PREFIX>_ALPACA_API_KEY and <PREFIX>_ALPACA_SECRET open it, or the same with _FILE."""

    credential_prefix: Prefix


class FleetCcxtVenue(Section):
    """The account of each bot of a fleet at an exchange; the account map has exchange and prefix of the credentials.

    Without ``account_types`` spot and swap are asked where the exchange has them, without ``product_types`` all of its
    kinds of contracts. Fills are asked for ``symbols`` beside those that ledger and account hold, ``history`` back.
    ``ownership`` shared: the account may hold more than the bot; left out, spot is shared and contracts are not.
    Orders whose client identifier begins with none of ``client_id_prefixes`` are not the bot's, those of
    ``allowed_orders`` are known to be somebody's.
    """

    type: Literal["ccxt"]
    account_types: AccountTypes = builtin([])
    product_types: tuple[Text, ...] = builtin([])
    symbols: tuple[Text, ...] = builtin([])
    sandbox: Flag = False
    base_url: OptionalBaseUrl = left_out()
    deadline: Interval = builtin("30s")
    history: Interval = builtin("24h")
    ownership: OptionalOwned = left_out()
    client_id_prefixes: tuple[Text, ...] = builtin([])
    allowed_orders: tuple[Text, ...] = builtin([])


class CcxtVenue(FleetCcxtVenue):
    """One account at an exchange: <PREFIX>_<EXCHANGE>_API_KEY, _SECRET and, where it has one, _PASSPHRASE open it."""

    exchange: Exchange
    credential_prefix: Prefix


Venue = Annotated[
    Annotated[AlpacaVenue, Tag(f"{TAG}alpaca")]
    | Annotated[CcxtVenue, Tag(f"{TAG}ccxt")]
    | Annotated[FileVenue, Tag(f"{TAG}file")]
    | Annotated[SkipJsonSchema[OtherVenue], Tag(TAG)],
    by_type("alpaca", "ccxt", "file"),
]
FleetVenue = Annotated[
    Annotated[FleetAlpacaVenue, Tag(f"{TAG}alpaca")]
    | Annotated[FleetCcxtVenue, Tag(f"{TAG}ccxt")]
    | Annotated[FleetFileVenue, Tag(f"{TAG}file")]
    | Annotated[SkipJsonSchema[OtherVenue], Tag(TAG)],
    by_type("alpaca", "ccxt", "file"),
]
BuiltVenue = AlpacaVenue | CcxtVenue | FileVenue
BuiltFleetVenue = FleetAlpacaVenue | FleetCcxtVenue | FleetFileVenue
