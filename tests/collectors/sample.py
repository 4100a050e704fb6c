"""A collector for the tests: `python -m tests.collectors.sample FILE`, each line a priority."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from collectors.identity import stable_id
from collectors.program import Job, UsageError, main, source_name
from collectors.types import Ask, Finding, Found, Kind, NoneLeft
from models.priorities import GivenPriority


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path)


def job(given: Namespace) -> Job:
    if given.file.is_dir():
        raise UsageError(f"{given.file} is a folder")

    def collect(_: Ask) -> Iterator[Found]:
        for number, line in enumerate(given.file.read_text().splitlines(), 1):
            match line:
                case "sleep":
                    print("asleep", flush=True)
                    time.sleep(3_600)
                case "skip":
                    yield Finding(Kind.SKIPPED, f"line {number}", "it says skip")
                case "none":
                    yield NoneLeft("priorities")
                case _:
                    yield GivenPriority(id=stable_id(line), title=line)

    name = source_name("sample", given.file.stem)
    return Job(name, collect, ("priorities",), (given.file,))


if __name__ == "__main__":
    sys.exit(main("tests.collectors.sample", "Lines as priorities.", add_arguments, job))
