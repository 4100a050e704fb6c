"""Jobs and terms for the tests of the library, and what they yield."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collectors.running import Job, Terms
from collectors.types import Ask, Found
from models.calendar import GivenEvent
from models.priorities import GivenPriority
from models.records import GivenRecord
from tests.running import WAIT_S, RunningServer

SOURCE = "test:one"


def priority(name: str, **fields: Any) -> GivenPriority:
    return GivenPriority(id=name, title=f"Title of {name}", **fields)


def some_event(name: str) -> GivenEvent:
    return GivenEvent(id=name, title=f"Title of {name}", start="2026-11-23T09:00:00Z")


def record(name: str, text: str = "Some words") -> GivenRecord:
    return GivenRecord(id=name, text=text, at="2026-11-23T09:00:00Z")


def job(*found: Found | Exception, sections: tuple[str, ...] = ("priorities",), source: str = SOURCE) -> Job:
    """A job that yields these, and raises where an exception is among them."""

    def collect(_: Ask) -> Iterator[Found]:
        for one in found:
            if isinstance(one, Exception):
                raise one
            yield one

    return Job(source, collect, sections)


def terms(server: RunningServer, spool: Path | None = None, **fields: Any) -> Terms:
    given: dict[str, Any] = {"url": server.url, "wait_s": WAIT_S, "spool": spool}
    return Terms(**(given | fields))
