"""One bad file for each rule, `<rule>.<what>`, beside exactly the problems it must give, `<rule>.<what>.expected`."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.workspace import ACCOUNT_MAP, RECON, THRESHOLDS, Workspace, workspace

CASES = Path(__file__).parent / "config_cases"
TARGETS = {".thresholds.json": THRESHOLDS, ".account_map.json": ACCOUNT_MAP, ".yml": RECON}
BAD = sorted(path for path in CASES.iterdir() if path.suffix != ".expected")


def problems(case: Path, place: Workspace) -> tuple[str, ...]:
    """What a case gives among files that are otherwise sound."""
    if case.suffix == ".env":
        return place.problems(dict(line.split("=", 1) for line in case.read_text().splitlines()))
    ending = next(ending for ending in TARGETS if case.name.endswith(ending))
    place.write(TARGETS[ending], case.read_text())
    return place.problems()


@pytest.mark.parametrize("case", BAD, ids=lambda path: path.name)
def test_bad_configuration_is_refused_with_every_problem(case: Path, tmp_path: Path) -> None:
    expected = (CASES / f"{case.name}.expected").read_text().splitlines()

    assert expected == list(problems(case, workspace(tmp_path)))


def test_no_expected_message_shows_a_secret() -> None:
    texts = {path.name: path.read_text() for path in CASES.glob("*.expected")}

    assert [name for name, text in texts.items() if ":secret@" in text or "/T0/" in text] == []


def test_every_expectation_belongs_to_a_case() -> None:
    assert {f"{path.name}.expected" for path in BAD} == {path.name for path in CASES.glob("*.expected")}
