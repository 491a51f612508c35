"""From the configuration to both sides of each bot; nothing is opened before it is asked.

The adapters are imported where one is built: a bot that reads files needs no database and no venue's client.
"""

from recon_exporter.sources.accounts import Asking, askings
from recon_exporter.sources.both import Sources, sources, sources_of, unbounded
from recon_exporter.sources.connections import Connections
from recon_exporter.sources.none import NoVenue
from recon_exporter.sources.owners import Owner, owners
from recon_exporter.sources.terms import terms_for

__all__ = [
    "Asking",
    "Connections",
    "NoVenue",
    "Owner",
    "Sources",
    "askings",
    "owners",
    "sources",
    "sources_of",
    "terms_for",
    "unbounded",
]
