"""Scenes in which what the exporter and Prometheus have to say does not reach anybody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from recon_exporter.demo.programs import LOOPBACK, free_port
from recon_exporter.drills.fleet import FleetScene, Values, holding
from recon_exporter.drills.impostor import Impostor
from recon_exporter.drills.pace import WINDOW_SECONDS
from recon_exporter.drills.sandbox import ROUTES, Sandbox
from recon_exporter.drills.scene import SWITCH, Drill
from recon_exporter.drills.service import end, spawn

if TYPE_CHECKING:
    import subprocess

BROKEN, SOUND = 500, 200
TOLD, MEMORY = "told.txt", "deadman.json"
MISSING, BACK = "NO WATCHDOG", "The Watchdog is back"
GRACE = 300.0
"""How long `recon-exporter deadman` waits for the next sign of life, unless told otherwise."""


class Undelivered(FleetScene):
    """The receiver of reports has a fault, and there is always something new to be told."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._receiver = Impostor(status=BROKEN)
        self._bot = self.fleet.bot("bot1")
        self._has_happened = False

    def prepare(self) -> Values:
        return {**super().prepare(), "webhook": {"url": f"{self._receiver.url}/reports"}}

    def happen(self) -> None:
        self._has_happened = True
        self.keep()

    def keep(self) -> None:
        if self._has_happened:
            drifted = holding("0.95") | {"target_base_pct": "0.3"}
            self._bot.columns = {} if self._bot.columns else drifted
        super().keep()

    def repair(self) -> None:
        self._receiver.status = SOUND

    def close(self) -> None:
        self._receiver.stop()


class Unheard(FleetScene):
    """Prometheus stops, which nobody else can tell than `recon-exporter deadman`, and is started again."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._address = f"{LOOPBACK}:{free_port()}"
        self._switch: subprocess.Popen[bytes] | None = None

    def prepare(self) -> Values:
        path = self.sandbox.folder / ROUTES
        path.write_text(yaml.safe_dump(self._routed(yaml.safe_load(path.read_text())), sort_keys=False))
        return super().prepare()

    def begun(self) -> None:
        after = f"{self.sandbox.pace.seconds(GRACE, WINDOW_SECONDS):g}s"
        options = ("--listen", self._address, "--after", after, "--state", MEMORY, "--run", f"tee -a {TOLD}")
        self._switch = spawn(self.sandbox.folder, ("deadman", *options), {}, self.sandbox.folder / "deadman.log")

    def happen(self) -> None:
        self.sandbox.stop_prometheus()

    def repair(self) -> None:
        if not self.sandbox.ask("vector(1)"):
            self.sandbox.start_prometheus()

    def close(self) -> None:
        if self._switch is not None:
            end(self._switch)

    def _routed(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        for receiver in document["receivers"]:
            for webhook in receiver["webhook_configs"]:
                if webhook["url"].endswith(SWITCH):
                    webhook["url"] = f"http://{self._address}{SWITCH}"
        return document


@dataclass(frozen=True, slots=True)
class SwitchDrill(Drill):
    """An alert that says something by staying away: delivered when the switch tells, over when it tells the end."""

    def stands(self, sandbox: Sandbox) -> bool:
        return self.is_delivered(sandbox) or not _was_seen(sandbox)

    def is_delivered(self, sandbox: Sandbox) -> bool:
        return MISSING in self.heard(sandbox)

    def heard(self, sandbox: Sandbox) -> str:
        path = sandbox.folder / TOLD
        return path.read_text().strip().rpartition("\n")[2] if path.exists() else ""

    def is_resolved(self, sandbox: Sandbox) -> bool:
        return BACK in self.heard(sandbox)


def _was_seen(sandbox: Sandbox) -> bool:
    """Whether the switch has had a sign of life, whose absence is then worth telling."""
    memory = sandbox.folder / MEMORY
    return memory.exists() and json.loads(memory.read_text())["last_seen"] is not None
