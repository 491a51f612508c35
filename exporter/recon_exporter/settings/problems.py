"""From what pydantic refuses to problems that name file, place, value and what was expected, secrets masked."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.documents import Document
from recon_exporter.settings.layers import Layer, Layers
from recon_exporter.settings.section import TAG
from recon_exporter.settings.trees import NumberText, Path, Tree
from recon_exporter.settings.urls import MASK, masked

Model = TypeVar("Model", bound=BaseModel)

LONGEST = 120
HASHES = ("basic_auth_users",)
SECRETS = frozenset({"webhook", "state", "halt_action", "ledger"})
"""Sections whose key ``url``, or an item of ``urls``, may hold a secret."""

_CONTAINERS = {"model_type": "an object", "dict_type": "an object", "tuple_type": "a list"}


def judged(
    model: type[Model], tree: Tree, directory: FilePath, layers: Layers
) -> tuple[Model | None, tuple[ConfigurationProblem, ...]]:
    """The tree as the model reads it, or every problem that it has."""
    try:
        return model.model_validate(tree, context={"directory": directory}), ()
    except ValidationError as error:
        return None, tuple(_problems(error, model, layers))


def judged_file(
    model: type[Model], document: Document, directory: FilePath
) -> tuple[Model | None, tuple[ConfigurationProblem, ...]]:
    """One file by itself; its own problems (syntax, keys that stand twice) come first."""
    if document.tree is None and document.problems:
        return None, document.problems
    value, problems = judged(model, document.tree, directory, Layers(document, document.tree, {}))
    return value, (*document.problems, *problems)


def _problems(error: ValidationError, model: type[BaseModel], layers: Layers) -> Iterator[ConfigurationProblem]:
    for details in error.errors(include_url=False):
        yield problem_at(layers, _path(details["loc"]), _found(details), _expected(details, model))


def _path(location: Path) -> Path:
    """The path in the file: without the marks of the sections that a type picked."""
    return tuple(step for step in location if not _is_tag(step))


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith(TAG)


def problem_at(layers: Layers, path: Path, found: str, expected: str) -> ConfigurationProblem:
    """A problem of an effective value: of the flag or variable that gave it, else of the file."""
    assignment = layers.assignment(path)
    if assignment is None:
        return in_file(layers.file, path, found, expected)
    place = "command line" if assignment.layer is Layer.FLAG else "environment"
    found = MASK if assignment.is_secret else bare(str(assignment.value))
    return ConfigurationProblem(place, assignment.name, found, expected)


def in_file(document: Document, path: Path, found: str, expected: str) -> ConfigurationProblem:
    """A problem of a value in a file."""
    return ConfigurationProblem(document.place(path), dotted(path), found, expected)


def in_environment(name: str, found: str, expected: str) -> ConfigurationProblem:
    """A problem of a variable that sets no place of the tree."""
    return ConfigurationProblem("environment", name, found, expected)


def dotted(path: Path) -> str:
    """The path as it is written in messages; a dash for the file as a whole."""
    return ".".join(str(step) for step in path) or "-"


def _found(details: ErrorDetails) -> str:
    kind, value = details["type"], details["input"]
    if kind == "missing":
        return "nothing"
    # A value that stands where another thing belongs, or under an unknown key, may be a misplaced secret.
    if kind == "extra_forbidden":
        return "an unknown key"
    if kind in _CONTAINERS or not isinstance(value, str | bool):
        return _sort(value)
    return MASK if _is_secret(_path(details["loc"])) else shown(value)


def _is_secret(path: Path) -> bool:
    place = path[:-1] if path and isinstance(path[-1], int) else path
    return path[:1] == HASHES or (place[-1:] in {("url",), ("urls",)} and not SECRETS.isdisjoint(place[-2:-1]))


def shown(value: str | bool) -> str:  # noqa: FBT001  # a value of the file is what it is
    """The value as it stands in the file: a text in quotes, so that "true" is told from true; secrets masked."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, NumberText) else f'"{bare(value)}"'


def bare(text: str) -> str:
    """The text, cut where it is long; an address without what may be a secret in it."""
    text = masked(text) if "://" in text else text
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _sort(value: Any) -> str:  # noqa: ANN401  # whatever stands in the file
    sorts = {dict: "an object", list: "a list", type(None): "null", bool: "true or false"}
    return sorts.get(type(value), "a text")


def _expected(details: ErrorDetails, model: type[BaseModel]) -> str:
    kind = details["type"]
    if kind == "expected":
        return str(details["ctx"]["expected"])
    if kind == "missing":
        return "a value"
    if kind == "extra_forbidden":
        return f"one of the keys {', '.join(_known(model, details['loc'][:-1]))}"
    return _CONTAINERS.get(kind, details["msg"])


def _known(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys of the section at the path."""
    sections: tuple[type[BaseModel], ...] = ()
    for step in path:
        if _is_tag(step):
            model = next(section for section in sections if type_of(section) == str(step).removeprefix(TAG))
        elif step in model.model_fields:
            sections = tuple(models_in(model.model_fields[str(step)].annotation))
            model = next(iter(sections), model)
    return tuple(model.model_fields)


def type_of(section: type[BaseModel]) -> str:
    """The type that picks the section; empty for one that is not picked by its type."""
    field = section.model_fields.get("type")
    return str(next(iter(get_args(field.annotation)), "")) if field else ""


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  # any type expression
    """The sections that a type expression is made of: in dict[str, Fleet] it is Fleet."""
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)
