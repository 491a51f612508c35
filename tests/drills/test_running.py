"""A drill waits for what it announces, says why it failed, and is left alone by midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from drills.small import Nothing, drill_of
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.running import Late, Reader, Rehearsal, Terms, run, until_one_day
from recon_exporter.drills.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DAY = datetime(2026, 3, 6, tzinfo=UTC)
FAST = Pace(1e6)


class StandingClock:
    """Goes on only where somebody waits."""

    def __init__(self, now: datetime) -> None:
        self._began = self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._began).total_seconds()

    def wait(self, span: timedelta) -> None:
        self._now += span


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path, FAST)
    yield sandbox
    sandbox.stop()


def rehearsal(sandbox: Sandbox, told: list[str], terms: Terms) -> Rehearsal:
    drill = drill_of(Nothing)
    return Rehearsal(drill, sandbox, Nothing(sandbox), lambda word, text: told.append(f"{word} {text}"), terms)


@pytest.mark.parametrize(
    ("hour", "minute", "wait"),
    [
        (0, 0, timedelta(minutes=2)),
        (0, 1, timedelta(minutes=1)),
        (0, 2, timedelta()),
        (12, 0, timedelta()),
        (23, 54, timedelta()),
        (23, 55, timedelta(minutes=7)),
        (23, 59, timedelta(minutes=3)),
    ],
)
def test_a_drill_that_would_meet_midnight_waits_for_the_next_day(hour: int, minute: int, wait: timedelta) -> None:
    assert until_one_day(DAY.replace(hour=hour, minute=minute)) == wait


def test_the_wait_for_the_next_day_is_told_and_ends_in_it(sandbox: Sandbox) -> None:
    clock, told = StandingClock(DAY.replace(hour=23, minute=58, second=30)), list[str]()

    rehearsal(sandbox, told, Terms(clock=clock))._wait_for_one_day()

    assert told == ["waits 210 s, for the next UTC day to have begun"]
    assert clock.now() == DAY + timedelta(days=1, minutes=2)


def test_the_wait_for_the_next_day_can_be_interrupted(sandbox: Sandbox) -> None:
    clock = StandingClock(DAY.replace(hour=23, minute=58))

    with pytest.raises(Late, match="interrupted"):
        rehearsal(sandbox, [], Terms(clock=clock, is_cancelled=lambda: True))._wait_for_one_day()


def test_an_alert_that_never_comes_is_late_and_named(sandbox: Sandbox) -> None:
    with pytest.raises(Late, match="within 0 s there was not a message about ReconciliationExporterDown"):
        rehearsal(sandbox, [], Terms(patience=0.0)).break_()


def test_an_end_that_never_comes_is_late_and_named(sandbox: Sandbox) -> None:
    with pytest.raises(Late, match="within 0 s there was not the end of ReconciliationExporterDown"):
        rehearsal(sandbox, [], Terms(patience=0.0)).mend()


def test_messages_from_before_the_condition_do_not_count(sandbox: Sandbox) -> None:
    labels = {"alertname": "ReconciliationExporterDown", "severity": "critical"}
    message = {"alerts": [{"status": "firing", "labels": labels, "annotations": {"summary": "early"}}]}
    drill = drill_of(Nothing)
    sandbox.mailbox.put("/pager", message)
    assert drill.is_delivered(sandbox)

    sandbox.mailbox.begin()

    assert not drill.is_delivered(sandbox)
    assert len(sandbox.mailbox.documents("/pager")) == 1


@pytest.mark.parametrize(("statuses", "is_over"), [([], False), (["firing"], False), (["firing", "resolved"], True)])
def test_the_chat_must_have_heard_the_end_last(sandbox: Sandbox, statuses: list[str], is_over: bool) -> None:  # noqa: FBT001
    labels = {"alertname": "ReconciliationExporterDown", "severity": "critical"}
    for status in statuses:
        sandbox.mailbox.put("/chat", {"alerts": [{"status": status, "labels": labels, "annotations": {}}]})

    assert drill_of(Nothing).is_resolved(sandbox) is is_over


class Refused(Nothing):
    """The exporter will not start with this."""

    def prepare(self) -> Mapping[str, Any]:
        return {"nonsense": True}


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_the_last_words_of_an_exporter_that_does_not_start_are_told(tmp_path: Path) -> None:
    told: list[str] = []

    outcome = run(drill_of(Refused), FAST, lambda word, text: told.append(f"{word} {text}"), tmp_path)

    assert not outcome.is_passed
    assert "the exporter has ended" in outcome.problem
    assert "nonsense: found an unknown key" in outcome.problem
    assert told == [f"problem {outcome.problem}"]


class Faulty(Nothing):
    """Cannot prepare its world."""

    def prepare(self) -> Mapping[str, Any]:
        raise FileNotFoundError(2, "No such file or directory", "books")


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_a_scene_that_cannot_be_prepared_is_an_outcome_and_closed(tmp_path: Path) -> None:
    outcome = run(drill_of(Faulty), FAST, lambda *_: None, tmp_path)

    assert "books" in outcome.problem


def test_an_end_of_which_the_page_speaks_otherwise_is_late_and_named(sandbox: Sandbox) -> None:
    reader = Reader(is_verified=lambda _: False)

    with pytest.raises(Late, match="within 0 s there was not what the page of ReconciliationExporterDown says"):
        rehearsal(sandbox, [], Terms(patience=0.0)).verify(reader)


def test_the_reader_is_asked_until_the_page_is_right(sandbox: Sandbox) -> None:
    answers = [True, False, False]

    rehearsal(sandbox, [], Terms()).verify(Reader(is_verified=lambda _: answers.pop()))

    assert answers == []
