"""`python -m collectors.git REPO...`: the commits of local repositories, as records."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from collectors.accounts import Accounts
from collectors.folders import called, place
from collectors.git.history import History
from collectors.git.store import Damaged, Repository, is_repository
from collectors.program import Job, source_name
from collectors.program import main as run_program
from collectors.types import Ask, Finding, Found, Kind, Mode, Progress

COMMITS_MAX, FIND_DEPTH = 20_000, 3  # the newest; folders below the one that is named
_MANY = 10_000_000  # more than any repository has
LATE_MAX = timedelta(days=1)
"""How much older than the last run a commit may be dated and still count as new."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = "Reads the commits of local git repositories, on all their local branches, as records."
    return run_program("collectors.git", about, _add_arguments, _job, arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", type=Path, nargs="+", metavar="REPO", help="a repository, also a bare one")
    about = "look for repositories below a REPO that is not one, up to this many folders deep (%(const)s)"
    parser.add_argument(
        "--find", type=_whole, nargs="?", const=FIND_DEPTH, default=0, metavar="DEPTH", help=about
    )
    about = "only commits of this day (UTC) and later"
    parser.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help=about)
    about = "at most this many commits of each repository, the newest (%(default)s)"
    parser.add_argument("--max-commits", type=_whole, default=COMMITS_MAX, metavar="N", help=about)


def _job(given: argparse.Namespace) -> Job:
    paths: list[Path] = given.paths
    return Job(
        source=source_name("git", paths[0].resolve().name.removesuffix(".git")),
        collect=lambda ask: read_repositories(paths, ask, given.find, given.since, given.max_commits),
        watch=tuple(watched for path in paths for watched in _watched(path)),
    )


def read_repositories(
    given: Sequence[Path],
    ask: Ask,
    depth: int = 0,
    since: datetime | None = None,
    most: int = COMMITS_MAX,
) -> Iterator[Found]:
    """The commits of the repositories at the given paths (or up to `depth` folders below them), each once.

    A quick run goes back to the last run, any run to `since`, and no further than `most` commits.
    """
    if ask.mode is Mode.QUICK and ask.since is not None:
        since = max(since, ask.since - LATE_MAX) if since else ask.since - LATE_MAX
    accounts = Accounts("repository", "branch", "commit")
    account = accounts["repository"]
    found: list[Path] = []
    for path in given:
        for one in repositories(path, depth):
            account.see()
            if isinstance(one, Finding):
                account.leave(one.kind)
                yield one
            else:
                found.append(one)
    met: set[bytes] = set()
    for number, path in enumerate(found):
        yield Progress(number, len(found), place(path, path.parent))
        try:
            with Repository(path) as repository:
                yield from History(repository, since, most, accounts).commits(met)
                account.take()
        except Damaged as damage:
            account.leave(Kind.SKIPPED)
            yield Finding(Kind.SKIPPED, place(path, path.parent), str(damage))
    yield from accounts


def repositories(given: Path, depth: int = 0) -> Iterator[Path | Finding]:
    """The repository at the path, or those at most so many folders below it; links are not followed."""
    top = Path(os.path.abspath(given))
    if not top.is_dir():
        yield Finding(Kind.SKIPPED, called(given), "there is no such folder")
        return
    waiting, none = [(top, 0)], True
    while waiting:
        folder, deep = waiting.pop()
        try:
            if is_repository(folder):
                none = False
                yield folder
            elif deep < depth:
                waiting += [(inner, deep + 1) for inner in reversed(_folders(folder))]
        except OSError as error:
            where = place(folder, top.parent)
            yield Finding(Kind.SKIPPED, where, f"it cannot be read ({error.strerror or error})")
            none = False
    if none:
        hint = (
            f"there is no repository in it, {depth} folders deep"
            if depth
            else ("it is not a repository (--find looks for some below it)")
        )
        yield Finding(Kind.SKIPPED, called(given), hint)


def _watched(path: Path) -> tuple[Path, ...]:
    """The files that change with each commit: the references, and a detached HEAD; not the working tree."""
    for folder in (path / ".git", path):
        if (folder / "refs").is_dir():
            return folder / "refs", folder / "HEAD"
    return (path,)


def _whole(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:8]) <= _MANY:
        return int(text[:8])
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {_MANY:,}")


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2024-05-31") from None


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        inner = [e for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")]
    return sorted(Path(entry) for entry in inner)


if __name__ == "__main__":
    sys.exit(main())
