"""The environment variables: which place of the configuration each of them sets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from recon_exporter.settings.layers import Assignment, Layer
from recon_exporter.settings.overrides import FLAGS, Overrides, given
from recon_exporter.settings.trees import Path

CONFIG_FILE = "RECON_CONFIG_FILE"
DATA_ROOT = "HB_DATA_ROOT"
SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable and the path that it sets; in every fleet where the path begins with ``fleets, *``."""

    name: str
    path: Path
    is_switch: bool = False
    is_secret: bool = False


VARIABLES = (
    Variable("RECON_WEB_LISTEN_ADDRESS", ("web", "listen_address")),
    Variable("RECON_WEB_EXTERNAL_URL", ("web", "external_url")),
    Variable("RECON_WEB_CONFIG_FILE", ("web", "config_file")),
    Variable("RECON_WEB_ENABLE_LIFECYCLE", ("web", "enable_lifecycle"), is_switch=True),
    Variable("RECON_LOG_LEVEL", ("log", "level")),
    Variable("RECON_LOG_FORMAT", ("log", "format")),
    Variable("RECON_INTERVAL_SEC", ("schedule", "cycle")),
    Variable("RECON_THRESHOLDS_PATH", ("thresholds_file",)),
    Variable("RECON_ALERTMANAGER_URL", ("alertmanager", "url")),
    Variable("RECON_ALERT_WEBHOOK_URL", ("webhook", "url"), is_secret=True),
    Variable("RECON_ALERT_WEBHOOK_URL_FILE", ("webhook", "url_file")),
    Variable("RECON_ALERT_MIN_SEVERITY", ("webhook", "min_severity")),
    Variable(DATA_ROOT, ("fleets", "*", "data_root")),
    Variable("RECON_EXCHANGE_SOURCE_ENABLED", ("fleets", "*", "exchange_snapshot", "enabled"), is_switch=True),
    Variable("RECON_EXCHANGE_SNAPSHOT_PATH", ("fleets", "*", "exchange_snapshot", "path")),
    Variable("EXCHANGE_ACCOUNT_MAP_PATH", ("account_map_file",)),
    Variable("EXCHANGE_SNAPSHOT_MODE", ("snapshot_job", "mode")),
    Variable("EXCHANGE_SNAPSHOT_INTERVAL_SEC", ("schedule", "snapshot")),
    Variable("EXCHANGE_SNAPSHOT_ASSETS", ("snapshot_job", "assets")),
    Variable("EXCHANGE_SNAPSHOT_OUT_PATH", ("snapshot_job", "out_path")),
)

_FLAG_PATHS: Mapping[str, Path] = {
    "listen_address": ("web", "listen_address"),
    "external_url": ("web", "external_url"),
    "web_config_file": ("web", "config_file"),
    "enable_lifecycle": ("web", "enable_lifecycle"),
    "log_level": ("log", "level"),
    "log_format": ("log", "format"),
}


def text_of(environment: Mapping[str, str], name: str) -> str | None:
    """The value of a variable; an empty one counts as not set, as containers pass on what nobody set."""
    return environment.get(name) or None


def from_environment(environment: Mapping[str, str], fleets: tuple[str, ...]) -> Iterator[Assignment]:
    """What the variables set, in the given fleets."""
    for variable in VARIABLES:
        text = text_of(environment, variable.name)
        # One data root cannot be that of several fleets; fleets.ambiguous_root refuses it.
        if text is None or (variable.name == DATA_ROOT and len(fleets) > 1):
            continue
        # A switch that cannot be read stays text, which the shape refuses as it refuses it in the file.
        value = SWITCHES.get(text.lower(), text) if variable.is_switch else text
        for path in _paths(variable.path, fleets):
            yield Assignment(Layer.ENVIRONMENT, variable.name, path, value, variable.is_secret)


def from_flags(overrides: Overrides) -> Iterator[Assignment]:
    """What the flags set, apart from the file of the configuration itself."""
    for field, value in given(overrides).items():
        if field in _FLAG_PATHS:
            yield Assignment(Layer.FLAG, FLAGS[field], _FLAG_PATHS[field], value)


def _paths(path: Path, fleets: tuple[str, ...]) -> Iterator[Path]:
    if path[:2] != ("fleets", "*"):
        yield path
        return
    for fleet in fleets:
        yield ("fleets", fleet, *path[2:])
