"""From the configuration to the parts of end-of-day runs: how both books of each bot are judged, and when."""

from recon_exporter.eod_parts.plans import Plan, plans, plans_and_others, unscheduled
from recon_exporter.eod_parts.subjects import halt_policy, subjects, terms_of

__all__ = ["Plan", "halt_policy", "plans", "plans_and_others", "subjects", "terms_of", "unscheduled"]
