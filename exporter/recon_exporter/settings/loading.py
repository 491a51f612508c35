"""Loading the configuration: flags > environment > file > built-in, every problem at once, never looser on error.

``load`` reads files and a mapping of variables and gives a frozen value or raises; it changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.errors import ConfigurationError, ConfigurationProblem
from recon_exporter.settings import (
    accounts,
    bots,
    credentials,
    documents,
    fleets,
    scope,
    secret_files,
    symbols,
    thresholds,
    web_config_file,
)
from recon_exporter.settings.accounts import AccountMap
from recon_exporter.settings.advice import notices, warnings
from recon_exporter.settings.documents import Document, Kind
from recon_exporter.settings.entries import entries
from recon_exporter.settings.environment import CONFIG_FILE, from_environment, from_flags, text_of
from recon_exporter.settings.layers import Assignment, Layers, holds
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.policies import policies
from recon_exporter.settings.problems import judged, judged_file, problem_at
from recon_exporter.settings.shape import Configuration, Effective
from recon_exporter.settings.thresholds import Thresholds
from recon_exporter.settings.trees import Path as TreePath

DEFAULT_PATHS: Mapping[Kind, str] = {
    Kind.RECON: "config/recon.yml",
    Kind.THRESHOLDS: "config/reconciliation_thresholds.json",
    Kind.ACCOUNT_MAP: "config/exchange_account_map.json",
}
_FILE_KEYS: Mapping[Kind, str] = {Kind.THRESHOLDS: "thresholds_file", Kind.ACCOUNT_MAP: "account_map_file"}

Problems = tuple[ConfigurationProblem, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration is loaded from, apart from its files; ``directory`` is what relative paths start at.

    ``opens_venues`` says whether venues will be asked: then the credentials that open them have to be there.
    ``serves`` says whether the HTTP server will run: then its file, and the keys it names, have to be readable.
    """

    overrides: Overrides
    environment: Mapping[str, str]
    directory: Path
    opens_venues: bool = True
    serves: bool = False


def load(
    overrides: Overrides,
    environment: Mapping[str, str],
    directory: Path,
    *,
    opens_venues: bool = True,
    serves: bool = False,
) -> Settings:
    """Load all three files; raises ConfigurationError with every problem of files, variables and flags."""
    surroundings = Surroundings(overrides, environment, directory, opens_venues, serves)
    return load_under(recon_document(surroundings), surroundings)


def recon_document(surroundings: Surroundings) -> Document:
    """Read ``recon.yml``: the file that flag or variable name, or that of the default path, which may be absent."""
    flag = surroundings.overrides.config_file
    named = text_of(surroundings.environment, CONFIG_FILE) if flag is None else flag
    path = surroundings.directory / (named or DEFAULT_PATHS[Kind.RECON])
    return documents.read(Kind.RECON, path, is_named=named is not None)


def load_under(recon: Document, surroundings: Surroundings) -> Settings:
    """Load the two JSON files under a ``recon.yml`` that was read before."""
    layers, effective, problems = _effective(recon, surroundings)
    limits, accounts_, problems_of_files = _json_files(layers, surroundings)
    needed = bots.needed_credentials(layers.tree) if surroundings.opens_venues else {}
    keys, problems_of_keys = credentials.load(accounts_.all, needed, surroundings.environment, surroundings.directory)
    web, problems_of_web = _web_config(layers, surroundings)
    problems = (*problems, *problems_of_web, *problems_of_files, *problems_of_keys)
    if effective is None or web is None or problems:
        raise ConfigurationError(_unique(problems))
    found = (recon, limits.document, accounts_.document)
    return Settings(
        web=effective.web,
        protection=web.protection,
        protection_files=web.identities,
        log=effective.log,
        state=effective.state,
        reports=effective.reports,
        schedule=effective.schedule,
        webhook=effective.webhook,
        alertmanager=effective.alertmanager,
        incidents=effective.incidents,
        confirm=effective.confirm,
        tolerances=effective.tolerances,
        policy=effective.policy,
        aliases=effective.aliases,
        fleets=fleets.settings_of(effective.fleets),
        bots=bots.settings_of(effective.bots),
        snapshot_job=effective.snapshot_job,
        credentials=keys,
        policies=policies(effective, limits, accounts_),
        documents=found,
        sha256=documents.combined_digest(found),
        entries=entries(effective, layers),
        notices=tuple(notices(found, effective)),
        warnings=(*warnings(effective, limits, surroundings.environment), *web.warnings),
    )


