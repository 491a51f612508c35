"""The walk to the first page is walked as printed, by one who has hbot's folders and by one who has a Hummingbot.

Prometheus, Alertmanager, the receiver and the exchange are real or local; the printed lines stay as they are but for
ports, waits, and the place of the exchange.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import threading
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import COMMAND, Bot, environment
from recon_exporter.clock import SystemClock
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.exchange import Credentials
from recon_exporter.demo.hbot_writer import HbotFiles
from recon_exporter.demo.programs import free_port
from support.hummingbot import HummingbotDatabase, flat_fee

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    Books = Callable[[Path], AbstractContextManager[str]]

PAGE = Path(__file__).parents[2] / "docs" / "first-page.md"
PATIENCE_SECONDS = 240
BEGAN = timedelta(hours=2)
KINDS = ("hbot", "Hummingbot")
PORTS = {"9811": "EXPORTER", "9090": "PROMETHEUS", "9093": "ALERTMANAGER", "19099": "RECEIVER"}
"""The ports that are printed, which may be somebody's here, and the variables that hold others."""

KEY = Credentials("k-0f3a91c2", "s3cr3t-of-this-account", "pass-phrase-1")
VARIABLES = {
    "HUMMINGBOT_BITGET_API_KEY": KEY.key,
    "HUMMINGBOT_BITGET_SECRET": KEY.secret,
    "HUMMINGBOT_BITGET_PASSPHRASE": KEY.passphrase,
}
BEHIND = {
    "recon-exporter init\n": """\
sed -i "s|exchange: bitget|exchange: bitget\\n      base_url: $EXCHANGE|" config/recon.yml
cat >> config/recon.yml <<END
web: {listen_address: "127.0.0.1:$EXPORTER", external_url: "http://127.0.0.1:$EXPORTER"}
schedule: {cycle: 1s}
confirm: {settle: 1s}
alertmanager: {url: "http://127.0.0.1:$ALERTMANAGER"}
END
""",
    "recon-exporter bundle export bundle\n": """\
sed -i -E "s/((scrape|evaluation)_interval|scrape_timeout): [0-9]+s/\\1: 1s/" bundle/config/prometheus.yml
sed -i "s/:9811/:$EXPORTER/; s/:9093/:$ALERTMANAGER/" bundle/config/prometheus.yml
""",
    "recon-exporter bundle alertmanager secrets.yml alertmanager\n": """\
sed -i -E "s/(group_wait|group_interval): [0-9]+[sm]/\\1: 1s/" alertmanager/alertmanager.yml
""",
}
"""What is done behind a printed line, so that nobody waits for minutes here and no port is taken twice."""


def blocks(kind: str) -> list[tuple[str, str]]:
    """Language and content of each block that a reader with such bots comes by."""
    (other,) = set(KINDS) - {kind}
    before, _, after = PAGE.read_text().partition(f"\n### {other}\n")
    text = before + re.split(r"^(?=##)", after, maxsplit=1, flags=re.MULTILINE)[1]
    return re.findall(r"^```(bash|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def script(kind: str, ports: Mapping[str, str]) -> str:
    """The printed commands, with what is done behind them, as one script that ends whatever it has started."""
    lines = "".join(content for language, content in blocks(kind) if language == "bash")
    for printed, variable in PORTS.items():
        lines = re.sub(rf"\b{printed}\b", ports[variable], lines)
    for printed, more in BEHIND.items():
        assert lines.count(printed) == 1
        lines = lines.replace(printed, printed + more)
    return f"set -m\nPATH=$PWD/bin:$PATH\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\ntrap exit TERM\n{lines}"


def walk(kind: str, folder: Path, exchange_url: str = "http://127.0.0.1:9") -> str:
    """Everything that the printed commands say to somebody in a folder with books."""
    program = folder / "bin" / "recon-exporter"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    ports = {variable: str(free_port()) for variable in PORTS.values()}
    process = subprocess.Popen(
        ["bash", "-c", script(kind, ports)],
        cwd=folder,
        env=environment(EXCHANGE=exchange_url, **ports, **VARIABLES),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
        output, _ = process.communicate()
        pytest.fail(f"not within {PATIENCE_SECONDS} s; so far:\n{output}")
    return output


@contextmanager
def hbot(folder: Path) -> Iterator[str]:
    """One bot that writes a row every second, all but at its target."""
    bot, ended = Bot(HbotFiles(folder)), threading.Event()

    def write() -> None:
        while not ended.wait(1):
            bot.write("0.5001")

    bot.write("0.5001")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield "http://127.0.0.1:9"
    finally:
        ended.set()
        writer.join()


@contextmanager
def hummingbot(folder: Path) -> Iterator[str]:
    """One bot on perpetuals whose database has what the exchange has."""
    clock = SystemClock()
    (folder / "hummingbot" / "data").mkdir(parents=True)
    database = HummingbotDatabase(folder / "hummingbot" / "data" / "conf_perp_1.sqlite", market="bitget_perpetual")
    with bitget_server(clock) as server:
        account = server.exchange.open_account(KEY, "new-user")
        account.deposit("USDT", "20000", USDT_FUTURES, at=clock.now() - BEGAN)
        fill = account.trade("BTC/USDT:USDT", "0.03", "50000", at=clock.now() - BEGAN / 2)
        fee = flat_fee(fill.fee_asset, str(fill.fee))
        database.fill("BUY", "0.03", "50000", trade_id=fill.trade_id, at=fill.at, fee=fee)
        yield server.url


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager", "curl")
@pytest.mark.parametrize(("kind", "books"), [("hbot", hbot), ("Hummingbot", hummingbot)], ids=KINDS)
def test_the_walk_leads_to_a_page_and_back(kind: str, books: Books, tmp_path: Path) -> None:
    with books(tmp_path) as exchange_url:
        output = walk(kind, tmp_path, exchange_url)

    expected = [line for language, content in blocks(kind) if language == "text" for line in content.splitlines()]
    said = port_named(output).splitlines()
    missing = [
        line
        for line in expected
        if not any(re.fullmatch(".*".join(map(re.escape, port_named(line).split("…"))), one) for one in said)
    ]
    assert missing == [], output
    assert not re.search("Traceback|command not found|no such job", output)
    assert (tmp_path / "bundle" / "runbooks" / "html" / "index.html").is_file()


def port_named(line: str) -> str:
    return re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", line)
