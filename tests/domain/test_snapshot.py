"""The exchange snapshot as a document, read back by the reader of the cycle."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.document import to_json
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.positions import BalanceStatement, Basis, PositionStatement
from recon_exporter.domain.probe import Permission, Probe, ProbeStatus
from recon_exporter.domain.snapshot import Asked, SnapshotAccount, SnapshotTerms, snapshot_document
from recon_exporter.domain.statement import Balance, MinuteRow, Position, VenueAccount
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot
from support.hbot import FRESHNESS, NOON

if TYPE_CHECKING:
    from pathlib import Path

TERMS = SnapshotTerms("bitget_ccxt_private", ("BTC",), "map.json", "BOT1", "0")
SYMBOL = "BTC/USDT:USDT"


def account(
    bot: str = "bot1", mode: AccountMode = AccountMode.PROBE, connector: str = "bitget_perpetual"
) -> SnapshotAccount:
    row = MinuteRow(NOON, "a", connector, "BTC-USDT", "", {})
    return SnapshotAccount(bot, "bitget", bot.upper(), mode, row)


def probe(bot: str = "bot1", exchange: str = "bitget", *positions: Position) -> Probe:
    balances = {"USDT": Balance(Decimal(10000), Decimal(9000))}
    return Probe(
        bot,
        exchange,
        NOON,
        ProbeStatus.OK,
        balances=BalanceStatement(bot, "ccxt", NOON, Basis.EQUITY, balances, {}, "all"),
        positions=PositionStatement(bot, "ccxt", NOON, positions, has_write_times=False, proof="all"),
        permissions={Permission.TRADE: True},
    )


def read(path: Path, *asked: Asked) -> VenueAccount:
    path.write_text(to_json(snapshot_document(NOON, TERMS, asked)))
    found = ExchangeSnapshot("hbot", path, FRESHNESS).read(NOON)
    assert isinstance(found, dict)
    told = found["bot1"]
    assert isinstance(told, VenueAccount)
    return told


def test_reader_gets_back_positions_balances_and_rights(tmp_path: Path) -> None:
    held = Position(SYMBOL, Decimal("-0.1"), Decimal(50000), leg="short", average_price=Decimal(49000))

    told = read(tmp_path / "latest.json", (account(), probe("bot1", "bitget", held)))

    assert told.positions == (Position(SYMBOL, Decimal("-0.1"), Decimal(50000)),)
    assert told.balances == {"BTC": Balance(Decimal(0), Decimal(0)), "USDT": Balance(Decimal(10000), Decimal(9000))}
    assert told.permissions == {"trade": True}


def test_base_share_of_a_perpetual_is_that_of_its_position() -> None:
    held = Position(SYMBOL, Decimal("-0.1"), Decimal(50000), leg="short")

    entry = snapshot_document(NOON, TERMS, [(account(), probe("bot1", "bitget", held))])["bots"]["bot1"]

    assert (entry["base_pct"], entry["net_base_pct"], entry["equity_quote"]) == (
        Decimal("0.5"),
        Decimal("-0.5"),
        Decimal(10000),
    )


def test_without_a_price_there_is_no_share_rather_than_a_wrong_one() -> None:
    entry = snapshot_document(NOON, TERMS, [(account(), probe())])["bots"]["bot1"]

    assert (entry["base_pct"], entry["equity_quote"]) == (None, None)


@pytest.mark.parametrize(
    ("exchanges", "mode"),
    [
        ((), "bitget_ccxt_private"),
        (("bitget",), "bitget_ccxt_private"),
        (("binance", "bitget"), "bitget_ccxt_private"),
        (("binance",), "binance_ccxt_private"),
        (("binance", "okx"), "ccxt_private"),
    ],
)
def test_mode_is_that_which_was_set_unless_others_were_asked(exchanges: tuple[str, ...], mode: str) -> None:
    asked = [(account(f"bot{number}"), probe(f"bot{number}", name)) for number, name in enumerate(exchanges)]

    document = snapshot_document(NOON, TERMS, asked)

    assert document["mode"] == mode
    assert [entry["source"] for entry in document["bots"].values()] == [f"{name}_ccxt_private" for name in exchanges]


def test_keys_of_one_prefix_to_several_exchanges_stay_apart() -> None:
    other = SnapshotAccount("bot2", "okx", "BOT1", AccountMode.PROBE)

    cache = snapshot_document(NOON, TERMS, [(account(), probe()), (other, probe("bot2", "okx"))])["account_probe_cache"]

    assert list(cache) == ["BOT1", "BOT1:okx"]
