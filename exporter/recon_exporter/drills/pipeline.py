"""Drills of the alerts on the way from a rule to a person: rules that fail, and messages that nobody takes."""

from types import MappingProxyType
from typing import Any

from recon_exporter.demo.programs import LOOPBACK, free_port
from recon_exporter.drills.fleet import FleetScene, holding
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import CHAT, PAGER, Drill

GROUP = "recon-money"
MISTAKEN = {"record": "bot:mistaken", "expr": "recon_check_enabled * on (job) recon_check_enabled"}
"""Both sides have several series of one job: a valid expression that has no value."""


class Mistaken(FleetScene):
    """Somebody adds a rule to the rule file that is valid and cannot be evaluated, and takes it out again."""

    def happen(self) -> None:
        self.sandbox.change_rules(lambda document: _changed(document, [MISTAKEN]))

    def repair(self) -> None:
        self.sandbox.change_rules(lambda document: _changed(document, []))


class ChatBroken(FleetScene):
    """The chat refuses whatever comes, and there is something to be told."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._bot = self.fleet.bot("bot1")

    def happen(self) -> None:
        self.sandbox.receiver.broken = frozenset({CHAT})
        self._bot.columns = holding("0.95") | {"target_base_pct": "0.3"}
        self.keep()

    def repair(self) -> None:
        self.sandbox.receiver.broken = frozenset()
        self._bot.columns = {}
        self.keep()


class OneOfTwo(FleetScene):
    """Prometheus has two Alertmanagers to tell, and one of them is away."""

    def happen(self) -> None:
        self.sandbox.tell_also(f"{LOOPBACK}:{free_port()}")

    def repair(self) -> None:
        self.sandbox.tell_also()


def _changed(document: dict[str, Any], more: list[dict[str, str]]) -> dict[str, Any]:
    """The rule file with these rules at the end of one group, and without what was added before."""
    for group in document["groups"]:
        if group["name"] == GROUP:
            group["rules"] = [rule for rule in group["rules"] if rule != MISTAKEN] + more
    return document


DRILLS = (
    Drill(
        alert="ReconciliationRulesFailing",
        severity="critical",
        happens="a rule that is valid and cannot be evaluated comes into recon.rules.yml, and Prometheus loads it",
        repaired="the rule is taken out, and the file is loaded anew",
        scene=Mistaken,
        labels=MappingProxyType({"job": "prometheus"}),
    ),
    Drill(
        alert="ReconciliationNotificationsFailing",
        severity="warning",
        happens="the chat answers 500, and bot1 drifts",
        repaired="the chat answers 200",
        scene=ChatBroken,
        labels=MappingProxyType({"job": "alertmanager", "integration": "webhook"}),
        told_at=PAGER,
        variants=MappingProxyType(
            {
                "alertmanager": Drill(
                    alert="ReconciliationNotificationsFailing",
                    severity="warning",
                    happens="the second of two Alertmanagers has ended",
                    repaired="Prometheus is given the first alone",
                    scene=OneOfTwo,
                    labels=MappingProxyType({"job": "prometheus", "integration": "alertmanager"}),
                    told_at=PAGER,
                )
            }
        ),
    ),
)
