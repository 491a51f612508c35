"""Writes the generated parts of the documentation anew; with `--check` only says which are out of date.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->` in a Markdown file. To add one, write the
two comments into the file and a function into BLOCKS.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from recon_exporter.telemetry import CATALOGUE

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"(?P<start><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def layers() -> str:
    """The order of imports, from the contract that import-linter enforces."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    return "```\n" + "\n".join(re.sub(r"[()]", "", line) for line in lines) + "\n```\n"


def targets() -> str:
    """The targets of the Makefile with their descriptions."""
    described = re.findall(r"^([a-z]+):.*?## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    rows = [f"| `make {name}` | {text} |" for name, text in described]
    return "\n".join(["| command | does |", "| --- | --- |", *rows]) + "\n"


def metrics() -> str:
    """The metrics that this version exports, from the catalogue."""
    exported = (metric for metric in CATALOGUE.values() if metric.is_exported)
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels) or '–'} | {metric.help} |"
        for metric in sorted(exported, key=lambda metric: metric.name)
    ]
    return "\n".join(["| metric | type | labels | means |", "| --- | --- | --- | --- |", *rows]) + "\n"


BLOCKS: Mapping[str, Callable[[], str]] = MappingProxyType({"layers": layers, "metrics": metrics, "targets": targets})


def render(text: str) -> str:
    """Return the text with all its generated blocks made anew. Raises KeyError for a block that nobody generates."""
    return _BLOCK.sub(lambda block: block["start"] + BLOCKS[block["name"]]() + block["end"], text)


def main(arguments: list[str]) -> int:
    check = arguments == ["--check"]
    pages = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("runbooks/**/*.md")])
    stale = {page: fresh for page in pages if (fresh := render(text := page.read_text())) != text}
    for page, fresh in stale.items():
        print(f"{page.relative_to(ROOT)}: {'out of date, run `make docs`' if check else 'written'}")
        if not check:
            page.write_text(fresh)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
