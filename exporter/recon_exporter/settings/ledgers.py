"""The section ``ledger``: where the bot's own books are, told apart by their ``type``."""

from typing import Annotated, Literal, Self

from pydantic import Tag, model_validator
from pydantic.json_schema import SkipJsonSchema

from recon_exporter.settings.book_values import (
    Column,
    LedgerUrl,
    LedgerUrls,
    Moment,
    OptionalCurrency,
    OptionalFile,
    OptionalInterval,
    OptionalQuery,
    OptionalStatementPath,
    OptionalText,
    Query,
    SignedNumber,
    StatementPath,
    Statements,
    by_type,
)
from recon_exporter.settings.end_of_day import OptionalZone
from recon_exporter.settings.other_types import OtherLedger
from recon_exporter.settings.scalars import Flag, Interval, LocalPath, Name, Text, refused
from recon_exporter.settings.section import TAG, Section, builtin, left_out


class SqlLedger(Section):
    """The book of a bot in a database; ``columns`` holds our name: theirs, ``currency`` what its prices are in.

    ``url_file`` names a file that holds the address. ``timezone`` is that of times which tell no offset.
    """

    type: Literal["sql"]
    url: LedgerUrl = left_out()
    url_file: OptionalFile = left_out()
    positions: Query
    fills: OptionalQuery = left_out()
    balances: OptionalQuery = left_out()
    heartbeat: OptionalQuery = left_out()
    heartbeat_max_age: Interval = builtin("10m")
    columns: dict[Column, Text] = builtin({})
    timezone: OptionalZone = left_out()
    currency: OptionalCurrency = left_out()

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.url is None and self.url_file is None:
            raise refused("url or url_file")
        return self


class FileLedger(Statements):
    """The book of a bot in files; ``currency`` is what its prices are in."""

    type: Literal["file"]
    positions: StatementPath
    fills: OptionalStatementPath = left_out()
    balances: OptionalStatementPath = left_out()
    currency: OptionalCurrency = left_out()


class Baseline(Section):
    """What a bot held of one symbol at some moment, where its books begin in the middle of its life."""

    quantity: SignedNumber
    as_of: Moment


class HummingbotLedger(Section):
    """The database files of Hummingbot for one market; ``path`` may be a pattern, the files are read as one book.

    ``config_files`` picks the rows of these configurations where several bots share a file. ``baseline`` is what was
    held before the first row. In ``hedge_mode`` the account holds a long and a short leg of one symbol. ``symbols``
    holds the bot's pair: the exchange's symbol, where the rule does not tell. Older books than ``max_age`` give no
    verdict.
    """

    type: Literal["hummingbot"]
    path: LocalPath
    market: Text
    config_files: tuple[Text, ...] = builtin([])
    baseline: dict[Name, Baseline] = builtin({})
    hedge_mode: Flag = False
    symbols: dict[Name, Text] = builtin({})
    max_age: OptionalInterval = left_out()


class FreqtradeLedger(Section):
    """The database of one freqtrade bot, or in ``urls`` those of several on one account, whose books add up.

    ``url_file`` names a file that holds the address; ``exchange`` picks one of those that were traded on.
    """

    type: Literal["freqtrade"]
    url: LedgerUrl = left_out()
    url_file: OptionalFile = left_out()
    urls: LedgerUrls = builtin([])
    exchange: OptionalText = left_out()

    @model_validator(mode="after")
    def _has_addresses(self) -> Self:
        is_one = self.url is not None or self.url_file is not None
        if is_one == bool(self.urls):
            raise refused("url or url_file, or urls with one address at least")
        if len({url.get_secret_value() for url in self.urls}) < len(self.urls):
            raise refused("urls with each address once: a book that is there twice counts twice")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """All of them, once what stands in a file was read."""
        told = self.urls if self.url is None else (self.url,)
        return tuple(url.get_secret_value() for url in told)


Ledger = Annotated[
    Annotated[SqlLedger, Tag(f"{TAG}sql")]
    | Annotated[HummingbotLedger, Tag(f"{TAG}hummingbot")]
    | Annotated[FreqtradeLedger, Tag(f"{TAG}freqtrade")]
    | Annotated[FileLedger, Tag(f"{TAG}file")]
    | Annotated[SkipJsonSchema[OtherLedger], Tag(TAG)],
    by_type("sql", "hummingbot", "freqtrade", "file"),
]
BuiltLedger = SqlLedger | HummingbotLedger | FreqtradeLedger | FileLedger
