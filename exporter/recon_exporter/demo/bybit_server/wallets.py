"""Balances: of the unified account, of the spot and contract wallets of a classic one, of the funding wallet."""

from collections.abc import Iterable
from decimal import Decimal

from recon_exporter.demo.bybit_server.calls import Call
from recon_exporter.demo.bybit_server.positions import margin, unrealised
from recon_exporter.demo.bybit_server.texts import ACCOUNT_TYPES, CONTRACT, FUNDING, SPOT, UNIFIED, Document
from recon_exporter.demo.exchange.markets import fine
from recon_exporter.demo.exchange.records import Funds
from recon_exporter.domain.money import ONE, ZERO, difference, plain, product, total

_DOLLARS = frozenset({"USDT", "USDC", "USD"})


def wallet_balance(call: Call) -> Document:
    """``account/wallet-balance``: coins that are not zero; raises Refusal for a wallet the account has not."""
    wallets = {ACCOUNT_TYPES[name]: name for name in ((UNIFIED,) if call.book.profile.unified else (SPOT, CONTRACT))}
    asked = call.word("accountType")
    if asked not in wallets:
        raise call.wrong(f"accountType only support {' or '.join(wallets)}.")
    wanted = set(filter(None, (call.word("coin") or "").split(",")))
    coins = [
        _coin(call, funds)
        for funds in call.book.funds
        if funds.wallet == wallets[asked] and (funds.asset in wanted if wanted else funds.total)
    ]
    return {"list": [_totals(coins) | {"accountType": asked, "coin": coins}]}


def coins_balance(call: Call) -> Document:
    """``query-account-coins-balance``: here, of the funding wallet."""
    if call.word("accountType") != ACCOUNT_TYPES[FUNDING]:
        raise call.wrong("accountType only support FUND.")
    rows = [
        {"coin": funds.asset, "walletBalance": plain(funds.total), "transferBalance": plain(funds.total), "bonus": ""}
        for funds in call.book.funds
        if funds.wallet == FUNDING
    ]
    return {"memberId": call.book.profile.number, "accountType": ACCOUNT_TYPES[FUNDING], "balance": rows}


def _coin(call: Call, funds: Funds) -> Document:
    """``walletBalance`` is without what open positions would gain, ``equity`` with it."""
    held = [position for position in call.book.positions if position.market.settle == funds.asset]
    if funds.wallet == SPOT:
        held = []
    gain, bound = total(unrealised(call, one) for one in held), total(margin(call, one) for one in held)
    equity = total((funds.total, gain))
    told: Document = {
        "coin": funds.asset,
        "walletBalance": plain(funds.total),
        "equity": plain(equity),
        "usdValue": plain(_dollars(call, funds.asset, equity)),
        "unrealisedPnl": plain(gain),
        "locked": plain(funds.locked),
        "totalPositionIM": plain(bound),
        "availableToWithdraw": "",
        **dict.fromkeys(("totalOrderIM", "totalPositionMM", "borrowAmount", "accruedInterest", "bonus"), "0"),
        "cumRealisedPnl": "0",
        "marginCollateral": True,
        "collateralSwitch": True,
    }
    return told | {"free": plain(difference(funds.total, funds.locked))} if funds.wallet == SPOT else told


def _totals(coins: Iterable[Document]) -> Document:
    dollars = plain(total(Decimal(str(coin["usdValue"])) for coin in coins))
    told: Document = {}
    names = ("totalEquity", "totalWalletBalance", "totalMarginBalance", "totalAvailableBalance")
    zeros = ("totalPerpUPL", "totalInitialMargin", "totalMaintenanceMargin", "accountIMRate", "accountMMRate")
    return told | dict.fromkeys(names, dollars) | dict.fromkeys((*zeros, "accountLTV"), "0")


def _dollars(call: Call, asset: str, amount: Decimal) -> Decimal:
    price = ONE if asset in _DOLLARS else call.view.prices.get(f"{asset}/USDT", ZERO)
    return fine(product(amount, price))
