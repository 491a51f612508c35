"""Drills of the alerts on the exporter itself: dead, absent, stuck, blind or misconfigured."""

from recon_exporter.drills.scene import Drill

DRILLS: tuple[Drill, ...] = ()
