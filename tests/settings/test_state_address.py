"""Several exporters may share a PostgreSQL, each by the instance in its address; no two by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.workspace import RECON, SMALLEST, workspace

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "postgresql+psycopg://recon:very-secret@db:5432/recon"


@pytest.mark.parametrize("query", ["", "?instance=equities", "?sslmode=require&instance=eu_1"])
def test_address_of_a_shared_database_is_taken_as_it_is(tmp_path: Path, query: str) -> None:
    settings = workspace(tmp_path, f"{SMALLEST}state: {{url: '{DATABASE}{query}'}}").load()

    assert settings.state.url.get_secret_value() == f"{DATABASE}{query}"


@pytest.mark.parametrize("query", ["?instance=", "?instance=Equities", "?instance=a-b", "?instance=a&instance=b"])
def test_instance_that_is_none_is_refused_and_the_password_hidden(tmp_path: Path, query: str) -> None:
    (problem,) = workspace(tmp_path, f"{SMALLEST}state: {{url: '{DATABASE}{query}'}}").problems()

    assert problem.startswith(f"{RECON}:2: state.url: found ")
    assert "very-secret" not in problem
    assert problem.endswith("at most one instance of up to 40 small letters, digits and underscores")
