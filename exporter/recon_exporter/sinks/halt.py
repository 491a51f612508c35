"""Halts: a file for each halted bot, and where one is configured the action that stops it, until it is confirmed."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import requests

from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.reading.files import replace_file

FILE = "file"
ACTION = "action"
HTTP_ERROR = 300
ORDINARY = " @+,=()[]"
"""What stands in the name of a halt file as it is, beside letters, digits and ``_.-~``."""


@dataclass(frozen=True, slots=True)
class Action:
    """How a bot is stopped: a command, or an address that is sent the halt. ``{bot}`` in it is the bot's name."""

    command: tuple[str, ...] | None
    url: str | None
    timeout: timedelta

    def carry_out(self, bot: str, body: str) -> None:
        """Raises DeliveryFailed unless it was confirmed: exit code 0, or an answer of 2xx."""
        if self.command is not None:
            self._run([part.replace("{bot}", bot) for part in self.command], body)
        elif self.url is not None:
            self._post(self.url.replace("{bot}", quote(bot, safe="")), body)

    def _run(self, command: list[str], body: str) -> None:
        try:
            done = subprocess.run(  # noqa: S603  # the command is the operator's own, and no shell reads it
                command, input=body.encode(), capture_output=True, timeout=self.timeout.total_seconds(), check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DeliveryFailed(f"{command[0]}: {type(error).__name__}") from error
        if done.returncode:
            raise DeliveryFailed(f"{command[0]} ended with exit code {done.returncode}")

    def _post(self, url: str, body: str) -> None:
        headers = {"Content-Type": "application/json"}
        try:
            answer = requests.post(
                url, data=body.encode(), headers=headers, timeout=self.timeout.total_seconds(), allow_redirects=False
            )
        except (requests.RequestException, ValueError) as error:
            raise DeliveryFailed(f"the halt action's address: {type(error).__name__}") from None
        if answer.status_code >= HTTP_ERROR:
            raise DeliveryFailed(f"the halt action's address answered {answer.status_code}")


def file_name(bot: str) -> str:
    """The name of a bot's halt file; ordinary names stand as they are, and no two bots share one."""
    name = quote(bot, safe=ORDINARY)
    # Dots alone are ordinary, but a name must not begin with one: such files are hidden, or not files at all.
    return f"{name.replace('.', '%2E', 1) if name.startswith('.') else name}.json"


class Halts:
    """Writes and removes halt files, and carries out the action; tells the bot to ``confirmed`` or to ``failed``.

    Nothing of it is given up: what is no longer to be done was taken back by the clearance of the halt.
    """

    name = "halt"
    gives_up = False

    def __init__(
        self, folder: Path, action: Action | None, confirmed: Callable[[str], None], failed: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._action = action
        self._confirmed = confirmed
        self._failed = failed

    def deliver(self, entry: Outgoing) -> None:
        """An entry is named ``file/<bot>`` or ``action/<bot>``; an empty body takes back what it names."""
        kind, _, bot = entry.name.partition("/")
        if kind == FILE:
            self._file(bot, entry.body)
        elif self._action is not None and entry.body:
            self._act(self._action, bot, entry.body)

    def _act(self, action: Action, bot: str, body: str) -> None:
        try:
            action.carry_out(bot, body)
        except DeliveryFailed:
            self._failed(bot)
            raise
        self._confirmed(bot)

    def _file(self, bot: str, body: str) -> None:
        path = self._folder / file_name(bot)
        try:
            if body:
                replace_file(path, body)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise DeliveryFailed(f"{path}: {error.strerror or error}") from error
