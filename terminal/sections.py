"""What the board shows of each item: a block of rows for each part of the state.

Every value is read with care: a newer server may send values that this client does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import permutations
from typing import Any

from adjutant_client.replica import Item, Replica
from models.links import without_secrets
from models.quoting import quoted
from terminal.dates import Moment, age, clock, day_and_time, day_name, day_of, moment, passed
from terminal.plain_text import plain, unmarked
from terminal.styled import Line, Row

_SOURCE_STYLES = {"online": "class:good", "stale": "class:warn", "offline": "class:bad", "error": "class:bad"}


@dataclass(frozen=True)
class Block:
    """A part of the board: `rows` are those of the first of `total` items, `lines_each` for each."""

    title: str
    rows: list[Row]
    total: int
    empty: str
    lines_each: int = 1


@dataclass(frozen=True)
class Sight:
    """The replica as seen at a time, in a zone, with at most this many rows of each part; and the person's
    own newest brief, which is in no replica."""

    replica: Replica
    now: datetime
    zone: tzinfo
    most: int
    own_brief: Item | None = None

    @cached_property
    def today(self) -> date:
        """The person's day."""
        return day_of(self.now, self.zone)

    @cached_property
    def at_one_time(self) -> dict[str, list[str]]:
        """The codes of the events that each event is in conflict with."""
        codes = {str(item.get("id")): plain(item.get("code")) for item in self.replica.items("calendar")}
        found: dict[str, list[str]] = {}
        for conflict in self.replica.items("conflicts"):
            pair = [str(id) for id in conflict.get("events") or ()]
            for one, other in permutations(pair, 2):
                found.setdefault(one, []).append(codes.get(other, "another event"))
            if (left_out := conflict.get("left_out")) and pair:
                found.setdefault(pair[-1], []).append(
                    f"another event; {plain(left_out)} more conflicts follow"
                )
        return found


def calendar(sight: Sight) -> Block:
    """Events from today on; those that are over today come last, older ones are left out."""
    events = sorted(_events(sight), key=lambda event: event.order)
    rows, group = [], ""
    for event in events[: sight.most]:
        before, group = group, "Earlier" if event.over else day_name(event.day, sight.today)
        rows.append(event.row(sight, "" if group == before else group))
    return Block("Calendar", rows, len(events), "nothing ahead")


def priorities(sight: Sight) -> Block:
    """Open ones in the server's order, then the snoozed, then the done."""
    items = _in_order("priorities", sight)
    items.sort(key=lambda item: (_is_done("priorities", item, sight), item.get("status") == "snoozed"))
    rows = [_priority(item, sight) for item in items[: sight.most]]
    return Block("Priorities", rows, len(items), "none")


def owe(sight: Sight) -> Block:
    """What I promised."""
    return _commitments("I owe", "owe", sight)


def owed(sight: Sight) -> Block:
    """What was promised to me."""
    return _commitments("Owed to me", "owed", sight)


def brief(sight: Sight) -> Block:
    """The title of the active brief, or of one's own if it is newer."""
    briefs = [*sight.replica.items("brief"), *([sight.own_brief] if sight.own_brief else [])]
    items = sorted(briefs, key=lambda item: str(item.get("set_at")))[-1:]
    return Block("Brief", [_brief(item, sight) for item in items], len(items), "none")


def sources(sight: Sight) -> Block:
    """The sources, and how long ago each one pushed."""
    items = sorted(sight.replica.items("sources"), key=lambda item: str(item.get("id")))
    return Block("Sources", [_source(item, sight) for item in items[: sight.most]], len(items), "none")


def proposals(sight: Sight) -> Block:
    """The proposals, each with the text that it is based on."""
    items = _in_order("proposals", sight)
    ids = {item.get("id") for item in items}
    first = [item for item in items if item.get("same_as") not in ids]
    rows = [row for item in first[: sight.most] for row in _proposal(item, items, sight)]
    return Block("Proposals", rows, len(first), "none", lines_each=2)


