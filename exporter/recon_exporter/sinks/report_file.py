"""Reports as files: latest.json, and stamped ones that are kept for a while and within a size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from recon_exporter.domain.stamp import LATEST
from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.reading.files import TEMPORARY_SUFFIX, replace_file

LATEST_FILE = "latest.json"
SYNTHETIC_FOLDER = "synthetic"
ABANDONED = timedelta(hours=1)
"""The age from which a file that is being written has lost its writer."""

STEM = "reconciliation"
_SECOND = "%Y%m%dT%H%M%S"
LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    number: int
    path: Path
    size: int


class ReportFiles:
    """The folder of the reports. Files that are not its own are never touched."""

    name = "report_file"
    gives_up = True

    def __init__(self, folder: Path, retention: timedelta, max_bytes: int, stem: str = STEM) -> None:
        self._folder = folder
        self._stem = stem
        self._stamped = re.compile(rf"{stem}_(?P<second>\d{{8}}T\d{{6}})Z(?:_(?P<number>\d+))?\.json")
        self._retention = retention
        self._max_bytes = max_bytes

    def synthetic(self) -> "ReportFiles":
        """The folder of synthetic reports, which never touch the real ones."""
        return ReportFiles(self._folder / SYNTHETIC_FOLDER, self._retention, self._max_bytes)

    def deliver(self, entry: Outgoing) -> None:
        """Replace latest.json, or add a stamped report and remove those that are too old or too many."""
        try:
            if entry.name == LATEST:
                replace_file(self._folder / LATEST_FILE, entry.body)
            else:
                self._add(entry)
        except OSError as error:
            raise DeliveryFailed(f"{self._folder}: {error.strerror or error}") from error

    def _add(self, entry: Outgoing) -> None:
        """Write under the second of the report, beside others of that second; one delivered before is not repeated."""
        second = entry.at.astimezone(UTC).strftime(_SECOND)
        number = 1
        path = self._path(second, number)
        while path.exists():
            if path.read_bytes() == entry.body.encode():
                return
            number += 1
            path = self._path(second, number)
        replace_file(path, entry.body)
        try:
            self._tidy(path, entry.at)
        except OSError as error:  # the report itself has arrived
            LOG.warning("old reports not removed", folder=str(self._folder), why=str(error))

    def _path(self, second: str, number: int) -> Path:
        suffix = "" if number == 1 else f"_{number}"
        return self._folder / f"{self._stem}_{second}Z{suffix}.json"

    def _tidy(self, newest: Path, now: datetime) -> None:
        """Remove what is too old or too much, and what killed processes left; never ``newest``."""
        kept = sorted(self._kept(), key=lambda one: (one.at, one.number), reverse=True)
        size = 0
        for one in kept:
            size += one.size
            is_over = now - one.at > self._retention or size > self._max_bytes
            if is_over and one.path != newest:
                one.path.unlink(missing_ok=True)
        remove_abandoned(self._folder, now)

    def _kept(self) -> Iterator[_Kept]:
        for path in self._folder.iterdir():
            match = self._stamped.fullmatch(path.name)
            if match is None:
                continue
            at = datetime.strptime(match["second"], _SECOND).replace(tzinfo=UTC)
            yield _Kept(at, int(match["number"] or 1), path, path.stat().st_size)


def remove_abandoned(folder: Path, now: datetime) -> None:
    """Remove what killed processes left of files that they were writing; raises OSError."""
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}"):
        if now - _modified_at(path) > ABANDONED:
            path.unlink(missing_ok=True)


def _modified_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
