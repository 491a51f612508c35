"""Drills of the alerts on fills, positions and balances that books and venue do not share during the day."""

from recon_exporter.drills.scene import Drill

DRILLS: tuple[Drill, ...] = ()
