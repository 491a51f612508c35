"""Passwords: right, wrong, unknown, too long; each hash computed once, and no difference to be heard."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bcrypt
import pytest

from recon_exporter.ports import Protection
from recon_exporter.web import authentication
from recon_exporter.web.authentication import Authentication

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.serving import Served

PASSWORD = "correct horse"  # noqa: S105  # of a user that only tests have
AS_LONG_AS_ALLOWED = "x" * 72


def hashed(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


USERS = {"prometheus": hashed(PASSWORD), "grafana": hashed(AS_LONG_AS_ALLOWED)}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class Counted:
    """Checks passwords as bcrypt does, and notes against which hash."""

    hashes: list[str] = field(default_factory=list)

    def __call__(self, password: bytes, against: bytes) -> bool:
        self.hashes.append(against.decode())
        return bcrypt.checkpw(password, against)


def judged(*asked: str | None, check: Counted | None = None) -> list[bool]:
    """What comes out for headers, asked one after the other."""

    async def run() -> list[bool]:
        judge = Authentication(check or Counted())
        return [await judge.admits(header, USERS) for header in asked]

    return asyncio.run(run())


def test_right_password_is_admitted_and_wrong_ones_are_not() -> None:
    asked = [
        basic("prometheus", PASSWORD),
        basic("prometheus", "wrong"),
        basic("prometheus", ""),
        basic("nobody", PASSWORD),
        basic("grafana", PASSWORD),
        basic("grafana", AS_LONG_AS_ALLOWED),
        basic("prometheus", PASSWORD).replace("Basic", "bAsIc"),
    ]

    assert judged(*asked) == [True, False, False, False, False, True, True]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"prometheus").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Bearer " + base64.b64encode(f"prometheus:{PASSWORD}".encode()).decode(),
        PASSWORD,
    ],
)
def test_header_that_names_nobody_costs_nothing(header: str | None) -> None:
    check = Counted()

    assert judged(header, check=check) == [False]
    assert check.hashes == []


def test_longer_password_than_bcrypt_looks_at_is_refused_and_not_cut_off() -> None:
    assert judged(basic("grafana", AS_LONG_AS_ALLOWED + "y")) == [False]


def test_password_with_a_zero_byte_is_only_wrong() -> None:
    assert judged(basic("prometheus", "a\0b")) == [False]


def test_each_answer_is_computed_once() -> None:
    check = Counted()
    asked = [basic("prometheus", PASSWORD), basic("prometheus", "wrong"), basic("nobody", "x")] * 3

    assert judged(*asked, check=check) == [True, False, False] * 3
    assert len(check.hashes) == 3


def test_unknown_user_costs_one_hash_of_a_known_one() -> None:
    check = Counted()
    judged(basic("nobody", "x"), basic("somebody", "x"), basic("prometheus", "x"), check=check)

    assert len(check.hashes) == 3
    assert set(check.hashes) <= set(USERS.values())


def test_flood_of_wrong_passwords_does_not_push_out_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "KEPT", 4)
    check = Counted()
    right = basic("prometheus", PASSWORD)
    judged(right, *(basic("prometheus", str(number)) for number in range(10)), right, check=check)

    assert len(check.hashes) == 11


def test_many_at_once_with_one_password_wait_for_one_hash() -> None:
    check = Counted()

    async def ask() -> list[bool]:
        judge = Authentication(check)
        return await asyncio.gather(*(judge.admits(basic("prometheus", PASSWORD), USERS) for _ in range(50)))

    assert asyncio.run(ask()) == [True] * 50
    assert len(check.hashes) == 1


def test_password_that_was_changed_is_not_admitted_from_memory() -> None:
    async def ask() -> list[bool]:
        judge = Authentication()
        header = basic("prometheus", PASSWORD)
        changed = {"prometheus": hashed("another")}
        return [await judge.admits(header, USERS), await judge.admits(header, changed)]

    assert asyncio.run(ask()) == [True, False]


def test_nothing_that_is_kept_shows_a_password() -> None:
    async def ask() -> Authentication:
        judge = Authentication()
        await judge.admits(basic("prometheus", PASSWORD), USERS)
        return judge

    kept = asyncio.run(ask())._kept[True]._proofs

    assert [len(proof) for proof in kept] == [32]
    assert PASSWORD.encode() not in b"".join(kept)


@pytest.fixture
def guarded(serve: Callable[..., Served]) -> Served:
    return serve(protection=Protection(users=USERS, headers={"X-Frame-Options": "deny"}))


@pytest.mark.parametrize("path", ["/metrics", "/-/ready", "/-/reload", "/", "/config", "/runs", "/nothing"])
def test_every_path_asks_for_a_password(guarded: Served, path: str) -> None:
    answer = guarded.ask(path)

    assert (answer.status, answer.text) == (401, "unauthorized\n")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert guarded.ask(path, Authorization=basic("prometheus", "wrong")).status == 401
    assert guarded.ask(path, Authorization=basic("prometheus", PASSWORD)).status == guarded_by_nobody(path)


def guarded_by_nobody(path: str) -> int:
    return {"/-/ready": 503, "/-/reload": 405, "/nothing": 404}.get(path, 200)


def test_health_is_told_to_the_machine_itself(guarded: Served) -> None:
    assert guarded.ask("/-/healthy").status == 200


@pytest.mark.parametrize(
    ("remote", "is_local"),
    [
        *((address, True) for address in ("127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1")),
        *((address, False) for address in ("10.0.0.1", "::ffff:10.0.0.1", "", None, "unix")),
    ],
)
def test_only_the_loopback_interface_is_the_machine_itself(remote: str | None, is_local: bool) -> None:  # noqa: FBT001
    from recon_exporter.web.server import _is_local  # noqa: PLC0415  # no other test looks behind the server

    assert _is_local(remote) is is_local


def test_headers_go_with_every_answer(guarded: Served) -> None:
    told = [
        guarded.ask("/metrics").headers["X-Frame-Options"],
        guarded.ask("/nothing", Authorization=basic("prometheus", PASSWORD)).headers["X-Frame-Options"],
        guarded.ask("/", Authorization=basic("prometheus", PASSWORD)).headers["X-Frame-Options"],
    ]

    assert told == ["deny"] * 3


def test_configured_header_takes_the_place_of_ours(serve: Callable[..., Served]) -> None:
    policy = "default-src 'self'"
    served = serve(protection=Protection(headers={"Content-Security-Policy": policy}))

    assert served.ask("/").headers.get_all("Content-Security-Policy") == [policy]


def test_scrapes_go_on_while_somebody_guesses(serve: Callable[..., Served]) -> None:
    served = serve(protection=Protection(users={"prometheus": hashed(PASSWORD, 10)}))
    right = basic("prometheus", PASSWORD)
    served.ask("/metrics", Authorization=right)
    for number in range(60):
        guess = basic("prometheus", str(number))
        served.connect(f"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: {guess}\r\n\r\n".encode())

    assert served.ask("/metrics", Authorization=right).status == 200


def test_user_that_was_taken_away_is_refused_on_the_connection_it_has(guarded: Served) -> None:
    connection = guarded.client()
    statuses = []
    for users in (USERS, {"grafana": USERS["grafana"]}):
        guarded.server.protect(Protection(users=users))
        connection.request("GET", "/metrics", headers={"Authorization": basic("prometheus", PASSWORD)})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses == [200, 401]
