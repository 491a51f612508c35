"""A reload takes all or nothing, and the last good configuration stays in force."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore, changed_paths
from support.evidence import NOW
from support.parts import FixedClock
from support.workspace import ACCOUNT_MAP, RECON, SMALLEST, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from pathlib import Path

HOURLY = f"{SMALLEST}schedule: {{cycle: 1h}}\n"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = workspace(tmp_path)
    made.write(THRESHOLDS, limits("0.1"))
    return made


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def store(place: Workspace, clock: FixedClock) -> ConfigurationStore:
    return ConfigurationStore(Overrides(), {}, place.directory, clock)


def limits(warn: str) -> dict[str, object]:
    return {"version": 1, "defaults": {"inventory_warn": warn}}


def warn(store: ConfigurationStore) -> Decimal:
    return store.current.policies.of("bot1").limit("inventory_warn")


def cycle(store: ConfigurationStore) -> timedelta:
    return store.current.schedule.cycle


def test_there_is_no_store_without_a_good_configuration(place: Workspace) -> None:
    place.write(RECON, "fleets: null")

    with pytest.raises(ConfigurationError, match="fleets: found null"):
        ConfigurationStore(Overrides(), {}, place.directory, FixedClock())


def test_reload_takes_all_three_files(place: Workspace, store: ConfigurationStore, clock: FixedClock) -> None:
    before = store.current
    place.write(RECON, HOURLY)
    place.write(THRESHOLDS, limits("0.2"))
    place.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot7": {"account_mode": "disabled"}}})
    clock.advance(timedelta(minutes=1))

    assert store.reload()
    assert (timedelta(hours=1), Decimal("0.2")) == (cycle(store), warn(store))
    assert [bot.bot for bot in store.current.policies.named] == ["bot7"]
    assert before.sha256 != store.current.sha256
    assert (True, NOW + timedelta(minutes=1)) == (store.last_reload_successful, store.last_success_at)
    assert changed_paths(before, store.current) == (
        "schedule.cycle",
        str(place.directory / THRESHOLDS),
        str(place.directory / ACCOUNT_MAP),
    )


@pytest.mark.parametrize(("name", "content"), [(RECON, "web: 1"), (THRESHOLDS, "{"), (ACCOUNT_MAP, '{"bots": null}')])
def test_one_bad_file_keeps_all_that_was_good(
    place: Workspace, store: ConfigurationStore, clock: FixedClock, name: str, content: str
) -> None:
    before = store.current
    place.write(RECON, HOURLY)
    place.write(THRESHOLDS, limits("0.2"))
    place.write(name, content)
    clock.advance(timedelta(minutes=1))

    assert not store.reload()
    assert store.current is before
    assert (store.last_reload_successful, store.last_success_at) == (False, NOW)
    assert all(problem.file.startswith(str(place.directory / name)) for problem in store.problems)


def test_file_that_vanished_keeps_all_that_was_good(place: Workspace, store: ConfigurationStore) -> None:
    before = store.current
    (place.directory / RECON).unlink()

    assert not store.reload()
    assert store.current is before


def test_refresh_does_nothing_while_nothing_changed(store: ConfigurationStore) -> None:
    before = store.current

    assert not store.changed_on_disk()
    assert store.refresh() is None
    assert store.current is before


def test_refresh_takes_the_json_files_and_leaves_the_main_file_alone(
    place: Workspace, store: ConfigurationStore
) -> None:
    place.write(RECON, HOURLY)
    place.write(THRESHOLDS, limits("0.20"))

    assert store.changed_on_disk()
    assert store.refresh() is True
    assert (timedelta(minutes=1), Decimal("0.2")) == (cycle(store), warn(store))
    assert not store.changed_on_disk()


def test_default_file_that_appears_is_a_change(place: Workspace, store: ConfigurationStore) -> None:
    place.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot7": {"account_mode": "disabled"}}})

    assert store.refresh() is True
    assert store.current.policies.of("bot7").account is not None


def test_default_file_that_vanishes_is_missed_until_a_person_asks_to_go_on_without(
    place: Workspace, store: ConfigurationStore
) -> None:
    """Half of an editor's way of saving must not put looser built-in thresholds into force."""
    (place.directory / THRESHOLDS).unlink()

    assert store.refresh() is False
    assert warn(store) == Decimal("0.1")
    assert [problem.file for problem in store.problems] == [str(place.directory / THRESHOLDS)]
    assert store.reload()
    assert (warn(store), store.last_reload_successful) == (Decimal("0.25"), True)


def test_default_file_that_comes_back_is_taken(place: Workspace, store: ConfigurationStore) -> None:
    (place.directory / THRESHOLDS).unlink()
    store.refresh()
    place.write(THRESHOLDS, limits("0.2"))

    assert store.refresh() is True
    assert (warn(store), store.last_reload_successful) == (Decimal("0.2"), True)


def test_replacement_of_the_same_size_and_time_is_a_change(place: Workspace, store: ConfigurationStore) -> None:
    path = place.directory / THRESHOLDS
    times = path.stat()
    other = place.write("other.json", limits("0.2"))
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(path)

    assert store.refresh() is True
    assert warn(store) == Decimal("0.2")


def test_bad_json_file_is_looked_at_once_and_taken_when_mended(place: Workspace, store: ConfigurationStore) -> None:
    before = store.current
    place.write(THRESHOLDS, '{"version": 1, "defaults": {"inventory_warn": 0.')

    assert store.refresh() is False
    assert (False, before) == (store.last_reload_successful, store.current)
    assert store.refresh() is None
    assert not store.last_reload_successful
    place.write(THRESHOLDS, limits("0.2"))
    assert store.refresh() is True
    assert (True, Decimal("0.2"), ()) == (store.last_reload_successful, warn(store), store.problems)


def test_refused_reload_stays_refused_while_only_the_json_files_are_taken(
    place: Workspace, store: ConfigurationStore
) -> None:
    place.write(RECON, "web: 1")

    assert not store.reload()
    place.write(THRESHOLDS, limits("0.2"))
    assert store.refresh() is True
    assert (Decimal("0.2"), False) == (warn(store), store.last_reload_successful)
    place.write(RECON, HOURLY)
    assert store.reload()
    assert (timedelta(hours=1), True) == (cycle(store), store.last_reload_successful)


def test_json_file_that_cures_a_refused_reload_brings_all_of_it(place: Workspace, store: ConfigurationStore) -> None:
    place.write(RECON, HOURLY)
    place.write(THRESHOLDS, "{")

    assert not store.reload()
    place.write(THRESHOLDS, limits("0.2"))
    assert store.refresh() is True
    assert (timedelta(hours=1), Decimal("0.2")) == (cycle(store), warn(store))
    assert store.last_reload_successful


def test_variables_are_those_of_the_start(place: Workspace) -> None:
    environment = {"RECON_INTERVAL_SEC": "300"}
    store = ConfigurationStore(Overrides(), environment, place.directory, FixedClock())
    environment["RECON_INTERVAL_SEC"] = "600"

    assert store.reload()
    assert cycle(store) == timedelta(seconds=300)
