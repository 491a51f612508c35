"""Names of instruments in the configuration: aliases that lead somewhere, and no symbol twice in two spellings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from recon_exporter.domain.symbols import Symbols
from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.documents import Document
from recon_exporter.settings.problems import in_file
from recon_exporter.settings.scalars import Name, Text, refused
from recon_exporter.settings.trees import Path


def read_aliases(aliases: dict[str, str]) -> dict[str, str]:
    """Names that lead to one that is no alias itself."""
    try:
        Symbols.of(aliases)
    except ValueError as error:
        raise refused(f"names that each lead to one that is no alias itself ({error})") from None
    return aliases


def spelt_twice(
    document: Document, aliases: Mapping[str, str], places: Mapping[Path, Iterable[str]]
) -> Iterator[ConfigurationProblem]:
    """Symbols that mean the same instrument as an earlier one of their place."""
    canonical = Symbols.of(aliases).canonical
    for path, names in places.items():
        seen: dict[str, str] = {}
        for name in names:
            earlier = seen.setdefault(canonical(name), name)
            if earlier != name:
                yield in_file(document, (*path, name), f'"{name}"', f"another symbol than {earlier}, which it means")


Aliases = Annotated[dict[Name, Text], AfterValidator(read_aliases)]
