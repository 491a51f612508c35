"""One Prometheus for all tests of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grafana.server import running_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grafana.server import Prometheus


@pytest.fixture(scope="package")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with running_prometheus(tmp_path_factory.mktemp("prometheus")) as server:
        yield server