@dataclass(frozen=True)
class _Event:
    item: Item
    day: date
    start: Moment
    over: bool

    @property
    def order(self) -> tuple[Any, ...]:
        timed = isinstance(self.start, datetime)  # a date and an instant cannot be compared
        return (self.over, self.day, timed, self.start, str(self.item.get("id")))

    def row(self, sight: Sight, group: str) -> Row:
        hours = _hours(self.item, self.start, self.day, sight.zone)
        place = plain(without_secrets(str(self.item.get("location") or "")))
        important = self.item.get("important") is True
        lead = [("class:dim", f" {group:<11.11}"), *_code(self.item), ("", f"{hours:<12}")]
        mark: Line = [("class:warn", "! ")] if important else [("", "  ")]
        style = "class:dim" if self.over or _is_off(self.item) else "class:important" if important else ""
        tail: Line = [("class:dim", f"  {place[:30]}")] if place else []
        tail += [("class:warn", f"  {remark}") for remark in self._remarks(sight)]
        title = plain(without_secrets(str(self.item.get("title") or "")))
        return Row([*lead, *mark], title, tail, style)

    def _remarks(self, sight: Sight) -> Iterable[str]:
        """What is unusual: it is cancelled, was moved, or overlaps with something else."""
        status, answer = self.item.get("status"), self.item.get("answer")
        if status == "cancelled" or answer == "declined":
            yield "cancelled" if status == "cancelled" else "declined"
            return
        if "tentative" in (status, answer):
            yield "tentative"
        if answer == "needs_action":
            yield "not answered"
        was = self.item.get("moved_from")
        before = moment(was.get("start")) if isinstance(was, dict) else None
        if before is not None:
            yield f"moved from {day_and_time(before, sight.now, sight.zone)}"
        for other in sight.at_one_time.get(str(self.item.get("id")), []):
            yield f"at the same time as {other}"


def _is_off(item: Item) -> bool:
    return item.get("status") == "cancelled" or item.get("answer") == "declined"


def _events(sight: Sight) -> Iterable[_Event]:
    for item in sight.replica.items("calendar"):
        start = moment(item.get("start"))
        if start is None:
            continue
        over, last = _end(item, start, sight)
        if last < sight.today:
            continue
        day = max(day_of(start, sight.zone), sight.today)
        yield _Event(item, day, start, over)


def _end(item: Item, start: Moment, sight: Sight) -> tuple[bool, date]:
    """Whether it is over, and its last day."""
    end = moment(item.get("end")) or start
    if not isinstance(end, datetime):  # an all-day event ends on the first day after it
        last = max(end - timedelta(days=1), day_of(start, sight.zone)) if item.get("end") else end
        return last < sight.today, last
    return end < sight.now, day_of(end, sight.zone)


def _hours(item: Item, start: Moment, day: date, zone: tzinfo) -> str:
    end = moment(item.get("end"))
    if not isinstance(start, datetime):
        return "all day"
    ends = clock(end, zone) if isinstance(end, datetime) and day_of(end, zone) == day else ""
    if day_of(start, zone) != day:
        return f"until {ends}" if ends else "all day"
    return f"{clock(start, zone)}-{ends}" if ends else clock(start, zone)


def _priority(item: Item, sight: Sight) -> Row:
    urgency, status = str(item.get("urgency")), item.get("status")
    mark: Line = [("class:bad", "! ")] if urgency == "high" else [("", "  ")]
    if status == "open":
        tail = [*_person(item), *_length(item), *_due(item, sight)]
        return Row([*_code(item), *mark], plain(item.get("title")), tail)
    until = moment(item.get("snoozed_until"))
    till = day_and_time(until, sight.now, sight.zone) if until else ""
    word = f"  snoozed until {till}" if till else f"  {plain(status)}"
    return Row([*_code(item), ("", "  ")], plain(item.get("title")), [("class:dim", word)], "class:dim")


def _commitments(title: str, direction: str, sight: Sight) -> Block:
    items = [item for item in _in_order("commitments", sight) if item.get("direction") == direction]
    items.sort(key=lambda item: _is_done("commitments", item, sight))
    return Block(title, [_commitment(item, sight) for item in items[: sight.most]], len(items), "nothing")


def _commitment(item: Item, sight: Sight) -> Row:
    text = plain(item.get("description"))
    if item.get("status") == "completed":
        return Row([*_code(item), ("", "  ")], text, [("class:dim", "  kept")], "class:dim")
    return Row([*_code(item), ("", "  ")], text, [*_person(item), *_due(item, sight)])


def _person(item: Item) -> Line:
    who = plain(item.get("person") or item.get("assignee"))
    return [("class:dim", f"  {who[:30]}")] if who else []


def _length(item: Item) -> Line:
    """How long it takes: `45 min`, `1 h 30`."""
    minutes = item.get("minutes")
    if not isinstance(minutes, int):
        return []
    hours, rest = divmod(minutes, 60)
    said = f"{hours} h {rest:02}" if hours and rest else f"{hours} h" if hours else f"{rest} min"
    return [("class:dim", f"  {said}")]


