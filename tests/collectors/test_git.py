"""Local repositories into records: real ones, made by git where it is installed, and broken ones."""

import asyncio
import random
import subprocess
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.git.__main__ import _watched
from collectors.git.commit import Person, parse
from collectors.types import Ask, Kind, Mode
from collectors.watching import next_change
from models.records import MAX_TEXT
from tests.collectors.repositories import GIT, Made, needs_git, read, titles
from tests.running import WAIT_S

ROOT = Path(__file__).parents[2]
TREE = b"4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # the empty one


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "work")


@needs_git
def test_each_commit_is_a_record_and_the_newest_comes_first(made: Made) -> None:
    first = made.commit("Begin", 0, a="1")
    second = made.commit("Go on\n\nWith more words.", 1, a="2", b="1")
    made.run("tag", "v1")
    made.run("tag", "-a", "v2", "-m", "two")
    records, findings = read(made.path)
    assert findings == []
    assert [record.id for record in records] == [second, first]
    assert (records[0].title, records[0].text) == ("Go on", "Go on\n\nWith more words.")
    assert (records[0].kind, records[0].at) == ("commit", "2026-02-26T06:13:20Z")
    assert records[0].meta == {
        "repo": "work",
        "hash": second,
        "author": "Ana <ana@example.org>",
        "branches": ["main"],
        "tags": ["v1", "v2"],
        "files_changed": 2,
        "files": ["a", "b"],
    }


@needs_git
def test_the_commits_of_all_local_branches_come_once(made: Made) -> None:
    made.commit("Begin", 0)
    made.run("checkout", "-q", "-b", "side")
    made.commit("Aside", 1)
    made.run("checkout", "-q", "main")
    made.commit("Ahead", 2)
    made.run("merge", "-q", "--no-edit", "side", at_s="1772300000 +0100")
    made.run("checkout", "-q", "--detach")
    made.commit("On no branch", 5)
    records, findings = read(made.path)
    assert titles(records) == ["On no branch", "Merge branch 'side'", "Ahead", "Aside", "Begin"]
    assert findings == []


