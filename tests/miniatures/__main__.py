"""``python -m tests.miniatures`` lists the miniatures; with ``--write`` it runs the suite on each, for the table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.miniatures import MINIATURES, Miniature, table

WORKERS = 2


def run(miniature: Miniature, folder: Path) -> tuple[table.Row, list[str]]:
    """The row of a miniature, and where it is not as it declares."""
    found = table.check(miniature, folder / f"{miniature.name}.ndjson")
    return table.row(miniature, found), table.problems(miniature, found)


def runs() -> Iterator[tuple[table.Row, list[str]]]:
    """Each miniature's, in the order in which they are declared."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as workers:
        yield from workers.map(lambda miniature: run(miniature, Path(folder)), MINIATURES.values())


def main() -> int:
    """0; 1 where a miniature is not as it declares, or a requirement is broken by none."""
    parser = argparse.ArgumentParser(prog="python -m tests.miniatures", description=__doc__)
    parser.add_argument("--write", action="store_true", help="run the suite on each, and keep what it finds")
    if not parser.parse_args().write:
        for miniature in MINIATURES.values():
            print(f"{miniature.target}  {miniature.sentence}")
        return 0
    rows, wrong = [], 0
    for number, (row, problems) in enumerate(runs(), 1):
        rows.append(row)
        wrong += len(problems)
        for problem in problems:
            print(f"{row['name']}: {problem}")
        if sys.stderr.isatty():
            print(f"\r{number} of {len(MINIATURES)}", end="", file=sys.stderr, flush=True)
    unbroken = table.unbroken(rows)
    for requirement in unbroken:
        print(f"{requirement}: no miniature is built to break it")
    table.write(rows)
    print(f"{len(rows)} miniatures, in {table.TABLE.name}")
    return 1 if wrong or unbroken else 0


if __name__ == "__main__":
    sys.exit(main())
