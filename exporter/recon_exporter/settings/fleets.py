"""Fleets: the built-in one, what each reads, and that no bot stands in two places."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.documents import Document
from recon_exporter.settings.end_of_day import EodSettings
from recon_exporter.settings.environment import DATA_ROOT, text_of
from recon_exporter.settings.layers import replaced
from recon_exporter.settings.problems import in_environment, in_file
from recon_exporter.settings.scope import ScopeSettings
from recon_exporter.settings.shape import Fleet
from recon_exporter.settings.trees import Tree
from recon_exporter.settings.venues import BuiltFleetVenue

NAME_SPACES = ("runtime_v24", "epp_v24")
BUILTIN: Mapping[str, Mapping[str, str]] = {"hbot": {"type": "hbot"}}


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """Where the books of a fleet are, and the exchange snapshot; it is compared with where ``has_exchange_source``.

    ``venue`` is where the end-of-day runs of ``eod`` find the other side.
    """

    name: str
    data_root: Path
    event_store: Path
    exchange_snapshot: Path
    has_exchange_source: bool
    venue: BuiltFleetVenue | None = None
    eod: EodSettings | None = None
    intraday: bool | None = None
    scope: ScopeSettings | None = None


def builtin(environment: Mapping[str, str], directory: Path) -> Tree:
    """The tree that stands in for an absent ``recon.yml``: the fleet hbot, where its books are told or found."""
    if text_of(environment, DATA_ROOT) or any((directory / "data").glob("*/logs")):
        return {"fleets": BUILTIN}
    return {}


def names(tree: Tree) -> tuple[str, ...]:
    """The fleets that a tree has."""
    fleets = tree.get("fleets") if isinstance(tree, dict) else None
    return tuple(name for name, fleet in fleets.items() if isinstance(fleet, dict)) if isinstance(fleets, dict) else ()


def typed(tree: Tree) -> Tree:
    """A tree of what variables say, with the type that its fleets have in the file."""
    for name in names(tree):
        tree = replaced(tree, ("fleets", name, "type"), "hbot")
    return tree


def settings_of(fleets: Mapping[str, Fleet]) -> tuple[FleetSettings, ...]:
    """The fleets as the ledgers need them."""
    return tuple(
        FleetSettings(
            name,
            fleet.data_root,
            fleet.event_store,
            fleet.exchange_snapshot.path,
            fleet.exchange_snapshot.enabled,
            # What is of another type was refused when the section was read.
            fleet.venue if isinstance(fleet.venue, BuiltFleetVenue) else None,
            fleet.eod,
            fleet.intraday,
            fleet.scope,
        )
        for name, fleet in sorted(fleets.items())
    )


def ambiguous_root(fleets: tuple[str, ...], environment: Mapping[str, str]) -> Iterator[ConfigurationProblem]:
    """One data root can be that of one fleet only."""
    text = text_of(environment, DATA_ROOT)
    if text and len(fleets) > 1:
        yield in_environment(DATA_ROOT, text, f"no value where the fleets are several: {', '.join(fleets)}")


def absent(document: Document, tree: Tree) -> Iterator[ConfigurationProblem]:
    """There is nobody to reconcile; said only where nothing worse is the matter with the file as a whole."""
    if document.problems:
        return
    if isinstance(tree, dict) and tree.get("fleets", {}) == {} == tree.get("bots", {}):
        if document.is_absent:
            yield in_file(document, ("fleets",), "no file", f"a file with fleets or bots, {DATA_ROOT}, or data/*/logs")
        else:
            yield in_file(document, ("fleets",), "nothing", "fleets or bots")


def twice(document: Document, fleets: tuple[FleetSettings, ...]) -> Iterator[ConfigurationProblem]:
    """Bots that two fleets find, now, on disk."""
    owners: dict[str, str] = {}
    for fleet in fleets:
        for bot in sorted(found_bots(fleet.data_root)):
            owner = owners.setdefault(bot, fleet.name)
            if owner != fleet.name:
                path = ("fleets", fleet.name, "data_root")
                yield in_file(document, path, f"{fleet.data_root} with {bot}", f"bots that {owner} has not")


def found_bots(data_root: Path) -> set[str]:
    """The names of the folders that look like those of a bot; none where there is no data root that can be read."""
    try:
        names = os.listdir(data_root)  # noqa: PTH208  # asked in every cycle, and paths of 1 000 bots take their time
    except OSError:
        return set()
    root = str(data_root)
    return {name for name in names if any(os.access(f"{root}/{name}/logs/{space}", os.F_OK) for space in NAME_SPACES)}
