r"""The incident log: a Markdown list to read, each line of which can be read back by a program.

A line is ``- <time> - INC-<number> <action>: <text>; owner=<owner>; eta=<time>; bot=<bot>; evidence=<path>``, fields
without a value left out. What would break the line is escaped: a line feed is ``\n``, a semicolon ``\;``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recon_exporter.domain.document import time_text

HEADER = """# Incidents

Appended by `recon-exporter incident`; times are UTC. A line is never changed: what is new is a new line.

"""

_LINE = re.compile(r"- (?P<at>\S+) - INC-(?P<number>[1-9]\d*) (?P<action>open|update|close): (?P<rest>.*)")
_PART = re.compile(r"((?:[^;\\]|\\.)*)(?:;|$)")
_ESCAPED = re.compile(r"\\(?:n|[;\\]|u[0-9a-f]{4}|U[0-9a-f]{8})")


class Action(StrEnum):
    """What an entry does to its incident."""

    OPEN = "open"
    UPDATE = "update"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; None where a field is not said, which leaves it as an earlier line of the incident said it."""

    at: datetime
    number: int
    action: Action
    text: str
    owner: str | None = None
    eta: datetime | None = None
    bot: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as of its latest line. ``eta`` is the time by which it is to be remedied."""

    number: int
    opened_at: datetime
    changed_at: datetime
    is_open: bool
    summary: str
    latest: str
    owner: str | None
    eta: datetime | None
    bot: str | None
    evidence: tuple[str, ...]


def line_of(entry: Entry) -> str:
    """The line of the entry, without line feed."""
    fields = {
        "owner": entry.owner,
        "eta": time_text(entry.eta) if entry.eta else None,
        "bot": entry.bot,
        "evidence": entry.evidence,
    }
    told = [_escaped(entry.text), *(f"{key}={_escaped(value)}" for key, value in fields.items() if value)]
    return f"- {time_text(entry.at)} - INC-{entry.number} {entry.action}: {'; '.join(told)}"


def entries_of(text: str) -> Iterator[Entry]:
    """The entries among the lines of the log; what persons wrote between them is passed over."""
    for line in text.split("\n"):
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            continue
        try:
            yield _entry(match)
        except ValueError:  # a person's line that only looks like one of ours
            continue


def incidents_of(entries: Iterable[Entry]) -> Mapping[int, Incident]:
    """The incidents by number; lines of an incident that was never opened are passed over."""
    incidents: dict[int, Incident] = {}
    for entry in entries:
        known = incidents.get(entry.number)
        if known is None and entry.action is Action.OPEN:
            incidents[entry.number] = _opened(entry)
        elif known is not None and entry.action is not Action.OPEN:
            incidents[entry.number] = _changed(known, entry)
    return incidents


def _opened(entry: Entry) -> Incident:
    return Incident(
        number=entry.number,
        opened_at=entry.at,
        changed_at=entry.at,
        is_open=True,
        summary=entry.text,
        latest=entry.text,
        owner=entry.owner,
        eta=entry.eta,
        bot=entry.bot,
        evidence=(entry.evidence,) if entry.evidence else (),
    )


def _changed(known: Incident, entry: Entry) -> Incident:
    return Incident(
        number=known.number,
        opened_at=known.opened_at,
        changed_at=entry.at,
        is_open=entry.action is not Action.CLOSE,
        summary=known.summary,
        latest=entry.text,
        owner=entry.owner or known.owner,
        eta=entry.eta or known.eta,
        bot=entry.bot or known.bot,
        evidence=known.evidence + ((entry.evidence,) if entry.evidence else ()),
    )


def _entry(match: re.Match[str]) -> Entry:
    text, *parts = (part.strip(" ") for part in _PART.findall(match["rest"])[:-1] or [match["rest"]])
    fields = dict(part.partition("=")[::2] for part in parts)
    told = {key: _unescaped(value) for key, value in fields.items()}
    return Entry(
        at=_time(match["at"]),
        number=int(match["number"]),
        action=Action(match["action"]),
        text=_unescaped(text),
        owner=told.get("owner"),
        eta=_time(told["eta"]) if "eta" in told else None,
        bot=told.get("bot"),
        evidence=told.get("evidence"),
    )


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at


def _escaped(text: str) -> str:
    return "".join(_escaped_character(character) for character in text)


def _escaped_character(character: str) -> str:
    if character in "\\;":
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # four hexadecimal digits


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: _character(match[0][1:]), text)


def _character(escape: str) -> str:
    if escape == "n":
        return "\n"
    return escape if escape in "\\;" else chr(int(escape[1:], 16))
