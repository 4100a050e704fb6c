"""What mails and Slack messages say is to be done, on a real board, by the real programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.collectors import programs
from tests.collectors.mail_samples import mbox, message
from tests.collectors.slack_exports import said, unpacked
from tests.conftest import Connect, Serve
from tests.running import PythonClient

NOW = datetime.now(UTC).replace(microsecond=0)
ME = ("--me", "Ana Silva", "--me", "ana@example.org")


def mail(body: str, id: str, *headers: str, days_ago: int = 1) -> bytes:
    to_me = ("From: Bo Berg <bo@example.org>", "To: Ana Silva <ana@example.org>")
    date = f"Date: {format_datetime(NOW - timedelta(days=days_ago))}"
    return message(*to_me, date, *headers, body=body, id=id)


async def lines(board: PythonClient) -> list[str]:
    return sorted(item["line"] for item in (await board.state())["proposals"])


async def titles(board: PythonClient) -> list[str]:
    return sorted(item["title"] for item in (await board.state())["priorities"])


async def test_mail_brings_items_proposals_and_people(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server = await serve(*ME, name="mine")
    box = tmp_path / "inbox.mbox"
    old = mail("TODO: renew the domain", "old@x", days_ago=200)
    mails = [
        mail("Could you send the numbers by 2030-01-02?\nTODO: fix the build\n\n> TODO: quoted", "1@x"),
        mail("I'll call Cy.\nAI: Cy to book a room", "2@x", "Cc: Cy Young <cy@example.org>"),
        mail("Please buy now! Could you click here?", "3@x", "List-Unsubscribe: <https://x>"),
    ]
    box.write_bytes(mbox(old, *mails))
    status, printed = await programs.run("mail", server, "--json", box)
    report = json.loads(printed)
    assert status == 0, report
    board = await connect(url=server.url)
    assert await titles(board) == ["fix the build"]
    proposed = ["add owe Bo Berg: send the numbers by 2030-01-02", "add owed Bo Berg: call Cy"]
    assert await lines(board) == proposed
    [owed] = (await board.state())["commitments"]["owed"]
    assert (owed["description"], owed["assignee"]) == ("book a room", "Cy")
    while (await board.state())["commitments"]["owed"][0]["person"] != "Cy Young":
        await board.wait_for("state:patch")  # named anew once the directory is known
    evidence = (await board.state())["priorities"][0]["evidence"]
    assert (evidence["file"], evidence["quote"]) == ("records/mail:inbox/1@x", "TODO: fix the build")
    code = next(item["code"] for item in (await board.state())["proposals"] if "numbers" in item["line"])
    await board.done("command:run", text=f"approve {code}")
    [owe] = (await board.state())["commitments"]["owe"]
    assert (owe["description"], owe["person"], owe["due_date"]) == (
        "send the numbers",
        "Bo Berg",
        "2030-01-02",
    )
    edited = mail("Could you please **urgently** send the numbers by 2031-03-04?\nTODO: fix the build", "1@x")
    box.write_bytes(mbox(old, edited, *mails[1:]))
    status, _ = await programs.run("mail", server, "--json", box)
    assert await lines(board) == proposed[1:]  # what was approved is not proposed again, however it is put


async def test_slack_brings_items_proposals_and_people(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    server = await serve(*ME, name="mine")
    users: Any = [
        {"id": "U1", "name": "ana", "profile": {"real_name": "Ana Silva", "email": "ana@example.org"}},
        {"id": "U2", "name": "bberg", "profile": {"real_name": "Bo Berg", "display_name": "Bo"}},
        {"id": "U3", "name": "bot", "is_bot": True},
    ]
    second = int(NOW.timestamp())

    def at(number: int, text: str, user: str = "U2", **more: Any) -> dict[str, Any]:
        return said(text, f"{second + number}.000100", user=user, **more)

    messages = [
        at(0, "<@U1> could you send the numbers by 2030-01-02?"),
        at(1, "could somebody send the other numbers?"),
        at(2, "TODO: fix the build\n&gt; TODO: quoted\n```\nTODO: code\n```"),
        at(3, "I'll send the invoice.", user="U1"),
        at(4, "please deploy", user="U3"),
    ]
    day = f"{NOW:%Y-%m-%d}"
    files: Any = {"users.json": users, "channels.json": [{"id": "C1", "name": "general"}]}
    path = unpacked(tmp_path / "acme", files | {f"general/{day}.json": messages})
    status, printed = await programs.run("slack", server, "--json", path)
    assert status == 0, printed
    board = await connect(url=server.url)
    assert await titles(board) == ["fix the build"]
    assert await lines(board) == [
        "add owe Bo: send the numbers by 2030-01-02",
        "add owe send the invoice",
    ]
    found = await board.done("search:query", query="from:bberg")
    assert found["total"] == 3
    await board.done("command:run", text="drop A1 | drop A2")
    messages[0]["text"] = "<@U1> could you please send the *numbers* asap?"
    await programs.run("slack", server, "--json", unpacked(tmp_path / "acme", files))
    assert await lines(board) == []


async def test_a_request_by_mail_and_in_slack_is_proposed_once_and_decided_once(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    server = await serve(*ME, name="mine")
    box = tmp_path / "inbox.mbox"
    mails = [
        mail("Could you send the numbers by 2030-01-02?", "1@x", "Subject: Numbers", days_ago=3),
        mail("Please share the *numbers* with me.", "2@x", "Subject: Another thread", days_ago=2),
    ]
    box.write_bytes(mbox(*mails))
    users: Any = [
        {"id": "U1", "name": "ana", "profile": {"real_name": "Ana Silva", "email": "ana@example.org"}},
        {"id": "U2", "name": "bberg", "profile": {"real_name": "Bo Berg", "display_name": "Bo"}},
    ]
    second = int(NOW.timestamp())
    messages = [said("<@U1> can you send me the numbers?", f"{second}.000100", user="U2")]
    files: Any = {"users.json": users, "channels.json": [{"id": "C1", "name": "general"}]}
    files |= {f"general/{NOW:%Y-%m-%d}.json": messages}

    async def read_both() -> None:
        for kind, path in (("mail", box), ("slack", unpacked(tmp_path / "acme", files))):
            status, printed = await programs.run(kind, server, path)
            assert status == 0, printed

    await read_both()
    board = await connect(url=server.url)

    async def proposed() -> list[dict[str, Any]]:
        return list((await board.state())["proposals"])

    while sum(not item["same_as"] for item in await proposed()) > 1:
        await board.wait_for("state:patch")  # joined once it is known that Bo is Bo Berg
    first = next(item for item in await proposed() if not item["same_as"])
    evidences = {
        item["evidence"]["file"] for item in await proposed() if item["same_as"] in (None, first["id"])
    }
    assert {file.partition("/")[2].rpartition("/")[0] for file in evidences} == {"mail:inbox", "slack:acme"}
    assert len(evidences) == 3
    await board.done("command:run", text=f"approve {first['code']}")
    [owe] = (await board.state())["commitments"]["owe"]
    assert (owe["description"], owe["person"]) == ("send the numbers", "Bo Berg")
    assert await proposed() == []
    mails.append(mail("Can you please send the numbers?", "3@x", "Subject: A third thread"))
    box.write_bytes(mbox(*mails))
    messages.append(said("<@U1> please send the numbers asap", f"{second + 9}.000100", user="U2"))
    await read_both()
    assert await proposed() == []
