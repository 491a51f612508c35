"""OKX on recorded answers: real ccxt, JSON as OKX documents it, no local server that speaks its protocol."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Basis, Fee, FillKind
from recon_exporter.domain.probe import Permission
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt import CcxtAccess, CcxtScope, CcxtVenue, Markets
from recon_exporter.venues.ccxt.rows import milliseconds
from support.alpaca import OPEN, StandingClock, answering
from support.ccxt import QUICK, CountingMeter

if TYPE_CHECKING:
    from collections.abc import Callable

AT = milliseconds(OPEN - timedelta(minutes=1))
INSTRUMENT = {
    "instId": "BTC-USDT-SWAP", "instType": "SWAP", "uly": "BTC-USDT", "instFamily": "BTC-USDT", "baseCcy": "",
    "quoteCcy": "", "settleCcy": "USDT", "ctVal": "0.01", "ctMult": "1", "ctValCcy": "BTC", "ctType": "linear",
    "state": "live", "lotSz": "0.1", "minSz": "0.1", "tickSz": "0.1", "lever": "100", "listTime": "1611907686000",
}  # fmt: skip
SPOT = {
    **INSTRUMENT, "instId": "BTC-USDT", "instType": "SPOT", "uly": "", "baseCcy": "BTC", "quoteCcy": "USDT",
    "settleCcy": "", "ctVal": "", "ctMult": "", "ctValCcy": "", "ctType": "", "lotSz": "0.00001",
}  # fmt: skip
POSITION = {
    "instId": "BTC-USDT-SWAP", "instType": "SWAP", "pos": "25", "posSide": "long", "avgPx": "50000", "markPx": "51000",
    "upl": "250", "mgnMode": "cross", "lever": "10", "cTime": str(AT), "uTime": str(AT), "notionalUsd": "12750",
    "liqPx": "", "imr": "127", "mmr": "51", "margin": "", "mgnRatio": "9", "posId": "1", "uplRatio": "0.1",
}  # fmt: skip
FILL = {
    "instId": "BTC-USDT-SWAP", "instType": "SWAP", "tradeId": "77", "ordId": "9", "clOrdId": "bot1-9", "billId": "5",
    "side": "buy", "posSide": "long", "fillPx": "50000", "fillSz": "25", "fee": "-0.3", "feeCcy": "USDT",
    "execType": "T", "ts": str(AT), "subType": "3",
}  # fmt: skip
DETAIL = {
    "ccy": "USDT",
    "cashBal": "1000",
    "eq": "1250",
    "availBal": "870",
    "frozenBal": "130",
    "upl": "250",
    "mmr": "51",
}


def good(*data: object) -> dict[str, object]:
    return {"code": "0", "msg": "", "data": list(data)}


def instruments(asked: dict[str, str]) -> dict[str, object]:
    return good(*[row for row in (INSTRUMENT, SPOT) if row["instType"] == asked.get("instType")])


def by_kind(kind: str, *rows: dict[str, str]) -> Callable[[dict[str, str]], dict[str, object]]:
    def answer(asked: dict[str, str]) -> dict[str, object]:
        return good(*rows) if asked.get("instType") in {kind, None} else good()

    return answer


SOUND: dict[str, Any] = {
    "/api/v5/public/time": good({"ts": str(milliseconds(OPEN))}),
    "/api/v5/public/instruments": instruments,
    "/api/v5/asset/currencies": good(),
    "/api/v5/account/config": good({"acctLv": "2", "posMode": "long_short_mode", "perm": "read_only,trade"}),
    "/api/v5/account/balance": good({"uTime": str(AT), "totalEq": "1250", "details": [DETAIL]}),
    "/api/v5/account/positions": by_kind("SWAP", POSITION, {**POSITION, "pos": "4", "posSide": "short"}),
    "/api/v5/trade/fills-history": by_kind("SWAP", FILL),
    "/api/v5/market/ticker": good({"instId": "BTC-USDT", "last": "51000", "ts": str(AT)}),
}


def told(read: str, **changes: object) -> Any:  # noqa: ANN401
    clock, meter = StandingClock(OPEN), CountingMeter()
    with answering(
        {**SOUND, **{f"/api/v5/{path.replace('__', '/')}": answer for path, answer in changes.items()}}
    ) as url:
        access = CcxtAccess("okx", "key", "secret", "phrase", base_url=url)
        venue = CcxtVenue(
            "bot1", access, CcxtScope(("spot", "swap")), clock, meter, Markets(clock, meter, QUICK), QUICK
        )
        readings: dict[str, Callable[[], object]] = {
            "positions": lambda: venue.positions(OPEN),
            "balances": lambda: venue.balances(OPEN),
            "fills": lambda: venue.fills(OPEN - timedelta(hours=1), OPEN),
            "probe": lambda: venue.probe(OPEN, "BTC-USDT"),
        }
        return readings[read]()


def test_contracts_of_okx_are_a_hundredth_of_a_coin_and_both_legs_are_told() -> None:
    positions = told("positions").positions

    assert [(held.leg, held.quantity) for held in positions] == [("long", Decimal("0.25")), ("short", Decimal("-0.04"))]
    assert {held.step for held in positions} == {Decimal("0.001")}


def test_fills_of_okx_are_in_coins_with_leg_and_client_identifier() -> None:
    (fill,) = told("fills").fills

    assert (fill.quantity, fill.leg, fill.client_order_id) == (Decimal("0.25"), "long", "bot1-9")
    assert fill.fees == (Fee("USDT", Decimal("0.3")),)


@pytest.mark.parametrize(
    ("code", "kind"), [("104", FillKind.LIQUIDATION), ("125", FillKind.DELEVERAGING), ("112", FillKind.SETTLEMENT)]
)
def test_what_okx_did_itself_is_told_apart(code: str, kind: FillKind) -> None:
    (fill,) = told("fills", **{"trade__fills-history": by_kind("SWAP", {**FILL, "subType": code})}).fills

    assert fill.kind is kind


def test_balances_of_okx_are_the_cash() -> None:
    balances = told("balances")

    assert (balances.basis, balances.balances["USDT"].total) == (Basis.WALLET, Decimal(1000))


def test_no_position_where_there_is_profit_is_not_believed() -> None:
    statement = told("positions", account__positions=good())

    assert isinstance(statement, Unavailable)
    assert statement.reason is Reason.SOURCE_INCOMPLETE


def test_rights_of_a_key_of_okx() -> None:
    assert told("probe").permissions == {Permission.TRADE: True, Permission.WITHDRAW: False}


def test_a_refusal_in_an_answer_with_status_200_is_one() -> None:
    statement = told("balances", account__balance={"code": "50113", "msg": "Invalid Sign", "data": []})

    assert isinstance(statement, Unavailable)
    assert statement.reason is Reason.CREDENTIALS_REFUSED


def test_an_answer_that_is_not_in_the_envelope_is_malformed() -> None:
    statement = told("balances", account__balance={"code": "0", "data": None})

    assert isinstance(statement, Unavailable)
    assert statement.reason is Reason.SOURCE_MALFORMED
