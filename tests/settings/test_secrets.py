"""Secrets are never shown: not in problems, values, representations or what the commands print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.settings.printing import masked_document, masked_text
from recon_exporter.settings.urls import masked
from support.workspace import ACCOUNT_MAP, workspace

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"  # noqa: S105  # what must never be seen
ENVIRONMENT = {
    "RECON_ALERT_WEBHOOK_URL": f"https://bot:{SECRET}@hooks.example.org/T0/{SECRET}?key={SECRET}",
    "BOT1_BITGET_API_KEY": f"{SECRET}-key",
    "BOT1_BITGET_SECRET": f"{SECRET}-secret",
    "BOT1_BITGET_PASSPHRASE_FILE": "passphrase",
}
RECON = f"""
fleets: {{hbot: {{type: hbot}}}}
state: {{url: "postgresql+psycopg://recon:{SECRET}@db.example.org/recon?password={SECRET}"}}
"""
RECON_FLEET = "fleets: {hbot: {type: hbot}}\n"
MAP = {"version": 1, "bots": {"bot1": {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}}}


def test_no_secret_is_printed_or_represented(tmp_path: Path) -> None:
    place = workspace(tmp_path, RECON)
    place.write(ACCOUNT_MAP, MAP)
    place.write("passphrase", f"{SECRET}-passphrase\n")
    settings = place.load(ENVIRONMENT)
    parts = (settings.state, settings.webhook, settings.credentials, settings.entries, settings.policies.of("bot1"))
    printed = [masked_text(settings), json.dumps(masked_document(settings)), *map(repr, parts), *map(str, parts)]

    assert settings.credentials[0].secret.get_secret_value() == f"{SECRET}-secret"
    assert settings.credentials[0].passphrase is not None
    assert settings.credentials[0].passphrase.get_secret_value() == f"{SECRET}-passphrase"
    assert [text for text in printed if SECRET in text] == []
    assert "https://***@hooks.example.org/***?***" in printed[0]
    assert "postgresql+psycopg://***@db.example.org/recon?***" in printed[0]


def test_of_a_command_only_the_program_is_shown(tmp_path: Path) -> None:
    command = f"[/usr/bin/curl, -u, 'bot:{SECRET}', 'https://h/{SECRET}/{{bot}}']"
    settings = workspace(tmp_path, f"{RECON_FLEET}policy: {{halt_action: {{command: {command}}}}}").load()
    action = settings.policy.halt_action
    printed = [masked_text(settings), json.dumps(masked_document(settings)), repr(action), str(action)]

    assert action is not None
    assert action.command == ("/usr/bin/curl", "-u", f"bot:{SECRET}", f"https://h/{SECRET}/{{bot}}")
    assert [text for text in printed if SECRET in text] == []
    assert "/usr/bin/curl ***" in printed[0]


def test_command_without_arguments_is_shown_whole(tmp_path: Path) -> None:
    settings = workspace(tmp_path, f"{RECON_FLEET}policy: {{halt_action: {{command: [stop-bot]}}}}").load()

    (shown,) = [entry.value for entry in settings.entries if entry.path == "policy.halt_action.command"]
    assert shown == "stop-bot"


@pytest.mark.parametrize(
    "recon",
    [
        f"webhook: 'https://hooks.example.org/{SECRET}'",
        f"webhook: {{ulr: 'https://hooks.example.org/{SECRET}'}}",
        f"webhook: {{url: '{SECRET}'}}",
        f"webhook: {{url: ['{SECRET}']}}",
        f"webhook: {{url: {{key: '{SECRET}'}}}}",
        f"state: {{url: 'mysql://u:{SECRET}@h/db'}}",
        f"web: {{external_url: 'http://u:{SECRET}@h/'}}",
        f"bots: {{a: {{ledger: 'postgresql://u:{SECRET}@h/db'}}}}",
        f"bots: {{a: {{ledger: {{type: sql, url: 'postgresql://u:{SECRET}@h/db'}}}}}}",
        f"bots: {{a: {{ledger: {{type: sql, url: '{SECRET}', positions: SELECT 1}}}}}}",
        f"bots: {{a: {{ledger: {{type: sql, url: ['{SECRET}'], positions: SELECT 1}}}}}}",
        f"bots: {{a: {{ledger: {{type: sql, ulr: 'postgresql://u:{SECRET}@h/db', positions: SELECT 1}}}}}}",
        f"bots: {{a: {{ledger: {{type: freqtrade, urls: ['{SECRET}']}}}}}}",
        f"bots: {{a: {{ledger: {{type: freqtrade, urls: '{SECRET}'}}}}}}",
        f"bots: {{a: {{ledger: {{type: freqtrade, urls: [['{SECRET}']]}}}}}}",
        f"bots: {{a: {{ledger: {{type: freqtrade, url: 'postgresql://u:{SECRET}@h/a', urls: ['{SECRET}']}}}}}}",
        f"bots: {{a: {{ledger: {{type: sql, positions: 'postgresql://u:x#{SECRET}@h/db'}}}}}}",
        f"bots: {{a: {{venue: {{type: alpaca, base_url: 'https://u:{SECRET}@h/'}}}}}}",
        f"bots: {{a: {{venue: {{type: alpaca, secret: '{SECRET}'}}}}}}",
        f"policy: {{halt_action: {{url: '{SECRET}'}}}}",
        f"policy: {{halt_action: {{url: 'https://h/{SECRET}', command: [x]}}}}",
        f"{SECRET}: 1\nwebhook: {{url: 'x'}}\n".replace(SECRET, "key"),
        f"webhook: {{url: *{SECRET}}}",
        f"webhook: {{url: !{SECRET} x}}",
        f'webhook: {{url: "\\x{SECRET}"}}',
        f"webhook: [{{url: 'https://hooks.example.org/{SECRET}'",
    ],
)
def test_no_problem_shows_a_secret(tmp_path: Path, recon: str) -> None:
    problems = workspace(tmp_path, recon).problems()

    assert problems
    assert [problem for problem in problems if SECRET in problem] == []


@pytest.mark.parametrize(
    "environment",
    [
        {"RECON_ALERT_WEBHOOK_URL": SECRET},
        {"RECON_WEB_EXTERNAL_URL": f"http://u:{SECRET}@h"},
        {"BOT1_BITGET_SECRET": SECRET},
        {"BOT1_BITGET_SECRET": SECRET, "BOT1_BITGET_SECRET_FILE": "passphrase"},
        {"BOT1_BITGET_SECRET_FILE": "two_lines"},
    ],
)
def test_no_problem_of_a_variable_shows_a_secret(tmp_path: Path, environment: dict[str, str]) -> None:
    place = workspace(tmp_path)
    place.write(ACCOUNT_MAP, MAP)
    place.write("two_lines", f"{SECRET}\n{SECRET}\n")
    problems = place.problems(environment)

    assert problems
    assert [problem for problem in problems if SECRET in problem] == []


@given(
    user=st.sampled_from(["", f"{SECRET}@", f"u:{SECRET}@", f"{SECRET}:@"]),
    host=st.sampled_from(["h", "h:1", "[::1]:1", "[broken"]),
    path=st.sampled_from(["", "/", f"/{SECRET}", f"/T/{SECRET}/"]),
    query=st.sampled_from(["", f"?k={SECRET}", f"?{SECRET}"]),
)
def test_masked_address_keeps_no_user_path_or_query(user: str, host: str, path: str, query: str) -> None:
    assert SECRET not in masked(f"https://{user}{host}{path}{query}")
    assert SECRET not in masked(f"postgresql://{user}{host}/db{query}")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@h/db",
        f"postgresql+psycopg://u:x/{SECRET}@h/db",
        f"postgresql://u:x#{SECRET}@h/db",
        f"postgresql://u:x?{SECRET}@h/db",
        f"postgresql://u:x@{SECRET}@h/db",
        f"postgresql://h/db?password={SECRET}",
        f"postgresql://h/db?password=x@{SECRET}?y",
        f"mssql+pyodbc://?odbc_connect=PWD={SECRET}",
        f"sqlite:///book.db?key={SECRET}",
        f"HTTPS://h/{SECRET}",
        SECRET,
    ],
)
def test_masked_address_keeps_nothing_that_may_be_a_password(url: str) -> None:
    assert SECRET not in masked(url)


def test_address_of_a_book_is_masked_wherever_it_is_shown(tmp_path: Path) -> None:
    place = workspace(
        tmp_path,
        f"""
