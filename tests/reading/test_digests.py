"""The set of digests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.reading.digests import DigestSet, digest

DIGESTS = st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 100), max_size=200)


@given(st.lists(DIGESTS, max_size=5), DIGESTS)
def test_set_holds_exactly_what_was_added(batches: list[set[int]], others: set[int]) -> None:
    digests, known = DigestSet(), set[int]()
    for batch in batches:
        digests.update(batch - known)
        known |= batch

    assert len(digests) == len(known)
    assert all(value in digests for value in known)
    assert {value for value in others if value in digests} == others & known


def test_digest_is_stable_and_fits_its_bytes() -> None:
    assert digest("order-1") == digest("order-1") != digest("order-2")
    assert 0 <= digest("") < 2**64
