"""The TLS of the HTTP server: from what the web configuration says to a context that does just that."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from recon_exporter.settings.web_config import CIPHERS, CURVES, NO_CLIENT_CERTIFICATE, REQUIRED, TlsServer

Fault = tuple[str, str, str]
"""The key at fault, what was found there, and what was expected."""

_VERSIONS: Mapping[str, ssl.TLSVersion] = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_OF_ANOTHER = "KEY_VALUES_MISMATCH"


def faults(tls: TlsServer) -> Iterator[Fault]:
    """Everything that keeps this from being served: contradictions, and files that do not hold what they should."""
    yield from _contradictions(tls)
    certificate = tuple(_certificate_faults("cert_file", tls.cert_file))
    yield from certificate
    yield from _key_faults(tls, is_certified=not certificate)
    if tls.client_ca_file is not None:
        yield from _certificate_faults("client_ca_file", tls.client_ca_file)


def context(tls: TlsServer) -> ssl.SSLContext:
    """A context that serves this; raises OSError where a file was changed since it was found without fault."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version, made.maximum_version = _VERSIONS[tls.min_version], _VERSIONS[tls.max_version]
    made.options |= ssl.OP_NO_RENEGOTIATION
    made.set_alpn_protocols(["http/1.1"])
    if not tls.prefer_server_cipher_suites:
        made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if tls.cipher_suites:
        made.set_ciphers(":".join(CIPHERS[name] for name in tls.cipher_suites))
    for curve in tls.curve_preferences:
        made.set_ecdh_curve(CURVES[curve])
    if tls.client_ca_file is not None:
        made.load_verify_locations(tls.client_ca_file)
        made.verify_mode = ssl.CERT_REQUIRED if tls.client_auth_type == REQUIRED else ssl.CERT_OPTIONAL
    _load_chain(made, tls)
    return made


def _contradictions(tls: TlsServer) -> Iterator[Fault]:
    kind, names = tls.client_auth_type, tls.client_allowed_sans
    if kind == NO_CLIENT_CERTIFICATE and tls.client_ca_file is not None:
        yield "client_ca_file", f'"{tls.client_ca_file}"', f"a client_auth_type other than {NO_CLIENT_CERTIFICATE}"
    if kind != NO_CLIENT_CERTIFICATE and tls.client_ca_file is None:
        yield "client_auth_type", f'"{kind}"', "a client_ca_file to verify certificates with"
    if names is not None and kind != REQUIRED:
        yield "client_allowed_sans", "a list", f"client_auth_type {REQUIRED}"
    if names == ():
        yield "client_allowed_sans", "an empty list", "at least one name, or no such key"
    if tls.min_version > tls.max_version:
        yield "min_version", f'"{tls.min_version}"', f"no version above max_version {tls.max_version}"
    if len(tls.curve_preferences) > 1:
        yield "curve_preferences", f"{len(tls.curve_preferences)} curves", "one curve: an order cannot be given"


def _certificate_faults(key: str, path: Path) -> Iterator[Fault]:
    """Why the file gives no certificates."""
    try:
        path.read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(path)
    except ssl.SSLError:
        yield key, f'"{path}"', "a file of certificates in PEM"
    except OSError as error:
        yield key, f'"{path}"', f"a readable file ({error.strerror})"


def _key_faults(tls: TlsServer, *, is_certified: bool) -> Iterator[Fault]:
    """Why the key cannot be had, or is not that of the certificate, where there is one."""
    try:
        tls.key_file.read_bytes()
        if is_certified:
            _load_chain(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), tls)
    except ssl.SSLError as error:
        reason = error.reason or "no PEM"
        if reason == _OF_ANOTHER:
            yield "key_file", f'"{tls.key_file}"', "the private key of the certificate in cert_file"
        else:
            expected = f"an unencrypted private key in PEM, strong enough as its certificate ({reason})"
            yield "key_file", f'"{tls.key_file}"', expected
    except OSError as error:
        yield "key_file", f'"{tls.key_file}"', f"a readable file ({error.strerror})"


def _load_chain(made: ssl.SSLContext, tls: TlsServer) -> None:
    # A passphrase is given so that nobody is asked for one at the terminal; an encrypted key fails by it.
    made.load_cert_chain(tls.cert_file, tls.key_file, password="")
