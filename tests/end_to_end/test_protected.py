"""A protected exporter and the programs that scrape it: Prometheus, curl, and its own health check."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bcrypt
import pytest
import requests
import yaml
from cryptography import x509

from end_to_end.world import COMMAND, command, environment, until
from recon_exporter.demo.programs import find, free_port, start_prometheus
from support.certificates import Authority, Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from end_to_end.world import Bot

PASSWORD = "correct horse battery staple"  # noqa: S105  # of a user that only tests have
TLS = {"cert_file": "server.pem", "key_file": "server.key"}
USERS = {"prometheus": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}
MUTUAL = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "authority.pem"}
NAMED = {"client_allowed_sans": ["prometheus.example.org"]}


@dataclass
class Place:
    """A folder with certificates, the web configuration and an exporter that serves by it."""

    folder: Path
    authority: Authority
    server: Pair
    client: Pair
    address: str

    @property
    def url(self) -> str:
        return f"https://{self.address}"

    def configure(self, **sections: object) -> None:
        (self.folder / "web-config.yml").write_text(yaml.safe_dump(sections))

    def get(self, path: str, *, cert: Pair | None = None, password: str = PASSWORD) -> requests.Response:
        shown = None if cert is None else (str(cert.certificate), str(cert.key))
        trust = str(self.authority.certificate)
        return requests.get(self.url + path, auth=("prometheus", password), verify=trust, cert=shown, timeout=10)

    def is_served(self, **options: Pair | None) -> Callable[[], bool]:
        def ask() -> bool:
            try:
                return self.get("/-/ready", **options).ok  # type: ignore[arg-type]
            except requests.ConnectionError:
                return False

        return ask

    def shown(self) -> bytes:
        """The certificate that the exporter shows."""
        host, _, port = self.address.rpartition(":")
        return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))


@pytest.fixture
def place(folder: Path, bot: Bot) -> Place:
    bot.write()
    authority = Authority(folder)
    server = authority.issue("server")
    client = authority.issue("client", x509.DNSName("prometheus.example.org"))
    return Place(folder, authority, server, client, f"127.0.0.1:{free_port()}")


@pytest.fixture
def serve(place: Place) -> Iterator[Callable[[], None]]:
    """Start the exporter by what was configured; ended by its own id."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        log = (place.folder / "serve.log").open("ab")
        program = [*COMMAND, "serve", f"--web.listen-address={place.address}", "--web.config.file=web-config.yml"]
        with log:
            started.append(subprocess.Popen(program, cwd=place.folder, env=environment(), stdout=log, stderr=log))

    yield start
    for process in started:
        process.terminate()
        assert process.wait(15) == 0


def scrapes(place: Place, more: Mapping[str, object]) -> str:
    """What a real Prometheus says of the target after its first scrapes: its health and last error."""
    job = {
        "job_name": "recon-exporter",
        "scheme": "https",
        "scrape_interval": "1s",
        "static_configs": [{"targets": [place.address]}],
        **more,
    }
    path = place.folder / "prometheus.yml"
    path.write_text(yaml.safe_dump({"scrape_configs": [job]}))
    executable = find("Prometheus")
    assert executable is not None
    folder = place.folder / "prometheus"
    folder.mkdir(exist_ok=True)
    program = start_prometheus(executable, path, folder)
    found: list[str] = []

    def is_scraped() -> bool:
        targets = requests.get(f"{program.url}/api/v1/targets", timeout=5).json()["data"]["activeTargets"]
        found[:] = [f"{target['health']} {target['lastError']}".strip() for target in targets]
        return bool(found) and found != ["unknown"]

    try:
        until(is_scraped, "a first scrape")
    finally:
        program.stop()
    return found[0]


@pytest.mark.needs_program("prometheus")
def test_prometheus_scrapes_with_a_password_over_tls(place: Place, serve: Callable[[], None]) -> None:
    place.configure(tls_server_config=TLS, basic_auth_users=USERS)
    serve()
    until(place.is_served(), "the first cycle")
    trust = {"tls_config": {"ca_file": str(place.authority.certificate)}}
    (place.folder / "password").write_text(PASSWORD)
    user = {"basic_auth": {"username": "prometheus", "password_file": str(place.folder / "password")}}

    assert scrapes(place, {**trust, **user}) == "up"
    assert scrapes(place, trust) == "down server returned HTTP status 401 Unauthorized"
    assert "certificate" in scrapes(place, user)