bots:
  written:
    ledger: {{type: sql, url: "mysql+pymysql://u:x#{SECRET}@db/book", positions: SELECT 1}}
    venue: {{type: alpaca, credential_prefix: SWING}}
  in-a-file:
    ledger: {{type: sql, url_file: address, positions: SELECT 1}}
    venue: {{type: file, positions: v.csv}}
policy: {{halt_action: {{url_file: stop}}}}
""",
    )
    place.write("address", f"postgresql://u:{SECRET}@db/book\n")
    place.write("stop", f"https://u:{SECRET}@h/{SECRET}")
    settings = place.load({"SWING_ALPACA_API_KEY": f"{SECRET}-key", "SWING_ALPACA_SECRET": f"{SECRET}-secret"})
    printed = [masked_text(settings), json.dumps(masked_document(settings)), repr(settings.bots), repr(settings.policy)]

    assert [text for text in printed if SECRET in text] == []
    assert "mysql+pymysql://***@db/book" in printed[0]
    assert "postgresql://***@db/book" in printed[0]
    assert "https://***@h/***" in printed[0]


@pytest.mark.parametrize("section", ["state: {{url: '{}'}}", "bots: {{a: {{ledger: {{type: sql, url: '{}', {}}}}}}}"])
def test_password_with_an_unwritten_sign_is_refused_before_a_part_of_it_is_taken_for_the_host(
    tmp_path: Path, section: str
) -> None:
    address = f"postgresql+psycopg://recon:a@{SECRET}@db.example.org/recon"
    problems = workspace(tmp_path, RECON_FLEET + section.format(address, "positions: SELECT 1")).problems()

    assert any("with at most one @; one in a password is written %40" in problem for problem in problems)
    assert [problem for problem in problems if SECRET in problem] == []


def test_addresses_of_a_list_are_masked_one_by_one(tmp_path: Path) -> None:
    urls = f"[sqlite:///a.sqlite, 'postgresql+psycopg://bot:{SECRET}@db/trades']"
    book = f"bots: {{a: {{ledger: {{type: freqtrade, urls: {urls}}}, venue: {{type: file, positions: v.csv}}}}}}"
    settings = workspace(tmp_path, book).load()
    printed = [masked_text(settings), json.dumps(masked_document(settings)), repr(settings.bots), str(settings.bots)]

    (shown,) = [entry.value for entry in settings.entries if entry.path == "bots.a.ledger.urls"]
    assert shown == f"sqlite:///{tmp_path}/a.sqlite,postgresql+psycopg://***@db/trades"
    assert [text for text in printed if SECRET in text] == []
