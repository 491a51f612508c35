"""The books of a fleet of hbot bots: minute.csv and fills.csv of each bot, and the event store of all.

``ledger.HbotLedger`` reads; what it takes from lines is worked out by pure functions: ``minute_rows`` and ``minutes``
for the rows, ``events`` and ``matching`` for the fills, ``books`` for the statements.
"""

from recon_exporter.ledgers.hbot.ledger import HbotLedger

__all__ = ["HbotLedger"]
