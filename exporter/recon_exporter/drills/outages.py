"""Scenes in which the exporter itself is gone, asleep, held up or misled, while its fleet trades on."""

import resource
import signal
import sqlite3
from threading import Event, Thread

from recon_exporter.demo.programs import LOOPBACK
from recon_exporter.drills.fleet import FleetScene, Values
from recon_exporter.drills.impostor import Impostor
from recon_exporter.drills.sandbox import Missing, Sandbox

STATE = ".state/recon.db"
CONFIGURATION, THRESHOLDS = "config/recon.yml", "config/reconciliation_thresholds.json"
SLEEP_INTERVALS = 4.0
REFUSED_SECONDS, ALLOWED_SECONDS = 4.0, 2.0
PATIENCE_SECONDS = 30.0


class Killed(FleetScene):
    """The exporter dies, and somebody starts it again."""

    def happen(self) -> None:
        self.sandbox.exporter.end(signal.SIGKILL)

    def repair(self) -> None:
        self.sandbox.exporter.start()


class NotAsked(FleetScene):
    """Prometheus was given a file without the exporter."""

    def happen(self) -> None:
        self.sandbox.aim([])

    def repair(self) -> None:
        self.sandbox.aim([self.sandbox.exporter.address])


class PortTaken(FleetScene):
    """The exporter has ended, and another program got its port."""

    _impostor: Impostor | None = None

    def happen(self) -> None:
        self.sandbox.exporter.end()
        self._impostor = Impostor(LOOPBACK, int(self.sandbox.exporter.address.rpartition(":")[2]))

    def repair(self) -> None:
        self.close()
        self.sandbox.exporter.start()

    def close(self) -> None:
        if self._impostor is not None:
            self._impostor.stop()
            self._impostor = None


class Locked(FleetScene):
    """Another program opens the file of the state for writing and does not let go."""

    _holder: sqlite3.Connection | None = None

    def happen(self) -> None:
        self._holder = sqlite3.connect(
            self.sandbox.folder / STATE, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._holder.execute("BEGIN IMMEDIATE")

    def repair(self) -> None:
        self.close()

    def close(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None


class Asleep(FleetScene):
    """The machine sleeps for some intervals; the exporter is stopped for so long, and goes on."""

    def happen(self) -> None:
        self.sandbox.exporter.send(signal.SIGSTOP)
        Event().wait(SLEEP_INTERVALS * self.sandbox.pace.seconds(60.0))
        self.repair()

    def repair(self) -> None:
        self.sandbox.exporter.send(signal.SIGCONT)


class HeldUp(Locked):
    """A cycle waits for the state for some intervals, while another program writes to it."""

    def happen(self) -> None:
        super().happen()
        Event().wait(SLEEP_INTERVALS * self.sandbox.pace.seconds(60.0))
        self.close()


class NoRoom(FleetScene):
    """The exporter may not make the file of its state larger, again and again, as on a disk that is full by turns.

    In between it gets on, so that cycles fail and are not old.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._mended = Event()
        self._disk = Thread(target=self._fill_and_clear, name="full disk", daemon=True)

    def begun(self) -> None:
        if not hasattr(resource, "prlimit"):
            raise Missing("this drill limits the size of a running program's files, which takes Linux")

    def happen(self) -> None:
        self._disk.start()

    def repair(self) -> None:
        self._mended.set()
        self._disk.join()

    def close(self) -> None:
        self._mended.set()

    def _fill_and_clear(self) -> None:
        while not self._mended.is_set():
            self._allow((self.sandbox.folder / f"{STATE}-wal").stat().st_size)
            self._mended.wait(REFUSED_SECONDS)
            self._allow(resource.RLIM_INFINITY)
            self._mended.wait(ALLOWED_SECONDS)

    def _allow(self, size: int) -> None:
        process = self.sandbox.exporter.process_id
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))


class NoTemporaryFiles(FleetScene):
    """The folder for temporary files, in which the canaries live, is tidied away whole."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._temporary = sandbox.folder / "temporary"

    def prepare(self) -> Values:
        self._temporary.mkdir()
        self.sandbox.exporter.variables["TMPDIR"] = str(self._temporary)
        return super().prepare()

    def happen(self) -> None:
        # At once: what the exporter writes anew meanwhile would keep a folder that is being emptied from being removed.
        self._temporary.rename(self._temporary.with_suffix(".gone"))

    def repair(self) -> None:
        self._temporary.mkdir()


class Misconfigured(FleetScene):
    """Somebody breaks a configuration file, has it loaded, and puts the good one back."""

    def __init__(self, sandbox: Sandbox, name: str, wrong: str, is_signalled: bool) -> None:  # noqa: FBT001
        super().__init__(sandbox)
        self._path = sandbox.folder / name
        self._wrong = wrong
        self._is_signalled = is_signalled
        self._good = ""

    def happen(self) -> None:
        self._good = self._path.read_text()
        self._write(self._good + self._wrong)

    def repair(self) -> None:
        self._write(self._good)

    def _write(self, text: str) -> None:
        self._path.write_text(text)
        if self._is_signalled:
            self.sandbox.exporter.send(signal.SIGHUP)
