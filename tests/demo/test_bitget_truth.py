"""Whatever a script makes happen, what ccxt tells of the local Bitget adds up to it, read by the venue's own rules."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.demo.bitget_server import USDT_FUTURES
from recon_exporter.demo.exchange import Credentials, Kind, Leg
from support.bitget import BitgetDesk, running_bitget
from support.exchanges import ccxt_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Account

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
prices = st.integers(1, 10**5)
sizes = st.decimals("0.001", 5, places=3)
steps = st.lists(
    st.tuples(st.sampled_from([SPOT, SWAP]), st.sampled_from([Leg.LONG, Leg.SHORT]), sizes, st.booleans(), prices),
    max_size=12,
)
fees = st.sampled_from([{}, {"fee": "0.03", "fee_asset": "BGB"}, {"fee": "-0.01", "fee_asset": "USDT"}])


@pytest.fixture(scope="module")
def desk() -> Iterator[BitgetDesk]:
    for desk in running_bitget():
        desk.ccxt.load_markets()
        yield desk


def fresh(desk: BitgetDesk, *, hedge: bool) -> tuple[Account, Any]:
    """Another account of the same server, and its ccxt object with the markets of the first."""
    number = desk.server.journal.count()
    keys = Credentials(f"key-{number}", "secret", "phrase")
    asking = ccxt_at("bitget", desk.server, keys, uta=False)
    asking.set_markets(desk.ccxt.markets)
    return desk.server.exchange.open_account(keys, hedge=hedge), asking


def move(fill: dict[str, Any]) -> tuple[str, Decimal]:
    """Leg and signed quantity of a fill as it stands on the wire."""
    info, size = fill["info"], Decimal(fill["info"]["baseVolume"])
    if info["posMode"] == "one_way_mode":
        return "net", size if info["side"] == "buy" else -size
    leg = "long" if info["side"] == "buy" else "short"
    grows = (leg == "long") == (info["tradeSide"] == "open")
    return leg, size if grows else -size


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=steps, hedge=st.booleans(), terms=fees)
def test_fills_add_up_to_positions_and_bills_to_balances(
    desk: BitgetDesk,
    script: list[Any],
    *,
    hedge: bool,
    terms: Any,  # noqa: ANN401  # parts of a TypedDict
) -> None:
    account, asking = fresh(desk, hedge=hedge)
    held = {Leg.LONG: Decimal(0), Leg.SHORT: Decimal(0)}
    for symbol, leg, size, closes, price in script:
        sign = 1 if (leg is Leg.LONG) != closes else -1
        if symbol == SPOT or not hedge:
            account.trade(symbol, size * sign, price, **terms)
        elif not closes or held[leg] >= size:
            kind = Kind.LIQUIDATION if closes and price % 2 else Kind.TRADE
            account.trade(symbol, size * sign, price, leg=leg, kind=kind, **terms)
            held[leg] += -size if closes else size

    told: dict[str, Decimal] = {}
    for fill in asking.fetch_my_trades(SWAP):
        leg_told, moved = move(fill)
        told[leg_told] = told.get(leg_told, Decimal(0)) + moved
    positions = {row["side"]: Decimal(row["contracts"]) for row in asking.fetch_positions()}
    signed = {"long": positions.get("long", Decimal(0)), "short": -positions.get("short", Decimal(0))}
    if not hedge:
        signed = {"net": sum(signed.values(), Decimal(0))}
    assert {leg: total for leg, total in told.items() if total} == {
        leg: total for leg, total in signed.items() if total
    }

    bills = asking.privateMixGetV2MixAccountBill({"productType": USDT_FUTURES})["data"]["bills"]
    wallet = sum((Decimal(bill["amount"]) + Decimal(bill["fee"]) for bill in bills), Decimal(0))
    accounts = {
        row["marginCoin"]: Decimal(row["accountEquity"]) - Decimal(row["unrealizedPL"])
        for row in asking.fetch_balance({"type": "swap", "productType": USDT_FUTURES})["info"]
    }
    assert accounts == ({"USDT": wallet} if bills else {})
