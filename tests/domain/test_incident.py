"""The incident log reads as Markdown and is read back without loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.incident import HEADER, Action, Entry, entries_of, incidents_of, line_of

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

words = st.text(min_size=1).map(str.strip).filter(bool)
times = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive
entries = st.builds(
    Entry,
    at=times,
    number=st.integers(min_value=1, max_value=10**6),
    action=st.sampled_from(Action),
    text=words,
    owner=st.none() | words,
    eta=st.none() | times,
    bot=st.none() | words,
    evidence=st.none() | words,
)


def opened(number: int = 1, text: str = "drift of bot1") -> Entry:
    return Entry(NOW, number, Action.OPEN, text, "alice", NOW + 4 * HOUR, "bot1", "reports/latest.json")


def test_line_reads_as_the_runbook_has_it() -> None:
    assert line_of(opened()) == (
        "- 2026-03-06T12:00:00.000000+00:00 - INC-1 open: drift of bot1; owner=alice; "
        "eta=2026-03-06T16:00:00.000000+00:00; bot=bot1; evidence=reports/latest.json"
    )


@given(entries)
def test_every_entry_is_one_line_and_is_read_back_unchanged(entry: Entry) -> None:
    line = line_of(entry)

    assert len(line.splitlines()) == 1
    assert list(entries_of(f"{HEADER}{line}\n")) == [entry]


@pytest.mark.parametrize(
    "text", ["two\nlines", "a; owner=mallory", "back\\slash", "\\n", "tab\there", "\u2028", "\x85"]
)
def test_text_cannot_forge_a_line_or_a_field(text: str) -> None:
    (entry,) = entries_of(line_of(opened(text=text)))

    assert (entry.text, entry.owner) == (text, "alice")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# Incidents",
        "- 2026-03-06 - somebody wrote this by hand",
        "- yesterday - INC-1 open: text",
        "- 2026-03-06T12:00:00 - INC-1 open: no zone",
        "- 2026-03-06T12:00:00+00:00 - INC-1 open: text; eta=soon",
        "- 2026-03-06T12:00:00+00:00 - INC-0 open: text",
    ],
)
def test_line_that_is_not_ours_is_passed_over(line: str) -> None:
    assert list(entries_of(f"{line}\n{line_of(opened())}\n")) == [opened()]


def test_incident_is_what_its_lines_say_together() -> None:
    update = Entry(NOW + HOUR, 1, Action.UPDATE, "cause found", owner="bob", evidence="logs/a.txt")
    incident = incidents_of([opened(), update])[1]

    assert (incident.summary, incident.latest) == ("drift of bot1", "cause found")
    assert (incident.owner, incident.eta, incident.bot) == ("bob", NOW + 4 * HOUR, "bot1")
    assert incident.evidence == ("reports/latest.json", "logs/a.txt")
    assert (incident.is_open, incident.opened_at, incident.changed_at) == (True, NOW, NOW + HOUR)


def test_incident_is_open_until_it_is_closed() -> None:
    close = Entry(NOW + HOUR, 1, Action.CLOSE, "fixed")

    assert not incidents_of([opened(), close])[1].is_open


def test_line_of_an_incident_that_was_never_opened_is_passed_over() -> None:
    assert incidents_of([Entry(NOW, 7, Action.UPDATE, "lost")]) == {}


def test_second_opening_of_a_number_changes_nothing() -> None:
    assert incidents_of([opened(), opened(text="again")])[1].summary == "drift of bot1"
