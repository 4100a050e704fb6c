"""The command line that all collectors share: `main` is a collector's whole program."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import re
import signal
import sys
import unicodedata
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from adjutant_client import Refused
from adjutant_client.arguments import Parser, add_server
from collectors import arguments as kinds
from collectors.identity import stable_id
from collectors.report import Report
from collectors.running import Job, Terms, run_once
from collectors.serving import serve, watch
from collectors.spool import spool_folder
from collectors.texts import counted
from collectors.types import Mode

__all__ = ["Job", "Program", "UsageError", "main", "source_name"]

PARENT = "ADJUTANT_PARENT"
"""In the environment: the process without which this one is to end, by its number."""

_LOOK_S = 1.0  # how soon the end of `adjutant run` is noticed
_NAME_MAX = 64  # the server's bound for a source's name
_STATUSES = """\
exit status:
  0  everything is on the board (with --every, --serve, --watch: ended by Ctrl-C or SIGTERM);
     a server that takes no records yet keeps none: the report says so
  1  something is not: it was skipped, left out or rejected, nothing was found, or the run failed
  2  the command line is wrong
  3  the server could not be reached, or refused
"""


class UsageError(Exception):
    """The command line asks for something impossible; the message says what and why."""


def source_name(prefix: str, given: str) -> str:
    """`notes:work`: the prefix and the given text, made to fit the server's rule for names.

    If that loses more than accents, a hash of the text keeps two sources' names apart.
    """
    prefix = prefix.rstrip(":") + ":"
    given = unicodedata.normalize("NFKD", given.removeprefix(prefix))
    kept = "".join(mark for mark in given if not unicodedata.combining(mark))
    plain = re.sub(r"[^a-z0-9_.:@-]+", "-", kept.lower()).strip("-.:")
    if kept.isascii() and plain and len(prefix + plain) <= _NAME_MAX:
        return prefix + plain
    mark = stable_id(given)[:6]
    return f"{(prefix + plain)[: _NAME_MAX - len(mark) - 1].rstrip(':-.')}{'-' if plain else ':'}{mark}"


def main(
    prog: str,
    help: str,
    add_arguments: Callable[[ArgumentParser], None],
    job: Callable[[Namespace], Job],
    arguments: Sequence[str] | None = None,
) -> int:
    """A collector's program: reads the command line, runs the job once or keeps running; the exit status.

    `job` turns the command line into a job, or raises UsageError; options that all collectors share
    are handled here, including `--source`, which overrides the job's own name. A `prog` with a dot in
    it is a module's name.
    """
    return Program(prog, help, add_arguments, job).main(arguments)


@dataclass(frozen=True)
class Program:
    """The same for collectors that `adjutant connect` knows: it asks them for a job that it can try."""

    prog: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    job: Callable[[Namespace], Job]

    def job_of(self, arguments: Sequence[str]) -> Job:
        """What this command line says; one that is wrong ends the program. Errors: UsageError."""
        given = self._read(arguments)[1]
        return _named(self.job(given), given.source)

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """The exit status."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        parser, given = self._read(arguments)
        try:
            one = _named(self.job(given), given.source)
            terms = _terms(given, one)
        except UsageError as error:
            parser.error(str(error))
        if given.watch and not one.watch and one.changes is None and terms.every_s is None:
            parser.error("there are no files to watch: give --every MINUTES")
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # some terminals cannot show every title
        call = _Call(self.prog, one, terms, given.watch, given.json)
        gc.freeze()  # what is imported stays: to look through it again and again is an eighth of the reading
        try:
            return asyncio.run(call.run())
        except KeyboardInterrupt:  # before the signal handlers were set
            return call.ended

    def _read(self, arguments: Sequence[str] | None) -> tuple[ArgumentParser, Namespace]:
        parser = _parser(self.prog, self.help)
        self.add_arguments(parser)
        return parser, parser.parse_args(arguments)


