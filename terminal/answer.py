"""The result of a line, as lines of text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from models.hours import spelled
from terminal.clock import Clock
from terminal.dates import moment
from terminal.plain_text import columns, plain, visible
from terminal.reports import help_lines, status_lines
from terminal.styled import Line

Json = dict[str, Any]

_STYLES = {
    "done": "class:good",
    "failed": "class:bad",
    "refused": "class:bad",
    "skipped": "class:dim",
    "planned": "class:warn",
}
_TEXTS_MAX = 3  # faults shown of a refusal
_ITEMS_MAX = 8  # of a step: `rank P7 2` gives ranks to all that stands before it
_SAID = {"minutes": "takes {value}", "assignee": "for {value}", "due_date": "due {value}"}
_OF_PROMISES = {"assignee": "with {value}"}  # the other side, whoever owes
_WITHOUT = {"minutes": "estimate", "assignee": "person"}
_AS_TYPED = frozenset({"rank"})  # counted from 0 and with gaps, where the line counts places from 1


def answer_lines(ack: Json, line: str, times: Clock | None = None) -> list[Line]:
    """One line for each step, then what was wrong with a failed one, and whether it can be undone.

    Times are shown in the zone of `times`, or else in the machine's.
    """
    times = times or _here()
    if ack.get("ok") is not True:
        return _refusal(_dict(ack.get("error")), line, times)
    done = _dict(ack.get("data"))
    lines = [line for step in _dicts(done.get("steps")) for line in _step(step, times)]
    if done.get("undo"):
        again = "redo does it again, undo takes back the line before"
        said = again if line.strip().lower() == "undo" else "undo takes it back"
        lines.append([("class:dim", said)])
    return lines


def board_lines(ack: Json) -> list[Line]:
    """A line for each board that the person may enter: its name, their role there, and how much is due."""
    boards = _dicts(_dict(ack.get("data")).get("boards"))
    width = max((len(str(board.get("name"))) for board in boards), default=0)
    return [
        [
            ("class:head" if board.get("here") else "", plain(board.get("name")).ljust(width)),
            ("class:dim", f"  {plain(board.get('role'))}"),
            ("class:warn", f"  {board['due']} due" if board.get("due") else ""),
        ]
        for board in boards
    ]


def all_done(ack: Json) -> bool:
    """Whether every step was carried out, or would be."""
    steps = _dicts(_dict(ack.get("data")).get("steps"))
    return ack.get("ok") is True and all(step.get("status") in ("done", "planned") for step in steps)


def error_lines(message: object, mark: str = "refused") -> list[Line]:
    """One error, in words."""
    return [[*_mark(mark), ("", plain(message))]]


def _refusal(error: Json, line: str, times: Clock) -> list[Line]:
    details = error.get("details")
    steps = [line for step in _dicts(_dict(details).get("steps")) for line in _step(step, times)]
    return [*_caret(error, line), *(steps or error_lines(_sentence(error))), *_stale(_dict(details))]


def _sentence(error: Json) -> str:
    """The message, with details for an invalid payload."""
    faults = [fault.get("message") for fault in _dicts(error.get("details"))]
    said = "; ".join(plain(fault) for fault in faults[:_TEXTS_MAX] if fault)
    message = plain(error.get("message")) or "the server gave no reason"
    return message if not said or said in message else f"{message}: {said}"


def _caret(error: Json, line: str) -> Iterator[Line]:
    """The line as typed, with its error marked below it."""
    if (place := _place(error.get("details"), len(line))) is None:
        return
    start, end = place
    before, faulty = visible(line[:start]), visible(line[start:end])
    yield [("", before), ("class:caret", faulty), ("", visible(line[end:]))]
    yield [("class:caret", " " * columns(before) + "^" * max(1, columns(faulty)))]


def _place(details: object, length: int) -> tuple[int, int] | None:
    for detail in [_dict(details), *_dicts(details)]:
        start, end = detail.get("start"), detail.get("end")
        if isinstance(start, int) and 0 <= start <= length:
            return start, end if isinstance(end, int) and start <= end <= length else start
    return None


def _stale(details: Json) -> Iterator[Line]:
    """Both texts of a code that no longer means what the person saw."""
    if "then" not in details and "now" not in details:
        return
    for name, label in (("then", "you saw"), ("now", "it is now")):
        yield [("class:dim", f"  {label:<10}"), ("", _text(details.get(name)))]


def _text(what: object) -> str:
    if isinstance(what, dict):
        return plain(what.get("title") or what.get("description") or what)
    return plain(what) or "nothing"


def _step(step: Json, times: Clock) -> Iterator[Line]:
    status, found = plain(step.get("status")), _dict(step.get("data"))
    line = [*_mark(status), ("", plain(step.get("command")))]
    if error := _dict(step.get("error")):
        line += [("class:bad", f"  {_sentence(error)}")]
    line += _items(_dicts(found.get("items")))
    if until := moment(found.get("until")):
        line.append(("class:dim", f"  until {times.when(until)}"))
    promised = any(item.get("section") == "commitments" for item in _dicts(found.get("items")))
    line += _values(_dict(found.get("set")), times, _SAID | _OF_PROMISES if promised else _SAID)
    yield line
    if found.get("line"):
        yield [("class:dim", f"  it was: {visible(str(found['line']))}")]
    if isinstance(text := found.get("text"), str):
        yield from ([("", f"  {visible(row)}")] for row in text.splitlines())
    if isinstance(asked := found.get("sources"), list):
        yield [("class:dim", f"  asked {', '.join(map(plain, asked))}")]
    yield from _rests_on(_dicts(found.get("rests_on")), times)
    if record := _dict(found.get("record")):
        yield from _record(record, times)
    if "system" in found:
        yield from status_lines(found, times)
    yield from help_lines(_dicts(found.get("commands")))
    yield from _hits(found, times)
    if "changes" in found:
        yield from changes_lines(found, times, "; `seen` counts all of them as seen")


def _values(values: Json, times: Clock, words: Mapping[str, str]) -> Line:
    """What a field was set to."""
    said = []
    for name, value in values.items():
        if name in _AS_TYPED and value is not None:
            continue
        at = moment(value)
        called = plain(name).replace("_", " ")
        if value is None:
            said.append(f"no {_WITHOUT.get(name, called)}")
        else:
            told = plain(value) if at is None else times.when(at)
            told = spelled(value) if name == "minutes" and isinstance(value, int) else told
            said.append(words.get(name, "{name} {value}").format(name=called, value=told))
    return [("class:dim", f"  {', '.join(said)}")] if said else []


def changes_lines(found: Json, times: Clock, then: str = "") -> Iterator[Line]:
    """What changed since the person looked: the newest first; `then` says how to see more."""
    told, at = _dicts(found.get("changes")), moment(found.get("seen_at"))
    if at is None:
        yield [
            ("class:dim", "  This is your first look: from now on `changes` tells what is new since then.")
        ]
        return
    since = f"since you looked ({times.when(at)})"
    if not told:
        yield [("class:dim", f"  Nothing changed {since}.")]
        return
    yield [("class:dim", f"  {since[0].upper()}{since[1:]}:")]
    yield from ([("", f"  {plain(one.get('text'))}")] for one in told)
    if found.get("left_out"):
        yield [("class:dim", f"  and {plain(found['left_out'])} more{then}")]
    if found.get("complete") is False:
        yield [
            ("class:dim", "  There may be more: the log does not go back so far, or it is too much to tell.")
        ]


def _hits(found: Json, times: Clock) -> Iterator[Line]:
    hits = _dicts(found.get("hits"))
    for hit in hits:
        at = moment(hit.get("at"))
        when = "" if at is None else f"{times.when(at)} "
        by = plain(hit.get("author")) or plain(hit.get("source"))
        yield [
            ("class:code", f"  {plain(hit.get('name')):<5}"),
            ("class:dim", f"{when}{by}: "),
            ("", plain(hit.get("snippet"))),
        ]
    if "hits" in found:
        more = "at least " if found.get("at_least") else ""
        how = ", the newest first" if found.get("ranked") == "newest" and hits else ""
        how += "; there may be more: the search ran out of time" if found.get("partial") else ""
        if not found.get("total") and not found.get("partial"):
            yield [("class:dim", "  Nothing found in the records.")]
            return
        yield [("class:dim", f"  {len(hits)} of {more}{plain(found.get('total'))}{how}")]


def _rests_on(records: list[Json], times: Clock) -> Iterator[Line]:
    """The records that a brief quotes, each with the name that opens it."""
    if records:
        yield [("class:dim", f"  It quotes (`show {plain(records[0].get('name'))}` opens the first):")]
    for one in records:
        at = moment(one.get("at"))
        said = [times.when(at) if at else "", plain(one.get("author")), plain(one.get("title"))]
        yield [
            ("class:code", f"  {plain(one.get('name')):<5}"),
            ("class:dim", ", ".join(part for part in said if part)),
        ]


def _record(record: Json, times: Clock) -> Iterator[Line]:
    """A record: what it is called, by whom and when, and its text with what was looked for marked."""
    at = moment(record.get("at"))
    author = plain(record.get("author"))
    people = record.get("people")
    others = [plain(one) for one in people] if isinstance(people, list) else []
    said = [times.when(at) if at else "", author, *(one for one in others if one != author)]
    yield [("class:important", f"  {plain(record.get('title'))}")]
    yield [("class:dim", f"  {', '.join(part for part in [*said, plain(record.get('source'))] if part)}")]
    text, start = str(record.get("text") or ""), record.get("start")
    if start:
        yield [("class:dim", "  ... there is more before this")]
    for row in _marked(text, record.get("marks")):
        yield [("", "  "), *row]
    length = record.get("length")
    left = length - len(text) - (start or 0) if isinstance(length, int) and isinstance(start, int) else 0
    if left > 0:
        yield [("class:dim", f"  ... and {left:,} more characters")]


def _marked(text: str, marks: object) -> Iterator[Line]:
    """The rows of a text, with its marks in them."""
    place = marks[-1] if isinstance(marks, list) and marks else None
    known = isinstance(place, list) and len(place) == 2 and all(isinstance(one, int) for one in place)
    begin, end = place if isinstance(place, list) and known else (0, 0)
    at = 0
    for row in text.split("\n"):
        first, last = (min(max(one - at, 0), len(row)) for one in (begin, max(begin, end)))
        parts = [("", row[:first]), ("class:caret", row[first:last]), ("", row[last:])]
        yield [(style, visible(part)) for style, part in parts if part]
        at += len(row) + 1


def _here() -> Clock:
    """Of the machine, for answers that were given without one."""
    return Clock(datetime.now().astimezone().tzinfo or UTC)


def _items(items: list[Json]) -> Line:
    line: Line = []
    for item in items[:_ITEMS_MAX]:
        line.append(("", "; " if line else "  "))
        code = plain(item.get("code"))  # a source has none
        line.append(("class:code", code))
        line.append(("", f"{' ' if code else ''}{plain(item.get('title'))}"))
    more = len(items) - _ITEMS_MAX
    return [*line, ("class:dim", f"; and {more} more")] if more > 0 else line


def _mark(status: str) -> Line:
    return [(_STYLES.get(status, ""), f"{status:<8}")]


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
