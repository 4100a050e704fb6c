"""`python -m collectors.people FILE...`: address books, for the board's directory."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from collectors.people.book import read_books
from collectors.program import Job, source_name
from collectors.program import main as run_program
from collectors.types import Ask, Found


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = (
        "Tells the board who is who, from address books (.vcf, .csv): names and addresses, and nothing else."
        " What a person owes and is owed is then under one name, and a search for one of their names finds"
        " all of them."
    )
    return run_program("collectors.people", about, _add_arguments, _job, arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "a file of vCards, or a table with columns such as Name and Email"
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help=about)


def _job(given: argparse.Namespace) -> Job:
    files: list[Path] = given.files

    def collect(ask: Ask) -> Iterator[Found]:
        return read_books(files)

    name = source_name("people", files[0].resolve().stem)
    return Job(source=name, collect=collect, sections=("people",), watch=tuple(files))


if __name__ == "__main__":
    sys.exit(main())
