"""Structures of ccxt as they were recorded, and what they mean: what is None and needed is named, and never a zero."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Basis, Fee, FillKind
from recon_exporter.domain.symbols import Symbols
from recon_exporter.venues.ccxt.access import CcxtScope
from recon_exporter.venues.ccxt.balances import read_balances, read_prices
from recon_exporter.venues.ccxt.failures import VenueFailure
from recon_exporter.venues.ccxt.fills import read_fills
from recon_exporter.venues.ccxt.positions import read_positions
from recon_exporter.venues.ccxt.quirks import Quirk, quirk_of
from recon_exporter.venues.ccxt.quirks.terms import Section
from recon_exporter.venues.ccxt.reading import Reading
from recon_exporter.venues.ccxt.rows import BadAnswer, Row, milliseconds
from support.alpaca import OPEN
from support.ccxt import PERPETUAL, SPOT, Recorded, market, position, trade

OWNER = ("bot1", "ccxt")
SWAP = Section("swap", "swap", {"type": "swap"})
INVERSE = "BTC/USD:BTC"
AT = milliseconds(OPEN - timedelta(minutes=1))
MARKETS = {symbol: market(symbol) for symbol in (SPOT, PERPETUAL, "ETH/USDT:USDT")} | {
    INVERSE: market(INVERSE, contractSize="100", precision={"amount": "1"}),
    "SOL/USDT:USDT": market("SOL/USDT:USDT", contractSize="0.01"),
}
FUNDED = {"info": {}, "USDT": {"total": "100", "free": "100", "used": "0"}}


def positions_of(*rows: dict[str, Any], balance: dict[str, Any] | None = None, quirk: Quirk | None = None) -> Any:  # noqa: ANN401
    ask: Any = Recorded({"fetchPositions": list(rows), "fetchBalance": balance or FUNDED}, MARKETS)
    return read_positions(ask, quirk or Quirk(), [SWAP], OWNER, OPEN).positions


def fills_of(*rows: dict[str, Any], quirk: Quirk | None = None, section: Section = SWAP) -> Any:  # noqa: ANN401
    ask: Any = Recorded(
        {"fetchMyTrades": list(rows), "fetchBalance": FUNDED}, MARKETS, {"symbolRequired": False, "limit": 100}
    )
    reading = Reading(ask, quirk or Quirk(), [section], OPEN - timedelta(hours=1), OPEN, 20, lambda: [PERPETUAL])
    return read_fills(reading, OWNER, wants_client_ids=False)


def full(**told: object) -> dict[str, Any]:
    usual = {
        "id": "1",
        "order": "o1",
        "symbol": PERPETUAL,
        "side": "buy",
        "price": "50000",
        "amount": "2",
        "timestamp": AT,
    }
    return trade(**{**usual, **told})


def held(**told: object) -> dict[str, Any]:
    usual = {"symbol": PERPETUAL, "contracts": "2", "contractSize": "1", "side": "long", "entryPrice": "50000"}
    return position(**{**usual, **told})


def test_contracts_without_a_sign_get_it_from_the_side() -> None:
    long, short = positions_of(held(), held(symbol="ETH/USDT:USDT", side="short", contracts="3"))

    assert (long.quantity, short.quantity) == (Decimal(2), Decimal(-3))
    assert (long.leg, short.leg) == ("net", "net")


def test_a_contract_of_a_hundredth_of_a_coin_is_counted_in_coins() -> None:
    (sol,) = positions_of(held(symbol="SOL/USDT:USDT", contracts="250", contractSize="0.01"))

    assert sol.quantity == Decimal("2.50")
    assert sol.step == Decimal("0.001") * Decimal("0.01")


def test_the_size_of_a_contract_is_the_markets_where_the_row_has_none() -> None:
    (sol,) = positions_of(held(symbol="SOL/USDT:USDT", contracts="250", contractSize=None))

    assert sol.quantity == Decimal("2.50")


def test_inverse_contracts_are_counted_as_contracts() -> None:
    (inverse,) = positions_of(held(symbol=INVERSE, contracts="7", contractSize="100", side="short"))
    (fill,) = fills_of(full(symbol=INVERSE, amount="7", side="sell")).fills

    assert (inverse.quantity, inverse.step, inverse.currency) == (Decimal(-7), Decimal(1), "USD")
    assert fill.quantity == Decimal(-7)


@pytest.mark.parametrize("hedged", [True, None])
def test_two_rows_of_one_symbol_are_its_legs(*, hedged: bool | None) -> None:
    rows = (held(hedged=hedged, side="long"), held(hedged=hedged, side="short", contracts="5"))

    assert [(row.leg, row.quantity) for row in positions_of(*rows)] == [("long", Decimal(2)), ("short", Decimal(-5))]


def test_rows_of_zero_are_no_positions_whatever_their_side() -> None:
    closed = [held(contracts="0", side=side, symbol="ETH/USDT:USDT") for side in (None, "long")]

    assert [row.symbol for row in positions_of(*closed, held())] == [PERPETUAL]


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"contracts": None}, "positions of swap[0].contracts"),
        ({"side": None}, "positions of swap[0].side"),
        ({"symbol": None}, "positions of swap[0].symbol"),
        ({"symbol": "DOGE/USDT:USDT"}, "positions of swap[0].symbol"),
        ({"contracts": "NaN"}, "positions of swap[0].contracts"),
    ],
)
def test_what_a_position_needs_and_has_not_is_named(told: dict[str, Any], place: str) -> None:
    with pytest.raises(BadAnswer) as raised:
        positions_of(held(**told))
    assert place in str(raised.value)


def test_none_everywhere_is_no_position_of_zero() -> None:
    with pytest.raises(BadAnswer, match="symbol"):
        positions_of(position())


def test_one_symbol_twice_on_one_leg_is_refused() -> None:
    with pytest.raises(BadAnswer, match="once"):
        positions_of(held(hedged=False), held(hedged=False, contracts="3"))


@pytest.mark.parametrize("name", ["id", "order", "fee", "takerOrMaker", "cost", "type"])
def test_what_a_fill_does_not_need_may_be_none(name: str) -> None:
    statement = fills_of(full(**{name: None}))

    assert len(statement.fills) == 1
    assert statement.has_venue_ids is (name != "id")


@pytest.mark.parametrize("name", ["symbol", "side", "price", "amount", "timestamp"])
def test_what_a_fill_needs_and_has_not_is_named(name: str) -> None:
    with pytest.raises(BadAnswer, match=name):
        fills_of(full(**{name: None}))


@pytest.mark.parametrize(
    ("told", "fees"),
    [
        ({"fee": {"cost": "0.5", "currency": "USDT"}}, (Fee("USDT", Decimal("0.5")),)),
        ({"fee": {"cost": "-0.2", "currency": "USDT"}}, (Fee("USDT", Decimal("-0.2")),)),
        (
            {"fees": [{"cost": "0.5", "currency": "USDT"}, {"cost": "0.001", "currency": "BNB"}]},
            (Fee("USDT", Decimal("0.5")), Fee("BNB", Decimal("0.001"))),
        ),
        ({"fee": {"cost": None, "currency": None}}, None),
        ({"fee": {"cost": "0.5", "currency": None}}, None),
        ({"fee": None, "fees": []}, None),
    ],
)
def test_fees_are_told_in_their_assets_or_not_at_all(told: dict[str, Any], fees: tuple[Fee, ...] | None) -> None:
    assert fills_of(full(**told)).fills[0].fees == fees


BITGET_MIX = {"posMode": "one_way_mode", "tradeSide": "buy_single", "side": "buy"}


@pytest.mark.parametrize(
    ("detail", "amount"),
    [
        ({"deduction": "no", "feeCoin": "USDT", "totalFee": "-0.02"}, "0.02"),
        ({"deduction": "yes", "feeCoin": "BGB", "totalFee": "0.003"}, "0.003"),
        ({"deduction": "no", "feeCoin": "USDT", "totalFee": "0.004"}, "-0.004"),
        ({"feeCoin": "USDT", "fee": "0.00642032"}, "0.00642032"),
    ],
    ids=["paid", "paid in BGB", "rebate", "unified account"],
)
def test_fees_of_bitget_have_the_sign_that_they_were_paid_with(detail: dict[str, str], amount: str) -> None:
    row = Row(full(info={**BITGET_MIX, "feeDetail": [detail]}), "row")

    assert quirk_of("bitget").fees(row) == (Fee(detail["feeCoin"], Decimal(amount)),)


def test_ccxt_itself_takes_a_fee_paid_in_bgb_for_a_rebate() -> None:
    raw = {"symbol": "BTCUSDT", "feeDetail": {"deduction": "yes", "feeCoin": "BGB", "totalFee": "0.003"}}

    assert ccxt.bitget({"number": str}).parse_trade(raw)["fee"]["cost"] == "-0.003"


@pytest.mark.parametrize(
    ("side", "deed", "sign", "leg", "kind"),
    [
        ("buy", "open", 1, "long", FillKind.TRADE),
        ("buy", "close", -1, "long", FillKind.TRADE),
        ("sell", "open", -1, "short", FillKind.TRADE),
        ("sell", "close", 1, "short", FillKind.TRADE),
        ("buy", "burst_close_long", -1, "long", FillKind.LIQUIDATION),
        ("sell", "dte_sys_adl_close_short", 1, "short", FillKind.DELEVERAGING),
        ("buy", "delivery_close_long", -1, "long", FillKind.SETTLEMENT),
    ],
)
def test_the_side_of_a_fill_of_bitget_in_hedge_mode_names_the_position(
    side: str, deed: str, sign: int, leg: str, kind: FillKind
) -> None:
    row = Row(full(side=side, info={"posMode": "hedge_mode", "tradeSide": deed, "side": side}), "row")
    told = quirk_of("bitget").direction(row)

    assert (told.sign, told.leg, quirk_of("bitget").kind(row)) == (sign, leg, kind)


def test_a_precision_of_decimal_places_is_a_step_too_and_one_of_digits_is_none() -> None:
    for mode, expected in ((4, Decimal("0.001")), (3, None), (2, Decimal("0.001"))):
        places = "0.001" if mode == 4 else "3"
        markets = {PERPETUAL: market(PERPETUAL, precision={"amount": places})}
        ask: Any = Recorded({"fetchPositions": [held()], "fetchBalance": FUNDED}, markets, precision_mode=mode)

        assert read_positions(ask, Quirk(), [SWAP], OWNER, OPEN).positions[0].step == expected


def test_totals_of_contracts_are_equity_where_nothing_else_is_known() -> None:
    ask: Any = Recorded({"fetchBalance": FUNDED}, MARKETS)

    assert read_balances(ask, Quirk(), [SWAP], OWNER, OPEN).basis is Basis.EQUITY
    assert read_balances(ask, Quirk(), [Section("spot", "spot")], OWNER, OPEN).basis is Basis.WALLET


def test_a_balance_without_a_total_is_named_and_no_zero() -> None:
    ask: Any = Recorded({"fetchBalance": {"info": {}, "BTC": {"total": None, "free": "1", "used": None}}}, MARKETS)

    with pytest.raises(BadAnswer, match=r"BTC\.total"):
        read_balances(ask, Quirk(), [SWAP], OWNER, OPEN)


def test_coins_in_simple_earn_are_counted_and_not_free() -> None:
    coins: dict[str, object] = {"BTC": {}, "LDO": {}, "USDT": {}}
    assets = {code: {"total": "2", "free": "2", "used": "0"} for code in ("BTC", "LDBTC", "LDO")}
    ask: Any = Recorded({"fetchBalance": {"info": {}, **assets}}, MARKETS, coins=coins)
    balances = read_balances(ask, quirk_of("binance"), [Section("spot", "spot")], OWNER, OPEN).balances

    told = {code: (balance.total, balance.free) for code, balance in balances.items()}
    assert told == {"BTC": (Decimal(4), Decimal(2)), "LDO": (Decimal(2), Decimal(2))}


def test_aliases_bring_the_names_of_a_ledger_and_of_ccxt_together() -> None:
    symbols = Symbols.of({"XBT/USDT": "BTC/USDT", "MATIC/USDT": "POL/USDT", "LUNA/USDT": "LUNC/USDT"})
    kraken = ccxt.kraken()

    assert kraken.safe_currency_code("XBT") == "BTC"
    assert kraken.safe_currency_code("LUNA") == "LUNC"
    for ledger, venue in (("XBT-USDT", "BTC/USDT"), ("MATIC-USDT", "POL/USDT"), ("LUNA-USDT", "LUNC/USDT")):
        assert symbols.canonical(ledger) == symbols.canonical(venue) == venue


def test_an_exchange_that_cannot_be_asked_for_positions_holds_none_that_is_believed() -> None:
    ask: Any = Recorded({"fetchBalance": FUNDED}, MARKETS)

    with pytest.raises(VenueFailure, match="positions"):
        read_positions(ask, Quirk(), [SWAP], OWNER, OPEN)


def test_what_is_emulated_can_be_asked() -> None:
    from recon_exporter.venues.ccxt.account import Ask  # noqa: PLC0415

    exchange = ccxt.binance()
    asking: Any = object.__new__(Ask)
    asking.connection = type("Connection", (), {"exchange": exchange})()

    assert exchange.has["fetchClosedOrders"] == "emulated"
    assert asking.has("fetchClosedOrders")
    assert not asking.has_itself("fetchClosedOrders")


@pytest.mark.parametrize(
    ("exchange", "whole", "refused", "broken"),
    [
        ("bitget", {"code": "00000", "data": []}, {"code": "40037", "data": None}, {"code": "00000", "data": None}),
        ("okx", {"code": "0", "data": []}, {"code": "50113"}, {"code": "0", "data": None}),
        ("bybit", {"retCode": 0, "result": {}}, {"retCode": 10003, "result": None}, {"retCode": 0, "result": None}),
    ],
)
def test_an_answer_of_nothing_is_not_whole_and_a_refusal_is(
    exchange: str, whole: dict[str, Any], refused: dict[str, Any], broken: dict[str, Any]
) -> None:
    is_whole = quirk_of(exchange).is_whole

    assert (is_whole(whole), is_whole(refused), is_whole(broken), is_whole({}), is_whole([])) == (
        True,
        True,
        False,
        False,
        False,
    )


def test_a_price_that_cannot_be_had_makes_no_statement_wrong() -> None:
    def fails(**_: object) -> None:
        raise VenueFailure(Reason.VENUE_UNREACHABLE, "away")

    ask: Any = Recorded({"fetchTicker": fails}, MARKETS)
    assert read_prices(ask, ["BTC", "USDT", "DOGE"], 5) == {"USDT": Decimal(1)}


def test_without_account_types_spot_and_contracts_are_asked() -> None:
    ask: Any = Recorded({}, MARKETS)

    assert Quirk().prepare(ask, CcxtScope()).account_types == ("spot", "swap")
    assert Quirk().prepare(ask, CcxtScope(("funding",))).account_types == ("funding",)
