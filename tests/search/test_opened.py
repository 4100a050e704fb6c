"""Records, opened by their ids: around the words that are meant, in parts, by those who may search."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sio_server.search.opened import place_of
from tests.conftest import Connect
from tests.running import PythonClient, RunningServer
from tests.search.shelf import record

Json = Any

SAID = "Bo wants the figures for May by Friday."
MAIL = record(
    "m1",
    f"Hello Ana,\n\n{SAID}\n\nBest\nEva",
    at="2026-11-20T09:00:00Z",
    title="Figures",
    kind="mail",
    url="https://example.org/1",
    meta={
        "from": "Eva Novak <eva@example.org>",
        "to": ["Ana Silva", {"name": "Bo", "address": "bo@example.org"}],
    },
)
ANSWER_BYTES = 64 << 10  # docs/protocol.md


@pytest.fixture
def server(one_server: RunningServer) -> RunningServer:
    return one_server


async def test_a_record_is_opened_where_the_words_stand(connect: Connect) -> None:
    mails, ana = await connect(source="mail:work"), await connect()
    await mails.done("records:put", records=[MAIL])
    statement = f"Fri 20 Nov, Eva Novak: “{SAID}”"
    found = await ana.done("records:get", id="mail:work/m1", around=statement)
    [[start, end]] = found["marks"]
    assert found["text"][start:end] == SAID.rstrip(".")
    assert {name: found[name] for name in ("id", "source", "at", "title", "kind", "url", "author")} == {
        "id": "mail:work/m1",
        "source": "mail:work",
        "at": "2026-11-20T09:00:00Z",
        "title": "Figures",
        "kind": "mail",
        "url": "https://example.org/1",
        "author": "Eva Novak <eva@example.org>",
    }
    assert found["people"] == ["Eva Novak <eva@example.org>", "Ana Silva", "Bo", "bo@example.org"]
    assert (found["start"], found["length"]) == (0, len(MAIL["text"]))


@pytest.mark.parametrize(
    "id", ["local/none", "mail:other/m1", "m1", "/", "local/row;1", "local/row;x", "%/_"]
)
async def test_what_is_not_there_is_refused_by_name(connect: Connect, id: str) -> None:
    mails, ana = await connect(source="mail:work"), await connect()
    await mails.done("records:put", records=[MAIL])
    error = await ana.refused("records:get", id=id)
    assert error["code"] == "not_found"
    assert error["message"] == "There is no such record: it was removed, or there never was one."


async def test_what_was_removed_is_gone(connect: Connect) -> None:
    mails, ana = await connect(source="mail:work"), await connect()
    await mails.done("records:put", records=[MAIL])
    assert (await ana.done("records:get", id="mail:work/m1"))["marks"] == []
    await mails.done("records:put", records=[{"id": "m1", "gone": True}])
    assert (await ana.refused("records:get", id="mail:work/m1"))["code"] == "not_found"


@pytest.mark.parametrize("letter", ["x", "漢", "\U0001f600", '"', "\n"])
async def test_an_answer_is_bounded_and_a_long_text_is_read_to_its_end(connect: Connect, letter: str) -> None:
    ana = await connect()
    text = f"begin {letter * 20_000}\n{SAID}\n{letter * 30_000} end"
    await ana.done("records:put", records=[record("long", text)])
    found = await ana.done("records:get", id="local/long", around=SAID)
    [[start, end]] = found["marks"]
    assert found["text"][start:end] == SAID.rstrip(".")
    assert 0 < found["start"] < 20_000
    whole, asked = "", 0
    while True:
        part = await ana.done("records:get", id="local/long", start=asked)
        assert len(json.dumps(part, ensure_ascii=False).encode()) <= ANSWER_BYTES
        assert part["start"] == asked
        assert part["length"] == len(text)
        whole += part["text"]
        asked = len(whole)
        if asked >= part["length"]:
            break
    assert whole == text
    assert (await ana.done("records:get", id="local/long", start=10**12))["text"] == ""


async def show(client: PythonClient, line: str) -> Json:
    steps = (await client.done("command:run", text=line))["steps"]
    return steps[-1]["data"]["record"]


async def test_a_typed_brief_names_what_it_quotes_and_show_opens_it(connect: Connect) -> None:
    mails, ana = await connect(source="mail:work"), await connect(client="ana")
    await mails.done("records:put", records=[MAIL])
    event = {"id": "e1", "title": "Figures for May", "start": "2027-06-01T09:00:00Z"}
    await ana.done("calendar:put", items=[event])
    [step] = (await ana.done("command:run", text="brief C1"))["steps"]
    [named] = step["data"]["rests_on"]
    assert named == {
        "name": "S1",
        "id": "mail:work/m1",
        "at": "2026-11-20T09:00:00Z",
        "title": "Figures",
        "author": "Eva Novak <eva@example.org>",
    }
    for line in ("show S1", "show s1", "show mail:work/m1", "show records/mail:work/m1"):
        assert (await show(ana, line))["id"] == "mail:work/m1"
    assert (await show(ana, "show S1"))["marks"]
    await ana.done("command:run", text="add owe S1")
    assert (await show(ana, "show M1"))["marks"]


async def test_an_item_from_a_note_opens_the_record_of_that_note(connect: Connect) -> None:
    notes, ana = await connect(source="notes:work"), await connect(client="ana")
    said = "- [ ] Ana: **send** the deck"
    records = [
        MAIL | {"id": name, "text": said, "meta": {"file": f"{name}.md"}} for name in ("board", "team")
    ]
    await notes.done("records:put", records=records)
    items = [
        {
            "id": file,
            "description": "Send",
            "direction": "owe",
            "evidence": {"file": file, "line": 2, "quote": "Ana: send the deck"},
        }
        for file in ("team.md", "gone.md")
    ]
    codes = (await notes.done("commitments:put", items=items))["codes"]
    found = await show(ana, f"show {codes['team.md']}")
    assert (found["id"], bool(found["marks"])) == ("notes:work/team", True)
    refused = await ana.refused("command:run", text=f"show {codes['gone.md']}")
    assert refused["message"].endswith(" stands in gone.md, line 2; its source keeps no record of that.")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("show S9", "S9 is not one of your hits"),
        ("show P1", "P1 was typed here; no record is behind it."),
        ("show C1", "C1 comes from ics:work; no record is behind it."),
        ("show P9", "P9"),
        ("show X1", "X1 is neither a hit nor an item"),
        ("show local/none", "There is no such record"),
        ("show P2", "P2 stands in notes/today.md, line 3"),
    ],
)
async def test_what_cannot_be_shown_is_refused_in_words(connect: Connect, line: str, why: str) -> None:
    ana = await connect()
    evidence = {"file": "notes/today.md", "line": 3, "quote": "sign it"}
    items = [{"id": "p1", "title": "One"}, {"id": "p2", "title": "Two", "evidence": evidence}]
    await ana.done("priorities:put", items=items)
    work = await connect(source="ics:work")
    event = {"id": "c", "title": "Board call", "start": "2026-11-24T09:00:00Z"}
    code = (await work.done("calendar:put", items=[event]))["codes"]["c"]
    line, why = (said.replace("C1", code) for said in (line, why))
    assert why in (await ana.refused("command:run", text=line))["message"]


@pytest.mark.parametrize(
    ("text", "around", "meant"),
    [
        ("We will **ship**\nit on Monday.", "“We will ship it on Monday.”", "We will **ship**\nit on Monday"),
        (
            "See https://a.example/x?pwd=1 before the call on Monday, please.",
            "before the call on Monday, please",
            "before the call on Monday, please",
        ),
        (
            "Join at https://zoom.us/j/1?pwd=2 and bring the three new plans with you.",
            "“Join at Zoom and bring the three new plans with you.”",
            "and bring the three new plans",
        ),
        (
            "来週の予算会議で決定します。",
            "23 Nov: “来週の予算会議で決定します。”",
            "来週の予算会議で決定します",
        ),
        ("Größe und Maß", "GRÖSSE UND MASS", None),
        ("nothing of it", "“quite another thing”", None),
        ("", "words", None),
        ("words", "…", None),
        ("a" * 100_000, "a b c " * 2_000, None),
    ],
)
def test_words_are_found_whatever_stands_between_them(text: str, around: str, meant: str | None) -> None:
    place = place_of(text, around)
    assert (None if place is None else text[slice(*place)]) == meant


def test_what_is_looked_for_is_bounded_however_it_is_made() -> None:
    """The search process is shared, and an expression cannot be interrupted."""
    assert place_of("before the needle", "x" * 2_000 + " needle") is None
    assert place_of("one two", "".join(f"“{word}”" for word in ("a b", "c d", "e f", "g h", "one"))) is None
    for around in ("„" * 16_000, "“a”" * 5_333, "a " * 8_000):
        assert place_of("b " * 50_000, around) is None
