"""Bybit v5: one unified wallet, contracts by what settles them, executions that are no trades among the trades."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.positions import ActivityKind, Basis, FillKind
from recon_exporter.domain.probe import Permission
from recon_exporter.venues.ccxt.access import CcxtScope
from recon_exporter.venues.ccxt.quirks.base import Asking, Page, Quirk, Section, evidence, told_rows
from recon_exporter.venues.ccxt.rows import Row, from_milliseconds, one

UNIFIED = "unified"
LINEAR, INVERSE = "linear", "inverse"
PRODUCT_TYPES = ("USDT", "USDC", INVERSE)
"""Contracts by the currency that settles them; those that the coin itself settles are one kind."""
WEEK, DAY = timedelta(days=7), timedelta(days=1)
KINDS: Mapping[str, FillKind | None] = {
    "Trade": FillKind.TRADE,
    "BlockTrade": FillKind.TRADE,
    "MovePosition": FillKind.TRADE,
    "BustTrade": FillKind.LIQUIDATION,
    "SessionSettlePnL": None,
    "AdlTrade": FillKind.DELEVERAGING,
    "Delivery": FillKind.SETTLEMENT,
    "Settle": FillKind.SETTLEMENT,
    "Funding": None,
}
IN_USE = ("totalPositionIM", "unrealisedPnl", "totalPositionMM")


class Bybit(Quirk):
    reads = frozenset({"privateGetV5UserQueryApi"})
    reads_by_post = False
    page = 100
    newest_first = True
    basis = Basis.WALLET
    tells_time = True
    ledger_page = 50
    has_funding_among_trades = True

    def is_whole(self, document: object) -> bool:
        """Every answer has a code, and a result where that is good."""
        if not isinstance(document, dict) or "retCode" not in document:
            return False
        return str(document["retCode"]) != "0" or isinstance(document.get("result"), dict)

    def told_at(self, document: object) -> datetime | None:
        told = document.get("time") if isinstance(document, dict) else None
        return None if told is None else from_milliseconds(int(told))

    def sections(self, scope: CcxtScope) -> tuple[Section, ...]:
        """One wallet serves spot and contracts alike."""
        found = [Section(UNIFIED, UNIFIED, {"type": UNIFIED}, has_trades=False, longest=DAY)]
        for kind in scope.account_types:
            if kind in {"swap", "future"}:
                found += [_contracts(product) for product in scope.product_types or PRODUCT_TYPES]
            elif kind == "spot":
                found.append(Section("spot", "spot", {"type": "spot"}, has_balance=False, longest=WEEK))
            elif kind != UNIFIED:
                found.append(Section(kind, kind, {"type": kind}, has_trades=False))
        return tuple(found)

    def positions(self, ask: Asking, section: Section) -> object:
        """Page by page: a leg without a position is a row as well."""
        found: list[object] = []
        parameters = dict(section.parameters)
        while True:
            rows = ask("fetchPositions", params=parameters)
            found += rows
            cursor = rows[0]["info"].get("nextPageCursor") if rows else None
            if not cursor or cursor == parameters.get("cursor"):
                return found
            parameters["cursor"] = cursor

    def in_use(self, balance: Row, section: Section) -> tuple[Decimal | None, ...]:  # as in Quirk
        """What the coin that settles the section is used for; all coins, where each contract has its own."""
        accounts = told_rows(balance.info.within("result"), "list")
        coins = [coin for account in accounts for coin in told_rows(account, "coin")]
        mine = [
            coin
            for coin in coins
            if (coin.maybe_text("coin") in section.settles) or (section.linear is False and not _is_dollar(coin))
        ]
        return tuple(amount for coin in mine for amount in evidence(coin, IN_USE))

    def wants_symbol(self, ask: Asking, section: Section, question: str) -> bool:  # noqa: ARG002  # as in Quirk
        return False

    def trades(self, ask: Asking, section: Section, symbol: str | None, page: Page) -> object:
        """All kinds of executions: ccxt by itself asks for those kinds only that are called Trade."""
        parameters = {**section.parameters, "execType": "", "until": page.until}
        return ask("fetchMyTrades", symbol=symbol, since=page.since, limit=page.size, params=parameters)

    def kind(self, trade: Row) -> FillKind | None:
        return KINDS.get(trade.info.maybe_text("execType") or "Trade", FillKind.TRADE)

    def client_order_id(self, trade: Row) -> str | None:
        return trade.info.maybe_text("orderLinkId")

    def ledgers(self, ask: Asking, section: Section) -> tuple[str, ...]:  # noqa: ARG002  # as in Quirk
        return ("fetchLedger",) if section.name == UNIFIED else ()

    def entries(self, ask: Asking, section: Section, question: str, symbol: str | None, page: Page) -> object:  # noqa: ARG002  # as in Quirk
        """Of the whole wallet; ccxt hands the end of a span on under its own name."""
        return ask(question, since=page.since, limit=page.size, params={"endTime": page.until})

    def code(self, entry: Row) -> str | None:
        return entry.info.maybe_text("type") or entry.maybe_text("type")

    def activity_kind(self, entry: Row) -> ActivityKind | None:
        """Trades and funding stand among the executions, interest ccxt does not know."""
        code = self.code(entry) or ""
        if code in {"TRADE", "SETTLEMENT", "LIQUIDATION", "ADL", "DELIVERY"}:
            return None
        return ActivityKind.INTEREST if "INTEREST" in code else super().activity_kind(entry)

    def permissions(self, ask: Asking) -> Mapping[Permission, bool] | None:
        told = one(ask("privateGetV5UserQueryApi", params={}), "key").within("result").told
        granted = told.get("permissions") or {}
        can_write = str(told.get("readOnly")) == "0"
        trades = any(granted.get(name) for name in ("ContractTrade", "Spot", "Options", "Derivatives", "CopyTrading"))
        return {
            Permission.TRADE: can_write and trades,
            Permission.WITHDRAW: can_write and Permission.WITHDRAW.capitalize() in (granted.get("Wallet") or ()),
        }


def _is_dollar(coin: Row) -> bool:
    return coin.maybe_text("coin") in {"USDT", "USDC"}


def _contracts(product: str) -> Section:
    if product == INVERSE:
        parameters = {"type": "swap", "subType": INVERSE}
        return Section(product, "swap", parameters, linear=False, has_balance=False, longest=WEEK)
    parameters = {"type": "swap", "subType": LINEAR, "settleCoin": product}
    return Section(product, "swap", parameters, frozenset({product}), linear=True, has_balance=False, longest=WEEK)


QUIRK = Bybit()
