"""Builders for end-of-day reconciliation: each gives something sound, and a test names only what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.domain.break_steps import identifier
from recon_exporter.domain.breaks import Break, BreakState, BreakType, Discrepancy
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.positions import Activity, ActivityKind, Fee, Fill, Order, PositionStatement
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import HaltPolicy, Terms, Tolerance
from recon_exporter.domain.trail import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recon_exporter.domain.statement import Unavailable

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BOT = "swing-us"
POLICY = HaltPolicy(exposure_usd=Decimal(1000), missing_positions=3)


def number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def make_position(
    symbol: str,
    quantity: str,
    price: str | None = "100",
    *,
    leg: str = "net",
    mark: str | None = None,
    currency: str | None = "USD",
    written_at: datetime | None = NOW - HOUR,
) -> Position:
    """A position that the bot wrote an hour ago."""
    return Position(symbol, Decimal(quantity), number(mark), leg, number(price), currency, written_at)


def make_statement(
    *positions: Position, bot: str = BOT, source: str = "file", has_write_times: bool = True
) -> PositionStatement:
    return PositionStatement(bot, source, NOW, positions, has_write_times, "read to its end")


def make_terms(
    *,
    aliases: Mapping[str, str] | None = None,
    quantity: str = "0",
    price_relative: str = "0.005",
    price_absolute: str = "0.01",
    tolerance_of: Mapping[str, Tolerance] | None = None,
    stale_after: timedelta | None = DAY,
    stale_after_of: Mapping[str, timedelta | None] | None = None,
    halt_quantity_ratio: str = "0.10",
    dollar_rates: Mapping[str, str] | None = None,
    currency: str | None = None,
    prefixes: tuple[str, ...] = ("bot-",),
) -> Terms:
    """The built-in terms; a bot whose own orders have client ids that begin with ``bot-``."""
    return Terms(
        symbols=Symbols.of(aliases or {}),
        tolerance=Tolerance(Decimal(quantity), Decimal(price_relative), Decimal(price_absolute)),
        tolerance_of=tolerance_of or {},
        stale_after=stale_after,
        stale_after_of=stale_after_of or {},
        halt_quantity_ratio=Decimal(halt_quantity_ratio),
        dollar_rates={name: Decimal(rate) for name, rate in (dollar_rates or {}).items()},
        currency=currency,
        client_id_prefixes=prefixes,
    )


def compared(
    ledger: Iterable[Position] = (), venue: Iterable[Position] = (), terms: Terms | None = None, now: datetime = NOW
) -> Comparison:
    """What comparing these two books establishes."""
    return compare(make_statement(*ledger), make_statement(*venue), terms or make_terms(), now)


def make_discrepancy(
    kind: BreakType = BreakType.QUANTITY_MISMATCH,
    symbol: str = "AAPL",
    *,
    bot: str = BOT,
    leg: str = "net",
    ledger: str | None = "10",
    venue: str | None = "8",
    ledger_price: str | None = "100",
    venue_price: str | None = "100",
    difference: str | None = "2",
    exposure: str | None = "200",
    auto_halt: bool = False,
) -> Discrepancy:
    return Discrepancy(
        type=kind,
        bot=bot,
        symbol=symbol,
        leg=leg,
        ledger_quantity=number(ledger),
        venue_quantity=number(venue),
        ledger_price=number(ledger_price),
        venue_price=number(venue_price),
        difference=number(difference),
        exposure=number(exposure),
        severity=Severity.CRITICAL if auto_halt else Severity.WARNING,
        auto_halt=auto_halt,
        detail="ledger and venue differ",
    )


def make_break(
    discrepancy: Discrepancy | None = None, *, first_seen: datetime = NOW, is_confirmed: bool = True
) -> Break:
    """A break seen once, by two looks of that run."""
    found = discrepancy or make_discrepancy()
    return Break(
        identifier=identifier(found.identity, first_seen),
        discrepancy=found,
        state=BreakState.CONFIRMED if is_confirmed else BreakState.OPEN,
        first_seen=first_seen,
        last_seen=first_seen,
        times_seen=1,
        confirmed_at=first_seen if is_confirmed else None,
    )


def make_missing(symbol: str, *, bot: str = BOT, exposure: str | None = "100", first_seen: datetime = NOW) -> Break:
    """A confirmed position that the broker does not have."""
    found = make_discrepancy(
        BreakType.MISSING_AT_BROKER, symbol, bot=bot, venue=None, venue_price=None, exposure=exposure, auto_halt=True
    )
    return make_break(found, first_seen=first_seen)


def break_of(ledger: Iterable[Position] = (), venue: Iterable[Position] = (), terms: Terms | None = None) -> Break:
    """The one break between these two books, confirmed."""
    (found,) = compared(ledger, venue, terms).discrepancies
    return make_break(found)


def comparison_of(*discrepancies: Discrepancy, bot: str = BOT, unjudged: Iterable[tuple[str, ...]] = ()) -> Comparison:
    """A comparison that found these."""
    return Comparison(bot, discrepancies, len(discrepancies), (), frozenset(unjudged), stale_judged=True)


def make_fill(
    quantity: str,
    price: str = "100",
    *,
    symbol: str = "AAPL",
    fill_id: str | None = None,
    order_id: str | None = "order-1",
    client_order_id: str | None = None,
    fee: str | None = None,
    fee_currency: str | None = None,
    at: datetime = NOW - 5 * HOUR,
) -> Fill:
    """One execution; its id follows from order, time and quantity unless it is given."""
    return Fill(
        fill_id=fill_id or f"{order_id}@{at:%H%M%S}:{quantity}",
        order_id=order_id,
        client_order_id=client_order_id,
        symbol=symbol,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fees=None if fee is None else (Fee(fee_currency or "", Decimal(fee)),),
        at=at,
    )


def make_order(
    order_id: str = "order-1",
    quantity: str = "10",
    *,
    filled: str | None = None,
    client_order_id: str | None = "bot-1",
    symbol: str = "AAPL",
    price: str | None = "100",
    status: str = "filled",
    at: datetime = NOW - 5 * HOUR,
) -> Order:
    """An order of the bot itself that was executed whole."""
    executed = Decimal(quantity if filled is None else filled)
    filled_at = at if executed else None
    return Order(order_id, client_order_id, symbol, Decimal(quantity), executed, number(price), status, at, filled_at)


def make_activity(
    kind: ActivityKind,
    quantity: str | None,
    *,
    code: str = "NTA",
    symbol: str = "AAPL",
    price: str | None = None,
    amount: str | None = None,
    at: datetime = NOW - 4 * HOUR,
) -> Activity:
    return Activity(f"{code}-{at:%H%M}", kind, code, symbol, number(quantity), number(price), number(amount), at)


def make_records(
    *,
    ledger: tuple[Fill, ...] | Unavailable = (),
    venue: tuple[Fill, ...] | Unavailable = (),
    orders: tuple[Order, ...] | Unavailable = (),
    activities: tuple[Activity, ...] | Unavailable = (),
    since: datetime = NOW - 30 * DAY,
) -> Records:
    return Records(since, ledger, venue, orders, activities)


def later(one: Break, **changes: object) -> Break:
    """The break with some fields changed."""
    return replace(one, **changes)  # type: ignore[arg-type]
