"""From the configuration to the parts of end-of-day runs: both books of each bot, how they are judged, and when."""

from recon_exporter.eod_parts.owners import owners
from recon_exporter.eod_parts.plans import Plan, plans, plans_and_others, unscheduled
from recon_exporter.eod_parts.sources import NoVenue, Sources, sources
from recon_exporter.eod_parts.subjects import halt_policy, subjects, terms_of

__all__ = [
    "NoVenue",
    "Plan",
    "Sources",
    "halt_policy",
    "owners",
    "plans",
    "plans_and_others",
    "sources",
    "subjects",
    "terms_of",
    "unscheduled",
]
