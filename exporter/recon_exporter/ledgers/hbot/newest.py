"""The newest row of each bot of a fleet, and nothing else: what it trades, and what it last believed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from recon_exporter.domain.statement import MinuteRow
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot.discovery import VariantFolder, find_bots
from recon_exporter.ledgers.hbot.minute_files import STEM, reader_of
from recon_exporter.reading.append_only import AppendOnlyFile
from recon_exporter.reading.rotated import RotatedFile
from recon_exporter.reading.tables import BadLine


def newest_rows(data_root: Path, latest: datetime) -> Mapping[str, MinuteRow]:
    """By bot the newest row that is not later than ``latest``; a bot of which none can be read is left out."""
    try:
        found = find_bots(data_root).folders
    except SourceError:
        return {}
    rows = {bot: [row for folder in folders if (row := _newest(folder, latest))] for bot, folders in found.items()}
    return {bot: max(of_bot, key=lambda row: row.at) for bot, of_bot in rows.items() if of_bot}


def _newest(folder: VariantFolder, latest: datetime) -> MinuteRow | None:
    seen: list[MinuteRow] = []
    try:
        with RotatedFile(folder.folder, STEM) as file:
            file.recent(_until_read(seen, latest))
    except (OSError, SourceError, BadLine):
        return None
    return seen[0] if seen else None


def _until_read(seen: list[MinuteRow], latest: datetime) -> Callable[[AppendOnlyFile], Callable[[bytes], bool]]:
    """Goes back to the first row that can be read, and keeps it."""

    def searching(file: AppendOnlyFile) -> Callable[[bytes], bool]:
        reader = reader_of(file)

        def is_found(line: bytes) -> bool:
            try:
                row = reader.row(line, file.name)
            except BadLine:
                return False
            if row.at <= latest:
                seen.append(row)
            return bool(seen)

        return is_found

    return searching
