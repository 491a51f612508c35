"""The configuration in force: what was last good, and whether the latest attempt to load a newer one was refused.

A reload builds everything new and then swaps it in one assignment, or keeps what is there. The two JSON files, and the
file of the HTTP server with the certificates and keys that it names, are also picked up when they change on disk, under
the ``recon.yml`` in force: that one only changes on request. So does it take a request to go on without a file that has
vanished: it may be on its way to be replaced.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from recon_exporter.errors import ConfigurationError, ConfigurationProblem
from recon_exporter.ports import Clock
from recon_exporter.settings import web_config_file
from recon_exporter.settings.documents import Identity, identity_of
from recon_exporter.settings.loading import Surroundings, load_under, recon_document
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.problems import in_file


class ConfigurationStore:
    """Holds the last good settings; raises ConfigurationError where there are none to begin with."""

    def __init__(self, overrides: Overrides, environment: Mapping[str, str], directory: Path, clock: Clock) -> None:
        self._surroundings = Surroundings(overrides, dict(environment), directory, serves=True)
        self._clock = clock
        self._lock = threading.Lock()
        self._refused_reload: tuple[ConfigurationProblem, ...] = ()
        self._refused_refresh: tuple[ConfigurationProblem, ...] = ()
        self._take(self._load_all())

    @property
    def current(self) -> Settings:
        """The settings in force."""
        return self._current

    @property
    def last_success_at(self) -> datetime:
        """When settings were last loaded."""
        return self._last_success_at

    @property
    def problems(self) -> tuple[ConfigurationProblem, ...]:
        """Why what stands on disk is not in force; empty where it is."""
        return tuple(dict.fromkeys((*self._refused_reload, *self._refused_refresh)))

    @property
    def last_reload_successful(self) -> bool:
        return not self.problems

    def reload(self) -> bool:
        """Load all three files anew; False keeps what is in force and leaves the reasons in ``problems``."""
        with self._lock:
            return self._reload()

    def changed_on_disk(self) -> bool:
        """Whether a file that is watched is another one than when it was last looked at; costs a few stat calls."""
        return self._identities() != self._looked_at

    def refresh(self) -> bool | None:
        """Load the watched files anew if one of them changed: None where not, False where what is in force was kept.

        While a reload that a person asked for stands refused, it is tried first: the changed file may be its cure.
        """
        with self._lock:
            if not self.changed_on_disk():
                return None
            if self._refused_reload and self._reload():
                return True
            self._refused_refresh = self._attempt(self._load_watched)
            return not self._refused_refresh

    def _reload(self) -> bool:
        self._refused_reload = self._attempt(self._load_all)
        if not self._refused_reload:
            self._refused_refresh = ()
        return not self._refused_reload

    def _attempt(self, load: Callable[[], Settings]) -> tuple[ConfigurationProblem, ...]:
        before = self._identities()
        try:
            self._take(load())
        except ConfigurationError as error:
            self._looked_at = before
            return error.problems
        return ()

    def _take(self, settings: Settings) -> None:
        self._current = settings
        documents = (document.identity for document in settings.json_documents)
        self._looked_at = (*documents, *settings.protection_files)
        self._last_success_at = self._clock.now()

    def _load_all(self) -> Settings:
        return load_under(recon_document(self._surroundings), self._surroundings)

    def _load_watched(self) -> Settings:
        settings = load_under(self._current.recon_document, self._surroundings)
        documents = zip(self._current.json_documents, settings.json_documents, strict=True)
        gone = [after for before, after in documents if after.is_absent and not before.is_absent]
        if gone:
            raise ConfigurationError([in_file(document, (), "no such file", "a readable file") for document in gone])
        return settings

    def _identities(self) -> tuple[Identity | None, ...]:
        documents = (identity_of(document.path) for document in self._current.json_documents)
        return (*documents, *web_config_file.identities(self._current.web.config_file))


def changed_paths(before: Settings, after: Settings) -> tuple[str, ...]:
    """The dotted paths of recon.yml whose effective value differs, and the other files that do."""
    old, new = ({entry.path: entry.value for entry in settings.entries} for settings in (before, after))
    files = zip(before.json_documents, after.json_documents, strict=True)
    is_protected_anew = before.protection_files != after.protection_files
    return (
        *(path for path in sorted({*old, *new}) if old.get(path) != new.get(path)),
        *(str(now.path) for earlier, now in files if earlier.sha256 != now.sha256),
        *((str(after.web.config_file),) if is_protected_anew else ()),
    )
