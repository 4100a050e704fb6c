"""Commits by the people who made them, as git shows them; and every commit accounted for."""

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from collectors.git import history
from collectors.git.mailmap import Mailmap
from collectors.types import Kind
from models.records import GivenRecord
from tests.collectors.repositories import GIT, Made, accounts, needs_git, read, titles


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "work")


MAILMAPS = (
    b"Ana Lund <ana@new.example>\n",  # says nothing of other addresses
    b"Ana Lund <ana@example.org>\n",
    b"<ana@new.example> <ANA@Example.org>\n",
    b"# a comment <a@x>\n\nAna Lund <ana@new.example> <ana@example.org> # nor this\n",
    b"Ana Lund <ana@new.example> ANA <ana@example.org>\nBo <bo@x> Bo <ana@example.org>\n",
    b"Ana Lund <ana@new.example> Bo <ana@example.org>\nAna L <ana@example.org>\n",
    b"Ana L <ana@example.org>\n<ana@new.example> <ana@example.org>\n",
    b"no address\nbroken <ana@example.org\n<> <ana@example.org>\nAna Lund <ana@example.org>\n",
    b"J\xf6rg <ana@example.org>\r\n",
    b"Ana Lund <ana@new.example> <nobody@x>\n",
)


@needs_git
@pytest.mark.parametrize("mailmap", MAILMAPS)
def test_people_go_by_the_mailmap_as_git_log_shows_them(made: Made, tmp_path: Path, mailmap: bytes) -> None:
    made.commit("Begin")
    (made.path / ".mailmap").write_bytes(mailmap)
    made.commit("Go on", 1)
    made.run("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    for path in (made.path, tmp_path / "bare.git"):
        told = subprocess.run(
            [GIT or "git", "log", "-1", "--format=%aN <%aE>"], cwd=path, capture_output=True, check=True
        ).stdout
        author = (read(path)[0][0].meta or {})["author"]
        assert author == told.decode("utf-8", "replace").strip().replace("\ufffd", "ö")


@needs_git
def test_mailmaps_that_the_configuration_names_count_too(made: Made, tmp_path: Path) -> None:
    (made.path / "people").write_text("Ana Lund <ana@example.org>\n")
    made.commit("Begin")
    made.run("config", "mailmap.blob", "main:people")
    assert (read(made.path)[0][0].meta or {})["author"] == "Ana Lund <ana@example.org>"
    (tmp_path / "others").write_text("Ana B <ana@example.org>\n")
    made.run("config", "mailmap.file", str(tmp_path / "others"))
    assert (read(made.path)[0][0].meta or {})["author"] == "Ana B <ana@example.org>"
    made.run("config", "mailmap.blob", "nowhere:people")
    (made.path / ".mailmap").symlink_to(tmp_path / "others")
    made.run("config", "mailmap.file", str(tmp_path / "none"))
    assert (read(made.path)[0][0].meta or {})["author"] == "Ana <ana@example.org>"


def test_any_bytes_are_a_mailmap() -> None:
    chance = random.Random(7)
    for _ in range(500):
        data = bytes(chance.choice(b"<>#ab@ \n\xff\t") for _ in range(60))
        assert Mailmap([data])(b"n", b"e@x") is not None


@needs_git
def test_every_commit_and_branch_is_accounted_for(made: Made, tmp_path: Path) -> None:
    for day in range(6):
        made.commit(f"Day {day}", day)
    made.run("clone", "-q", ".", str(tmp_path / "clone"))
    made.object(made.commit("Lost", 7)).unlink()
    repositories, branches = (3, 2, {"skipped": 1}), (4, 2, {"of remotes": 2})
    assert accounts(made.path, tmp_path / "clone", tmp_path / "none", most=5) == {
        "repository": repositories,
        "branch": branches,
        "commit": (7, 5, {"skipped": 1, "beyond --max-commits": 1}),
    }


@needs_git
def test_a_commit_that_nobody_has_seen_before_costs_that_commit(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = [made.commit(f"Day {day}", day) for day in range(3)]
    whole = history.History._record

    def odd(self: history.History, hash: bytes, *others: Any) -> GivenRecord:
        if hash.decode() == hashes[1]:
            raise KeyError(hash)
        return whole(self, hash, *others)

    monkeypatch.setattr(history.History, "_record", odd)
    records, findings = read(made.path)
    assert titles(records) == ["Day 2", "Day 0"]
    assert [(one.kind, one.where) for one in findings] == [(Kind.SKIPPED, f"work, commit {hashes[1][:12]}")]


@needs_git
def test_messages_name_objects_as_git_does(made: Made) -> None:
    made.commit("Begin", a="1")
    tree = made.run("rev-parse", "HEAD^{tree}")
    made.object(tree).unlink()
    (finding,) = read(made.path)[1]
    assert finding.why == f"what it changed cannot be read ({tree} is not there)"
