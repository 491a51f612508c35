"""Loading the web configuration file: strictly, every problem at once, or the protection that it asks for."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from recon_exporter.errors import ConfigurationProblem
from recon_exporter.ports import Protection
from recon_exporter.settings import documents, tls
from recon_exporter.settings.documents import Document, Identity, Kind
from recon_exporter.settings.problems import in_file, judged_file, shown
from recon_exporter.settings.web_config import HEADERS, WebConfig

Problems = tuple[ConfigurationProblem, ...]

_TLS = "tls_server_config"
_HEADERS = ("http_server_config", "headers")
_FILES = ("cert_file", "key_file", "client_ca_file")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the file asks for, what tells it and the files it names from later ones, and what to know about it."""

    protection: Protection
    identities: tuple[Identity | None, ...] = ()
    warnings: tuple[str, ...] = ()


UNPROTECTED = Loaded(Protection())


def load(path: Path) -> tuple[Loaded | None, Problems]:
    """Read the file and those it names."""
    before = identities(path)
    document = documents.read(Kind.WEB, path, is_named=True)
    if document.tree is None and not document.problems:
        return None, (_says_nothing(document),)
    config, problems = judged_file(WebConfig, document, path.parent)
    if config is None:
        return None, problems
    problems = (*problems, *_problems(config, document))
    if problems:
        return None, problems
    try:
        return Loaded(_protection(config), before, tuple(_warnings(config, path))), ()
    except OSError as error:
        found = f"files that changed while they were read ({error.strerror or type(error).__name__})"
        return None, (in_file(document, (_TLS,), found, "certificate and key"),)


def identities(path: Path | None) -> tuple[Identity | None, ...]:
    """What tells that the file, or one that it names as it stands now, is another one."""
    if path is None:
        return ()
    tree = documents.read(Kind.WEB, path, is_named=True).tree
    section = tree.get(_TLS) if isinstance(tree, dict) else None
    named = [section.get(key) for key in _FILES] if isinstance(section, dict) else []
    paths = (path, *(path.parent / name for name in named if isinstance(name, str) and "\0" not in name))
    return tuple(documents.identity_of(one) for one in paths)


def _problems(config: WebConfig, document: Document) -> Iterator[ConfigurationProblem]:
    """What only shows when keys are seen together, or in the files they name."""
    if not config.model_fields_set:
        yield _says_nothing(document)
    if config.basic_auth_users == {}:
        yield in_file(document, ("basic_auth_users",), "an empty object", "at least one user, or no such key")
    for name, text in config.http_server_config.headers.items():
        choices = HEADERS.get(name)
        if choices is None:
            expected = f"one of the headers {', '.join(HEADERS)}, spelt like this"
            yield in_file(document, (*_HEADERS, name), shown(text), expected)
        elif choices and text not in choices:
            yield in_file(document, (*_HEADERS, name), shown(text), " or ".join(choices))
    if config.tls_server_config is not None:
        for key, found, expected in tls.faults(config.tls_server_config):
            yield in_file(document, (_TLS, key), found, expected)


def _says_nothing(document: Document) -> ConfigurationProblem:
    # A file that is just being written is empty, and must not take the passwords away.
    return in_file(document, (), "nothing", "at least one section")


def _protection(config: WebConfig) -> Protection:
    server = config.tls_server_config
    names = None if server is None else server.client_allowed_sans
    users = {name: hashed.get_secret_value() for name, hashed in (config.basic_auth_users or {}).items()}
    return Protection(
        tls=None if server is None else tls.context(server),
        client_names=None if names is None else frozenset(names),
        users=MappingProxyType(users),
        headers=MappingProxyType(dict(config.http_server_config.headers)),
    )


def _warnings(config: WebConfig, path: Path) -> Iterator[str]:
    server = config.tls_server_config
    if server is None and config.basic_auth_users:
        yield f"{path}: passwords are asked for without TLS: they travel in the clear"
    if server is not None and server.key_file.stat().st_mode & stat.S_IROTH:
        yield f"{server.key_file}: the private key can be read by everybody on this machine"
