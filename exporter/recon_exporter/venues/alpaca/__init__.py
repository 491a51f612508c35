"""The broker Alpaca, asked through ccxt's signed raw calls, all of which only read.

ccxt's unified methods know Alpaca's crypto alone, so nothing of them is used: what comes back is Alpaca's own JSON,
its numbers kept as the texts that they are.
"""

from recon_exporter.venues.alpaca.access import Access, Limits
from recon_exporter.venues.alpaca.market import Market, TradingSession
from recon_exporter.venues.alpaca.venue import AlpacaVenue

__all__ = ["Access", "AlpacaVenue", "Limits", "Market", "TradingSession"]