class _Call:
    """One call of the program."""

    def __init__(self, prog: str, job: Job, terms: Terms, watches: bool, as_json: bool) -> None:
        self._prog, self._job, self._terms = prog, job, terms
        self._watches, self._as_json = watches, as_json
        self._told: list[str] = []
        self.ended = 0 if terms.serves else 130

    async def run(self) -> int:
        """The exit status."""
        work = asyncio.ensure_future(self._go_on() if self._terms.serves else self._once())
        loop = asyncio.get_running_loop()
        for signal_no in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_no, work.cancel)
        if parent := os.environ.pop(PARENT, ""):
            self._orphaned = asyncio.ensure_future(_end_without(int(parent), work))
        try:
            return await work
        except asyncio.CancelledError:
            return self.ended
        except Refused as refusal:
            self._say(str(refusal))
            return 3

    async def _once(self) -> int:
        report = await run_once(self._job, self._terms, self._say)
        self._print(self._lines(report))
        for why in filter(None, (report.away, report.refused)):
            self._say(why + _kept(report.kept))
        return report.exit_status

    async def _go_on(self) -> int:
        stay = watch if self._watches else serve
        await stay(self._job, self._terms, self._tell, self._say)
        return 0

    def _tell(self, report: Report) -> None:
        """Prints a report if it says something new."""
        lines = self._lines(report)
        if lines != self._told:
            self._told = lines
            self._print(lines if self._as_json else [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}", *lines])

    def _lines(self, report: Report) -> list[str]:
        return [json.dumps(report.as_json())] if self._as_json else list(report.lines())

    def _print(self, lines: Iterable[str]) -> None:
        try:
            print(*lines, sep="\n", flush=True)
        except BrokenPipeError:
            # Nobody reads it any more, as with `| head`; Python would complain once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _say(self, what: str) -> None:
        print(f"{self._prog}: {what}", file=sys.stderr, flush=True)


def _named(job: Job, given: str | None) -> Job:
    """The job under the given name, if there is one: `notes:work` for "work"."""
    if not given:
        return job
    return replace(job, source=source_name(job.source.partition(":")[0], given), origin="", formerly=())


async def _end_without(parent: int, work: asyncio.Future[int]) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(_LOOK_S)
    work.cancel()


def _kept(items: int) -> str:
    if not items:
        return ""
    return f"; {counted(items, 'item')} kept, to be sent first in the next run"


def _terms(given: Namespace, job: Job) -> Terms:
    every_s = given.every * 60 if given.every is not None else job.every_s if given.watch else None
    serves = bool(given.serve or given.watch or given.every is not None)
    ttl_s = given.ttl or (max(60, round(3 * every_s)) if every_s else Terms.ttl_s)
    return Terms(
        url=given.url,
        token=given.token or None,
        mode=Mode(given.mode),
        wait_s=given.wait,
        spool=None if given.no_spool else given.spool or spool_folder(),
        allow_empty=given.allow_empty,
        ttl_s=ttl_s,
        every_s=every_s,
        serves=serves,
        board=given.board,
    )


def _parser(prog: str, help: str) -> ArgumentParser:
    parser = Parser(
        prog=f"python -m {prog}" if "." in prog else prog,
        description=help,
        epilog=_STATUSES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group("the server, and when to run")
    add = group.add_argument
    add_server(add, "a collector's token")
    add("--source", metavar="NAME", help="its name on the board (by default made from what it reads)")
    about = "quick: what is new since the last run, full: everything (%(default)s)"
    add("--mode", choices=[mode.value for mode in Mode], default=Mode.FULL.value, help=about)
    add("--every", type=kinds.minutes, metavar="MINUTES", help="keep running, with a run at this interval")
    add("--serve", action="store_true", help="keep running, with a run whenever the board asks")
    add("--watch", action="store_true", help="like --serve, and also whenever a file changes")
    about = "how long to try to reach the server before keeping what was found (%(default)g)"
    add("--wait", type=kinds.seconds, default=10.0, metavar="SECONDS", help=about)
    about = "folder for what could not be sent (by default in the folder for programs' state)"
    add("--spool", type=Path, metavar="DIR", help=about)
    add("--no-spool", action="store_true", help="keep nothing: what cannot be sent is lost")
    add("--allow-empty", action="store_true", help="if nothing is found, remove what was on the board before")
    about = "how long without a run until the board calls it stale (25 hours, or three times --every)"
    add("--ttl", type=kinds.time_to_live, metavar="SECONDS", help=about)
    add("--json", action="store_true", help="the report as JSON, a line for each run")
    return parser
