"""Bad items in a put: each is rejected with its place and reason, and the good ones beside it go in."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.abuse.arena import COMMITMENT, EVENT, PRIORITY, VALUE, Arena
from tests.abuse.raw import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD: dict[str, dict[str, Any]] = {"calendar": EVENT, "priorities": PRIORITY, "commitments": COMMITMENT}
ids = count(1)

Item = Any
NOT_OBJECTS: dict[str, Item] = {
    "null": None,
    "a text": VALUE,
    "a number": 1,
    "a list": [VALUE],
    "a boolean": True,
}

# What is other than in a good item of the section, and the path of the fault.
ITEMS: dict[str, tuple[str, dict[str, Item], str]] = {
    "no title": ("priorities", {"title": ...}, "title"),
    "an empty title": ("priorities", {"title": ""}, "title"),
    "a blank title": ("priorities", {"title": "  "}, "title"),
    "a title of 10,001 characters": ("priorities", {"title": VALUE + "t" * 9_995}, "title"),
    "a title with a line break": ("priorities", {"title": f"{VALUE}\nb"}, "title"),
    "a title with a NUL": ("priorities", {"title": f"{VALUE}\0"}, "title"),
    "a title with an escape": ("priorities", {"title": f"\x1b[31m{VALUE}"}, "title"),
    "a title that is a number": ("priorities", {"title": 5}, "title"),
    "a note with a bell": ("priorities", {"note": f"{VALUE}\a"}, "note"),
    "a note of 16,001 characters": ("priorities", {"note": "n" * 16_001}, "note"),
    "an urgency that there is not": ("priorities", {"urgency": VALUE}, "urgency"),
    "an urgency in capitals": ("priorities", {"urgency": "HIGH"}, "urgency"),
    "a status that there is not": ("priorities", {"status": VALUE}, "status"),
    "a rank below zero": ("priorities", {"rank": -1}, "rank"),
    "a rank above a million": ("priorities", {"rank": 1_000_001}, "rank"),
    "a rank of 2^63": ("priorities", {"rank": 2**63}, "rank"),
    "a rank of a hundred digits": ("priorities", {"rank": 10**99}, "rank"),
    "a rank that is a text": ("priorities", {"rank": "1"}, "rank"),
    "a rank that is a boolean": ("priorities", {"rank": True}, "rank"),
    "a rank with a fraction": ("priorities", {"rank": 1.5}, "rank"),
    "a code of its own": ("priorities", {"code": "P1"}, "code"),
    "a source of its own": ("priorities", {"source": "ics:other"}, "source"),
    "a revision of its own": ("priorities", {"rev": 99}, "rev"),
    "a held of its own": ("priorities", {"held": ["title"]}, "held"),
    "a field that there is not": ("priorities", {"zz": VALUE}, "zz"),
    "the field __proto__": ("priorities", {"__proto__": {"admin": True}}, "__proto__"),
    "the field constructor": ("priorities", {"constructor": VALUE}, "constructor"),
    "the field model_dump": ("priorities", {"model_dump": VALUE}, "model_dump"),
    "an address that is none": ("priorities", {"url": VALUE}, "url"),
    "an address of JavaScript": ("priorities", {"url": f"javascript:{VALUE}"}, "url"),
    "an address with a space": ("priorities", {"url": f"https://a b/{VALUE}"}, "url"),
    "a due date that is a word": ("priorities", {"due_date": VALUE}, "due_date"),
    "a due date that there is not": ("priorities", {"due_date": "2026-02-30"}, "due_date"),
    "a due date in other digits": ("priorities", {"due_date": "２０２６-11-23"}, "due_date"),
    "a due date that is a number": ("priorities", {"due_date": 1_795_000_000}, "due_date"),
    "no direction": ("commitments", {"direction": ...}, "direction"),
    "a direction that there is not": ("commitments", {"direction": VALUE}, "direction"),
    "a description that is null": ("commitments", {"description": None}, "description"),
    "no start": ("calendar", {"start": ...}, "start"),
    "a start without a zone": ("calendar", {"start": "2026-11-23T09:00:00"}, "start"),
    "a start that is no time": ("calendar", {"start": "2026-11-23T25:61:00Z"}, "start"),
    "a start with a zone that there is not": ("calendar", {"start": "2026-11-23T09:00:00+99:99"}, "start"),
    "a start with a zone's name": ("calendar", {"start": "2026-11-23T09:00:00 Europe/Zurich"}, "start"),
    "a start in the year 9999": ("calendar", {"start": "9999-12-31T23:59:59Z"}, "start"),
    "a start in the year 0": ("calendar", {"start": "0000-01-01"}, "start"),
    "a start before time": ("calendar", {"start": "-001-01-01T00:00:00Z"}, "start"),
    "a start with a line break": ("calendar", {"start": "2026-11-23T09:00:00Z\n"}, "start"),
    "a leap second": ("calendar", {"start": "2016-12-31T23:59:60Z"}, "start"),
    "an end before the start": ("calendar", {"end": "2026-11-23T08:59:59Z"}, "end"),
    "an end that is a date": ("calendar", {"end": "2026-11-24"}, "end"),
    "all day at an hour": ("calendar", {"all_day": True}, "all_day"),
    "attendees that are a text": ("calendar", {"attendees": VALUE}, "attendees"),
    "an attendee that is a number": ("calendar", {"attendees": ["a", 1]}, "attendees.1"),
    "an attendee that is empty": ("calendar", {"attendees": [""]}, "attendees.0"),
    "501 attendees": ("calendar", {"attendees": ["a"] * 501}, "attendees"),
    "important that is a text": ("calendar", {"important": "yes"}, "important"),
    "important that is a number": ("calendar", {"important": 1}, "important"),
}

IDS: dict[str, Item] = {
    "no id": ...,
    "null": None,
    "a number": 7,
    "a list": ["x"],
    "empty": "",
    "256 characters": "i" * 256,
    "a NUL": "a\0b",
    "a line break": "a\nb",
    "a semicolon": "a;b",
    "a slash": "a/b",
    "another source's": "ics:work/e1",
    "percent": "%2e%2e",
    "a dot": ".",
    "two dots": "..",
    "a space before": " a",
    "a space after": "a ",
    "a no-break space": "a\xa0b",
    "NFD": "e\u0301",
    "a zero-width joiner": "a\u200db",
    "a zero-width space": "a\u200bb",
    "a right-to-left override": "a\u202eb",
    "a byte order mark": "\ufeffa",
    "a private character": "a\ue000",
    "an unassigned character": "a\U000e0080",
}


@pytest.mark.parametrize("item", NOT_OBJECTS.values(), ids=NOT_OBJECTS)
@pytest.mark.parametrize("section", GOOD)
async def test_what_is_no_object_is_rejected(arena: Arena, section: str, item: Item) -> None:
    await check_rejected(arena, section, item, "")


@pytest.mark.parametrize(("section", "other", "path"), ITEMS.values(), ids=ITEMS)
async def test_a_bad_item_is_rejected_with_its_place(
    arena: Arena, section: str, other: dict[str, Item], path: str
) -> None:
    item = GOOD[section] | other | {"id": f"bad-{next(ids)}"}
    await check_rejected(arena, section, {k: v for k, v in item.items() if v is not ...}, path)


@pytest.mark.parametrize("section", GOOD)
@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
async def test_an_id_that_could_be_taken_for_another_is_rejected(
    arena: Arena, section: str, id: Item
) -> None:
    item: dict[str, Item] = GOOD[section] | {"id": id}
    await check_rejected(arena, section, {k: v for k, v in item.items() if v is not ...}, "id")


async def test_of_two_items_with_one_id_the_first_goes_in(arena: Arena) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        twice = [{"id": "twice", "title": "first"}, {"id": "twice", "title": "second"}]
        data = (await session.ask("priorities:put", {"items": twice}))["data"]
        assert (data["added"], [fault["index"] for fault in data["rejected"]]) == (1, [1])
        assert (data["rejected"][0]["path"], data["rejected"][0]["id"]) == ("id", "twice")
        found = [item for item in (await arena.witness.state())["priorities"] if item["id"] == "twice"]
        assert [item["title"] for item in found] == ["first"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("case", "Case"), ("a", "а"), ("x y", "xy"), ("é", "e"), ("Å", "A"), ("straße", "strasse"), ("ﬁ", "fi")],
)
async def test_ids_that_look_alike_are_two_items(arena: Arena, one: str, other: str) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        items = [{"id": f"{id}-alike", "title": id} for id in (one, other)]
        data = (await session.ask("priorities:put", {"items": items}))["data"]
        assert len(set(data["codes"].values())) == 2


async def test_a_replace_with_a_bad_item_does_not_remove_what_the_bad_item_may_be(arena: Arena) -> None:
    async with arena.unharmed(), arena.attacker(source="ics:careful") as session:
        items = [EVENT | {"id": id} for id in ("a", "b", "c")]
        assert (await session.ask("calendar:put", {"items": items, "mode": "replace"}))["ok"]
        for bad in (EVENT | {"id": "b", "start": "?"}, {"start": "?"}, None):
            data = (
                await session.ask("calendar:put", {"items": [items[0], items[2], bad], "mode": "replace"})
            )["data"]
            assert (data["removed"], len(data["rejected"])) == (0, 1)


async def test_all_items_bad_is_no_empty_replace(arena: Arena) -> None:
    async with arena.unharmed(), arena.attacker(source="ics:broken") as session:
        assert (await session.ask("calendar:put", {"items": [EVENT], "mode": "replace"}))["ok"]
        for items in ([{"id": "x"}, 1], [{"id": "e2", "start": "?"}], [None]):
            data = (await session.ask("calendar:put", {"items": items, "mode": "replace"}))["data"]
            assert (data["removed"], len(data["rejected"])) == (0, len(items))


async def check_rejected(arena: Arena, section: str, item: Item, path: str) -> None:
    """The item is rejected at index 1; what stands before and behind it goes in."""
    good = [GOOD[section] | {"id": f"good-{next(ids)}"} for _ in range(2)]
    async with arena.unharmed(), arena.attacker() as session:
        ack = await session.ask(f"{section}:put", {"items": [good[0], item, good[1]]})
        assert ack["ok"], ack
        data = ack["data"]
        assert (data["added"], [fault["index"] for fault in data["rejected"]]) == (2, [1])
        fault = data["rejected"][0]
        assert (fault["path"], bool(fault["message"])) == (path, True), fault
        assert VALUE not in dump(ack)
        if isinstance(item, dict) and str(item.get("id", "")).startswith("bad-"):
            assert fault["id"] == item["id"]
            with_id = await session.ask(f"{section}:drop", {"ids": [item["id"]]})
            assert with_id["data"] == {"removed": 0}
        dropped = await session.ask(f"{section}:drop", {"ids": [given["id"] for given in good]})
        assert dropped["data"] == {"removed": 2}
