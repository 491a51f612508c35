"""OKX: one trading account, contracts of a hundredth of a coin, positions net or in legs.

Tried on recorded structures only: there is no local server that speaks OKX's protocol.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from recon_exporter.domain.positions import ActivityKind, Basis, FillKind
from recon_exporter.domain.probe import Permission
from recon_exporter.venues.ccxt.access import CcxtScope
from recon_exporter.venues.ccxt.quirks.base import Asking, Direction, Quirk, Section, evidence, told_rows
from recon_exporter.venues.ccxt.rows import Row

TRADING = "trading"
WEEK = timedelta(days=7)
FUNDING_CODES = frozenset({"173", "174"})
"""Funding paid and received, by OKX's number of a bill's kind."""
LIQUIDATIONS = frozenset({"100", "101", "102", "103", "104", "105", "109", "110"})
DELEVERAGINGS = frozenset({"125", "126", "127", "128"})
DELIVERIES = frozenset({"112", "113", "117", "170", "171", "172"})


class Okx(Quirk):
    reads = frozenset({"privateGetAccountConfig"})
    reads_by_post = False
    page = 100
    ledger_page = 100
    newest_first = True
    basis = Basis.WALLET

    def is_whole(self, document: object) -> bool:
        """Every answer has a code, and data where that is good."""
        if not isinstance(document, dict) or "code" not in document:
            return False
        return str(document["code"]) != "0" or isinstance(document.get("data"), list)

    def sections(self, scope: CcxtScope) -> tuple[Section, ...]:
        """One account serves spot and contracts alike; all contracts are listed together."""
        found = [Section(TRADING, TRADING, {"type": TRADING}, has_trades=False)]
        for kind in scope.account_types:
            if kind == "funding":
                found.append(Section(kind, kind, {"type": kind}, has_trades=False))
            elif kind != TRADING:
                found.append(Section(kind, kind, {"type": kind}, has_balance=False))
        return tuple(found)

    def positions(self, ask: Asking, section: Section) -> object:
        """All contracts of one kind, both legs: a question for one of them tells one leg only."""
        return ask("fetchPositions", params={"instType": section.kind.upper()})

    def in_use(self, balance: Row, section: Section) -> tuple[Decimal | None, ...]:  # noqa: ARG002  # as in Quirk
        """Profit that is not booked, and margin that only positions need."""
        accounts = told_rows(balance.info, "data")
        coins = [coin for account in accounts for coin in told_rows(account, "details")]
        return tuple(amount for coin in coins for amount in evidence(coin, ("upl", "mmr")))

    def wallets(self, balance: Row) -> Mapping[str, Decimal]:
        """The cash; what ccxt calls total is the equity."""
        accounts = balance.info.rows("data")
        return {
            coin.text("ccy"): coin.number("cashBal")
            for account in accounts
            for coin in account.rows("details")
            if coin.maybe_number("cashBal") is not None
        }

    def wants_symbol(self, ask: Asking, section: Section, question: str) -> bool:  # noqa: ARG002  # as in Quirk
        return False

    def direction(self, trade: Row) -> Direction:
        leg = trade.info.maybe_text("posSide") or "net"
        return Direction(super().direction(trade).sign, leg if leg in {"long", "short"} else "net")

    def kind(self, trade: Row) -> FillKind | None:
        code = trade.info.maybe_text("subType")
        if code in LIQUIDATIONS:
            return FillKind.LIQUIDATION
        if code in DELEVERAGINGS:
            return FillKind.DELEVERAGING
        return FillKind.SETTLEMENT if code in DELIVERIES else FillKind.TRADE

    def client_order_id(self, trade: Row) -> str | None:
        return trade.info.maybe_text("clOrdId")

    def ledgers(self, ask: Asking, section: Section) -> tuple[str, ...]:  # noqa: ARG002  # as in Quirk
        return ("fetchLedger",) if section.name == TRADING else ()

    def code(self, entry: Row) -> str | None:
        return entry.info.maybe_text("subType") or entry.maybe_text("type")

    def activity_kind(self, entry: Row) -> ActivityKind | None:
        return ActivityKind.FUNDING if self.code(entry) in FUNDING_CODES else super().activity_kind(entry)

    def permissions(self, ask: Asking) -> Mapping[Permission, bool] | None:
        told = ask("privateGetAccountConfig", params={})["data"][0]
        words = str(told.get("perm") or "").split(",")
        return {permission: permission.value in words for permission in Permission}


QUIRK = Okx()
