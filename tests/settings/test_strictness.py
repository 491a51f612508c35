"""Properties of refusal: unknown keys at any level, and never a looser limit because something is wrong."""

from __future__ import annotations

import json
import string
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter.domain.policy import LIMIT_KEYS, SWITCH_KEYS
from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.accounts import AccountMapFile
from recon_exporter.settings.ledgers import HummingbotLedger
from recon_exporter.settings.other_types import OtherLedger, OtherVenue
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.problems import models_in, type_of
from recon_exporter.settings.shape import Configuration
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.settings.thresholds import ThresholdSet, ThresholdsFile
from support.parts import FixedClock
from support.workspace import ACCOUNT_MAP, RECON, SMALLEST, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from pydantic import BaseModel

NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12)
"""Values that could be mistaken for a limit by a reader that is not strict."""
NO_LIMITS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, -0.5, "", " ", "abc", "0.4x", "1_0", "NaN", "inf", "-inf", "0x1", "1e999", "٣"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(NAMES, st.integers(), max_size=2),
)
NO_SWITCHES = st.one_of(
    st.none(), st.integers(), st.floats(), st.sampled_from(["ture", "true", "false", "yes", "no", "", "1"])
)


def sections(model: type[BaseModel], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], type[BaseModel]]]:
    """Every section that a file may have, with its path; ``x`` is the name of a fleet, bot or symbol."""
    found = [(path, model)]
    for name, field in model.model_fields.items():
        for child in models_in(field.annotation):
            step = (*path, name, "x") if "dict" in str(field.annotation) else (*path, name)
            found += sections(child, step)
    return found


def holding(path: tuple[str, ...], content: dict[str, Any]) -> dict[str, Any]:
    """A tree that has nothing but one section at the path."""
    return {path[0]: holding(path[1:], content)} if path else content


KINDS: list[tuple[str, type[BaseModel]]] = [
    (RECON, Configuration),
    (THRESHOLDS, ThresholdsFile),
    (ACCOUNT_MAP, AccountMapFile),
]
# A section of a type that there is not says nothing about its keys.
LEVELS = [
    (name, path, section)
    for name, model in KINDS
    for path, section in sections(model)
    if section not in {OtherLedger, OtherVenue}
]


def test_the_levels_are_those_of_the_documentation() -> None:
    paths = {".".join(path) for name, path, _ in LEVELS if name == RECON}

    assert {"", "web", "webhook", "tolerances.symbols.x", "fleets.x", "fleets.x.exchange_snapshot"} <= paths
    assert {"bots.x.ledger", "bots.x.venue", "bots.x.eod", "fleets.x.venue", "policy.halt_action"} <= paths


@pytest.mark.parametrize(("name", "path", "section"), LEVELS, ids=lambda part: str(part)[:60])
@settings(max_examples=20, deadline=None)
@given(key=NAMES)
def test_unknown_keys_are_refused_at_any_level(
    name: str, path: tuple[str, ...], section: type[BaseModel], key: str
) -> None:
    if key in section.model_fields:
        key += "_"
    with tempfile.TemporaryDirectory() as directory:
        place = workspace(Path(directory))
        picked = {"type": type_of(section)} if type_of(section) else {}
        tree = holding(path, {key: "1", **picked})
        if path[3:4] == ("baseline",):
            tree["bots"]["x"]["ledger"]["type"] = type_of(HummingbotLedger)
        place.write(name, yaml.safe_dump(tree) if name == RECON else tree)
        expected = ".".join((*path, key))

        assert any(f" {expected}: found an unknown key" in problem for problem in place.problems())


def test_the_keys_of_the_thresholds_file_are_those_of_a_policy() -> None:
    assert {*SWITCH_KEYS, *LIMIT_KEYS} == set(ThresholdSet.model_fields)


@settings(deadline=None)
@given(key=st.sampled_from(LIMIT_KEYS), value=NO_LIMITS, level=st.sampled_from(["defaults", "bot1"]))
def test_what_is_no_limit_is_refused_and_never_replaced(key: str, value: object, level: str) -> None:
    if value == 0 and key in {"fee_drop_warn", "fee_drop_critical", "turnover_fee_gap_warn"} and value is not False:
        value = -1
    assert refused({level: {key: value}} if level == "defaults" else {"bots": {level: {key: value}}})


@settings(deadline=None)
@given(key=st.sampled_from(SWITCH_KEYS), value=NO_SWITCHES, level=st.sampled_from(["defaults", "bot1"]))
def test_what_is_no_truth_value_switches_nothing(key: str, value: object, level: str) -> None:
    assert refused({level: {key: value}} if level == "defaults" else {"bots": {level: {key: value}}})


def refused(thresholds: dict[str, Any]) -> bool:
    """Whether the file is refused at the start, and a running exporter keeps its limits."""
    strict = {"inventory_warn": 0.01, "inventory_critical": 0.02, "fee_drop_warn": 0.01, "fee_drop_critical": 0.02}
    with tempfile.TemporaryDirectory() as directory:
        place = Workspace(Path(directory))
        place.write(RECON, SMALLEST)
        place.write(THRESHOLDS, {"version": 1, "defaults": strict})
        store = ConfigurationStore(Overrides(), {}, place.directory, FixedClock())
        before = store.current
        place.write(THRESHOLDS, json.dumps({"version": 1, **thresholds}))
        at_start = bool(place.problems())
        return at_start and not store.reload() and store.current is before


def test_critical_below_warning_is_refused_and_not_widened(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.write(THRESHOLDS, {"version": 1, "bots": {"bot1": {"inventory_critical": 0.05}}})

    with pytest.raises(ConfigurationError, match=r"inventory_critical: found 0\.05, expected above inventory_warn"):
        place.load()


@settings(deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_as_a_file_is_read_or_refused_and_raises_nothing_else(text: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = workspace(Path(directory))
        place.write(RECON, text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
        place.write(THRESHOLDS, text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))

        assert place.problems()


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path, "[" * 50_000)
    place.write(THRESHOLDS, "[" * 100_000)

    assert [problem.partition(": found ")[2] for problem in place.problems()] == [
        "too many levels, expected valid YAML",
        "too many levels, expected valid JSON",
    ]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    (tmp_path / THRESHOLDS).write_bytes(b'{"version": "\xff"}')

    assert place.problems() == (f"{THRESHOLDS}: -: found bytes that are no UTF-8, expected a readable file",)


def test_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    (tmp_path / THRESHOLDS).mkdir()

    assert place.problems() == (f"{THRESHOLDS}: -: found Is a directory, expected a readable file",)
