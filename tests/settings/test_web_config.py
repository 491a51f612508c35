"""The file of --web.config.file: strict, whole, and judged as promtool judges it wherever both can serve it."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recon_exporter import bundle
from recon_exporter.settings import web_config_file
from support.certificates import Authority

if TYPE_CHECKING:
    from recon_exporter.ports import Protection

HASH = "$2b$04$XUulMlCdlmIJwJRes7eAcuozDEPZU55lB9Db2XmkE/tKtvRixxNOO"
CIPHER = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"


@dataclass(frozen=True)
class Case:
    """A file, whether we and promtool take it, and where we are stricter what we say."""

    text: str
    ours: bool
    promtool: bool
    says: str = ""


def tls(more: str = "", cert: str = "server.pem", key: str = "server.key") -> str:
    return f"tls_server_config: {{cert_file: {cert}, key_file: {key}{', ' if more else ''}{more}}}"


def users(hashed: str = HASH, name: str = "prometheus") -> str:
    return f"basic_auth_users: {{{name}: {hashed}}}"


def headers(text: str) -> str:
    return f"http_server_config: {{headers: {{{text}}}}}"


CA = "client_ca_file: authority.pem"
VERIFIED = f"{CA}, client_auth_type: RequireAndVerifyClientCert"
BOTH_TAKE = (
    tls(),
    tls(VERIFIED),
    tls(f"{CA}, client_auth_type: VerifyClientCertIfGiven"),
    tls("client_auth_type: NoClientCert"),
    tls("min_version: TLS13, max_version: TLS13"),
    tls("max_version: TLS12"),
    tls(f"cipher_suites: [{CIPHER}, TLS_RSA_WITH_AES_128_CBC_SHA], prefer_server_cipher_suites: false"),
    tls("curve_preferences: [X25519]"),
    tls("curve_preferences: [CurveP256]"),
    users(),
    users(HASH.replace("$2b$", "$2y$")),
    users(HASH.replace("$2b$04", "$2a$12")),
    f"{tls(VERIFIED)}\n{users()}\n{headers('X-Frame-Options: deny, Strict-Transport-Security: max-age=1')}",
    "http_server_config: {http2: false}",
    headers("X-Content-Type-Options: nosniff, X-XSS-Protection: '0', Content-Security-Policy: \"default-src 'none'\""),
)
BOTH_REFUSE = (
    "nonsense: 1",
    "[]",
    "tls_server_config: [",
    "tls_server_config: {cert_file: server.pem}",
    "tls_server_config: {key_file: server.key}",
    tls("nonsense: 1"),
    tls(cert="absent.pem"),
    tls(key="absent.key"),
    tls(key="other.key"),
    tls(cert="server.key"),
    tls(key="server.pem"),
    tls(key="locked.key", cert="locked.pem"),
    tls("client_auth_type: nonsense"),
    tls(CA),
    tls("client_ca_file: absent.pem, client_auth_type: RequireAndVerifyClientCert"),
    tls("min_version: tls12"),
    tls("min_version: SSL30"),
    tls("cipher_suites: [NONSENSE]"),
    tls("curve_preferences: [P256]"),
    tls("prefer_server_cipher_suites: perhaps"),
    users("secret"),
    users("$3b$04$XUulMlCdlmIJwJRes7eAcuozDEPZU55lB9Db2XmkE/tKtvRixxNOO"),
    users("$2b$03$XUulMlCdlmIJwJRes7eAcuozDEPZU55lB9Db2XmkE/tKtvRixxNOO"),
    f"basic_auth_users: {{a: {HASH}, a: {HASH}}}",
    headers("X-Other: deny"),
    headers("x-frame-options: deny"),
    headers("X-Frame-Options: DENY"),
    headers("X-Frame-Options: ''"),
    "http_server_config: {http2: perhaps}",
    "rate_limit: {interval: 1s, burst: 2}",
    tls("cert: text"),
    tls("key: text"),
    tls("client_ca: text"),
)
WE_REFUSE = (
    Case("", ours=False, promtool=True, says="found nothing, expected at least one section"),
    Case("{}", ours=False, promtool=True, says="at least one section"),
    Case("basic_auth_users:", ours=False, promtool=True, says="basic_auth_users: found null"),
    Case("basic_auth_users: {}", ours=False, promtool=True, says="at least one user"),
    Case("tls_server_config: {}", ours=False, promtool=True, says="tls_server_config.cert_file: found nothing"),
    Case(users(HASH.replace("$2b$", "$2x$")), ours=False, promtool=True, says="a bcrypt hash"),
    Case(users(HASH.replace("$2b$04", "$2b$19")), ours=False, promtool=True, says="of a cost from 04 to 18"),
    Case(users(HASH + "x"), ours=False, promtool=True, says="a bcrypt hash"),
    Case(users(name='""'), ours=False, promtool=True, says="a name"),
    Case(users(name='"a:b"'), ours=False, promtool=True, says="without a colon"),
    Case(tls("client_auth_type: RequestClientCert"), ours=False, promtool=True, says="not verified"),
    Case(tls("client_auth_type: RequireAnyClientCert"), ours=False, promtool=True, says="not verified"),
    Case(tls("client_auth_type: RequireClientCert"), ours=False, promtool=True, says="not verified"),
    Case(tls("client_auth_type: RequireAndVerifyClientCert"), ours=False, promtool=True, says="a client_ca_file"),
    Case(tls("client_auth_type: VerifyClientCertIfGiven"), ours=False, promtool=True, says="a client_ca_file"),
    Case(tls(VERIFIED.replace("authority.pem", "server.key")), ours=False, promtool=True, says="certificates in PEM"),
    Case(tls("min_version: TLS10"), ours=False, promtool=True, says="older versions are not spoken"),
    Case(tls("min_version: TLS13, max_version: TLS12"), ours=False, promtool=True, says="no version above max_version"),
    Case(tls("cipher_suites: [TLS_AES_128_GCM_SHA256]"), ours=False, promtool=True, says="cannot be chosen"),
    Case(tls("curve_preferences: [X25519, CurveP256]"), ours=False, promtool=True, says="an order cannot be given"),
    Case("http_server_config: {http2: true}", ours=False, promtool=True, says="HTTP/2 is not spoken"),
    Case(headers("Content-Security-Policy: ''"), ours=False, promtool=True, says="not blank"),
    # The key is younger than the promtool of Debian 12.
    Case(tls(f"{VERIFIED}, client_allowed_sans: [prometheus]"), ours=True, promtool=False),
    Case(tls("client_allowed_sans: [prometheus]"), ours=False, promtool=False, says="RequireAndVerifyClientCert"),
    Case(tls(f"{VERIFIED}, client_allowed_sans: []"), ours=False, promtool=False, says="at least one name"),
)
CASES = (
    *(Case(text, ours=True, promtool=True) for text in BOTH_TAKE),
    *(Case(text, ours=False, promtool=False) for text in BOTH_REFUSE),
    *WE_REFUSE,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates that belong together, one that does not, and one whose key is locked."""
    made = tmp_path_factory.mktemp("web")
    authority = Authority(made)
    authority.issue("server")
    authority.issue("other")
    authority.issue("locked", passphrase="locked up")  # noqa: S106  # of a key that nobody uses
    return made


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The shipped example beside files of the names that it has."""
    authority = Authority(tmp_path, "clients-ca")
    authority.issue("recon-exporter")
    return Path(shutil.copy(bundle.part("config") / "web-config.example.yml", tmp_path))


def written(folder: Path, text: str) -> Path:
    path = folder / "web-config.yml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> list[str]:
    _, found = web_config_file.load(written(folder, text))
    return [str(problem).replace(f"{folder}/", "") for problem in found]


def protection(folder: Path, text: str) -> Protection:
    loaded, found = web_config_file.load(written(folder, text))
    assert loaded is not None, found
    return loaded.protection


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_file_is_taken_or_refused(folder: Path, case: Case) -> None:
    found = problems(folder, case.text)

    assert case.ours == (not found), found
    assert any(case.says in problem for problem in found) or not case.says
    assert all(problem.startswith("web-config.yml") for problem in found)


@pytest.mark.needs_program("promtool")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_promtool_agrees_wherever_the_table_says_so(folder: Path, case: Case) -> None:
    path = written(folder, case.text)
    judged = subprocess.run(["promtool", "check", "web-config", path], check=False, capture_output=True, text=True)

    assert case.promtool == (judged.returncode == 0), judged.stdout + judged.stderr


def test_every_problem_is_told_at_once_with_its_place(folder: Path) -> None:
    text = """\
