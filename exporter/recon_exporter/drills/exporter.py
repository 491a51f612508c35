"""Drills of the alerts on the exporter itself: dead, absent, stuck, blind or misconfigured."""

from functools import partial

from recon_exporter.drills.outages import (
    CONFIGURATION,
    THRESHOLDS,
    Asleep,
    HeldUp,
    Killed,
    Locked,
    Misconfigured,
    NoRoom,
    NotAsked,
    NoTemporaryFiles,
    PortTaken,
)
from recon_exporter.drills.scene import Drill
from recon_exporter.drills.telling import SwitchDrill, Undelivered, Unheard

JOB = {"job": "recon-exporter"}

GONE = (
    Drill(
        alert="ReconciliationExporterDown",
        severity="critical",
        happens="the exporter is killed",
        repaired="the exporter is started again",
        scene=Killed,
        labels=JOB,
    ),
    Drill(
        alert="ReconciliationExporterAbsent",
        severity="critical",
        happens="Prometheus loads a file in which the exporter is no target",
        repaired="the exporter is a target again",
        scene=NotAsked,
        labels=JOB,
        variants={
            "another_program": Drill(
                alert="ReconciliationExporterAbsent",
                severity="critical",
                happens="the exporter ends, and another program takes its port",
                repaired="the other program ends, the exporter is started",
                scene=PortTaken,
                labels=JOB,
            )
        },
    ),
)

CYCLES = (
    Drill(
        alert="ReconciliationCycleStale",
        severity="critical",
        happens="another program opens the state for writing and does not let go",
        repaired="the other program ends",
        scene=Locked,
        labels=JOB,
    ),
    Drill(
        alert="ReconciliationCycleFailing",
        severity="warning",
        happens="the disk of the state is full, by turns",
        repaired="there is room for good",
        scene=NoRoom,
        labels={**JOB, "reason": "state"},
    ),
    Drill(
        alert="ReconciliationCycleMissed",
        severity="warning",
        happens="the machine sleeps for four intervals",
        repaired="the machine stays awake",
        scene=Asleep,
        labels=JOB,
        variants={
            "overrun": Drill(
                alert="ReconciliationCycleMissed",
                severity="warning",
                happens="a cycle waits four intervals for the state, which another program has open",
                repaired="the other program has ended",
                scene=HeldUp,
                labels=JOB,
            )
        },
    ),
    Drill(
        alert="ReconciliationCanaryMissed",
        severity="critical",
        happens="the folder for temporary files is removed under the running exporter",
        repaired="the folder is there again",
        scene=NoTemporaryFiles,
        labels={**JOB, "run": "cycle"},
    ),
)

DRILLS = (
    *GONE,
    *CYCLES,
    Drill(
        alert="ReconciliationDeliveryFailing",
        severity="warning",
        happens="the receiver of reports answers 500, and bot1 drifts",
        repaired="the receiver answers 200",
        scene=Undelivered,
        labels={**JOB, "sink": "webhook"},
    ),
    Drill(
        alert="ReconciliationConfigReloadFailed",
        severity="warning",
        happens="a key with a typing error comes into recon.yml, and the exporter is told to reload",
        repaired="the last good recon.yml is put back and loaded",
        scene=partial(Misconfigured, name=CONFIGURATION, wrong="shedule: {cycle: 60s}\n", is_signalled=True),
        labels=JOB,
        variants={
            "thresholds": Drill(
                alert="ReconciliationConfigReloadFailed",
                severity="warning",
                happens="the thresholds file is saved with a brace too many",
                repaired="the last good thresholds file is put back",
                scene=partial(Misconfigured, name=THRESHOLDS, wrong="}\n", is_signalled=False),
                labels=JOB,
            )
        },
    ),
    SwitchDrill(
        alert="Watchdog",
        severity="none",
        happens="Prometheus stops, so that nobody is told of anything",
        repaired="Prometheus is started again",
        scene=Unheard,
    ),
)
