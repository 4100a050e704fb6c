"""Secrets of meetings, planted in every text of every way in: they stand in the field of the link alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.seats import Core, collector
from tests.planted import FORMS

Json = Any

LINK = "https://zoom.us/j/9{}?pwd=s3cret{}"
NOT_READ_ALOUD = ("location", "description", "note", "quote", "join_url", "url")
EVENT = {"start": "2026-11-23T15:00:00Z", "end": "2026-11-23T16:00:00Z", "attendees": ["Ana"]}
BESIDE = {"id": "beside", "title": "Beside", "start": "2026-11-23T15:30:00Z", "end": "2026-11-23T16:30:00Z"}


def found_in(value: Json, path: str = "") -> list[str]:
    """Where a secret stands, but for the fields of links."""
    if isinstance(value, dict):
        return [where for name, one in value.items() for where in found_in(one, f"{path}.{name}")]
    if isinstance(value, list):
        return [where for one in value for where in found_in(one, path)]
    name = path.rpartition(".")[2]
    opens = isinstance(value, str) and "c0de" in value and name not in NOT_READ_ALOUD
    is_secret = isinstance(value, str) and "s3c" in value and name not in ("join_url", "url")
    return [f"{path}: {value}"] if opens or is_secret else []


async def told(core: Core) -> list[Json]:
    """All that the board tells."""
    person = await core.sit("state")
    texts: list[Json] = [await person.state()]
    lines = ("brief", "brief full", "brief weekly", "brief full weekly", "day", "changes")
    codes = [event["code"] for event in texts[0]["calendar"]]
    for line in (*lines, *(f"brief {code}" for code in codes), *(f"brief full {code}" for code in codes)):
        texts += (await person.done("command:run", text=line))["steps"]
    texts.append(await person.done("day:get"))
    texts.append(await person.done("state:since", since=0))
    return texts


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("way", ["put", "parts", "edit", "tasks", "proposal"])
async def test_a_meetings_address_stands_in_the_field_of_its_link_alone(
    core: Core, way: str, text: str
) -> None:
    person, ics = await core.sit(), await core.sit(who=collector("ics:work"))
    texts = {"title": text, "location": text[:900], "description": text}
    link = ("https://zoom.us/j/", "https://teams.microsoft.com/l/")
    if way == "put":
        await person.done("calendar:put", items=[{"id": "e", **EVENT, **texts}, BESIDE])
    elif way == "parts":
        for number, items in enumerate([[{"id": "e", **EVENT, **texts}], [BESIDE]], start=1):
            part = {"batch": "b", "number": number, "last": number == 2}
            await ics.done("calendar:put", items=items, part=part)
    elif way == "edit":
        await ics.done("calendar:put", items=[{"id": "e", "title": "Call", **EVENT}, BESIDE])
        await person.done("calendar:edit", code="C1", set=texts)
    elif way == "tasks":
        task = {"id": "e", "note": text}
        await person.done("priorities:put", items=[task | {"title": text, "description": text}])
        promise = {"direction": "owe", "assignee": "Ana", "due_date": "2026-11-23"}
        await person.done("commitments:put", items=[task | {"description": text, **promise}])
        for line in (f'add priority "{text}"', f'add owe @ana "{text}"', f'update P1 "{text} soon"'):
            if '"' not in text:
                await person.done("command:run", text=line)
    else:
        line = "add owe Ana: the slides for " + text.replace('"', "")
        proposal = {"id": "p", "line": line, "why": text, "evidence": {"file": "mail", "quote": text}}
        await ics.done("proposals:put", items=[proposal])
        await person.done("command:run", text="approve A1")
    everything = await told(core)
    assert [where for one in everything for where in found_in(one)] == []
    board = everything[0]
    if way in ("put", "parts", "edit"):
        [event] = [one for one in board["calendar"] if one["title"] != "Beside"]
        assert event["join_url"].startswith(link)
        assert "s3cret" in event["join_url"]
    elif way == "tasks":
        assert all(one["url"].startswith(link) for one in board["priorities"])


async def test_a_source_that_says_the_same_again_changes_nothing_and_a_stated_link_stays(core: Core) -> None:
    ics = await core.sit(who=collector("ics:work"))
    item = {"id": "e", **EVENT, "title": FORMS["an address"], "join_url": LINK.format(7, "Z")}
    for expected in ("added", "unchanged"):
        assert (await ics.done("calendar:put", items=[item]))[expected] == 1
    [event] = (await (await core.sit("state")).state())["calendar"]
    assert (event["title"], event["join_url"]) == ("Join Zoom now", LINK.format(7, "Z"))


async def test_what_a_person_sets_stays_when_the_source_says_it_otherwise(core: Core) -> None:
    ics, person = await core.sit(who=collector("ics:work")), await core.sit("state")
    item = {"id": "e", **EVENT, "title": "Call"}
    await ics.done("calendar:put", items=[item])
    await person.done("calendar:edit", code="C1", set={"location": LINK.format(1, "A")})
    await ics.done("calendar:put", items=[item | {"location": LINK.format(2, "B")}])
    [event] = (await person.state())["calendar"]
    assert (event["location"], event["join_url"]) == ("Zoom", LINK.format(1, "A"))
    assert event["source_values"] == {"location": "Zoom", "join_url": LINK.format(2, "B")}


async def test_the_address_that_a_person_writes_takes_the_place_of_the_one_before(core: Core) -> None:
    person = await core.sit("state")
    await person.done(
        "calendar:put", items=[{"id": "e", **EVENT, "title": "Call", "join_url": LINK.format(1, "A")}]
    )
    await person.done("priorities:put", items=[{"id": "p", "title": "Join", "url": LINK.format(1, "A")}])
    await person.done("calendar:edit", code="C1", set={"location": LINK.format(2, "B")})
    await person.done("command:run", text=f'update P1 "Join {LINK.format(2, "B")}"')
    board = await person.state()
    assert [board["calendar"][0]["location"], board["calendar"][0]["join_url"]] == [
        "Zoom",
        LINK.format(2, "B"),
    ]
    assert [board["priorities"][0]["title"], board["priorities"][0]["url"]] == [
        "Join Zoom",
        LINK.format(2, "B"),
    ]
    await person.done("calendar:edit", code="C1", set={"title": "Board"})
    assert (await person.state())["calendar"][0]["join_url"] == LINK.format(2, "B")


async def test_a_task_without_an_address_keeps_its_numbers(core: Core) -> None:
    person = await core.sit("state")
    await person.done("command:run", text="add priority Set the PIN 4711 of the door")
    [item] = (await person.state())["priorities"]
    assert item["title"] == "Set the PIN 4711 of the door"
