"""Several lots make one position, whatever the order in which a database gives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.money import product, total
from recon_exporter.domain.statement import Position
from recon_exporter.reading.lots import LotsDisagree, position_of

START = datetime(2026, 3, 6, tzinfo=UTC)
PRICES = st.decimals("0.00000001", "1e9", places=8)
MOMENTS = st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes))


def lots(quantities: st.SearchStrategy[Decimal]) -> st.SearchStrategy[list[Position]]:
    lot = st.builds(
        Position,
        st.just("AAPL"),
        quantities,
        st.none() | PRICES,
        average_price=PRICES,
        currency=st.none() | st.just("USD"),
        written_at=st.none() | MOMENTS,
    )
    return st.lists(lot, min_size=1, max_size=6)


LONG = lots(st.decimals("0.000001", "1e9", places=6))
ANY = lots(st.decimals("-1e9", "1e9", places=6).filter(bool))


@given(ANY, st.randoms())
def test_order_of_lots_does_not_matter(given_lots: list[Position], random: object) -> None:
    shuffled = list(given_lots)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert position_of(shuffled) == position_of(given_lots)


@given(ANY)
def test_quantity_is_the_exact_sum(given_lots: list[Position]) -> None:
    position = position_of(given_lots)

    assert (Decimal(0) if position is None else position.quantity) == total(lot.quantity for lot in given_lots)


@given(LONG)
def test_price_of_entry_lies_among_those_of_the_lots_and_has_an_exact_product(given_lots: list[Position]) -> None:
    position = position_of(given_lots)
    prices = [lot.average_price for lot in given_lots if lot.average_price is not None]

    assert position is not None
    assert position.average_price is not None
    assert min(prices) <= position.average_price <= max(prices)
    product(position.quantity, position.average_price)


@given(LONG)
def test_position_was_written_when_its_newest_lot_was(given_lots: list[Position]) -> None:
    position = position_of(given_lots)

    assert position is not None
    assert position.written_at == max(
        (lot.written_at for lot in given_lots if lot.written_at is not None), default=None
    )


def test_lots_in_two_currencies_disagree() -> None:
    given_lots = [Position("SAP", Decimal(1), None, currency=currency) for currency in ("EUR", "USD")]

    with pytest.raises(LotsDisagree, match="EUR and USD"):
        position_of(given_lots)
