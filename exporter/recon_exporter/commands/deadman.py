"""`recon-exporter deadman`: waits for the Watchdog on another machine, and tells somebody when it stays away."""

import asyncio
import json
import shlex
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import requests
import structlog
from aiohttp import web

from recon_exporter import logs
from recon_exporter.clock import SystemClock
from recon_exporter.commands.opened import refused
from recon_exporter.commands.sign_of_life import Memory, remember, remembered
from recon_exporter.ports import Clock
from recon_exporter.settings.scalars import Address, read_address, read_interval
from recon_exporter.settings.secret_files import UnusableSecret, read_secret

SIGN = "Watchdog"
TEXT = "{text}"
LARGEST_BODY = 2**20
LOOK_EVERY = timedelta(seconds=1)
TELL_AGAIN_AFTER = timedelta(seconds=30)
TELLING_TAKES = 30
LOG = structlog.get_logger(__name__)

Read = TypeVar("Read")
Tell = Callable[[str], None]
"""One way to reach somebody; raises NotTold."""


class NotTold(Exception):
    """Nobody was reached this way; says why, without any secret."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The options as they were written."""

    listen: str
    after: str
    state: Path
    command: str | None
    post_url_file: Path | None


def run(wish: Wish) -> int:
    """0 after SIGTERM; 2 where an option cannot be used, nobody would be told, or the address is taken."""
    logs.configure("info", "logfmt")
    clock = SystemClock()
    try:
        address = _read("--listen", wish.listen, read_address)
        after = _read("--after", wish.after, read_interval)
        watch = Watch(wish.state, after, tuple(_ways(wish)), clock)
        asyncio.run(_serve(address, watch))
    except (ValueError, UnusableSecret) as error:
        return refused("deadman", str(error))
    except OSError as error:
        return refused("deadman", f"{wish.listen} or {wish.state}: {error.strerror or error}")
    return 0


class Watch:
    """The memory of signs of life, and the ways to tell of it."""

    def __init__(self, path: Path, after: timedelta, ways: Sequence[Tell], clock: Clock) -> None:
        """Raises ValueError for a file that cannot be understood, OSError for one that cannot be written."""
        self._path = path
        self._after = after
        self._ways = ways
        self._clock = clock
        self._memory = remembered(path, clock.now()).started(clock.now())
        self._keep(self._memory)
        self._told_in_vain_at: float | None = None

    @property
    def memory(self) -> Memory:
        return self._memory

    def seen(self) -> None:
        """A sign of life came. It counts even where it cannot be written down."""
        fresh = replace(self._memory, last_seen=self._clock.now())
        try:
            self._keep(fresh)
        except OSError as error:
            self._memory = fresh
            LOG.warning("sign of life not written down", path=str(self._path), why=error.strerror)

    async def look(self) -> None:
        """Tell what people do not know yet: once, where one of the ways has reached somebody."""
        now = self._clock.now()
        self._memory = self._memory.set_right(now)
        missing = self._memory.is_missing(self._after, now)
        if missing is self._memory.told or self._is_resting():
            return
        text = self._memory.text(now, missing=missing)
        if not await asyncio.to_thread(self._tell, text):
            self._told_in_vain_at = self._clock.monotonic()
            return
        self._told_in_vain_at = None
        try:
            self._keep(replace(self._memory, told=missing))
        except OSError as error:
            self._memory = replace(self._memory, told=missing)
            LOG.warning("telling not written down", path=str(self._path), why=error.strerror)

    def _is_resting(self) -> bool:
        last = self._told_in_vain_at
        return last is not None and self._clock.monotonic() - last < min(TELL_AGAIN_AFTER, self._after).total_seconds()

    def _tell(self, text: str) -> bool:
        """Every way is tried; whether one of them has worked."""
        LOG.warning("telling", text=text)
        reached = 0
        for way in self._ways:
            try:
                way(text)
                reached += 1
            except NotTold as error:
                LOG.warning("not told", why=str(error))
        return reached > 0

    def _keep(self, memory: Memory) -> None:
        remember(self._path, memory)
        self._memory = memory


def is_sign(body: bytes) -> bool:
    """Whether Alertmanager says in this body that the Watchdog fires."""
    try:
        alerts = json.loads(body)["alerts"]
        return any(alert["status"] == "firing" and alert["labels"].get("alertname") == SIGN for alert in alerts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _read(option: str, text: str, reader: Callable[[object], Read]) -> Read:
    try:
        return reader(text)
    except ValueError as error:
        raise ValueError(f"{option} {text}: expected {error}") from None


def _ways(wish: Wish) -> list[Tell]:
    ways: list[Tell] = []
    if wish.command is not None:
        ways.append(_by_command(_words(wish.command)))
    if wish.post_url_file is not None:
        ways.append(_by_post(_address(wish.post_url_file)))
    if not ways:
        raise ValueError("nobody would be told: give --run or --post-url-file")
    return ways


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ValueError(f"--run: {error}") from None


def _address(file: Path) -> str:
    try:
        return read_secret(file)
    except UnusableSecret as error:
        raise UnusableSecret(f"--post-url-file {file}: {error}") from None


def _by_command(words: list[str]) -> Tell:
    if not words:
        raise ValueError("--run: expected a command")

    def tell(text: str) -> None:
        try:
            done = subprocess.run(  # noqa: S603  # whoever starts the watch says what is run, without any shell
                words, input=text + "\n", text=True, check=False, capture_output=True, timeout=TELLING_TAKES
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NotTold(f"{words[0]}: {type(error).__name__}") from None
        if done.returncode != 0:
            raise NotTold(f"{words[0]} ended with {done.returncode}")

    return tell


def _by_post(url: str) -> Tell:
    if not url.startswith(("http://", "https://")):
        raise ValueError("--post-url-file: expected an http:// or https:// address in it")

    def tell(text: str) -> None:
        address, body = (url.replace(TEXT, quote(text, safe="")), "") if TEXT in url else (url, text)
        try:
            answer = requests.post(address, data=body.encode(), timeout=TELLING_TAKES, allow_redirects=False)
        except (requests.RequestException, ValueError) as error:
            raise NotTold(f"the address cannot be reached: {type(error).__name__}") from None
        if not requests.codes.ok <= answer.status_code < requests.codes.multiple_choices:
            raise NotTold(f"the address answered {answer.status_code}")

    return tell


async def _serve(address: Address, watch: Watch) -> None:
    async def take(request: web.Request) -> web.Response:
        if not is_sign(await request.read()):
            raise web.HTTPBadRequest(text="expected Alertmanager's webhook with a firing Watchdog\n")
        watch.seen()
        return web.Response(text="seen\n")

    async def healthy(_: web.Request) -> web.Response:
        seen = watch.memory.last_seen
        return web.Response(text=f"watching; last sign of life {seen.isoformat() if seen else 'never'}\n")

    application = web.Application(client_max_size=LARGEST_BODY)
    application.add_routes([web.get("/-/healthy", healthy), web.post("/{path:.*}", take)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, address.host or None, address.port).start()
        LOG.info("watching", listen=str(address), state=str(watch.memory.last_seen))
        await _until_ended(watch)
    finally:
        await runner.cleanup()


async def _until_ended(watch: Watch) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    while not ended.is_set():
        await watch.look()
        try:
            await asyncio.wait_for(ended.wait(), LOOK_EVERY.total_seconds())
        except TimeoutError:
            continue
