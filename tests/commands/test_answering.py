"""Invitations are answered by a word; the step says where the answer goes."""

from __future__ import annotations

from typing import Any

from tests.commands.board import typed
from tests.core.seats import Core, Seat, collector

ALONE = "The answer is on the board alone"
EVENT = {"id": "w", "title": "Workshop", "start": "2026-11-24T10:00:00Z", "answer": "needs_action"}


async def said(seat: Seat, line: str, **more: Any) -> Any:
    [step] = (await seat.done("command:run", text=line, **more))["steps"]
    return step["data"]


async def test_the_step_says_whether_the_source_takes_the_answer(core: Core, ada: Seat) -> None:
    source = "caldav:ana@dav.example.org"
    dav = await core.sit(who=collector(source))
    await dav.done("source:hello", ttl_s=100, writes=["calendar", "priorities"])
    code = (await dav.done("calendar:put", items=[EVENT]))["codes"]["w"]
    writes = f"{source} writes the answer to the calendar at its next run."
    for dry in (True, False):
        told = await said(ada, f"accept {code}", dry=dry)
        assert (told["text"], told["set"]) == (writes, {"answer": "accepted"})
        assert [item["code"] for item in told["items"]] == [code]
    told = await said(ada, f"maybe C1 C2 {code}")
    assert told["text"].split("\n") == [
        f"{ALONE}: no calendar has this event.",
        f"{ALONE}: ics:work does not write to its calendar.",
        writes,
    ]
    await dav.done("source:hello", ttl_s=100)  # now without --write
    told = await said(ada, f"decline {code}")
    assert told["text"] == f"{ALONE}: {source} does not write to its calendar."
    assert (await ada.item("calendar", f"{source}/w"))["answer"] == "declined"


async def test_an_answer_is_taken_back_by_undo(core: Core, ada: Seat) -> None:
    before = await ada.item("calendar", "ics:work/teeth")
    assert (await typed(ada, "decline C2"))["ok"]
    assert (await ada.item("calendar", "ics:work/teeth"))["answer"] == "declined"
    assert (await typed(ada, "undo"))["ok"]
    after = await ada.item("calendar", "ics:work/teeth")
    assert after | {"rev": before["rev"]} == before


async def test_words_and_events_are_suggested(ada: Seat) -> None:
    found = (await ada.done("command:suggest", text="dec"))["suggestions"]
    assert {"text": "decline ", "help": "Declines invitations."} in found
    found = (await ada.done("command:suggest", text="decline dent"))["suggestions"]
    assert found == [{"text": "decline C2", "help": "Dentist"}]
