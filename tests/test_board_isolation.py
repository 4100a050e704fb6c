"""Nothing of one board is seen on another, whatever is asked there with its names (boards.py, figures.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from handlers import REGISTRY
from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.running import PythonClient, RunningServer
from tests.test_contract import GIVEN_BACK, OF_A_COLLECTION, OF_A_SOURCE, OF_ITS_ITEMS, REFUSED, SESSION

Json = Any

SECRET = "Falcon"
"""A word beside all that the board `ceo` has; nobody on `cfo` ever says it."""
NAMES = (
    "kestrel",
    "ics:kestrel",
    "ics:kestrel/kestrel",
    "owl",
    "P1",
    "A1",
    "token:kestrel",
    "ceo",
    "@1",
    "S1",
)
"""By what it could be found: ids, a source, a word of its texts, codes, a person, the board itself."""
MORE: tuple[tuple[str, Json], ...] = (
    ("boards:list", {}),
    ("source:forget", {"source": "ics:work"}),
    ("source:hello", {"formerly": ["x"]}),
)
TEXT = f"{SECRET} owl"


async def planted(server: RunningServer, admin: str, source: str) -> PythonClient:
    """The person on `ceo`, with the word in items, records, people, proposals, the brief and preferences."""
    person = await PythonClient(token=admin, board="ceo").connect(server.url)
    home = await PythonClient(token=source, board="ceo").connect(server.url)
    event = {"id": "kestrel", "title": TEXT, "start": "2026-11-23T09:00:00Z"}
    await home.done("source:hello", ttl_s=3600, modes=["quick"])
    for client in (person, home):
        await client.done("calendar:put", items=[event], op="kestrel")
        await client.done("priorities:put", items=[{"id": "kestrel", "title": TEXT}])
        await client.done("records:put", records=[{"id": "kestrel", "text": TEXT, "title": TEXT}])
        await client.done("people:put", items=[{"id": "kestrel", "names": [TEXT]}])
    line = {"id": "kestrel", "line": f"add priority {TEXT}", "why": TEXT, "evidence": {"quote": TEXT}}
    await home.done("proposals:put", items=[line])
    await person.done("brief:set", brief={"text": TEXT})
    await person.done("system:set", message=TEXT)
    await person.done("prefs:set", set={"name": TEXT})
    await person.done("command:run", text=f"update P1 {TEXT} | search owl", op="owl")
    return person


def with_names(payload: Json, name: str) -> Iterator[Json]:
    """The payload with this name in place of one of its texts, each in turn."""
    if isinstance(payload, str):
        yield name
    elif isinstance(payload, list):
        for index, one in enumerate(payload):
            for changed in with_names(one, name):
                yield [*payload[:index], changed, *payload[index + 1 :]]
    elif isinstance(payload, dict):
        for key, one in payload.items():
            for changed in with_names(one, name):
                yield payload | {key: changed}


ASKED = [*SESSION, *OF_A_SOURCE, *OF_ITS_ITEMS, *GIVEN_BACK, *OF_A_COLLECTION, *REFUSED, *MORE]


def test_every_request_is_tried() -> None:
    assert {event for event, _ in ASKED} == REGISTRY.requests.keys()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN, Role.COLLECTOR])
async def test_no_request_on_one_board_says_or_changes_anything_of_another(
    serve: Serve, tmp_path: Any, role: Role
) -> None:
    data_dir = tmp_path / "data" / "data"
    for name in ("ceo", "cfo"):
        (data_dir / "boards" / name).mkdir(parents=True)
    file = data_dir / "tokens.json"
    admin = tokens.add(file, "kestrel", Role.ADMIN, None, boards={"ceo": None})
    source = tokens.add(file, "feed", Role.COLLECTOR, "ics:kestrel", boards={"ceo": None, "cfo": None})
    own = source if role is Role.COLLECTOR else tokens.add(file, "bo", role, None, boards={"cfo": None})
    server = await serve("--token-rate=0", "--address-rate=0")
    person = await planted(server, admin, source)
    before = await person.done("state:get")
    heard = len(person.events)
    asker = await PythonClient(token=own, board="cfo").connect(server.url)
    answers = []
    for event, payload in ASKED:
        for name in NAMES:
            answers += [await asker.request(event, changed) for changed in with_names(payload, name)]
        answers.append(await asker.request(event, payload))
    assert SECRET not in json.dumps([answers, asker.events])
    assert await person.done("state:get") == before
    assert len(person.events) == heard
    told = [answer["data"] for answer in answers if answer["ok"] and "clients" in (answer["data"] or {})]
    assert all(stats["clients"]["total"] == 1 and not stats["totals"] for stats in told)
    for client in (person, asker):
        await client.disconnect()