def _proposal(item: Item, items: list[Item], sight: Sight) -> list[Row]:
    """The proposed line; below it where it was read, and the text. Who proposes it, and until when."""
    words, place = _evidence(item)
    for said, where in (_evidence(one) for one in items if one.get("same_as") == item.get("id")):
        place += f"  also {said[:40]} {where}"
    ends = moment(item.get("expires_at"))
    by = (
        _by(item)
        if ends is None
        else f"{_by(item)}, until {day_and_time(day_of(ends, sight.zone), sight.now, sight.zone)}"
    )
    return [
        Row([*_code(item), ("", "  ")], plain(item.get("line")), [("class:dim", f"  {by}")]),
        Row([("", " " * 8)], words, [("class:dim", f"  {place}")] if place else [], "class:dim"),
    ]


def _evidence(item: Item) -> tuple[str, str]:
    """The text that says so, and where it was read."""
    evidence = item.get("evidence")
    evidence = evidence if isinstance(evidence, dict) else {}
    quote, place = unmarked(evidence.get("quote")), plain(evidence.get("file"))
    return quoted(quote) if quote else plain(item.get("why")), place[:40]


def _by(item: Item) -> str:
    return plain(item.get("source"))[:30]


def _due(item: Item, sight: Sight) -> Line:
    due = moment(item.get("due_date"))
    if due is None:
        return []
    when = day_and_time(due, sight.now, sight.zone)
    if item.get("status") == "overdue" or passed(due, sight.now, sight.zone):
        return [("class:bad", f"  overdue since {when}")]
    return [("class:warn" if when.startswith("today") else "class:dim", f"  due {when}")]


def _brief(item: Item, sight: Sight) -> Row:
    title = plain(item.get("title") or item.get("text") or item.get("markdown") or item.get("kind"))
    by, ago = (
        plain(item.get("author_name") or item.get("author"))[:30],
        age(moment(item.get("set_at")), sight.now),
    )
    return Row([("", " ")], title or "without a title", [("class:dim", f"  {by} {ago}")])


def _source(item: Item, sight: Sight) -> Row:
    status = plain(item.get("status"))
    ago = age(moment(item.get("last_push_at")), sight.now)
    said = plain(item.get("message"))[:40]
    tail: Line = [(_SOURCE_STYLES.get(status, ""), f"  {status}"), ("", f"  {_brought(item)}")]
    tail += [("class:dim", f"  {ago}"), ("class:dim", f"  {said}" if said else "")]
    return Row([("", " ")], plain(item.get("id")), tail)


def _brought(source: Item) -> str:
    """`12 items`, `1,200 records`, or both; `0 items` if there are none."""
    numbers = [(int(source.get(f"{word}s") or 0), word) for word in ("item", "record")]
    said = [f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in numbers if number]
    return ", ".join(said) or "0 items"


def _code(item: Item) -> Line:
    return [("class:code", f" {plain(item.get('code')):<5}")]


def other(section: dict[str, Any], sight: Sight) -> Block:
    """A section without a block of its own, as the server describes it: open items first."""
    name = section["name"]
    items = _in_order(name, sight)
    items.sort(key=lambda item: _is_done(name, item, sight))
    rows = [
        _other(one, section["headline"], _is_done(name, one, sight), sight) for one in items[: sight.most]
    ]
    return Block(plain(section["nouns"]).capitalize(), rows, len(items), "none")


def _other(item: Item, headline: str, done: bool, sight: Sight) -> Row:
    text = plain(item.get(headline)) or plain(item.get("id"))
    if done:
        return Row([*_code(item), ("", "  ")], text, [("class:dim", "  done")], "class:dim")
    return Row([*_code(item), ("", "  ")], text, _due(item, sight))


def _in_order(name: str, sight: Sight) -> list[Item]:
    """The section's items in the order that the server states for it; by id if it states none."""
    keys = sight.replica.described.get(name, {}).get("order") or []
    return sorted(sight.replica.items(name), key=lambda item: (_order_by(keys, item), str(item.get("id"))))


def _is_done(name: str, item: Item, sight: Sight) -> bool:
    """Whether the server counts the item as done."""
    done = sight.replica.described.get(name, {}).get("done")
    return done is not None and item.get(done["field"]) in done["values"]


def _order_by(keys: list[dict[str, Any]], item: Item) -> list[tuple[Any, ...]]:
    """The item's sort key; an empty field comes last, and values that cannot be compared become text."""
    order: list[tuple[Any, ...]] = []
    for key in keys:
        value, values = item.get(key["field"]), key.get("values") or []
        if value in values:
            order.append((False, values.index(value), ""))
        else:
            number = value if isinstance(value, int | float) else 0
            order.append((value is None, number, "" if value is None else str(value).rstrip("Z")))
    return order


BLOCKS: dict[str, Callable[[Sight], Block]] = {
    part.__name__: part for part in (calendar, priorities, owe, owed, proposals, brief, sources)
}
