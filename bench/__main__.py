"""`python -m bench [TABLE]...`: tables on stdout, progress on stderr; no name is all of them.

Each table's module says how many open files it needs (`FILES`: two for each client, and some), and after
how long it has gone wrong (`WITHIN_S`: several times what it takes).
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from traceback import extract_tb

import psutil
from rich.console import Console

from adjutant_client.arguments import Parser
from bench import (
    abuses,
    accounts,
    actions,
    boards,
    briefs,
    commands,
    dashboard,
    durable,
    fanout,
    flood,
    ingest,
    lighthouse,
    memory,
    messages,
    nodes,
    reconnect,
    records,
    rolling,
    search,
)
from bench.client import LoadError
from bench.peers import acks, adapters, patches, rounds, slow
from bench.table import WIDTH, Table, show
from examples.cluster import Missing
from tests.running import ROOT

TABLES = {
    "fanout": fanout,
    "durable": durable,
    "flood": flood,
    "abuses": abuses,
    "messages": messages,
    "commands": commands,
    "actions": actions,
    "briefs": briefs,
    "ingest": ingest,
    "accounts": accounts,
    "reconnect": reconnect,
    "boards": boards,
    "rolling": rolling,
    "nodes": nodes,
    "memory": memory,
    "search": search,
    "records": records,
    "dashboard": dashboard,
    "lighthouse": lighthouse,
    "peers-patches": patches,
    "peers-acks": acks,
    "peers-slow": slow,
    "peers-rounds": rounds,
    "peers-nodes": adapters,
}
GROUPS = {"peers": ("peers-patches", "peers-acks", "peers-slow")}
WITHIN_S = 90.0  # unless a table sets its own


class TooFewFiles(Exception):
    """The system's limit of open files is too low for a table."""


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 when all tables are printed."""
    options = _options(arguments)
    asked = options.tables or TABLES
    names = [name for one in asked for name in GROUPS.get(one, (one,))]
    place = (options.folder or Path(tempfile.gettempdir())).resolve()
    try:
        large = "FILES_LARGE" if options.large else "FILES"
        _allow_files(max(getattr(TABLES[name], large, TABLES[name].FILES) for name in names))
        with asyncio.Runner(loop_factory=_event_loop()) as runner:
            runner.run(_print_tables(names, place, options))
    except (LoadError, Missing, TooFewFiles, TimeoutError, AssertionError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return 0


async def _print_tables(names: Sequence[str], place: Path, options: argparse.Namespace) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # or the servers stay
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=WIDTH)
    console.print(f"{_machine()}\n")
    for name in names:
        began = time.perf_counter()
        print(f"bench: {name} ...", end="", flush=True, file=sys.stderr)
        within_s = getattr(TABLES[name], "WITHIN_S", WITHIN_S)
        if options.large:
            within_s = getattr(TABLES[name], "FULL_WITHIN_S", within_s)
        with tempfile.TemporaryDirectory(prefix="adjutant-bench-", dir=place) as folder:
            limit = asyncio.timeout(within_s)
            try:
                async with limit:
                    tables = await _run(name, Path(folder), options)
            except TimeoutError as error:
                raise TimeoutError(f"{name} {_why(error, within_s if limit.expired() else None)}") from error
        print(f" {time.perf_counter() - began:.0f} s", file=sys.stderr)
        for table in tables:
            show(table, console)


def _why(error: TimeoutError, within_s: float | None) -> str:
    """What took too long: all of a table, or something in it that has a limit of its own."""
    if within_s is not None:
        return f"was not done within {within_s:.0f} s"
    if said := str(error):
        return f"broke off: {said}"
    steps = [step for step in extract_tb(error.__traceback__) if Path(step.filename).is_relative_to(ROOT)]
    where = steps[-1]
    return f"broke off: {where.name} ({Path(where.filename).name}, line {where.lineno}) took too long"


async def _run(name: str, folder: Path, options: argparse.Namespace) -> Sequence[Table]:
    """The form of a table that is asked for; most have only one."""
    module = TABLES[name]
    run = getattr(module, "run_short", module.run) if options.short else module.run
    run = getattr(module, "run_large", run) if options.large else run
    compared = {"before": options.before} if module is rounds else {}
    made: Table | Sequence[Table] = await run(folder, **compared)
    return [made] if isinstance(made, Table) else made


def _machine() -> str:
    busy = psutil.getloadavg()[0]
    return (
        f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} processors, Python "
        f"{platform.python_version()}; load before the start {busy:.1f} (above 0.5 the figures are too high)"
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="python -m bench", description="Prints benchmark tables of the server on this machine."
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"{', '.join([*TABLES, *GROUPS])} (all)")
    parser.add_argument("--folder", type=Path, help="where the servers keep their data meanwhile")
    parser.add_argument("--short", action="store_true", help="shorter forms of the longest tables")
    about = "at full size: 1,000 boards, a mailbox of 50,000 mails (up to an hour)"
    parser.add_argument("--large", "--full", action="store_true", help=about)
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="another checkout, for peers-rounds")
    options = parser.parse_args(arguments)
    for name in options.tables:
        if name not in TABLES and name not in GROUPS:
            parser.error(f"unknown table {name}: choose from {', '.join([*TABLES, *GROUPS])}")
    return options


def _allow_files(needed: int) -> None:
    """Raises the limit of open files for this process and the servers that it starts.

    Errors: TooFewFiles.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard) and hard < needed:
        raise TooFewFiles(
            f"{needed} files must be open at once and the limit is {hard}: raise it (ulimit -Hn)"
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _event_loop() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
