"""One value above the other: flags over environment over the file over what is built in.

The layers are merged as trees of texts and validated together, so that a value is read by the same rule wherever it
came from; where each came from is kept beside.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from recon_exporter.settings.documents import Document
from recon_exporter.settings.trees import Path, Tree


class Layer(StrEnum):
    """Where an effective value came from; the earlier beats the later."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value that a flag or a variable gives to a place of the tree; ``name`` is that of the flag or variable."""

    layer: Layer
    name: str
    path: Path
    value: str | bool
    is_secret: bool = False


_ALTERNATIVES: Mapping[str | int, str] = {"url": "url_file", "url_file": "url"}


def alternative(path: Path) -> Path | None:
    """The other way to say the same: a stronger layer that uses one takes the other away from the weaker ones."""
    other = _ALTERNATIVES.get(path[-1])
    return None if other is None else (*path[:-1], other)


@dataclass(frozen=True, slots=True)
class Layers:
    """The merged tree, the file below it, and the assignments above it."""

    file: Document
    tree: Tree
    assigned: Mapping[Path, Assignment]

    def under(self, assignments: Iterable[Assignment]) -> "Layers":
        """The same with one stronger layer."""
        tree, added = self.tree, {assignment.path: assignment for assignment in assignments}
        for path in added:
            other = alternative(path)
            if other is not None:
                tree = without(tree, other)
        for path, assignment in added.items():
            tree = replaced(tree, path, assignment.value)
        return Layers(self.file, tree, {**self.assigned, **added})

    def assignment(self, path: Path) -> Assignment | None:
        """The flag or variable that gave the value at the path."""
        return self.assigned.get(path)

    def origin(self, path: Path) -> tuple[Layer, str]:
        """The layer of an effective value, and the name of its flag, variable or file."""
        for place in (path, alternative(path) or path):
            if place in self.assigned:
                return self.assigned[place].layer, self.assigned[place].name
            if holds(self.tree, place) and holds(self.file.tree, place):
                return Layer.FILE, str(self.file.path)
        return Layer.BUILTIN, ""


def replaced(tree: Tree, path: Path, value: Tree) -> Tree:
    """The tree with the value at the path; a tree that is no mapping stays, because it is refused by itself."""
    if not path:
        return value
    if not isinstance(tree, dict):
        return tree
    return {**tree, path[0]: replaced(tree.get(path[0], {}), path[1:], value)}


def without(tree: Tree, path: Path) -> Tree:
    """The tree without the key at the path."""
    if not isinstance(tree, dict) or path[0] not in tree:
        return tree
    if len(path) == 1:
        return {key: value for key, value in tree.items() if key != path[0]}
    return {**tree, path[0]: without(tree[path[0]], path[1:])}


def holds(tree: Tree, path: Path) -> bool:
    """Whether the tree has a value at the path."""
    for step in path:
        if not isinstance(tree, dict) or step not in tree:
            return False
        tree = tree[step]
    return True
