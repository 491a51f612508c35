"""`deadman` names the option that it cannot use: it is read once, on another machine, and then forgotten for years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import deadman

if TYPE_CHECKING:
    from pathlib import Path


def said(
    capsys: pytest.CaptureFixture[str], folder: Path, *, command: str | None = None, file: str | None = None
) -> str:
    wish = deadman.Wish("127.0.0.1:1", "5m", folder / "deadman.json", command, None if file is None else folder / file)
    assert deadman.run(wish) == 2
    return capsys.readouterr().err


def test_command_with_half_a_quotation_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, tmp_path, command='mail -s "Watchdog me') == "deadman: --run: No closing quotation\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file or directory"), ("", "empty"), ("http://a\nhttp://b\n", "more than one line")],
)
def test_file_without_an_address_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, why: str
) -> None:
    if content is not None:
        (tmp_path / "tell").write_text(content)

    assert said(capsys, tmp_path, file="tell") == f"deadman: --post-url-file {tmp_path / 'tell'}: {why}\n"
