"""Credentials of the accounts: all parts from the variables of one prefix, or none; never from another prefix.

``<PREFIX>_<VENUE>_API_KEY`` and its like hold a part, the same name with ``_FILE`` the path of a file that does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from recon_exporter.domain.policy import Account
from recon_exporter.errors import ConfigurationError, ConfigurationProblem
from recon_exporter.settings.environment import text_of
from recon_exporter.settings.problems import in_environment
from recon_exporter.settings.secret_files import UnusableSecret, read_secret
from recon_exporter.settings.urls import MASK

API_KEY, SECRET, PASSPHRASE = "API_KEY", "SECRET", "PASSPHRASE"
Key = tuple[str, str]
"""Prefix and venue, in capitals."""

WITH_PASSPHRASE = frozenset({"BITGET"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key to one account; ``passphrase`` is None where there is none."""

    prefix: str
    venue: str
    api_key: SecretStr
    secret: SecretStr
    passphrase: SecretStr | None


def load(
    accounts: Iterable[Account], needed: Mapping[Key, str], environment: Mapping[str, str], directory: Path
) -> tuple[tuple[Credentials, ...], tuple[ConfigurationProblem, ...]]:
    """The credentials of every prefix that the account map names, with every problem.

    Those in ``needed`` must be there, for the section of the configuration that the mapping tells.
    """
    found: list[Credentials] = []
    problems: list[ConfigurationProblem] = []
    for key in sorted({*_keys(accounts), *needed}):
        try:
            found += _credentials(key, needed.get(key), environment, directory)
        except ConfigurationError as error:
            problems += error.problems
    return tuple(found), tuple(problems)


def _keys(accounts: Iterable[Account]) -> set[Key]:
    """Prefix and venue of every account that somebody may look at."""
    named = [account for account in accounts if account.credential_prefix and account.exchange != "none"]
    return {(account.credential_prefix, venue_key(account.exchange)) for account in named}


def venue_key(exchange: str) -> str:
    """The exchange in names of variables: its first word in capitals, so bitget_perpetual has the keys of bitget."""
    return exchange.upper().split("_")[0]


def _credentials(
    key: Key, needed_by: str | None, environment: Mapping[str, str], directory: Path
) -> Iterator[Credentials]:
    """The credentials where any part is set; raises ConfigurationError with every problem of the parts."""
    prefix, venue = key
    names = {part: f"{prefix}_{venue}_{part}" for part in (API_KEY, SECRET, PASSPHRASE)}
    set_ = {part for part, name in names.items() if text_of(environment, name) or text_of(environment, f"{name}_FILE")}
    if not set_ and needed_by is None:
        return
    needed = {API_KEY, SECRET} | ({PASSPHRASE} if venue in WITH_PASSPHRASE else set())
    cause = f"{needed_by} needs it" if needed_by else f"{' and '.join(names[part] for part in sorted(set_))} is set"
    problems = [in_environment(names[part], "nothing", f"a value, because {cause}") for part in sorted(needed - set_)]
    parts: dict[str, SecretStr] = {}
    for part in sorted(set_):
        try:
            parts[part] = _value(names[part], environment, directory)
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        raise ConfigurationError(problems)
    yield Credentials(prefix, venue, parts[API_KEY], parts[SECRET], parts.get(PASSPHRASE))


def _value(name: str, environment: Mapping[str, str], directory: Path) -> SecretStr:
    text, path = text_of(environment, name), text_of(environment, f"{name}_FILE")
    if text and path:
        raise ConfigurationError([in_environment(name, MASK, f"either {name} or {name}_FILE")])
    if text:
        return SecretStr(text)
    try:
        return SecretStr(read_secret(directory / str(path)))
    except UnusableSecret as error:
        refused = in_environment(f"{name}_FILE", str(path), f"a file with one line ({error})")
        raise ConfigurationError([refused]) from None
