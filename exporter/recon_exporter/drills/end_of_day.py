"""Drills of the alerts on the end-of-day run: its breaks, halts, policy and audit log."""

from recon_exporter.drills.scene import Drill

DRILLS: tuple[Drill, ...] = ()
