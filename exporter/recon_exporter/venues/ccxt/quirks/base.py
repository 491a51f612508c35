"""How an exchange is asked and understood where nothing else is known of it: by ccxt's unified structures."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from recon_exporter.domain.positions import ActivityKind, Basis, Fee, FillKind
from recon_exporter.domain.probe import Permission
from recon_exporter.venues.ccxt.access import CcxtScope
from recon_exporter.venues.ccxt.failures import incomplete
from recon_exporter.venues.ccxt.quirks.terms import DERIVATIVES, Asking, Direction, Page, Section
from recon_exporter.venues.ccxt.rows import BadAnswer, Row
from recon_exporter.venues.ccxt.session import NotAReading

UNIFIED = frozenset(
    {
        "fetchBalance",
        "fetchCanceledAndClosedOrders",
        "fetchCanceledOrders",
        "fetchClosedOrders",
        "fetchDeposits",
        "fetchFundingHistory",
        "fetchLedger",
        "fetchMyTrades",
        "fetchOpenOrders",
        "fetchOrders",
        "fetchPositions",
        "fetchTicker",
        "fetchTime",
        "fetchWithdrawals",
        "loadMarkets",
    }
)
"""All of ccxt's own methods that are ever called."""
RAW = re.compile(r"[a-z][A-Za-z0-9]*Get[A-Z][A-Za-z0-9]*")
"""How ccxt names a raw call that is a GET."""
TRADES = "fetchMyTrades"
BALANCES_ONLY = frozenset({"funding", "margin", "earn", "savings"})


