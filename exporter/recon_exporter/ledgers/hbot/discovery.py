"""Finding the bots of a fleet: ``<bot>/logs/{runtime_v24,epp_v24}/<variant>`` below the data root."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable
from recon_exporter.errors import SourceError, SourceUnreadable

NAME_SPACES = ("runtime_v24", "epp_v24")


@dataclass(frozen=True, slots=True)
class VariantFolder:
    """One log folder: ``path`` is relative to the data root, ``folder`` as it can be opened."""

    bot: str
    path: str
    folder: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """The log folders by bot, and the bots of which one could not be looked into."""

    folders: Mapping[str, tuple[VariantFolder, ...]]
    unreadable: Mapping[str, Unavailable]


def find_bots(data_root: Path) -> Discovery:
    """All bots below the root; raises SourceError where the root itself is not there or cannot be read."""
    folders: dict[str, tuple[VariantFolder, ...]] = {}
    unreadable: dict[str, Unavailable] = {}
    try:
        bots = sorted(_folders(str(data_root)))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError(f"data root {data_root}: {error.strerror}") from None
    except OSError as error:
        raise SourceUnreadable(f"data root {data_root}: {error.strerror}") from None
    for bot in bots:
        try:
            found = tuple(_variants(str(data_root), bot))
        except OSError as error:
            unreadable[bot] = Unavailable(Reason.SOURCE_UNREADABLE, str(error))
            continue
        if not all(_is_unicode(folder.path) for folder in found):
            unreadable[_printable(bot)] = Unavailable(Reason.SOURCE_UNREADABLE, "a folder's name is no UTF-8")
        elif found:
            folders[bot] = found
    return Discovery(folders, unreadable)


def _variants(data_root: str, bot: str) -> Iterator[VariantFolder]:
    for name_space in NAME_SPACES:
        below = f"{bot}/logs/{name_space}"
        try:
            names = sorted(_folders(f"{data_root}/{below}"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for name in names:
            yield VariantFolder(bot, f"{below}/{name}", f"{data_root}/{below}/{name}")


def _folders(path: str) -> Iterator[str]:
    with os.scandir(path) as entries:
        for entry in entries:
            if _may_be_folder(entry):
                yield entry.name


def _may_be_folder(entry: os.DirEntry[str]) -> bool:
    """What cannot be looked at says why when it is opened: one bot's folder must not cost the others theirs."""
    try:
        return entry.is_dir()
    except OSError:
        return True


def _is_unicode(name: str) -> bool:
    return name.isascii() or _printable(name) == name


def _printable(name: str) -> str:
    """The name as it can be written: a byte that is no UTF-8 stands as its number."""
    return os.fsencode(name).decode(errors="backslashreplace")
