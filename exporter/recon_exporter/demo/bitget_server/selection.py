"""Which rows of which market a request means: Bitget's parameters and the windows that it keeps to.

Bitget publishes the longest window, and not what a window that is left open means. Here it ends now, or begins one
longest window before its end; a window that is too long is refused, with a minute's grace for clocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.demo.bitget_server.markets import DEMO_PRODUCT_TYPES, PRODUCT_TYPES, identifier, in_wallet
from recon_exporter.demo.bitget_server.refusals import Code, refused
from recon_exporter.demo.exchange import Market, Page, View, moment
from recon_exporter.demo.exchange.records import Book

MOST = 100
WEEK, MONTH, QUARTER = timedelta(days=7), timedelta(days=30), timedelta(days=90)
_GRACE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one path: its parameters, and the books it is answered from."""

    view: View
    book: Book
    parameters: Mapping[str, str]

    @property
    def only(self) -> int | None:
        """How many of the newest rows there seem to be."""
        return MOST if self.view.one_page else None

    def needed(self, name: str) -> str:
        """A parameter; raises Refusal where it is not there."""
        told = self.parameters.get(name)
        if not told:
            raise refused(Code.NO_PARAMETER, self.view.at, name)
        return told

    def product_type(self, name: str = "productType") -> str:
        """The product type that is asked for, its letters as large as ours."""
        told = self.needed(name).upper()
        if told not in (*PRODUCT_TYPES, *DEMO_PRODUCT_TYPES, "SPOT"):
            raise refused(Code.WRONG_PARAMETER, self.view.at, name)
        return told

    def market(self, wallet: str) -> Market | None:
        """The market that is asked for, None for all of them."""
        told = self.parameters.get("symbol")
        if not told:
            return None
        for market in in_wallet(self.view.markets, wallet):
            if identifier(market) == told.upper():
                return market
        raise refused(Code.UNKNOWN_PARAMETER, self.view.at, told)

    def page(self, longest: timedelta | None = None, cursor: str = "idLessThan") -> Page:
        """The page that is asked for; without a longest window, a window that is left open has no end."""
        now = self.view.at
        start, end = self._moment("startTime"), self._moment("endTime")
        if longest is not None:
            end = end or now
            begins = start or max(end - longest, now - QUARTER)
            if begins > end:
                raise refused(Code.BACKWARDS, now)
            if begins < now - QUARTER - _GRACE:
                raise refused(Code.TOO_OLD, now)
            if end - begins > longest + _GRACE:
                raise refused(Code.TOO_LONG, now, longest.days)
            start = begins
        return Page(min(self._number("limit") or MOST, MOST), start, end, self._number(cursor))

    def _moment(self, name: str) -> datetime | None:
        told = self._number(name)
        return None if told is None else moment(told)

    def _number(self, name: str) -> int | None:
        told = self.parameters.get(name)
        if not told:
            return None
        if not (told.isascii() and told.isdigit()):
            raise refused(Code.WRONG_PARAMETER, self.view.at, name)
        return int(told)
