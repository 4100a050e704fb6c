"""Reads one calendar in a process of its own, so that no file can hang the collector or eat its memory.

A rule such as the 30th of February makes the library search until the year 9999, and nothing in this process
could stop it. The child gets a JSON line and the file's bytes on standard input, and answers with JSON.
"""

import asyncio
import json
import resource
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.ics.file import Found, Reading, read_calendar
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar
from collectors.types import Finding, Kind

EVENT_CPU_S, FILE_CPU_S, FILE_S = 2.0, 60, 180
MEMORY_MAX_BYTES = 2**30
_ROOT = Path(__file__).parents[2]
_TOO_MUCH = f"to read it takes more than {FILE_CPU_S} s, or more memory than there is"


class TooSlow(Exception):
    """An event's occurrences could not be found in a sensible time."""


async def read_confined(data: bytes, window: Window, tz: str) -> Reading:
    """What `read_calendar` would say, within bounds of time and memory.

    Errors: UnreadableCalendar, also when the bounds are too narrow.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "collectors.ics.confined"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=_ROOT,
        start_new_session=True,  # Ctrl-C is for the parent, who ends the child
    )
    try:
        async with asyncio.timeout(FILE_S):
            answer, _ = await child.communicate(_request(window, tz) + data)
    except TimeoutError:
        raise UnreadableCalendar(_TOO_MUCH) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _reading(answer, child.returncode)


def _request(window: Window, tz: str) -> bytes:
    moments = {"now": window.now, "start": window.start, "end": window.end}
    return json.dumps({"tz": tz} | {key: at.isoformat() for key, at in moments.items()}).encode() + b"\n"


def _reading(answer: bytes, status: int | None) -> Reading:
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise UnreadableCalendar(_TOO_MUCH)
    try:
        told = json.loads(answer)
    except ValueError:
        raise UnreadableCalendar(f"it cannot be read (the reader ended with status {status})") from None
    if "unreadable" in told:
        raise UnreadableCalendar(told["unreadable"])
    return Reading(
        found=[Found(one["item"], (one["version"][0], one["version"][1])) for one in told["found"]],
        findings=[Finding(Kind(one["kind"]), one["where"], one["why"]) for one in told["findings"]],
        events=told["events"],
        cancelled=told["cancelled"],
        text_length=told["text_length"],
    )


@contextmanager
def cpu_limit(limit_s: float = EVENT_CPU_S) -> Iterator[None]:
    """Ends what runs in it after so many seconds of CPU time: TooSlow. For the main thread of a process."""

    def give_up(*_: object) -> None:
        raise TooSlow(f"finding its occurrences takes more than {limit_s:g} s")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _answer() -> dict[str, object]:
    told = json.loads(sys.stdin.buffer.readline())
    tz = ZoneInfo(told["tz"])
    now, start, end = (datetime.fromisoformat(told[key]).astimezone(tz) for key in ("now", "start", "end"))
    try:
        return asdict(read_calendar(sys.stdin.buffer.read(), Window(now, start, end), cpu_limit))
    except UnreadableCalendar as fault:
        return {"unreadable": str(fault)}
    except MemoryError:
        return {"unreadable": f"it takes more than {MEMORY_MAX_BYTES >> 20} MiB of memory to read"}


def main() -> None:
    for limit, value in ((resource.RLIMIT_CPU, FILE_CPU_S), (resource.RLIMIT_AS, MEMORY_MAX_BYTES)):
        with suppress(ValueError, OSError):  # some systems do not know the limit, or have a lower one
            resource.setrlimit(limit, (value, value))
    sys.stdout.write(json.dumps(_answer()))


if __name__ == "__main__":
    main()
