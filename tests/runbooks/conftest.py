"""Fixtures of the runbook tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runbooks.stack import Stack, clean_environment, running_stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a shell in which our command is found and nothing is configured."""
    return clean_environment(tmp_path)


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("pages")) as stack:
        yield stack
