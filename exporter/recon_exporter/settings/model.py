"""What the rest of the program gets to know of the configuration: one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.ports import Policies, Protection
from recon_exporter.settings.alertmanager import AlertmanagerAddress
from recon_exporter.settings.bots import BotSettings
from recon_exporter.settings.credentials import Credentials
from recon_exporter.settings.documents import Document, Identity
from recon_exporter.settings.fleets import FleetSettings
from recon_exporter.settings.layers import Layer
from recon_exporter.settings.shape import (
    Confirm,
    EffectiveWeb,
    HaltPolicy,
    Incidents,
    Log,
    Reports,
    Schedule,
    SnapshotJob,
    State,
    Webhook,
)
from recon_exporter.settings.tolerances import Tolerances
from recon_exporter.settings.trees import Tree


@dataclass(frozen=True, slots=True)
class Entry:
    """One effective value for people: dotted path, value with secrets masked, and where it came from."""

    path: str
    value: str
    origin: Layer
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything effective. ``documents`` are the three files as they were read: recon, thresholds, account map.

    ``notices`` say what a person may want to know, ``warnings`` what a person should mend. ``sha256`` is one digest
    over the three files. ``protection`` is that of the HTTP server, loaded where it will run; ``protection_files``
    tell its files from later ones.     Secrets are SecretStr everywhere and masked in ``entries``.
    """

    web: EffectiveWeb
    protection: Protection
    protection_files: tuple[Identity | None, ...]
    log: Log
    state: State
    reports: Reports
    schedule: Schedule
    webhook: Webhook
    alertmanager: AlertmanagerAddress
    incidents: Incidents
    confirm: Confirm
    tolerances: Tolerances
    policy: HaltPolicy
    aliases: Mapping[str, str]
    fleets: tuple[FleetSettings, ...]
    bots: tuple[BotSettings, ...]
    snapshot_job: SnapshotJob
    credentials: tuple[Credentials, ...]
    policies: Policies
    documents: tuple[Document, ...]
    sha256: str
    entries: tuple[Entry, ...]
    notices: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def recon_document(self) -> Document:
        return self.documents[0]

    @property
    def json_documents(self) -> tuple[Document, ...]:
        """Thresholds and account map."""
        return self.documents[1:]

    @property
    def thresholds_path(self) -> Path:
        return self.documents[1].path

    @property
    def basis_of_cycles(self) -> tuple[object, ...]:
        """All that a cycle is built of: where any of it has become another, so must the cycle.

        The two JSON files decide which bots have their sides compared, and with which account.
        """
        has_sides = bool(self.bots) or any(fleet.venue is not None for fleet in self.fleets)
        return (
            self.fleets,
            self.bots,
            self.policies.of("").freshness,
            self.confirm,
            self.tolerances,
            self.policy,
            self.aliases,
            self.credentials,
            self.schedule.cycle,
            self.snapshot_job,
            tuple(document.tree for document in self.json_documents) if has_sides else (),
        )

    @property
    def mapped_bots(self) -> frozenset[str]:
        """The bots that the account map names."""
        return frozenset(bots) if isinstance(bots := self._account_map("bots"), dict) else frozenset()

    @property
    def default_prefix(self) -> str:
        """The prefix of the credentials of bots that the account map does not name; empty where it tells none."""
        defaults = self._account_map("defaults")
        return str(defaults.get("credential_prefix", "")) if isinstance(defaults, dict) else ""

    def _account_map(self, key: str) -> Tree:
        tree = self.documents[2].tree
        return tree.get(key) if isinstance(tree, dict) else None

    @property
    def account_map_path(self) -> Path:
        return self.documents[2].path
