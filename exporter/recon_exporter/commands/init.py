"""`recon-exporter init`: finds the books of bots under the working directory and writes the smallest configuration."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import typer
import yaml

from recon_exporter.commands.bot_sections import Sections, sections_of
from recon_exporter.commands.found_books import found_books
from recon_exporter.settings.documents import Kind
from recon_exporter.settings.fleets import NAME_SPACES
from recon_exporter.settings.loading import DEFAULT_PATHS

REFUSED = 2
DATA_ROOT = Path("data")
EVENT_STORE = Path("reports/event_store")
SNAPSHOT = Path("reports/exchange_snapshots/latest.json")


def run(target: Path | None, directory: Path, environment: Mapping[str, str] = os.environ) -> int:
    """0 where a file was written; 2 where there is one already, or no books were found that can be read."""
    path = directory / (target or DEFAULT_PATHS[Kind.RECON])
    path = path / "recon.yml" if path.is_dir() else path
    if path.exists():
        return _refuse(f"{path} is there already; it is left as it is")
    fleet, found = hbot_bots(directory), found_books(directory)
    written = sections_of(found.bots, fleet, environment)
    for book in found.left_out:
        typer.echo(f"left out: {book}")
    if not fleet and not written.bots:
        where = f"{DATA_ROOT}/<bot>/logs/<name space>/<variant>/minute.csv"
        return _refuse(f"no books found: expected {where}, or databases of Hummingbot or freqtrade")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_smallest(directory, fleet, written), encoding="utf-8")
    if fleet:
        typer.echo(f"found {_counted(len(fleet), 'hbot bot')}: {', '.join(fleet)}")
    for kind, count in sorted(Counter(bot.kind for bot in found.bots).items()):
        names = (name for name, section in written.bots.items() if section["ledger"]["type"] == kind)
        typer.echo(f"found {_counted(count, f'{kind} bot')}: {', '.join(names)}")
    typer.echo(f"wrote {path}")
    for unknown in (*written.unknown, *_unknown(directory, fleet)):
        typer.echo(f"could not know: {unknown}")
    return 0


def _refuse(why: str) -> int:
    typer.echo(f"init: {why}", err=True)
    return REFUSED


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def hbot_bots(directory: Path) -> tuple[str, ...]:
    """The bots that have minute rows under the data root."""
    spaces = (path for space in NAME_SPACES for path in (directory / DATA_ROOT).glob(f"*/logs/{space}/*/minute.csv"))
    return tuple(sorted({path.parts[-5] for path in spaces}))


def _smallest(directory: Path, fleet: Sequence[str], written: Sections) -> str:
    """Only what cannot be left out, and the exchange snapshot where there is one."""
    document: dict[str, object] = {}
    if fleet:
        hbot: dict[str, object] = {"type": "hbot"}
        if (directory / SNAPSHOT).is_file():
            hbot["exchange_snapshot"] = {"enabled": True}
        document["fleets"] = {"hbot": hbot}
    if written.bots:
        document["bots"] = dict(written.bots)
    text = yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True)
    return f"# Every other value is built in: recon-exporter print-config shows them.\n{text}"


def _unknown(directory: Path, fleet: Sequence[str]) -> Iterator[str]:
    """What a person has to say, because no file does."""
    if fleet:
        yield from _unknown_of_fleet(directory)
    yield "whom to tell: webhook.url (or RECON_ALERT_WEBHOOK_URL) is not set"
    yield "the address under which people reach this exporter: web.external_url is the loopback address"


def _unknown_of_fleet(directory: Path) -> Iterator[str]:
    if not list((directory / EVENT_STORE).glob("events_*.jsonl")):
        yield f"where the event store is: {EVENT_STORE} has no events, and fill_parity stays unverified without them"
    if not (directory / SNAPSHOT).is_file():
        yield f"what the exchanges say: {SNAPSHOT} is not there, so exchange_snapshot is not enabled"
    for kind, what in ((Kind.THRESHOLDS, "which limits the bots have"), (Kind.ACCOUNT_MAP, "whose accounts they use")):
        if not (directory / DEFAULT_PATHS[kind]).is_file():
            yield f"{what}: {DEFAULT_PATHS[kind]} is not there"
