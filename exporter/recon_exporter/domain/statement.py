"""What one side says about one bot, as of one moment.

Missing, malformed and out of range are three different things: a column that is absent or blank has no entry, one that
cannot be read is Malformed, and only a finite Decimal is a value. All times are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Takes the place of a statement that could not be read."""

    reason: Reason
    detail: str

    def unverified(self) -> Unverified:
        """The result of a check that needed this statement."""
        return Unverified(self.reason, self.detail)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A value that is there and cannot be read: the text found, and where (file name and line or byte)."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Damage:
    """Something of the current UTC day that could not be read.

    ``source`` is minute, fills or events; ``field`` the column, or None where the whole line is lost.
    """

    source: str
    field: str | None
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """One row of minute.csv. ``connector`` is its column ``exchange``; ``numbers`` are by column name.

    Every ``*_pct`` is a fraction of one, ``turnover_today_x`` a multiple of equity, ``*_quote`` quote currency.
    """

    at: datetime
    variant: str
    connector: str
    trading_pair: str
    fee_source: str
    numbers: Mapping[str, Decimal | Malformed]

    @property
    def is_perpetual(self) -> bool:
        """Whether the connector trades perpetuals, where base_pct is gross and may exceed 1."""
        return "perpetual" in self.connector or "_perp" in self.connector


@dataclass(frozen=True, slots=True)
class Variant:
    """One log folder of a bot: ``path`` relative to the data root, time of its newest readable row."""

    path: str
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order whose fills differ between ledger and events; differences are ledger minus events.

    ``last_at`` is the time of the latest fill that one side alone has.
    """

    order_id: str
    count_difference: int
    quantity_difference: Decimal
    last_at: datetime


@dataclass(frozen=True, slots=True)
class FillBook:
    """The fills of one bot on one UTC day (by fill time) on both sides: fills.csv and the event store.

    ``ledger`` and ``events`` say why a side could not be read, None where it was read to its end. Probe orders count on
    neither side; events of ``backfill.*`` producers only in ``backfilled_count``. ``open`` holds every order whose
    sides differ in fills whose grace had not ended before this day; ``OpenOrder.last_at`` is the time of the latest of
    them. A pair of fills counts on the day that the ledger tells. ``newest_ledger_at`` is the time of the last row of
    fills.csv of any day, ``newest_event_at`` that of the newest event of any kind: it shows that the store is alive.
    """

    day: date
    ledger: Unavailable | None
    events: Unavailable | None
    ledger_count: int
    events_count: int
    backfilled_count: int
    open: tuple[OpenOrder, ...]
    newest_ledger_at: datetime | None
    newest_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Whether one source of one bot was read to its end and is fresh; ``at`` is the time of its newest data."""

    bot: str
    side: str
    source: str
    is_up: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Book:
    """The ledger's statement about one bot.

    ``rows`` are the rows of today (UTC) that no recorded cycle has examined, oldest first, and before them the last
    ones of yesterday where the day has changed in between; ``previous`` is the row before the first of them, of any
    day; ``newest`` the last readable row, None where the file has none. ``closing`` is the last row of the previous UTC
    day where known. ``cadence`` is the usual distance of rows.
    ``future_at`` is the time of a row ahead of the clock by more than the skew allowed, which was set aside.
    ``variants`` are all log folders of the bot, the speaking one first. ``damage`` is that of today, ``bad_lines``
    counts by source since the bot is known.
    """

    bot: str
    variants: tuple[Variant, ...]
    newest: MinuteRow | None
    previous: MinuteRow | None
    rows: tuple[MinuteRow, ...]
    closing: MinuteRow | None
    future_at: datetime | None
    cadence: timedelta
    fills: FillBook
    damage: tuple[Damage, ...]
    bad_lines: Mapping[str, int]
    health: tuple[SourceHealth, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset of an account: the total and what of it is free, in units of the asset."""

    total: Decimal
    free: Decimal | None


@dataclass(frozen=True, slots=True)
class Position:
    """One open position, by symbol and leg: signed quantity in base units or shares, prices in ``currency``.

    ``leg`` is net, long or short. ``average_price`` is the price of entry, ``mark_price`` that of now, both where told.
    ``written_at`` is when the bot last wrote the position, None where its books have no such time. ``step`` is the
    smallest difference in quantity that the venue knows, where it tells. ``uncertainty`` is how far the quantity may be
    off by the way the side writes it.
    """

    symbol: str
    quantity: Decimal
    mark_price: Decimal | None
    leg: str = "net"
    average_price: Decimal | None = None
    currency: str | None = None
    written_at: datetime | None = None
    step: Decimal | None = None
    uncertainty: Decimal = ZERO

    @property
    def key(self) -> tuple[str, str]:
        """Symbol and leg."""
        return (self.symbol, self.leg)


@dataclass(frozen=True, slots=True)
class VenueAccount:
    """The venue's statement about one bot's account, out of an exchange snapshot.

    ``mode`` is the snapshot's own (``proxy_local`` is no evidence); ``probe_status`` is ok, disabled, paper_only,
    missing_credentials, fetch_failed, ccxt_unavailable or unknown; ``balances`` None where the snapshot has none;
    ``price`` the venue's price of the base asset where told. ``permissions`` says of trade and withdraw whether the key
    may, where that is told.
    """

    bot: str
    taken_at: datetime
    mode: str
    source: str
    exchange: str
    trading_pair: str
    probe_status: str
    probe_error: str
    balances: Mapping[str, Balance] | None
    positions: tuple[Position, ...] | None
    price: Decimal | None
    health: SourceHealth
    permissions: Mapping[str, bool] = field(default_factory=dict)
