"""What is said of a configuration that was taken or refused: in the log, and in the metrics."""

import structlog

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.model import Settings
from recon_exporter.settings.store import ConfigurationStore, changed_paths
from recon_exporter.telemetry import Telemetry

ONLY_AT_START = ("log.format", "log.level", "state.url", "web.enable_lifecycle", "web.listen_address")
LOG = structlog.get_logger(__name__)


def tell_configuration(store: ConfigurationStore, telemetry: Telemetry) -> None:
    """Which configuration is in force, and what people should know of it."""
    if not store.last_reload_successful:
        telemetry.configuration_refused()
        return
    telemetry.configuration_loaded(store.last_success_at, store.current.sha256)
    for notice in store.current.notices:
        LOG.info("configuration", notice=notice)
    for warning in store.current.warnings:
        LOG.warning("configuration", warning=warning)


def tell_changes(before: Settings, after: Settings) -> None:
    """What is another value now, and what of it waits for the next start."""
    changed = changed_paths(before, after)
    LOG.info("configuration taken", changed=", ".join(changed) or "nothing")
    for path in set(changed).intersection(ONLY_AT_START):
        LOG.warning("takes effect at the next start only", setting=path)


def tell_problems(error: ConfigurationError) -> None:
    """Why a configuration was refused."""
    for problem in error.problems:
        LOG.error("configuration refused, the last good one stays in force", problem=str(problem))
