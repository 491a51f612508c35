"""The exchange snapshot as a file, replaced as a whole."""

from datetime import datetime
from pathlib import Path

from recon_exporter.domain.document import Document, to_json
from recon_exporter.errors import DeliveryFailed
from recon_exporter.reading.files import replace_file
from recon_exporter.sinks.report_file import remove_abandoned


class SnapshotFile:
    """One file; to its readers it is the old one or the new one, whatever becomes of the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, document: Document, now: datetime) -> None:
        """Replace it; raises DeliveryFailed, and then the file is the one before."""
        try:
            replace_file(self._path, to_json(document) + "\n")
            remove_abandoned(self._path.parent, now)
        except OSError as error:
            raise DeliveryFailed(f"{self._path}: {error.strerror or error}") from error
