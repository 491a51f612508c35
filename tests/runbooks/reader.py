"""A reader who types the commands of a page, one after the other in one shell, and compares what they show."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from runbooks.pages import commands_of
from runbooks.stack import readdressed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runbooks.pages import Step
    from runbooks.stack import Stack

VERDICTS = ("once", "gate", "eod", "snapshot", "verify")
"""Commands of ours whose exit code is an answer: not 0 where a page is about what is wrong."""

BREAKAGE = re.compile(r"Traceback|command not found|Usage:|[Ee]rror:|parse error|invalid")
MARK = "=== {} {} ==="


def run(steps: Sequence[Step], stack: Stack) -> list[tuple[int, str]]:
    """Exit code and output of each step, all run by one shell, as by one reader."""
    parts = [f"{{ {step.command}\n}} 2>&1; code=$?; echo; echo {MARK.format('step', '$code')}" for step in steps]
    script = readdressed("\n".join(parts), stack.addresses)
    result = subprocess.run(
        ["bash", "-c", script],
        cwd=stack.folder,
        env=dict(stack.environment),
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.stderr == ""
    found = re.split(r"^" + MARK.format("step", r"(\d+)") + "\n", result.stdout, flags=re.MULTILINE)
    return [(int(code), output) for output, code in zip(found[0::2], found[1::2], strict=False)]


def pattern(line: str) -> str:
    """A line of a page as an expression: `…` stands for anything, every other character for itself."""
    return ".*".join(re.escape(piece) for piece in line.strip().split("…"))


def not_shown(expected: Sequence[str], output: str) -> list[str]:
    """Lines of a page that are no whole lines of the output, or not in this order; blank ones do not count."""
    shown = iter([line.strip() for line in output.splitlines()])
    return [
        line for line in expected if line.strip(" …") and not any(re.fullmatch(pattern(line), one) for one in shown)
    ]


def check_outcomes(steps: Sequence[Step], outcomes: Sequence[tuple[int, str]]) -> None:
    """Every step ran to its end and showed what stands below it."""
    assert len(outcomes) == len(steps)
    for step, (code, output) in zip(steps, outcomes, strict=True):
        last = list(commands_of(step.command))[-1]
        is_verdict = "recon-exporter" in last and bool(set(last) & set(VERDICTS))
        assert code == 0 or (is_verdict and code in (1, 3)), f"{step.command}\n{output}"
        assert not BREAKAGE.search(output), f"{step.command}\n{output}"
        false = not_shown(step.expected, output)
        assert false == [], f"{false[0]}\nnot shown, or not in this place, by\n{step.command}\n{output}"
