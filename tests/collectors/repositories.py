"""Repositories that the tests make with git, and what reading one comes to."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.accounts import Account
from collectors.git.__main__ import read_repositories
from collectors.types import Ask, Finding
from models.records import GivenRecord

GIT = shutil.which("git")

needs_git = pytest.mark.skipif(GIT is None, reason="git, which makes the repositories, is not installed")


class Made:
    """A repository that a test makes; `commit` gives the hash."""

    def __init__(self, path: Path, *flags: str) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.run("init", "-q", "-b", "main", *flags)

    def run(self, *arguments: str, data: bytes = b"", at_s: str = "1772000000 +0100") -> str:
        """What git prints."""
        person = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Ana"), ("EMAIL", "ana@example.org"), ("DATE", at_s))
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        env = clean | person | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            [GIT or "git", *arguments], cwd=self.path, input=data, env=env, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def commit(self, message: str, day: int = 0, **files: str) -> str:
        for name, text in files.items():
            (self.path / name).write_text(text)
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", message, at_s=f"{1772000000 + day * 86_400} +0100")
        return self.run("rev-parse", "HEAD")

    def raw(self, commit: bytes) -> str:
        """Writes a commit byte for byte, and puts the branch on it."""
        hash = self.run("hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=commit)
        (self.path / ".git" / "refs" / "heads" / "main").write_text(hash + "\n")
        return hash

    def object(self, hash: str) -> Path:
        path = self.path / ".git" / "objects" / hash[:2] / hash[2:]
        path.chmod(0o600)
        return path


def read(*given: Path, ask: Ask | None = None, **options: object) -> tuple[list[GivenRecord], list[Finding]]:
    """The records and the findings of a run; all that was seen is accounted for."""
    found = list(read_repositories(given, ask or Ask(), **options))  # type: ignore[arg-type]
    assert [one for one in found if isinstance(one, Account) and one.open] == []
    return (
        [one for one in found if isinstance(one, GivenRecord)],
        [one for one in found if isinstance(one, Finding)],
    )


def accounts(*given: Path, **options: object) -> dict[str, tuple[int, int, dict[str, int]]]:
    found = read_repositories(given, Ask(), **options)  # type: ignore[arg-type]
    some = [one for one in found if isinstance(one, Account)]
    return {one.unit: (one.seen, one.taken, dict(one.left)) for one in some}


def titles(records: list[GivenRecord]) -> list[str | None]:
    return [record.title for record in records]
