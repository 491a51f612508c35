"""Alertmanager's configuration for people: the shipped routes, and receivers filled in from a file of secrets.

A value that the file does not have takes its key away; a way of telling that lacks its secret or address is left out.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from recon_exporter.settings.trees import parse_yaml

NEEDED = {
    "pager": "pagerduty_routing_key or pager_webhook_url",
    "chat": "slack_webhook_url, telegram_bot_token with telegram_chat_id, or chat_webhook_url",
    "dead-mans-switch": "dead_mans_switch_url",
}
PLACEHOLDER = "REPLACE"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Without these a way leads nowhere; what else is missing has a default in Alertmanager.
_ESSENTIAL = {"routing_key", "api_url", "bot_token", "chat_id", "to", "from", "smarthost", "url"}
_DEFAULTED = {"pagerduty_url", "telegram_url"}
_NUMBER = "telegram_chat_id"


class UnusableSecrets(ValueError):
    """The file of secrets cannot be used; says why, without what it holds."""


@dataclass(slots=True)
class Filled:
    """A configuration, and the files of secrets that it names, by their paths."""

    configuration: dict[str, Any]
    files: dict[Path, str] = field(default_factory=dict)

    @property
    def ways(self) -> Mapping[str, tuple[str, ...]]:
        """How each receiver is told: `pager: (pagerduty,)`."""
        return {
            receiver["name"]: tuple(key.removesuffix("_configs") for key in receiver if key != "name")
            for receiver in self.configuration["receivers"]
        }


def read_secrets(path: Path) -> Mapping[str, str | int]:
    """What the file says, each value as it was written: a key of digits is no number.

    Raises UnusableSecrets where others may read it, and for what is no name with a value that can be used.
    """
    try:
        mode = path.stat().st_mode
        if mode & _OTHERS:
            raise UnusableSecrets(f"{path} may be read by others ({stat.filemode(mode)}): chmod 600 {path}")
        parsed = parse_yaml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnusableSecrets(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusableSecrets(f"{path} is no YAML") from None
    if parsed.tree is None and parsed.faults:
        raise UnusableSecrets(f"{path} is no YAML")
    if parsed.faults:
        raise UnusableSecrets(f"{path}: {', '.join(fault.path for fault in parsed.faults)} stands there twice")
    return {name: _usable(path, name, value) for name, value in _lines(path, parsed.tree).items()}


def _lines(path: Path, tree: object) -> Mapping[str, str]:
    if not isinstance(tree, dict) or not all(isinstance(value, str | None) for value in tree.values()):
        raise UnusableSecrets(f"{path}: expected one name and one value a line")
    if empty := sorted(name for name, value in tree.items() if not value):
        raise UnusableSecrets(f"{path}: nothing stands behind {', '.join(empty)}: fill in, or take out")
    if waiting := sorted(name for name, value in tree.items() if PLACEHOLDER in value):
        raise UnusableSecrets(f"{path}: still {PLACEHOLDER} in {', '.join(waiting)}: fill in, or take out")
    return {name: str(value) for name, value in tree.items()}


def _usable(path: Path, name: str, value: str) -> str | int:
    if name == _NUMBER:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise UnusableSecrets(f"{path}: {name}: expected a whole number, such as -1001234567890")
        return int(value)
    if name.endswith("_url") and not re.match(r"https?://[^\s/]", value):
        raise UnusableSecrets(f"{path}: {name}: expected an http:// or https:// address")
    return value


def fill(alerts: Path, secrets: Mapping[str, str | int], folder: Path | None = None) -> Filled:
    """The shipped routes of the folder ``alerts`` with receivers; with a ``folder`` secrets stand in files there.

    Raises UnusableSecrets for names that nothing asks for, and for a receiver that cannot be told at all.
    """
    shipped = yaml.safe_load((alerts / "alertmanager.yml").read_text())
    template = yaml.safe_load((alerts / "alertmanager-receivers.yml").read_text())
    if unknown := sorted(set(secrets) - set(_asked(template["receivers"]))):
        raise UnusableSecrets(f"nothing is called {', '.join(unknown)}")
    filled = Filled({"templates": template["templates"], **shipped})
    filler = _Filler(secrets, folder, filled.files)
    filled.configuration["receivers"] = filler.receivers(template["receivers"])
    for name, ways in filled.ways.items():
        if name in NEEDED and not ways:
            raise UnusableSecrets(f"{name}: nobody is told; give {NEEDED[name]}")
    if filled.ways["mail"]:
        shipped["route"]["routes"].insert(1, template["digest"])
    return filled


@dataclass(frozen=True, slots=True)
class _Filler:
    secrets: Mapping[str, str | int]
    folder: Path | None
    files: dict[Path, str]

    def receivers(self, templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by_name = {template["name"]: template for template in templates}
        return [self._receiver(template, by_name) for template in templates]

    def _receiver(self, template: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        source = others[template["like"]] if "like" in template else template
        told: dict[str, Any] = {"name": template["name"]}
        for kind, ways in source.items():
            if kind.endswith("_configs") and all(self._is_complete(way) for way in ways):
                told[kind] = [self._way(way) for way in ways]
                if "send_resolved" in template:
                    told[kind] = [{**way, "send_resolved": template["send_resolved"]} for way in told[kind]]
        return told

    def _is_complete(self, way: Mapping[str, Any]) -> bool:
        return all(name in self.secrets for key, name in _names(way) if key in _ESSENTIAL and name not in _DEFAULTED)

    def _way(self, way: Mapping[str, Any]) -> dict[str, Any]:
        names = dict(_names(way))
        filled = {}
        for key, value in way.items():
            if key not in names:
                filled[key] = value
            elif names[key] in self.secrets:
                filled |= self._value(key, names[key], is_secret="secret" in value)
        return filled

    def _value(self, key: str, name: str, *, is_secret: bool) -> dict[str, Any]:
        if self.folder is None or not is_secret:
            return {key: self.secrets[name]}
        path = self.folder / name
        self.files[path] = str(self.secrets[name])
        return {f"{key}_file": str(path)}


def _names(way: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of a way whose values the file of secrets has, with their names there."""
    for key, value in way.items():
        if isinstance(value, dict) and len(value) == 1 and {"secret", "value"} & set(value):
            yield key, next(iter(value.values()))


def _asked(receivers: list[dict[str, Any]]) -> Iterator[str]:
    for receiver in receivers:
        for kind, ways in receiver.items():
            if kind.endswith("_configs"):
                yield from (name for way in ways for _, name in _names(way))