@pytest.mark.needs_program("prometheus")
def test_prometheus_scrapes_with_a_client_certificate(place: Place, serve: Callable[[], None]) -> None:
    place.configure(tls_server_config=TLS | MUTUAL | NAMED)
    serve()
    until(place.is_served(cert=place.client), "the first cycle")
    trust = {"ca_file": str(place.authority.certificate)}
    shown = {"cert_file": str(place.client.certificate), "key_file": str(place.client.key)}
    nameless = place.authority.issue("nameless", x509.DNSName("grafana.example.org"))
    other = {"cert_file": str(nameless.certificate), "key_file": str(nameless.key)}

    assert scrapes(place, {"tls_config": trust | shown}) == "up"
    assert scrapes(place, {"tls_config": trust}).startswith("down ")
    assert scrapes(place, {"tls_config": trust | other}).startswith("down ")


@pytest.mark.needs_program("curl")
def test_curl_and_the_health_check_are_answered(place: Place, serve: Callable[[], None]) -> None:
    place.configure(tls_server_config=TLS, basic_auth_users=USERS)
    serve()
    until(place.is_served(), "the first cycle")
    curl = ["curl", "--silent", "--cacert", str(place.authority.certificate), "--write-out", "%{http_code}"]
    named = ["--user", f"prometheus:{PASSWORD}"]
    quiet = ["--output", "/dev/null"]
    answers = [
        subprocess.run([*curl, *quiet, *more, f"{place.url}{path}"], check=False, capture_output=True, text=True).stdout
        for path, more in (("/metrics", named), ("/metrics", []), ("/-/ready", []), ("/-/healthy", []))
    ]
    checked = command(
        place.folder, "healthcheck", f"--web.listen-address={place.address}", "--web.config.file=web-config.yml"
    )

    assert answers == ["200", "401", "401", "200"]
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == f"{place.url}/-/healthy: 200 recon-exporter is healthy\n"


def test_health_check_shows_a_certificate_where_one_is_asked_for(place: Place, serve: Callable[[], None]) -> None:
    place.configure(tls_server_config=TLS | MUTUAL)
    serve()
    until(place.is_served(cert=place.client), "the first cycle")
    asked = ["healthcheck", f"--web.listen-address={place.address}", "--web.config.file=web-config.yml"]
    shown = ["--cert-file", str(place.client.certificate), "--key-file", str(place.client.key)]

    assert command(place.folder, *asked).returncode == 1
    assert command(place.folder, *asked, *shown).returncode == 0


def test_certificate_and_users_are_renewed_without_a_restart(place: Place, serve: Callable[[], None]) -> None:
    place.configure(tls_server_config=TLS, basic_auth_users=USERS)
    serve()
    until(place.is_served(), "the first cycle")
    renewed = place.authority.issue("renewed")

    renewed.copy_to(place.server)
    until(lambda: place.shown() == renewed.fingerprint(), "the new certificate")

    place.server.certificate.write_text("broken")
    refused = "recon_config_last_reload_successful 0"
    until(lambda: refused in place.get("/metrics").text, "a refused reload")
    assert place.shown() == renewed.fingerprint()

    renewed.copy_to(place.server)
    until(lambda: refused not in place.get("/metrics").text, "a reload")
    place.configure(tls_server_config=TLS, basic_auth_users={"grafana": USERS["prometheus"]})
    until(lambda: place.get("/metrics").status_code == 401, "the user gone")
    assert "tls_server_config.cert_file" in (place.folder / "serve.log").read_text()


def test_broken_file_keeps_the_exporter_from_starting(place: Place) -> None:
    place.configure(tls_server_config=TLS | {"client_auth_type": "RequireAndVerifyClientCert"})
    ended = command(place.folder, "serve", "--web.config.file=web-config.yml")

    assert ended.returncode == 2
    assert "expected a client_ca_file to verify certificates with" in ended.stderr
