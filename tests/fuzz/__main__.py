"""`python -m tests.fuzz [READER]...`: changed inputs for each reader, then longer and longer ones."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from time import monotonic

from tests.fuzz.growth import growth
from tests.fuzz.readers import READERS, reader
from tests.fuzz.trying import HEADER, Fault, search

Share = tuple[str, int, int, float, int]


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 when there is a fault."""
    names = [one.name for one in READERS]
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", help=f"{', '.join(names)} (all)")
    parser.add_argument("--minutes", type=float, default=10.0, help="of CPU in all (%(default)s)")
    parser.add_argument("--inputs", type=int, default=10**9, help="for each reader at most")
    parser.add_argument("--shapes", type=int, default=300, help="of growing texts for each (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the inputs (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (%(default)s)")
    options = parser.parse_args(arguments)
    if unknown := set(options.readers) - set(names):
        parser.error(f"there is no reader {', '.join(unknown)}: choose from {', '.join(names)}")
    chosen = options.readers or names
    cpu_s = options.minutes * 60 / len(chosen)
    shares = [(name, options.seed, options.inputs, cpu_s, options.shapes) for name in chosen]
    began_s, inputs, faults = monotonic(), 0, list[Fault]()
    print(HEADER)
    with multiprocessing.Pool(options.jobs) as pool:
        for line, number, found in pool.imap_unordered(_run, shares):
            print(line, flush=True)
            inputs += number
            faults += found
    for fault in faults:
        print(f"\n{fault.reader}: {fault.what}\n  {fault.text[:1_000]!r}")
    print(f"\n{inputs:,} inputs in {monotonic() - began_s:.0f} s; {len(faults)} faults")
    return 1 if faults else 0


def _run(share: Share) -> tuple[str, int, list[Fault]]:
    name, seed, inputs, cpu_s, shapes = share
    one = reader(name)
    trial = search(one, seed, inputs, cpu_s)
    return trial.line, trial.inputs, [*trial.faults.values(), *growth(one, seed, shapes)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
