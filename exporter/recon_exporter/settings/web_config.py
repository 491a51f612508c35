"""The shape of the file behind ``--web.config.file``: the web configuration that Prometheus exporters share.

What this server cannot do is refused by its name: nothing that stands in the file is passed over.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated

import bcrypt
from pydantic import PlainValidator, SecretStr

from recon_exporter.settings.scalars import Flag, LocalPath, Text, one_of, read_text, refused
from recon_exporter.settings.section import NeverNull, Section, builtin, left_out
from recon_exporter.settings.shape import OptionalPath

NO_CLIENT_CERTIFICATE = "NoClientCert"
REQUIRED = "RequireAndVerifyClientCert"
_VERIFYING = (NO_CLIENT_CERTIFICATE, "VerifyClientCertIfGiven", REQUIRED)
_NOT_VERIFYING = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
_VERSIONS = ("TLS12", "TLS13")
_OLD_VERSIONS = ("TLS10", "TLS11")
_NOT_CHOSEN = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")

CIPHERS: Mapping[str, str] = {
    "TLS_RSA_WITH_AES_128_CBC_SHA": "AES128-SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA": "AES256-SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256": "AES128-GCM-SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384": "AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
}
"""The names of the file, and those of OpenSSL."""

CURVES: Mapping[str, str] = {
    "CurveP256": "prime256v1",
    "CurveP384": "secp384r1",
    "CurveP521": "secp521r1",
    "X25519": "X25519",
}

HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""The headers that may be set, and what each may be; anything where nothing is named."""

# A cost of 18 takes some ten seconds a password, beyond that clients give up.
_HASH = re.compile(r"\$2[aby]\$(?P<cost>0[4-9]|1[0-8])\$(?P<rest>[./A-Za-z0-9]{53})")
_VALUE = re.compile(r"[\x20-\x7e]+")


def _choice(choices: tuple[str, ...], others: tuple[str, ...], why: str) -> Callable[[object], str]:
    """A reader of one of a few words, which says why it does not take some that the format knows."""
    read_choice = one_of(*choices)

    def read(value: object) -> str:
        if value in others:
            raise refused(f"{' or '.join(choices)}: {why}")
        return read_choice(value)

    return read


def read_hash(value: object) -> SecretStr:
    """A bcrypt hash that can be checked: of a form that is known, and of a cost that a client can wait for."""
    match = _HASH.fullmatch(value) if isinstance(value, str) else None
    expected = "a bcrypt hash that begins with $2a$, $2b$ or $2y$, of a cost from 04 to 18"
    if match is None:
        raise refused(expected)
    try:
        # The cheapest cost tells as much about its form.
        bcrypt.checkpw(b"", f"$2b$04${match['rest']}".encode())
    except ValueError:
        raise refused(expected) from None
    return SecretStr(match[0])


def read_user(value: object) -> str:
    """A name that a client can send: a colon ends it."""
    if not isinstance(value, str) or not value.strip() or ":" in value or not value.isprintable():
        raise refused("a name that is not blank, without a colon")
    return value


def read_http2(value: object) -> bool:
    if value is not False:
        raise refused("false or no such key: HTTP/2 is not spoken")
    return False


def read_header(value: object) -> str:
    if not isinstance(value, str) or not _VALUE.fullmatch(value) or not value.strip():
        raise refused("one line of text that is not blank")
    return value


_CLIENT_AUTH = _choice(_VERIFYING, _NOT_VERIFYING, "no certificate is taken that is not verified")
_VERSION = _choice(_VERSIONS, _OLD_VERSIONS, "older versions are not spoken")
_CIPHER = _choice(tuple(CIPHERS), _NOT_CHOSEN, "those of TLS 1.3 cannot be chosen")

Version = Annotated[str, PlainValidator(_VERSION)]
Cipher = Annotated[str, PlainValidator(_CIPHER)]
Curve = Annotated[str, PlainValidator(one_of(*CURVES))]
User = Annotated[str, PlainValidator(read_user)]
Hash = Annotated[SecretStr, PlainValidator(read_hash)]
ClientName = Annotated[str, PlainValidator(read_text)]


class TlsServer(Section):
    """Certificate and key of the server, and what it wants to see of its clients."""

    cert_file: LocalPath
    key_file: LocalPath
    client_auth_type: Annotated[str, PlainValidator(_CLIENT_AUTH)] = builtin(NO_CLIENT_CERTIFICATE)
    client_ca_file: OptionalPath = left_out()
    client_allowed_sans: Annotated[tuple[ClientName, ...] | None, NeverNull] = left_out()
    min_version: Version = builtin("TLS12")
    max_version: Version = builtin("TLS13")
    cipher_suites: tuple[Cipher, ...] = builtin([])
    prefer_server_cipher_suites: Flag = True
    curve_preferences: tuple[Curve, ...] = builtin([])


class HttpServer(Section):
    """The headers that go with every answer; HTTP/2 can only be switched off."""

    http2: Annotated[bool, PlainValidator(read_http2)] = False
    headers: dict[Text, Annotated[str, PlainValidator(read_header)]] = builtin({})


class WebConfig(Section):
    """The whole file."""

    tls_server_config: Annotated[TlsServer | None, NeverNull] = left_out()
    http_server_config: HttpServer = builtin({})
    basic_auth_users: Annotated[dict[User, Hash] | None, NeverNull] = left_out()
