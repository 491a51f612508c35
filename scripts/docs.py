"""Writes the generated parts of the documentation anew; with `--check` only says which are out of date.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->` in a Markdown file. To add one, write the
two comments into the file and a function into BLOCKS.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from recon_exporter.checks import CHECKS
from recon_exporter.drills.registry import DRILLS
from recon_exporter.telemetry import CATALOGUE

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "exporter" / "recon_exporter"
_NOT_RUN = re.compile(r"^(?P<indent> *)```bash not-run: (?P<why>.+)\n(?P<body>(?:.*\n)*?)(?P=indent)```$", re.MULTILINE)
_BLOCK = re.compile(r"(?P<start><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def layers() -> str:
    """The order of imports, from the contract that import-linter enforces."""
    return "```\n" + "\n".join(re.sub(r"[()]", "", line) for line in _layers()) + "\n```\n"


def modules() -> str:
    """What each module or folder of the package is, in its own words and in the order of imports."""
    names = (name for line in _layers() for name in re.findall(r"\w+", line))
    files = {name: file for name in names for file in _source_of(name) if file.is_file()}
    rows = [f"| `{name}` | {_first_paragraph(file).rstrip('.')} |" for name, file in files.items()]
    return _table("| module | is |", rows)


def targets() -> str:
    """The targets of the Makefile with their descriptions."""
    described = re.findall(r"^([a-z]+):.*?## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return _table("| command | does |", [f"| `make {name}` | {text} |" for name, text in described])


def metrics() -> str:
    """The metrics that this version exports, from the catalogue."""
    exported = (metric for metric in CATALOGUE.values() if metric.is_exported)
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels) or '–'} | {metric.help} |"
        for metric in sorted(exported, key=lambda metric: metric.name)
    ]
    return _table("| metric | type | labels | means |", rows)


def checks() -> str:
    """The checks, each in its own words."""
    rows = [f"| `{check.name}` | {check.summary} |" for check in CHECKS.values()]
    return _table("| check | looks at |", rows)


def alerts() -> str:
    """The alerts with their severities, each linked to its runbook."""
    rules = yaml.safe_load((ROOT / "alerts" / "recon.rules.yml").read_text())
    severities: dict[str, dict[str, None]] = {}
    meanings: dict[str, str] = {}
    for rule in (rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule):
        severities.setdefault(rule["alert"], {})[rule["labels"]["severity"]] = None
        meanings.setdefault(rule["alert"], _plain(rule["annotations"]["summary"]))
    rows = [
        f"| [{alert}](runbooks/{alert}.md) | {', '.join(severities[alert])} | {meanings[alert]} |"
        for alert in severities
    ]
    return _table("| alert | severity | says |", rows)


def not_run() -> str:
    """The commands that no test runs as printed, with the reasons that stand beside them."""
    rows = [
        f"| [{path.stem}](../{path.relative_to(ROOT)}) | {_commands(block['body'])} | {block['why']} |"
        for path in (*sorted(ROOT.glob("runbooks/*.md")), *sorted(ROOT.glob("docs/*.md")))
        for block in _NOT_RUN.finditer(path.read_text())
    ]
    return _table("| page | commands | why |", rows)


def rule_tests() -> str:
    """The groups of promtool tests by their titles, with the number of moments that each looks at."""
    rows = [
        f"| [{path.name.partition('.')[0]}](../{path.relative_to(ROOT)}) | {group['name']} | {_moments(group)} |"
        for path in sorted(ROOT.glob("alerts/tests/*.test.yml"))
        for group in yaml.safe_load(path.read_text())["tests"]
    ]
    return _table("| file | shown | moments |", rows)


def drills() -> str:
    """The drill of every alert, and the other ways to it."""
    rows = [
        f"| `{' --type '.join((alert, *kind))}` | {drill.severity} | {drill.happens} |"
        for alert, plain in sorted(DRILLS.items())
        for kind, drill in [((), plain), *(((name,), variant) for name, variant in sorted(plain.variants.items()))]
    ]
    return _table("| drill | severity | what happens |", rows)


def pages() -> str:
    """The pages of docs/ by their titles: what is written there is reached from the README."""
    titles = {page.name: page.read_text().partition("\n")[0].removeprefix("# ") for page in ROOT.glob("docs/*.md")}
    return "".join(f"- [docs/{name}](docs/{name}): {title}\n" for name, title in sorted(titles.items()))


BLOCKS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "alerts": alerts,
        "checks": checks,
        "drills": drills,
        "layers": layers,
        "metrics": metrics,
        "modules": modules,
        "not-run": not_run,
        "pages": pages,
        "rule-tests": rule_tests,
        "targets": targets,
    }
)


def _commands(block: str) -> str:
    """The lines of a block in one cell of a table, without comments."""
    lines = (re.sub(r"(^|\s+)#.*", "", line).strip().replace("|", r"\|") for line in block.splitlines())
    return "<br>".join(f"`{line}`" for line in lines if line)


def _moments(group: Mapping[str, Any]) -> int:
    return sum(len(group.get(kind, ())) for kind in ("alert_rule_test", "promql_expr_test"))


def _plain(summary: str) -> str:
    """A summary without its templates: labels by their names, values as N."""
    branches = r"\{\{ (?:if|with) [^}]*\}\}(.*?)\{\{ else \}\}.*?\{\{ end \}\}"
    text = re.sub(branches, r"\1", summary, flags=re.DOTALL)
    text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"\1", text)
    return " ".join(re.sub(r"\{\{.*?\}\}", "N", text).split())


def _layers() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract["id"] == "layers")


def _source_of(module: str) -> tuple[Path, Path]:
    return PACKAGE / f"{module}.py", PACKAGE / module / "__init__.py"


def _first_paragraph(file: Path) -> str:
    documentation = ast.get_docstring(ast.parse(file.read_text())) or ""
    return " ".join(documentation.partition("\n\n")[0].split())


def _table(header: str, rows: list[str]) -> str:
    ruler = re.sub(r"[^|]+", " --- ", header)
    return "\n".join([header, ruler, *rows]) + "\n"


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
