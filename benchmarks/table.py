"""The results as a table for the terminal, and as the page of the documentation."""

import math
from collections.abc import Iterable, Sequence

from benchmarks.measuring import KIBIBYTE
from benchmarks.result import MEBIBYTE, Result, Unit

HEADER = ("measured", "value", "baseline of the same run", "ratio", "target", "met", "peak memory")
MILLI, MICRO = 1e-3, 1e-6

INTRODUCTION = """# Benchmarks

Written by `make bench`. Each value is measured in a process of its own and stands against a baseline of the same run on
the same machine; the ratio is the value divided by its baseline. Times are wall time, and where work is repeated the
best of several, because what else a machine does only ever adds. Nothing here is asserted by the tests.

Machine: {machine}. Size of the run: {scale}.
"""

NOTES = """
## What the rows are

- **startup**: `recon-exporter --version` from the shell and back, against an interpreter that does nothing.
- **metrics**: scrapes of one page over one connection on loopback, against a file of the same size that the same server
  sends (`sendfile`), and against `prometheus_client.generate_latest` of the same families in the same process.
- **cold-read**: a day's event store from its beginning, one line in a hundred a fill, against a loop that parses every
  line and does nothing with it.
- **warm-cycle**: a cycle that finds 1,000 new event lines, a new row of each bot and a new exchange snapshot, with all
  checks, the report document and the recording of all of it in SQLite on disk. *orjson.loads of the whole store* is one
  pass over the events of the day. *Rescan per bot* reads the minute file, the fills and all events of the day once for
  each bot, as a reconciler without memory does: timed on three bots and multiplied.
- **exchange-snapshot**: the balances, positions, prices and rights of every account, asked by ccxt of a local Bitget in
  a process of its own, which lists 1,400 further markets, takes 20 ms for a reply, refuses an account its eleventh
  request within a second, and counts what comes. The baseline is what these replies alone take of eight workers that
  never do anything but wait for one; the other one is as many threads that ask for the venue's time over and over,
  which is what the machine can do of it. The *first* snapshot finds four in five accounts that were never asked before;
  the *later* one is the best of three. Memory is what the process grew by in the first, divided by these accounts.
- **service**: `recon-exporter serve` over 1,000 bots, each of which writes a row a minute, while 100 fills and 900
  other events a second arrive. The processor time is that of the whole process with a scrape a second. *Event to page*
  is the time from when a fill event had been written until the end of the first cycle whose page counts it: at most the
  interval and the cycle itself, which is why whoever needs 5 s sets an interval of 4 s. *Between cycles* are the
  scrapes of the same client that no cycle overlapped.
"""


def terminal_table(results: Sequence[Result]) -> str:
    """Columns as wide as they have to be, one block for each row of the benchmarks."""
    lines = [HEADER, *(_cells(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def document(results: Sequence[Result], machine: str, scale: str) -> str:
    """The page of the documentation."""
    parts = [INTRODUCTION.format(machine=machine, scale=scale)]
    for row in dict.fromkeys(result.row for result in results):
        lines = [_markdown(HEADER), _markdown(["---"] * len(HEADER))]
        lines += [_markdown(_cells(result)) for result in results if result.row == row]
        parts.append(f"\n## {row}\n\n" + "\n".join(lines) + "\n")
    return "".join(parts) + NOTES


def amount_text(value: float, unit: Unit) -> str:
    """A value in the unit that people read best; nothing where nothing was seen."""
    if math.isnan(value):
        return "–"
    if unit is Unit.BYTES:
        return f"{value / MEBIBYTE:.0f} MiB" if value >= MEBIBYTE else f"{value / KIBIBYTE:.0f} KiB"
    if unit is Unit.CORES:
        return f"{100 * value:.1f} % of a core"
    scale, name = next(((1 / of, name) for of, name in ((1, "s"), (MILLI, "ms")) if value >= of), (1 / MICRO, "µs"))
    return f"{value * scale:.3g} {name}"


def _cells(result: Result) -> tuple[str, ...]:
    baseline = result.baseline
    return (
        result.what,
        amount_text(result.value, result.unit),
        f"{baseline.name}: {amount_text(baseline.value, result.unit)}" if baseline else "",
        "" if result.ratio is None else f"{result.ratio:.3g}",
        ", ".join(_targets(result)),
        "" if not result.has_target else "yes" if result.is_met else "no",
        "" if result.peak is None else amount_text(result.peak, Unit.BYTES),
    )


def _targets(result: Result) -> Iterable[str]:
    if result.limit is not None:
        yield f"≤ {amount_text(result.limit, result.unit)}"
    if result.baseline and result.baseline.at_least is not None:
        yield f"ratio ≥ {result.baseline.at_least:.3g}"
    if result.baseline and result.baseline.at_most is not None:
        yield f"ratio ≤ {result.baseline.at_most:.3g}"


def _markdown(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
