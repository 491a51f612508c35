"""The files of the packages as their tests see them: the Containerfile's instructions, the compose file, the unit."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
CONFIG = ROOT / "config"
HBOT = PurePosixPath("/workspace/hbot")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Containerfile; ``text`` is all that stands behind its name."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words of it, those of an exec form or of a shell's line."""
        words: list[str] = json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)
        return words


def instructions(text: str) -> list[Instruction]:
    """All instructions, continued lines joined, in the order of the file."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [Instruction(*re.split(r"\s+", line, maxsplit=1)) for line in joined.splitlines() if line.strip()]


IMAGE = instructions((ROOT / "Containerfile").read_text())
FINAL = IMAGE[max(number for number, instruction in enumerate(IMAGE) if instruction.name == "FROM") :]


def of_final(name: str) -> list[Instruction]:
    """The instructions of this name in the last stage, which is the image."""
    return [instruction for instruction in FINAL if instruction.name == name]


def image_environment() -> dict[str, str]:
    pairs = [word.partition("=") for instruction in of_final("ENV") for word in instruction.words]
    return {name: value for name, _, value in pairs}


def read_yaml(path: Path) -> Any:  # noqa: ANN401  # whatever the file holds
    return yaml.safe_load(path.read_text())


COMPOSE: dict[str, Any] = read_yaml(CONFIG / "compose" / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
_VARIABLE = re.compile(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")


def defaults(text: str) -> dict[str, str]:
    """The variables that a text of the compose file asks for, with what stands in for them."""
    return {found["name"]: found["default"] for found in _VARIABLE.finditer(text)}


def interpolated(text: str) -> str:
    """The text where no variable is set."""
    return _VARIABLE.sub(lambda found: found["default"], text)


@dataclass(frozen=True, slots=True)
class Mount:
    source: str
    target: PurePosixPath
    is_read_only: bool

    @property
    def is_volume(self) -> bool:
        """A volume has a name, a folder of the machine a path."""
        return not self.source.startswith((".", "/"))


def mounts(service: str) -> list[Mount]:
    """What a service has mounted where no variable is set."""
    parts = [interpolated(text).split(":") for text in SERVICES[service].get("volumes", [])]
    return [Mount(source, PurePosixPath(target), mode == ["ro"]) for source, target, *mode in parts]


def example_variables() -> dict[str, tuple[str, bool]]:
    """The variables of .env.example: the value, and whether it is set or only shown."""
    lines = re.findall(r"^(# )?(\w+)=(.*)$", (CONFIG / "env" / ".env.example").read_text(), re.MULTILINE)
    return {name: (value, not shown) for shown, name, value in lines}
