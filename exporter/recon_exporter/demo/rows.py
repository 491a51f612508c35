"""Simulated accounts as the bots and the snapshot job write them: rows of minute.csv and fills.csv, the snapshot."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.demo.accounts import Account, Trade, share
from recon_exporter.demo.fleet import PROBE_STATUS
from recon_exporter.demo.hbot_writer import account_entry, fill_row, minute_row, snapshot_document
from recon_exporter.domain.money import ZERO, difference, product, total

SOLD_ELSEWHERE = Decimal("0.5")
PROBE_ERRORS = {"disabled": "account_probe_disabled", "paper_only": "paper_validation_mode_no_private_probe"}

Row = Mapping[str, object]


def row_of(account: Account, at: datetime) -> Row:
    """The row of minute.csv that the account gives."""
    equity = account.equity
    return minute_row(
        at,
        exchange=account.profile.connector,
        trading_pair=account.profile.trading_pair,
        mid=account.mid,
        equity_quote=equity,
        base_pct=account.base_share,
        target_base_pct=account.profile.target,
        base_balance=account.base,
        quote_balance=account.quote,
        turnover_today_x=account.turnover,
        fills_count_today=account.fills,
        fees_paid_today_quote=difference(account.fees, account.forgotten),
        daily_loss_pct=share(max(ZERO, difference(account.opening, equity)), account.opening),
        drawdown_pct=share(max(ZERO, difference(account.peak, equity)), account.peak),
        maker_fee_pct=account.profile.maker_fee,
        taker_fee_pct=account.profile.taker_fee,
    )


def fill_of(account: Account, trade: Trade) -> Row:
    """The row of fills.csv that an execution gives."""
    return fill_row(
        trade.at,
        trade.order_id,
        exchange=account.profile.connector,
        trading_pair=account.profile.trading_pair,
        side="buy" if trade.amount > ZERO else "sell",
        price=trade.price,
        amount_base=abs(trade.amount),
        notional_quote=trade.notional,
        fee_quote=trade.fee,
        mid_ref=account.mid,
        is_maker=trade.is_maker,
    )


def snapshot_of(at: datetime, accounts: Mapping[str, Account], sold_elsewhere: set[str]) -> Row:
    """What the exchange says of all accounts; of some it says that part of the base asset was sold."""
    return snapshot_document(
        at, {bot: _entry(account, at, sold=bot in sold_elsewhere) for bot, account in accounts.items()}
    )


def _entry(account: Account, at: datetime, *, sold: bool) -> Row:
    status = PROBE_STATUS[account.profile.bot]
    entry = account_entry(row_of(_sold(account) if sold else account, at), status)
    if status != "ok":
        return entry | {"account_probe_error": PROBE_ERRORS[status]}
    if account.profile.is_perpetual:
        return entry | {
            "account_balances": {"USDT": {"total": account.quote, "free": account.quote}},
            "perp_positions": {"status": "ok", "positions": [_position(account)], "error": ""},
        }
    return entry


def _sold(account: Account) -> Account:
    amount = product(account.base, SOLD_ELSEWHERE)
    return replace(
        account,
        base=difference(account.base, amount),
        quote=total((account.quote, product(amount, account.mid))),
    )


def _position(account: Account) -> Row:
    return {
        "symbol": "BTC/USDT:USDT",
        "side": "long" if account.base > ZERO else "short",
        "contracts": abs(account.base),
        "notional": product(abs(account.base), account.mid),
        "unrealizedPnl": ZERO,
        "entryPrice": account.mid,
        "markPrice": account.mid,
        "liquidationPrice": None,
        "leverage": 5,
    }
