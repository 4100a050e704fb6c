"""Archives that the tests write themselves, and what is found in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date
from pathlib import Path
from typing import Any

from collectors.accounts import Account
from collectors.archive.event import Window
from collectors.archive.reading import read_archive
from collectors.types import Ask, Finding, Found
from models.calendar import GivenEvent
from models.records import GivenRecord

WINDOW = Window.around(date(2024, 5, 31), 7, 60)
DAY = "2024-05-31"


def jsonl(*lines: Any) -> bytes:
    return b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )


def archive(folder: Path, **files: bytes) -> Path:
    """Its files by names such as `slack__2024_05_31__a`, `z` at the end for what is packed."""
    for name, content in files.items():
        source, day, stem = name.split("__")
        path = folder / source / day.replace("_", "-") / f"{stem}.jsonl{'.gz' if stem.endswith('z') else ''}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def found(root: Path, ask: Ask | None = None, window: Window = WINDOW) -> list[Found]:
    """All of a run; what was seen is accounted for."""
    all_found = list(read_archive(root, ask or Ask(), window, UTC))
    assert [one for one in all_found if isinstance(one, Account) and one.open] == []
    return all_found


def accounts(all_found: Iterable[Found]) -> dict[str, tuple[int, int, dict[str, int]]]:
    """What was seen of each unit, what was taken, and what was not."""
    some = [one for one in all_found if isinstance(one, Account)]
    return {one.unit: (one.seen, one.taken, dict(one.left)) for one in some}


def texts(all_found: Iterable[Found]) -> list[str]:
    return [one.text for one in all_found if isinstance(one, GivenRecord)]


def events(all_found: Iterable[Found]) -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in all_found if isinstance(one, GivenEvent)]


def findings(all_found: Iterable[Found]) -> list[tuple[str, str, str]]:
    return [(one.kind.value, one.where, one.why) for one in all_found if isinstance(one, Finding)]


def said(*texts: str) -> bytes:
    return jsonl(*({"text": text} for text in texts))
