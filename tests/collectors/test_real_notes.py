"""Hundreds of real notes and minutes: each is read, no word is lost, and tasks are where the lists are."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from collectors.actions.markup import State
from collectors.folders import read_text
from collectors.notes.note import front_matter
from collectors.notes.text import Said, in_markdown, split
from collectors.types import Kind
from tests.collectors.notes import collected

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "documents"
BULLET = r"^\s*(?:[-*+]|\d{1,9}[.)])\s+"
NO_TASK = (
    r"\[ \]\s+~~.*~~\s*$",  # struck out
    r"^\s*(?:[-*+]|\d{1,9}[.)])(?: {5,}| *\t)",  # so far from its bullet that it is code
)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real notes is not here")


@cache
def notes() -> dict[Path, list[str]]:
    return {path: split(read_text(path, 10 << 20)[0]) for path in sorted(FOLDER.rglob("*.md"))}


def boxes(lines: list[str], kind: State) -> set[int]:
    return {one.line for one in in_markdown(lines) if isinstance(one, Said) and one.state is kind}


def test_every_real_note_is_read_and_no_word_of_it_is_lost() -> None:
    found = collected(FOLDER)
    texts: dict[str, list[str]] = {}
    for record in found.records:
        assert record.meta is not None
        texts.setdefault(record.meta["file"], []).append(record.text)
    files = notes()
    assert len(files) >= 380
    for path, lines in files.items():
        said = texts.pop(path.relative_to(FOLDER).as_posix())
        assert "".join("".join(said).split()) == "".join("".join(lines[front_matter(lines)[1] :]).split())
    assert list(texts) == ["email-intent/Ask0729-fixed.txt"]
    assert len({record.id for record in found.records}) == len(found.records)
    assert Counter(finding.kind for finding in found.findings) == {Kind.NOTE: 2}
    assert found.findings[-1].why.startswith("boxes with other marks are no tasks: ")
    # They hold ten tasks, all of them done, and nobody's promises.
    assert not found.tasks
    assert not found.promises
    assert set(found.none_left) == {"priorities", "commitments"}


def test_the_tasks_in_real_notes_are_those_that_an_expression_finds() -> None:
    expected = {
        (path, number): line
        for path, lines in notes().items()
        for number, line in enumerate(lines, 1)
        if re.match(BULLET + r"\[[ xX]\]\s", line)
    }
    read = {(path, number) for path, lines in notes().items() for number in boxes(lines, State.DONE)}
    (missed,) = expected.keys() - read
    assert re.search(r"\[x\] ~~.*~~\s*$", expected[missed])
    assert len(read) == 9


def test_real_lists_made_lists_of_tasks_give_one_for_each_item() -> None:
    """The difference to what an expression finds is struck out or code."""
    items, missed = 0, list[tuple[str, str]]()
    for path, lines in notes().items():
        made = [re.sub(rf"({BULLET})(?=\S)(?!\[[ xX]\])", r"\1[ ] ", line) for line in lines]
        expected = {n for n, line in enumerate(made, 1) if re.match(BULLET + r"\[ \]\s+\S", line)}
        read = boxes(made, State.OPEN)
        assert read <= expected
        items += len(read)
        missed += [(path.name, made[number - 1]) for number in sorted(expected - read)]
    unexplained = [one for one in missed if not any(re.search(why, one[1]) for why in NO_TASK)]
    # The rest is code, too: indented below no list, and three lines between fences.
    fenced = [line for _, line in unexplained if not line.startswith("    ")]
    assert fenced == ["- [ ] Bug or Feature", "- [ ] What happened", "- [ ] How to reproduce"]
    assert len(unexplained) < 150
    assert items > 67_000
