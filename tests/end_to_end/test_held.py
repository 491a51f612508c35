"""Two alerts about money through everything that may happen to those who watch: over only when fresh proof says so.

One is of an end-of-day run, one of cycles. The exporter is killed and warms up while an exchange is down, the broker is
down too, Prometheus is killed for ten minutes (at the defaults), its target is removed and comes back at another
address; then both end.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from end_to_end.arrivals import CHAT, PAGER
from end_to_end.incident_stack import EQUITIES_BOT, PERPETUAL_BOT, Stack, stack
from end_to_end.world import until
from recon_exporter.demo.alpaca_server import Fault as BrokerFault
from recon_exporter.demo.exchange import Fault
from recon_exporter.demo.programs import LOOPBACK, free_port

if TYPE_CHECKING:
    from pathlib import Path

SCALE = float(os.environ.get("RECON_TIME_SCALE", "20"))
"""How much faster than at the defaults time runs."""

BREAKS, MISSING = "ReconciliationBreaks", "ReconciliationFillMissing"
BOTS = {EQUITIES_BOT: BREAKS, PERPETUAL_BOT: MISSING}
ALERTS = set(BOTS.items())
EVALUATIONS = 3
"""So many evaluations of the rules each state of affairs lasts."""

TOLD_BY = 180 / SCALE
"""After so long whatever groups of alerts have to tell is told: they wait two minutes at most."""

DEAD = 600 / SCALE
PATIENCE = 60.0
BREAKS_STAND = 1
"""The exit code of a run while breaks stand, also of one without a verdict."""


@dataclass(slots=True)
class Held:
    """The two alerts: since when they fire, of which everybody was told once and nobody was told more."""

    running: Stack
    since: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """One page about each."""
        self.running.books_differ()
        until(lambda: self.pages() == dict.fromkeys(BOTS, 1), "a page about each", PATIENCE + TOLD_BY)
        self.since = {bot: self.firing_since(bot) for bot in BOTS}

    def pages(self) -> dict[str, int]:
        """The notifications at the pager about each bot."""
        return {bot: len(self.running.arrivals.about(PAGER, bot)) for bot in BOTS}

    def is_true(self, query: str) -> bool:
        return bool(self.running.sandbox.ask(query))

    def firing_since(self, bot: str) -> str:
        """When the alert about this bot began to fire; empty where it does not."""
        labels = f'alertname="{BOTS[bot]}",bot="{bot}"'
        fires = f'ALERTS_FOR_STATE{{{labels}}} and on (alertname, bot) ALERTS{{{labels},alertstate="firing"}}'
        return next((str(found["value"][1]) for found in self.running.sandbox.ask(fires)), "")

    def stays(self, why: str) -> None:
        """Through some more evaluations neither alert ends, not even to begin anew."""
        evaluated = "count_over_time(ALERTS{alertname='Watchdog'}[1h])"
        before = self._number(evaluated)
        until(lambda: self._number(evaluated) >= before + EVALUATIONS, "some evaluations", PATIENCE)
        assert {bot: self.firing_since(bot) for bot in BOTS} == self.since, why

    def _number(self, query: str) -> float:
        return next((float(found["value"][1]) for found in self.running.sandbox.ask(query)), 0.0)

    def nobody_was_told(self) -> None:
        """Neither of an end, nor a second time of the beginning."""
        arrivals = self.running.arrivals
        assert self.pages() == dict.fromkeys(BOTS, 1)
        assert arrivals.ended(PAGER) == set()
        assert not arrivals.ended(CHAT) & ALERTS
        assert not self.all_clears()

    def all_clears(self) -> list[tuple[str, str, str]]:
        """The all-clears about either of them: where they came to, the bot, the alert."""
        arrivals = self.running.arrivals
        return sorted((path, *one) for path in (PAGER, CHAT) for one in arrivals.all_clears(path) if one in ALERTS)


def unjudged(bot: str, check: str) -> str:
    """Whether Prometheus has seen that this check has no verdict."""
    return f'recon_check_evaluated{{bot="{bot}",check="{check}"}} == 0'


def fresh(bot: str, check: str, since: float) -> str:
    """Whether Prometheus has seen a verdict of this check made since."""
    return f'recon_check_last_evaluated_timestamp_seconds{{bot="{bot}",check="{check}"}} > {since}'


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_money_alerts_are_held_until_fresh_proof_whatever_happens_to_who_watches(tmp_path: Path) -> None:
    with stack(tmp_path, SCALE) as running:
        held = Held(running)
        held.begin()

        exporter_dies_and_warms_up(held)
        nobody_can_judge(held)
        held.nobody_was_told()
        prometheus_dies(held)
        target_goes_and_comes_elsewhere(held)
        ends_once(held)


def exporter_dies_and_warms_up(held: Held) -> None:
    """Killed; then back beside an exchange that does not answer, so that the first cycles bring no verdict."""
    running, exporter = held.running, held.running.sandbox.exporter
    exporter.end(signal.SIGKILL)
    until(lambda: held.is_true('up{job="recon-exporter"} == 0'), "Prometheus notices", PATIENCE)
    held.stays("the exporter is dead")
    running.bitget.fail(Fault.UNAVAILABLE)
    exporter.start()
    until(lambda: held.is_true(unjudged(PERPETUAL_BOT, "fills")), "the fills without a verdict", 90)
    held.stays("the exporter is back and has no verdict")


def nobody_can_judge(held: Held) -> None:
    """The broker does not answer either: a run by hand has no verdict."""
    held.running.equities.server.fail(BrokerFault.UNAVAILABLE)
    assert held.running.reconcile() == BREAKS_STAND
    until(lambda: held.is_true(unjudged(EQUITIES_BOT, "eod")), "the day without a verdict", 90)
    held.stays("the venues are down")


def prometheus_dies(held: Held) -> None:
    """Killed for ten minutes: Alertmanager takes all for resolved by itself, and the pager hears nothing of it.

    When it is back nobody can judge yet: it knows of both alerts from what it wrote down.
    """
    sandbox, arrivals = held.running.sandbox, held.running.arrivals
    assert sandbox.prometheus is not None
    sandbox.prometheus.process.kill()
    sandbox.prometheus.process.wait()
    time.sleep(DEAD)
    until(lambda: arrivals.ended(CHAT) >= ALERTS, "the chat is told that nothing is reported any more", PATIENCE)
    assert (arrivals.ended(PAGER), held.all_clears()) == (set(), [])
    before = {"", *held.since.values()}
    back = time.time()  # noqa: TID251  # compared with times of real programs
    sandbox.start_prometheus()
    until(lambda: held.is_true(f'timestamp(up{{job="recon-exporter"}}) > {back}'), "Prometheus scrapes again", PATIENCE)
    until(lambda: all(held.firing_since(bot) not in before for bot in BOTS), "both fire again", PATIENCE)
    held.since = {bot: held.firing_since(bot) for bot in BOTS}
    held.stays("Prometheus is back")


def target_goes_and_comes_elsewhere(held: Held) -> None:
    """Prometheus has no target; then another one with the same state, which finds the break of fills again."""
    running, sandbox = held.running, held.running.sandbox
    sandbox.aim([])
    until(lambda: not held.is_true('up{job="recon-exporter"}'), "the target is gone", PATIENCE)
    held.stays("the target is removed")
    running.bitget.recover()
    running.equities.server.recover()
    recovered = time.time()  # noqa: TID251  # compared with times of real programs
    sandbox.exporter.end()
    sandbox.exporter.address = f"{LOOPBACK}:{free_port()}"
    sandbox.exporter.start()
    sandbox.aim([sandbox.exporter.address])
    until(lambda: held.is_true(fresh(PERPETUAL_BOT, "fills", recovered)), "a verdict from another address", 90)
    held.stays("the break is still there")


def ends_once(held: Held) -> None:
    """Both books agree: exactly one all-clear for each, at the pager and in the chat."""
    running = held.running
    running.books_agree()
    over = sorted((path, *one) for path in (PAGER, CHAT) for one in ALERTS)
    until(lambda: held.all_clears() == over, "the all-clears", PATIENCE + TOLD_BY)
    time.sleep(TOLD_BY)
    assert held.all_clears() == over
    assert running.arrivals.ended(PAGER) == set(), "the pager is never told that anything is merely not reported"
