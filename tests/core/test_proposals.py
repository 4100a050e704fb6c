"""Proposals: what a source takes for likely, until a person approves, changes or drops it, or it expires
(handlers/proposals, commands/proposed)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.core.seats import DAY_S, Core, Seat, collector

Json = Any

NOTES, MAIL = collector("notes:work"), collector("mail:work")
DAYS = 14
QUOTE = {"file": "1-1.md", "line": 3, "quote": "Bo will send the numbers by Tuesday"}


def proposal(id: str, line: str = "add owed Bo: the numbers by 2026-12-01", **more: Json) -> Json:
    return {"id": id, "line": line, "why": "“will send” is a promise", "evidence": QUOTE} | more


async def put(seat: Seat, *items: Json, **fields: Json) -> Json:
    return await seat.done("proposals:put", items=list(items), **fields)


async def lines(seat: Seat) -> list[str]:
    return [f"{item['code']} {item['line']}" for item in (await seat.state())["proposals"]]


async def run(seat: Seat, text: str, **fields: Json) -> Json:
    return await seat.done("command:run", text=text, **fields)


async def test_an_approved_line_is_the_persons_own_and_keeps_its_evidence(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    assert (await put(notes, proposal("a")))["codes"] == {"a": "A1"}
    before = core.state.seq
    done = await run(person, "approve A1")
    assert core.state.seq == before + 1
    [step] = done["steps"]
    assert [(item["section"], item["code"]) for item in step["data"]["items"]] == [
        ("commitments", "M1"),
        ("proposals", "A1"),
    ]
    [owed] = (await person.state())["commitments"]["owed"]
    told = {name: owed[name] for name in ("description", "assignee", "due_date", "source", "evidence")}
    assert told == {
        "description": "the numbers",
        "assignee": "Bo",
        "due_date": "2026-12-01",
        "source": None,
        "evidence": QUOTE,
    }
    assert await lines(person) == []


async def test_what_notes_say_is_proposed_though_a_typed_line_would_be_refused(core: Core) -> None:
    notes, seat = await core.sit(who=NOTES), await core.sit("state")
    owed = {"id": "a", "description": "x", "direction": "owe", "assignee": "Ana Lopez"}
    await seat.done("commitments:put", items=[owed, owed | {"id": "b", "assignee": "Ana Silva"}])
    line = "add owed Ana: the numbers by 31 feb"
    error = (await seat.ask("command:run", text=line))["error"]
    assert error["code"] == "bad_request"
    assert (await put(notes, proposal("p", line)))["codes"] == {"p": "A1"}


async def test_undo_brings_the_proposal_back_and_takes_the_item_away(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await put(notes, proposal("a"), proposal("b", "add priority Sign"))
    await run(person, "approve A1 A2 | add priority Mine")
    await run(person, "undo")
    assert await lines(person) == ["A1 add owed Bo: the numbers by 2026-12-01", "A2 add priority Sign"]
    state = await person.state()
    assert (state["commitments"]["owed"], state["priorities"]) == ([], [])
    assert (await person.item("sources", "notes:work"))["items"] == 2
    assert (await put(notes, proposal("a"), proposal("b", "add priority Sign")))["unchanged"] == 2


async def test_what_was_approved_or_dropped_is_never_proposed_again(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        notes, person = await core.sit(who=NOTES), await core.sit("state")
        await put(notes, proposal("a"), proposal("b"), proposal("c"))
        await run(person, "approve A1 | drop A2")
        await put(notes, proposal("c"), mode="replace", run=7)  # the evidence is gone for a while
    async with Core(tmp_path) as core:
        notes, person = await core.sit(who=NOTES), await core.sit("state")
        again = [proposal("a"), proposal("b", "add owe Ana: another line"), proposal("c")]
        done = await put(notes, *again, mode="replace", run=8)
        assert (done["dismissed"], done["unchanged"]) == (2, 1)
        moved = [proposal("new", formerly=["a"]), proposal("other", formerly=["b"])]
        assert (await put(notes, *moved))["dismissed"] == 2
        assert await lines(person) == ["A3 add owed Bo: the numbers by 2026-12-01"]


async def test_a_change_of_the_line_is_the_persons_and_its_source_does_not_overwrite_it(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await put(notes, proposal("a"))
    await run(person, "update A1 add owe Bo: the draft by 2026-12-24")
    assert (await put(notes, proposal("a", doubt=10)))["changed"] == 1
    assert await lines(person) == ["A1 add owe Bo: the draft by 2026-12-24"]
    await run(person, "approve A1")
    [owe] = (await person.state())["commitments"]["owe"]
    assert (owe["description"], owe["due_date"]) == ("the draft", "2026-12-24")


async def test_a_line_that_changes_an_item_names_it_by_its_id(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await notes.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    about = {"section": "priorities", "id": "p"}
    items = [proposal("a", "complete", about=about), proposal("b", "update Sign it", about=about)]
    await put(notes, *items)
    assert await lines(person) == ["A1 complete P1", "A2 update P1 Sign it"]
    await run(person, "approve A1")
    [priority] = (await person.state())["priorities"]
    assert (priority["status"], priority["held"]) == ("done", ["status"])
    assert (await put(notes, *items))["unchanged"] == 1


async def test_a_proposal_whose_item_changed_meanwhile_is_stale(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await person.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    item = proposal("a", "complete", about={"section": "priorities", "id": "p"})
    await put(notes, item)
    seen = core.state.seq
    await run(person, "update P1 Burn")
    for told in ({}, {"seen": seen}, {"seen": core.state.seq}):
        error = await person.refused("command:run", text="approve A1", **told)
        assert error["code"] == "stale_target"
        assert error["details"]["now"] == "Burn"
    await put(notes, item)  # its source holds to it
    assert (await person.refused("command:run", text="approve A1", seen=seen))["code"] == "stale_target"
    await run(person, "approve A1", seen=core.state.seq)


async def test_a_proposal_whose_item_is_gone_is_stale_and_so_is_one_whose_code_another_has(
    core: Core,
) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await person.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    await put(notes, proposal("a", "complete", about={"section": "priorities", "id": "p"}))
    await run(person, "drop P1")
    assert (await person.refused("command:run", text="approve A1"))["code"] == "stale_target"
    core.clock.now_s += 2 * DAY_S
    assert (await person.refused("command:run", text="approve A1"))["code"] == "stale_target"
    await person.done("priorities:put", items=[{"id": "q", "title": "Pay"}])
    assert (await person.state())["priorities"][0]["code"] == "P1"
    assert (await person.refused("command:run", text="approve A1"))["code"] == "stale_target"


async def test_a_proposal_that_its_source_changed_since_it_was_seen_is_stale(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await put(notes, proposal("a"))
    seen = core.state.seq
    await put(notes, proposal("a", "add owed Bo: all the money"))
    assert (await person.refused("command:run", text="approve A1", seen=seen))["code"] == "stale_target"
    await run(person, "approve A1", seen=core.state.seq)


async def test_it_expires_by_the_time_that_the_store_was_served(core: Core) -> None:
    notes, person = await core.sit(who=NOTES), await core.sit("state")
    await put(notes, proposal("a"))
    core.clock.wall_jump_s = 400 * DAY_S
    core.clock.now_s += DAYS * DAY_S - 1
    await core.hub.tick()
    assert len(await lines(person)) == 1
    core.clock.now_s += 1
    await core.hub.tick()
    assert await lines(person) == []
    assert (await put(notes, proposal("a")))["dismissed"] == 1
    assert (await person.item("sources", "notes:work"))["items"] == 0


async def test_of_a_source_only_the_least_doubtful_wait_and_what_is_left_out_is_counted(core: Core) -> None:
    notes, mail, person = await core.sit(who=NOTES), await core.sit(who=MAIL), await core.sit("state")
    many = [proposal(f"n{doubt}", f"add priority {doubt}", doubt=doubt) for doubt in range(60, 0, -1)]
    done = await put(notes, *many, mode="replace")
    assert (done["added"], done["left_out"], len(done["codes"])) == (50, 10, 50)
    assert (await put(mail, proposal("m")))["added"] == 1
    texts = [item["line"] for item in (await person.state())["proposals"]]
    assert texts[:2] == ["add priority 1", "add priority 2"]
    assert len(texts) == 51
    done = await put(notes, proposal("better", doubt=0))
    assert (done["added"], done["removed"]) == (1, 1)
    assert (await person.item("sources", "notes:work"))["items"] == 50
    assert "dismissed" not in await put(notes, *many, mode="replace")  # left out is not dismissed
