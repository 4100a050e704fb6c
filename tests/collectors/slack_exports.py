"""Slack exports for tests, and what reading one comes to."""

import json
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from collectors.accounts import Account
from collectors.folders import Unreadable
from collectors.slack.reading import Wanted, read_export
from collectors.types import Ask, Finding, Found
from models.records import GivenRecord

Files = dict[str, Any]
USERS = [
    {"id": "U1", "name": "ana", "profile": {"display_name": "Ana"}},
    {"id": "U2", "name": "bo", "is_bot": True},
]
CHANNELS = [{"id": "C1", "name": "general"}, {"id": "C2", "name": "random"}]


def said(text: str, ts: str = "1717142400.000100", **fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "ts": ts, "text": text, **fields}


def export(**more: Any) -> Files:
    """Its files by their paths; what is given as keywords is added, `__` for `/` and no suffix."""
    files: Files = {
        "users.json": USERS,
        "channels.json": CHANNELS,
        "general/2024-05-31.json": [said("one"), said("two", "1717142401.000100")],
        "random/2024-06-01.json": [said("three", "1717228800.000100")],
    }
    return files | {f"{name.replace('__', '/')}.json": content for name, content in more.items()}


def encoded(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def unpacked(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(content))
    return folder


def zipped(path: Path, files: Files, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")  # a name that is listed twice
        for name, content in files.items():
            archive.writestr(name, encoded(content))
    return path


def found(path: Path, wanted: Wanted | None = None, ask: Ask | None = None) -> list[Found]:
    """All of a run; what was seen is accounted for."""
    all_found = list(read_export(path, ask or Ask(), wanted or Wanted()))
    assert [one for one in all_found if isinstance(one, Account) and one.open] == []
    return all_found


def records(all_found: Iterable[Found]) -> list[GivenRecord]:
    return [one for one in all_found if isinstance(one, GivenRecord)]


def texts(all_found: Iterable[Found]) -> list[str]:
    return [one.text for one in records(all_found)]


def findings(all_found: Iterable[Found]) -> list[tuple[str, str, str]]:
    return [(one.kind.value, one.where, one.why) for one in all_found if isinstance(one, Finding)]


def accounts(all_found: Iterable[Found]) -> dict[str, tuple[int, int, dict[str, int]]]:
    """What was seen of each unit, what was taken, and what was not."""
    some = [one for one in all_found if isinstance(one, Account)]
    return {one.unit: (one.seen, one.taken, dict(one.left)) for one in some}


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as refused:
        found(path)
    return str(refused.value)
