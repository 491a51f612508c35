"""The compose file: structure, confinement, and that the exporter finds in it what it needs."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import Any

import pytest

from packages.files import (
    COMPOSE,
    CONFIG,
    HBOT,
    ROOT,
    SERVICES,
    defaults,
    example_variables,
    interpolated,
    mounts,
    of_final,
    read_yaml,
)
from recon_exporter.settings.environment import VARIABLES

RUNBOOK_COMMAND = "docker compose --env-file ../env/.env --profile external up -d reconciliation-service"
FOLDER = CONFIG / "compose"
FILE = FOLDER / "docker-compose.yml"
EXPORTER = SERVICES["reconciliation-service"]
CREDENTIAL = re.compile(r"[A-Z0-9]+_[A-Z]+_(?:API_KEY|SECRET|PASSPHRASE)(?:_FILE)?")
MADE_BY_DOCKER = {"../../data", "../../reports/event_store", "../env/secrets"}
each_service = pytest.mark.parametrize("name", SERVICES)


def test_command_of_the_runbook_finds_its_files_profile_and_service() -> None:
    words = shlex.split(RUNBOOK_COMMAND)

    assert FILE.is_file()
    assert (FOLDER / words[words.index("--env-file") + 1]).with_name(".env.example").is_file()
    assert words[-1] in SERVICES
    assert words[words.index("--profile") + 1] in EXPORTER["profiles"]
    assert "depends_on" not in EXPORTER
    assert RUNBOOK_COMMAND in FILE.read_text()


def test_prometheus_alertmanager_and_grafana_stand_in_the_same_profile() -> None:
    assert set(SERVICES) == {"reconciliation-service", "prometheus", "alertmanager", "grafana"}
    assert {tuple(service["profiles"]) for service in SERVICES.values()} == {("external",)}


@each_service
def test_every_port_is_published_on_loopback_only(name: str) -> None:
    ports = SERVICES[name]["ports"]

    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port)] == []
    assert "network_mode" not in SERVICES[name]


@each_service
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"privileged", "cap_add", "devices", "pid", "ipc", "user"} & set(service) == set()
    assert not any("docker.sock" in volume for volume in service["volumes"])


@each_service
def test_every_image_has_an_exact_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+$", interpolated(SERVICES[name]["image"]))


@each_service
def test_every_mount_is_a_declared_volume_or_a_folder(name: str) -> None:
    named = {mount.source for mount in mounts(name) if mount.is_volume}
    folders = {mount.source for mount in mounts(name) if not mount.is_volume}

    assert named <= set(COMPOSE["volumes"])
    assert {path for path in folders - MADE_BY_DOCKER if not (FOLDER / path).is_dir()} == set()
    assert [mount for mount in mounts(name) if not mount.is_volume and not mount.is_read_only] == []


def test_every_volume_and_network_is_used() -> None:
    used = {mount.source for name in SERVICES for mount in mounts(name) if mount.is_volume}

    assert used == set(COMPOSE["volumes"])
    assert {network for service in SERVICES.values() for network in service["networks"]} == set(COMPOSE["networks"])


def test_exporter_writes_to_the_volumes_of_the_image_and_its_temporary_folder() -> None:
    writable = {str(mount.target) for mount in mounts("reconciliation-service") if not mount.is_read_only}

    assert writable == {word for instruction in of_final("VOLUME") for word in instruction.words}
    assert [entry.partition(":")[0] for entry in EXPORTER["tmpfs"]] == ["/tmp"]  # noqa: S108  # of the container


def test_exporter_finds_configuration_and_books_under_the_paths_of_the_runbook() -> None:
    targets = {mount.target: mount for mount in mounts("reconciliation-service")}

    assert (FOLDER / targets[HBOT / "config"].source).resolve() == CONFIG
    assert targets[HBOT / "data"].is_read_only
    assert targets[HBOT / "reports" / "event_store"].is_read_only


def test_every_target_is_a_folder_of_the_image() -> None:
    made = " ".join(instruction.text for instruction in of_final("RUN")).split()

    missing = {str(mount.target) for mount in mounts("reconciliation-service")} - set(made)
    assert missing == {"/run/secrets"}  # Debian has /run, and docker makes the rest before the root is read-only


def test_every_variable_is_in_the_example_with_its_default() -> None:
    asked = defaults(FILE.read_text())
    example = example_variables()

    assert {name: example[name][0] for name in asked} == asked
    assert not re.findall(r"\$\{\w+\}|\$\w+", FILE.read_text())


def test_every_variable_of_the_example_does_something() -> None:
    known = {variable.name for variable in VARIABLES} | set(defaults(FILE.read_text()))

    strange = [name for name in example_variables() if name not in known and not CREDENTIAL.fullmatch(name)]
    assert strange == []


def test_what_is_meant_for_compose_does_not_look_like_a_variable_of_the_exporter() -> None:
    own = {variable.name for variable in VARIABLES}
    alien = [
        name for name in defaults(FILE.read_text()) if name.startswith(("RECON_", "EXCHANGE_")) and name not in own
    ]

    assert alien == []


def test_exporter_asks_the_alertmanager_beside_it_whether_pages_arrive() -> None:
    """Loopback inside a container is the container itself."""
    (variable,) = (variable for variable in VARIABLES if variable.path == ("alertmanager", "url"))
    address = interpolated(EXPORTER["environment"][variable.name])

    host, _, port = address.removeprefix("http://").partition(":")
    assert SERVICES[host]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert set(SERVICES[host]["networks"]) & set(EXPORTER["networks"])


def without_places(configuration: dict[str, Any]) -> str:
    return re.sub(
        r"(?:127\.0\.0\.1|alertmanager|prometheus|reconciliation-service)(?=:\d)", "host", str(configuration)
    ).replace("../../alerts", "../alerts")


def test_prometheus_is_configured_as_outside_of_containers_but_for_the_names_of_services() -> None:
    inside = read_yaml(FOLDER / "prometheus.yml")

    assert without_places(inside) == without_places(read_yaml(CONFIG / "prometheus.yml"))
    hosts = set(re.findall(r"'([\w.-]+):\d+'", str(inside)))
    assert hosts == {"alertmanager", "prometheus", "reconciliation-service"}
    assert hosts <= set(SERVICES)


def test_data_source_is_the_one_of_the_bundle_but_for_its_address() -> None:
    inside = read_yaml(FOLDER / "grafana" / "datasources" / "prometheus.yml")
    outside = read_yaml(ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yml")

    assert inside["datasources"][0].pop("url") == "http://prometheus:9090"
    del outside["datasources"][0]["url"]
    assert inside == outside


def test_provider_reads_dashboards_where_they_are_mounted() -> None:
    provider = read_yaml(ROOT / "grafana" / "provisioning" / "dashboards" / "recon.yml")["providers"][0]

    sources = {str(mount.target): mount.source for mount in mounts("grafana")}
    assert sources[provider["options"]["path"]] == "../../grafana/dashboards"


@pytest.mark.needs_program("promtool")
def test_prometheus_accepts_its_configuration_and_finds_the_rules() -> None:
    command = ["promtool", "check", "config", str(FOLDER / "prometheus.yml")]

    result = subprocess.run(command, check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
    assert "recon.rules.yml" in result.stdout


def test_rules_lie_in_the_container_as_in_the_repository() -> None:
    targets = {mount.target: mount.source for mount in mounts("prometheus") if not mount.is_volume}
    configuration = next(target for target, source in targets.items() if source == ".")
    alerts = next(target for target, source in targets.items() if source == "../../alerts")

    assert configuration.parent.parent / "alerts" == alerts
    assert f"--config.file={configuration}/prometheus.yml" in SERVICES["prometheus"]["command"]
