"""Reading on in a file that others append to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.errors import SourceError
from recon_exporter.reading import append_only
from recon_exporter.reading.append_only import AppendOnlyFile, Checkpoint

if TYPE_CHECKING:
    from pathlib import Path


def read_all(path: Path, begin: int = 0) -> tuple[bytes, Checkpoint]:
    with AppendOnlyFile(str(path)) as file:
        return b"".join(block.data for block in file.blocks(begin)), file.checkpoint()


def continues(path: Path, checkpoint: Checkpoint) -> bool:
    with AppendOnlyFile(str(path)) as file:
        return file.continues(checkpoint)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_unterminated_last_line_waits_for_its_end(path: Path) -> None:
    path.write_bytes(b"one\ntw")
    first, checkpoint = read_all(path)
    path.write_bytes(b"one\ntwo\n")

    assert first == b"one\n"
    assert read_all(path, checkpoint.offset)[0] == b"two\n"


def test_file_that_grew_is_continued(path: Path) -> None:
    path.write_bytes(b"one\n")
    _, checkpoint = read_all(path)
    with path.open("ab") as file:
        file.write(b"two\n")

    assert continues(path, checkpoint)


def test_file_that_was_left_alone_is_current(path: Path) -> None:
    path.write_bytes(b"one\n")
    _, checkpoint = read_all(path)

    assert checkpoint.is_current(str(path))


def test_shorter_file_is_another(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    _, checkpoint = read_all(path)
    with path.open("r+b") as file:
        file.truncate(4)

    assert not continues(path, checkpoint)


def test_file_cut_and_grown_beyond_the_offset_is_another(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    _, checkpoint = read_all(path)
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(b"six\nten\nmore\n")

    assert not continues(path, checkpoint)


def test_replaced_file_with_the_same_content_is_another(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"one\n")
    _, checkpoint = read_all(path)
    copy = tmp_path / "copy"
    copy.write_bytes(b"one\n")
    copy.replace(path)

    assert not continues(path, checkpoint)


def test_middle_written_again_in_place_is_noticed_by_the_time_of_change(path: Path) -> None:
    path.write_bytes(b"first\n" + b"x" * 20_000 + b"\n" + b"y" * 20_000 + b"\n")
    _, checkpoint = read_all(path)
    with path.open("r+b") as file:
        file.seek(10_000)
        file.write(b"z")
    os.utime(path, ns=(0, checkpoint.modified_ns + 1))

    assert not continues(path, checkpoint)


def test_lines_written_again_before_the_offset_are_noticed_though_the_file_grew(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    _, checkpoint = read_all(path)
    path.write_bytes(b"one\nTWO\nthree\n")

    assert not continues(path, checkpoint)


def test_guard_is_of_what_was_read_and_not_of_what_stands_there_later(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    with AppendOnlyFile(str(path)) as file:
        list(file.blocks(0))
        with path.open("r+b") as other:
            other.write(b"ONE\nTWO\nmore\n")
        checkpoint = file.checkpoint()

    assert not continues(path, checkpoint)


def test_file_cut_while_it_is_read_gives_what_is_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "BLOCK", 8)
    path.write_bytes(b"one\ntwo\nsix\nten\n")
    with AppendOnlyFile(str(path)) as file:
        blocks = file.blocks(0)
        first = next(blocks)
        os.truncate(path, 8)
        rest = list(blocks)

    assert (first.data, rest) == (b"one\ntwo\n", [])


def test_file_of_which_not_all_was_taken_is_not_current_and_is_continued(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append_only, "BLOCK", 8)
    path.write_bytes(b"one\ntwo\nsix\nten\n")
    with AppendOnlyFile(str(path)) as file:
        blocks = file.blocks(0)
        next(blocks)
        next(blocks)
        checkpoint = file.checkpoint()

    assert not checkpoint.is_current(str(path))
    assert continues(path, checkpoint)
    assert read_all(path, checkpoint.offset)[0] == b"six\nten\n"


def test_line_longer_than_a_block_is_read_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "BLOCK", 8)
    content = b"short\n" + b"x" * 100 + b"\nshort\n"
    path.write_bytes(content)

    assert read_all(path)[0] == content


def test_endless_line_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "BLOCK", 8)
    monkeypatch.setattr(append_only, "LONGEST_LINE", 64)
    path.write_bytes(b"head\n" + b"x" * 1000)

    with pytest.raises(SourceError, match="longer than 64 bytes"):
        read_all(path)


def test_header_is_known_only_once_it_is_complete(path: Path) -> None:
    path.write_bytes(b"a,b")
    with AppendOnlyFile(str(path)) as file:
        assert (file.header, file.body) == (None, 0)
    path.write_bytes(b"a,b\n1,2\n")
    with AppendOnlyFile(str(path)) as file:
        assert (file.header, file.body) == (b"a,b", 4)


def test_header_longer_than_the_guarded_head_is_read_whole(path: Path) -> None:
    header = b",".join(b"column_%d" % number for number in range(1000))
    path.write_bytes(header + b"\n")
    with AppendOnlyFile(str(path)) as file:
        assert file.header == header


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(1, 40))
def test_any_blocks_hold_every_whole_line_at_its_offset(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block: int
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "file"
    content = b"\n".join(lines)
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch, AppendOnlyFile(str(path)) as file:
        patch.setattr(append_only, "BLOCK", block)
        found = [item for each in file.blocks(0) for item in each.lines()]

    assert all(content[offset : offset + len(line)] == line for offset, line in found)
    assert b"".join(line + b"\n" for _, line in found) == content[: content.rfind(b"\n") + 1]


@given(st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=6))
def test_any_splits_into_appends_give_the_same_checkpoint(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("appends") / "file"
    offset, read = 0, b""
    checkpoint = None
    for piece in pieces:
        with path.open("ab") as file:
            file.write(piece)
        if checkpoint is not None:
            assert continues(path, checkpoint)
        data, checkpoint = read_all(path, offset)
        offset, read = checkpoint.offset, read + data

    assert (read, checkpoint) == read_all(path)
