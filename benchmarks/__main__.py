"""The command line: which rows, how large, and where the page goes."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import cold_read, exchange_snapshot, fill_matching, metrics, positions, service, startup, warm_cycle
from benchmarks.machine import description
from benchmarks.result import Result
from benchmarks.scale import DEFAULT, QUICK, TINY, Scale
from benchmarks.table import document, terminal_table

MODULES = (startup, metrics, cold_read, warm_cycle, positions, fill_matching, exchange_snapshot, service)
ROWS = {module.NAME: module for module in MODULES}
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def main(arguments: Sequence[str]) -> int:
    """Run the rows asked for; the page is written by a whole run at full size. 1 where one of its targets is missed."""
    asked = _parser().parse_args(arguments)
    scale = next((scale for scale in (QUICK, TINY) if getattr(asked, scale.name)), DEFAULT)
    results = []
    for result in _results(asked.rows or list(ROWS), scale, asked.directory):
        results.append(result)
        sys.stderr.write(f"{result.row}: {result.what}\n")
    print(terminal_table(results))
    page = asked.output or (PAGE if scale is DEFAULT and not asked.rows else None)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(document(results, description(), scale.name), encoding="utf-8")
    return 1 if scale is DEFAULT and not all(result.is_met for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", choices=[[], *ROWS], help=f"all, or some of {', '.join(ROWS)}"
    )
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="smaller sizes, within a minute")
    sizes.add_argument("--tiny", action="store_true", help="shows that every row runs; its numbers mean nothing")
    parser.add_argument("--output", type=Path, help="write the page there")
    parser.add_argument("--directory", type=Path, help="where the data goes: the disk that is measured")
    return parser


def _results(rows: Sequence[str], scale: Scale, directory: Path | None) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="recon-benchmarks-", dir=directory) as folder:
        for row in rows:
            yield from ROWS[row].run(scale, Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
