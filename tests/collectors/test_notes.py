"""Folders of notes, good and bad: what is wrong is named, and the rest goes in."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.notes import note
from collectors.notes.__main__ import main
from collectors.notes.vault import NOTE_MAX_BYTES, Folder, Vault
from collectors.types import Ask, Finding, Kind, Mode, Progress
from tests.collectors.notes import collected, write

TASK = "- [ ] {} due: 2026-12-01\n"


def test_all_notes_of_a_folder_are_read(tmp_path: Path) -> None:
    files = {"a.md": TASK, "b/c.markdown": TASK, "b/d.txt": TASK, "e.rst": TASK, ".f/g.md": TASK}
    write(tmp_path, {name: text.format(name) for name, text in files.items()})
    found = collected(tmp_path)
    assert found.titles() == ["a.md", "b/c.markdown", "b/d.txt"]
    assert [record.title for record in found.records] == ["a", "c", "d"]
    assert found.findings == []
    assert found.none_left == ["commitments", "proposals"]
    assert found.progress == [
        Progress(0, 3, "a.md"),
        Progress(1, 3, "b/c.markdown"),
        Progress(2, 3, "b/d.txt"),
        Progress(3, 3),
    ]


def test_a_second_run_finds_the_same_wherever_the_folder_stands(tmp_path: Path) -> None:
    files = {"a.md": TASK + TASK, "b/a.md": TASK, "c.txt": "I owe @ana: x\n"}
    one, two = write(tmp_path / "one", files), write(tmp_path / "two", files)
    first, second = collected(one), collected(two)
    assert first.tasks == second.tasks
    assert first.promises == second.promises
    assert first.records == second.records
    assert len({task.id for task in first.tasks}) == 3


def test_several_folders_keep_their_files_apart(tmp_path: Path) -> None:
    one = write(tmp_path / "one", {"a.md": TASK.format("x")})
    two = write(tmp_path / "two", {"a.md": TASK.format("x"), "b.md": b"\0"})
    found = collected(one, two)
    assert [task.evidence and task.evidence.file for task in found.tasks] == ["one/a.md", "two/a.md"]
    assert len({task.id for task in found.tasks}) == 2
    assert found.of(Kind.LEFT_OUT) == {"two/b.md": "it is not text"}


def test_bad_files_are_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "bom.md": "\ufeff- [ ] bom\n".encode(),
            "cut.md": ("- [ ] cut " + "é" * 20).encode()[:-1],
            "empty.md": "",
            "latin.md": "- [ ] café\n".encode("latin-1"),
            "nul.md": b"- [ ] a\0b\n",
            "mixed.md": "- [ ] one é\n".encode() + b"- [ ] two \xe9\n",
            "picture.md": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "utf16.md": "- [ ] wide\n".encode("utf-16"),
            os.fsdecode(b"odd\xff\n.md"): "- [ ] odd\n",
            "z.md": "- [ ] last\n",
        },
    )
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "out.md").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.md")
    found = collected(tmp_path)
    assert found.titles() == [
        *("bom", "cut " + "é" * 19 + "\ufffd", "café", "one é", "two é", "ab", "odd", "wide", "last")
    ]
    assert found.of(Kind.LEFT_OUT) == {
        "loop": "it is a link that leads back to itself",
        "out.md": "it is a link that leads out of the folder",
        "picture.md": "it is not text",
        "pipe.md": "it is not a regular file",
    }
    assert found.of(Kind.NOTE) == {
        "cut.md": "some of its bytes are not UTF-8 and were replaced",
        "latin.md": "it is not UTF-8 and was read as Windows-1252",
        "mixed.md": "1 of its lines is no UTF-8, read as Windows-1252",
        "nul.md": "it holds NUL characters, which were left out",
    }
    odd = next(task.evidence for task in found.tasks if task.title == "odd")
    assert odd is not None
    assert odd.file == "odd\\xff\\n.md"
    assert found.none_left == ["commitments", "proposals"]


def test_a_file_that_cannot_be_read_now_keeps_what_it_told_before(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "x", "huge.md": ""})
    with open(tmp_path / "huge.md", "wb") as file:
        file.truncate(NOTE_MAX_BYTES + 1)
    found = collected(tmp_path)
    assert found.of(Kind.SKIPPED) == {"huge.md": "it is larger than 10 MiB"}
    assert found.none_left == []


def test_a_file_that_goes_while_the_folder_is_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": TASK, "b.md": TASK})
    run = Vault([Folder(tmp_path)], UTC).collect(Ask())
    assert next(run) == Progress(0, 2, "a.md")
    (tmp_path / "b.md").unlink()
    assert Finding(Kind.SKIPPED, "b.md", "it no longer exists") in list(run)


def test_a_folder_without_notes_says_so_and_takes_nothing_away(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": "x"})
    found = collected(tmp_path)
    assert found.of(Kind.LEFT_OUT) == {tmp_path.name: "there is no note in it (.md, .markdown, .txt)"}
    assert found.none_left == []


def test_a_folder_that_has_gone_is_named_and_takes_nothing_away(tmp_path: Path) -> None:
    found = collected(tmp_path / "gone")
    assert found.of(Kind.SKIPPED) == {"gone": "it does not exist, or no longer does"}
    assert found.none_left == []


def test_a_quick_run_reads_what_was_changed_since(tmp_path: Path) -> None:
    write(tmp_path, {"old.md": TASK.format("old"), "new.md": TASK.format("new")})
    now = datetime.now(UTC)
    later = (now + timedelta(hours=2)).timestamp()
    os.utime(tmp_path / "new.md", (later, later))
    since = now + timedelta(hours=1)
    assert collected(tmp_path, ask=Ask(Mode.QUICK, since)).titles() == ["new"]
    assert collected(tmp_path, ask=Ask(Mode.FULL, since)).titles() == ["new", "old"]
    assert collected(tmp_path, ask=Ask(Mode.QUICK)).titles() == ["new", "old"]


def test_a_clock_that_is_wrong_is_named_and_the_note_is_taken(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": TASK.format("a"), "b.md": TASK.format("b")})
    for name, year in (("a.md", 2100), ("b.md", 2242)):
        moment = datetime(year, 1, 1, tzinfo=UTC).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    found = collected(tmp_path)
    assert found.titles() == ["a", "b"]
    assert set(found.of(Kind.NOTE)) == {"a.md", "b.md"}


def test_a_large_note_of_many_tasks_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "".join(TASK.format(number) for number in range(2_000))})
    found = collected(tmp_path)
    assert [int(title) for title in found.titles()] == list(range(2_000))


def test_templates_may_be_excluded_by_name_or_path_and_the_report_says_how_many(tmp_path: Path) -> None:
    names = ("a.md", "Templates/b.md", "c/Templates/d.md", "drafts/2026/e.md", "drafts/f.md", "g.draft.md")
    write(tmp_path, {name: TASK.format(name) for name in names})
    found = collected(tmp_path, exclude=["Templates", "drafts/2026/", "*.draft.md", "gone"])
    assert found.titles() == ["a.md", "drafts/f.md"]
    assert [finding.why for finding in found.findings] == [
        "--exclude Templates leaves out 2 notes",
        "--exclude drafts/2026/ leaves out 1 note",
        "--exclude *.draft.md leaves out 1 note",
        "--exclude gone leaves out 0 notes",
    ]


def test_a_note_with_too_much_to_do_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note, "ITEMS_MAX", 100)
    write(tmp_path, {"a.md": "- [ ] a\n" * 101, "b.md": TASK.format("b")})
    found = collected(tmp_path)
    assert found.of(Kind.SKIPPED) == {"a.md": "it has more than 100 things to do"}
    assert found.titles() == ["b"]


def test_a_quick_run_reads_what_was_put_there_since_however_old_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"old.md": TASK.format("old")})
    os.utime(tmp_path / "old.md", (0, 0))
    since = datetime.now(UTC) - timedelta(hours=1)
    assert collected(tmp_path, ask=Ask(Mode.QUICK, since)).titles() == ["old"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: FOLDER"),
        (["one", "two"], "give several folders one name"),
        (["one", "one/sub", "--source", "x"], "hold the same notes"),
        (["one", "two/one", "--source", "x"], "have the same name"),
        (["one", "--tz", "Mars"], "not a time zone"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path, {"one/a.md": "", "one/sub/a.md": "", "two/one/a.md": ""})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert message in capsys.readouterr().err
