"""The commits of a repository, each once and the newest first, as records."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.accounts import SKIPPED, Accounts
from collectors.git.commit import Commit, Person
from collectors.git.store import FILES_COUNTED_MAX, Damaged, Repository
from collectors.remarks import Remarks
from collectors.texts import counted, fitted, lines, one_line, shown
from collectors.types import Finding, Found, Kind
from models.base import format_instant
from models.records import MAX_TEXT, GivenRecord

FILES_MAX, NAMES_MAX, TITLE_MAX, PERSON_MAX = 20, 20, 1_000, 320  # files and names shown; the server's bounds
AHEAD_MAX = timedelta(days=1)  # a clock or zone that is wrong, not a date in the future
NO_MESSAGE = "(no message)"
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


class History:
    """One walk through a repository, of at most so many commits, and back to `since`; it is booked in
    `accounts`."""

    def __init__(self, repository: Repository, since: datetime | None, most: int, accounts: Accounts) -> None:
        self.repository, self.since, self.most = repository, since, most
        self.now = datetime.now(UTC)
        self._branches, self._commits = accounts["branch"], accounts["commit"]
        self._remarks = Remarks(repository.name, self._commits)
        self._seen: set[bytes] = set()
        self._trees: dict[bytes, bytes] = {}
        self._waiting: list[tuple[float, bytes, Commit]] = []

    def commits(self, met: set[bytes]) -> Iterator[Found]:
        """The records of all commits that are not in `met`, which grows; and what could not be read.

        Errors: Damaged, when nothing can be.
        """
        branches, findings = _by_hash(self.repository.branches())
        yield from findings
        self._book_branches(branches, findings)
        tags, findings = _by_hash(self.repository.tags()) if branches else ({}, [])
        yield from findings
        if not branches:
            why = "it has no commits yet, or no branch that can be read"
            yield Finding(Kind.NOTE, self.repository.name, why)
        for hash in branches:
            self._reach(hash, f"branch {branches[hash][0]}")
        found = 0
        while self._waiting:
            _, hash, commit = heapq.heappop(self._waiting)
            if found == self.most:
                self._commits.leave("beyond --max-commits", 1 + len(self._waiting))
                why = f"it has more than {counted(self.most, 'commit')}, and only the newest were read"
                yield Finding(Kind.LEFT_OUT, self.repository.name, why)
                break
            found += 1
            if hash not in self.repository.shallow:
                for parent in commit.parents:
                    self._reach(parent, f"parent of {_short(hash)}")
            if hash in met:
                self._commits.leave("in another repository too")
                continue
            met.add(hash)
            with self._remarks.guard(f"commit {_short(hash)}"):
                yield self._record(hash, commit, branches.get(hash, []), tags.get(hash, []))
        yield from self._remarks.findings()
        if self.repository.shallow & self._seen:
            why = f"it is a shallow clone, and ends after {counted(found, 'commit')}"
            yield Finding(Kind.NOTE, self.repository.name, why)

    def _book_branches(self, branches: dict[bytes, list[str]], findings: list[Finding]) -> None:
        taken = sum(map(len, branches.values()))
        broken = sum(finding.kind is Kind.SKIPPED for finding in findings)
        remote = self.repository.remote_branches()
        self._branches.see(taken + broken + remote)
        self._branches.take(taken)
        self._branches.leave(SKIPPED, broken)
        self._branches.leave("of remotes", remote)

    def _reach(self, hash: bytes, whose: str) -> None:
        """Puts a commit among those to be yielded, unless it is older than what is asked for."""
        if hash in self._seen:
            return
        self._seen.add(hash)
        self._commits.see()
        with self._remarks.guard(f"commit {_short(hash)} ({whose})"):
            try:
                commit = self.repository.commit(hash)
            except Damaged as damage:
                raise Damaged(f"{damage}; whatever is reached only through it is missing too") from damage
            self._trees[hash] = commit.tree
            at = commit.committer.at or commit.author.at or _NO_DATE
            if self.since is None or at >= self.since:
                heapq.heappush(self._waiting, (-at.timestamp(), hash, commit))
            else:
                self._commits.leave("older than asked for")

    def _record(self, hash: bytes, commit: Commit, branches: list[str], tags: list[str]) -> GivenRecord:
        part = f"commit {_short(hash)}"
        at, odd = _dated(commit, self.now)
        remarks = [remark for remark in (odd, commit.odd) if remark]
        text = lines(commit.message) or NO_MESSAGE
        if len(text) > MAX_TEXT:
            remarks.append(f"its message is longer than {MAX_TEXT:,} characters and was cut")
        meta: dict[str, Any] = {"repo": self.repository.name, "hash": hash.decode()}
        author, committer = _person(commit.author), _person(commit.committer)
        meta |= {"author": author} if author else {}
        meta |= {"committer": committer} if committer not in ("", author) else {}
        meta |= {name: few[:NAMES_MAX] for name, few in (("branches", branches), ("tags", tags)) if few}
        try:
            meta |= self._files(hash, commit)
        except Damaged as damage:
            self._remarks.add(Kind.NOTE, part, str(damage), "changed something that cannot be read")
        record = GivenRecord(
            id=hash.decode(),
            text=fitted(text, MAX_TEXT),
            at=format_instant(at),
            kind="commit",
            title=fitted(one_line(text.partition("\n")[0]), TITLE_MAX),
            meta=meta,
        )
        for remark in remarks:
            self._remarks.add(Kind.NOTE, part, remark)
        self._commits.take()
        return record

    def _files(self, hash: bytes, commit: Commit) -> dict[str, Any]:
        """What a commit that is no merge changed, where the one before it is here."""
        if len(commit.parents) > 1 or hash in self.repository.shallow:
            return {}
        before = self._trees.get(commit.parents[0]) if commit.parents else None
        if commit.parents and before is None:
            return {}
        paths = self.repository.changed(before, commit.tree)
        more = {"files_more": True} if len(paths) == FILES_COUNTED_MAX else {}
        return {"files_changed": len(paths), "files": paths[:FILES_MAX]} | more


def _by_hash(
    found: Iterable[tuple[str, bytes] | Finding],
) -> tuple[dict[bytes, list[str]], list[Finding]]:
    names: dict[bytes, list[str]] = defaultdict(list)
    findings = []
    for one in found:
        if isinstance(one, Finding):
            findings.append(one)
        else:
            names[one[1]].append(one[0])
    return names, findings


def _dated(commit: Commit, now: datetime) -> tuple[datetime, str]:
    """When it was written, and what is odd about that, or ""."""
    at = commit.author.at
    if at is None:
        at = commit.committer.at
        if at is None:
            return _NO_DATE, "none of its dates can be read, and it is filed under 1970"
        return at, "its author's date cannot be read, and its committer's is used"
    return at, "its date is in the future" if at > now + AHEAD_MAX else ""


def _person(person: Person) -> str:
    name, email = one_line(person.name), one_line(person.email)
    return fitted(f"{name} <{email}>" if name and email else name or email, PERSON_MAX)


def _short(hash: bytes) -> str:
    return shown(hash.decode("latin-1"))[:12]
