"""Reads calendars in a separate process, so that no file can hang the collector or use up its memory.

A rule such as the 30th of February makes the library search until the year 9999, and nothing in this process
could stop it. The child gets the seconds of CPU time that it may take as its argument, a JSON
line and the files' bytes on standard input, and answers with JSON.
"""

import asyncio
import json
import resource
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.accounts import SKIPPED, Account
from collectors.ics.file import Octets, Reading, read_calendars
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar
from collectors.types import Finding, Kind

EVENT_CPU_S, CPU_S, WALL_S = 2.0, 60, 180  # CPU of one event, CPU of all files, real time of all
MEMORY_MAX_BYTES = 2**30  # 16 times the largest file (fetch.BYTES_MAX)
_ROOT = Path(__file__).parents[2]
_TOO_MUCH = f"it takes more than {CPU_S} s to read, or more memory than there is"


class TooMuch(Exception):
    """A file exceeds a bound; the message says which, as a clause."""


class TooSlow(Exception):
    """An event's occurrences could not be found within EVENT_CPU_S."""


async def read_confined(files: Sequence[Octets], window: Window, tz: str) -> Reading:
    """The result of `read_calendars`, within bounds of time and memory.

    A file that is too much for them is named; the others are read without it.
    Errors: UnreadableCalendar, when all of them are.
    """
    try:
        return await _read(files, window, tz)
    except TooMuch as fault:
        if len(files) == 1:
            raise UnreadableCalendar(f"{files[0].name}: {fault}") from None
    alone = [await _trial(file, window, tz) for file in files]
    good = [file for file, fault in zip(files, alone, strict=True) if fault is None]
    if len(good) in (0, len(files)):
        raise UnreadableCalendar(f"together, {_TOO_MUCH}" if good else f"each of them: {_TOO_MUCH}")
    reading = await read_confined(good, window, tz)
    faults = [
        Finding(Kind.SKIPPED, file.name, fault) for file, fault in zip(files, alone, strict=True) if fault
    ]
    reading.findings[:0] = faults
    reading.files.see(len(faults))
    reading.files.leave(SKIPPED, len(faults))
    return reading


async def read_parts(parts: Sequence[Sequence[Octets]], window: Window, tz: str) -> list[Reading]:
    """What `read_confined` says of each part by itself, in one process for all of them while that is enough.

    A part that cannot be read has nothing but a finding that says so.
    """
    try:
        return await _readings(parts, window, tz)
    except TooMuch as fault:
        if len(parts) == 1:
            return [_unread(parts[0], str(fault))]
    half = len(parts) // 2
    return [*await read_parts(parts[:half], window, tz), *await read_parts(parts[half:], window, tz)]


def _unread(files: Sequence[Octets], why: str) -> Reading:
    reading = Reading(findings=[Finding(Kind.SKIPPED, files[0].name, why)])
    reading.files.see(len(files))
    reading.files.leave(SKIPPED, len(files))
    return reading


async def _trial(file: Octets, window: Window, tz: str) -> str | None:
    """Why the file alone cannot be read; None if it can."""
    try:
        await _read([file], window, tz)
    except (TooMuch, UnreadableCalendar) as fault:
        return str(fault)
    return None


async def _read(files: Sequence[Octets], window: Window, tz: str) -> Reading:
    """Errors: TooMuch, UnreadableCalendar."""
    [told] = await _answers([files], window, tz)
    if "unreadable" in told:
        raise UnreadableCalendar(told["unreadable"])
    return _reading(told)


async def _readings(parts: Sequence[Sequence[Octets]], window: Window, tz: str) -> list[Reading]:
    """Errors: TooMuch."""
    answers = zip(parts, await _answers(parts, window, tz), strict=True)
    return [
        _unread(files, told["unreadable"]) if "unreadable" in told else _reading(told)
        for files, told in answers
    ]


async def _answers(parts: Sequence[Sequence[Octets]], window: Window, tz: str) -> list[dict[str, Any]]:
    """The answer to each part. Errors: TooMuch."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "collectors.ics.confined", str(CPU_S)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=_ROOT,
        start_new_session=True,  # Ctrl-C is for the parent, who ends the child
    )
    try:
        async with asyncio.timeout(WALL_S):
            answer, _ = await child.communicate(_request(parts, window, tz))
    except TimeoutError:
        raise TooMuch(_TOO_MUCH) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _told(answer, child.returncode)


def _request(parts: Sequence[Sequence[Octets]], window: Window, tz: str) -> bytes:
    told: dict[str, Any] = {"tz": tz, "now": window.now, "start": window.start, "end": window.end}
    told["parts"] = [[vars(one) | {"data": len(one.data)} for one in files] for files in parts]
    head = json.dumps(told, default=datetime.isoformat).encode()
    return b"\n".join((head, b"".join(one.data for files in parts for one in files)))


def _told(answer: bytes, status: int | None) -> list[dict[str, Any]]:
    """Errors: TooMuch."""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TooMuch(_TOO_MUCH)
    try:
        told: list[dict[str, Any]] = json.loads(answer)
    except ValueError:
        raise TooMuch(f"it cannot be read (the reader ended with status {status})") from None
    if any("too_much" in one for one in told):
        raise TooMuch(f"it takes more than {MEMORY_MAX_BYTES >> 20} MiB of memory to read")
    return told


def _reading(told: dict[str, Any]) -> Reading:
    told["findings"] = [Finding(**one | {"kind": Kind(one["kind"])}) for one in told["findings"]]
    for name in ("files", "events", "occurrences", "tasks"):
        told[name] = Account(**told[name] | {"left": Counter(told[name]["left"])})
    return Reading(**told)


@contextmanager
def cpu_limit(limit_s: float = EVENT_CPU_S) -> Iterator[None]:
    """Raises TooSlow in its block after this much CPU time. For the main thread of a process."""

    def give_up(*_: object) -> None:
        raise TooSlow(f"finding its occurrences takes more than {limit_s:g} s")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _answer() -> Iterator[dict[str, object]]:
    told = json.loads(sys.stdin.buffer.readline())
    tz = ZoneInfo(told["tz"])
    now, start, end = (datetime.fromisoformat(told[key]).astimezone(tz) for key in ("now", "start", "end"))
    for part in told["parts"]:
        try:
            files = [Octets(**one | {"data": sys.stdin.buffer.read(one["data"])}) for one in part]
            yield vars(read_calendars(files, Window(now, start, end), cpu_limit))
        except UnreadableCalendar as fault:
            yield {"unreadable": str(fault)}
        except MemoryError:
            yield {"too_much": True}
            return


def main() -> None:
    for limit, value in ((resource.RLIMIT_CPU, int(sys.argv[1])), (resource.RLIMIT_AS, MEMORY_MAX_BYTES)):
        with suppress(ValueError, OSError):  # some systems do not know the limit, or have a lower one
            resource.setrlimit(limit, (value, value))
    sys.stdout.write(json.dumps([*_answer()], default=vars))


if __name__ == "__main__":
    main()
