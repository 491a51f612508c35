"""The columns of minute.csv and fills.csv after ``ts``, in their order, with the values of a sound bot."""

from collections.abc import Mapping
from decimal import Decimal

FEE_RATE = Decimal("0.001")
FEE_SOURCE = "project:config/fee_profiles.json"
SOUND_MINUTE: Mapping[str, object] = {
    "bot_variant": "a",
    "exchange": "bitget",
    "trading_pair": "BTC-USDT",
    "state": "running",
    "regime": "neutral_low_vol",
    "mid": Decimal(50000),
    "equity_quote": Decimal(10000),
    "base_pct": Decimal("0.5"),
    "target_base_pct": Decimal("0.5"),
    "spread_pct": Decimal("0.003"),
    "spread_floor_pct": Decimal("0.0025"),
    "net_edge_pct": Decimal("0.0006"),
    "skew": Decimal(0),
    "adverse_drift_30s": Decimal(0),
    "soft_pause_edge": False,
    "base_balance": Decimal("0.1"),
    "quote_balance": Decimal(5000),
    "market_spread_pct": Decimal("0.00001"),
    "market_spread_bps": Decimal("0.1"),
    "best_bid_size": Decimal("0.5"),
    "best_ask_size": Decimal("0.4"),
    "turnover_today_x": Decimal(0),
    "cancel_per_min": Decimal(0),
    "orders_active": 2,
    "fills_count_today": 0,
    "fees_paid_today_quote": Decimal(0),
    "daily_loss_pct": Decimal(0),
    "drawdown_pct": Decimal(0),
    "risk_reasons": "",
    "fee_source": FEE_SOURCE,
    "maker_fee_pct": Decimal("0.001"),
    "taker_fee_pct": Decimal("0.001"),
}
SOUND_FILL: Mapping[str, object] = {
    "bot_variant": "a",
    "exchange": "bitget",
    "trading_pair": "BTC-USDT",
    "side": "buy",
    "price": Decimal(50000),
    "amount_base": Decimal("0.001"),
    "notional_quote": Decimal(50),
    "fee_quote": Decimal("0.05"),
    "order_id": "",
    "state": "running",
    "mid_ref": Decimal(50000),
    "expected_spread_pct": Decimal("0.003"),
    "adverse_drift_30s": Decimal(0),
    "fee_source": FEE_SOURCE,
    "is_maker": True,
    "realized_pnl_quote": Decimal(0),
}
