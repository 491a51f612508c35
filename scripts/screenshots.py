"""Makes docs/screenshots/: the demonstration is started, its incidents are waited for, and Chromium shows its pages.

Needs `chromium` on the path. Everything that it starts it ends again, by its own id, also when it fails.
"""

import base64
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from support.browser import Browser, running_browser

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "screenshots"
PATIENCE_SECONDS = 1300.0
"""Two rounds of incidents: all that is waited for happens in the first four minutes of each."""
STOP_SECONDS = 30.0
LARGEST_BYTES = 150_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"

WAITED_FOR = (
    r'^recon_breaks_open\{bot="perp-mm",break_type="FILL_MISSING_IN_LEDGER",.*state="confirmed"\} [1-9]',
    r'^wsb_eod_reconciliation_breaks_total\{bot="swing-us",break_type="MISSING_AT_BROKER"\} 1',
    r'^recon_findings\{bot="bot1",check="exchange_snapshot",severity="critical"\} 1',
    r'^recon_findings\{bot="bot3",check="fill_parity",severity="warning"\} [1-9]',
)
"""Samples of the metrics: a fill lost, a sale never heard of, an account that disagrees, events that are missing."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: ``width`` and the largest ``height`` in pixels, from the heading ``begins_at`` on if it has one."""

    name: str
    path: str
    width: int
    height: int
    is_dark: bool = False
    begins_at: str = ""


def shots(break_page: str) -> Iterator[Shot]:
    """The pages; the status first, before what it shows is over."""
    yield Shot("status", "/", 1200, 1000)
    yield Shot("break", break_page, 1000, 1100, is_dark=True)
    yield Shot("phone", "/breaks", 390, 844)
    yield Shot("drift", "/", 820, 480, begins_at="Drift")
    yield Shot("runs", "/runs", 1000, 800)
    yield Shot("runbook", "/runbooks/ReconciliationFillMissing", 1000, 900, is_dark=True)


def main() -> int:
    """0 where every picture was made and is small enough."""
    if shutil.which("chromium") is None:
        print("screenshots: chromium is not installed", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with (
        TemporaryDirectory(prefix="demo-") as folder,
        TemporaryDirectory() as profile,
        running_browser(Path(profile)) as browser,
        _demonstration(Path(folder)) as site,
    ):
        print("waiting for the incidents, about three minutes")
        _until(lambda: _happened(site), "the incidents")
        sizes = [_take(browser, site, shot) for shot in shots(_missed_sale(site))]
    return int(max(sizes) > LARGEST_BYTES)


def _missed_sale(site: str) -> str:
    """The page of the break that a sale left of which the bot never heard: the gravest."""
    (identifier, *_) = re.findall(r"breaks/([0-9a-f]+)", _text(f"{site}/breaks?bot=swing-us"))
    return f"/breaks/{identifier}"


def _take(browser: Browser, site: str, shot: Shot) -> int:
    """Write one picture and return its size in bytes."""
    browser.open(f"{site}{shot.path}", shot.width, dark=shot.is_dark)
    top = 0
    if shot.begins_at:
        heading = f"[...document.querySelectorAll('h2')].find(one => one.textContent === '{shot.begins_at}')"
        top = int(browser.value(f"{heading}.getBoundingClientRect().top + scrollY")) - 16
    height = min(int(browser.value("document.documentElement.scrollHeight")) - top, shot.height)
    clip = {"x": 0, "y": top, "width": shot.width, "height": height, "scale": 1}
    taken = browser.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    picture = smaller(base64.b64decode(taken["data"]))
    (FOLDER / f"{shot.name}.png").write_bytes(picture)
    print(f"{shot.name}.png  {shot.width} x {height}  {len(picture)} bytes")
    return len(picture)


def smaller(picture: bytes) -> bytes:
    """The same picture, packed as well as zlib can: browsers pack in haste, and add what nobody needs."""
    chunks = list(_chunks(picture))
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    kept = [(kind, data) for kind, data in chunks if kind in {b"IHDR", b"PLTE", b"tRNS"}]
    packed = [*kept, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in packed
    )


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack_from(">I", picture, place)
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += 12 + length


def _happened(site: str) -> bool:
    metrics = _text(f"{site}/metrics")
    return all(re.search(sample, metrics, re.MULTILINE) for sample in WAITED_FOR)


@contextmanager
def _demonstration(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = (sys.executable, "-m", "recon_exporter", "demo", "--directory", ".", "--web.listen-address", address)
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            _until(lambda: _answers(f"http://{address}/-/ready", process), "the demonstration")
            yield f"http://{address}"
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise SystemExit("screenshots: the demonstration has ended")
    try:
        return bool(_text(url))
    except URLError:
        return False


def _text(url: str) -> str:
    with urlopen(url, timeout=10) as answer:  # noqa: S310  # our own server
        text: str = answer.read().decode()
    return text


def _until(condition: Callable[[], bool], what: str) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > ends_at:
            raise SystemExit(f"screenshots: {what} did not come within {PATIENCE_SECONDS:g} s")
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
