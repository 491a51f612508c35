"""Metric, rule, test, runbook, drill, dashboard and documentation know of each other, in both directions."""

from __future__ import annotations

import pytest

from support.cross_references import CROSS_REFERENCES, Bundle


@pytest.mark.parametrize("name", CROSS_REFERENCES)
def test_nothing_is_missing(name: str) -> None:
    assert list(CROSS_REFERENCES[name](Bundle())) == []
