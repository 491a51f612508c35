"""Drills of the alerts on the end-of-day run: its breaks, halts, policy and audit log."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from recon_exporter.drills.books import HELD, Books, Execution, Incident, Position
from recon_exporter.drills.runs import (
    Accepted,
    Deaf,
    Missed,
    Tampered,
    Undelivered,
    Unscheduled,
    WrongAccount,
)
from recon_exporter.drills.scene import Drill

BREAKS = "ReconciliationBreaks"
BOOKED = "the owner corrects the books, a run finds nothing, the halt is cleared"
FOUND_AND_CORRECTED = "the owner corrects the books, and a run finds nothing"


def broken(break_type: str, happens: str, incident: Incident, repaired: str = BOOKED) -> Drill:
    """The drill of a break of this type."""
    return Drill(
        alert=BREAKS,
        severity="critical",
        happens=happens,
        repaired=repaired,
        scene=partial(Books, bot="swing1", incident=incident),
        labels={"bot": "swing1", "break_type": break_type},
    )


SOLD = Incident(
    statement={"SPY": Position(80, 500)},
    executed=(Execution("swing-1", "SPY", "sell", 20, 505),),
)
BY_HAND = Incident(
    statement={"NVDA": Position(5, 900)},
    executed=(Execution("web-1", "NVDA", "buy", 5, 900),),
)
PHANTOM = Incident(books={"TSLA": Position(10, 250)})
MISPRICED = Incident(books={"QQQ": Position(10, 440)})
UNWRITTEN = Incident(books={"AAPL": replace(HELD["AAPL"], written_ago=timedelta(days=3))})
LIQUIDATED = Incident(
    statement={"MSFT": None},
    executed=(Execution("broker-1", "MSFT", "sell", 50, 390),),
)
EMPTIED = Incident(statement=dict.fromkeys(("AAPL", "MSFT", "QQQ")))

TYPES = {
    "MISSING_AT_BROKER": broken(
        "MISSING_AT_BROKER", "the books hold TSLA, of which the broker has never heard", PHANTOM
    ),
    "MISSING_IN_DB": broken("MISSING_IN_DB", "somebody buys NVDA by hand, and the books do not know", BY_HAND),
    "QUANTITY_MISMATCH": broken("QUANTITY_MISMATCH", "20 of 100 SPY are sold, and the bot never hears of it", SOLD),
    "PRICE_MISMATCH": broken(
        "PRICE_MISMATCH", "QQQ is booked at 440 and was bought at 400", MISPRICED, FOUND_AND_CORRECTED
    ),
    "STALE_POSITION": broken(
        "STALE_POSITION", "the bot has not written AAPL for three days", UNWRITTEN, FOUND_AND_CORRECTED
    ),
}

DRILLS = (
    replace(TYPES["MISSING_IN_DB"], variants=MappingProxyType(TYPES)),
    Drill(
        alert="ReconciliationExposureMaterial",
        severity="critical",
        happens="the broker has sold MSFT worth 20000 USD, and the books still hold it",
        repaired=BOOKED,
        scene=partial(Books, bot="swing3", incident=LIQUIDATED),
        labels={"bot": "swing3"},
    ),
    Drill(
        alert="ReconciliationPositionsMissing",
        severity="critical",
        happens="the broker's statement lacks three of four positions",
        repaired=BOOKED,
        scene=partial(Books, bot="swing4", incident=EMPTIED),
        labels={"bot": "swing4"},
    ),
    Drill(
        alert="ReconciliationTradingHalted",
        severity="critical",
        happens="20 of 100 SPY are sold, and the bot never hears of it",
        repaired=BOOKED,
        scene=partial(Books, bot="swing5", incident=SOLD),
        labels={"bot": "swing5"},
    ),
    Drill(
        alert="ReconciliationHaltActionFailed",
        severity="critical",
        happens="a run asks for a halt, and the folder through which the bot is told to stop is gone",
        repaired="the folder is back, the books are corrected, the halt is cleared",
        scene=partial(Deaf, bot="swing6", incident=SOLD),
        labels={"bot": "swing6"},
    ),
    Drill(
        alert="ReconciliationBreakAgeing",
        severity="critical",
        happens="a difference that was found eight days ago, and accepted, has grown",
        repaired=FOUND_AND_CORRECTED,
        scene=partial(Accepted, bot="swing2"),
        labels={"bot": "swing2"},
    ),
    Drill(
        alert="ReconciliationEodRunMissed",
        severity="critical",
        happens="the run is due, and the broker has delivered no statement",
        repaired="the statement is delivered, and a run finds nothing",
        scene=partial(Missed, bot="swing7"),
        labels={"bot": "swing7"},
    ),
    Drill(
        alert="ReconciliationEodUnverified",
        severity="warning",
        happens="the broker's statement is not there, and a run has no verdict",
        repaired="the statement is delivered, and a run finds nothing",
        scene=partial(Undelivered, bot="swing7"),
        labels={"bot": "swing7"},
        variants=MappingProxyType(
            {
                "mass_break": Drill(
                    alert="ReconciliationEodUnverified",
                    severity="critical",
                    happens="the statement is that of another account: 60 positions are gone at once",
                    repaired="the right statement is delivered, and a run finds nothing",
                    scene=partial(WrongAccount, bot="swing7"),
                    labels={"bot": "swing7"},
                )
            }
        ),
    ),
    Drill(
        alert="ReconciliationEodNotConfigured",
        severity="info",
        happens="bot1 is added to the configuration, and nobody thinks of its end-of-day run",
        repaired="bot1 gets a section eod, and the configuration is loaded anew",
        scene=partial(Unscheduled, bot="bot1"),
        labels={"bot": "bot1"},
    ),
    Drill(
        alert="ReconciliationAuditChainBroken",
        severity="critical",
        happens="somebody rewrites why a break was opened, in the database of the state",
        repaired="the database is as it was, and the exporter is started anew",
        scene=partial(Tampered, bot="swing1"),
    ),
)
