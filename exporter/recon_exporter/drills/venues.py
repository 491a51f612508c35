"""Drills of the alerts on exchanges: keys, clocks, answers and the snapshot."""

from recon_exporter.drills.scene import Drill

DRILLS: tuple[Drill, ...] = ()
