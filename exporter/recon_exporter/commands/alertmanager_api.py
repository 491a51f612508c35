"""What we ask Alertmanager: to take an alert, where it sends it, and how its receivers are configured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import yaml

from recon_exporter.settings.alertmanager import AlertmanagerAddress
from recon_exporter.settings.secret_files import UnusableSecret, read_secret

TIMEOUT_SECONDS = 5
PLACEHOLDERS = ("127.0.0.1:19093", "localhost:19093", "REPLACE")
HIDDEN = "<secret>"


class NotAnswered(Exception):
    """Alertmanager did not do what it was asked; says why, without any secret."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where an alert goes: its receivers, or why nobody is told."""

    receivers: tuple[str, ...]
    muted: bool


class Alertmanager:
    """One Alertmanager at its address."""

    def __init__(self, address: AlertmanagerAddress) -> None:
        self._address = address

    def send(self, alert: Mapping[str, Any]) -> Sent:
        """Hand an alert over, and say what Alertmanager makes of it. Raises NotAnswered."""
        self._ask("POST", "alerts", json=[alert])
        matchers = [f'{name}="{value}"' for name, value in alert["labels"].items()]
        answer = self._ask("GET", "alerts", params={"filter": matchers})
        try:
            known = answer.json()
            if known == []:
                raise NotAnswered("it took the alert and does not show it")
            receivers = tuple(receiver["name"] for receiver in known[0]["receivers"])
            return Sent(receivers, known[0]["status"]["state"] == "suppressed")
        except (ValueError, KeyError, TypeError) as error:
            raise NotAnswered(f"NOT usable, its answer cannot be read: {type(error).__name__}") from None

    def configuration(self) -> Mapping[str, Any]:
        """The configuration that it runs, secrets masked by itself. Raises NotAnswered."""
        try:
            found = yaml.safe_load(self._ask("GET", "status").json()["config"]["original"])
        except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
            raise NotAnswered(f"its status cannot be read: {type(error).__name__}") from None
        return found if isinstance(found, dict) else {}

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401  # handed through
        url = f"{self._address.url}/api/v2/{path}"
        try:
            answer = requests.request(
                method, url, auth=self._login(), timeout=TIMEOUT_SECONDS, allow_redirects=False, **more
            )
        except requests.RequestException as error:
            raise NotAnswered(f"NOT reachable, {type(error).__name__}") from None
        if answer.status_code != requests.codes.ok:
            raise NotAnswered(f"NOT usable, it answered {answer.status_code}")
        return answer

    def _login(self) -> tuple[str, str] | None:
        name, file = self._address.username, self._address.password_file
        if name is None or file is None:
            return None
        try:
            return name, read_secret(file)
        except UnusableSecret as error:
            raise NotAnswered(f"{file}: {error}") from None


def placeholders(configuration: Mapping[str, Any]) -> Mapping[str, str]:
    """Receivers that a route leads to and that are still to be filled in, each with a line that says so."""
    return dict(_placeholders(configuration))


def _placeholders(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    used = set(_receivers(configuration.get("route") or {}))
    for receiver in configuration.get("receivers") or ():
        if receiver["name"] not in used:
            continue
        ways = [way for kind, several in receiver.items() if kind.endswith("_configs") for way in several]
        waiting = sorted({text for way in ways for text in _texts(way) if any(sign in text for sign in PLACEHOLDERS)})
        if not ways:
            yield receiver["name"], f"receiver {receiver['name']} tells nobody"
        elif waiting:
            yield receiver["name"], f"receiver {receiver['name']} is still a placeholder: {', '.join(waiting)}"


def hidden(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    """Receivers whose webhooks have hidden addresses, as from 0.26 on: no placeholder could be told from others."""
    return tuple(
        receiver["name"]
        for receiver in configuration.get("receivers") or ()
        if any(way.get("url") == HIDDEN for way in receiver.get("webhook_configs") or ())
    )


def _receivers(route: Mapping[str, Any]) -> Iterator[str]:
    if "receiver" in route:
        yield route["receiver"]
    for child in route.get("routes") or ():
        yield from _receivers(child)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, str):
        yield value
