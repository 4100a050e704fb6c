"""What the tests cost in CPU, with every process that they start: `python -m tests.cost [--rows N] ...`.

Runs them one at a time, with the options of pytest that follow; prints tables of folders, files and tests.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

_PR_SET_CHILD_SUBREAPER = 36
_NOTES = "NOTES_OF_TEST_COSTS"
_TICK = os.sysconf("SC_CLK_TCK")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Notes what one test took, with its share of set-up: loaded as a plugin by the program below."""
    before = _spent(os.getppid())
    try:
        return (yield)
    finally:
        with open(os.environ[_NOTES], "a") as notes:
            notes.write(json.dumps([item.nodeid, _spent(os.getppid()) - before]) + "\n")


def main(arguments: list[str]) -> int:
    """Runs pytest below this process, which takes in what the tests leave behind, and prints the tables."""
    rows = int(arguments[1]) if arguments[:1] == ["--rows"] else 40
    given = arguments[2:] if arguments[:1] == ["--rows"] else arguments
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.NamedTemporaryFile("r") as notes:
        command = [sys.executable, "-m", "pytest", "-n", "0", "-p", __spec__.name, *given]
        status = subprocess.run(command, env=os.environ | {_NOTES: notes.name}).returncode
        tests = dict(map(json.loads, notes))
    _take_in()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    _print(tests, rows)
    print(f"\n{usage.ru_utime + usage.ru_stime:.1f} s of CPU in all, {len(tests)} tests")
    return status


def _print(tests: Mapping[str, float], rows: int) -> None:
    files, folders, count = defaultdict[str, float](float), defaultdict[str, float](float), Counter[str]()
    for name, seconds in tests.items():
        file = name.partition("::")[0]
        for table, key in ((files, file), (folders, str(Path(file).parent))):
            table[key] += seconds
            count[key] += 1
    for heading, rated in (("folder", folders), ("file", files), ("test", tests)):
        print(f"\n{'CPU s':>8} {'tests':>6}  {heading}")
        for key in sorted(rated, key=lambda key: -rated[key])[:rows]:
            print(f"{rated[key]:8.2f} {count[key] or 1:6}  {key}")


def _spent(root: int) -> float:
    """The CPU seconds of all processes below this one, those that have ended included."""
    parents, ticks = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile: its parent has its time
        parents[int(folder.name)] = int(fields[1])
        ticks[int(folder.name)] = sum(map(int, fields[11:15]))
    own = [pid for pid in parents if _is_below(pid, root, parents)]
    return sum(ticks[pid] for pid in own) / _TICK


def _is_below(pid: int, root: int, parents: Mapping[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def _take_in() -> None:
    """Waits for the processes that have lost their parents, so that their time counts."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
