"""Binance: trades by symbol only, margin told with its profit, one row for each leg, Earn's coins beside spot's."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from recon_exporter.domain.positions import ActivityKind, Basis
from recon_exporter.domain.probe import Permission
from recon_exporter.venues.ccxt.access import CcxtScope
from recon_exporter.venues.ccxt.quirks.base import TRADES, Asking, Direction, Quirk, Section, evidence
from recon_exporter.venues.ccxt.rows import Row

USD_M, COIN_M = "USD-M", "COIN-M"
SUB_TYPES = {USD_M: "linear", COIN_M: "inverse"}
DAY = timedelta(days=1)
"""The longest span of a list of spot's."""
EARN = "LD"
"""What Simple Earn puts before a coin."""
IN_USE = ("totalPositionInitialMargin", "totalUnrealizedProfit", "totalMaintMargin")


class Binance(Quirk):
    reads = frozenset({"sapiGetAccountApiRestrictions"})
    reads_by_post = False
    newest_first = False
    basis = Basis.WALLET

    def options(self, scope: CcxtScope) -> dict[str, object]:
        """Only markets of what is asked: those of all parts are many, and each is a host of its own."""
        products = _products(scope)
        kinds = ["spot", *(SUB_TYPES[product] for product in products)]
        return {"fetchMarkets": {"types": kinds}, "fetchOpenOrders": {"warnWithoutSymbol": False}}

    def sections(self, scope: CcxtScope) -> tuple[Section, ...]:
        found: list[Section] = []
        for kind in scope.account_types:
            if kind in {"swap", "future"}:
                found += [_contracts(product) for product in _products(scope)]
            else:
                found.append(Section(kind, kind, {"type": kind}, has_trades=kind == "spot", longest=DAY))
        return tuple(found)

    def wants_symbol(self, ask: Asking, section: Section, question: str) -> bool:  # noqa: ARG002  # as in Quirk
        """Whatever ccxt thinks: orders of futures are not told without one either."""
        return question in {TRADES, "fetchOrders"}

    def in_use(self, balance: Row, section: Section) -> tuple[Decimal | None, ...]:  # noqa: ARG002  # as in Quirk
        info = balance.info
        of_assets = [evidence(asset, ("positionInitialMargin", "unrealizedProfit")) for asset in info.rows("assets")]
        return (*evidence(info, IN_USE), *(amount for amounts in of_assets for amount in amounts))

    def wallets(self, balance: Row) -> Mapping[str, Decimal]:
        """What ccxt calls total is the margin, which moves with the price."""
        return {
            row.text("asset"): row.number("walletBalance")
            for row in balance.info.rows("assets")
            if row.maybe_number("walletBalance") is not None
        }

    def coin(self, code: str, coins: Mapping[str, object]) -> str:
        """The coin within Simple Earn's; LDO is a coin, and O is none."""
        if code.startswith(EARN) and code not in coins and code.removeprefix(EARN) in coins:
            return code.removeprefix(EARN)
        return code

    def direction(self, trade: Row) -> Direction:
        leg = (trade.info.maybe_text("positionSide") or "").lower()
        return Direction(super().direction(trade).sign, leg if leg in {"long", "short"} else "net")

    def ledgers(self, ask: Asking, section: Section) -> tuple[str, ...]:  # noqa: ARG002  # as in Quirk
        return ("fetchLedger",) if section.has_positions else ("fetchDeposits", "fetchWithdrawals")

    def code(self, entry: Row) -> str | None:
        return entry.info.maybe_text("incomeType") or entry.maybe_text("type")

    def activity_kind(self, entry: Row) -> ActivityKind | None:
        """For ccxt funding is a fee; fees and profits of trades stand in the trades themselves."""
        code = self.code(entry) or ""
        if "FUNDING" in code:
            return ActivityKind.FUNDING
        return None if code in {"COMMISSION", "REALIZED_PNL"} else super().activity_kind(entry)

    def permissions(self, ask: Asking) -> Mapping[Permission, bool] | None:
        told = ask("sapiGetAccountApiRestrictions", params={})
        trades = ("enableSpotAndMarginTrading", "enableFutures", "enableMargin", "enableVanillaOptions")
        return {
            Permission.TRADE: any(told.get(name) is True for name in trades),
            Permission.WITHDRAW: told.get("enableWithdrawals") is True,
        }


def _products(scope: CcxtScope) -> tuple[str, ...]:
    return scope.product_types or (USD_M,)


def _contracts(product: str) -> Section:
    sub_type = SUB_TYPES.get(product, "linear")
    return Section(product, "swap", {"type": "swap", "subType": sub_type}, linear=sub_type == "linear")


QUIRK = Binance()
