"""Documentation hangs together: links and anchors lead somewhere, pages are reached, pictures are shown."""

from __future__ import annotations

import re
import struct
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
MOST_WORDS = 1250
"""Of prose, which five minutes are enough for."""


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
