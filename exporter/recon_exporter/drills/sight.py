"""Drills of the alerts on what nobody can see: bots, books and checks without a verdict."""

import shutil
from functools import partial
from pathlib import Path
from types import MappingProxyType

from recon_exporter.demo.hbot_writer import append_text
from recon_exporter.drills.executions import HandWritten, Unbooked
from recon_exporter.drills.fleet import FleetScene, Values, write_json
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import Drill
from recon_exporter.reading.files import replace_file


class Gone(FleetScene):
    """The folder of one bot is elsewhere, and its name still stands in the account map."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, "bot12")
        self._bot = self.fleet.bot(bot)
        self._here, self._elsewhere = sandbox.folder / "data" / bot, sandbox.folder / "elsewhere"

    def happen(self) -> None:
        self._bot.is_writing = False
        self._here.rename(self._elsewhere)

    def repair(self) -> None:
        self._elsewhere.rename(self._here)
        self._bot.is_writing = True
        self.keep()


class NotMounted(FleetScene):
    """Started anew with neither data nor state, as a container without its volumes; no file names a bot."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._volumes = (sandbox.folder / "data", sandbox.folder / ".state")
        self._is_mounted = True

    def prepare(self) -> Values:
        configuration = super().prepare()
        write_json(self.sandbox.folder / "config/exchange_account_map.json", {"version": 1, "bots": {}})
        return configuration

    def happen(self) -> None:
        self._is_mounted = False
        self.sandbox.exporter.end()
        for volume in self._volumes:
            volume.rename(_unmounted(volume))
            volume.mkdir()
        self.sandbox.exporter.start()

    def keep(self) -> None:
        if self._is_mounted:
            super().keep()

    def repair(self) -> None:
        self.sandbox.exporter.end()
        for volume in self._volumes:
            shutil.rmtree(volume)
            _unmounted(volume).rename(volume)
        self._is_mounted = True
        self.keep()
        self.sandbox.exporter.start()


class Silent(FleetScene):
    """One bot writes no row any more. Its rows come every few seconds here, so seconds without one are long."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, "bot12")
        self._bot = self.fleet.bot(bot)

    def prepare(self) -> Values:
        configuration = super().prepare()
        self.fleet.fill(self._bot.name, self.sandbox.clock.now(), with_event=True)
        self.keep()
        return {**configuration, "freshness": {"minute_rows": 0.2}}

    def happen(self) -> None:
        self._bot.is_writing = False

    def repair(self) -> None:
        self._bot.is_writing = True
        self.keep()


class ProbeFails(FleetScene):
    """The snapshot service could not ask the account of one bot."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, "bot1", bot)
        self._bot = self.fleet.bot(bot)

    def happen(self) -> None:
        self._bot.probe = "fetch_failed"
        self.keep()

    def repair(self) -> None:
        self._bot.probe = "ok"
        self.keep()


class TwoWriters(FleetScene):
    """Somebody else writes lines into the file of one bot, until the bot's owner stops it and mends the file."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, "bot12")
        self._file = self.fleet.found(bot) / "minute.csv"
        self._is_alone = True

    def happen(self) -> None:
        self._is_alone = False
        self.keep()

    def keep(self) -> None:
        super().keep()
        if not self._is_alone:
            append_text(self._file, f"{self.sandbox.clock.now().isoformat()},a,bitget\n")

    def repair(self) -> None:
        self._is_alone = True
        lines = self._file.read_text().splitlines(keepends=True)
        replace_file(self._file, "".join(line for line in lines if line.count(",") == lines[0].count(",")))


def _unmounted(volume: Path) -> Path:
    return volume.with_name(f"{volume.name}.volume")


DRILLS = (
    Drill(
        alert="ReconciliationBotNotCovered",
        severity="critical",
        happens="the log folder of bot9 is gone",
        repaired="the folder is back",
        scene=partial(Gone, bot="bot9"),
        labels=MappingProxyType({"bot": "bot9"}),
    ),
    Drill(
        alert="ReconciliationCoverageIncomplete",
        severity="critical",
        happens="the exporter is started without its volumes, and no file names a bot",
        repaired="it is started with its volumes",
        scene=NotMounted,
    ),
    Drill(
        alert="ReconciliationLedgerStale",
        severity="critical",
        happens="bot11 writes no rows any more",
        repaired="bot11 writes again",
        scene=partial(Silent, bot="bot11"),
        labels=MappingProxyType({"bot": "bot11"}),
    ),
    Drill(
        alert="ReconciliationCheckUnverified",
        severity="warning",
        happens="the account of bot2 cannot be asked, so its exchange check has no verdict",
        repaired="the account can be asked again",
        scene=partial(ProbeFails, bot="bot2"),
        labels=MappingProxyType({"bot": "bot2", "check": "exchange_snapshot"}),
        variants=MappingProxyType(
            {
                "mass_break": Drill(
                    alert="ReconciliationCheckUnverified",
                    severity="critical",
                    happens="120 executions of mm1 are missing in its books at once",
                    repaired="mm1 has written them down",
                    scene=partial(Unbooked, bot="mm1"),
                    labels=MappingProxyType({"bot": "mm1", "check": "fills"}),
                )
            }
        ),
    ),
    Drill(
        alert="ReconciliationFillsUnjudged",
        severity="warning",
        happens="somebody writes an execution into the books of mm2 that has no id and is none of the venue's",
        repaired="the row is taken out of the books",
        scene=partial(HandWritten, bot="mm2"),
        labels=MappingProxyType({"bot": "mm2", "code": "fills_not_comparable"}),
    ),
    Drill(
        alert="ReconciliationProbeStatusUnexpected",
        severity="warning",
        happens="the account of bot2 cannot be asked, and the account map says that it can",
        repaired="the account can be asked again",
        scene=partial(ProbeFails, bot="bot2"),
        labels=MappingProxyType({"bot": "bot2"}),
    ),
    Drill(
        alert="ReconciliationSourceLinesUnreadable",
        severity="warning",
        happens="lines that are no rows come into minute.csv of bot10",
        repaired="whoever wrote them is stopped, and the file is mended",
        scene=partial(TwoWriters, bot="bot10"),
        labels=MappingProxyType({"bot": "bot10", "source": "minute"}),
    ),
)
