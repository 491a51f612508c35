"""Documentation hangs together: links and anchors lead somewhere, pages are reached, pictures are shown."""

from __future__ import annotations

import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
SCREENSHOTS = DOCS / "screenshots"
PAGES = [
    README,
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(DOCS.glob("*.md")),
    ROOT / "grafana/README.md",
]
LARGEST_BYTES = 150_000
ORDER = (
    "Sixty seconds",
    "What you get",
    "Put your own bots under control",
    "Alerts and runbooks",
    "Metrics",
    "Deployment",
    "Limits",
    "More",
)
RUN_BY = {
    "alerting.md": "commands/test_alerting_page.py",
    "deployment.md": "commands/test_alerting_page.py",
    "end-of-day.md": "end_to_end/test_end_of_day_page.py",
    "first-page.md": "end_to_end/test_first_page.py",
    "own-bots.md": "end_to_end/test_own_bots_page.py",
}
"""The tests that type the commands of a page."""

READ_WHOLE = {"first-page.md"}
"""Pages of which a test types every block; of the others it names the sections."""

OUT_OF_REACH = re.compile(
    r"needs (?:docker|systemd and root|a cluster)|fetches from the network|the (?:key is|certificates are) yours"
)
MOST_WORDS = 1250
"""Of prose, which five minutes are enough for."""


@dataclass(frozen=True)
class Fence:
    """A fenced block of a page: the heading that it stands under, its language, and what stands behind that."""

    page: str
    heading: str
    language: str
    note: str
    body: str


def fences(path: Path) -> list[Fence]:
    found, heading = [], ""
    parts = r"^(?P<indent> *)```(?P<info>.*)\n(?P<body>(?:.*\n)*?)(?P=indent)```$|^#+ (?P<heading>.+)$"
    for match in re.finditer(parts, path.read_text(), re.MULTILINE):
        heading = match["heading"] or heading
        if match["heading"] is None:
            language, _, note = match["info"].partition(" ")
            found.append(Fence(path.name, heading, language, note, match["body"]))
    return found


FENCES = [fence for page in sorted(DOCS.glob("*.md")) for fence in fences(page)]
COMMANDS = [fence for fence in FENCES if fence.language == "bash"]


def prose(page: Path) -> str:
    return re.sub(r"^( *)```.*?^\1```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [target for target in targets if not urlsplit(target).scheme]


def anchors(page: Path) -> set[str]:
    """The names under which headings are reached, as the places that show Markdown form them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def target_of(page: Path, link: str) -> Path:
    path = unquote(urlsplit(link).path)
    return (page.parent / path).resolve() if path else page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_anchor_leads_somewhere(page: Path) -> None:
    for link in links(page):
        target, fragment = target_of(page, link), urlsplit(link).fragment
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = {README}, [README]
    while waiting:
        page = waiting.pop()
        found = {target_of(page, link) for link in links(page) if link.partition("#")[0].endswith(".md")}
        waiting += found - reached
        reached |= found

    assert {page for page in PAGES if page not in reached} == set()
    assert {page for page in (ROOT / "runbooks").glob("*.md") if page not in reached} == set()


def test_readme_has_its_sections_in_their_order() -> None:
    assert tuple(re.findall(r"^## (.+)$", prose(README), re.MULTILINE)) == ORDER


def test_readme_is_read_in_five_minutes() -> None:
    read = re.sub(r"<!-- generated: .*?<!-- end -->", "", README.read_text(), flags=re.DOTALL)

    assert len(re.findall(r"\w+", read)) <= MOST_WORDS


def test_every_picture_is_shown_and_small() -> None:
    pictures = {path for path in SCREENSHOTS.iterdir() if path.is_file()}
    shown = {target_of(page, link) for page in PAGES for link in links(page) if link.endswith(".png")}

    assert pictures == shown
    assert {target_of(README, link) for link in links(README)} & pictures
    for picture in pictures:
        content = picture.read_bytes()
        assert len(content) <= LARGEST_BYTES, picture.name
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        width, _ = struct.unpack(">II", content[16:24])
        assert 320 <= width <= 1280


def test_pictures_are_no_part_of_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text()

    for section in ("wheel", "sdist"):
        included = project.partition(f"[tool.hatch.build.targets.{section}]")[2].partition("\n[")[0]
        assert included
        assert "docs" not in included


def test_every_block_says_what_it_is() -> None:
    assert [fence for fence in FENCES if not fence.language] == []
    assert sum(page.read_text().count("```") for page in DOCS.glob("*.md")) == 2 * len(FENCES)


def test_commands_of_pages_are_typed_by_a_test_or_say_why_not() -> None:
    run = [fence for fence in COMMANDS if not fence.note]
    typed = {page: (ROOT / "tests" / file).read_text() for page, file in RUN_BY.items()}

    assert {fence.page for fence in run} == set(RUN_BY)
    assert [page for page, test in typed.items() if f'"{page}"' not in test and f"/{page}" not in test] == []
    unnamed = [fence for fence in run if fence.page not in READ_WHOLE and f'"{fence.heading}"' not in typed[fence.page]]
    assert unnamed == []


def test_only_what_is_out_of_reach_is_not_run() -> None:
    reasons = {fence.note for fence in COMMANDS if fence.note}

    assert reasons
    assert [note for note in reasons if not re.fullmatch(f"not-run: (?:{OUT_OF_REACH.pattern})", note)] == []


@pytest.mark.parametrize("fence", [fence for fence in COMMANDS if fence.note], ids=lambda fence: fence.body[:50])
def test_commands_that_are_not_run_are_at_least_commands(fence: Fence) -> None:
    checked = subprocess.run(["bash", "-n"], input=fence.body, check=False, capture_output=True, text=True)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_commands_that_are_not_run_are_listed() -> None:
    pages = [*sorted((ROOT / "runbooks").glob("*.md")), *sorted(DOCS.glob("*.md"))]
    marked = [(page.stem, fence.note) for page in pages for fence in fences(page) if fence.note.startswith("not-run:")]
    listed = re.findall(r"^\| \[([\w-]+)\]\(\S+\) \| `.*` \| (.+) \|$", (DOCS / "shown.md").read_text(), re.MULTILINE)

    assert [(name, f"not-run: {why}") for name, why in listed] == marked