@needs_git
def test_the_same_commit_in_two_clones_and_a_worktree_is_one_record(made: Made, tmp_path: Path) -> None:
    made.commit("Begin")
    made.run("clone", "-q", "--bare", ".", str(tmp_path / "copy.git"))
    made.run("worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    for path in (tmp_path / "copy.git", tmp_path / "tree", made.path / ".git"):
        assert titles(read(path)[0]) == ["Begin"]
    records, findings = read(tmp_path, depth=1)
    assert (titles(records), findings) == (["Begin"], [])


@needs_git
def test_packed_and_sha256_repositories_are_read(made: Made, tmp_path: Path) -> None:
    for day in range(30):
        made.commit(f"Day {day}", day, a=str(day))
    made.run("gc", "-q")
    assert titles(read(made.path)[0]) == [f"Day {day}" for day in reversed(range(30))]
    wide = Made(tmp_path / "wide", "--object-format=sha256")
    hash = wide.commit("Begin", a="1")
    records, findings = read(wide.path)
    assert ([record.id for record in records], findings) == ([hash], [])


@needs_git
def test_a_quick_run_and_since_stop_at_their_day_and_max_commits_says_that_there_is_more(made: Made) -> None:
    for day in range(6):
        made.commit(f"Day {day}", day)
    fourth = datetime.fromtimestamp(1772000000 + 4 * 86_400, UTC)
    assert titles(read(made.path, ask=Ask(Mode.QUICK, fourth))[0]) == ["Day 5", "Day 4", "Day 3"]
    assert titles(read(made.path, since=fourth)[0]) == ["Day 5", "Day 4"]
    assert len(read(made.path, ask=Ask(Mode.FULL, fourth))[0]) == 6
    records, findings = read(made.path, most=2)
    assert titles(records) == ["Day 5", "Day 4"]
    assert [(one.kind, one.why) for one in findings] == [
        (Kind.LEFT_OUT, "it has more than 2 commits, and only the newest were read")
    ]
    assert read(made.path, most=6)[1] == []


@needs_git
def test_a_shallow_clone_gives_what_is_there(made: Made, tmp_path: Path) -> None:
    for day in range(3):
        made.commit(f"Day {day}", day)
    made.run("clone", "-q", "--depth", "2", made.path.as_uri(), str(tmp_path / "short"))
    records, findings = read(tmp_path / "short")
    assert titles(records) == ["Day 2", "Day 1"]
    assert [(one.kind, one.why) for one in findings] == [
        (Kind.NOTE, "it is a shallow clone, and ends after 2 commits")
    ]


@needs_git
def test_an_empty_repository_and_a_head_that_points_nowhere_are_no_faults(made: Made) -> None:
    records, findings = read(made.path)
    assert (records, [one.kind for one in findings]) == ([], [Kind.NOTE])
    made.commit("Begin")
    (made.path / ".git" / "HEAD").write_text("ref: refs/heads/gone\n")
    records, findings = read(made.path)
    assert titles(records) == ["Begin"]
    assert [one.why for one in findings] == ["its HEAD points at a branch that does not exist"]


def test_a_folder_that_is_no_repository_is_named(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "lost").mkdir()
    (tmp_path / "lost" / ".git").write_text("gitdir: ../nowhere\n")
    (tmp_path / "file").write_text("x")
    records, findings = read(*(tmp_path / name for name in ("plain", "lost", "file", "none")))
    assert records == []
    assert [one.kind for one in findings] == [Kind.SKIPPED] * 4
    assert [Path(one.where).name for one in findings] == ["plain", "file", "none", "lost"]


@needs_git
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"junk"),
        lambda path: path.write_bytes(path.read_bytes()[:40]),
        lambda path: path.write_bytes(zlib.compress(b"commit 5\0hello")),
        lambda path: path.write_bytes(zlib.compress(b"commit 99999999\0" + bytes(40 * 2**20))),
        lambda path: path.unlink(),
    ],
    ids=["empty", "junk", "cut", "other", "bomb", "gone"],
)
def test_a_damaged_commit_is_named_and_the_rest_goes_in(
    made: Made, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    made.commit("Begin", 0)
    bad = made.commit("Broken", 1)
    made.commit("Ahead", 2)
    made.run("branch", "old", "HEAD~2")
    other = Made(tmp_path / "other")
    other.commit("Elsewhere")
    damage(made.object(bad))
    records, findings = read(made.path, other.path)
    assert sorted(str(title) for title in titles(records)) == ["Ahead", "Begin", "Elsewhere"]
    skipped = [one for one in findings if one.kind is Kind.SKIPPED]
    assert [bad[:12] in one.where for one in skipped] == [True]
    assert "whatever is reached only through it is missing too" in skipped[0].why


@needs_git
def test_random_damage_to_a_pack_never_raises(made: Made) -> None:
    for day in range(10):
        made.commit(f"Day {day}", day, a="x" * day * 100)
    made.run("gc", "-q")
    chance = random.Random(3)
    files = list((made.path / ".git" / "objects" / "pack").iterdir())
    files += [made.path / ".git" / name for name in ("packed-refs", "config", "HEAD")]
    for _ in range(120):
        path = chance.choice(files)
        path.chmod(0o600)
        good = path.read_bytes()
        broken = bytearray(good)
        for _ in range(chance.randrange(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(bytes(broken[: chance.randrange(len(broken))] if chance.random() < 0.2 else broken))
        records, findings = read(made.path)
        assert len(records) == 10 or findings
        path.write_bytes(good)


@needs_git
@pytest.mark.parametrize(
    ("lines", "title", "at", "why"),
    [
        (b"author A <a@x> 0 +0000", "Words", "1970-01-01T00:00:00Z", None),
        (b"author A <a@x> -86400 -0930", "Words", "1969-12-31T00:00:00Z", None),
        (b"author A <a@x> 4102444800 +1400", "Words", "2100-01-01T00:00:00Z", "its date is in the future"),
        (b"author A <a@x> 99999999999999 +0000", "Words", "2026-02-25T06:13:20Z", "its author's date"),
        (b"author A <a@x> soon +0000", "Words", "2026-02-25T06:13:20Z", "its author's date"),
        (b"author " + b"<a" * 100_000, "Words", "2026-02-25T06:13:20Z", "its author's date"),
        (b"author nonsense", "Words", "2026-02-25T06:13:20Z", "its author's date"),
        (b"parent not-a-hash\nauthor A <a@x> 0 +0000", "Words", "1970-01-01T00:00:00Z", None),
    ],
)
def test_odd_dates_and_people_hide_nothing(
    made: Made, lines: bytes, title: str, at: str, why: str | None
) -> None:
    first = made.commit("Begin")
    head = b"tree %b\nparent %b\n%b\ncommitter C <c@x> 1772000000 +0100\n" % (TREE, first.encode(), lines)
    made.raw(head + b"\nWords\0 and\x1b more\n")
    records, findings = read(made.path)
    assert sorted(str(title) for title in titles(records)) == ["Begin", "Words and more"]
    record = next(record for record in records if record.title != "Begin")
    assert record.at == at
    notes = [one.why for one in findings]
    assert [note.startswith(why or "-") for note in notes] == ([True] if why else [])


@needs_git
def test_a_message_in_latin_1_and_a_huge_one_and_none_are_taken(made: Made) -> None:
    head = b"tree %b\nauthor J\xf6rg <j@x> 1772000000 +0100\ncommitter C <c@x> 1772000000 +0100\n" % TREE
    made.raw(head + b"encoding ISO-8859-1\n\nK\xf6ln\n")
    records, findings = read(made.path)
    assert (records[0].title, findings) == ("Köln", [])
    assert (records[0].meta or {})["author"] == "Jörg <j@x>"
    made.raw(head + b"\nK\xf6ln\n")
    assert titles(read(made.path)[0]) == ["Köln"]
    made.raw(head + b"\n" + b"x" * (MAX_TEXT + 1))
    records, findings = read(made.path)
    assert (len(records[0].text), len(records[0].title or "")) == (MAX_TEXT, 1_000)
    assert "was cut" in findings[0].why
    made.raw(head + b"\n\n \n")
    assert read(made.path)[0][0].text == "(no message)"


@needs_git
def test_find_looks_so_deep_and_follows_no_links(tmp_path: Path) -> None:
    Made(tmp_path / "a" / "one").commit("One")
    Made(tmp_path / "a" / "b" / "c" / "deep").commit("Deep")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert titles(read(tmp_path, depth=2)[0]) == ["One"]
    assert sorted(map(str, titles(read(tmp_path, depth=5)[0]))) == ["Deep", "One"]
    assert [one.kind for one in read(tmp_path)[1]] == [Kind.SKIPPED]


def test_a_commits_bytes_are_read_field_by_field() -> None:
    signed = b"gpgsig -----BEGIN-----\n author X <x@x> 5 +0000\n\n -----END-----\n".replace(b"\n\n", b"\n \n")
    commit = parse(b"tree %b\nauthor A B <a@x> 7 +0000\n%b\nHi\n\ntree x\n" % (TREE, signed))
    assert (commit.author, commit.committer) == (Person("A B", "a@x", 7), Person())
    assert (commit.message, commit.parents) == ("Hi\n\ntree x\n", ())
    for junk in (b"", b"\0" * 99, b"tree x\n\nhi", b"author A <a@x> 7 +0000\n\nhi"):
        with pytest.raises(ValueError, match="it is not a commit"):
            parse(junk)


@needs_git
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this project's own history is not here")
def test_this_projects_own_history_is_what_git_says_it_is() -> None:
    def git(*arguments: str) -> list[str]:
        done = subprocess.run(
            [GIT or "git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.split("\0")

    told = git("log", "--branches", "HEAD", "-z", "--format=%H%x09%at%x09%s")
    expected = {line.split("\t")[0]: line.split("\t")[1:] for line in told if line}
    records, _ = read(ROOT, most=len(expected) + 100)
    assert {record.id for record in records} >= set(expected)
    for record in records:
        if record.id in expected:
            at_s, subject = expected[record.id]
            assert datetime.fromisoformat(record.at).timestamp() == int(at_s)
            assert (record.title or "").startswith(subject[:50])


@needs_git
async def test_a_commit_on_no_branch_is_heard_by_what_watches(tmp_path: Path) -> None:
    made = Made(tmp_path / "repo")
    made.commit("first")
    made.run("checkout", "-q", "--detach")
    async with next_change(_watched(made.path)) as changed, asyncio.timeout(WAIT_S):
        while not changed.is_set():  # it listens a moment after it is asked to
            made.commit("another")
            await asyncio.sleep(0.2)
