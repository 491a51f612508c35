"""How the HTTP server is protected: transport, passwords, and the headers that are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLContext
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Protection:
    """What stands between a client and an answer; without anything it is plain HTTP for everybody.

    ``client_names`` are the names of which a client's certificate has to carry one, None where any will do. ``users``
    have bcrypt hashes; without users nobody is asked for a password. ``headers`` go with every answer.
    """

    tls: SSLContext | None = None
    client_names: frozenset[str] | None = None
    users: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
