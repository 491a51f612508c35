"""The reader of a page takes it at its word: numbers, whole lines and their order."""

from __future__ import annotations

import pytest

from runbooks.pages import Step
from runbooks.reader import check_outcomes

OUTPUT = """\
# TYPE recon_source_up gauge
recon_source_up{bot="bot11",source="minute"} 0.0
recon_source_up{bot="bot11",source="fills"} 1.0
{bot="bot11", source="minute"} => 1036.02 @[1772800015.123]
"""
MINUTE = 'recon_source_up{bot="bot11",source="minute"} 0.0'
FILLS = 'recon_source_up{bot="bot11",source="fills"} 1.0'
AGE = '{bot="bot11", source="minute"} => … @[…]'


def check(*lines: str, code: int = 0, output: str = OUTPUT) -> None:
    check_outcomes([Step("cat metrics", lines)], [(code, output)])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((MINUTE, FILLS, AGE), id="every line"),
        pytest.param((MINUTE, AGE), id="lines left out"),
        pytest.param((f"   {MINUTE}", "", "…", AGE), id="indented, with an empty line and one that stands for others"),
        pytest.param(('recon_source_up{…source="minute"} …',), id="anything in between"),
        pytest.param((), id="nothing promised"),
    ],
)
def test_what_comes_out_as_printed_passes(lines: tuple[str, ...]) -> None:
    check(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((FILLS.replace("1.0", "0.0"),), id="another number"),
        pytest.param((FILLS.replace("1.0", "1"),), id="a part of the number"),
        pytest.param((FILLS.replace("fills", "events"),), id="another word"),
        pytest.param((FILLS, MINUTE), id="another order"),
        pytest.param((MINUTE, MINUTE), id="once more than it is shown"),
        pytest.param((FILLS.removeprefix("recon_"),), id="a part of a line"),
        pytest.param((f"{MINUTE} …", f"{FILLS}…", "…0.5 …"), id="a number that is nowhere"),
    ],
)
def test_what_is_not_so_does_not_pass(lines: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError, match="not shown, or not in this place"):
        check(*lines)


@pytest.mark.parametrize(("code", "output"), [(1, OUTPUT), (0, "bash: promtol: command not found\n")])
def test_a_command_that_fails_does_not_pass(code: int, output: str) -> None:
    with pytest.raises(AssertionError, match="cat metrics"):
        check(code=code, output=output)
