"""Any exchange that ccxt knows, asked through calls that only read.

What an exchange does unlike the others stands in a file of its own in ``quirks``, named after it; ``docs/venues.md``
tells how to add one.
"""

from recon_exporter.venues.ccxt.access import CcxtAccess, CcxtLimits, CcxtScope
from recon_exporter.venues.ccxt.markets import Markets
from recon_exporter.venues.ccxt.turn import Turn
from recon_exporter.venues.ccxt.venue import CcxtVenue

__all__ = ["CcxtAccess", "CcxtLimits", "CcxtScope", "CcxtVenue", "Markets", "Turn"]
