"""Exchange snapshots of a whole configuration: every account asked side by side, and the file that tells of them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import structlog

from recon_exporter import __version__
from recon_exporter.domain.document import Document
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.probe import Probe, ProbeStatus
from recon_exporter.domain.snapshot import COPIED_MODE, COPIED_NOTE, Asked, SnapshotTerms, snapshot_document
from recon_exporter.ports import Clock
from recon_exporter.settings.credentials import venue_key
from recon_exporter.settings.layers import Layer
from recon_exporter.settings.model import Settings
from recon_exporter.sinks.snapshot_file import SnapshotFile
from recon_exporter.sources import Asking, Connections, askings

UNDER_WAY = 128
"""How many accounts are under way at most; most of them wait, and take up no place, until they may be asked again."""
OFF = "off"
LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """One snapshot: the document, and what every account came to."""

    at: datetime
    document: Document
    asked: tuple[Asked, ...]

    @property
    def unexpected(self) -> tuple[Asked, ...]:
        """The accounts with another status than the map asks for."""
        return tuple((account, probe) for account, probe in self.asked if probe.status != account.expected_status)


class Snapshots:
    """All accounts under one configuration."""

    def __init__(self, settings: Settings, connections: Connections, clock: Clock) -> None:
        self._settings = settings
        self._connections = connections
        self._clock = clock

    def is_wanted(self) -> bool:
        """Whether a running exporter should write one: a person said so, or there is a key to ask with.

        Otherwise somebody else may be writing the file, and must not find accounts without keys in its place.
        """
        job = self._settings.snapshot_job
        if job.mode == OFF:
            return False
        origin = next(entry.origin for entry in self._settings.entries if entry.path == "snapshot_job.mode")
        return origin is not Layer.BUILTIN or any(self._has_key(one) for one in self._askings())

    def exchanges(self) -> frozenset[str]:
        """Those that will be asked."""
        return frozenset(one.exchange for one in self._askings() if one.exchange)

    def take(self) -> Taken:
        """Ask every account, several at once, each with its own deadline; one's failure is its own."""
        at = self._clock.now()
        if self._settings.snapshot_job.mode == COPIED_MODE:
            LOG.warning("exchange snapshot is no evidence", why=COPIED_NOTE)
        plan = self._askings()
        with ThreadPoolExecutor(max_workers=UNDER_WAY, thread_name_prefix="snapshot") as pool:
            probes = list(pool.map(self._probe, plan))
        asked = tuple((one.account, probe) for one, probe in zip(plan, probes, strict=True))
        return Taken(at, snapshot_document(at, self._terms(), asked), asked)

    def write(self, taken: Taken) -> None:
        """Replace the file; raises DeliveryFailed, and then the file is the one before."""
        SnapshotFile(self._settings.snapshot_job.out_path).write(taken.document, taken.at)

    def _askings(self) -> Sequence[Asking]:
        return askings(self._settings, self._clock.now())

    def _has_key(self, one: Asking) -> bool:
        account = one.account
        wanted = (account.credential_prefix, venue_key(account.exchange))
        keys = {(key.prefix, key.venue) for key in self._settings.credentials}
        return account.mode is AccountMode.PROBE and wanted in keys

    def _probe(self, one: Asking) -> Probe:
        at, bot = self._clock.now(), one.account.bot
        if self._settings.snapshot_job.mode == COPIED_MODE and one.account.mode is AccountMode.PROBE:
            return Probe(bot, one.exchange, at, ProbeStatus.UNKNOWN, error=COPIED_NOTE)
        try:
            with self._connections.places.taken():
                return one.probe(self._settings, self._connections, self._clock.now())
        except Exception as error:  # noqa: BLE001  # the others get their entries; the text could repeat a key
            kind = type(error).__name__
            LOG.error("account not probed", bot=bot, error=kind)  # noqa: TRY400  # likewise the traceback
            return Probe(bot, one.exchange, at, ProbeStatus.FETCH_FAILED, Reason.CHECK_FAILED, f"probing raised {kind}")

    def _terms(self) -> SnapshotTerms:
        job = self._settings.snapshot_job
        mode = type(job).model_fields["mode"].default if job.mode == OFF else job.mode
        path, prefix = str(self._settings.account_map_path), self._settings.default_prefix
        return SnapshotTerms(mode, job.assets, path, prefix, __version__)
