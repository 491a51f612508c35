"""Bots whose end-of-day runs have a past, a schedule or a policy that matters: what drills play with them."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

from recon_exporter.drills.books import (
    CLEAN,
    HELD,
    LATER,
    NOBODYS,
    SERVED,
    UNVERIFIED,
    Books,
    Incident,
    Position,
)
from recon_exporter.drills.fleet import Values
from recon_exporter.drills.sandbox import Sandbox

YESTERDAY = timedelta(hours=20)
LONG_AGO = timedelta(days=8)
ACCEPTED_FOR = timedelta(days=7)
NOTHING = Incident()
MISBOOKED = Incident(statement={"AAPL": Position(98, 180)})
MORE_MISBOOKED = Incident(statement={"AAPL": Position(95, 180)})
MISPRICED = Incident(books={"QQQ": Position(10, 440)})
MANY = {f"S{number:02}": Position(10, 100) for number in range(60)}

STOP = """\
#!/bin/sh
# Tells a bot to stop, through the folder in which it looks for requests.
echo stop > "control/$1/request"
"""


class Planned(Books):
    """The run of yesterday has taken place, that of today is not due before somebody moves it to an earlier hour."""

    DUE = LATER

    def __init__(self, sandbox: Sandbox, bot: str, incident: Incident = NOTHING) -> None:
        super().__init__(sandbox, bot, incident)

    def prepare(self) -> Values:
        self.have_run(YESTERDAY)
        return super().prepare()

    def happen(self) -> None:
        self.sides.take(self.incident)
        self.write()
        self.load(self.configuration(SERVED))


class Missed(Planned):
    """The statement of the day is not there when the run is due."""

    def happen(self) -> None:
        self.sides.is_delivered = False
        super().happen()
        self.wait_until(self.is_told_missing, "a run without a verdict")

    def repair(self) -> None:
        self.sides.is_delivered = True
        self.write()
        self.reconcile(CLEAN)


class Deaf(Planned):
    """The command that stops the bot fails when a run asks for it."""

    def __init__(self, sandbox: Sandbox, bot: str, incident: Incident) -> None:
        super().__init__(sandbox, bot, incident)
        self._control = sandbox.folder / "control" / bot
        self._elsewhere = self._control.with_suffix(".old")

    def prepare(self) -> Values:
        self._control.mkdir(parents=True)
        command = self.sandbox.folder / "stop-bot"
        command.write_text(STOP)
        command.chmod(0o755)
        return super().prepare()

    def configuration(self, due: timedelta) -> dict[str, Any]:
        policy = {"halt_action": {"command": ["./stop-bot", "{bot}"]}}
        return {**super().configuration(due), "policy": policy}

    def happen(self) -> None:
        self._control.rename(self._elsewhere)
        super().happen()

    def repair(self) -> None:
        self._elsewhere.rename(self._control)
        super().repair()


class Accepted(Books):
    """A break of long ago that a person has accepted until a date. It grows, and so it counts again."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, MORE_MISBOOKED)

    def prepare(self) -> Values:
        self.sides.take(MISBOOKED)
        self.have_run(LONG_AGO)
        until = f"{self.sandbox.clock.now() + ACCEPTED_FOR:%Y-%m-%d}"
        (one,) = self.breaks()
        decision = ("--until", until, "--by", "owner", "--reason", "broker corrects it with the next statement")
        self.command("breaks", "accept", one["id"], *decision)
        return super().prepare()


class Undelivered(Books):
    """The broker's statement is not there."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, NOTHING)

    def happen(self) -> None:
        self.sides.is_delivered = False
        self.write()
        self.reconcile(UNVERIFIED)
        self.wait_until(self.is_told_missing, "a report about it")

    def repair(self) -> None:
        self.sides.is_delivered = True
        self.write()
        self.reconcile(CLEAN)


class WrongAccount(Undelivered):
    """A bot with many positions, and the statement of an account that holds others."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot)
        self.sides.books, self.sides.statement = dict(MANY), dict(MANY)

    def happen(self) -> None:
        self.sides.statement = dict(HELD)
        self.write()
        self.reconcile(UNVERIFIED)

    def repair(self) -> None:
        self.sides.statement = dict(MANY)
        super().repair()


class Unscheduled(Books):
    """A bot that is added without an end-of-day run; each cycle compares its sides."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, NOTHING)

    def prepare(self) -> Values:
        bots = super().prepare()["bots"]
        return {"bots": {NOBODYS: bots[NOBODYS]}}

    def happen(self) -> None:
        configuration = self.configuration(SERVED)
        del configuration["bots"][self.bot]["eod"]
        self.load(configuration)

    def keep(self) -> None:
        self.write()

    def repair(self) -> None:
        self.load(self.configuration(SERVED))

    def configuration(self, due: timedelta) -> dict[str, Any]:
        bots = super().configuration(due)["bots"]
        return {"bots": {**bots, self.bot: {**bots[self.bot], "intraday": True}}}


class Tampered(Books):
    """An entry of the audit log is written anew in the file of the state, past everything that would seal it."""

    def __init__(self, sandbox: Sandbox, bot: str) -> None:
        super().__init__(sandbox, bot, MISPRICED)
        self._sequence, self._original = 0, ""

    def prepare(self) -> Values:
        self.sides.take(self.incident)
        self.have_run(timedelta(days=2))
        self.sides.correct()
        self.have_run(timedelta(days=1))
        return super().prepare()

    def happen(self) -> None:
        with closing(sqlite3.connect(self._database)) as database:
            query = "SELECT sequence, reason FROM audit_log WHERE action = 'break_opened'"
            self._sequence, self._original = database.execute(query).fetchone()
        self._write("nothing to speak of")

    def repair(self) -> None:
        self.sandbox.exporter.end()
        self._write(self._original)
        self.sandbox.exporter.start()
        # The alert also ends while the exporter is away, which would prove nothing.
        self.wait_until(lambda: self.sandbox.exporter.value("recon_audit_chain_valid") == 1, "a chain that holds")

    @property
    def _database(self) -> str:
        return str(self.sandbox.folder / ".state" / "recon.db")

    def _write(self, reason: str) -> None:
        with closing(sqlite3.connect(self._database, timeout=30)) as database, database:
            database.execute("UPDATE audit_log SET reason = ? WHERE sequence = ?", (reason, self._sequence))
