"""Many JSON objects, one a line, of which few are wanted: most lines are looked at, not parsed.

A line is bad if it does not begin with ``{`` and end with ``}``; whether the few parse is for the caller to see.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from recon_exporter.reading.append_only import Block

_ALL_OBJECTS = re.compile(rb"(?:\{.*\}\n)*")
"""Faster than looking at the ends of each line, because no line becomes an object of its own."""

Lines = tuple[tuple[int, bytes], ...]
"""Lines with their offsets in the file."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """The lines of a block that are wanted, and those that are bad; blank ones are neither."""

    wanted: Lines
    bad: Lines


def sift(block: Block, sign: re.Pattern[bytes]) -> Sifted:
    """Find the lines that hold the sign; one that begins with plain characters is found fastest."""
    wanted = tuple(_lines_with(block, sign))
    if _ALL_OBJECTS.fullmatch(block.data):
        return Sifted(wanted, ())
    bad = tuple((offset, line) for offset, line in block.lines() if not _is_object(line))
    lost = {offset for offset, _ in bad}
    return Sifted(tuple(item for item in wanted if item[0] not in lost), bad)


def last_lines(block: Block, most: int) -> Iterator[bytes]:
    """The lines of the block from the last one back."""
    yield from reversed(block.data[:-1].rsplit(b"\n", most)[-most:])


def _lines_with(block: Block, sign: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    data, end = block.data, 0
    for found in sign.finditer(data):
        if found.start() >= end:
            begin, end = data.rfind(b"\n", 0, found.start()) + 1, data.find(b"\n", found.start())
            yield block.offset + begin, data[begin:end]


def _is_object(line: bytes) -> bool:
    text = line.strip()
    return not text or (text.startswith(b"{") and text.endswith(b"}"))
