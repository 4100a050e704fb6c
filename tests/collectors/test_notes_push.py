"""`python -m collectors.notes` as a person runs it, against a real server."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from collectors.identity import stable_id
from tests.collectors import programs
from tests.collectors.notes import write
from tests.conftest import Connect
from tests.running import PythonClient, RunningServer

Item = dict[str, Any]

NOTES = {
    "2026-11-23.md": "# Us\n\n- [ ] Send slides by Friday !!\n- [x] do\n\nI owe @ana: the draft by Friday\n",
    "team/2026-11-24.md": "- [ ] Book a room\n@bo owes me the numbers by 2026-12-01\n",
    "list.txt": "- [ ] Call Cy due: 2026-12-05\n",
}


async def run(server: RunningServer, *arguments: object, before: tuple[str, ...] = ()) -> tuple[int, str]:
    """The notes collector, to its end."""
    return await programs.run("notes", server, *arguments, before=before)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write(tmp_path / "Work", NOTES)


async def tasks(board: PythonClient) -> dict[str, Item]:
    return {item["title"]: item for item in (await board.state())["priorities"]}


async def promises(board: PythonClient) -> dict[str, Item]:
    both = (await board.state())["commitments"]
    return {item["description"]: item for item in [*both["owe"], *both["owed"]]}


async def test_the_tasks_and_promises_of_a_folder_are_on_the_board(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    status, printed = await run(server, notes)
    assert status == 0, printed
    found = await tasks(board)
    assert {title: item["due_date"] for title, item in found.items()} == {
        "Send slides": "2026-11-27",
        "Book a room": None,
        "Call Cy": "2026-12-05",
    }
    slides = found["Send slides"]
    assert (slides["source"], slides["urgency"], slides["status"]) == ("notes:work", "high", "open")
    quote = "- [ ] Send slides by Friday !!"
    assert slides["evidence"] == {"file": "2026-11-23.md", "line": 3, "quote": quote}
    owed = await promises(board)
    assert {text: (item["direction"], item["assignee"]) for text, item in owed.items()} == {
        "the draft": ("owe", "ana"),
        "the numbers": ("owed", "bo"),
    }
    assert owed["the numbers"]["evidence"]["file"] == "team/2026-11-24.md"


async def test_an_edited_line_is_another_task_and_a_moved_one_the_same(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    await run(server, notes)
    before = await tasks(board)
    text = NOTES["2026-11-23.md"]
    write(notes, {"2026-11-23.md": f"# Sync\n\n- [ ] New\n\n{text}", "list.txt": "- [ ] Call Dee\n"})
    status, printed = await run(server, notes)
    assert (status, "2 added, 1 changed, 1 unchanged, 1 removed, 0 rejected" in printed) == (0, True), printed
    after = await tasks(board)
    assert set(after) == {"Send slides", "New", "Book a room", "Call Dee"}
    moved, old = after["Send slides"], before["Send slides"]
    assert (moved["id"], moved["code"]) == (old["id"], old["code"])
    assert (old["evidence"]["line"], moved["evidence"]["line"]) == (3, 7)


async def test_what_a_person_decided_stays_when_the_notes_are_read_again(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    await run(server, notes)
    code = (await tasks(board))["Send slides"]["code"]
    await board.done("priorities:complete", code=code)
    await board.done("priorities:edit", code=code, set={"note": "sent on Tuesday"})
    write(notes, {"2026-11-23.md": "moved\n\n" + NOTES["2026-11-23.md"]})
    assert (await run(server, notes))[0] == 0
    slides = (await tasks(board))["Send slides"]
    assert (slides["status"], slides["note"], slides["code"]) == ("done", "sent on Tuesday", code)
    assert slides["evidence"]["line"] == 5


async def test_an_edit_or_another_file_name_that_leaves_a_task_the_same_keeps_what_was_decided(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    await run(server, notes)
    before = {**await tasks(board), **await promises(board)}
    for title, section, note in [
        ("Send slides", "priorities", "ask Ana first"),
        ("the draft", "commitments", "half done"),
    ]:
        await board.done(f"{section}:edit", code=before[title]["code"], set={"note": note})
    text = "# Us\n\n- a\n    - [/] ⏫ **Send** slides 📅 2026-12-02\n\n- I owe @ana the draft by 3 December\n"
    (notes / "2026-11-23.md").unlink()
    write(notes, {"archive/Monday.md": text})
    assert (await run(server, notes))[0] == 0
    after = {**await tasks(board), **await promises(board)}
    assert {title: item["code"] for title, item in after.items()} == {
        title: item["code"] for title, item in before.items()
    }
    slides, draft = after["Send slides"], after["the draft"]
    assert (slides["note"], slides["due_date"], slides["urgency"]) == ("ask Ana first", "2026-12-02", "high")
    assert (draft["note"], draft["due_date"]) == ("half done", "2026-12-03")
    assert slides["evidence"]["file"] == "archive/Monday.md"


async def test_items_under_the_ids_of_an_earlier_version_are_carried_over_once(
    server: RunningServer, board: PythonClient, connect: Connect, notes: Path
) -> None:
    """As it was stored: the id was made of the file and the whole line."""
    source = await connect(client="notes", source="notes:work")
    lines = {
        "slides": stable_id("2026-11-23.md", "task", "Send slides by Friday !!"),
        "room": stable_id("team/2026-11-24.md", "task", "Book a room"),
        "cy": stable_id("list.txt", "task", "Call Cy due: 2026-12-05"),
    }
    await source.done("priorities:put", items=[{"id": id, "title": name} for name, id in lines.items()])
    draft = {"id": stable_id("2026-11-23.md", "owe", "I owe @ana: the draft by Friday"), "direction": "owe"}
    await source.done("commitments:put", items=[{**draft, "description": "draft", "assignee": "ana"}])
    old = await tasks(board)
    await board.done("priorities:complete", code=old["slides"]["code"])
    await board.done("priorities:drop", codes=[old["room"]["code"]])
    promised = (await promises(board))["draft"]
    for _ in range(2):
        status, printed = await run(server, notes)
        assert status == 0, printed
        now = await tasks(board)
        assert set(now) == {"Send slides", "Call Cy"}, "what was dropped stays dropped"
        assert (now["Send slides"]["code"], now["Send slides"]["status"]) == (old["slides"]["code"], "done")
        assert now["Call Cy"]["code"] == old["cy"]["code"]
        assert (await promises(board))["the draft"]["code"] == promised["code"]


async def test_what_a_deleted_note_told_goes_and_so_does_the_last_of_a_section(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    await run(server, notes)
    (notes / "2026-11-23.md").unlink()
    write(notes, {"team/2026-11-24.md": "- [ ] Book a room\n"})
    assert (await run(server, notes))[0] == 0
    assert set(await tasks(board)) == {"Book a room", "Call Cy"}
    assert await promises(board) == {}


@pytest.mark.parametrize("gone", ["a file", "a folder"])
async def test_as_long_as_something_cannot_be_read_nothing_is_removed(
    server: RunningServer, board: PythonClient, notes: Path, gone: str
) -> None:
    # Root may read everything, unless it gives that up.
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and setpriv is None:
        pytest.skip("root may read everything")
    before = (str(setpriv), "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
    await run(server, notes)
    (notes / "list.txt").unlink()
    closed = notes / ("2026-11-23.md" if gone == "a file" else "team")
    closed.chmod(0)
    status, printed = await run(server, notes, before=before)
    closed.chmod(0o700)
    assert status == 1
    assert f"{closed.name}: it cannot be read (permission denied)" in printed
    assert len(await tasks(board)) == 3
    assert len(await promises(board)) == 2
    assert (await run(server, notes))[0] == 0
    assert len(await tasks(board)) == 2


async def test_a_folder_that_lost_its_notes_takes_nothing_away_unless_that_is_meant(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    await run(server, notes)
    shutil.rmtree(notes)
    notes.mkdir()
    status, printed = await run(server, notes)
    assert status == 1
    assert "there is no note in it" in printed
    assert len(await tasks(board)) == 3
    await run(server, notes, "--allow-empty")
    assert await tasks(board) == await promises(board) == {}


async def test_what_is_ticked_off_goes_in_a_quick_run(
    server: RunningServer, board: PythonClient, notes: Path
) -> None:
    await run(server, notes)
    assert len(await tasks(board)) == 3
    text = (
        NOTES["2026-11-23.md"].replace("- [ ] Send slides", "- [x] Send slides").replace("I owe", "~~I owe")
    )
    (notes / "2026-11-23.md").write_text(text)
    status, printed = await run(server, notes, "--mode", "quick")
    assert status == 0, printed
    assert sorted(await tasks(board)) == ["Book a room", "Call Cy"]


async def test_what_is_only_likely_is_proposed_and_what_was_dropped_is_not_proposed_again(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    text = "# Sync\n\nBob will send the numbers by 2026-12-01.\nPlease review the plan.\n"
    notes = write(tmp_path / "Minutes", {"2026-11-23.md": text})

    async def proposed() -> dict[str, str]:
        return {item["line"]: item["code"] for item in (await board.state())["proposals"]}

    await run(server, notes)
    lines = await proposed()
    assert sorted(lines) == [
        *(
            "add owed Bob: the numbers by 2026-12-01".replace("the", "send the"),
            "add priority review the plan",
        ),
    ]
    await board.done("command:run", text=f"drop {lines['add priority review the plan']}")
    await board.done("command:run", text=f"approve {lines['add owed Bob: send the numbers by 2026-12-01']}")
    assert (await promises(board))["send the numbers"]["person"] == "Bob"
    (notes / "2026-11-23.md").rename(notes / "renamed 2026-11-23.md")
    await run(server, notes)
    assert await proposed() == {}
