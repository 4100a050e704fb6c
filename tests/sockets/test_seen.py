"""What changed since a person looked, over real sockets: on all their devices, also after kill -9; authors by
their names (state/sentences, people/authors)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.running import PythonClient, RunningServer

Json = Any

ITEMS = {
    "calendar": [{"id": "m", "title": "Board call", "start": "2026-12-01T07:00:00Z"}],
    "priorities": [
        {"id": id, "title": title}
        for id, title in (("a", "Sign"), ("b", "Hire"), ("c", "Pay"), ("d", "File"))
    ],
}


@pytest.fixture
async def server(serve: Serve) -> RunningServer:
    return await serve("--tz=UTC", "--me=Ana Silva <ana@example.org>")


@pytest.fixture
async def bo(connect: Connect) -> PythonClient:
    """Somebody who works on the board while others are away."""
    bo = await connect(client="bo", tz="UTC")
    for section, items in ITEMS.items():
        await bo.done(f"{section}:put", items=items)
    return bo


async def looks(client: PythonClient) -> Json:
    """Looks at the board as it is now."""
    seq = (await client.request("state:ping"))["seq"]
    return await client.done("seen:set", seq=seq)


async def work(bo: PythonClient) -> None:
    """All that may happen to an item."""
    await bo.done("calendar:edit", code="C1", set={"start": "2026-12-01T08:30:00Z"})
    await bo.done("command:run", text="approve P1 | drop P2 | assign P3 Cy Lee | due P4 2026-12-04")
    await bo.done("command:run", text="add owe Send the deck")


SENTENCES = {
    "C1 “Board call” moved from Tue 1 Dec 08:00 to 09:30, by bo.",
    "P1 “Sign” is done, by bo.",
    "P2 “Hire” is gone, by bo.",
    "P3 “Pay” is now Cy Lee's, by bo.",
    "P4 “File” changed: due date Fri 4 Dec (was none), by bo.",
    "M1 “Send the deck” is new, by bo.",
}


async def test_what_changed_since_i_looked_is_told_on_every_device_in_sentences(
    server: RunningServer, connect: Connect, bo: PythonClient
) -> None:
    desk, phone, cy = [
        await connect(client=client, person=person, tz="Europe/Berlin")
        for client, person in (("desk", "ana"), ("phone", "ana"), ("cy", None))
    ]
    first = await desk.done("state:since")
    assert (first["items"], first["seen_at"], first["complete"]) == ([], None, True)
    told = await looks(desk)
    assert await phone.wait_for("seen:changed") == told == await phone.done("seen:get")
    assert await cy.done("seen:get") == {"seq": None, "at": None}
    await work(bo)
    await server.restart()
    back, cy = [
        await connect(client=client, person=person, tz="Europe/Berlin")
        for client, person in (("tablet", "ana"), ("cy", None))
    ]
    since = await back.done("state:since")
    assert (since["since"], since["seen_at"]) == (told["seq"], told["at"])
    assert {item["text"] for item in since["items"]} == SENTENCES
    assert (await cy.done("state:since"))["items"] == []
    older = await back.done("seen:set", seq=0)
    assert older == told  # nobody un-sees
    await looks(back)
    assert (await back.done("state:since"))["items"] == []


async def test_the_command_changes_tells_it_once(connect: Connect, bo: PythonClient) -> None:
    ana = await connect(client="ana", tz="Europe/Berlin")

    async def changes(**more: Json) -> Json:
        [step] = (await ana.done("command:run", text="changes", **more))["steps"]
        return step["data"]

    assert await changes() == {"changes": [], "seen_at": None, "complete": True}
    await work(bo)
    assert {one["text"] for one in (await changes(dry=True))["changes"]} == SENTENCES
    told = await changes(op="mine")
    assert {one["text"] for one in told["changes"]} == SENTENCES
    assert told["seen_at"] is not None
    assert (await changes())["changes"] == []
    assert await changes(op="mine") == told  # asked again after a lost answer


async def test_changes_tells_all_and_what_is_not_told_does_not_count_as_seen(
    connect: Connect, bo: PythonClient
) -> None:
    ana = await connect(client="ana", tz="Europe/Berlin")

    async def changes() -> Json:
        [step] = (await ana.done("command:run", text="changes"))["steps"]
        return step["data"]

    await bo.done("priorities:put", items=[{"id": "a", "title": "Sign the budget"}])
    await changes()
    await bo.done("priorities:edit", code="P1", set={"title": "Burn the budget"})
    await bo.done("priorities:put", items=[{"id": "b", "title": "Hire Bea"}])
    for number in range(60):
        await bo.done("priorities:put", items=[{"id": f"n{number}", "title": f"One {number}"}])
    for code in ("P1", "P2"):  # what was changed early and again late is told with all that changed
        await bo.done("priorities:edit", code=code, set={"urgency": "high"})
    whole = await changes()
    titles = [one["title"] for one in whole["changes"]]
    assert sorted(titles) == sorted(["Burn the budget", "Hire Bea", *(f"One {n}" for n in range(60))])
    assert "left_out" not in whole
    many = [{"id": f"m{number}", "title": f"Many {number}"} for number in range(1_001)]
    await bo.done("priorities:put", items=many)
    assert [(part["left_out"], len(part["changes"])) for part in (await changes(), await changes())] == [
        (1, 1_000)
    ] * 2
    await ana.done("command:run", text="seen")
    assert (await changes())["changes"] == []


async def test_a_position_that_the_server_does_not_have_yet_cannot_have_been_seen(connect: Connect) -> None:
    ana = await connect(client="ana")
    error = await ana.refused("seen:set", seq=10_000)
    assert (error["code"], error["retry"]) == ("bad_request", "resync")
    source = await connect(source="ics:work")
    assert (await source.refused("seen:set", seq=0))["code"] == "forbidden"


async def test_authors_have_names(connect: Connect) -> None:
    page = {"client": "dashboard-da78"}
    watcher = await connect(client="watcher")
    seq = (await watcher.request("state:ping"))["seq"]
    expected = {}
    for number, (auth, name) in enumerate(
        (
            (page | {"person": "local"}, "Ana Silva"),
            (page, "someone at the dashboard"),
            (page | {"person": "Bo Chen"}, "Bo Chen"),
            ({"client": "cy"}, "cy"),
            ({}, "Ana Silva"),
            ({"source": "ics:work"}, "work (ICS)"),
            ({"client": "m1", "source": "mail"}, "mail"),
        )
    ):
        client = await connect(**auth)
        put = await client.done("priorities:put", items=[{"id": f"p{number}", "title": "Sign"}])
        expected[next(iter(put["codes"].values()))] = name
    di = await connect(client="dashboard-0001", person="di")
    await di.done("prefs:set", set={"name": "Di Marsh"})
    await di.done("command:run", text="add priority Call")
    expected["P8"] = "Di Marsh"
    told = await watcher.done("state:since", since=seq)
    assert {item["code"]: item["name"] for item in told["items"]} == expected
    for code, name in expected.items():
        [entry] = (await watcher.done("state:history", code=code))["entries"]
        assert entry["cause"].get("name", entry["cause"]["actor"]) == name
        [cause] = [
            patch["cause"] for patch in watcher.received("state:patch") if patch["seq"] == entry["seq"]
        ]
        assert cause == entry["cause"]


async def test_a_conflict_and_a_brief_name_the_author(connect: Connect, bo: PythonClient) -> None:
    page = await connect(client="dashboard-da78", person="local")
    undo = (await bo.done("command:run", text="due P1 2026-12-04"))["undo"]
    await page.done("command:run", text="due P1 2026-12-05")
    brief = await page.done("brief:set", brief={"title": "Lunch"})
    assert (brief["author"], brief["author_name"]) == ("dashboard-da78", "Ana Silva")
    error = await bo.refused("command:undo", of=undo)
    assert "changed by Ana Silva" in error["message"]
    assert (error["details"]["by"], error["details"]["name"]) == ("dashboard-da78", "Ana Silva")


async def test_a_token_has_its_name_until_its_person_says_another(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    secret = tokens.add(file, "ana's laptop", Role.EDITOR, None)
    server = await serve(f"--tokens={file}", name="guarded")
    ana = await connect(url=server.url, token=secret, client="dashboard-da78")
    names = []
    for name in (None, "Ana"):
        await ana.done("prefs:set", set={"name": name, "tz2": "Asia/Tokyo"})
        await ana.done("command:run", text="add priority Sign")
        names.append((await ana.done("state:since", since=0))["items"][0]["name"])
    assert names == ["ana's laptop", "Ana"]


SECRETS = ("hush-password", "88 11 22 33", "hush-token", "hush-room")
JOINED = {
    "id": "m",
    "title": "Board call",
    "start": "2027-03-28T07:00:00Z",
    "end": "2027-03-28T08:00:00Z",
    "location": "https://acme.zoom.us/j/88112233?pwd=hush-password",
    "description": "Agenda: https://teams.microsoft.com/l/meetup-join/hush-room?x=1\nPasscode: hush-token\n"
    "Meeting ID: 88 11 22 33",
    "join_url": "https://acme.zoom.us/j/88112233?pwd=hush-password",
}


async def test_what_opens_a_meeting_is_in_no_sentence_and_no_brief(connect: Connect) -> None:
    ana = await connect(client="ana", tz="Europe/Berlin")
    await ana.done(
        "calendar:put", items=[JOINED | {"location": "Room 5", "join_url": None, "description": None}]
    )
    await looks(ana)
    await ana.done("calendar:put", items=[JOINED])
    since = await ana.done("state:since")
    told = [item["text"] for item in since["items"]]
    assert len(told) == 1
    assert "location" in told[0]
    day = await ana.done("day:get", date="2027-03-28")
    assert [one["code"] for one in day["meetings"]] == ["C1"]
    texts = [*told, str(day)]
    for line in ("changes", "day 28 mar 2027", "brief C1", "brief full C1", "brief weekly"):
        [step] = (await ana.done("command:run", text=line))["steps"]
        data = step["data"]
        texts += [str(data.get("text")), *(one["text"] for one in data.get("changes", ()))]
    assert not [(secret, text) for secret in SECRETS for text in texts if secret in text]


async def test_the_command_seen_counts_what_is_there_as_looked_at_and_tells_other_devices(
    connect: Connect,
) -> None:
    laptop, phone = [await connect(client=name, person="ana") for name in ("laptop", "phone")]
    await (await connect(client="bo")).done("command:run", text="add priority Sign the lease")
    [step] = (await laptop.done("command:run", text="seen"))["steps"]
    assert step["data"]["text"].startswith("What is on the board now counts as seen")
    assert await phone.wait_for("seen:changed") == await laptop.done("seen:get")
    [step] = (await laptop.done("command:run", text="changes"))["steps"]
    assert step["data"]["changes"] == []
