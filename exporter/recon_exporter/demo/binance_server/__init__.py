"""A small Binance on loopback, for tests and the demonstration: the reading half of its spot and USD-M futures APIs.

``server = binance_server(clock)`` and ``server.exchange.open_account(Credentials(…))`` give an account whose money lies
in the wallets ``spot`` and ``usdm``; what scripts do with it is told by ``recon_exporter.demo.exchange``. All of
Binance's hosts are one here: a client's base addresses differ in their paths alone.

It keeps what makes Binance hard to read. Trades are asked symbol by symbol, a day at most on spot, a week on futures
(asked with a beginning alone: to now on spot, for that week on futures), 500 or up to 1 000 at once. Without a
beginning the latest are told, and never a word that there are more; ``fromId`` goes with no time. Futures tell margin,
which moves with the price, list no position that is zero, and one row for each leg in hedge mode. Simple Earn's coins
lie on spot under names that begin with LD: scripts deposit them so. A key, an address and a permission are refused with
one and the same sentence. Weight is counted for each key and told in every answer to it; beyond the limit comes 429,
and for those who go on asking 418 and two minutes of nothing.

What it is not: no order is taken, nothing is streamed; no margin or options, no portfolio margin; of coin-margined
futures there is an empty list of markets. The funding wallet, which Binance tells to a POST alone, is not told.
"""

from recon_exporter.demo.binance_server.server import MARKETS, binance_server

__all__ = ["MARKETS", "binance_server"]
