"""Private sources (registry/privacy, registry/veil, state/shown, clients/veiled_records, registry/named): no
byte of what one brings is seen by anybody but those it is for; all stay in step. Also clients/questions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from handlers import REGISTRY
from sio_server.registry.privacy import PRIVATE, Policy
from sio_server.registry.roles import Principal, Role
from tests.core.private import ANA, DEEP, HOME, NAME, NOON, OTHERS, SECRET, begin, feed
from tests.core.seats import Core, Seat
from tests.replica import SECTIONS, as_held, canonical

Json = Any


async def plant(core: Core, home: Seat) -> Seat:
    """The source brings its word in every way it can; Ana, who sees it, does what she can."""
    event: Json = {"id": SECRET, "title": f"{SECRET} {DEEP}", "start": NOON, "end": "2026-11-23T13:00:00Z"}
    event |= {"attendees": ["Ida Ross", SECRET], "location": DEEP, "description": f"Decide: {DEEP}"}
    await home.done("calendar:put", items=[event, event | {"id": f"{SECRET}2", "title": f"Other {SECRET}"}])
    todo: Json = {"id": SECRET, "title": f"Pay {SECRET} {DEEP}", "assignee": SECRET, "due_date": "2026-11-23"}
    await home.done("priorities:put", items=[todo, todo | {"id": "gone"}, todo | {"id": "kept"}])
    owe = {"id": SECRET, "description": f"{SECRET} {DEEP}", "assignee": DEEP, "direction": "owe"}
    await home.done("commitments:put", items=[owe])
    line = f"add priority Ask {SECRET} {DEEP}"
    proposal = {"id": SECRET, "line": line, "why": DEEP, "evidence": {"file": SECRET, "quote": SECRET}}
    await home.done("proposals:put", items=[proposal])
    record = {"id": SECRET, "text": f"The {SECRET} budget of {DEEP}", "title": DEEP, "at": NOON}
    await home.done("records:put", records=[record | {"meta": {"author": SECRET, "channel": DEEP}}])
    await home.done("people:put", items=[{"id": SECRET, "names": [SECRET], "addresses": [f"{SECRET}@x.org"]}])
    await home.done("source:progress", run=1, percent=40, message=DEEP)
    await home.done("source:finish", run=1, ok=False, error=DEEP, counts={SECRET: 3}, hash=DEEP)
    await home.done("priorities:drop", ids=["gone"])
    ana = await core.sit("state", who=ANA)
    own = {item["id"]: item["code"] for item in (await ana.state())["priorities"]}
    code = own[f"{HOME}/{SECRET}"]
    await ana.done("command:run", text=f"update {code} Pay {SECRET} {DEEP} twice | add priority What all see")
    await ana.done("command:run", text=f"approve {code}")
    await ana.done("command:run", text=f"reopen {code}")
    dropped = await ana.done("command:run", text=f"drop {own[f'{HOME}/kept']}")
    await ana.done("command:undo", of=dropped["undo"])
    await ana.done("brief:generate", kind="daily", mine=True, full=True)
    await ana.done("brief:generate", kind="daily", mine=False, full=True)
    await ana.done("command:run", text=f"search {SECRET}")
    return ana


PROBES: dict[str, list[Json]] = {
    "state:get": [{}, *({"sections": [name]} for name in REGISTRY.sections)],
    "state:subscribe": [
        {"rooms": [*REGISTRY.sections]},
        {"rooms": ["state"]},
        {"rooms": ["state"], "resume": {}},
    ],
    "state:sync": [{}, {"seq": 0}],
    "state:history": [
        *({"code": f"{letter}{number}", "limit": 100} for letter in "CPMA" for number in range(1, 8)),
        *({"code": f"P{number}", "seen": seen} for number in range(1, 8) for seen in (1, 5, 9)),
        *({"id": id} for id in (f"{HOME}/{SECRET}", SECRET, HOME, "system", "active", "brief")),
    ],
    "state:since": [{"since": since, "limit": 500} for since in (0, 1, 5)],
    "search:query": [{"query": query} for query in (SECRET, "budget", "", f"source:{HOME}", f"from:{SECRET}")]
    + [{"query": "", "source": HOME}, {"query": "bud*"}],
    "records:get": [{"id": f"{HOME}/{SECRET}"}, {"id": f"{HOME}/{SECRET}", "around": "budget"}],
    "search:stats": [{}],
    "stats:get": [{}],
    "brief:get": [{}, {"all": True}],
    "brief:generate": [
        {"kind": "daily", "full": True},
        {"kind": "weekly"},
        *(
            {"kind": "meeting", "code": f"C{number}", "mine": mine}
            for number in (1, 2)
            for mine in (True, False)
        ),
    ],
    "day:get": [{}, {"date": "2026-11-23"}],
    "command:run": [
        {"text": text}
        for text in (
            *(
                "status",
                "changes",
                "day",
                "day 2026-11-23",
                f"search {SECRET}",
                "search budget",
                "brief full",
            ),
            *("show S1", "show A1", f"show {HOME}/{SECRET}"),
            *("brief C1", "brief C1 for all", "add owe S1", f"assign P9 @{SECRET}", "undo"),
            *(
                f"{verb} {letter}{number}"
                for verb in ("approve", "drop", "reopen", "release")
                for letter in "PMA"
                for number in range(1, 7)
            ),
            *(f"snooze P{number} tomorrow" for number in range(1, 7)),
            *(f"due M{number} before C1" for number in range(1, 4)),
        )
    ]
    + [
        {"text": f"update P{number} words", "seen": seen, "dry": True}
        for number in range(1, 7)
        for seen in (1, 6)
    ],
    "command:suggest": [
        {"text": text}
        for text in (
            "",
            "approve ",
            "approve P",
            "P",
            "update P1 ",
            f"update P1 {SECRET[:3]}",
            f"approve {SECRET}",
            *("assign P1 ", "drop A", "brief C", "search ", f"assign P1 @{SECRET[:2]}", "release P2 "),
        )
    ],
    "command:undo": [{"of": f"@{number}"} for number in range(1, 30)],
    "source:hello": [{"ttl_s": 60, "formerly": [HOME]}, {"ttl_s": 60}],
    "source:forget": [{"source": HOME}],
    "collection:start": [{"sources": [HOME]}, {}],
    "proposals:approve": [{"code": "A1"}, {"id": f"{HOME}/{SECRET}"}],
}
for section, letter in (("calendar", "C"), ("priorities", "P"), ("commitments", "M"), ("proposals", "A")):
    codes = [f"{letter}{number}" for number in (1, 2, 3)]
    PROBES[f"{section}:drop"] = [
        *({"codes": [code], "seen": seen} for code in codes for seen in (1, 4, 100)),
        *({"codes": [code]} for code in codes),
        {"ids": [f"{HOME}/{SECRET}", SECRET]},
    ]
    PROBES[f"{section}:edit"] = [{"code": code, "seen": 1, "set": {"title": "x"}} for code in codes]
    PROBES[f"{section}:edit"] += [{"id": f"{HOME}/{SECRET}", "set": {"title": "x"}}]
    PROBES[f"{section}:release"] = [{"code": code, "seen": 1} for code in codes]
ASKED = PROBES | {event: [{}] for event in REGISTRY.requests if event not in PROBES}
LAST = ("source:forget",)
"""By an administrator it removes what the others are tried with."""


def found(seat: Seat) -> set[str]:
    sent = "".join(seat.line.sent)
    return {word for word in (SECRET, DEEP, NAME) if word.lower() in sent.lower()}


def may_find(who: Principal) -> set[str]:
    """An administrator sees that the source is there."""
    return {NAME} if who.role is Role.ADMIN else set()


@pytest.mark.parametrize("who", OTHERS, ids=lambda who: f"{who.key} {who.role}")
async def test_no_byte_of_it_reaches_anybody_else(core: Core, who: Principal) -> None:
    """In no patch, sync, answer or refusal, whatever they ask, and whenever they came."""
    await look_for_it(core, who, await begin(core))


@pytest.mark.parametrize("who", OTHERS[:3], ids=lambda who: who.actor)
async def test_no_byte_but_the_time_where_that_is_shown(core: Core, who: Principal) -> None:
    await look_for_it(core, who, await begin(core, busy=True))


async def look_for_it(core: Core, who: Principal, home: Seat) -> None:
    """Everything is asked by them, and nothing found."""
    reads = who.role is not Role.COLLECTOR and who.source is None
    rooms = [("state",), ("calendar", "priorities", "sources", "system")] if reads else [()]
    early = [await core.sit(*some, who=who, hz=hz) for some in rooms for hz in (None, 50)]
    ana = await plant(core, home)
    seats = [*early, *[await core.sit(*some, who=who) for some in rooms]]
    if reads:
        resume = {"epoch": core.state.epoch, "seq": 1}
        seats.append(await core.sit("state", who=who, resume=resume))
    asking = seats[-1]
    for event in [*ASKED.keys() - set(LAST), *LAST]:
        for payload in ASKED[event]:
            ack = await asking.ask(event, **payload)
            text = orjson.dumps(ack).decode()
            asked = orjson.dumps(payload).decode()
            assert DEEP not in text, (event, payload, ack)
            assert SECRET not in text or SECRET in asked, (event, payload, ack)
            assert NAME not in text or NAME in asked or NAME in may_find(who), (event, payload, ack)
    for one in seats:
        if one is not asking:
            await asyncio.sleep(0.03)  # what is held back comes
            one.read()
            assert found(one) <= may_find(who), one.line.sent
    assert found(ana) == {SECRET, DEEP, NAME}
    assert DEEP not in "".join(asking.line.sent)
    assert SECRET not in orjson.dumps(core.board.stats()).decode()


@pytest.mark.parametrize("busy", [False, True], ids=["hidden", "busy"])
@pytest.mark.parametrize("who", OTHERS[:3], ids=lambda who: who.actor)
async def test_everybody_stays_in_step(core: Core, who: Principal, busy: bool) -> None:
    """Whatever is hidden: seqs without gaps, and a copy that equals a fresh snapshot."""
    home = await begin(core, busy=busy)
    seats = [await core.sit("state", who=who), await core.sit("priorities", "sources", who=who)]
    slow = await core.sit("state", who=who, hz=50)
    ana = await plant(core, home)
    for seat in (*seats, slow):
        seat.read()
        state = (await seat.done("state:get"))["state"]
        rooms = SECTIONS if "state" in seat.replica.mine else ("priorities", "sources")
        assert canonical(seat.replica.held, rooms) == canonical(as_held(state), rooms)
    patches = seats[0].received("state:patch")
    assert [patch["seq"] for patch in patches] == [*range(patches[0]["seq"], core.state.seq + 1)]
    assert all(patch["prev"] == patch["seq"] - 1 for patch in patches)
    shown = [change for patch in patches for change in patch["changes"]]
    assert any(change.get("put", {}).get("title") == "What all see" for change in shown)
    assert {patch["cause"]["command"] for patch in patches if not patch["changes"]} == {"private"}
    # Whoever comes back with the position that these patches left gets what was missed, and nothing twice.
    last = patches[-1]
    resume = {name: last[name] for name in ("epoch", "seq", "mark")}
    await ana.done("priorities:put", items=[{"id": "n", "title": "New"}])
    again = await core.sit("state", who=who, resume=resume, strict=False)
    [sync] = again.received("state:sync")
    assert (sync["mode"], [patch["seq"] for patch in sync["patches"]]) == ("delta", [last["seq"] + 1])
    # Another's position proves another's past.
    theirs = {name: ana.received("state:patch")[-1][name] for name in ("epoch", "seq", "mark")}
    borrowed = await core.sit("state", who=who, resume=theirs, strict=False)
    assert borrowed.received("state:sync")[0]["mode"] == "snapshot"


async def test_those_it_is_for_see_it_all(core: Core) -> None:
    home = await begin(core)
    ana = await plant(core, home)
    state = await ana.state()
    assert {item["title"] for item in state["calendar"]} == {f"{SECRET} {DEEP}", f"Other {SECRET}"}
    assert [source["id"] for source in state["sources"]] == [HOME]
    assert (await ana.done("search:query", query=SECRET))["total"] == 1
    assert SECRET in (await ana.done("brief:get"))["text"]
    assert SECRET not in str((await ana.done("brief:get", all=True)) or "")
    assert await ana.done("state:history", id=f"{HOME}/{SECRET}")
    assert SECRET in str((await ana.done("state:since", since=0))["items"])


async def test_a_code_that_one_may_not_see_is_refused_as_one_that_never_was(core: Core) -> None:
    home = await begin(core)
    await home.done("priorities:put", items=[{"id": "a", "title": SECRET}, {"id": "b", "title": SECRET}])
    await home.done("priorities:drop", ids=["b"])
    ben = await core.sit("state", who=OTHERS[0])
    for event, more in (
        ("priorities:complete", {}),
        ("priorities:drop", {"codes": True}),
        ("state:history", {}),
        ("command:run", {"text": True}),
        ("priorities:edit", {"set": {"title": "x"}}),
    ):
        answers = []
        for code in ("P1", "P2", "P9"):
            for seen in (None, 1, 3):
                fields: Json = {"codes": [code]} if more.get("codes") else {"code": code}
                fields = {"text": f"approve {code}"} if more.get("text") else fields
                fields |= {} if seen is None else {"seen": seen}
                fields |= {"set": more["set"]} if "set" in more else {}
                error = await ben.refused(event, **fields)
                answers.append(orjson.dumps(error).decode().replace(code, "P"))
        assert len(set(answers)) == 1, (event, answers)


async def test_a_source_that_becomes_private_is_taken_off_others_boards_at_once(core: Core) -> None:
    home = await core.sit(who=feed(HOME))
    await home.done("source:hello", ttl_s=60)
    event = {"title": SECRET, "start": NOON, "end": "2026-11-23T13:00:00Z"}
    await home.done("calendar:put", items=[event | {"id": "a"}, event | {"id": "b"}])
    ben = await core.sit("state", who=OTHERS[0])
    assert SECRET in str((await ben.state())["conflicts"])
    await ben.done("brief:generate", kind="daily", full=True)
    await home.done("source:hello", ttl_s=60, visible_to=["ana"])
    state = await ben.state()
    assert (state["calendar"], state["conflicts"], state["sources"], state["active_brief"]) == (
        [],
        [],
        [],
        None,
    )
    assert NAME not in str(state)
    assert [sync["why"] for sync in ben.received("state:sync")] == ["first", "history"]
    assert ben.replica.mine["state"] == core.state.seq


async def test_it_stays_private_over_a_restart_and_when_the_source_is_forgotten(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        home = await begin(core)
        await plant(core, home)
        root = await core.sit("state", who=OTHERS[2])
        [source] = (await root.state())["sources"]
        assert (source["id"], source["message"], source["items"], source["dismissed"]) == (HOME, None, 0, [])
        for other in (OTHERS[0], OTHERS[1]):
            seat = await core.sit("state", who=other)
            assert (await seat.refused("command:run", text=f"forget {HOME}"))["code"] in (
                "not_found",
                "forbidden",
            )
            assert HOME not in str(await seat.done("command:suggest", text="forget i"))
        ana = await core.sit("state", who=ANA)
        assert (await ana.done("search:query", query=SECRET))["total"] == 1
        assert await root.done("source:forget", source=HOME) == {"removed": 0}, "it does not tell how many"
    async with Core(tmp_path) as core:
        await core.board.records.start()
        ben = await core.sit("state", who=OTHERS[0])
        assert (await ben.done("search:query", query=SECRET))["total"] == 0
        assert HOME not in (await ben.done("search:stats"))["by_source"]
        ana = await core.sit("state", who=ANA)
        assert (await ana.done("search:query", query=SECRET))["total"] == 1
        again = await core.sit(who=feed(HOME))
        await again.done("source:hello", ttl_s=60)
        await again.done("priorities:put", items=[{"id": "a", "title": SECRET}])
        assert found(ben) == set()


async def test_an_administrator_forgets_it_by_a_line_which_tells_nothing_of_it(core: Core) -> None:
    home = await begin(core)
    await home.done("priorities:put", items=[{"id": f"{SECRET}{n}", "title": SECRET} for n in "ab"])
    root, ben, ana = [await core.sit("state", who=who) for who in (OTHERS[2], OTHERS[0], ANA)]
    found = await root.done("command:suggest", text="forget ics")
    assert found["suggestions"] == [{"text": f"forget {HOME}", "help": ""}]
    assert f"Did you mean {HOME}?" in (await root.refused("command:run", text="forget heron"))["message"]
    planned = await root.done("command:run", text=f"forget {HOME}", dry=True)
    done = await root.done("command:run", text=f"forget {HOME}")
    for answer in (planned, done):
        [step] = answer["steps"]
        assert step["data"]["text"].startswith(f"{HOME} is removed. What it had is for those who see it")
        assert SECRET not in str(answer)
    assert [(await seat.state())["sources"] for seat in (root, ana)] == [[], []]
    assert (await ana.state())["priorities"] == []
    assert (await root.refused("command:run", text="undo"))["code"] == "invalid_state"
    assert "undo" not in done or (await root.refused("command:undo", of=done["undo"]))["code"] == "not_found"
    assert NAME not in str(ben.received("state:patch"))
    assert SECRET not in str(root.received("state:patch"))


async def test_who_may_make_a_source_private(core: Core) -> None:
    assert (await (await core.sit(who=ANA)).refused("source:hello", ttl_s=60, visible_to=["ana"]))["code"]
    nobody = Principal("source:x", "x", Role.COLLECTOR, "x")
    refused = await (await core.sit(who=nobody)).refused("source:hello", ttl_s=60, visible_to=["ana"])
    assert refused["code"] == "invalid_state"
    home = await begin(core)
    admin = await core.sit(who=Principal("k", "root", Role.ADMIN, HOME, token="token:root"))
    refused = await admin.refused("calendar:put", items=[], mode="replace", allow_empty=True)
    assert refused["code"] == "forbidden"
    await home.done("source:hello", ttl_s=60, visible_to=["ben"])
    assert core.state.privacy.hidden_from(ANA) == {HOME}
    kept = Policy.read(core.log.meta.get(PRIVATE)).set_by_server({HOME: frozenset({"ana"})}, frozenset())
    core.log.meta.put(PRIVATE, kept.text)
    core.state.privacy.policy = kept
    await home.done("source:hello", ttl_s=60, visible_to=["eve"])
    assert core.state.privacy.hidden_from(ANA) == set()


async def test_nothing_that_all_see_names_it(core: Core) -> None:
    home = await begin(core)
    ana = await plant(core, home)
    await ana.done("priorities:put", items=[{"id": "p", "title": "Public"}])
    code = (await ana.item("priorities", "p"))["code"]
    event = (await ana.item("calendar", f"{HOME}/{SECRET}"))["code"]
    [hit] = (await ana.done("command:run", text=f"search {SECRET}"))["steps"][0]["data"]["hits"]
    for line in (f"due {code} before {event}", f"add owe {hit['name']}", "approve A1"):
        error = await ana.refused("command:run", text=line)
        assert error["code"] == "invalid_state", (line, error)
