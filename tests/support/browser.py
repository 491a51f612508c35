"""A headless Chromium in the hands of a test, driven through a pipe by the DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from select import select
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS = 60.0
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-pipe",
)

_KEYS = {"Tab": 9}

Message = dict[str, Any]


@dataclass
class Browser:
    """One page; ``troubles`` are the errors that it logged, ``requested`` the addresses that it loaded."""

    sending: int
    receiving: int
    troubles: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    session: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _received: bytes = b""
    _is_loaded: bool = False

    def begin(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: object) -> Message:
        """The result of one command."""
        number = next(self._numbers)
        message: Message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.sending, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != number:
            self._take(answer)
        assert "error" not in answer, answer
        result: Message = answer["result"]
        return result

    def open(self, url: str, width: int, *, dark: bool = False) -> None:
        """Load a page at this width and wait until it is there."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=features)
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self._is_loaded = False
        self.ask("Page.navigate", url=url)
        while not self._is_loaded:
            self._take(self._next())

    def value(self, expression: str) -> Any:  # noqa: ANN401  # whatever the page says
        """What an expression comes to in the page."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def press(self, key: str) -> None:
        """One key, as a person presses it."""
        for kind in ("rawKeyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=_KEYS[key])

    def screenshot(self, path: Path) -> None:
        """The whole page as a picture."""
        taken = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))

    def _take(self, event: Message) -> None:
        method, told = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._is_loaded = True
        elif method == "Network.requestWillBeSent":
            self.requested.append(told["request"]["url"])
        elif method == "Log.entryAdded" and told["entry"]["level"] in {"error", "warning"}:
            self.troubles.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown" or (method == "Runtime.consoleAPICalled" and told["type"] == "error"):
            self.troubles.append(json.dumps(told))

    def _next(self) -> Message:
        while b"\0" not in self._received:
            ready, _, _ = select([self.receiving], [], [], PATIENCE_SECONDS)
            assert ready, "the browser says nothing"
            chunk = os.read(self.receiving, 1 << 20)
            assert chunk, "the browser has ended"
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        told: Message = json.loads(message)
        return told


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own, ended with everything that it started."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    flags = " ".join((*_FLAGS, f"--user-data-dir='{folder}'"))
    # The protocol wants its pipes as the descriptors 3 and 4.
    command = f"exec chromium {flags} about:blank 3</dev/fd/{theirs_in} 4>/dev/fd/{theirs_out}"
    with subprocess.Popen(
        ["/bin/sh", "-c", command],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        os.close(theirs_in)
        os.close(theirs_out)
        browser = Browser(ours_out, ours_in)
        try:
            browser.begin()
            yield browser
        finally:
            os.close(ours_out)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            os.close(ours_in)