class Quirk:
    """What is asked and how it is understood; a file in this folder overrides what its exchange does otherwise.

    ``reads`` are raw calls beyond the methods of ccxt. ``page`` is how many fills a full page has, None where ccxt
    knows it, or else only a page without anything new proves that there are no more; ``newest_first`` whether a page
    that is full holds the latest, None where it is to be found out.
    """

    reads: frozenset[str] = frozenset()
    reads_by_post: bool = True
    page: int | None = None
    newest_first: bool | None = None
    basis: Basis = Basis.EQUITY
    """What the total of a section with contracts counts."""
    tells_time: bool = False
    """Whether all its private answers say when they were made; otherwise its clock is asked for."""
    ledger_page: int | None = None
    has_funding_among_trades: bool = False

    def reading(self, exchange: Any, question: str) -> Callable[..., Any]:  # noqa: ANN401  # ccxt tells no types
        """The call of ccxt; raises NotAReading for all that is not known to read only."""
        if question not in UNIFIED and not (question in self.reads and RAW.fullmatch(question)):
            raise NotAReading(f"{question} is no question that only reads")
        call: Callable[..., Any] = getattr(exchange, question)
        return call

    def options(self, scope: CcxtScope) -> dict[str, object]:
        """Options of ccxt; accounts with the same share their markets."""
        del scope
        return {}

    def prepare(self, ask: Asking, scope: CcxtScope) -> CcxtScope:
        """The scope with all that it leaves open, for which the exchange may be asked; raises VenueFailure."""
        kinds = scope.account_types or tuple(kind for kind in ("spot", "swap") if ask.has(kind))
        return replace(scope, account_types=kinds)

    def own_options(self, scope: CcxtScope) -> dict[str, object]:
        """Options of ccxt for one account, by its prepared scope."""
        del scope
        return {}

    def is_whole(self, document: object) -> bool:
        """Whether an answer has the form that every answer of this exchange has."""
        return document is not None

    def told_at(self, document: object) -> datetime | None:
        """When the exchange made this answer, where its answers say."""
        del document
        return None

    def sections(self, scope: CcxtScope) -> tuple[Section, ...]:
        """The parts of the account, by its prepared scope; product types are linear and inverse here."""
        found: list[Section] = []
        for kind in scope.account_types:
            if kind in DERIVATIVES and scope.product_types:
                found += [
                    Section(product, kind, {"type": kind, "subType": product}, linear=product == "linear")
                    for product in scope.product_types
                ]
            else:
                found.append(Section(kind, kind, {"type": kind}, has_trades=kind not in BALANCES_ONLY))
        return tuple(found)

    def positions(self, ask: Asking, section: Section) -> object:
        """Structures of ccxt: all positions of a section."""
        return ask("fetchPositions", params=dict(section.parameters))

    def in_use(self, balance: Row, section: Section) -> tuple[Decimal | None, ...]:
        """Amounts in a balance that are zero as long as the section has no position; raises BadAnswer without any."""
        del balance, section
        return ()

    def wallets(self, balance: Row) -> Mapping[str, Decimal]:
        """Balances without unrealised profit, where the totals of ``balance`` count it."""
        del balance
        return {}

    def coin(self, code: str, coins: Mapping[str, object]) -> str:
        """The asset that a code of a balance stands for."""
        del coins
        return code

    def trades(self, ask: Asking, section: Section, symbol: str | None, page: Page) -> object:
        """Structures of ccxt: one page of trades."""
        parameters = {**section.parameters, "until": page.until}
        return ask("fetchMyTrades", symbol=symbol, since=page.since, limit=page.size, params=parameters)

    def wants_symbol(self, ask: Asking, section: Section, question: str) -> bool:
        """Whether a list is told by symbol only; where nothing is known, trades are, and nothing else is."""
        is_wanted = ask.feature(section, question, "symbolRequired")
        return question == TRADES if is_wanted is None else bool(is_wanted)

    def direction(self, trade: Row) -> Direction:
        """What a trade did."""
        return Direction(1 if trade.one_of("side", "buy", "sell") == "buy" else -1)

    def kind(self, trade: Row) -> FillKind | None:
        """Why it took place; None for a row among the trades that is none."""
        del trade
        return FillKind.TRADE

    def client_order_id(self, trade: Row) -> str | None:
        """The bot's own identifier of the order, where the trade repeats it."""
        del trade
        return None

    def fees(self, trade: Row) -> tuple[Fee, ...] | None:
        """What it cost; None where that is not told."""
        told = trade.rows("fees") or trade.rows("fee")
        found: list[Fee] = []
        for row in told:
            cost, asset = row.maybe_number("cost"), row.maybe_text("currency")
            if cost is None or (cost and asset is None):
                return None
            if asset is not None:
                found.append(Fee(asset, cost))
        return tuple(found) if told else None

    def ledgers(self, ask: Asking, section: Section) -> tuple[str, ...]:
        """The questions that tell what moved a section's balances other than trades, as far as ccxt has them."""
        if ask.has("fetchLedger"):
            return ("fetchLedger",)
        wanted = ("fetchFundingHistory",) if section.has_positions else ("fetchDeposits", "fetchWithdrawals")
        return tuple(question for question in wanted if ask.has(question))

    def entries(self, ask: Asking, section: Section, question: str, symbol: str | None, page: Page) -> object:
        """Structures of ccxt: one page of what ``ledgers`` names."""
        parameters = {**section.parameters, "until": page.until}
        of = {"symbol": symbol} if question == "fetchFundingHistory" else {}
        return ask(question, **of, since=page.since, limit=page.size, params=parameters)

    def code(self, entry: Row) -> str | None:
        """The exchange's own word for an entry."""
        return entry.maybe_text("type")

    def activity_kind(self, entry: Row) -> ActivityKind | None:
        """What an entry of the exchange's ledger is; None for trades, which are fills."""
        return ACTIVITIES.get((entry.maybe_text("type") or "").lower(), ActivityKind.OTHER)

    def permissions(self, ask: Asking) -> Mapping[Permission, bool] | None:
        """What the key may do, where the exchange tells; raises VenueFailure."""
        del ask
        return None


ACTIVITIES: Mapping[str, ActivityKind | None] = {
    "trade": None,
    "funding": ActivityKind.FUNDING,
    "transfer": ActivityKind.TRANSFER,
    "deposit": ActivityKind.TRANSFER,
    "withdrawal": ActivityKind.TRANSFER,
    "transaction": ActivityKind.TRANSFER,
    "fee": ActivityKind.FEE,
    "interest": ActivityKind.INTEREST,
    "liquidation": ActivityKind.LIQUIDATION,
    "settlement": ActivityKind.OTHER,
    "convert": ActivityKind.CONVERSION,
    "dividend": ActivityKind.DIVIDEND,
}
"""By ccxt's type of an entry of a ledger."""


def evidence(row: Row, keys: Sequence[str]) -> tuple[Decimal | None, ...]:
    """Those of the values that are told, one at least: without any, a balance shows nothing. Raises BadAnswer."""
    told = tuple(row.maybe_number(key) for key in keys)
    if all(number is None for number in told):
        raise BadAnswer(row.place, None, " or ".join(keys))
    return told


def told_rows(row: Row, key: str) -> list[Row]:
    """A list that is never empty in a sound answer; raises VenueFailure."""
    rows = row.rows(key)
    if not rows:
        raise incomplete(f"{row.place}.{key} lists nothing at all")
    return rows


__all__ = ["Asking", "Direction", "Page", "Quirk", "Section", "evidence", "told_rows"]
