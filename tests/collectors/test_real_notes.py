"""Hundreds of real notes and minutes: each is read, no word is lost, and tasks are where the lists are."""

import re
from datetime import UTC, date
from functools import cache
from pathlib import Path

import pytest

from collectors.actions.forms import Form
from collectors.actions.lines import split
from collectors.actions.markup import State
from collectors.actions.reader import Source, read
from collectors.folders import read_text
from collectors.notes.note import front_matter
from collectors.types import Kind
from tests.collectors.notes import collected
from tests.examples import one_in

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "documents"
BULLET = r"^\s*(?:[-*+]|\d{1,9}[.)])\s+"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real notes is not here")


@cache
def notes() -> dict[Path, list[str]]:
    return {path: split(read_text(path, 10 << 20)[0]) for path in sorted(FOLDER.rglob("*.md"))}


def boxes(lines: list[str], state: State) -> set[int]:
    found = read("\n".join(lines), Source(date(2026, 11, 23), UTC))
    return {one.line for one in found if one.form is Form.BOX and one.state is state}


def test_every_real_note_is_read_and_no_word_of_it_is_lost(tmp_path: Path) -> None:
    files = list(notes().items())[:: one_in(5)]
    for path, _ in files:
        copy = tmp_path / path.relative_to(FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    found = collected(tmp_path)
    texts: dict[str, list[str]] = {}
    for record in found.records:
        assert record.meta is not None
        texts.setdefault(record.meta["file"], []).append(record.text)
    assert len(notes()) >= 380
    for path, lines in files:
        said = texts.pop(path.relative_to(FOLDER).as_posix())
        assert "".join("".join(said).split()) == "".join("".join(lines[front_matter(lines)[1] :]).split())
    assert not texts
    assert len({record.id for record in found.records}) == len(found.records)
    assert {finding.kind for finding in found.findings} == {Kind.NOTE}
    # Most of them are minutes, and from the day of the meeting.
    dated = [record for record in found.records if len(record.at) == 10]
    assert len(dated) > 0.75 * len(found.records)
    assert len(found.promises) > len(files)
    assert len({item.id for item in (*found.tasks, *found.promises)}) == len(found.tasks) + len(
        found.promises
    )


def test_the_tasks_in_real_notes_are_those_that_an_expression_finds() -> None:
    expected = {
        (path, number): line
        for path, lines in notes().items()
        for number, line in enumerate(lines, 1)
        if re.match(BULLET + r"\[[ xX]\]\s", line)
    }
    with_boxes = {path for path, _ in expected}
    looked_at = with_boxes | set(list(notes())[:: one_in(8)])
    read_as_done = {(path, number) for path in looked_at for number in boxes(notes()[path], State.DONE)}
    (missed,) = expected.keys() - read_as_done
    assert re.search(r"\[x\] ~~.*~~\s*$", expected[missed])
    assert len(read_as_done) == 9


def test_real_lists_made_lists_of_tasks_give_no_item_but_theirs() -> None:
    """Struck out, done, code, attendees, and agendas in which every line has a box are no items."""
    items, boxed = 0, 0
    for lines in list(notes().values())[::6]:
        made = [re.sub(rf"({BULLET})(?=\S)(?!\[[ xX]\])", r"\1[ ] ", line) for line in lines]
        expected = {n for n, line in enumerate(made, 1) if re.match(BULLET + r"\[ \]\s+\S", line)}
        found = boxes(made, State.OPEN)
        assert found <= expected
        items, boxed = items + len(found), boxed + len(expected)
    assert items > 0.55 * boxed > 5_000  # measured: 0.60
