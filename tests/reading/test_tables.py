"""Lines of a CSV table."""

from __future__ import annotations

import pytest

from recon_exporter.reading.tables import BadLine, Header, cells, parse_header

HEADER = Header(("ts", "mid", "note"))


def test_columns_are_found_by_name_whatever_their_order() -> None:
    assert parse_header(b"\xef\xbb\xbfnote, mid,ts\r", ("ts",)).position("mid") == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"mid,note", "no column ts"),
        (b"ts,mid,mid", "'mid' twice"),
        (b"ts,\xff", "no UTF-8"),
        (b"", "no column ts"),
    ],
)
def test_header_that_cannot_be_relied_on_is_refused(line: bytes, problem: str) -> None:
    with pytest.raises(BadLine, match=problem):
        parse_header(line, ("ts",))


def test_line_is_split_with_or_without_quotes_and_carriage_return() -> None:
    assert list(cells(b'a,"b, ""c""",d\r', HEADER)) == ["a", 'b, "c"', "d"]
    assert list(cells(b"a,,d", HEADER)) == ["a", "", "d"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"a,b", "2 columns, the header has 3"),
        (b"a,b,c,d", "4 columns"),
        (b"a,b\0,c", "NUL"),
        (b"a,b\xff,c", "UTF-8"),
        (b'a,"b,c', "quotes"),
        (b'a,"b"x,c', "quotes"),
    ],
)
def test_line_that_cannot_be_read_whole_is_bad(line: bytes, problem: str) -> None:
    with pytest.raises(BadLine, match=problem):
        cells(line, HEADER)
