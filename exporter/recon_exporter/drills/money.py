"""Drills of the alerts on what bots keep of themselves: balances, drift, fees, and fills against events."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from recon_exporter.drills.another_day import PROGRAM, MovableClock
from recon_exporter.drills.fleet import FleetScene, Values, Wrong, holding
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import Drill

GRACE = timedelta(minutes=2)
"""For so long a fill may lack its event."""

LOOK_SECONDS = 0.2
FIRES = 'ALERTS{alertname="ReconciliationInventoryDrift",severity="critical",alertstate="firing"}'


class Step(Wrong):
    """What is wrong lies between two rows: it is told until its UTC day ends, also when the rows after it are sound."""

    def __init__(self, sandbox: Sandbox, bot: str, wrong: Values, **others: Values) -> None:
        super().__init__(sandbox, bot, wrong, **others)
        self._clock = MovableClock(sandbox.folder / "clock")
        sandbox.clock = self._clock
        sandbox.exporter.program = (*PROGRAM, str(self._clock.file))

    def repair(self) -> None:
        self._clock.begin_next_day()
        super().repair()


class TradedByHand(FleetScene):
    """Somebody trades on a bot's account behind its back."""

    def prepare(self) -> Mapping[str, Any]:
        self.bot = self.fleet.bot("bot1")
        self.bot.columns = {**holding("0.4"), "target_base_pct": "0.55"}
        return super().prepare()

    def happen(self) -> None:
        self.bot.account = holding("0.75")
        self.keep()

    def repair(self) -> None:
        self.bot.columns |= holding("0.75")
        self.keep()


