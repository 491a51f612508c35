"""Going back from the end of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.reading import backwards
from recon_exporter.reading.append_only import AppendOnlyFile
from recon_exporter.reading.backwards import find_back

if TYPE_CHECKING:
    from pathlib import Path


def test_unterminated_last_line_is_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"header\none\ntw")
    with AppendOnlyFile(str(path)) as file:
        assert find_back(file, lambda line: line == b"tw") is None
        assert find_back(file, lambda line: line == b"one") == 7


@given(
    st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=12),
    st.binary(max_size=5).filter(lambda line: b"\n" not in line),
    st.integers(1, 30),
    st.data(),
)
def test_last_line_that_is_far_enough_is_found_whatever_the_step(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], torn: bytes, step: int, data: st.DataObject
) -> None:
    wanted = data.draw(st.sampled_from([*lines, b"none of them"]))
    content = b"".join(line + b"\n" for line in lines)
    path = tmp_path_factory.mktemp("back") / "file"
    path.write_bytes(b"header\n" + content + torn)
    offsets = {line: 7 + sum(len(other) + 1 for other in lines[:number]) for number, line in enumerate(lines)}
    with pytest.MonkeyPatch.context() as patch, AppendOnlyFile(str(path)) as file:
        patch.setattr(backwards, "STEP", step)
        found = find_back(file, lambda line: line == wanted)

    assert found == offsets.get(wanted)
