"""Private sources of a running server: nothing of them in an answer of HTTP, a frame, a log or the audit; and
the settings that make them."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from sio_server.access import SetUpError, keep_private
from sio_server.clients import tokens
from sio_server.log.sqlite import SqliteLog
from sio_server.registry.privacy import PRIVATE, Policy
from sio_server.registry.roles import Role
from sio_server.settings import Settings, read
from tests.conftest import Serve
from tests.running import PythonClient

WORD = "Kestrel"
RECORD = {"id": WORD, "text": f"The {WORD} budget", "at": "2026-11-23"}
EVENT = {"id": WORD, "title": WORD, "start": "2026-11-23T12:00:00Z"}


async def test_no_byte_of_it_is_told_by_the_server(serve: Serve, tmp_path: Path) -> None:
    keys, audit = tmp_path / "tokens.json", tmp_path / "audit.jsonl"
    given = {
        name: tokens.add(keys, name, role, source)
        for name, role, source in (
            ("ana", Role.EDITOR, None),
            ("ben", Role.EDITOR, None),
            ("root", Role.ADMIN, None),
            ("c", Role.COLLECTOR, "ics:home"),
        )
    }
    server = await serve(
        f"--tokens={keys}", f"--audit={audit}", "--private=ics:home=ana", "--log-level=debug"
    )
    ana, ben, root = [
        await PythonClient(token=given[name], rooms=["state"]).connect(server.url)
        for name in ("ana", "ben", "root")
    ]
    home = await PythonClient(token=given["c"]).connect(server.url)
    await home.done("source:hello", ttl_s=60)
    codes = (await home.done("calendar:put", items=[EVENT]))["codes"]
    await home.done("records:put", records=[RECORD])
    assert (await ana.done("search:query", query="budget"))["total"] == 1
    await ana.done("command:run", text=f"update {codes[WORD]} {WORD} again")
    await ana.done("command:run", text=f"search {WORD}")
    seq = (await ana.request("priorities:put", items=[{"id": "last", "title": "Last"}]))["seq"]
    for one in (ben, root):
        await one.in_step(seq)
        assert (await one.done("search:query", query="budget"))["total"] == 0
    told = []
    async with aiohttp.ClientSession() as session:
        for path in ("/stats", "/metrics", "/health", "/ready", "/contract.json"):
            for name in ("ben", "root"):
                headers = {"Authorization": f"Bearer {given[name]}"}
                async with session.get(server.http_url + path, headers=headers) as response:
                    assert response.status == 200
                    told.append(await response.text())
    told += [str(ben.events), str(root.events)]
    await server.stop()
    told += [server.log_file.read_text(), audit.read_text()]
    assert [text for text in told if WORD in text] == []
    assert WORD in str(ana.events)


async def test_a_source_makes_itself_private_while_it_is_connected(serve: Serve, tmp_path: Path) -> None:
    """Also what the search process knows of it: its records, and its people."""
    keys = tmp_path / "tokens.json"
    given = [tokens.add(keys, name, Role.EDITOR, None) for name in ("ana", "ben")]
    feed = tokens.add(keys, "c", Role.COLLECTOR, "ics:home")
    server = await serve(f"--tokens={keys}")
    ana, ben = [await PythonClient(token=one, rooms=["state"]).connect(server.url) for one in given]
    home = await PythonClient(token=feed).connect(server.url)
    await home.done("source:hello", ttl_s=60)
    await home.done("people:put", items=[{"id": "i", "names": [f"Ida {WORD}"]}])
    await home.done("calendar:put", items=[EVENT])
    await home.done("records:put", records=[RECORD])
    assert (await ben.done("search:query", query="budget"))["total"] == 1
    await home.done("source:hello", ttl_s=60, visible_to=["ana"])
    assert (await ben.done("search:query", query="budget"))["total"] == 0
    assert (await ana.done("search:query", query="budget"))["total"] == 1
    assert (await ben.refused("records:get", id=f"ics:home/{WORD}"))["code"] == "not_found"
    assert WORD not in str(await ben.state())
    assert WORD in str(await ana.state())


async def test_whom_it_named_before_the_settings_made_it_private_is_in_no_directory(
    serve: Serve, tmp_path: Path
) -> None:
    keys = tmp_path / "tokens.json"
    ben_key = tokens.add(keys, "ben", Role.EDITOR, None)
    feed = tokens.add(keys, "c", Role.COLLECTOR, "imap:home")
    person = {"id": "i", "names": [f"Ida {WORD}"], "addresses": ["ida@example.org"]}
    suggest = {"text": "search from:Ida"}
    server = await serve(f"--tokens={keys}")
    home = await PythonClient(token=feed).connect(server.url)
    await home.done("source:hello", ttl_s=60)
    await home.done("people:put", items=[person])
    ben = await PythonClient(token=ben_key, rooms=["state"]).connect(server.url)
    assert WORD in str(await ben.done("command:suggest", **suggest))
    await server.stop()
    server = await serve(f"--tokens={keys}", "--private=imap:home=ana")
    home = await PythonClient(token=feed).connect(server.url)
    await home.done("source:hello", ttl_s=60)
    await home.done("people:put", items=[person])  # nor is whom it names since
    ben = await PythonClient(token=ben_key, rooms=["state"]).connect(server.url)
    await ben.done("priorities:put", items=[{"id": "p", "title": "Call", "assignee": "ida@example.org"}])
    assert WORD not in str(await ben.done("command:suggest", **suggest))
    assert WORD not in str(await ben.state())
    assert WORD not in str(await ben.done("state:since", since=0))


def settings(*flags: str, folder: Path) -> Settings:
    found = read([f"--data-dir={folder}", *flags], {})
    assert isinstance(found, Settings)
    return found


def test_the_store_remembers_what_is_private(tmp_path: Path) -> None:
    def private(*flags: str) -> dict[str, list[str]]:
        keep_private(log.meta, settings(*flags, folder=tmp_path))
        return {name: sorted(who) for name, who in Policy.read(log.meta.get(PRIVATE)).private.items()}

    tokens.add(tmp_path / "tokens.json", "ana", Role.EDITOR, None)
    log = SqliteLog(tmp_path, 100, 100)
    assert private("--private=ics:home=ana", "--private=mail=ana+bo") == {
        "ics:home": ["ana"],
        "mail": ["ana", "bo"],
    }
    assert private() == {"ics:home": ["ana"], "mail": ["ana", "bo"]}
    assert private("--public=mail") == {"ics:home": ["ana"]}
    with pytest.raises(SetUpError, match="by --private and by --public"):
        private("--private=mail=bo", "--public=mail")
    (tmp_path / "tokens.json").unlink()
    with pytest.raises(SetUpError, match="nobody is known"):
        private("--private=mail=bo")
    log.close()
