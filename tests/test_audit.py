"""The audit file: who connected, left, was refused, and who changed what (sio_server/audit)."""

from __future__ import annotations

import json
from pathlib import Path

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.running import PythonClient, until


async def test_it_says_who_connected_failed_and_changed_what(serve: Serve, tmp_path: Path) -> None:
    keys, file = tmp_path / "tokens.json", tmp_path / "audit.jsonl"
    token = tokens.add(keys, "ana", Role.EDITOR, None)
    server = await serve(f"--tokens={keys}", f"--audit={file}")
    await PythonClient(token="wrong").connect_refused(server.url)
    ana = await PythonClient(token=token).connect(server.url)
    [(id, code)] = (await ana.done("priorities:put", items=[{"id": "a", "title": "x"}]))["codes"].items()
    await ana.done("command:run", text=f"note {code} seen")
    file.rename(tmp_path / "rotated.jsonl")
    await ana.done("priorities:drop", ids=[id])
    await ana.disconnect()
    await until(lambda: file.exists() and '"left"' in file.read_text())
    await server.stop()
    text = (tmp_path / "rotated.jsonl").read_text() + file.read_text()
    assert text.isascii()
    assert token not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(line.pop("at") for line in lines)
    mine = [line for line in lines if line["what"] != "changed" or line["who"] == "ana"]
    assert [line["what"] for line in mine] == ["refused", "connected", *["changed"] * 3, "left"]
    refused, connected, put, done, gone, _ = mine
    assert (refused["code"], refused["address"]) == ("unauthorized", "127.0.0.1")
    assert (connected["who"], connected["role"], connected["address"]) == ("ana", "editor", "127.0.0.1")
    assert put["items"] == [{"section": "priorities", "id": id, "gone": False}]
    assert done["command"] == f"note {code} seen"
    assert (gone["count"], gone["items"][0]["gone"]) == (1, True)
