"""The files for Compose and Kubernetes have the fields that those tools know, and a mistake would be noticed."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from packages.files import COMPOSE, ROOT, read_yaml
from packages.shapes import COMPOSE_FILE, manifest, misfits
from packages.test_kubernetes import MANIFESTS, RULES

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOYMENT = MANIFESTS["deployment.yaml"]
RULE = read_yaml(RULES / "recon.prometheusrule.yml")


def test_compose_file_has_known_fields_only() -> None:
    assert list(misfits(COMPOSE, COMPOSE_FILE)) == []


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifest_has_known_fields_only(name: str) -> None:
    document = MANIFESTS[name]

    assert list(misfits(document, manifest(document["kind"]))) == []


def test_prometheus_rule_has_known_fields_only() -> None:
    assert list(misfits(RULE, manifest("PrometheusRule"))) == []


def service(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["services"]["reconciliation-service"]
    return found


def container(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["spec"]["template"]["spec"]["containers"][0]
    return found


MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "misspelt field of a service": ("helthcheck is unknown", lambda one: service(one).update(helthcheck={})),
    "service without an image": ("image is missing", lambda one: service(one).pop("image")),
    "port on every interface": ("ports[0]", lambda one: service(one).update(ports=["9811:9811"])),
    "number for a switch": ("read_only", lambda one: service(one).update(read_only=1)),
    "text for a list": ("profiles", lambda one: service(one).update(profiles="external")),
    "time without a unit": ("interval", lambda one: service(one)["healthcheck"].update(interval="30")),
    "unknown part of the file": ("service is unknown", lambda one: one.update(service={})),
}


@pytest.mark.parametrize(("told", "spoil"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_in_the_compose_file_is_noticed(told: str, spoil: Callable[[dict[str, Any]], object]) -> None:
    document = deepcopy(COMPOSE)

    spoil(document)

    assert any(told in misfit for misfit in misfits(document, COMPOSE_FILE))


MISTAKES_IN_THE_DEPLOYMENT: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "misspelt field": ("readinesProbe is unknown", lambda one: container(one).update(readinesProbe={})),
    "text for a number": ("containerPort", lambda one: container(one)["ports"][0].update(containerPort="9811")),
    "switch for a number": ("replicas", lambda one: one["spec"].update(replicas=True)),
    "field in the wrong place": ("runAsNonRoot is unknown", lambda one: one["spec"].update(runAsNonRoot=True)),
    "selector missing": ("selector is missing", lambda one: one["spec"].pop("selector")),
    "old version": ("apiVersion", lambda one: one.update(apiVersion="extensions/v1beta1")),
    "size with a wrong unit": (
        "memory",
        lambda one: container(one)["resources"]["limits"].update(memory="1GB"),
    ),
}


@pytest.mark.parametrize(("told", "spoil"), MISTAKES_IN_THE_DEPLOYMENT.values(), ids=MISTAKES_IN_THE_DEPLOYMENT.keys())
def test_mistake_in_the_deployment_is_noticed(told: str, spoil: Callable[[dict[str, Any]], object]) -> None:
    document = deepcopy(DEPLOYMENT)

    spoil(document)

    assert any(told in misfit for misfit in misfits(document, manifest("Deployment")))


def test_every_manifest_of_the_bundle_is_looked_at() -> None:
    folders = (ROOT / "config" / "kubernetes", ROOT / "alerts" / "kubernetes")
    found = {path for folder in folders for path in folder.rglob("*.y*ml") if "configuration" not in path.parts}

    assert {path.name for path in found} == {*MANIFESTS, "kustomization.yaml", "recon.prometheusrule.yml"}
