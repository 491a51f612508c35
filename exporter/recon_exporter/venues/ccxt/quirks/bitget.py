"""Bitget: product types that hide from one another, fills whose side names a position, fees in BGB, unified accounts.

Contracts are asked by Bitget's raw calls, product type by product type: ccxt wants a symbol for fills and a coin for
positions, and Bitget neither. Its words for the rights of a key are not published; those known are read.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import ZERO, difference, total
from recon_exporter.domain.positions import ActivityKind, Basis, Fee, FillKind
from recon_exporter.domain.probe import Permission
from recon_exporter.venues.ccxt.access import CcxtScope
from recon_exporter.venues.ccxt.failures import VenueFailure
from recon_exporter.venues.ccxt.quirks.base import TRADES, Asking, Direction, Page, Quirk, Section, evidence
from recon_exporter.venues.ccxt.rows import Row, from_milliseconds, one

PRODUCT_TYPES = ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
SETTLES = {"USDT-FUTURES": "USDT", "USDC-FUTURES": "USDC", "SUSDT-FUTURES": "SUSDT", "SUSDC-FUTURES": "SUSDC"}
UNIFIED_LONGEST, CLASSIC_LONGEST = timedelta(days=30), timedelta(days=90)
GOOD, HEDGE = "00000", "hedge_mode"
CLASSIC_INFO = "privateSpotGetV2SpotAccountInfo"
KINDS = (
    ("burst", FillKind.LIQUIDATION),
    ("reduce", FillKind.LIQUIDATION),
    ("dte_sys_adl", FillKind.DELEVERAGING),
    ("delivery", FillKind.SETTLEMENT),
    ("offset", FillKind.SETTLEMENT),
)
"""Why a trade took place, by how its ``tradeSide`` begins."""


class Bitget(Quirk):
    reads = frozenset(
        {
            "privateMixGetV2MixOrderFills",
            "privateMixGetV2MixPositionAllPosition",
            CLASSIC_INFO,
            "privateUtaGetV3AccountInfo",
            "privateUtaGetV3AccountSettings",
            "privateUtaGetV3TradeFills",
        }
    )
    reads_by_post = False
    page = 100
    ledger_page = 100
    newest_first = True
    basis = Basis.WALLET
    tells_time = True

    def prepare(self, ask: Asking, scope: CcxtScope) -> CcxtScope:
        """With the kind of the account, which ccxt would take for classic for good where one answer does not come."""
        scope = super().prepare(ask, scope)
        return scope if scope.unified is not None else replace(scope, unified=_is_unified(ask))

    def own_options(self, scope: CcxtScope) -> dict[str, object]:
        return {"uta": bool(scope.unified)}

    def is_whole(self, document: object) -> bool:
        """Every answer has a code, and data where that is good."""
        if not isinstance(document, dict) or "code" not in document:
            return False
        return document["code"] != GOOD or document.get("data") is not None

    def told_at(self, document: object) -> datetime | None:
        told = document.get("requestTime") if isinstance(document, dict) else None
        return None if told is None else from_milliseconds(int(told))

    def sections(self, scope: CcxtScope) -> tuple[Section, ...]:
        found: list[Section] = [_unified_wallet()] if scope.unified else []
        for kind in scope.account_types:
            if kind in {"swap", "future"}:
                found += [_contracts(product, scope) for product in scope.product_types or PRODUCT_TYPES]
            elif kind == "spot":
                found.append(_spot(scope))
            else:
                found.append(Section(kind, kind, {"type": kind}, has_trades=False))
        return tuple(found)

    def positions(self, ask: Asking, section: Section) -> object:
        if section.has_balance:
            answer = ask("privateMixGetV2MixPositionAllPosition", params={"productType": section.name})
            return ask.parsed("positions", one(answer, "answer").told["data"])
        return ask("fetchPositions", params={"productType": section.name})

    def in_use(self, balance: Row, section: Section) -> tuple[Decimal | None, ...]:  # as in Quirk
        """Profit that is not booked, and margin that open orders do not explain."""
        if not section.has_balance:
            return ()
        found: list[Decimal | None] = []
        for row in balance.rows("info"):
            evidence(row, ("unrealizedPL", "crossedMaxAvailable"))
            free, usable = row.maybe_number("available"), row.maybe_number("crossedMaxAvailable")
            bound = ZERO if free is None or usable is None else difference(free, usable)
            found += [
                row.maybe_number("unrealizedPL"),
                max(ZERO, difference(bound, row.maybe_number("locked") or ZERO)),
            ]
        return tuple(found)

    def wallets(self, balance: Row) -> Mapping[str, Decimal]:
        info = balance.told.get("info")
        if isinstance(info, dict):
            return {row.text("coin"): row.number("balance") for row in balance.info.within("data").rows("assets")}
        return {
            row.text("marginCoin"): difference(row.number("accountEquity"), row.maybe_number("unrealizedPL") or ZERO)
            for row in balance.rows("info")
        }

    def wants_symbol(self, ask: Asking, section: Section, question: str) -> bool:  # noqa: ARG002  # as in Quirk
        """Fills of contracts and of unified accounts are told for all symbols together."""
        return question == TRADES and section.kind == "spot" and section.has_balance

    def trades(self, ask: Asking, section: Section, symbol: str | None, page: Page) -> object:
        if self.wants_symbol(ask, section, TRADES):
            return super().trades(ask, section, symbol, page)
        span = {"startTime": page.since, "endTime": page.until, "limit": page.size}
        if section.has_balance:
            answer = ask("privateMixGetV2MixOrderFills", params={"productType": section.name, **span})
            rows = one(answer, "answer").within("data").rows("fillList")
        else:
            answer = ask("privateUtaGetV3TradeFills", params={"category": section.name, **span})
            rows = one(answer, "answer").within("data").rows("list")
        return [ask.parsed("trade", row.told, ask.market(section, row.text("symbol"))) for row in rows]

    def direction(self, trade: Row) -> Direction:
        """In hedge mode ``side`` of a classic fill is that of the position, buy for long, also where it is closed."""
        info = trade.info
        # ccxt has turned the side of an order that reduces, and that of a fill never.
        told = super().direction(info if info.maybe_text("posMode") == HEDGE else trade)
        deed = info.maybe_text("tradeSide") or ""
        if info.maybe_text("posMode") == HEDGE:
            leg = "long" if told.sign > 0 else "short"
            is_closing = deed == "close" or "_close_" in deed or deed.endswith("_close")
            return Direction(-told.sign if is_closing else told.sign, leg)
        if deed in {"open", "close"}:
            is_long = (told.sign > 0) is (deed == "open")
            return Direction(told.sign, "long" if is_long else "short")
        suffix = deed.rpartition("_")[2]
        return Direction(told.sign, suffix if suffix in {"long", "short"} else "net")

    def kind(self, trade: Row) -> FillKind | None:
        deed = trade.info.maybe_text("tradeSide") or ""
        return next((kind for beginning, kind in KINDS if deed.startswith(beginning)), FillKind.TRADE)

    def fees(self, trade: Row) -> tuple[Fee, ...] | None:
        """From Bitget's own detail: ccxt takes a fee paid in BGB for a rebate, and the first of several for all."""
        told = trade.info.rows("feeDetail")
        if not told:
            return None
        return tuple(_fee(row) for row in told if row.maybe_text("feeCoin") is not None)

    def ledgers(self, ask: Asking, section: Section) -> tuple[str, ...]:
        return () if section.name == UNIFIED else super().ledgers(ask, section)

    def code(self, entry: Row) -> str | None:
        return next((word for key in ("businessType", "type") if (word := entry.info.maybe_text(key))), None)

    def activity_kind(self, entry: Row) -> ActivityKind | None:
        """For ccxt funding is a fee, and what a unified account calls a trade it does not know."""
        code = (self.code(entry) or "").lower()
        if "settle_fee" in code or "funding" in code:
            return ActivityKind.FUNDING
        if (
            code.startswith(("open_", "close_", "order_", "burst_", "force_"))
            or "_fill" in code
            or code in {"buy", "sell"}
        ):
            return None
        if code.startswith(("trans", "deposit", Permission.WITHDRAW)):
            return ActivityKind.TRANSFER
        return super().activity_kind(entry)

    def permissions(self, ask: Asking) -> Mapping[Permission, bool] | None:
        is_classic = ask.sections[0].has_balance and ask.sections[0].name != UNIFIED
        question = CLASSIC_INFO if is_classic else "privateUtaGetV3AccountInfo"
        data = one(ask.once(question, params={}), question).within("data").told
        words = [str(word) for word in data.get("authorities" if is_classic else "permissions") or ()]
        withdraws = {
            word for word in words if Permission.WITHDRAW in word or (word.startswith("w") and word.endswith("ow"))
        }
        trades = {word for word in words if "trade" in word or word.endswith("ow")} - withdraws
        return {Permission.TRADE: bool(trades), Permission.WITHDRAW: bool(withdraws)}


