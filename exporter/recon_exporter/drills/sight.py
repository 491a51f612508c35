"""Drills of the alerts on what nobody can see: bots, books and checks without a verdict."""

from recon_exporter.drills.scene import Drill

DRILLS: tuple[Drill, ...] = ()
