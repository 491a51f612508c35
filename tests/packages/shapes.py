"""What the tools that read the packages' files would refuse: unknown fields, missing ones, values of another type.

Written down from the documentation of Compose and Kubernetes for the fields that the files use and their neighbours; an
unknown field is a mistake, or one that has to be looked up and added here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Shape = Any
"""A type, a pattern of text, a tuple of alternatives, a list of one shape, or fields; those named with ! are required.

The field * stands for any other name.
"""


def misfits(value: object, shape: Shape, place: str = "") -> Iterator[str]:
    """Every place at which a value has not the shape."""
    if isinstance(shape, tuple):
        if all(any(misfits(value, one, place)) for one in shape):
            yield f"{place}: {value!r} is none of {len(shape)} forms"
    elif isinstance(shape, dict):
        yield from _misfits_of_fields(value, shape, place)
    elif isinstance(shape, list):
        yield from _misfits_of_items(value, shape[0], place)
    elif isinstance(shape, re.Pattern):
        if not (isinstance(value, str) and shape.fullmatch(value)):
            yield f"{place}: {value!r} is not {shape.pattern}"
    # For Python true is a number.
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        yield f"{place}: {value!r} is no {shape.__name__}"


def _misfits_of_items(value: object, shape: Shape, place: str) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield f"{place}: {value!r} is no list"
        return
    for number, one in enumerate(value):
        yield from misfits(one, shape, f"{place}[{number}]")


def _misfits_of_fields(value: object, shape: Mapping[str, Shape], place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: {value!r} has no fields"
        return
    fields = {name.rstrip("!"): one for name, one in shape.items()}
    for name in (name.rstrip("!") for name in shape if name.endswith("!")):
        if name not in value:
            yield f"{place}.{name} is missing"
    for name, one in value.items():
        if name in fields or "*" in fields:
            yield from misfits(one, fields.get(name, fields.get("*")), f"{place}.{name}")
        else:
            yield f"{place}.{name} is unknown"


TEXTS = {"*": str}
DURATION = re.compile(r"(\d+(h|m|s|ms))+")
SIZE = re.compile(r"\d+(b|k|m|g|kb|mb|gb)")
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
QUANTITY = re.compile(r"\d+(\.\d+)?(m|Ki|Mi|Gi|Ti)?")

SERVICE = {
    "build": {"context!": str, "dockerfile": str, "args": TEXTS, "target": str},
    "cap_drop": [str],
    "command": ([str], str),
    "entrypoint": ([str], str),
    "env_file": [str],
    "environment": TEXTS,
    "expose": [str],
    "group_add": [str],
    "healthcheck": {
        "test!": [str],
        "interval": DURATION,
        "timeout": DURATION,
        "start_period": DURATION,
        "retries": int,
    },
    "image!": str,
    "init": bool,
    "logging": {"driver!": str, "options": {"max-size": SIZE, "max-file": str}},
    "networks": [str],
    "ports": [re.compile(r"127\.0\.0\.1:\d+:\d+")],
    "profiles!": [str],
    "read_only": bool,
    "restart": re.compile("no|always|on-failure|unless-stopped"),
    "security_opt": [str],
    "stop_grace_period": DURATION,
    "tmpfs": [re.compile(r"/\w+(:[\w=,]+)?")],
    "user": str,
    "volumes": [re.compile(r"[^:]+(?::-[^}]+\})?:/[^:]+(:ro)?")],
    "working_dir": str,
}
COMPOSE_FILE = {
    "name": NAME,
    "x-service": dict,
    "services!": {"*": SERVICE},
    "networks": {"*": {"driver": str, "internal": bool}},
    "volumes": {"*": {"driver": str, "name": str}},
}

META = {"name!": NAME, "namespace": NAME, "labels": TEXTS, "annotations": TEXTS}
SELECTOR = {"matchLabels!": TEXTS}
PORT = (int, NAME)
PROBE = {
    "httpGet": {"path!": re.compile("/.*"), "port!": PORT, "scheme": re.compile("HTTPS?")},
    "exec": {"command!": [str]},
    "initialDelaySeconds": int,
    "periodSeconds": int,
    "timeoutSeconds": int,
    "failureThreshold": int,
    "successThreshold": int,
}
CONTAINER = {
    "name!": NAME,
    "image!": str,
    "imagePullPolicy": re.compile("Always|IfNotPresent|Never"),
    "command": [str],
    "args": [str],
    "env": [{"name!": str, "value": str}],
    "envFrom": [{"secretRef": {"name!": NAME, "optional": bool}, "configMapRef": {"name!": NAME, "optional": bool}}],
    "ports": [{"name": NAME, "containerPort!": int, "protocol": re.compile("TCP|UDP")}],
    "securityContext": {
        "allowPrivilegeEscalation": bool,
        "readOnlyRootFilesystem": bool,
        "capabilities": {"drop": [str]},
    },
    "livenessProbe": PROBE,
    "readinessProbe": PROBE,
    "startupProbe": PROBE,
    "resources": {"*": {"cpu": QUANTITY, "memory": QUANTITY}},
    "volumeMounts": [{"name!": NAME, "mountPath!": re.compile("/.*"), "subPath": str, "readOnly": bool}],
    "workingDir": str,
}
VOLUME = {
    "name!": NAME,
    "configMap": {"name!": NAME},
    "secret": {"secretName!": NAME},
    "persistentVolumeClaim": {"claimName!": NAME, "readOnly": bool},
    "emptyDir": {"medium": str, "sizeLimit": QUANTITY},
}
POD = {
    "automountServiceAccountToken": bool,
    "enableServiceLinks": bool,
    "terminationGracePeriodSeconds": int,
    "serviceAccountName": NAME,
    "securityContext": {
        "runAsNonRoot": bool,
        "runAsUser": int,
        "runAsGroup": int,
        "fsGroup": int,
        "fsGroupChangePolicy": re.compile("OnRootMismatch|Always"),
        "seccompProfile": {"type!": re.compile("RuntimeDefault|Localhost|Unconfined")},
    },
    "containers!": [CONTAINER],
    "volumes": [VOLUME],
}
PEER = {"namespaceSelector": SELECTOR, "podSelector": SELECTOR}
NETWORK_PORT = {"port!": PORT, "protocol": re.compile("TCP|UDP")}
LIMITS = dict.fromkeys(("sampleLimit", "labelLimit", "labelNameLengthLimit", "labelValueLengthLimit"), int)
ALERT = {"alert!": str, "expr!": str, "for": DURATION, "labels": TEXTS, "annotations": TEXTS}
RECORD = {"record!": str, "expr!": str, "labels": TEXTS}
SPECS: dict[str, Shape] = {
    "Deployment": {
        "replicas": int,
        "strategy": {"type!": re.compile("Recreate|RollingUpdate")},
        "selector!": SELECTOR,
        "template!": {"metadata!": {"labels!": TEXTS}, "spec!": POD},
    },
    "NetworkPolicy": {
        "podSelector!": SELECTOR,
        "policyTypes": [re.compile("Ingress|Egress")],
        "ingress": [{"from": [PEER], "ports": [NETWORK_PORT]}],
        "egress": [{"to": [PEER], "ports": [NETWORK_PORT]}],
    },
    "PersistentVolumeClaim": {
        "accessModes!": [re.compile("ReadWriteOnce|ReadWriteMany|ReadOnlyMany|ReadWriteOncePod")],
        "resources!": {"requests!": {"storage!": QUANTITY}},
        "storageClassName": NAME,
    },
    "Service": {
        "type": re.compile("ClusterIP|NodePort|LoadBalancer"),
        "publishNotReadyAddresses": bool,
        "selector!": TEXTS,
        "ports!": [{"name": NAME, "port!": int, "targetPort": PORT, "protocol": re.compile("TCP|UDP")}],
    },
    "ServiceMonitor": {
        "selector!": SELECTOR,
        "endpoints!": [{"port!": NAME, "path": str, "interval": DURATION, "scrapeTimeout": DURATION, "scheme": str}],
        "bodySizeLimit": re.compile(r"\d+(B|KB|MB|GB)"),
        **LIMITS,
    },
    "PrometheusRule": {
        "groups!": [
            {
                "name!": str,
                "interval": DURATION,
                "limit": int,
                "rules!": [(ALERT, RECORD)],
            }
        ],
    },
}
VERSIONS = {
    "Deployment": "apps/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PersistentVolumeClaim": "v1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
}


def manifest(kind: str) -> Shape:
    """The shape of a manifest of this kind."""
    head = {"apiVersion!": re.compile(re.escape(VERSIONS[kind])), "kind!": re.compile(kind), "metadata!": META}
    return (
        {**head, "spec!": SPECS[kind]} if kind in SPECS else {**head, "type": str, "stringData": TEXTS, "data": TEXTS}
    )
