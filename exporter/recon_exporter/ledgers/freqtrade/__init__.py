"""The books of freqtrade: the database of one bot, or those of several on one account."""

from recon_exporter.ledgers.freqtrade.ledger import FreqtradeLedger

__all__ = ["FreqtradeLedger"]
