"""The drill of every alert, by its name."""

from collections.abc import Mapping
from types import MappingProxyType

from recon_exporter.drills import both_sides, end_of_day, exporter, money, pipeline, sight, venues
from recon_exporter.drills.scene import Drill

DRILLS: Mapping[str, Drill] = MappingProxyType(
    {
        drill.alert: drill
        for module in (money, both_sides, end_of_day, sight, venues, exporter, pipeline)
        for drill in module.DRILLS
    }
)
