"""JSON Schema of the configuration's files, for editors and other programs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from recon_exporter.settings.accounts import AccountMapFile
from recon_exporter.settings.section import Section
from recon_exporter.settings.shape import Configuration
from recon_exporter.settings.thresholds import ThresholdsFile

KINDS: Mapping[str, tuple[str, type[Section]]] = MappingProxyType(
    {
        "recon": ("recon.yml", Configuration),
        "thresholds": ("reconciliation_thresholds.json", ThresholdsFile),
        "account-map": ("exchange_account_map.json", AccountMapFile),
    }
)


def schema(kind: str) -> dict[str, Any]:
    """The schema of one of KINDS."""
    title, shape = KINDS[kind]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape.model_json_schema(), "title": title}
