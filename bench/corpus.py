"""More than 350,000 real records from the folder of real data: chat, meetings and documents."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

DATA = Path(__file__).parents[2] / "shared" / "data"
FIRST_MEETING = datetime(2025, 1, 6, 9, tzinfo=UTC)
FIRST_PAGE = datetime(2025, 6, 1, tzinfo=UTC)

Record = dict[str, Any]

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def sources() -> Iterator[tuple[str, Iterator[Record]]]:
    """Each source with its records, as a collector puts them; no text of a source comes twice.

    Errors: FileNotFoundError without the folder.
    """
    if not DATA.is_dir():
        raise FileNotFoundError(f"the folder of real data is not at {DATA}")
    for name in ("ubuntu-irc", "gitter"):
        yield f"slack:{name}", _messages(DATA / "chat" / name)
    yield "meetings:qmsum", _turns(DATA / "documents" / "meetings-qmsum")
    for folder in sorted((DATA / "documents").iterdir()):
        if folder.name != "meetings-qmsum":
            yield f"docs:{folder.name}", _paragraphs(folder)


def _messages(export: Path) -> Iterator[Record]:
    names = {user["id"]: user["name"] for user in orjson.loads((export / "users.json").read_bytes())}
    for day in sorted(export.glob("*/*.json"), key=lambda day: (day.parent.name, day.name)):
        for message in orjson.loads(day.read_bytes()):
            text = _clean(html.unescape(message.get("text", "")))
            if text:
                at = datetime.fromtimestamp(float(message["ts"]), UTC)
                who = names.get(message.get("user"), "somebody")
                yield {
                    "id": f"{day.parent.name}-{message['ts']}",
                    "text": text,
                    "at": _instant(at),
                    "kind": "message",
                    "title": f"#{day.parent.name}, {who}"[:1_000],
                    "meta": {"user": who, "channel": day.parent.name},
                }


def _turns(folder: Path) -> Iterator[Record]:
    for number, meeting in enumerate(sorted(folder.glob("*/*.json"))):
        began = FIRST_MEETING + timedelta(days=number)
        for turn, said in enumerate(orjson.loads(meeting.read_bytes())["meeting_transcripts"]):
            text = _clean(said["content"])
            if text:
                yield {
                    "id": f"{meeting.stem}-{turn}",
                    "text": text,
                    "at": _instant(began + timedelta(seconds=5 * turn)),
                    "kind": "turn",
                    "title": f"Meeting {meeting.stem}",
                    "meta": {"speaker": said["speaker"]},
                }


def _paragraphs(folder: Path) -> Iterator[Record]:
    seen: set[bytes] = set()
    for number, page in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        text = page.read_text("utf-8", errors="replace")
        for place, paragraph in enumerate(re.split(r"\n\s*\n|\n(?=[*-] )", text)):
            clean = _clean(paragraph)
            mark = hashlib.sha256(clean.encode()).digest()
            if len(clean) < 3 or mark in seen:
                continue
            seen.add(mark)
            yield {
                "id": f"{page.relative_to(folder).as_posix().replace('/', ':')}-{place}",
                "text": clean,
                "at": _instant(FIRST_PAGE + timedelta(hours=number, seconds=place)),
                "kind": "paragraph",
                "title": page.stem,
            }


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()[:100_000]


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
