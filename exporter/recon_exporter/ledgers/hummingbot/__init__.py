"""The books of Hummingbot: the SQLite databases that its client keeps, one for each strategy or configuration."""

from recon_exporter.ledgers.hummingbot.ledger import HummingbotLedger
from recon_exporter.ledgers.hummingbot.source import Baseline, HummingbotSource

__all__ = ["Baseline", "HummingbotLedger", "HummingbotSource"]
