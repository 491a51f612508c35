"""The incidents of the page on the end of the day are played as printed: each block prints what stands below it."""

from __future__ import annotations

import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

from end_to_end.world import COMMAND, environment
from recon_exporter.domain.breaks import EOD_TYPES

ROOT = Path(__file__).parents[2]
TITLE = "Play the five incidents by hand"


def blocks() -> list[tuple[str, str]]:
    """Language and content of each block of the section."""
    _, _, after = (ROOT / "docs" / "end-of-day.md").read_text().partition(f"## {TITLE}\n")
    section, _, _ = after.partition("\n## ")
    return re.findall(r"^```(bash|text)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def pattern(line: str) -> str:
    """What the line stands for: an ellipsis for anything."""
    return ".*".join(map(re.escape, line.split("…")))


def test_the_five_incidents_run_as_the_page_prints_them(tmp_path: Path) -> None:
    found = blocks()
    assert [language for language, _ in found] == ["bash", "text"] * (len(found) // 2)
    played = ""
    told = ""
    script = f'set -e\nrecon-exporter() {{ {shlex.join(COMMAND)} "$@" || [ $? = 1 ]; }}\n'
    for (_, commands), (language, expected) in pairwise(found):
        if language != "text":
            continue
        script += f"{commands}\necho END-OF-BLOCK\n"
        played += commands
        told += expected
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment(USER="ops"),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stderr
    printed = ran.stdout.split("END-OF-BLOCK\n")[:-1]
    expectations = [content for language, content in found if language == "text"]
    for output, expected in zip(printed, expectations, strict=True):
        rest = iter(output.splitlines())
        for line in expected.splitlines():
            assert any(re.fullmatch(pattern(line), said) for said in rest), f"{line!r} is not in\n{output}"
    assert [output.count("Breaks remaining") for output in printed] == [1, 5, 1]
    assert set(re.findall(r"^([A-Z_]+): ", told, re.MULTILINE)) == set(EOD_TYPES)
    assert played.count("recon-exporter eod") == 7
