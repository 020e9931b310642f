"""``python -m tests.miniatures`` lists the miniatures; with ``--write`` it runs the suite on each."""

from __future__ import annotations

import argparse
import os
import sys

from tests.miniatures import MINIATURES, table


def write() -> int:
    """Write the table. Return 1 if a miniature deviates from its declaration or no miniature breaks a requirement."""
    rows, wrong = [], []
    with table.workers(os.cpu_count() or 1) as workers:
        for miniature, found in zip(MINIATURES.values(), workers.map(table.check, MINIATURES.values()), strict=True):
            rows.append(table.row(miniature, found))
            wrong += [f"{miniature.name}: {problem}" for problem in table.problems(miniature, found)]
            if sys.stderr.isatty():
                print(f"\r{len(rows)} of {len(MINIATURES)}", end="", file=sys.stderr, flush=True)
    wrong += [f"{requirement}: no miniature breaks it" for requirement in table.unbroken(rows)]
    table.write(rows)
    print(*wrong, f"{len(rows)} miniatures, in {table.TABLE.name}", sep="\n")
    return 1 if wrong else 0


def main() -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.miniatures", description=__doc__)
    parser.add_argument("--write", action="store_true", help="run the suite on each miniature and write table.toml")
    if parser.parse_args().write:
        return write()
    for miniature in MINIATURES.values():
        print(f"{miniature.target}  {miniature.sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