class WithoutEvents(FleetScene):
    """Fills that a bot books and of which the producer of events says nothing for longer than it may."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox, "bot3", "bot12")
        self._untold: list[Mapping[str, object]] = []

    def prepare(self) -> Mapping[str, Any]:
        while self._booked_at().date() != self.sandbox.clock.now().date():
            self.sandbox.clock.wait(timedelta(seconds=1))
        return super().prepare()

    def happen(self) -> None:
        self._untold = [self.fleet.fill("bot3", self._booked_at(), with_event=False) for _ in range(3)]
        self.keep()

    def repair(self) -> None:
        for row in self._untold:
            self.fleet.tell_of("bot3", row)
        self.keep()

    def _booked_at(self) -> datetime:
        return self.sandbox.clock.now() - 2 * GRACE


class Ending(Wrong):
    """A bot that was off its target, with an incident about it, returns to it."""

    def begun(self) -> None:
        super().happen()
        told = {"bot": self._bot.name, "summary": "inventory off target", "owner": "on-call", "eta": "2h"}
        self.sandbox.exporter.command("incident", "open", *(f"--{name}={value}" for name, value in told.items()))
        ends_at = time.monotonic() + 60
        while not self.sandbox.ask(FIRES) and time.monotonic() < ends_at:
            time.sleep(LOOK_SECONDS)

    def happen(self) -> None:
        super().repair()

    def repair(self) -> None:
        """Nothing is wrong any longer."""


def fees(paid: str, turnover: str = "0.1") -> dict[str, Decimal]:
    """The columns of a row with these counters of the day."""
    return {"fees_paid_today_quote": Decimal(paid), "turnover_today_x": Decimal(turnover)}


DOUBLED = {"equity_quote": Decimal(20000), "base_balance": Decimal("0.2"), "quote_balance": Decimal(10000)}
OFF_TARGET: Mapping[str, Any] = {"wrong": holding("0.95"), "sound": {**holding("0.3"), "target_base_pct": "0.3"}}

DRILLS = (
    Drill(
        alert="ReconciliationBalanceBroken",
        severity="critical",
        happens="bot1 adds 1 500 to its quote balance and nothing to its equity",
        repaired="its owner corrects the accounting from the venue's balances",
        scene=partial(Wrong, bot="bot1", wrong={"quote_balance": Decimal(6500)}),
        labels=MappingProxyType({"bot": "bot1"}),
        variants=MappingProxyType(
            {
                "equity_discontinuity": Drill(
                    alert="ReconciliationBalanceBroken",
                    severity="critical",
                    happens="equity and balances of bot1 double from one row to the next",
                    repaired="the owner notes the deposit, and the UTC day ends",
                    scene=partial(Step, bot="bot1", wrong=DOUBLED, mended=DOUBLED),
                    labels=MappingProxyType({"bot": "bot1"}),
                )
            }
        ),
    ),
    Drill(
        alert="ReconciliationInventoryDrift",
        severity="critical",
        happens="bot4 holds 95 % in the base asset and wants 30 %",
        repaired="bot4 is back at its target",
        scene=partial(Wrong, bot="bot4", **OFF_TARGET),
        labels=MappingProxyType({"bot": "bot4"}),
    ),
    Drill(
        alert="ReconciliationExchangeDrift",
        severity="critical",
        happens="somebody buys on the account of bot1 by hand: 75 % is in the base asset, and 40 % in its books",
        repaired="its owner books the purchase",
        scene=TradedByHand,
        labels=MappingProxyType({"bot": "bot1"}),
    ),
    Drill(
        alert="ReconciliationFillParityBroken",
        severity="warning",
        happens="bot3 books three fills, and no event tells of them",
        repaired="the producer of events runs again and makes up for them",
        scene=WithoutEvents,
        labels=MappingProxyType({"bot": "bot3"}),
    ),
    Drill(
        alert="ReconciliationFeesNegative",
        severity="critical",
        happens="bot5 is paid for a fill, and its schedule knows no rebate",
        repaired="its owner corrects the fee schedule: makers are paid",
        scene=partial(
            Wrong,
            bot="bot5",
            sound=fees("0"),
            wrong=fees("-0.04"),
            mended={**fees("-0.04"), "maker_fee_pct": Decimal("-0.001")},
            fill={"amount_base": Decimal("0.0008"), "fee_quote": Decimal("-0.04")},
        ),
        labels=MappingProxyType({"bot": "bot5"}),
    ),
    Drill(
        alert="ReconciliationFeeCounterDecreased",
        severity="critical",
        happens="the fees that bot6 has paid today fall from 1.5 to 0.5",
        repaired="its owner restores the day's state, and the UTC day ends",
        scene=partial(Step, bot="bot6", sound=fees("1.5"), wrong=fees("0.5"), mended=fees("0.1", "0.01")),
        labels=MappingProxyType({"bot": "bot6"}),
    ),
    Drill(
        alert="ReconciliationTurnoverWithoutFees",
        severity="warning",
        happens="bot7 trades a tenth of its equity and books no fee",
        repaired="its owner corrects the fee profile, and the UTC day ends",
        scene=partial(
            Step,
            bot="bot7",
            sound=fees("1"),
            wrong=fees("1", "0.2"),
            mended=fees("0.1", "0.01"),
            fill={"amount_base": Decimal("0.02"), "fee_quote": Decimal(0)},
        ),
        labels=MappingProxyType({"bot": "bot7"}),
    ),
    Drill(
        alert="ReconciliationFeeRateOutOfBand",
        severity="warning",
        happens="bot8 pays ten times the fee of its schedule",
        repaired="its owner corrects the fee profile: the tier is another one",
        scene=partial(
            Wrong,
            bot="bot8",
            sound=fees("1"),
            wrong=fees("100", "1"),
            mended={**fees("100", "1"), "taker_fee_pct": Decimal("0.01")},
            fill={"amount_base": Decimal("0.18"), "fee_quote": Decimal(99), "is_maker": False},
        ),
        labels=MappingProxyType({"bot": "bot8"}),
    ),
    Drill(
        alert="ReconciliationCleared",
        severity="info",
        happens="bot1 was off its target and is back at it",
        repaired="nothing: the message ends by itself",
        scene=partial(Ending, bot="bot1", **OFF_TARGET),
        labels=MappingProxyType({"bot": "bot1", "cleared": "ReconciliationInventoryDrift"}),
    ),
)
