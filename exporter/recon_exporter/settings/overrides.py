"""The flags of the command line, as given: the strongest layer of the configuration."""

from dataclasses import dataclass, fields
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Overrides:
    """The text of each flag; None where the flag was not given."""

    config_file: str | None = None
    listen_address: str | None = None
    external_url: str | None = None
    web_config_file: str | None = None
    enable_lifecycle: bool | None = None
    log_level: str | None = None
    log_format: str | None = None


FLAGS = MappingProxyType(
    {
        "config_file": "--config.file",
        "listen_address": "--web.listen-address",
        "external_url": "--web.external-url",
        "web_config_file": "--web.config.file",
        "enable_lifecycle": "--web.enable-lifecycle",
        "log_level": "--log.level",
        "log_format": "--log.format",
    }
)
"""The flag of each field of Overrides."""


def given(overrides: Overrides) -> dict[str, str | bool]:
    """The flags that were given, by field."""
    values = {field.name: getattr(overrides, field.name) for field in fields(overrides)}
    return {name: value for name, value in values.items() if value is not None}
