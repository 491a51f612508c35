"""The Containerfile: what can be said of it without building it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata

import pytest
import typer

import recon_exporter
from packages.files import HBOT, IMAGE, ROOT, SERVICES, image_environment, instructions, of_final
from recon_exporter.cli import app

KNOWN = {"ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "USER", "VOLUME"}


def locked(*arguments: str) -> dict[str, str]:
    """Names and versions that the image gets."""
    command = [sys.executable, "scripts/locked.py", *arguments]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert text.count("==") == len(re.findall(r"^\S+==\S+ \\\n    --hash=sha256:", text, re.MULTILINE))
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def requirements(name: str, extras: frozenset[str]) -> set[str]:
    """The names that the installed distribution asks for on this machine, and in turn what those ask for."""
    found: set[str] = set()
    open_ = {(name, extras)}
    while open_:
        distribution, wanted = open_.pop()
        for text in metadata.requires(distribution) or ():
            requirement, _, marker = text.partition(";")
            if ("extra ==" in marker and not any(f'"{extra}"' in marker for extra in wanted)) or "platform" in marker:
                continue
            if re.search(r"python_version|python_full_version|sys_platform|implementation_name", marker):
                continue
            match = re.match(r"\s*([\w.-]+)(?:\[([\w,-]+)\])?", requirement)
            assert match
            child = re.sub(r"[-_.]+", "-", match[1]).lower()
            if child not in found:
                found.add(child)
                open_.add((child, frozenset((match[2] or "").split(","))))
    return found


def test_instructions_are_read_as_the_file_continues_them() -> None:
    text = '# no\nFROM a:1 AS b\nRUN one \\\n    # why\n    && two\nCMD ["x", "y z"]\n'

    read = instructions(text)

    assert [(instruction.name, instruction.text) for instruction in read[:2]] == [
        ("FROM", "a:1 AS b"),
        ("RUN", "one && two"),
    ]
    assert read[2].words == ["x", "y z"]


def test_every_instruction_is_a_known_one() -> None:
    assert {instruction.name for instruction in IMAGE} <= KNOWN | {"WORKDIR"}


def test_every_stage_begins_with_one_base_of_an_exact_version() -> None:
    bases = {instruction.words[0] for instruction in IMAGE if instruction.name == "FROM"}

    assert bases == {"${PYTHON}"}
    default = next(instruction.text for instruction in IMAGE if instruction.name == "ARG")
    assert re.fullmatch(r"PYTHON=docker\.io/library/python:\d+\.\d+\.\d+-slim-[a-z]+", default)


def test_image_runs_as_a_user_by_number_who_is_not_root() -> None:
    users = [instruction.text for instruction in of_final("USER")]

    assert len(users) == 1
    user, _, group = users[0].partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_nothing_is_fetched_but_locked_requirements() -> None:
    runs = " ".join(instruction.text for instruction in IMAGE if instruction.name == "RUN")
    installs = re.findall(r"pip (?:install|wheel) [^&]*", runs)

    assert re.findall(r"\b(?:curl|wget|apt|apt-get|git|sudo|ssh)\b|\|\s*(?:ba)?sh|https?:", runs) == []
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []


def test_commands_need_no_shell() -> None:
    forms = [instruction.text for name in ("ENTRYPOINT", "CMD") for instruction in of_final(name)]
    check = of_final("HEALTHCHECK")[0].text

    assert forms == ['["recon-exporter"]', '["serve"]']
    assert re.search(r"CMD (\[.*\])$", check)
    group = typer.main.get_command(app)
    assert {"serve", "healthcheck"} <= set(getattr(group, "commands", {}))
    assert check.endswith('CMD ["recon-exporter", "healthcheck"]')
    assert SERVICES["reconciliation-service"]["healthcheck"]["test"] == ["CMD", "recon-exporter", "healthcheck"]


def test_default_paths_of_the_runbook_hold() -> None:
    directories = [instruction.text for instruction in of_final("WORKDIR")]
    copied = [instruction.words for instruction in of_final("COPY") if instruction.words[-1] == f"{HBOT}/config/"]

    assert directories == [str(HBOT)]
    assert copied == [
        [
            "config/recon.yml",
            "config/reconciliation_thresholds.json",
            "config/exchange_account_map.json",
            f"{HBOT}/config/",
        ]
    ]


def test_what_is_written_lies_on_volumes_or_in_the_temporary_folder() -> None:
    volumes = [word for instruction in of_final("VOLUME") for word in instruction.words]

    assert volumes == [f"{HBOT}/.state", f"{HBOT}/docs/ops", f"{HBOT}/reports"]
    assert image_environment()["TMPDIR"] == "/tmp"  # noqa: S108  # that of the container
    assert image_environment()["PYTHONDONTWRITEBYTECODE"] == "1"


def test_label_names_the_version_of_the_package() -> None:
    labels = " ".join(instruction.text for instruction in of_final("LABEL"))

    assert f'org.opencontainers.image.version="{recon_exporter.__version__}"' in labels
    assert SERVICES["reconciliation-service"]["image"].endswith(f":{recon_exporter.__version__}}}")


def test_everything_that_is_copied_is_in_the_repository_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [
        source
        for instruction in IMAGE
        if instruction.name == "COPY" and "--from=build" not in instruction.words
        for source in instruction.words[:-1]
    ]

    assert [source for source in sources if not (ROOT / source).exists()] == []
    kept = tuple(line[1:] for line in ignored if line.startswith("!"))
    assert "*" in ignored
    assert [source for source in sources if not any(f"{source}/".startswith(f"{path}/") for path in kept)] == []
    assert [path for path in kept if not any(f"{source}/".startswith(f"{path}/") for source in sources)] == []


def test_secrets_of_the_checkout_reach_neither_builder_nor_repository() -> None:
    for file in (".dockerignore", ".gitignore"):
        lines = [line.strip("/") for line in (ROOT / file).read_text().splitlines()]
        assert {"config/env/.env", "config/env/secrets"} <= set(lines), file


def test_image_gets_what_the_package_asks_for_and_no_tool_of_development() -> None:
    names = locked()

    assert requirements("recon-exporter", frozenset({"duckdb", "postgres"})) <= set(names)
    assert {"pytest", "mypy", "ruff", "hypothesis", "import-linter", "hatchling", "build"} & set(names) == set()


def test_versions_of_the_image_are_those_of_the_tests() -> None:
    assert {name: metadata.version(name) for name in locked()} == locked()


def test_builder_gets_the_build_backend() -> None:
    assert {"hatchling", "pluggy", "packaging"} <= set(locked("--build"))


@pytest.mark.parametrize("text", ["", "other==1 \\\n    --hash=sha256:00\n    # via wanted\n"])
def test_requirement_that_is_not_locked_is_an_error(text: str) -> None:
    program = f"import sys; sys.path.insert(0, 'scripts'); import locked; locked.needed(['wanted'], {text!r})"

    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True)

    assert "KeyError: 'wanted'" in result.stderr
