"""A small Bybit on loopback, for tests and the demonstration: the reading half of its fifth API.

``server = bybit_server(clock)`` and ``server.exchange.open_account(Credentials(…), unified=True)`` give an account
whose money lies in the wallet ``unified``; without it, in ``spot`` and ``contract``. What scripts do with it is told
by ``recon_exporter.demo.exchange``.

It keeps what makes Bybit hard to read. Refusals come with 200 and a code in the body; a wrong signature is answered
with the text that was expected, key and all. Linear positions are told by what settles them, so that those in USDC are
not among those in USDT; asked by symbol there is a row even where nothing is held, with a side of nothing, two in hedge
mode. Executions are trades, funding, liquidations, deleveraging and settlements in one list, seven days at most, 50 or
up to 100 a page, newest first; the next page is behind a cursor, also where it is empty. A window without an end ends
seven days after its beginning. Orders come 20 or up to 50 a page, the log of transactions a day at a time. A spot fee
names its coin in ``feeCurrency`` alone. The wallet's balance is without what positions would gain, ``equity`` with it.
The limit is for a key, a path and a second: 10006, and for those who go on 10018 and ten minutes of nothing.

What it is not: no order is taken, nothing is streamed; no options, no borrowing, no dated contracts unless listed.
"""

from recon_exporter.demo.bybit_server.server import MARKETS, bybit_server

__all__ = ["MARKETS", "bybit_server"]