tls_server_config:
  cert_file: absent.pem
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  min_version: TLS13
  max_version: TLS12
http_server_config:
  headers: {X-Frame-Options: no, X-Other: "1"}
"""

    assert problems(folder, text) == [
        'web-config.yml:8: http_server_config.headers.X-Frame-Options: found "no", expected deny or sameorigin',
        (
            'web-config.yml:8: http_server_config.headers.X-Other: found "1", expected one of the headers '
            "Content-Security-Policy, Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, "
            "X-XSS-Protection, spelt like this"
        ),
        (
            'web-config.yml:4: tls_server_config.client_auth_type: found "RequireAndVerifyClientCert", expected '
            "a client_ca_file to verify certificates with"
        ),
        'web-config.yml:5: tls_server_config.min_version: found "TLS13", expected no version above max_version TLS12',
        (
            'web-config.yml:2: tls_server_config.cert_file: found "absent.pem", expected a readable file '
            "(No such file or directory)"
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        users("correct-horse"),
        "basic_auth_users: {prometheus: [correct-horse]}",
        "basic_auth_users: correct-horse",
        "basic_auth_users: {prometheus: {password: correct-horse}}",
        tls("key: correct-horse"),
        "password: correct-horse",
    ],
)
def test_no_problem_shows_what_may_be_a_secret(folder: Path, text: str) -> None:
    found = problems(folder, text)

    assert found
    assert "correct-horse" not in "\n".join(found)


def test_hashes_are_not_shown_by_accident(folder: Path) -> None:
    made = protection(folder, users())

    assert made.users == {"prometheus": HASH}
    assert HASH not in repr(made)


def test_tls_is_what_the_file_says(folder: Path) -> None:
    made = protection(folder, tls(f"{VERIFIED}, min_version: TLS13, client_allowed_sans: [a, b]"))

    assert made.tls is not None
    assert (made.tls.minimum_version, made.tls.maximum_version) == (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    assert made.tls.verify_mode is ssl.CERT_REQUIRED
    assert len(made.tls.get_ca_certs()) == 1
    assert made.client_names == frozenset({"a", "b"})


def test_clients_may_stay_without_a_certificate_where_the_file_says_so(folder: Path) -> None:
    made = protection(folder, tls(f"{CA}, client_auth_type: VerifyClientCertIfGiven"))

    assert made.tls is not None
    assert made.tls.verify_mode is ssl.CERT_OPTIONAL


@pytest.mark.parametrize(("written_so", "is_set"), [("true", True), ("false", False)])
def test_order_of_ciphers_is_whose_the_file_says(folder: Path, written_so: str, is_set: bool) -> None:  # noqa: FBT001
    made = protection(folder, tls(f"cipher_suites: [{CIPHER}], prefer_server_cipher_suites: {written_so}"))

    assert made.tls is not None
    assert bool(made.tls.options & ssl.OP_CIPHER_SERVER_PREFERENCE) is is_set
    old = [cipher["name"] for cipher in made.tls.get_ciphers() if cipher["protocol"] != "TLSv1.3"]
    assert old == ["ECDHE-ECDSA-AES128-GCM-SHA256"]


def test_passwords_in_the_clear_and_keys_for_everybody_are_warned_of(folder: Path) -> None:
    clear, _ = web_config_file.load(written(folder, users()))
    (folder / "open.key").write_bytes((folder / "server.key").read_bytes())
    (folder / "open.key").chmod(0o644)
    public, _ = web_config_file.load(written(folder, f"{tls(key='open.key')}\n{users()}"))
    quiet, _ = web_config_file.load(written(folder, f"{tls()}\n{users()}"))

    assert clear is not None
    assert [warning.endswith("they travel in the clear") for warning in clear.warnings] == [True]
    assert public is not None
    assert [warning.endswith("read by everybody on this machine") for warning in public.warnings] == [True]
    assert quiet is not None
    assert quiet.warnings == ()


@pytest.mark.needs_program("promtool")
def test_shipped_example_is_taken_by_both(example: Path) -> None:
    loaded, found = web_config_file.load(example)

    assert found == ()
    assert loaded is not None
    assert loaded.warnings == ()
    assert [*loaded.protection.users] == ["prometheus"]
    subprocess.run(["promtool", "check", "web-config", example], check=True, capture_output=True)


def test_mutual_tls_of_the_shipped_example_works_where_its_marks_are_taken_away(example: Path) -> None:
    example.write_text(example.read_text().replace("  # client_", "  client_"))
    loaded, found = web_config_file.load(example)

    assert found == ()
    assert loaded is not None
    assert loaded.protection.client_names == frozenset({"prometheus.example.org"})
