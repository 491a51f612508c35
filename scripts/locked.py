"""Prints the part of requirements.lock that is needed to run the package, or with `--build` to build it.

The lock holds everything for development too, and says below each requirement what needs it; so the part is followed
upwards from there, without a registry and without anything installed. The image is made from these two parts.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTRAS = ("duckdb", "postgres")
"""What the image has beside the plain package: both kinds of databases that can be configured."""

_ENTRY = re.compile(r"^(?P<name>[\w.-]+)==.*\n(?:[ ]+.*\n)*", re.MULTILINE)
_NEEDED_BY = re.compile(r"# +(?:via )?([\w.-]+)$", re.MULTILINE)


def needed(names: Iterable[str], lock: str) -> str:
    """The entries of these requirements and of what they need; raises KeyError for one that is not locked."""
    entries = {entry["name"]: entry[0] for entry in _ENTRY.finditer(lock)}
    wanted = {name: entries[name] for name in map(_normal, names)}
    while more := _one_step(wanted, entries):
        wanted |= more
    return "".join(wanted[name] for name in sorted(wanted))


def _one_step(wanted: Mapping[str, str], entries: Mapping[str, str]) -> dict[str, str]:
    """The entries that something wanted needs, and that are not wanted yet."""
    others = {name: entry for name, entry in entries.items() if name not in wanted}
    return {name: entry for name, entry in others.items() if not wanted.keys().isdisjoint(_NEEDED_BY.findall(entry))}


def _normal(requirement: str) -> str:
    """The name in a requirement, as the lock writes it: `psycopg[binary]>=3.2` asks for psycopg."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def main(arguments: list[str]) -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, build = configuration["project"], configuration["build-system"]
    extras = [name for extra in EXTRAS for name in project["optional-dependencies"][extra]]
    names = build["requires"] if arguments == ["--build"] else [*project["dependencies"], *extras]
    print(needed(names, (ROOT / "requirements.lock").read_text()), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
