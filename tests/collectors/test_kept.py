"""What was read of calendar objects is read again only when it must be: the board is as if all were read."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from collectors.actions.mine import Me
from collectors.batches import stated
from collectors.ics import keeping
from collectors.ics.confined import read_parts
from collectors.ics.file import Octets, read_calendars
from collectors.ics.item import answer_of
from collectors.ics.keeping import Days
from collectors.ics.kept import Kept
from collectors.types import Ask, Finding, Finished, Found, Gone, NoneLeft, Rest
from models.batch import GivenItem
from models.calendar import GivenEvent
from models.priorities import GivenPriority
from tests.collectors.calendars import calendar, event

BEGAN = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)


class Board:
    """What a server makes of what a run yields; a run may be killed at any of its steps."""

    def __init__(self) -> None:
        self.sections: dict[str, dict[str, Any]] = {"calendar": {}, "priorities": {}}
        self.mark, self.runs = "", 0
        self.told = 0

    def run(self, kept: Kept, days: Days, kill_at: int | None = None) -> None:
        """`kill_at` counts the steps, the last of which are sending, ending, and noting down."""
        steps = [*keeping.read(kept, days, ["ana@example.org"], str)]
        found = [*keeping.tell(kept, Ask(left=self.mark), days, missing=False)]
        actions = [*self._sent(found), *self._ended(found)]
        for action in actions[:kill_at]:
            action()
        self.told = len(steps)

    def _sent(self, found: list[Found]) -> Iterator[Callable[[], None]]:
        rest = {one.kind.section for one in found if isinstance(one, Rest)}
        for section, items in self.sections.items():
            given = [one for one in found if isinstance(one, GivenItem) and one.section == section]
            if section not in rest:
                yield items.clear
            for one in given:
                yield partial(items.update, {one.id: stated(one)})
            for gone in (one for one in found if isinstance(one, Gone) and one.section == section):
                for id in gone.ids:
                    yield partial(_pop, items, id)

    def _ended(self, found: list[Found]) -> Iterator[Callable[[], None]]:
        self.runs += 1
        mark = f"run {self.runs}"
        yield lambda: setattr(self, "mark", mark)
        [end] = [one for one in found if isinstance(one, Finished)]
        yield lambda: end.keep(mark, True)


def _pop(items: dict[str, Any], id: str) -> None:
    items.pop(id, None)


def oracle(upstream: dict[str, bytes], days: Days) -> dict[str, dict[str, Any]]:
    """All of it, read anew."""
    files = [Octets("work", data, "utf-8") for _, data in sorted(upstream.items())]
    reading = read_calendars(files, days.window())
    events = [
        GivenEvent.model_validate(item | {"answer": answer_of(item, days.me.is_meant)})
        for item in reading.items
    ]
    names = set(GivenPriority.model_fields)
    to_dos = [
        GivenPriority.model_validate({name: value for name, value in one.items() if name in names})
        for one in reading.to_dos
    ]
    return {
        "calendar": {one.id: stated(one) for one in events},
        "priorities": {one.id: stated(one) for one in to_dos},
    }


def days_at(now: datetime) -> Days:
    return Days("Europe/Berlin", 2, 20, Me(("ana@example.org",)), now)


def written(chance: random.Random, uid: str, number: int) -> bytes:
    at = BEGAN + timedelta(days=chance.randrange(-6, 40), hours=chance.randrange(24))
    stamp, extra = f"{at:%Y%m%dT%H%M%SZ}", [f"SEQUENCE:{number}", f"LOCATION:Room {number}"]
    kind = chance.randrange(8)
    if kind == 0:
        extra.append("RRULE:FREQ=WEEKLY;COUNT=5")
    elif kind == 1:
        extra.append("STATUS:CANCELLED")
    elif kind == 2:
        extra.append("ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:mailto:ana@example.org")
    elif kind == 3:
        done = f"STATUS:COMPLETED\nCOMPLETED:{stamp}" if chance.random() < 0.5 else "STATUS:NEEDS-ACTION"
        said = f"BEGIN:VTODO\nUID:{uid}\nDTSTAMP:20260101T000000Z\nSUMMARY:To do {number}\n{done}\nEND:VTODO"
        return calendar(said)
    elif kind == 4:
        stamp = f"{at:%Y%m%d}"
    return calendar(event(uid, stamp, *extra))


async def in_process(parts: Any, window: Any, tz: str) -> Any:
    """Without a process for each: that is tried by itself, and hundreds are begun here."""
    return [read_calendars(files, window) for files in parts]


@pytest.mark.parametrize("seed", range(3))
def test_random_changes_days_and_kills_leave_the_board_as_the_objects_are(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "read_parts", in_process)
    chance, upstream, board, now = random.Random(seed), dict[str, bytes](), Board(), BEGAN
    for number in range(60):
        kept = Kept(tmp_path / "one.known")
        for _ in range(chance.randrange(4)):
            path = f"/{chance.randrange(25)}"
            if path in upstream and chance.random() < 0.3:
                del upstream[path]
                kept.change("work", [], [path])
            else:
                uid = f"e{path[1:] if chance.random() < 0.8 else chance.randrange(25)}"
                upstream[path] = written(chance, uid, number)
                kept.change("work", [(path, upstream[path], str(number))])
        if chance.random() < 0.4:
            now += timedelta(minutes=chance.choice((5, 600, 1_440, 9_000)))
        days = days_at(now)
        board.run(kept, days, chance.randrange(40) if chance.random() < 0.5 else None)
        if chance.random() < 0.2:  # the server was set back, or another run came between
            board.mark = f"other {number}"
        board.run(kept, days)
        kept.close()
        assert board.sections == oracle(upstream, days), (seed, number)


def test_only_what_has_changed_is_read_and_sent(tmp_path: Path) -> None:
    kept, board = Kept(tmp_path / "one.known"), Board()
    objects = [(f"/{n}", calendar(event(f"e{n}", "20260325T100000Z")), "1") for n in range(50)]
    kept.change("work", objects)
    board.run(kept, days_at(BEGAN))
    assert len(board.sections["calendar"]) == 50
    kept.change("work", [("/7", calendar(event("e7", "20260325T100000Z", "LOCATION:Room 7")), "2")], ["/8"])
    assert kept.unread_count() == 1
    [*_] = keeping.read(kept, days_at(BEGAN), ["ana@example.org"], str)
    found = [*keeping.tell(kept, Ask(left=board.mark), days_at(BEGAN), missing=False)]
    assert [one.id for one in found if isinstance(one, GivenEvent)] == ["e7"]
    assert [one for one in found if isinstance(one, Gone)] == [Gone("calendar", ("e8",), unmet=True)]
    assert [one.count for one in found if isinstance(one, Rest)] == [48, 0, 0]
    assert not [one for one in found if isinstance(one, NoneLeft) and one.section == "calendar"]
    kept.close()


def test_what_happens_once_is_not_read_again_when_days_pass(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "one.known")
    weekly = event("weekly", "20260301T100000Z", "RRULE:FREQ=WEEKLY")
    objects = [(f"/{n}", calendar(event(f"e{n}", "20260328T100000Z")), "1") for n in range(20)]
    kept.change("work", [*objects, ("/weekly", calendar(weekly), "1")])
    [*_] = keeping.read(kept, days_at(BEGAN), [], str)
    again = days_at(BEGAN + timedelta(days=1))
    kept.begin_reading(again.context([]), again.now.timestamp())
    assert kept.unread_count() == 1
    [*_] = keeping.read(kept, again, [], str)
    kept.begin_reading(again.context(["bo@example.org"]), again.now.timestamp())
    assert kept.unread_count() == 21  # of another person, all may be different
    kept.close()


async def test_a_part_that_cannot_be_read_costs_no_other_part() -> None:
    good = [Octets("good", calendar(event("e", "20260325T100000Z")))]
    readings = await read_parts([good, [Octets("bad", b"no calendar")], good], days_at(BEGAN).window(), "UTC")
    assert [len(one.items) for one in readings] == [1, 0, 1]
    assert readings[1].findings


def test_what_cannot_be_read_any_more_stays_as_it_was(tmp_path: Path) -> None:
    kept, board = Kept(tmp_path / "one.known"), Board()
    kept.change("work", [(f"/{n}", calendar(event(f"e{n}", "20260325T100000Z")), "1") for n in range(3)])
    board.run(kept, days_at(BEGAN))
    for broken in (b"no calendar at all", calendar(event("e1", "20261399T100000Z"))):
        kept.change("work", [("/1", broken, "2")], ["/2"])
        board.run(kept, days_at(BEGAN))
        assert "e1" in board.sections["calendar"]
    assert [*board.sections["calendar"]] == ["e0", "e1"]
    [*_] = keeping.read(kept, days_at(BEGAN), [], str)
    found = [*keeping.tell(kept, Ask(), days_at(BEGAN), missing=False)]
    assert any(isinstance(one, Finding) and one.spares == "e1" for one in found)
    kept.close()
