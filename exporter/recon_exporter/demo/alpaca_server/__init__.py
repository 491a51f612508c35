"""A small Alpaca on loopback, for tests and the demonstration: the reading half of its trading API, scripted events.

It answers ``/v2/account``, ``/v2/positions``, ``/v2/orders``, ``/v2/account/activities`` (of all kinds or of one),
``/v2/clock`` and ``/v2/calendar`` as Alpaca documents them: numbers as texts, crypto without its slash in positions,
the order statuses ``open``, ``closed`` and ``all`` and no other, newest first unless asked otherwise, 50 to 500 orders
and up to 100 activities a page, a whole day of activities where ``date`` names it. Two of its known faults are there
too, always and at their worst: a page that begins after a token leaves out what shares the token's millisecond, and
executions of one millisecond come in no order.

What it is not: it takes no order, streams nothing, knows no margin, no dividends of its own accord and no exchange
holidays but those it is told. For a forced sale Alpaca documents no format, so an order of nobody's and a memo stand
for one.
"""

from recon_exporter.demo.alpaca_server.brokerage import Brokerage
from recon_exporter.demo.alpaca_server.faults import Fault
from recon_exporter.demo.alpaca_server.server import AlpacaServer

__all__ = ["AlpacaServer", "Brokerage", "Fault"]