UNIFIED = "unified"


def _unified_wallet() -> Section:
    return Section(UNIFIED, UNIFIED, {"type": "swap"}, has_trades=False)


def _contracts(product: str, scope: CcxtScope) -> Section:
    settles = frozenset({SETTLES[product]}) if product in SETTLES else frozenset[str]()
    return Section(
        product,
        "swap",
        {"type": "swap", "productType": product},
        settles=settles,
        linear=product in SETTLES,
        has_balance=not scope.unified,
        longest=UNIFIED_LONGEST if scope.unified else CLASSIC_LONGEST,
    )


def _spot(scope: CcxtScope) -> Section:
    longest = UNIFIED_LONGEST if scope.unified else CLASSIC_LONGEST
    name = "SPOT" if scope.unified else "spot"
    parameters = {"type": "spot", "productType": "SPOT"} if scope.unified else {"type": "spot"}
    return Section(name, "spot", parameters, has_balance=not scope.unified, longest=longest)


def _is_unified(ask: Asking) -> bool:
    """Asked of the exchange; raises VenueFailure where it says neither, for it would be a guess.

    A unified account is refused what classic ones ask, by the same words as a key without rights.
    """
    try:
        ask.once(CLASSIC_INFO, params={})
    except VenueFailure as failure:
        if failure.reason is not Reason.CREDENTIALS_REFUSED:
            raise
        ask("privateUtaGetV3AccountSettings", params={})
        return True
    return False


def _fee(row: Row) -> Fee:
    """Paid in BGB: told as it is. Otherwise negative where paid; a unified account tells what was paid as it is."""
    unified = row.maybe_number("fee")
    if unified is not None:
        return Fee(row.text("feeCoin"), unified)
    told = row.number("totalFee")
    return Fee(row.text("feeCoin"), told if row.maybe_text("deduction") == "yes" else total((ZERO, told.copy_negate())))


QUIRK = Bitget()
