"""A runbook page as its tests see it: sections, fences with what they must show, tables, links, commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from recon_exporter.cli import app, flags_first

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "runbooks"
NOT_RUN = "not-run:"
LAST = "last:"
"""Stands behind `bash` where a command ends what the rest of its page is about: it is run after the others."""


_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(?P<level>#{1,3}) (?P<title>.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`(?P<code>[^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: its language, what stands behind it, and its text without the indent of the list it is in."""

    language: str
    note: str
    body: str
    section: str

    @property
    def is_run(self) -> bool:
        """Whether the tests run it as printed."""
        return self.language == "bash" and (not self.note or self.is_last)

    @property
    def is_last(self) -> bool:
        """Whether they run it after all others of its page."""
        return self.note.startswith(LAST)


@dataclass(frozen=True, slots=True)
class Step:
    """A command that the tests run, and the lines that it must show; `…` in them stands for anything."""

    command: str
    expected: tuple[str, ...]
    section: str = ""
    is_last: bool = False


@dataclass(frozen=True)
class Page:
    """One Markdown file under runbooks/."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def headings(self) -> tuple[tuple[int, str], ...]:
        return tuple((len(match["level"]), match["title"]) for match in _HEADING.finditer(self.prose))

    @cached_property
    def sections(self) -> dict[str, str]:
        """The text below each heading of level two, by its title."""
        parts = re.split(r"^## (.+)$", _hidden_comments(self.text), flags=re.MULTILINE)
        return {title: body.replace("\0", "#").strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        return tuple(fence for title, body in self.sections.items() for fence in _fences(title, body))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every command in the order in which they are run, each with the text block between it and the next."""
        steps: list[Step] = []
        for fence in self.fences:
            if fence.is_run:
                steps.append(Step(fence.body, (), fence.section, fence.is_last))
            elif fence.language == "text" and steps:
                steps[-1] = replace(steps[-1], expected=tuple(fence.body.splitlines()))
        return tuple(sorted(steps, key=lambda step: step.is_last))

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(match["target"] for match in _LINK.finditer(self.prose))

    @property
    def anchors(self) -> frozenset[str]:
        """The names under which headings are reached, as GitHub and the status pages form them."""
        return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in self.headings)

    @property
    def words(self) -> int:
        """Words that are read; the frames of tables are none."""
        return sum(bool(re.search(r"\w", word)) for word in self.text.split())

    @property
    def inline_code(self) -> tuple[str, ...]:
        return tuple(match["code"] for match in _CODE.finditer(self.prose))

    def table(self, section: str) -> list[dict[str, str]]:
        """The first table of a section: a mapping for each row, backticks removed."""
        lines = [line for line in self.sections[section].splitlines() if line.strip().startswith("|")]
        rows = [[cell.strip("| ").replace("`", "") for cell in line.strip()[1:-1].split(" | ")] for line in lines]
        header = rows[0]
        return [dict(zip(header, row, strict=True)) for row in _until_next_table(rows[2:], len(header))]


def alert_pages() -> tuple[Page, ...]:
    return tuple(Page(path) for path in sorted(FOLDER.glob("[A-Z]*.md")) if path.name != "README.md")


def readme() -> Page:
    return Page(FOLDER / "README.md")


def end_of_day_page() -> Page:
    """The operator's runbook of the end-of-day run."""
    return Page(FOLDER / "eod-reconciliation-breaks.md")


def commands_of(script: str) -> Iterator[list[str]]:
    """The words of every simple command of a shell script."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars="|&;\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    command: list[str] = []
    for token in lexer:
        if set(token) <= set("|&;\n"):
            if command:
                yield command
            command = []
        else:
            command.append(token)
    if command:
        yield command


def expressions_of(page: Page) -> Iterator[str]:
    """Every PromQL expression of the page: those that promtool is asked for, and those in blocks of their own."""
    for fence in page.fences:
        if fence.language == "promql":
            yield fence.body
        if fence.language == "bash":
            for words in commands_of(fence.body):
                if words[:3] == ["promtool", "query", "instant"]:
                    yield words[4]


def verification_of(page: Page) -> tuple[tuple[str, bool | None], ...]:
    """The queries of the section Verification, each with what it says of the end: listed, gone, or neither."""
    scripts = [fence.body for fence in page.fences if fence.section == "Verification" and fence.is_run]
    commands = [words for script in scripts for words in commands_of(script)]
    queries = [words[4] for words in commands if words[:3] == ["promtool", "query", "instant"]]
    text = " ".join(_FENCE.sub("", page.sections["Verification"]).split())
    return tuple((query, _is_listed_at_the_end(number, text)) for number, query in enumerate(queries))


def _is_listed_at_the_end(number: int, text: str) -> bool | None:
    if number == 0:
        return False
    if "second must list" in text:
        return True
    gone = r"\bBoth must|\bNeither may|[Ss]econd (?:must )?no longer|nor should the second|the second neither"
    return False if re.search(gone, text) else None


def _hidden_comments(text: str) -> str:
    """The text in which the comments of shell commands do not look like headings."""
    return _FENCE.sub(lambda fence: fence[0].replace("#", "\0"), text)


def _fences(section: str, text: str) -> Iterator[Fence]:
    for match in _FENCE.finditer(text):
        language, _, note = match["info"].strip().partition(" ")
        lines = (line.removeprefix(match["indent"]) for line in match["body"].splitlines())
        yield Fence(language, note, "\n".join(lines), section)


def _until_next_table(rows: list[list[str]], width: int) -> list[list[str]]:
    """The rows of a table; another table begins with its own header and frame."""
    frames = [index for index, row in enumerate(rows) if set("".join(row)) <= set("-: ")]
    return [row for row in rows[: frames[0] - 1 if frames else None] if len(row) == width]


def our_command(words: list[str]) -> tuple[Any, list[str]]:
    """The command of our command line that these words name, and what is left of them."""
    command: Any = typer.main.get_command(app)
    rest = flags_first(words)
    while rest and rest[0] in getattr(command, "commands", ()):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest
