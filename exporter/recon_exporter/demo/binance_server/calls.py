"""What is asked, and of whom: a request's parameters read, with the books and markets that it is answered from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recon_exporter.demo.binance_server import errors
from recon_exporter.demo.exchange import View, milliseconds
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Book, Execution


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was admitted; all of it raises Refusal where a parameter is missing or wrong."""

    view: View
    parameters: Mapping[str, str]

    @property
    def book(self) -> Book:
        """The books of the key's account."""
        if self.view.book is None:
            raise errors.key_malformed()
        return self.view.book

    @property
    def now(self) -> int:
        """The venue's time in milliseconds."""
        return milliseconds(self.view.at)

    def number(self, name: str, otherwise: int = 0) -> int:
        """A parameter that is a whole number."""
        text = self.parameters.get(name)
        if text is None:
            return otherwise
        if not (text.isascii() and text.isdigit()):
            raise errors.illegal_characters(name)
        return int(text)

    def limit(self, otherwise: int, most: int) -> int:
        """How many rows at most."""
        limit = self.number("limit", otherwise)
        if not 0 < limit <= most:
            raise errors.not_valid("limit")
        return limit

    def markets(self, wallet: str) -> Sequence[Market]:
        """Those whose money lies in this wallet."""
        return [market for market in self.view.markets.values() if market.wallet == wallet]

    def market(self, wallet: str, name: str | None = None) -> Market:
        """The one that ``symbol`` names, or this one."""
        name = name or self.parameters.get("symbol")
        if not name:
            raise errors.not_sent("symbol")
        for market in self.markets(wallet):
            if market.identifier == name:
                return market
        raise errors.symbol_invalid()

    def symbol(self, wallet: str) -> str | None:
        """The market that ``symbol`` names in our own words, None where it is not sent."""
        return self.market(wallet).symbol if "symbol" in self.parameters else None

    def executions(self, wallet: str) -> Sequence[Execution]:
        """The account's own in the market that ``symbol`` names, of one order where one is named; oldest first."""
        symbol, order_id = self.market(wallet).symbol, self.parameters.get("orderId")
        return [
            execution
            for execution in self.book.executions
            if execution.market.symbol == symbol and order_id in {None, execution.order_id}
        ]
