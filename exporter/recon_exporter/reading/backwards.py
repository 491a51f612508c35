"""Going back from the end of a file until a line is far enough, so that a cold start reads what is recent only."""

from collections.abc import Callable

from recon_exporter.reading.append_only import AppendOnlyFile

STEP = 1 << 16


def find_back(file: AppendOnlyFile, is_far_enough: Callable[[bytes], bool]) -> int | None:
    """The offset of the last whole line that is far enough; None where none behind the header is.

    ``is_far_enough`` is asked for each line without its newline, the last one first.
    """
    end, wanted = _end_of_lines(file), STEP
    while end > file.body:
        begin = max(file.body, end - wanted)
        data = file.read(begin, end)
        first = 0 if begin == file.body else data.find(b"\n") + 1
        if first == len(data):
            wanted = file.longer(wanted)
            continue
        offset = end
        for line in reversed(data[first:-1].split(b"\n")):
            offset -= len(line) + 1
            if is_far_enough(line):
                return offset
        end, wanted = begin + first, STEP
    return None


def _end_of_lines(file: AppendOnlyFile) -> int:
    """The offset behind the last newline."""
    wanted = STEP
    while True:
        begin = max(0, file.size - wanted)
        whole = file.read(begin, file.size).rfind(b"\n") + 1
        if whole or begin == 0:
            return begin + whole
        wanted = file.longer(wanted)
