"""The place of one drill: a folder with the whole bundle, real programs on free ports, and receivers that remember.

It is laid out like the working directory of somebody who runs this program, so that the commands of a runbook work in
it as printed, but for the addresses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from recon_exporter import bundle
from recon_exporter.clock import SystemClock
from recon_exporter.demo.programs import (
    EXECUTABLES,
    RunningProgram,
    find,
    start_alertmanager,
    start_prometheus,
    stop_all,
)
from recon_exporter.demo.receiver import Receiver
from recon_exporter.drills.mailbox import Mailbox
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.service import Service
from recon_exporter.ports import Clock

WEBHOOK = "/webhook"
RULES, ROUTES, SCRAPES = "alerts/recon.rules.yml", "alerts/alertmanager.yml", "config/prometheus.yml"
RESEND_SECONDS = 60.0
"""How often Prometheus tells Alertmanager of what still fires, unless told otherwise."""

CYCLE, SNAPSHOT, SETTLE = "60s", "120s", "60s"


class Missing(Exception):
    """A program that carries an alert is not installed; ``str()`` says which."""


def missing_programs() -> str:
    """Which programs are not there, and where they come from; empty where a drill has all that it needs."""
    missing = [name for name in EXECUTABLES if find(name) is None]
    if not missing:
        return ""
    searched = ", ".join(" or ".join(EXECUTABLES[name]) for name in missing)
    return (
        f"{' and '.join(missing)} not found (looked for {searched} in PATH): an alert would reach nobody. "
        "Install both: apt-get install prometheus prometheus-alertmanager, or from https://prometheus.io/download/"
    )


@dataclass(slots=True)
class Sandbox:
    """One drill's own folder, ports, programs and receivers; ``stop`` ends all of it."""

    folder: Path
    pace: Pace
    clock: Clock = field(default_factory=SystemClock)
    mailbox: Mailbox = field(default_factory=Mailbox)
    exporter: Service = field(init=False)
    receiver: Receiver = field(init=False)
    is_cancelled: Callable[[], bool] = lambda: False
    prometheus: RunningProgram | None = None
    alertmanager: RunningProgram | None = None
    _targets: Sequence[str] = ()
    _more_alertmanagers: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.exporter = Service(self.folder)
        self.receiver = Receiver(self.mailbox.put)
        self.receiver.start()

    def unpack(self) -> None:
        """Write the whole bundle, its waits divided and its addresses those of this sandbox."""
        bundle.export(self.folder, runbook_url=f"{self.exporter.url}/runbooks")
        self._rewrite(RULES, self.pace.rules)
        self._rewrite(ROUTES, self._routes)

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Write recon.yml: what the drill wants, over intervals that are divided."""
        usual: dict[str, Any] = {
            "web": {"listen_address": self.exporter.address, "external_url": self.exporter.url},
            "schedule": {"cycle": self.pace.span(CYCLE), "snapshot": self.pace.span(SNAPSHOT)},
            "confirm": {"settle": self.pace.span(SETTLE)},
        }
        merged = usual | {
            name: {**usual.get(name, {}), **section} if isinstance(section, Mapping) else section
            for name, section in configuration.items()
        }
        path = self.folder / "config" / "recon.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(merged, sort_keys=False))

    @property
    def webhook(self) -> str:
        """An address that takes the exporter's own reports."""
        return self.receiver.url + WEBHOOK

    def start_watchers(self) -> None:
        """Start Alertmanager and Prometheus. Raises Missing, and ProgramFailed where one does not come up."""
        executable = find("Alertmanager")
        if executable is None or find("Prometheus") is None:
            raise Missing(missing_programs())
        self.alertmanager = start_alertmanager(
            executable, self.folder / ROUTES, self.folder / "watchers", cancelled=self.is_cancelled
        )
        self.start_prometheus()

    def start_prometheus(self, targets: Sequence[str] | None = None) -> None:
        """Start Prometheus, also once more over what it has recorded; ``targets`` take the place of the exporter."""
        executable = find("Prometheus")
        if executable is None or self.alertmanager is None:
            raise Missing(missing_programs() or "Alertmanager does not run, so Prometheus could tell nobody")
        self._targets = [self.exporter.address] if targets is None else targets
        resend = f"--rules.alert.resend-delay={self.pace.seconds(RESEND_SECONDS):g}s"
        options = (resend, "--web.enable-lifecycle")
        self.prometheus = start_prometheus(
            executable,
            self.folder / SCRAPES,
            self.folder / "watchers",
            *options,
            cancelled=self.is_cancelled,
            configure=lambda url: self._rewrite(SCRAPES, lambda document: self._scrapes(document, [_address(url)])),
        )

    def aim(self, targets: Sequence[str]) -> None:
        """Let Prometheus scrape these addresses; where it runs, from now on."""
        self._targets = targets
        self._configure_prometheus()

    def tell_also(self, *addresses: str) -> None:
        """Let Prometheus tell these beside its Alertmanager, from now on."""
        self._more_alertmanagers = addresses
        self._configure_prometheus()

    def change_rules(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Edit the rule file, and let Prometheus load it."""
        self._rewrite(RULES, change)
        self._configure_prometheus()

    def _configure_prometheus(self) -> None:
        if self.prometheus is not None and self.prometheus.process.poll() is None:
            addresses = _addresses(self.prometheus)
            self._rewrite(SCRAPES, lambda document: self._scrapes(document, addresses))
            requests.post(f"{self.prometheus.url}/-/reload", timeout=10).raise_for_status()

    def stop_prometheus(self) -> None:
        """End Prometheus alone."""
        if self.prometheus is not None:
            self.prometheus.stop()

    def stop(self) -> None:
        """End everything that was started."""
        self.exporter.end()
        stop_all(program for program in (self.prometheus, self.alertmanager) if program is not None)
        self.receiver.stop()

    def ask(self, query: str) -> list[Any]:
        """What Prometheus answers to an instant query; nothing while it does not answer."""
        if self.prometheus is None:
            return []
        try:
            url = f"{self.prometheus.url}/api/v1/query"
            answer = requests.get(url, params={"query": query}, timeout=5).json()
        except requests.RequestException:
            return []
        found: list[Any] = answer.get("data", {}).get("result", [])
        return found

    def held_alerts(self) -> list[Mapping[str, str]]:
        """The labels of each alert that Alertmanager takes for active, silenced or not."""
        if self.alertmanager is None:
            return []
        try:
            alerts = requests.get(f"{self.alertmanager.url}/api/v2/alerts", timeout=5).json()
        except requests.RequestException:
            return []
        return [alert["labels"] for alert in alerts]

    def _rewrite(self, name: str, change: Any) -> None:  # noqa: ANN401  # from one YAML document to another
        path = self.folder / name
        path.write_text(yaml.safe_dump(change(yaml.safe_load(path.read_text())), sort_keys=False))

    def _routes(self, document: dict[str, Any]) -> dict[str, Any]:
        for receiver in document["receivers"]:
            for webhook in receiver["webhook_configs"]:
                webhook["url"] = self.receiver.url + "/" + webhook["url"].rpartition("/")[2]
        return {**document, "route": self.pace.routes(document["route"])}

    def _scrapes(self, document: dict[str, Any], prometheus: Sequence[str]) -> dict[str, Any]:
        alertmanager = _addresses(self.alertmanager)
        targets = {"recon-exporter": self._targets, "prometheus": prometheus, "alertmanager": alertmanager}
        for job in document["scrape_configs"]:
            job["static_configs"] = [{"targets": list(targets[job["job_name"]])}]
        managers = [*alertmanager, *self._more_alertmanagers]
        document["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": managers}]}]}
        return {**document, "global": self.pace.intervals(document["global"])}


def _addresses(program: RunningProgram | None) -> list[str]:
    """Where it listens, if it does."""
    return [] if program is None or program.process.poll() is not None else [_address(program.url)]


def _address(url: str) -> str:
    return url.removeprefix("http://")
