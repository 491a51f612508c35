"""What the tables tell of the bot beside its fills: since when it runs, when it last wrote, what changed."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from recon_exporter.ledgers.hummingbot.files import FILLS, ORDERS, HummingbotFile
from recon_exporter.ledgers.hummingbot.source import HummingbotSource
from recon_exporter.reading.time_rules import TimeRules

TIMES = {FILLS: ("timestamp",), ORDERS: ("creation_timestamp", "last_update_timestamp")}


def version(file: HummingbotFile) -> str:
    """Another text whenever a fill was added; told at once, however many there are."""
    rows = file.query("SELECT rowid, timestamp, amount FROM TradeFill ORDER BY rowid DESC LIMIT 1").rows
    return f"{file.path.name}:{':'.join(str(value) for row in rows for value in row)}"


def oldest_at(files: Iterable[HummingbotFile], times: TimeRules) -> datetime | None:
    """The time of the first row; None where there is none."""
    return min(_ends(files, times, "ASC"), default=None)


def newest_at(files: Iterable[HummingbotFile], times: TimeRules) -> datetime | None:
    """The time of the last row; None where there is none."""
    return max(_ends(files, times, "DESC"), default=None)


def any_order(files: Iterable[HummingbotFile], source: HummingbotSource) -> bool:
    """Whether the bot has ever placed an order in this market under one of the configurations."""
    within = f"market = {_literal(source.market)}"
    if source.config_files:
        within += f" AND config_file_path IN ({', '.join(map(_literal, source.config_files))})"
    return any(file.query(f'SELECT 1 FROM "Order" WHERE {within} LIMIT 1').rows for file in files)  # noqa: S608


def _ends(files: Iterable[HummingbotFile], times: TimeRules, direction: str) -> Iterator[datetime]:
    for file in files:
        for table, columns in TIMES.items():
            query = f'SELECT {", ".join(columns)} FROM "{table}" ORDER BY rowid {direction} LIMIT 1'  # noqa: S608
            for row in file.query(query).rows:
                for column, value in zip(columns, row, strict=True):
                    yield times.moment(value, f"{file.path}: {table}, column {column}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
