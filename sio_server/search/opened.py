"""One record, opened: its text around the words that somebody means."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from sio_server.registry.errors import no_such_record
from sio_server.registry.ops import Json
from sio_server.search.answer import at_of, title_of
from sio_server.search.labels import people_of
from sio_server.search.store import TEXT_READ, OpenedRow, Rows
from sio_server.search.time_index import TimeIndex, decode

OPENED_KIB = 64
"""Less than a tenth of a message; an answer is smaller, whatever it is made of."""
OPENED_CHARACTERS = 8_000  # of one answer, each of 6 bytes at most: some 1,300 words
LEAD = 1_500
"""Characters shown before the words that are meant, in a text that is too long to be shown whole."""
WORDS_MAX = 60  # of what is looked for: the longest quote has 42 words
AROUND_MAX = 1_000  # characters of what is looked for that are read
QUOTES_MAX = 4  # of them, in quotation marks
LOOK_S = 0.25
"""How long the words are looked for: the process is shared, and an expression cannot be interrupted."""
RUNS = (12, 6, 3)
"""Words in a row that are looked for where the whole is not found: a brief leaves addresses out."""
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"[“\"«„]([^“”\"»]+)[”\"»“]")
_ROW = re.compile(r"row;([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True)
class OpenRequest:
    """The fields of models.search.GetRecord; with `file`, only a record of that file is opened."""

    id: str
    around: str | None = None
    start: int | None = None
    file: str | None = None


def opened(rows: Rows, time_index: TimeIndex, request: OpenRequest) -> Json:
    """Shape: models.search.Record.

    Errors: Refusal with not_found.
    """
    row = _row(rows, request)
    if row is None:
        raise no_such_record()
    id, length, text, source, date, at, kind, title, url, author, metadata = row
    details = _details(decode(metadata))
    if request.file is not None and request.file != _file_of(details):
        raise no_such_record()
    said = decode(text)
    start, marks = request.start or 0, []
    if request.start is None:
        place = None if request.around is None else place_of(said, request.around)
        start = _start(said, place)
        said = said[start : start + OPENED_CHARACTERS]
        if place is not None:
            marks = [[place[0] - start, min(place[1] - start, len(said))]]
    found = {
        "id": request.id,
        "source": decode(source),
        "at": at or at_of(decode(date), time_index.at(id)),
        "title": title or title_of(said if start == 0 else ""),
        "text": said,
        "start": start,
        "length": max(start + len(said), length or 0),
        "marks": marks,
        "people": people_of(details),
    }
    more = {"kind": kind, "url": url, "author": author}
    return found | {name: value for name, value in more.items() if value is not None}


def place_of(text: str, around: str) -> tuple[int, int] | None:
    """Where the words stand in the text: what is in quotation marks first, whatever is between the words,
    and as many of them in a row as there are. None if they do not."""
    around, ends_s = around[:AROUND_MAX], time.monotonic() + LOOK_S
    quoted = sorted(_QUOTED.findall(around), key=len, reverse=True)[:QUOTES_MAX]
    for said in [*quoted, around]:
        words = [match[0] for match in _WORD.finditer(said)][:WORDS_MAX]
        for run in _runs(words):
            if time.monotonic() > ends_s:
                return None
            pattern = r"[\W_]{1,40}".join(map(re.escape, run))
            found = re.search(pattern, text, re.IGNORECASE)
            if found is not None:
                return found.span()
    return None


def _runs(words: list[str]) -> Iterator[list[str]]:
    if words:
        yield words
    for many in RUNS:
        if many < len(words):
            yield from (words[at : at + many] for at in range(0, len(words) - many + 1, max(3, many // 2)))


def _row(rows: Rows, request: OpenRequest) -> OpenedRow | None:
    source, _, own_id = request.id.rpartition("/")
    first, many = (1, TEXT_READ) if request.start is None else (request.start + 1, OPENED_CHARACTERS)
    row = _ROW.fullmatch(own_id)
    if row is None:
        found = rows.named(source, own_id, first, many)
    else:
        found = rows.numbered(int(row[1]), first, many)
    return None if found is None or decode(found[3]) != source else found


def _start(text: str, place: tuple[int, int] | None) -> int:
    """Where the shown part begins: a little before the words that are meant, at a line if there is one."""
    if place is None or len(text) <= OPENED_CHARACTERS:
        return 0
    begin = max(0, min(place[0] - LEAD, len(text) - OPENED_CHARACTERS))
    line = text.find("\n", begin, begin + LEAD // 2)
    return begin if begin == 0 or line < 0 else line + 1


def _details(metadata: str) -> Any:
    try:
        return orjson.loads(metadata)
    except orjson.JSONDecodeError:  # the old program's rows may hold anything
        return None


def _file_of(details: Any) -> Any:
    meta = details.get("meta") if isinstance(details, dict) else None
    return meta.get("file") if isinstance(meta, dict) else None
