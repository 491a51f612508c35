"""The executions of one account, with the span and the symbols for which they are all there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import product
from recon_exporter.domain.positions import Fill, FillStatement
from recon_exporter.venues.ccxt.balances import must_show_life
from recon_exporter.venues.ccxt.failures import VenueFailure, incomplete
from recon_exporter.venues.ccxt.instruments import market_within, unit
from recon_exporter.venues.ccxt.orders import client_order_ids
from recon_exporter.venues.ccxt.paging import Budget
from recon_exporter.venues.ccxt.quirks.base import TRADES, Section
from recon_exporter.venues.ccxt.reading import Listing, Reading, read_list
from recon_exporter.venues.ccxt.rows import Row

SAME = ("symbol", "id", "order", "timestamp", "side", "price", "amount")
"""What makes a row the same as another: an identifier alone may be of two executions."""


@dataclass(frozen=True, slots=True)
class Trades:
    """Rows of trades, each with its part of the account, and since when they are all there; ``symbols`` as stated."""

    rows: Sequence[tuple[Section, Row]]
    since: datetime
    symbols: frozenset[str] | None


def read_fills(reading: Reading, owner: tuple[str, str], *, wants_client_ids: bool) -> FillStatement:
    """The statement of ``owner`` (bot, source); raises VenueFailure or BadAnswer where there is none."""
    trades = read_trades(reading)
    known = client_order_ids(reading) if wants_client_ids else {}
    fills = [fill for section, row in trades.rows if (fill := _fill(reading, section, row, known)) is not None]
    covered = (fill for fill in fills if trades.since <= fill.at <= reading.now)
    return FillStatement(
        *owner,
        fills=tuple(sorted(covered, key=lambda fill: (fill.at, fill.fill_id))),
        since=trades.since,
        until=reading.now,
        symbols=trades.symbols,
        has_venue_ids=all(row.maybe_text("id") is not None for _, row in trades.rows),
    )


def read_trades(reading: Reading) -> Trades:
    """Every row that the exchange tells among the trades."""
    ask, budget = reading.ask, Budget(reading.pages)
    if not ask.has(TRADES):
        raise VenueFailure(Reason.SOURCE_UNREADABLE, f"ccxt cannot ask {ask.exchange} for trades", "unsupported")
    since, rows, covered = reading.since, list[tuple[Section, Row]](), set[str]()
    for section in reading.sections:
        if not section.has_trades:
            continue
        is_by_symbol = reading.quirk.wants_symbol(ask, section, TRADES)
        symbols = reading.symbols_of(section) if is_by_symbol else []
        found = read_list(reading, section, _listing(reading, section), symbols if is_by_symbol else [None], budget)
        covered |= set(symbols) if is_by_symbol else reading.markets_of(section)
        since = max(since, found.since)
        rows += [(section, row) for row in found.rows]
    if not rows:
        must_show_life(ask, reading.sections)
    if since >= reading.now:
        raise incomplete(f"{ask.exchange} tells more trades than {reading.pages} pages hold")
    is_all = covered >= {symbol for symbol, market in ask.markets.items() if market.get("active") is not False}
    return Trades(rows, since, None if is_all else frozenset(covered))


def _listing(reading: Reading, section: Section) -> Listing:
    ask, quirk = reading.ask, reading.quirk
    return Listing(
        TRADES,
        lambda symbol, page: quirk.trades(ask, section, symbol, page),
        lambda row: tuple(row.told.get(key) for key in SAME),
        quirk.page,
        quirk.newest_first,
    )


def _fill(reading: Reading, section: Section, row: Row, known: Mapping[str, str]) -> Fill | None:
    kind = reading.quirk.kind(row)
    if kind is None:
        return None
    market = market_within(reading.ask, section, row)
    direction = reading.quirk.direction(row)
    size = product(row.number("amount").copy_abs(), unit(market))
    order_id = row.maybe_text("order")
    return Fill(
        fill_id=row.maybe_text("id") or _fingerprint(row),
        order_id=order_id,
        client_order_id=reading.quirk.client_order_id(row) or known.get(order_id or ""),
        symbol=market.text("symbol"),
        quantity=size if direction.sign > 0 else size.copy_negate(),
        price=row.number("price"),
        fees=reading.quirk.fees(row),
        at=row.time("timestamp"),
        leg=direction.leg,
        kind=kind,
    )


def _fingerprint(row: Row) -> str:
    """A name for a fill that the exchange gives none."""
    return "/".join(str(row.told.get(key)) for key in SAME if key != "id")
