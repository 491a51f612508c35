"""The rules of the repository that no other tool holds: layout, sizes, documentation, words."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

import recon_exporter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Written so that this file does not match itself.
FOREIGN_WORDS = re.compile(r"(?<![\w.~])/(?:work|root|home)/|\b(?:T[O]DO|F[I]XME|X[X]X)\b|\bfor[ ]now\b|\bissue #?\d")


@pytest.fixture(scope="session")
def package(root: Path) -> Path:
    return root / "exporter" / "recon_exporter"


@pytest.fixture(scope="session")
def modules(tracked_files: tuple[Path, ...]) -> dict[Path, ast.Module]:
    """Every Python file of the repository, parsed."""
    return {path: parsed(path) for path in tracked_files if path.suffix == ".py"}


def parsed(path: Path) -> ast.Module:
    """The syntax of a file.

    Python 3.11 raises SystemError where another thread parses at the same moment, as it does to print a traceback.
    """
    with suppress(SystemError):
        return ast.parse(path.read_text(), path.name)
    return ast.parse(path.read_text(), path.name)


@pytest.fixture(scope="session")
def function_lengths(modules: dict[Path, ast.Module], package: Path) -> dict[str, int]:
    """The lines of every function of the package, by file and name."""
    return {
        f"{path.relative_to(package)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, tree in modules.items()
        if path.is_relative_to(package)
        for node in ast.walk(tree)
        if isinstance(node, Function)
    }


def hidden_tests(node: ast.AST, *, in_function: bool = False) -> Iterator[str]:
    """The names of tests that stand inside another function, where pytest never finds them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function) and in_function and child.name.startswith("test"):
            yield child.name
        yield from hidden_tests(child, in_function=in_function or isinstance(child, Function))


def test_source_root_holds_the_package_alone(root: Path) -> None:
    assert [path.name for path in (root / "exporter").iterdir()] == ["recon_exporter"]


def test_every_check_has_its_test_file(root: Path, package: Path) -> None:
    checks = {path.stem for path in (package / "checks").glob("[!_]*.py")}
    tests = {path.stem.removeprefix("test_") for path in (root / "tests" / "checks").glob("test_*.py")}

    assert checks <= tests


def test_every_module_says_what_it_is(modules: dict[Path, ast.Module]) -> None:
    assert [path for path, tree in modules.items() if tree.body and not ast.get_docstring(tree)] == []


def test_files_of_the_package_stay_short(modules: dict[Path, ast.Module], package: Path) -> None:
    lengths = {path: path.read_text().count("\n") for path in modules if path.is_relative_to(package)}

    assert {path.name: lines for path, lines in lengths.items() if lines > 250} == {}


def test_no_function_is_long(function_lengths: dict[str, int]) -> None:
    assert {name: lines for name, lines in function_lengths.items() if lines > 45} == {}


def test_most_functions_are_very_short(function_lengths: dict[str, int]) -> None:
    assert statistics.median(function_lengths.values()) <= 10
    assert statistics.quantiles(function_lengths.values(), n=20)[-1] <= 35


def test_no_test_is_hidden_from_pytest(modules: dict[Path, ast.Module], root: Path) -> None:
    tests = {path: tree for path, tree in modules.items() if path.is_relative_to(root / "tests")}
    nested = [(path.name, name) for path, tree in tests.items() for name in hidden_tests(tree)]
    elsewhere = [
        (path.name, node.name)
        for path, tree in tests.items()
        for node in tree.body
        if isinstance(node, Function) and node.name.startswith("test") and not path.name.startswith("test_")
    ]

    assert nested + elsewhere == []


def test_a_test_inside_a_function_would_be_noticed() -> None:
    module = """
def build():
    class Cases:
        def test_inner(self): ...

class Fine:
    def test_outer(self): ...
"""

    assert list(hidden_tests(ast.parse(module))) == ["test_inner"]


def test_text_speaks_of_the_project_alone(tracked_files: tuple[Path, ...], root: Path) -> None:
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in tracked_files
        if path.suffix != ".png"  # chance writes any three letters there
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if FOREIGN_WORDS.search(line)
    ]

    assert found == []


def test_lock_file_names_no_registry(root: Path) -> None:
    lock = (root / "requirements.lock").read_text()

    assert re.findall(r"https?:|file:|--(?:extra-)?index-url|--find-links|--trusted-host", lock) == []
    assert lock.count("==") == len(re.findall(r"^\S+==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE))


def test_changelog_has_a_place_for_the_next_change(root: Path) -> None:
    assert "\n## [Unreleased]\n" in (root / "CHANGELOG.md").read_text()


def test_version_is_that_of_the_installed_package(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]

    assert metadata.version("recon-exporter") == recon_exporter.__version__ == project["version"]


def test_generated_documentation_is_current(root: Path) -> None:
    check = [sys.executable, "scripts/docs.py", "--check"]
    result = subprocess.run(check, cwd=root, check=False, capture_output=True, text=True)

    assert (result.returncode, result.stdout) == (0, "")


def test_generated_alert_rules_are_current(root: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "recon.rules.yml"
    subprocess.run([sys.executable, "alerts/source/generate.py", str(fresh)], cwd=root, check=True)

    assert (root / "alerts" / "recon.rules.yml").read_text() == fresh.read_text()
