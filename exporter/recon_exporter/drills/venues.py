"""Drills of the alerts on exchanges: keys, clocks, answers and the snapshot."""

from functools import partial
from types import MappingProxyType

from recon_exporter.domain.probe import Permission
from recon_exporter.drills.accounts import Ahead, Away, Hanging, Powerful, Replaced
from recon_exporter.drills.fleet import FleetScene, Values
from recon_exporter.drills.scene import Drill

LONGEST_AGE = "10s"
VENUE = MappingProxyType({"venue": "bitget"})
OWNER = MappingProxyType({"bot": "bot1"})


class ServiceStopped(FleetScene):
    """The program that writes the exchange snapshot has stopped, and the file grows old."""

    def prepare(self) -> Values:
        return {**super().prepare(), "freshness": {"snapshot": LONGEST_AGE}}

    def happen(self) -> None:
        self.fleet.is_snapshot_written = False

    def repair(self) -> None:
        self.fleet.is_snapshot_written = True
        self.keep()


DRILLS = (
    Drill(
        alert="ReconciliationVenueUnreachable",
        severity="warning",
        happens="the exchange answers no longer",
        repaired="the exchange answers again",
        scene=Away,
        labels=VENUE,
    ),
    Drill(
        alert="ReconciliationCredentialsRefused",
        severity="warning",
        happens="the key of bot2 was replaced at the exchange, and the exporter has the old one",
        repaired="the exporter is started with the new key",
        scene=partial(Replaced, bot="bot2"),
        labels=VENUE,
    ),
    Drill(
        alert="ReconciliationCredentialsTooPowerful",
        severity="warning",
        happens="the key of bot1 is given the right to trade",
        repaired="the right is taken away",
        scene=partial(Powerful, bot="bot1"),
        labels=OWNER,
        variants=MappingProxyType(
            {
                Permission.WITHDRAW.value: Drill(
                    alert="ReconciliationCredentialsTooPowerful",
                    severity="critical",
                    happens="the key of bot1 is given the right to withdraw",
                    repaired="the right is taken away",
                    scene=partial(Powerful, bot="bot1", withdraws=True),
                    labels=OWNER,
                )
            }
        ),
    ),
    Drill(
        alert="ReconciliationVenueClockSkew",
        severity="warning",
        happens="the clock of the exchange is 12 seconds ahead",
        repaired="the clocks agree again",
        scene=Ahead,
        labels=VENUE,
    ),
    Drill(
        alert="ReconciliationSnapshotStale",
        severity="warning",
        happens="the program that writes the exchange snapshot has stopped",
        repaired="it runs again",
        scene=ServiceStopped,
        variants=MappingProxyType(
            {
                "hanging": Drill(
                    alert="ReconciliationSnapshotStale",
                    severity="warning",
                    happens="the exchange takes requests and does not answer, so the exporter's snapshot is never done",
                    repaired="the exchange answers again",
                    scene=Hanging,
                )
            }
        ),
    ),
)
