"""The web configuration while it is served: taken when it or a file that it names changes, never for the worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore, changed_paths
from support.certificates import Authority
from support.parts import FixedClock
from support.workspace import RECON, SMALLEST, Workspace, workspace

if TYPE_CHECKING:
    from pathlib import Path

FILE = "web/web-config.yml"
HASH = "$2b$04$XUulMlCdlmIJwJRes7eAcuozDEPZU55lB9Db2XmkE/tKtvRixxNOO"
TLS = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n"


def users(name: str = "prometheus") -> str:
    return f"basic_auth_users: {{{name}: {HASH}}}"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = workspace(tmp_path)
    made.write(FILE, TLS + users())
    Authority(tmp_path / "web").issue("server")
    return made


def store_of(place: Workspace) -> ConfigurationStore:
    return ConfigurationStore(Overrides(web_config_file=FILE), {}, place.directory, FixedClock())


def names(store: ConfigurationStore) -> list[str]:
    return [*store.current.protection.users]


def test_paths_are_relative_to_the_file_itself(place: Workspace) -> None:
    assert store_of(place).current.protection.tls is not None


def test_nothing_changed_is_nothing_to_do(place: Workspace) -> None:
    assert store_of(place).refresh() is None


def test_users_are_taken_when_the_file_changes(place: Workspace) -> None:
    store = store_of(place)
    place.write(FILE, TLS + users(name="grafana"))

    assert store.changed_on_disk()
    assert store.refresh()
    assert names(store) == ["grafana"]
    assert not store.changed_on_disk()


def test_certificate_is_taken_when_its_files_change(place: Workspace) -> None:
    store = store_of(place)
    before = store.current
    Authority(place.directory / "web", "another").issue("server")

    assert store.refresh()
    assert store.current.protection.tls is not before.protection.tls
    assert changed_paths(before, store.current) == (str(place.directory / FILE),)


def test_key_that_lags_behind_its_certificate_keeps_the_last_good_one(place: Workspace) -> None:
    store = store_of(place)
    before = store.current
    key = place.directory / "web" / "server.key"
    old = key.read_bytes()
    Authority(place.directory / "web", "another").issue("server")
    new = key.read_bytes()
    key.write_bytes(old)

    assert store.refresh() is False
    assert store.current is before
    assert not store.last_reload_successful
    assert [problem.path for problem in store.problems] == ["tls_server_config.key_file"]

    key.write_bytes(new)
    assert store.refresh()
    assert store.last_reload_successful


@pytest.mark.parametrize("content", ["", "basic_auth_users:\n", TLS + "basic_auth_users: {a: secret}", "{"])
def test_broken_file_keeps_the_passwords(place: Workspace, content: str) -> None:
    store = store_of(place)
    place.write(FILE, content)

    assert store.refresh() is False
    assert names(store) == ["prometheus"]
    assert store.problems


def test_file_that_vanished_keeps_the_passwords(place: Workspace) -> None:
    store = store_of(place)
    (place.directory / FILE).unlink()

    assert store.refresh() is False
    assert names(store) == ["prometheus"]


def test_file_named_anew_that_was_missing_is_noticed_when_it_comes(place: Workspace) -> None:
    store = store_of(place)
    place.write(FILE, TLS.replace("server.", "later."))
    assert store.refresh() is False

    Authority(place.directory / "web", "another").issue("later")

    assert store.refresh()


def test_reload_takes_recon_and_web_configuration_together_or_neither(place: Workspace) -> None:
    store = store_of(place)
    place.write(RECON, f"{SMALLEST}schedule: {{cycle: 1h}}\n")
    place.write(FILE, "nonsense: 1")

    assert not store.reload()
    assert store.current.schedule.cycle.total_seconds() == 60

    place.write(FILE, users(name="grafana"))

    assert store.refresh()
    assert (store.current.schedule.cycle.total_seconds(), names(store)) == (3600, ["grafana"])


def test_start_is_refused_with_the_problems_of_every_file(place: Workspace) -> None:
    place.write(RECON, f"{SMALLEST}nonsense: 1\n")
    place.write(FILE, "nonsense: 1")

    with pytest.raises(ConfigurationError) as refusal:
        store_of(place)

    assert [problem.file.rpartition("/")[2] for problem in refusal.value.problems] == [
        "recon.yml:2",
        "web-config.yml:1",
    ]


def test_commands_that_do_not_serve_need_no_private_key(place: Workspace) -> None:
    (place.directory / "web" / "server.key").unlink()

    assert place.load(flags=Overrides(web_config_file=FILE)).protection.tls is None
