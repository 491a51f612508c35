"""The Kubernetes manifests: structure, confinement, and that they say the same as the rest of the bundle."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from packages.files import CONFIG, IMAGE, ROOT, SERVICES, interpolated, mounts, of_final, read_yaml
from recon_exporter.settings.environment import VARIABLES
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides

FOLDER = CONFIG / "kubernetes"
BASE = FOLDER / "base"
OPERATOR = FOLDER / "prometheus-operator"
RULES = ROOT / "alerts" / "kubernetes"
MANIFESTS = {
    path.name: read_yaml(path)
    for folder in (BASE, OPERATOR)
    for path in sorted(folder.glob("*.yaml"))
    if path.name != "kustomization.yaml"
}
DEPLOYMENT = MANIFESTS["deployment.yaml"]
POD = DEPLOYMENT["spec"]["template"]["spec"]
CONTAINER = POD["containers"][0]
LABEL = {"app.kubernetes.io/name": "recon-exporter"}


def resources(folder: Path) -> set[Path]:
    """All files that a kustomization brings, those of other folders included."""
    found: set[Path] = set()
    for name in read_yaml(folder / "kustomization.yaml")["resources"]:
        path = (folder / name).resolve()
        found |= resources(path) if path.is_dir() else {path}
    return found


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_manifest_names_itself_and_carries_the_label(name: str) -> None:
    manifest = MANIFESTS[name]

    assert manifest["metadata"]["name"] == "recon-exporter"
    assert manifest["metadata"]["labels"] == LABEL
    assert manifest["kind"].lower() == name.partition(".")[0]
    assert re.fullmatch(r"(?:[a-z0-9.]+/)?v1", manifest["apiVersion"])


def test_kustomizations_bring_every_manifest_but_the_example() -> None:
    rules = RULES / "recon.prometheusrule.yml"

    assert resources(BASE) == {BASE / name for name in MANIFESTS if (BASE / name).exists() and "example" not in name}
    assert resources(OPERATOR) == resources(BASE) | {OPERATOR / "servicemonitor.yaml", rules}


def test_there_is_one_exporter_and_the_old_one_goes_first() -> None:
    assert DEPLOYMENT["spec"]["replicas"] == 1
    assert DEPLOYMENT["spec"]["strategy"] == {"type": "Recreate"}


def test_selectors_meet_the_labels_of_the_pod() -> None:
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"] == LABEL
    assert DEPLOYMENT["spec"]["selector"] == {"matchLabels": LABEL}
    assert MANIFESTS["service.yaml"]["spec"]["selector"] == LABEL
    assert MANIFESTS["networkpolicy.yaml"]["spec"]["podSelector"] == {"matchLabels": LABEL}
    assert MANIFESTS["servicemonitor.yaml"]["spec"]["selector"] == {"matchLabels": LABEL}


def test_pod_is_confined_as_the_restricted_standard_asks() -> None:
    user, _, group = of_final("USER")[0].text.partition(":")
    context = POD["securityContext"]

    assert context["runAsNonRoot"] is True
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (int(user), int(group), int(group))
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False
    assert {"hostNetwork", "hostPID", "hostIPC"} & set(POD) == set()


def test_no_variables_are_made_from_the_names_of_services() -> None:
    assert POD["enableServiceLinks"] is False


def test_image_and_port_are_those_of_the_compose_file() -> None:
    assert CONTAINER["image"] == interpolated(SERVICES["reconciliation-service"]["image"])
    port = CONTAINER["ports"][0]
    assert [instruction.text for instruction in IMAGE if instruction.name == "EXPOSE"] == [str(port["containerPort"])]
    assert MANIFESTS["service.yaml"]["spec"]["ports"] == [{"name": "http", "port": 9811, "targetPort": port["name"]}]
    assert MANIFESTS["networkpolicy.yaml"]["spec"]["ingress"][0]["ports"][0]["port"] == port["name"]


def test_probes_ask_what_the_exporter_serves() -> None:
    paths = {name: probe["httpGet"]["path"] for name, probe in CONTAINER.items() if name.endswith("Probe")}

    assert paths == {"livenessProbe": "/-/healthy", "readinessProbe": "/-/ready", "startupProbe": "/-/healthy"}


def test_mounts_are_those_of_the_compose_file_and_lie_on_declared_volumes() -> None:
    targets = {PurePosixPath(mount["mountPath"]): mount.get("readOnly", False) for mount in CONTAINER["volumeMounts"]}
    compose = {mount.target: mount.is_read_only for mount in mounts("reconciliation-service")}
    elsewhere = {PurePosixPath("/run/secrets")}  # keys come as variables here
    temporary = {PurePosixPath("/tmp"): False}  # noqa: S108  # of the container

    assert targets == {path: mode for path, mode in compose.items() if path not in elsewhere} | temporary
    declared = {volume["name"]: volume for volume in POD["volumes"]}
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == set(declared)
    claim = declared["state"]["persistentVolumeClaim"]["claimName"]
    assert claim == MANIFESTS["persistentvolumeclaim.yaml"]["metadata"]["name"]
    assert declared["bots"]["persistentVolumeClaim"]["readOnly"] is True


def test_network_is_closed_but_for_prometheus_names_and_venues() -> None:
    policy = MANIFESTS["networkpolicy.yaml"]["spec"]

    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert [sorted(rule) for rule in policy["ingress"]] == [["from", "ports"]]
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 443}


def test_example_of_the_secret_holds_variables_of_the_exporter() -> None:
    secret = MANIFESTS["secret.example.yaml"]
    known = {variable.name for variable in VARIABLES if variable.is_secret}

    names = set(secret["stringData"])
    assert {
        name for name in names - known if not re.fullmatch(r"BOT1_BITGET_(?:API_KEY|SECRET|PASSPHRASE)", name)
    } == set()
    assert CONTAINER["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"], "optional": True}}]


def test_configuration_is_accepted_and_its_files_are_those_of_the_bundle(tmp_path: Path) -> None:
    files = read_yaml(BASE / "kustomization.yaml")["configMapGenerator"][0]["files"]
    names = {PurePosixPath(file).name for file in files}

    assert names == {path.name for path in (BASE / "configuration").iterdir()}
    for name in names - {"recon.yml"}:
        assert (BASE / "configuration" / name).read_bytes() == (CONFIG / name).read_bytes()
    (tmp_path / "config").mkdir()
    for name in names:
        (tmp_path / "config" / name).write_bytes((BASE / "configuration" / name).read_bytes())
    settings = load(Overrides(), {}, tmp_path, opens_venues=False)
    assert [fleet.name for fleet in settings.fleets] == ["hbot"]
    assert settings.warnings == ()


def test_monitor_scrapes_as_prometheus_is_configured_elsewhere() -> None:
    job = read_yaml(CONFIG / "prometheus.yml")["scrape_configs"][0]
    monitor = MANIFESTS["servicemonitor.yaml"]["spec"]
    camel = {re.sub(r"_(\w)", lambda part: part[1].upper(), name): value for name, value in job.items()}

    assert {name: value for name, value in monitor.items() if name.endswith("Limit")} == {
        name: value for name, value in camel.items() if name.endswith("Limit")
    }
    assert job["job_name"] == MANIFESTS["service.yaml"]["metadata"]["name"]
    assert monitor["endpoints"][0]["port"] == MANIFESTS["service.yaml"]["spec"]["ports"][0]["name"]
    scrape = read_yaml(CONFIG / "prometheus.yml")["global"]["scrape_interval"]
    assert monitor["endpoints"][0]["interval"] == scrape


def test_prometheus_rule_is_what_the_generator_writes_to_the_byte(tmp_path: Path) -> None:
    rules, rule = tmp_path / "rules.yml", tmp_path / "rule.yml"

    subprocess.run([sys.executable, "alerts/source/generate.py", str(rules), str(rule)], cwd=ROOT, check=True)

    assert rule.read_bytes() == (RULES / "recon.prometheusrule.yml").read_bytes()


def test_prometheus_rule_holds_the_groups_of_the_rule_file() -> None:
    rule = read_yaml(RULES / "recon.prometheusrule.yml")

    assert (rule["apiVersion"], rule["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert rule["spec"] == read_yaml(ROOT / "alerts" / "recon.rules.yml")


@pytest.mark.needs_program("promtool")
def test_prometheus_accepts_the_groups_of_the_rule(tmp_path: Path) -> None:
    groups: Any = read_yaml(RULES / "recon.prometheusrule.yml")["spec"]
    file = tmp_path / "groups.yml"
    file.write_text(yaml.safe_dump(json.loads(json.dumps(groups))))

    result = subprocess.run(["promtool", "check", "rules", str(file)], check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
