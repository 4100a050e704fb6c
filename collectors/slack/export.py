"""Finds the files of a Slack export, in a folder or a zip, and tells their kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from collectors.accounts import Account
from collectors.folders import Unreadable, place, read_bytes, walk
from collectors.slack.zip import ZipExport
from collectors.types import Finding

CHANNEL_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
USER_LISTS = ("users.json", "org_users.json")
# What else lies beside the lists; of no use here.
ALSO = (
    "integration_logs.json",
    "canvases.json",
    "content_flags.json",
    "lists.json",
    "file_conversations.json",
)
_DEPTH_MAX = 3  # folders around the export, as some programs unpack it

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)\.json", re.ASCII)


class Export(Protocol):
    """The JSON files of an export by their paths in it, with `/`; `findings` tells of what is not read."""

    findings: tuple[Finding, ...]

    def names(self) -> Iterator[str]:
        """Of all files."""

    def read(self, name: str, limit_bytes: int) -> bytes:
        """A file's bytes. Errors: Unreadable."""

    def close(self) -> None:
        """Closes it."""


class FolderExport:
    """An export that was unpacked; files that are not of it are booked in `files`. Errors: Unreadable."""

    def __init__(self, path: Path, files: Account) -> None:
        found = list(walk(path, (".json",), files))
        self._paths = {place(one, path): one for one in found if isinstance(one, Path)}
        self.findings = tuple(one for one in found if isinstance(one, Finding))

    def names(self) -> Iterator[str]:
        """Of all files."""
        yield from self._paths

    def read(self, name: str, limit_bytes: int) -> bytes:
        """A file's bytes. Errors: Unreadable."""
        return read_bytes(self._paths[name], limit_bytes)

    def close(self) -> None:
        """Nothing to close."""


def open_export(path: Path, files: Account) -> Export:
    """Opens the export; a file is taken to be a zip. Errors: Unreadable."""
    return FolderExport(path, files) if path.is_dir() else ZipExport(path, files)


@dataclass(frozen=True, order=True)
class DayFile:
    """The messages of one day in one channel."""

    folder: str
    day: date
    name: str


@dataclass
class Layout:
    """The files by what they are: `lists` by their plain names; `also` hold no messages; nobody knows
    `other`."""

    lists: dict[str, str] = field(default_factory=dict)
    days: list[DayFile] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def layout(names: Iterable[str]) -> Layout:
    """Finds the export among the files; a zip often holds one folder that holds all.

    Errors: Unreadable, when there is none, or more than one.
    """
    split = {name: tuple(name.split("/")) for name in names}
    root = _root(list(split.values()))
    found = Layout()
    for name, parts in split.items():
        inside = parts[len(root) :] if parts[: len(root)] == root else ()
        if len(inside) == 1 and inside[0] in (*CHANNEL_LISTS, *USER_LISTS):
            found.lists[inside[0]] = name
        elif len(inside) == 2 and (day := _day(inside[1])):
            found.days.append(DayFile(inside[0], day, name))
        elif inside and inside[-1] in ALSO:
            found.also.append(name)
        else:
            found.other.append(name)
    found.days.sort()
    return found


def _root(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The folder of the lists; without any, the one above the folders of days."""
    listed = {path[:-1] for path in paths if path[-1] in (*CHANNEL_LISTS, *USER_LISTS)}
    dated = {path[:-2] for path in paths if len(path) >= 2 and _day(path[-1])}
    roots = sorted((one for one in listed or dated if len(one) <= _DEPTH_MAX), key=len)
    if not roots:
        raise Unreadable(
            "it is not a Slack export: it has neither channels.json nor days such as general/2024-05-31.json"
        )
    same = ["/".join(one) for one in roots if len(one) == len(roots[0])]
    if len(same) > 1:
        raise Unreadable(f"there are several exports in it ({', '.join(sorted(same)[:5])}): give one of them")
    return roots[0]


def _day(name: str) -> date | None:
    found = _DAY.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
