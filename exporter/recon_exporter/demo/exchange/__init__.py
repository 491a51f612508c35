"""The core of the local exchanges: accounts, money, positions and what a script makes happen, in no venue's words.

An ``Exchange`` has a floor (time, markets, prices, identifiers) and accounts. ``Account`` is what scripts hold:
``deposit``, ``transfer``, ``order``, ``cancel``, ``trade``, ``fund``, ``liquidate``; all of it may be told to have
happened at another time than now. Quantities are positive to buy and negative to sell, in contracts where it is a
contract; a fee is positive where it was paid; everything is ``Decimal`` from text. Its ``book()`` is frozen.

An ``ExchangeServer`` puts an exchange on HTTP at 127.0.0.1, keeps the limit of each account, counts requests, obeys no
request that would change anything, and makes faults: ``server.fail(Fault.HANG, "/api/v2/mix", account="bot1")``.

To put a venue on it:

1. Write a class with the four methods of ``Language``. ``key`` finds the API key in a request. ``admit`` checks time
   and signature against ``Credentials``; ``request.query`` and ``request.body`` are the very texts that were sent.
   ``answer`` makes the document of a path out of a ``View``: its ``at`` is the venue's time, ``book`` the frozen books
   (None where nobody's key came: refuse private paths), ``prices`` are by unified symbol. ``refusal`` says in the
   venue's words why the core refuses. Raise ``Refusal(status, document)`` for the rest: unknown paths, bad parameters.
2. Say where money lies: each ``Market`` names its ``wallet`` in words of the venue's choice (``spot``, ``usdm``), and
   ``open_account(unified=True)`` puts all of it into one wallet named ``unified``. Scripts use the same words.
3. Page with ``Page`` where the venue tells newest first. Where it does not, honour ``view.one_page`` yourself: then no
   list has more than its first page, and nothing says that more was there.
4. Give ``Exchange`` an ``identify`` where identifiers are not long numbers that grow with time: a function of symbol
   and moment. A script can also name every identifier itself, one trade id in two markets included.
5. Make a function that builds the server for tests and the demonstration, as ``bitget_server.bitget_server`` does.

An ``Execution`` tells the economic side, the leg, how much of it ``closed`` a position and what that ``realised``; its
``kind`` tells a trade from a liquidation, ``deducted`` a fee in the venue's own coin. A ``Booking`` is a movement of a
balance with its cause: funding rows, transfers and fees of a venue's ledger are made of these.
"""

from recon_exporter.demo.exchange.account import Account, Credentials, Terms
from recon_exporter.demo.exchange.exchange import Exchange
from recon_exporter.demo.exchange.faults import Fault, Faults
from recon_exporter.demo.exchange.floor import Amount, milliseconds, moment
from recon_exporter.demo.exchange.language import Language, Reason, Refusal, Request
from recon_exporter.demo.exchange.limits import Limit
from recon_exporter.demo.exchange.markets import Market, listed
from recon_exporter.demo.exchange.paging import Page
from recon_exporter.demo.exchange.records import Kind, Leg, View
from recon_exporter.demo.exchange.server import ExchangeServer

__all__ = [
    "Account",
    "Amount",
    "Credentials",
    "Exchange",
    "ExchangeServer",
    "Fault",
    "Faults",
    "Kind",
    "Language",
    "Leg",
    "Limit",
    "Market",
    "Page",
    "Reason",
    "Refusal",
    "Request",
    "Terms",
    "View",
    "listed",
    "milliseconds",
    "moment",
]
