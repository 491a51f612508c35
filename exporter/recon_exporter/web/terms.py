"""What a connection has to show to come in and to stay: encryption, and a client certificate."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from recon_exporter.ports import Protection


@dataclass(frozen=True, slots=True)
class Terms:
    """What a connection had to show to come in. Under other terms than those in force it does not stay.

    ``verify_mode`` is None for one that is not encrypted.
    """

    verify_mode: ssl.VerifyMode | None
    authorities: frozenset[bytes]
    client_names: frozenset[str] | None

    def admit(self, transport: asyncio.BaseTransport) -> bool:
        """Whether the client's certificate carries one of the names that are asked for."""
        if self.client_names is None:
            return True
        return not self.client_names.isdisjoint(_names(transport.get_extra_info("peercert") or {}))


def terms_of(protection: Protection) -> Terms:
    """The terms of a protection; another certificate of the server does not change them."""
    tls = protection.tls
    if tls is None:
        return Terms(verify_mode=None, authorities=frozenset(), client_names=None)
    return Terms(tls.verify_mode, frozenset(tls.get_ca_certs(binary_form=True)), protection.client_names)


def _names(certificate: dict[str, Any]) -> Iterable[str]:
    """Every alternative name of a certificate, in the form in which one writes it."""
    for kind, name in certificate.get("subjectAltName", ()):
        yield str(ip_address(name)) if kind == "IP Address" else name
