"""What a person reads of the probable cause of a break."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.commands.explain import print_explanation
from recon_exporter.domain.explanation import Explanation
from recon_exporter.domain.movements import Cause
from recon_exporter.domain.profit import ProfitAndLoss
from support.positions import make_break

if TYPE_CHECKING:
    import pytest


def test_amounts_are_told_without_zeros_that_say_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    one = make_break()
    profit = ProfitAndLoss(
        Decimal("0.000"), Decimal("-1.200000000000"), Decimal("-1.200000000000"), "USD", "average cost"
    )
    explained, remainder = Decimal("10.00"), Decimal("0E-8")
    explanation = Explanation(
        one.identifier, Cause.MISSED_FILL, "a fill is missing", (), (), profit, explained, remainder
    )

    print_explanation(one, explanation, as_json=False)

    told = capsys.readouterr().out.splitlines()
    assert not {"evidence:", "steps:"} & set(told)
    assert told[-2:] == [
        "P&L before 0, after -1.2, effect -1.2 USD: average cost",
        "explained 10, remaining 0",
    ]
