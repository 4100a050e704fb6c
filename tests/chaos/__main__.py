"""`python -m tests.chaos --minutes 10 --seed 1`: storm after storm, then one line for each promise."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from tests.chaos.storm import FAULTS_A_STORM, World, world
from tests.node.driver import is_set_up


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="about how long (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the faults and of what is typed (%(default)s)"
    )
    parser.add_argument("--folder", type=Path, help="where the data stays; else it is removed")
    options = parser.parse_args(arguments)
    if options.folder is not None:
        options.folder.mkdir(parents=True)
        return asyncio.run(run(options.folder, options.minutes, options.seed))
    with tempfile.TemporaryDirectory(prefix="adjutant-chaos-") as folder:
        return asyncio.run(run(Path(folder), options.minutes, options.seed))


async def run(folder: Path, minutes: float, seed: int) -> int:
    """Storms until the time is over, and at least one."""
    if not is_set_up():
        print("chaos: without the page's clients: Node is not set up", file=sys.stderr)
    ends_s = monotonic() + minutes * 60
    made: World | None = None
    try:
        async with world(folder.resolve(), seed, node=is_set_up()) as made:
            while not made.faults.struck or monotonic() < ends_s:
                await made.storm(FAULTS_A_STORM)
                lost = sum(len(tally.lost) for tally in made.ledger.tallies.values())
                print(f"chaos: {made.faults.struck.total():,} faults, {lost} lost", file=sys.stderr)
    finally:
        if made is not None:
            print(f"seed {seed}", *made.report(), sep="\n", flush=True)
    return 0 if made.ledger.kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
