"""What a client likes best among what we have, and never what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.telemetry import Format
from recon_exporter.web.negotiation import accepts_gzip, choose_format, prefers_html

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        (BROWSER, TEXT),
        ("image/png", TEXT),
        ("text/plain", TEXT),
        ("text/*", TEXT),
        ("text/plain;version=0.0.4", TEXT),
        (
            "text/plain;version=1.0.0;escaping=underscores",
            "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
        ),
        ("application/openmetrics-text", OPENMETRICS),
        ("Application/OpenMetrics-Text", OPENMETRICS),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", f"{OPENMETRICS}; escaping=underscores"),
        (PROMETHEUS_2, f"{OPENMETRICS}; escaping=underscores"),
        (PROMETHEUS_3, f"{OPENMETRICS}; escaping=allow-utf-8"),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;version=1.0.0;q=0,*/*", TEXT),
        ("application/openmetrics-text;q=0.4,text/plain;q=0.9", TEXT),
        ("text/plain;q=0.4,application/openmetrics-text;q=0.9", OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1", TEXT),
        ("application/openmetrics-text;version=2.0.0", TEXT),
        ("application/openmetrics-text;q=much", TEXT),
    ],
)
def test_format(accept: str, content_type: str) -> None:
    form, told = choose_format(accept)

    assert told == content_type
    assert form is (Format.OPENMETRICS if content_type.startswith("application") else Format.TEXT)


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("gzip;q=0.2, identity;q=0.9", False),
        ("gzip;q=0.9, identity;q=0.2", True),
        ("gzip;q=nan", False),
        ("br, deflate", False),
    ],
)
def test_gzip(accept_encoding: str, expected: bool) -> None:  # noqa: FBT001  # a column of the table
    assert accepts_gzip(accept_encoding) is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("text/plain, text/html;q=0.5", False),
        ("text/html;q=0", False),
    ],
)
def test_browser_names_html(accept: str, expected: bool) -> None:  # noqa: FBT001  # a column of the table
    assert prefers_html(accept) is expected


@given(st.text())
def test_any_header_gets_an_answer(header: str) -> None:
    assert choose_format(header)[0] in Format
    assert accepts_gzip(header) in {True, False}
    assert prefers_html(header) in {True, False}
