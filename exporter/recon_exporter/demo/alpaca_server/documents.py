"""Alpaca's JSON: every number a text, every time an RFC 3339 one."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from recon_exporter.demo.alpaca_server.assets import EXCHANGES, AssetClass, asset_class, asset_id
from recon_exporter.demo.alpaca_server.books import Books, Document, Holding, ScriptedOrder, fine
from recon_exporter.demo.alpaca_server.hours import NEW_YORK
from recon_exporter.domain.money import ZERO, difference, plain, product, ratio, total

_NEVER = ("expired_at", "failed_at", "replaced_at", "replaced_by", "replaces", "notional", "limit_price", "stop_price")
_NOTHING = ("legs", "trail_percent", "trail_price", "hwm", "subtag", "expires_at")


def stamp(at: datetime, zone: tzinfo = UTC) -> str:
    """A time with its offset; UTC as Z."""
    return at.astimezone(zone).isoformat(timespec="microseconds").replace("+00:00", "Z")


def account_document(books: Books) -> Document:
    """The account; its totals are the sums of what is held."""
    longs = total(held.value for held in books.holdings.values() if held.quantity > ZERO)
    shorts = total(held.value for held in books.holdings.values() if held.quantity < ZERO)
    equity = total((books.cash, longs, shorts))
    amounts = {
        "cash": books.cash,
        "equity": equity,
        "last_equity": equity,
        "portfolio_value": equity,
        "buying_power": max(ZERO, books.cash),
        "regt_buying_power": max(ZERO, books.cash),
        "non_marginable_buying_power": max(ZERO, books.cash),
        "options_buying_power": max(ZERO, books.cash),
        "long_market_value": longs,
        "short_market_value": shorts,
        "position_market_value": total((longs, shorts.copy_abs())),
        "initial_margin": ZERO,
        "maintenance_margin": ZERO,
        "last_maintenance_margin": ZERO,
        "sma": ZERO,
        "accrued_fees": ZERO,
        "pending_transfer_in": ZERO,
        "pending_transfer_out": ZERO,
    }
    return {
        "id": str(uuid5(NAMESPACE_URL, f"account:{books.number}")),
        "account_number": books.number,
        "status": "ACTIVE",
        "crypto_status": "ACTIVE",
        "currency": books.currency,
        "multiplier": "1",
        "shorting_enabled": True,
        "trading_blocked": False,
        "transfers_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": False,
        "created_at": stamp(books.opened_at),
        **{name: plain(amount) for name, amount in amounts.items()},
    }


def position_documents(books: Books) -> list[Document]:
    """The positions, in the order of their symbols."""
    return [_position(held) for _, held in sorted(books.holdings.items())]


def order_document(order: ScriptedOrder) -> Document:
    """One order; its average price is null as long as nothing has filled."""
    kind = asset_class(order.symbol)
    average = plain(fine(ratio(order.paid, order.filled))) if order.filled else None
    return {
        "id": order.order_id,
        "client_order_id": order.client_order_id,
        "created_at": stamp(order.submitted_at),
        "updated_at": stamp(order.updated_at),
        "submitted_at": stamp(order.submitted_at),
        "filled_at": stamp(order.updated_at) if order.status == "filled" else None,
        "canceled_at": stamp(order.updated_at) if order.status == "canceled" else None,
        "asset_id": asset_id(order.symbol),
        "symbol": order.symbol,
        "asset_class": kind.value,
        "qty": plain(order.quantity),
        "filled_qty": plain(order.filled),
        "filled_avg_price": average,
        "order_class": "simple",
        "order_type": "market",
        "type": "market",
        "side": order.side,
        "time_in_force": "gtc" if kind is AssetClass.CRYPTO else "day",
        "status": order.status,
        "extended_hours": False,
        "source": order.source,
        **dict.fromkeys((*_NEVER, *_NOTHING)),
    }


def fill_document(order: ScriptedOrder, quantity: Decimal, price: Decimal, at: datetime) -> Document:
    """One execution, the latest of its order."""
    return {
        "transaction_time": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": "fill" if order.status == "filled" else "partial_fill",
        "price": plain(price),
        "qty": plain(quantity),
        "side": order.side,
        "symbol": order.symbol,
        "leaves_qty": plain(difference(order.quantity, order.filled)),
        "order_id": order.order_id,
        "cum_qty": plain(order.filled),
        "order_status": order.status,
    }


def note_document(
    at: datetime,
    description: str,
    symbol: str | None,
    quantity: Decimal | None,
    price: Decimal | None,
    amount: Decimal,
) -> Document:
    """One activity that is no trade; what does not apply is left out, as Alpaca does."""
    told = {"symbol": symbol, "qty": quantity, "price": price}
    return {
        "date": f"{at.astimezone(NEW_YORK):%Y-%m-%d}",
        "created_at": stamp(at),
        "net_amount": plain(amount),
        "description": description,
        "status": "executed",
        **{name: _text(value) for name, value in told.items() if value is not None},
    }


def entry_identifier(at: datetime, unique: str) -> str:
    """The time in New York to the millisecond, and something that is in no order."""
    local = at.astimezone(NEW_YORK)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03}::{unique}"


def _position(held: Holding) -> Document:
    kind = asset_class(held.symbol)
    return {
        "asset_id": asset_id(held.symbol),
        "symbol": held.symbol.replace("/", ""),
        "exchange": EXCHANGES[kind],
        "asset_class": kind.value,
        "asset_marginable": kind is AssetClass.EQUITY,
        "side": "long" if held.quantity > ZERO else "short",
        **{name: plain(value) for name, value in _position_amounts(held)},
    }


def _position_amounts(held: Holding) -> Iterable[tuple[str, Decimal]]:
    gain = difference(held.value, held.cost)
    moved = difference(held.price, held.last_day_price)
    share = fine(ratio(gain, held.cost.copy_abs())) if held.cost else ZERO
    change = fine(ratio(moved, held.last_day_price)) if held.last_day_price else ZERO
    yield from (("qty", held.quantity), ("qty_available", held.quantity))
    yield from (("avg_entry_price", held.average), ("current_price", held.price))
    yield from (("lastday_price", held.last_day_price), ("change_today", change))
    yield from (("market_value", held.value), ("cost_basis", held.cost))
    yield from (("unrealized_pl", gain), ("unrealized_plpc", share))
    yield from (("unrealized_intraday_pl", fine(product(moved, held.quantity))), ("unrealized_intraday_plpc", change))


def _text(value: Decimal | str) -> str:
    return value if isinstance(value, str) else plain(value)
