"""The files of the configuration as they are on disk: text, tree, digest, and what tells that one changed."""

import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings import trees


class Kind(StrEnum):
    """Which file it is."""

    RECON = "recon"
    THRESHOLDS = "thresholds"
    ACCOUNT_MAP = "account_map"
    WEB = "web"


_YAML = (Kind.RECON, Kind.WEB)

Identity = tuple[int, int, int, int]
"""Device, inode, size and time of change of a file."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read; an absent one has an empty tree, one that could not be read None and problems."""

    kind: Kind
    path: Path
    text: str
    tree: trees.Tree
    sha256: str | None
    identity: Identity | None
    problems: tuple[ConfigurationProblem, ...]

    @property
    def is_absent(self) -> bool:
        return self.sha256 is None

    def place(self, path: trees.Path) -> str:
        """The file, with the line of the value where it can be found."""
        line = trees.line_of(self.text, path)
        return f"{self.path}:{line}" if line else str(self.path)


def read(kind: Kind, path: Path, *, is_named: bool) -> Document:
    """Read one file; a named one that is absent has a problem, an absent default is only absent."""
    try:
        with path.open("rb") as file:
            identity = _identity(os.fstat(file.fileno()))
            content = file.read()
    except FileNotFoundError:
        problems = (_unreadable(path, "no such file"),) if is_named else ()
        return Document(kind, path, text="", tree={}, sha256=None, identity=None, problems=problems)
    except OSError as error:
        return _damaged(kind, path, None, _unreadable(path, str(error.strerror)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _damaged(kind, path, identity, _unreadable(path, "bytes that are no UTF-8"))
    parsed = trees.parse_yaml(text) if kind in _YAML else trees.parse_json(text)
    faults = tuple(_problem(path, fault) for fault in parsed.faults)
    return Document(kind, path, text, parsed.tree, hashlib.sha256(content).hexdigest(), identity, faults)


def _damaged(kind: Kind, path: Path, identity: Identity | None, problem: ConfigurationProblem) -> Document:
    return Document(kind, path, text="", tree=None, sha256="", identity=identity, problems=(problem,))


def identity_of(path: Path) -> Identity | None:
    """What tells a file from an earlier or later one of its name; None where there is none."""
    try:
        return _identity(path.stat())
    except OSError:
        return None


def combined_digest(documents: tuple[Document, ...]) -> str:
    """One SHA-256 over all files; an absent one is told apart from an empty one."""
    parts = (f"{document.kind}={document.sha256 or 'absent'}\n" for document in documents)
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _identity(status: os.stat_result) -> Identity:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _unreadable(path: Path, found: str) -> ConfigurationProblem:
    return ConfigurationProblem(str(path), "-", found, "a readable file")


def _problem(path: Path, fault: trees.Fault) -> ConfigurationProblem:
    place = f"{path}:{fault.line}" if fault.line else str(path)
    return ConfigurationProblem(place, fault.path or "-", fault.found, fault.expected)
