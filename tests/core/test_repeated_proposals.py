"""What several texts or sources say is one proposal, and is decided once (handlers/proposals)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.core.private import ANA, begin
from tests.core.seats import DAY_S, Core, Seat, collector

Json = Any

MAIL, SLACK, NOTES = collector("mail:work"), collector("slack:acme"), collector("notes:work")
LINE = "add owe Bo: send the numbers"


def said(
    id: str, day: str = "2026-11-20", who: str = "Bo Berg", mark: str = "send numbers", **more: Json
) -> Json:
    evidence = {"file": f"records/x/{id}", "quote": f"{id}: could you send the numbers?"}
    task = {"mark": mark, "who": who, "day": day}
    return {"id": id, "line": LINE, "why": "Bo asks for it", "evidence": evidence, "task": task}


async def put(seat: Seat, *items: Json, **fields: Json) -> Json:
    return await seat.done("proposals:put", items=list(items), **fields)


async def run(seat: Seat, text: str) -> Json:
    return await seat.done("command:run", text=text)


async def shown(seat: Seat) -> dict[str, str | None]:
    """The code of each proposal, and that of the one that it repeats."""
    items = (await seat.state())["proposals"]
    codes = {item["id"]: item["code"] for item in items}
    return {item["code"]: item["same_as"] and codes[item["same_as"]] for item in items}


async def test_two_sources_that_say_the_same_propose_it_once_with_both_evidences(core: Core) -> None:
    mail, slack, person = await core.sit(who=MAIL), await core.sit(who=SLACK), await core.sit("state")
    await put(mail, said("m"), said("other", mark="book room"))
    await put(slack, said("s", day="2026-12-01"), said("ana", who="Ana"))
    assert await shown(person) == {"A1": None, "A2": None, "A3": "A1", "A4": None}
    evidences = [item["evidence"]["file"] for item in (await person.state())["proposals"]]
    assert {"records/x/m", "records/x/s"} <= {*evidences}
    await put(mail, said("m"), said("m2"))  # in another thread
    assert (await shown(person))["A5"] == "A1"
    await put(mail, said("other", mark="book room"), mode="replace")  # the first mails were deleted
    assert await shown(person) == {"A2": None, "A3": None, "A4": None}


async def test_what_was_decided_of_one_is_decided_of_all_and_is_not_proposed_again(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        mail, slack, person = await core.sit(who=MAIL), await core.sit(who=SLACK), await core.sit("state")
        await put(mail, said("m"))
        await put(slack, said("s"), said("s2", mark="book room"))
        await run(person, "approve A1")
        assert await shown(person) == {"A3": None}
        assert len((await person.state())["commitments"]["owe"]) == 1
        await run(person, "undo")
        assert await shown(person) == {"A1": None, "A2": "A1", "A3": None}
        assert (await person.item("sources", "slack:acme"))["dismissed"] == []
        await run(person, "drop A2 A3")
        await put(mail, mode="replace", allow_empty=True)
    async with Core(tmp_path) as core:
        mail, notes, person = await core.sit(who=MAIL), await core.sit(who=NOTES), await core.sit("state")
        for seat in (mail, notes):
            done = await put(
                seat, said("new", day="2026-12-04"), said("s2", mark="book room", day="2026-11-06")
            )
            assert (done["added"], done["dismissed"]) == (0, 2)
        assert await shown(person) == {}
        await put(notes, said("next", day="2026-12-05"))  # more than 14 days later it is another request
        assert len(await shown(person)) == 1


async def test_both_cannot_be_carried_out_in_one_line(core: Core) -> None:
    mail, slack, person = await core.sit(who=MAIL), await core.sit(who=SLACK), await core.sit("state")
    await put(mail, said("m"))
    await put(slack, said("s"))
    _, second = (await run(person, "approve A1 | approve A2"))["steps"]
    assert second["error"]["message"] == "A2 was removed by an earlier step."
    assert len((await person.state())["commitments"]["owe"]) == 1


async def test_what_nobody_decided_expires_as_one(core: Core) -> None:
    mail, slack, person = await core.sit(who=MAIL), await core.sit(who=SLACK), await core.sit("state")
    await put(mail, said("m"))
    core.clock.now_s += 10 * DAY_S
    await put(slack, said("s"))
    core.clock.now_s += 4 * DAY_S
    await core.hub.tick()
    assert await shown(person) == {}
    assert (await put(slack, said("s")))["dismissed"] == 1


async def test_what_is_private_is_not_joined_with_what_others_see(core: Core) -> None:
    home, mail = await begin(core), await core.sit(who=MAIL)
    person = await core.sit("state", who=ANA)
    await put(home, said("h"), said("h2"))
    await put(mail, said("m"))
    assert await shown(person) == {"A1": None, "A2": "A1", "A3": None}
    await run(person, "drop A1")
    assert await shown(person) == {"A3": None}
    assert (await put(mail, said("m2")))["added"] == 1
    assert (await put(home, said("h3")))["dismissed"] == 1
