"""Drills of the alerts on what bots keep of themselves: balances, drift, fees, and fills against events."""

from functools import partial

from recon_exporter.drills.fleet import Wrong, holding
from recon_exporter.drills.scene import Drill

DRILLS = (
    Drill(
        alert="ReconciliationInventoryDrift",
        severity="critical",
        happens="bot4 holds 95 % in the base asset and wants 30 %",
        repaired="bot4 is back at its target",
        scene=partial(
            Wrong,
            bot="bot4",
            sound={**holding("0.3"), "target_base_pct": "0.3"},
            wrong=holding("0.95"),
        ),
        labels={"bot": "bot4"},
    ),
)
