"""Looking through lines of JSON without parsing them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.reading.append_only import Block
from recon_exporter.reading.json_lines import last_lines, sift

SIGN = re.compile(rb"fill(?:ed)?\"")
GOOD = [b'{"a":1}', b'{"type":"fill"}', b'{"type":"filled","x":"fill"}', b"{}", b'  {"type":"fill"} \r', b"", b"  "]
BAD = [b'{"type":"fill"', b'"fill"}', b"null", b"[]", b"\0\0\0", b'x{"a":1}', b"{"]


def block(*lines: bytes, offset: int = 100) -> Block:
    return Block(offset, b"".join(line + b"\n" for line in lines))


def test_lines_with_the_sign_are_wanted_once_with_their_offsets() -> None:
    sifted = sift(block(b'{"a":1}', b'{"type":"filled","x":"fill"}', b'{"type":"fill"}'), SIGN)

    assert sifted.wanted == ((108, b'{"type":"filled","x":"fill"}'), (137, b'{"type":"fill"}'))
    assert sifted.bad == ()


@pytest.mark.parametrize("line", BAD)
def test_line_that_is_no_object_is_bad_and_not_wanted(line: bytes) -> None:
    sifted = sift(block(b"{}", line, b"{}"), SIGN)

    assert sifted.bad == ((103, line),)
    assert sifted.wanted == ()


@given(st.lists(st.sampled_from(GOOD + BAD), min_size=1))
def test_every_line_is_sorted_as_it_would_be_alone(lines: list[bytes]) -> None:
    sifted = sift(block(*lines), SIGN)

    assert [line for _, line in sifted.bad] == [line for line in lines if line in BAD]
    assert [line for _, line in sifted.wanted] == [line for line in lines if line in GOOD and SIGN.search(line)]


def test_last_lines_come_from_the_end_and_are_limited() -> None:
    assert list(last_lines(block(b"1", b"2", b"3"), 2)) == [b"3", b"2"]
    assert list(last_lines(block(b"1"), 5)) == [b"1"]
