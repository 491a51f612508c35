"""`print-schema` gives JSON Schema for editors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recon_exporter.commands import print_schema
from recon_exporter.domain.policy import LIMIT_KEYS, SWITCH_KEYS
from recon_exporter.settings.shape import Configuration

Capture = pytest.CaptureFixture[str]


def schema(kind: str, capsys: Capture) -> dict[str, Any]:
    assert print_schema.run(kind) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("kind", ["recon", "thresholds", "account-map"])
def test_unknown_keys_are_refused_by_every_object_of_the_schema(kind: str, capsys: Capture) -> None:
    document = schema(kind, capsys)
    objects = [document, *document["$defs"].values()]

    assert all(found["additionalProperties"] is False for found in objects)


def test_schema_of_the_main_file_has_every_key(capsys: Capture) -> None:
    assert set(schema("recon", capsys)["properties"]) == set(Configuration.model_fields)


def test_schema_offers_the_ledgers_and_venues_that_are_built(capsys: Capture) -> None:
    sections = schema("recon", capsys)["$defs"]
    offered = {key: [one["$ref"].rpartition("/")[2] for one in sections["Bot"]["properties"][key]["oneOf"]]
               for key in ("ledger", "venue")}  # fmt: skip

    assert offered == {
        "ledger": ["SqlLedger", "HummingbotLedger", "FreqtradeLedger", "FileLedger"],
        "venue": ["AlpacaVenue", "CcxtVenue", "FileVenue"],
    }
    assert [sections[name]["properties"]["type"]["const"] for name in ("SqlLedger", "AlpacaVenue")] == ["sql", "alpaca"]
    assert sections["Bot"]["required"] == ["ledger", "venue"]


def test_schema_of_a_scope_refuses_lists_without_a_symbol(capsys: Capture) -> None:
    sections = schema("recon", capsys)["$defs"]
    names = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}

    assert {key: {**one, "title": ""} for key, one in sections["ScopeSettings"]["properties"].items()} == {
        "only": {**names, "title": ""},
        "without": {**names, "title": ""},
    }
    assert all(sections[owner]["properties"]["scope"]["$ref"] == "#/$defs/ScopeSettings" for owner in ("Bot", "Fleet"))


def test_schema_allows_null_nowhere(capsys: Capture) -> None:
    assert '"null"' not in json.dumps(schema("recon", capsys))


def test_schema_of_the_thresholds_has_the_twelve_keys(capsys: Capture) -> None:
    assert set(schema("thresholds", capsys)["$defs"]["ThresholdSet"]["properties"]) == {*SWITCH_KEYS, *LIMIT_KEYS}


def test_unknown_kind_is_refused(capsys: Capture) -> None:
    assert print_schema.run("alerts") == 2
    assert "found alerts, expected recon or thresholds or account-map" in capsys.readouterr().err