def _unique(problems: Problems) -> Problems:
    """Each problem once: what is wrong in the file is met again under the environment and under the flags."""
    by_place: dict[tuple[str, str, str], ConfigurationProblem] = {}
    for problem in problems:
        by_place.setdefault((problem.file, problem.path, problem.value), problem)
    return tuple(by_place.values())


def _effective(recon: Document, surroundings: Surroundings) -> tuple[Layers, Effective | None, Problems]:
    """What the layers give together. Each is judged by itself too, so that none hides what is wrong in another."""
    environment, directory = surroundings.environment, surroundings.directory
    tree = fleets.builtin(environment, directory) if recon.is_absent else recon.tree
    names = fleets.names(tree)
    variables = tuple(from_environment(environment, names))
    flags = tuple(from_flags(surroundings.overrides))
    layers = Layers(recon, tree if isinstance(tree, dict) else {}, {}).under(variables).under(flags)
    problems = (
        *judged_file(Configuration, recon, directory)[1],
        *_alone(from_environment(environment, names or tuple(fleets.BUILTIN)), recon, directory),
        *_alone(flags, recon, directory),
        *fleets.absent(recon, tree),
        *fleets.ambiguous_root(names, environment),
    )
    effective, together = judged(Effective, layers.tree, directory, layers)
    if effective is None:
        return layers, None, (*problems, *together)
    effective, unread = secret_files.resolved(effective, layers, directory)
    return layers, effective, (*problems, *unread, *_across(effective, layers))


def _alone(assignments: Iterable[Assignment], recon: Document, directory: Path) -> Problems:
    layers = Layers(recon, {}, {}).under(assignments)
    return judged(Effective, fleets.typed(layers.tree), directory, layers)[1]


def _across(effective: Effective, layers: Layers) -> Problems:
    found_fleets = fleets.settings_of(effective.fleets)
    return (
        *fleets.twice(layers.file, found_fleets),
        *bots.problems(layers.file, bots.settings_of(effective.bots), found_fleets),
        *symbols.spelt_twice(layers.file, effective.aliases, _places_of_symbols(effective)),
        *scope.contradictory(layers.file, effective.aliases, _scopes(effective)),
    )


def _scopes(effective: Effective) -> Mapping[TreePath, scope.ScopeSettings]:
    members = {("bots", name): bot.scope for name, bot in effective.bots.items()}
    members |= {("fleets", name): fleet.scope for name, fleet in effective.fleets.items()}
    return {(*path, "scope"): said for path, said in members.items() if said is not None}


def _places_of_symbols(effective: Effective) -> Mapping[TreePath, Iterable[str]]:
    places: dict[TreePath, Iterable[str]] = {("tolerances", "symbols"): effective.tolerances.symbols}
    for section, members in (("bots", effective.bots), ("fleets", effective.fleets)):
        for name, member in members.items():
            if member.eod is not None:
                places[section, name, "eod", "stale_after_symbols"] = member.eod.stale_after_symbols
    return places


def _json_files(layers: Layers, surroundings: Surroundings) -> tuple[Thresholds, AccountMap, Problems]:
    directory = surroundings.directory
    limits, in_limits = thresholds.load(
        _json_document(Kind.THRESHOLDS, layers, directory), surroundings.environment, directory
    )
    map_, in_map = accounts.load(_json_document(Kind.ACCOUNT_MAP, layers, directory), directory)
    return limits, map_, (*in_limits, *in_map)


def _web_config(layers: Layers, surroundings: Surroundings) -> tuple[web_config_file.Loaded | None, Problems]:
    """What the file of the HTTP server asks for, which only those who serve have to be able to read."""
    web = layers.tree.get("web") if isinstance(layers.tree, dict) else None
    name = web.get("config_file") if isinstance(web, dict) else None
    if not isinstance(name, str) or not name.strip():
        return web_config_file.UNPROTECTED, ()
    path = surroundings.directory / name
    if not path.is_file():
        return None, (problem_at(layers, ("web", "config_file"), str(path), "the path of a file"),)
    return web_config_file.load(path) if surroundings.serves else (web_config_file.UNPROTECTED, ())


def _json_document(kind: Kind, layers: Layers, directory: Path) -> Document:
    key = (_FILE_KEYS[kind],)
    value = layers.tree.get(*key) if isinstance(layers.tree, dict) else None
    path = value if isinstance(value, str) and value else DEFAULT_PATHS[kind]
    return documents.read(kind, directory / path, is_named=holds(layers.tree, key))
