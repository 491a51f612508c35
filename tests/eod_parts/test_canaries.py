"""The canary books go the way of real ones, and a comparison that is blind on that way is noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.breaks import EOD_TYPES, BreakType
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.eod_parts import canaries
from recon_exporter.ledgers.file import FileLedger
from support.positions import NOW, make_terms

if TYPE_CHECKING:
    from recon_exporter.domain.positions import PositionStatement
    from recon_exporter.domain.terms import Terms


@pytest.mark.parametrize(
    "terms",
    [make_terms(), make_terms(quantity="0.5"), replace(make_terms(), stale_after=timedelta(days=3))],
)
def test_all_five_types_are_found(terms: Terms) -> None:
    assert canaries.missed(terms, NOW) == ()


@pytest.mark.parametrize("blind", list(EOD_TYPES))
def test_comparison_that_is_blind_for_one_type_is_noticed(monkeypatch: pytest.MonkeyPatch, blind: BreakType) -> None:
    def blinded(*books: PositionStatement, **_: object) -> Comparison:
        found = compare(*books)  # type: ignore[arg-type]
        return replace(found, discrepancies=tuple(one for one in found.discrepancies if one.type is not blind))

    monkeypatch.setattr(canaries, "compare", blinded)

    assert canaries.missed(make_terms(), NOW) == (blind.value,)


def test_reader_that_does_not_read_misses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileLedger, "positions", lambda *_: 1 / 0)

    assert canaries.missed(make_terms(), NOW) == tuple(EOD_TYPES)


def test_report_that_leaves_a_type_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canaries, "discrepancy_document", lambda _: {"type": "?", "symbol": "?"})

    assert canaries.missed(make_terms(), NOW) == tuple(EOD_TYPES)
