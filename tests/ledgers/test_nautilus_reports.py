"""The reports of NautilusTrader through the file ledger: money with its currency, flat positions, made-up fills."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.positions import Fee, FillKind, FillStatement, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.ledgers.file import FileLedger
from recon_exporter.reading.statement_files import StatementFiles

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
COLUMNS = {
    "positions.symbol": "instrument_id",
    "positions.avg_price": "avg_px_open",
    "fills.fill_id": "trade_id",
    "fills.order_id": "venue_order_id",
    "fills.client_order_id": "client_order_id",
    "fills.symbol": "instrument_id",
    "fills.side": "order_side",
    "fills.quantity": "last_qty",
    "fills.price": "last_px",
    "fills.fee": "commission",
    "fills.filled_at": "ts_event",
    "fills.synthetic": "reconciliation",
}
POSITIONS = """position_id,instrument_id,strategy_id,entry,side,quantity,peak_qty,avg_px_open,avg_px_close,commissions,\
realized_pnl
P-1,BTCUSDT-PERP.BINANCE,EMA-1,BUY,LONG,0.25,0.50,64123.5,,"['0.5 USDT', '0.01 BNB']",-0.50 USDT
P-2,ETHUSDT-PERP.BINANCE,EMA-1,SELL,SHORT,3,3,2000.25,,['1.2 USDT'],-1.20 USDT
P-3,SOLUSDT-PERP.BINANCE,EMA-1,BUY,FLAT,0,10,150.0,151.0,['0.3 USDT'],9.70 USDT
"""
FILLS = """client_order_id,trade_id,venue_order_id,instrument_id,order_side,last_qty,last_px,currency,commission,\
liquidity_side,ts_event,reconciliation
O-1,7001,9001,BTCUSDT-PERP.BINANCE,BUY,0.25,64123.50,USDT,0.5 USDT,TAKER,2026-03-06 20:00:00.000001+00:00,False
O-2,S-7002,9002,ETHUSDT-PERP.BINANCE,SELL,3,2000.25,USDT,-0.002 BNB,MAKER,2026-03-06 20:01:00+00:00,True
"""


def ledger(folder: Path, positions: str = POSITIONS, fills: str = FILLS, **columns: str) -> FileLedger:
    files = StatementFiles(folder / "positions.csv", folder / "fills.csv")
    files.positions.write_text(positions)
    (folder / "fills.csv").write_text(fills)
    return FileLedger("ema", files, COLUMNS | columns)


def test_sides_give_the_sign_and_a_flat_position_is_none(tmp_path: Path) -> None:
    answer = ledger(tmp_path).positions(NOW)

    assert isinstance(answer, PositionStatement), answer
    held = {one.symbol: (one.quantity, one.average_price) for one in answer.positions}
    assert held == {
        "BTCUSDT-PERP.BINANCE": (Decimal("0.25"), Decimal("64123.5")),
        "ETHUSDT-PERP.BINANCE": (Decimal(-3), Decimal("2000.25")),
    }


def test_flat_position_with_a_quantity_is_damage(tmp_path: Path) -> None:
    answer = ledger(tmp_path, POSITIONS.replace("FLAT,0,", "FLAT,1,")).positions(NOW)

    assert isinstance(answer, Unavailable)
    assert "line 4, column side: found 'FLAT'" in answer.detail


def test_money_with_its_currency_is_a_fee_in_that_asset(tmp_path: Path) -> None:
    answer = ledger(tmp_path).fills(NOW - timedelta(days=1), NOW)

    assert isinstance(answer, FillStatement), answer
    assert [fill.fees for fill in answer.fills] == [(Fee("USDT", Decimal("0.5")),), (Fee("BNB", Decimal("-0.002")),)]


def test_fill_that_its_reconciliation_made_up_is_synthetic(tmp_path: Path) -> None:
    answer = ledger(tmp_path).fills(NOW - timedelta(days=1), NOW)

    assert isinstance(answer, FillStatement), answer
    assert [fill.kind for fill in answer.fills] == [FillKind.TRADE, FillKind.SYNTHETIC]


@pytest.mark.parametrize(
    ("text", "bad", "place"),
    [
        ("0.5 USDT", "USDT 0.5", "column commission: found 'USDT 0.5'"),
        ("+00:00,False", "+00:00,maybe", "column reconciliation: found 'maybe'"),
    ],
)
def test_word_that_means_nothing_is_named(tmp_path: Path, text: str, bad: str, place: str) -> None:
    answer = ledger(tmp_path, fills=FILLS.replace(text, bad)).fills(NOW - timedelta(days=1), NOW)

    assert isinstance(answer, Unavailable)
    assert place in answer.detail


def test_fee_in_another_asset_than_its_column_says_is_damage(tmp_path: Path) -> None:
    answer = ledger(tmp_path, **{"fills.fee_currency": "currency"}).fills(NOW - timedelta(days=1), NOW)

    assert isinstance(answer, Unavailable)
    assert "found '-0.002 BNB', expected the asset of fee_currency, USDT" in answer.detail


def test_aliases_bring_its_instruments_under_unified_names() -> None:
    symbols = Symbols.of({"BTCUSDT-PERP.BINANCE": "BTC/USDT:USDT"})

    assert symbols.canonical("BTCUSDT-PERP.BINANCE") == symbols.canonical("BTC/USDT:USDT")
