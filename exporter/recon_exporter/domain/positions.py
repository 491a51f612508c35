"""What one side states of one bot: positions, balances, fills, and what explains them: orders, other activities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.money import ZERO
from recon_exporter.domain.statement import Balance, Position


@dataclass(frozen=True, slots=True)
class PositionStatement:
    """One side's positions of one bot, all of them: sorted by symbol and leg, each key once, none of quantity zero.

    ``source`` is the adapter's name. ``as_of`` is the moment described: a statement's own time, else that of the read.
    ``has_write_times`` says whether the source tells when each position was written. ``proof`` says in words why the
    book is complete, also where it is empty.
    """

    bot: str
    source: str
    as_of: datetime
    positions: tuple[Position, ...]
    has_write_times: bool
    proof: str


class Basis(StrEnum):
    """What a balance counts: what was booked, or that with the unrealised profit of open positions. Never compared."""

    WALLET = "wallet"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class BalanceStatement:
    """One side's balances of one bot by asset, all of them; assets that are not named are proven to be zero.

    ``prices`` are dollars for one unit of an asset where the side tells them; ``as_of`` and ``proof`` as in
    PositionStatement.
    """

    bot: str
    source: str
    as_of: datetime
    basis: Basis
    balances: Mapping[str, Balance]
    prices: Mapping[str, Decimal]
    proof: str


class FillKind(StrEnum):
    """Why an execution took place: asked for by an order, or done by the venue; synthetic ones a bot made up itself."""

    TRADE = "trade"
    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"
    SETTLEMENT = "settlement"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True)
class Fee:
    """What one execution cost in one asset: positive where it was paid, negative for a rebate.

    One that ``is_estimated`` the side worked out by a rate: it is no evidence of what the venue charged.
    """

    asset: str
    amount: Decimal
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution: ``quantity`` is signed in base units or shares, positive for a buy.

    It is signed by its economic direction: closing a long position is a sale, whatever the venue calls it. ``fees``
    None means that the side tells none, an empty tuple that there were none. ``order_id`` is the venue's,
    ``client_order_id`` the bot's. ``leg`` is that of the position which it changes: net, long or short.
    """

    fill_id: str
    order_id: str | None
    client_order_id: str | None
    symbol: str
    quantity: Decimal
    price: Decimal
    fees: tuple[Fee, ...] | None
    at: datetime
    leg: str = "net"
    kind: FillKind = FillKind.TRADE


class Grain(StrEnum):
    """What one fill of a statement stands for: an execution, or all executions of an order together."""

    EXECUTION = "execution"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class FillStatement:
    """One side's fills of one bot from ``since`` to ``until``, all of them, oldest first.

    What lies outside that span, and outside ``symbols`` where they are not None, is not covered: nothing is said of it.
    Times are those of ``at``; ``lag`` is by how much they may be later than the venue's own, as where a bot dates a
    fill when it hears of it. ``quantum`` is how far a quantity may be off by the way the side writes it,
    ``price_quantum`` a price. ``has_venue_ids`` says whether ``fill_id`` is the venue's own number of the execution.
    ``unwritten_since``: the side knows of fills from then on that it has not written yet; None where none is known.
    """

    bot: str
    source: str
    fills: tuple[Fill, ...]
    since: datetime
    until: datetime
    symbols: frozenset[str] | None = None
    grain: Grain = Grain.EXECUTION
    has_venue_ids: bool = True
    lag: timedelta = timedelta(0)
    quantum: Decimal = ZERO
    price_quantum: Decimal = ZERO
    unwritten_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order at the venue; quantities are signed, positive for a buy."""

    order_id: str
    client_order_id: str | None
    symbol: str
    quantity: Decimal
    filled_quantity: Decimal
    average_price: Decimal | None
    status: str
    submitted_at: datetime
    filled_at: datetime | None


class ActivityKind(StrEnum):
    """What moved a book other than a fill that the bot asked for."""

    SPLIT = "split"
    REORGANISATION = "reorganisation"
    OPTION_EVENT = "option_event"
    LIQUIDATION = "liquidation"
    TRANSFER = "transfer"
    DIVIDEND = "dividend"
    FEE = "fee"
    FUNDING = "funding"
    INTEREST = "interest"
    CONVERSION = "conversion"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Activity:
    """One movement that is no fill. ``code`` is the venue's own word.

    ``quantity`` is signed, in shares or base units of ``symbol``; ``amount`` signed, in units of ``asset`` where that
    is told, else in the account's currency.
    """

    activity_id: str
    kind: ActivityKind
    code: str
    symbol: str | None
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal | None
    at: datetime
    asset: str | None = None
