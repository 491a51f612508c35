"""Reading YAML and JSON strictly into trees of mappings, lists and texts.

Numbers stay the text that was written (NumberText), only true, false and null become values of their own, a key that
stands twice is an error, and so are NaN and Infinity later, because they are texts here and no numbers.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Tree = object
"""A mapping, a list, a text, a NumberText, a bool or None."""
Path = tuple[str | int, ...]


class NumberText(str):
    """The text of a number that stood in the file without quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text could not be read: the line where it is known, the key or empty, what was found and expected."""

    line: int | None
    path: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says; ``tree`` is None where the faults left nothing to judge."""

    tree: Tree
    faults: tuple[Fault, ...]


class _Loader(yaml.SafeLoader):
    """Safe YAML with text for everything but true, false and null, which remembers keys that stand twice."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  # not those of the parent: they make floats

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: list[Fault] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # type: ignore[override]  # noqa: ARG002, FBT001, FBT002
        self._remember_twice(node)
        self.flatten_mapping(node)
        return {_key(key): self.construct_object(value, deep=True) for key, value in node.value}

    def _remember_twice(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            name = _key(key)
            if name in seen:
                self.twice.append(Fault(key.start_mark.line + 1, name, "the key twice", "each key once"))
            seen.add(name)


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, "a key that is no text", node.start_mark)
    return str(node.value)


_NUMBER = r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"^(?:{_NUMBER})$"), [*"-+.0123456789"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^<<$"), ["<"])
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: NumberText(node.value))
_Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: NumberText(node.value))


def parse_yaml(text: str) -> Parsed:
    """Read one YAML document; every key that stands twice is told, and otherwise the first fault."""
    loader = None
    try:
        loader = _Loader(text)
        tree = loader.get_single_data()
    except yaml.YAMLError as error:
        return Parsed(None, (*(loader.twice if loader else ()), _yaml_fault(error)))
    except RecursionError:
        return Parsed(None, (_too_deep("YAML"),))
    return Parsed(tree, tuple(loader.twice))


def _too_deep(language: str) -> Fault:
    return Fault(None, "", "too many levels", f"valid {language}")


def _yaml_fault(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    # What stands in quotes is a piece of the file, which may be a piece of a secret.
    problem = re.sub(r"'[^']{2,}'|\"[^\"]{2,}\"", "…", getattr(error, "problem", None) or "a character that is refused")
    return Fault(mark.line + 1 if mark else None, "", problem.removeprefix("found "), "valid YAML")


def parse_json(text: str) -> Parsed:
    """Read one JSON document; every key that stands twice is told, and otherwise the first fault."""
    twice: list[Fault] = []

    def mapping(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        doubled = sorted({name for name in names if names.count(name) > 1})
        twice.extend(Fault(None, name, "the key twice", "each key once") for name in doubled)
        return dict(pairs)

    try:
        tree = json.loads(
            text, object_pairs_hook=mapping, parse_float=NumberText, parse_int=NumberText, parse_constant=str
        )
    except json.JSONDecodeError as error:
        return Parsed(None, (*twice, Fault(error.lineno, "", error.msg, "valid JSON")))
    except RecursionError:
        return Parsed(None, (_too_deep("JSON"),))
    return Parsed(tree, tuple(twice))


def line_of(text: str, path: Path) -> int | None:
    """The line of the value at ``path``, or of the deepest part of the path that is there; JSON is read as YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    line = None
    for step in path:
        child = _child(node, step)
        if child is None:
            return line
        line, node = child
    return line


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == step:
            return key.start_mark.line + 1, value
    return None
