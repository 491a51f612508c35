"""Simulated accounts as the bots write them: rows of minute.csv and fills.csv."""

from collections.abc import Mapping
from datetime import datetime

from recon_exporter.demo.accounts import Account, Trade, share
from recon_exporter.demo.hbot_writer import fill_row, minute_row
from recon_exporter.domain.money import ZERO, difference

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
