"""The section ``scope``: which symbols are the bot's, where others trade beside it."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from recon_exporter.domain.scope import one_name
from recon_exporter.domain.symbols import Symbols
from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.documents import Document
from recon_exporter.settings.problems import in_file
from recon_exporter.settings.scalars import Text, refused
from recon_exporter.settings.section import NeverNull, Section, left_out
from recon_exporter.settings.trees import Path


def read_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """At least one: without any, nothing would be compared and all would look clean."""
    if not names:
        raise refused("at least one symbol")
    return names


_LIST = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
Names = Annotated[tuple[Text, ...], AfterValidator(read_names), WithJsonSchema(_LIST)]


class ScopeSettings(Section):
    """``only`` these symbols are compared, or all ``without`` those; left out, all are."""

    only: Annotated[Names | None, NeverNull] = left_out()
    without: Annotated[Names | None, NeverNull] = left_out()


OptionalScope = Annotated[ScopeSettings | None, NeverNull]


def contradictory(
    document: Document, aliases: Mapping[str, str], scopes: Mapping[Path, ScopeSettings]
) -> Iterator[ConfigurationProblem]:
    """Symbols that a scope both holds and leaves out, in whatever spelling."""
    symbols = Symbols.of(aliases)
    for path, scope in scopes.items():
        held = {one_name(symbols, symbol): symbol for symbol in scope.only or ()}
        for place, symbol in enumerate(scope.without or ()):
            earlier = held.get(one_name(symbols, symbol))
            if earlier is not None:
                expected = f"a symbol that only does not name, and it names {earlier}"
                yield in_file(document, (*path, "without", place), f'"{symbol}"', expected)
