"""`recon-exporter init`: finds the books of bots under the working directory and writes the smallest configuration."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import typer
import yaml

from recon_exporter.settings.documents import Kind
from recon_exporter.settings.fleets import NAME_SPACES
from recon_exporter.settings.loading import DEFAULT_PATHS

REFUSED = 2
DATA_ROOT = Path("data")
EVENT_STORE = Path("reports/event_store")
SNAPSHOT = Path("reports/exchange_snapshots/latest.json")
DEEPEST = 5
SQLITE_HEADER = b"SQLite format 3\0"
FOREIGN_TABLES = {"Hummingbot": {"TradeFill", "Order"}, "freqtrade": {"trades", "orders"}}


def run(target: Path | None, directory: Path) -> int:
    """0 where a file was written; 2 where there is one already, or no books were found that can be read."""
    path = directory / (target or DEFAULT_PATHS[Kind.RECON])
    path = path / "recon.yml" if path.is_dir() else path
    if path.exists():
        return _refuse(f"{path} is there already; it is left as it is")
    bots = hbot_bots(directory)
    for kind, book in foreign_books(directory):
        typer.echo(f"found a {kind} book, which is not supported yet: {book}")
    if not bots:
        return _refuse(f"no books found: expected {DATA_ROOT}/<bot>/logs/<name space>/<variant>/minute.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_smallest(directory), encoding="utf-8")
    typer.echo(f"found {len(bots)} hbot {'bot' if len(bots) == 1 else 'bots'}: {', '.join(bots)}")
    typer.echo(f"wrote {path}")
    for unknown in _unknown(directory):
        typer.echo(f"could not know: {unknown}")
    return 0


def _refuse(why: str) -> int:
    typer.echo(f"init: {why}", err=True)
    return REFUSED


def hbot_bots(directory: Path) -> tuple[str, ...]:
    """The bots that have minute rows under the data root."""
    spaces = (path for space in NAME_SPACES for path in (directory / DATA_ROOT).glob(f"*/logs/{space}/*/minute.csv"))
    return tuple(sorted({path.parts[-5] for path in spaces}))


def foreign_books(directory: Path) -> Iterator[tuple[str, Path]]:
    """SQLite files that are books of a bot which is not supported yet, with the name of that kind of bot."""
    for path in _files(directory):
        tables = _tables(path)
        for kind, needed in FOREIGN_TABLES.items():
            if needed <= tables:
                yield kind, path


def _files(directory: Path) -> Iterator[Path]:
    """Files that may be databases, in a stable order; hidden folders and environments are not searched."""
    for folder, folders, names in os.walk(directory):
        depth = len(Path(folder).relative_to(directory).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < DEEPEST)
        folders[:] = [name for name in folders if name not in {"node_modules", "venv", "__pycache__"}]
        yield from (Path(folder) / name for name in sorted(names) if name.endswith((".sqlite", ".sqlite3", ".db")))


def _tables(path: Path) -> set[str]:
    """The names of the tables; immutable, so that nothing is locked or written beside somebody else's database."""
    try:
        with path.open("rb") as file:
            if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
                return set()
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except (OSError, sqlite3.Error):
        return set()


def _smallest(directory: Path) -> str:
    """Only what cannot be left out, and the exchange snapshot where there is one."""
    fleet: dict[str, object] = {"type": "hbot"}
    if (directory / SNAPSHOT).is_file():
        fleet["exchange_snapshot"] = {"enabled": True}
    text = yaml.safe_dump({"fleets": {"hbot": fleet}}, sort_keys=False)
    return f"# Every other value is built in: recon-exporter print-config shows them.\n{text}"


def _unknown(directory: Path) -> Iterator[str]:
    """What a person has to say, because no file does."""
    if not list((directory / EVENT_STORE).glob("events_*.jsonl")):
        yield f"where the event store is: {EVENT_STORE} has no events, and fill_parity stays unverified without them"
    if not (directory / SNAPSHOT).is_file():
        yield f"what the exchanges say: {SNAPSHOT} is not there, so exchange_snapshot is not enabled"
    for kind, what in ((Kind.THRESHOLDS, "which limits the bots have"), (Kind.ACCOUNT_MAP, "whose accounts they use")):
        if not (directory / DEFAULT_PATHS[kind]).is_file():
            yield f"{what}: {DEFAULT_PATHS[kind]} is not there"
    yield "whom to tell: webhook.url (or RECON_ALERT_WEBHOOK_URL) is not set"
    yield "the address under which people reach this exporter: web.external_url is the loopback address"
