"""What ledgers promise beyond the book itself: the mark that brackets a reading of the venue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_exporter.domain.statement import Unavailable
from support.stages import Held

if TYPE_CHECKING:
    from recon_exporter.ports import PositionLedger
    from support.stages import Stage


def test_mark_stays_while_nothing_changes(ledger_stage: Stage[PositionLedger]) -> None:
    ledger_stage.hold([Held(ledger_stage.symbols[0], "10", "150")])

    mark = ledger_stage.adapter.mark()

    assert isinstance(mark, str)
    assert ledger_stage.adapter.mark() == mark


def test_mark_changes_with_a_quantity(ledger_stage: Stage[PositionLedger]) -> None:
    ledger_stage.hold([Held(ledger_stage.symbols[0], "10", "150")])
    mark = ledger_stage.adapter.mark()
    ledger_stage.hold([Held(ledger_stage.symbols[0], "11", "150")])

    assert ledger_stage.adapter.mark() != mark


def test_mark_changes_when_the_last_position_is_closed(ledger_stage: Stage[PositionLedger]) -> None:
    ledger_stage.hold([Held(ledger_stage.symbols[0], "10", "150")])
    mark = ledger_stage.adapter.mark()
    ledger_stage.hold([])

    assert ledger_stage.adapter.mark() != mark


def test_without_a_source_there_is_no_mark(ledger_stage: Stage[PositionLedger]) -> None:
    ledger_stage.hold([Held(ledger_stage.symbols[0], "10", "150")])
    ledger_stage.vanish()

    assert isinstance(ledger_stage.adapter.mark(), Unavailable)
