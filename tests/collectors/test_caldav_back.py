"""What was decided on the board and written to the account is the account's again: it is written once, and a
later change in the account is not undone. Against real Radicale and Xandikos."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from icalendar import Calendar

from tests.collectors import programs
from tests.collectors.calendar_server import USER, Radicale
from tests.collectors.calendars import calendar, event
from tests.collectors.test_caldav_lost import Between
from tests.collectors.test_caldav_writing import ATTENDEE, TOMORROW, dav, put, run, to_do, upstream
from tests.examples import seeds
from tests.running import PythonClient, RunningServer

__all__ = ["dav"]
ME = ("--me", "ana@example.org")
Happening = Callable[[], Awaitable[None]]


class Eventful(Between):
    """Something happens at a PUT: `before` it reaches the account, or `after`."""

    before: Happening | None = None
    after: Happening | None = None
    puts = 0

    async def _pass(self, request: web.Request) -> web.Response:
        is_put = request.method == "PUT"
        self.puts += is_put
        if is_put and self.before is not None:
            happening, self.before = self.before, None
            await happening()
        answer = await super()._pass(request)
        if is_put and self.after is not None:
            happening, self.after = self.after, None
            await happening()
        return answer


@pytest.fixture
async def between(dav: Radicale) -> AsyncIterator[Eventful]:
    one = Eventful(dav)
    await one.start()
    yield one
    await one.stop()


def words(between: Eventful, secret: Path) -> tuple[object, ...]:
    return (between.url, USER, "--password-file", secret, *ME, "--write")


async def test_what_the_account_says_later_is_not_undone(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    invitation = event("meeting", TOMORROW, "ORGANIZER:mailto:bo@example.org", ATTENDEE)
    await dav.ask("PUT", "work/meeting.ics", calendar(invitation))
    await put(dav, "SUMMARY:Buy bread", "DUE;VALUE=DATE:21990101")
    assert (await run(server, dav, secret, "--write"))[0] == 0
    code = (await to_do(board))["code"]
    [meeting] = (await board.state())["calendar"]
    await board.done("priorities:edit", code=code, set={"title": "Mine", "due_date": "2199-02-03"})
    await board.done("priorities:complete", code=code)
    done = await board.done("command:run", text=f"accept {meeting['code']}")
    writes = f"caldav:{USER}@127.0.0.1 writes the answer to the calendar at its next run."
    assert done["steps"][0]["data"]["text"] == writes
    assert (await run(server, dav, secret, "--write"))[0] == 0
    item, [meeting] = await to_do(board), (await board.state())["calendar"]
    assert (item["title"], item["due_date"], item["status"]) == ("Mine", "2199-02-03", "done")
    assert (item["held"], meeting["held"], meeting["answer"]) == ([], [], "accepted")
    await put(dav, "SUMMARY:Theirs", "DUE;VALUE=DATE:21990909", "SEQUENCE:7")
    later = calendar(invitation).replace(b"NEEDS-ACTION", b"DECLINED")
    await dav.ask("PUT", "work/meeting.ics", later)
    for _ in range(2):
        assert (await run(server, dav, secret, "--write"))[0] == 0
        item, [meeting] = await to_do(board), (await board.state())["calendar"]
        assert (item["title"], item["due_date"], item["status"]) == ("Theirs", "2199-09-09", "open")
        assert meeting["answer"] == "declined"
        assert "SUMMARY:Theirs" in await upstream(dav, "bread")
        assert "PARTSTAT=DECLINED" in await upstream(dav, "meeting")
    await board.done("priorities:edit", code=code, set={"title": "Mine"})  # the same again, decided anew
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert "SUMMARY:Mine" in await upstream(dav, "bread")


async def test_a_field_of_another_source_or_without_write_stays_decided(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await put(dav, "SUMMARY:Buy bread")
    await run(server, dav, secret)
    await board.done("priorities:edit", code=(await to_do(board))["code"], set={"title": "Mine"})
    await put(dav, "SUMMARY:Mine", "SEQUENCE:2")
    await run(server, dav, secret)
    assert (await to_do(board))["held"] == ["title"]
    await run(server, dav, secret, "--write")  # both say the same by now
    assert (await to_do(board))["held"] == []


async def test_a_due_date_that_follows_an_event_goes_on_following_it(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await put(dav, "SUMMARY:Buy bread")
    await run(server, dav, secret)
    first, later = "2199-01-01T10:00:00Z", "2199-02-02T10:00:00Z"
    done = await board.done("calendar:put", items=[{"id": "party", "title": "Party", "start": first}])
    code = (await to_do(board))["code"]
    await board.done("command:run", text=f"due {code} before {done['codes']['party']}")
    for starts, written in ((first, "21990101T100000Z"), (later, "21990202T100000Z")):
        await board.done("calendar:put", items=[{"id": "party", "title": "Party", "start": starts}])
        for _ in range(2):
            assert (await run(server, dav, secret, "--write"))[0] == 0
            assert f"DUE:{written}" in await upstream(dav, "bread")
            assert (await to_do(board))["due_date"] == starts
    await put(dav, "SUMMARY:Buy bread", "DUE;VALUE=DATE:21990303", "SEQUENCE:9")
    for _ in range(2):
        assert (await run(server, dav, secret, "--write"))[0] == 0
        item = await to_do(board)
        assert (item["due_date"], item.get("due_before"), item["held"]) == ("2199-03-03", None, [])


async def test_what_was_done_long_ago_in_the_account_is_not_written(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    """Its object is there, but is no item any more."""
    await put(dav, "SUMMARY:Buy bread")
    await run(server, dav, secret)
    await board.done("priorities:edit", code=(await to_do(board))["code"], set={"due_date": "2199-02-03"})
    await put(dav, "SUMMARY:Buy bread", "DUE;VALUE=DATE:21990303", "STATUS:COMPLETED", "SEQUENCE:3")
    before = await upstream(dav, "bread")
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert await upstream(dav, "bread") == before
    assert (await board.state())["priorities"] == []


@pytest.mark.parametrize("meanwhile", ["nothing", "other title", "put back", "decided again"])
async def test_a_run_that_is_killed_right_after_it_wrote_writes_once(
    server: RunningServer, board: PythonClient, dav: Radicale, between: Eventful, secret: Path, meanwhile: str
) -> None:
    await put(dav, "SUMMARY:Buy bread")
    assert (await programs.run("caldav", server, *words(between, secret)))[0] == 0
    code = (await to_do(board))["code"]
    await board.done("priorities:edit", code=code, set={"title": "Mine"})
    process = await programs.start("caldav", server, *words(between, secret))

    async def killed() -> None:
        process.kill()

    between.after = killed
    await process.communicate()
    assert "SUMMARY:Mine" in await upstream(dav, "bread")
    assert (await to_do(board))["held"] == ["title"]
    expected, puts = "Mine", 1
    if meanwhile == "other title":
        expected = "Theirs"
        await put(dav, "SUMMARY:Theirs", "SEQUENCE:5")
    elif meanwhile == "put back":
        expected = "Buy bread"
        await put(dav, "SUMMARY:Buy bread", "SEQUENCE:5")
    elif meanwhile == "decided again":
        expected, puts = "Mine after all", 2
        await board.done("priorities:edit", code=code, set={"title": expected})
    for _ in range(2):
        status, printed = await programs.run("caldav", server, *words(between, secret))
        assert status == (meanwhile in ("other title", "put back")), printed
        assert f"SUMMARY:{expected}" in await upstream(dav, "bread")
        item = await to_do(board)
        assert (item["title"], item["held"]) == (expected, [])
    assert between.puts == puts


@pytest.mark.parametrize("changed", ["title", "description"])
async def test_a_change_between_reading_and_writing_counts(
    server: RunningServer, board: PythonClient, dav: Radicale, between: Eventful, secret: Path, changed: str
) -> None:
    """The server refuses what was written for an older version (412)."""
    await put(dav, "SUMMARY:Buy bread")
    assert (await programs.run("caldav", server, *words(between, secret)))[0] == 0
    await board.done("priorities:edit", code=(await to_do(board))["code"], set={"title": "Mine"})
    theirs = "SUMMARY:Theirs" if changed == "title" else "SUMMARY:Buy bread\nDESCRIPTION:Rye"
    between.before = lambda: put(dav, *theirs.split("\n"), "SEQUENCE:5")
    status, printed = await programs.run("caldav", server, *words(between, secret))
    assert (status, "“Mine” was changed in the calendar a moment ago: that is read first" in printed) == (
        1,
        True,
    ), printed
    assert (await to_do(board))["title"] == "Mine"
    said = "“Mine” was changed in the calendar meanwhile: the calendar's version stays (title)"
    for _ in range(2):
        status, printed = await programs.run("caldav", server, *words(between, secret))
        assert (status, said in printed) == ((1, True) if changed == "title" else (0, False)), printed
        item = await to_do(board)
        assert (item["title"], item["held"]) == ("Theirs" if changed == "title" else "Mine", [])
    assert between.puts == (1 if changed == "title" else 2)
    assert f"SUMMARY:{(await to_do(board))['title']}" in await upstream(dav, "bread")


FIELDS = ("title", "due_date", "status", "answer")


class Both:
    """To-dos and invitations, changed by chance in the account and on the board; what must be there."""

    def __init__(self, dav: Radicale, board: PythonClient, chance: random.Random) -> None:
        self.dav, self.board, self.chance = dav, board, chance
        self.account: dict[str, dict[str, Any]] = {}
        self.number = 0

    async def begin(self) -> None:
        for number in range(3):
            self.account[f"t{number}"] = {"title": f"t{number}", "due_date": None, "status": "open"}
            self.account[f"e{number}"] = {"answer": "needs_action"}
        for uid in self.account:
            await self.put(uid)

    async def put(self, uid: str) -> None:
        self.number += 1
        said = self.account[uid]
        if "answer" in said:
            state = str(said["answer"]).upper().replace("_", "-")
            lines = ("ORGANIZER:mailto:bo@example.org", ATTENDEE.replace("NEEDS-ACTION", state))
            data = calendar(event(uid, TOMORROW, *lines, f"SEQUENCE:{self.number}"))
        else:
            due = (f"DUE;VALUE=DATE:{said['due_date'].replace('-', '')}",) if said["due_date"] else ()
            state = "STATUS:COMPLETED" if said["status"] == "done" else "STATUS:NEEDS-ACTION"
            lines = (f"UID:{uid}", f"SUMMARY:{said['title']}", *due, state, f"SEQUENCE:{self.number}")
            to_do = ("BEGIN:VTODO", f"DTSTAMP:{TOMORROW}", *lines, "END:VTODO")
            data = calendar("\n".join(to_do))
        await self.dav.ask("PUT", f"work/{uid}.ics", data)

    def other(self, field: str, value: Any) -> Any:
        """Another value, that nothing had before where that is possible."""
        self.number += 1
        fixed = {"status": ["open", "done"], "answer": ["accepted", "declined", "tentative"]}
        if field in fixed:
            return self.chance.choice([one for one in fixed[field] if one != value])
        return f"Title {self.number}" if field == "title" else f"21{self.number % 90 + 10}-01-02"

    async def change(self) -> None:
        """Some fields on the board, some in the account, some on both sides: then the account counts."""
        items = await self.items()
        expected = {uid: dict(said) for uid, said in self.account.items()}
        there = set[str]()
        for uid, said in self.account.items():
            for field, value in said.items():
                side = self.chance.choice(["board", "account", "both", "none"])
                if side in ("board", "both"):
                    expected[uid][field] = self.other(field, value)
                    await self.decide(items[uid]["code"], field, expected[uid][field])
                if side in ("account", "both"):
                    expected[uid][field] = self.other(field, value)
                    there.add(uid)
                    said[field] = expected[uid][field]
        for uid in sorted(there):
            await self.put(uid)
        self.account = expected

    async def decide(self, code: str, field: str, value: Any) -> None:
        if field == "answer":
            await self.board.done("calendar:edit", code=code, set={"answer": value})
        elif field == "status":
            await self.board.done(
                "priorities:complete" if value == "done" else "priorities:reopen", code=code
            )
        else:
            await self.board.done("priorities:edit", code=code, set={field: value})

    async def items(self) -> dict[str, Any]:
        state = await self.board.state()
        return {one["id"].rpartition("/")[2]: one for one in (*state["priorities"], *state["calendar"])}

    async def check(self) -> None:
        items = await self.items()
        for uid, said in self.account.items():
            assert {field: items[uid].get(field) for field in said} == said, items[uid]
        assert not any(item["held"] for item in items.values())
        for uid, said in self.account.items():
            whole: Any = Calendar.from_ical(await upstream(self.dav, uid))
            [component] = [part for part in whole.walk() if part.name in ("VTODO", "VEVENT")]
            if "answer" in said:
                state = component["ATTENDEE"].params["PARTSTAT"]
                assert state.lower().replace("-", "_") == said["answer"]
            else:
                due = component["DUE"].dt.isoformat() if "DUE" in component else None
                status = "done" if component.get("STATUS") == "COMPLETED" else "open"
                assert {"title": str(component["SUMMARY"]), "due_date": due, "status": status} == said


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_on_both_sides_and_kills(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path, seed: int
) -> None:
    chance = random.Random(seed)
    both, arguments = Both(dav, board, chance), (dav.url, USER, "--password-file", secret, *ME, "--write")
    await both.begin()
    assert (await programs.run("caldav", server, *arguments))[0] == 0
    statuses = Counter[int]()
    for number in range(6):
        await both.change()
        if number % 2:
            process = await programs.start("caldav", server, *arguments)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), chance.uniform(0.2, 2.5))
            if process.returncode is None:
                process.kill()
            await process.communicate()
        status, printed = await programs.run("caldav", server, *arguments)
        statuses[status] += 1
        assert status in (0, 1), printed
        await both.check()
    written = await upstream(dav, "t0"), await upstream(dav, "e0")
    await programs.run("caldav", server, *arguments)
    assert (await upstream(dav, "t0"), await upstream(dav, "e0")) == written
    assert statuses.total() == 6


async def test_what_is_undone_after_it_was_written_is_written_back(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    """Unless the account says something else by now."""
    await put(dav, "SUMMARY:Buy bread")
    assert (await run(server, dav, secret, "--write"))[0] == 0
    code = (await to_do(board))["code"]
    for line, written in ((f"complete {code}", "STATUS:COMPLETED"), ("undo", "STATUS:NEEDS-ACTION")):
        await board.done("command:run", text=line)
        for _ in range(2):
            assert (await run(server, dav, secret, "--write"))[0] == 0
            assert written in await upstream(dav, "bread")
        item = await to_do(board)
        assert (item["status"], item["held"]) == ("open" if line == "undo" else "done", [])
    await board.done("command:run", text=f"update {code} Mine")
    assert (await run(server, dav, secret, "--write"))[0] == 0
    await put(dav, "SUMMARY:Theirs", "SEQUENCE:9")
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert (await board.refused("command:run", text="undo"))["code"] == "conflict"
    assert (await to_do(board))["title"] == "Theirs"
    assert "SUMMARY:Theirs" in await upstream(dav, "bread")
