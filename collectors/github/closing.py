"""What a person has done on the board is proposed to be closed at GitHub: by one comment for each decision.

The comment ends in a mark that is not shown. A run that was killed between sending it and noting that down
finds it there; and so does one whose file is lost.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collectors.github.api import PER_PAGE, Api, GitHubError, NotAllowed
from collectors.github.known import Known, Proposed, Stage
from collectors.texts import shown
from collectors.types import Finding, Kind

SENT_MAX = 20
"""Comments of a run: whoever sends more in a minute is stopped by GitHub."""
_PAUSE_S = 1.0  # between two of them, as GitHub asks for
_REFUSED_S = 3_600.0  # until one that may not be written is tried again
_PLACE = re.compile(r"[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
Json = Mapping[str, Any]


@dataclass
class Closing:
    """Of one run. `issues` are those that are open there, by the ids that they have on the board."""

    api: Api
    known: Known
    source: str
    login: str
    issues: Mapping[str, Json]

    async def propose(self, items: Sequence[Json]) -> AsyncIterator[Finding]:
        """Remarks on what could not be proposed. `items` are the source's on the board."""
        with self.known.alone() as is_alone:
            if not is_alone:
                return
            done = {_own_id(item): item for item in items if _is_done(item)}
            known, sent = self.known.proposed(), 0
            if items:  # there are none while the board cannot be reached
                for id in known.keys() - done.keys():
                    self.known.set_proposed(id, replace(known[id], stage=Stage.OVER))
            for id, item in done.items():
                before = known.get(id)
                if id not in self.issues or (before is not None and before.stage is Stage.SENT):
                    continue
                if sent == SENT_MAX:
                    return  # the next run goes on
                try:
                    if why := await self._one(id, before, pause_s=_PAUSE_S if sent else 0.0):
                        yield _note(item, why)
                    else:
                        sent += 1
                except GitHubError as error:
                    yield _note(item, str(error))
                    return

    async def _one(self, id: str, before: Proposed | None, pause_s: float) -> str:
        """Why it is not proposed, "" if it is. Errors: GitHubError."""
        if before is not None and time.time() < before.not_before_s < time.time() + _REFUSED_S:
            return before.why
        if (path := _comments(self.issues[id])) is None:
            return "its repository has no name"
        one = before or Proposed(1, Stage.WANTED)
        if one.stage is Stage.OVER:
            one = Proposed(one.number + 1, Stage.WANTED)
        try:
            if (there := await self._last(id, path)) >= one.number:
                self.known.set_proposed(id, Proposed(there, Stage.SENT))
                return ""
            self.known.set_proposed(id, one)
            await asyncio.sleep(pause_s)
            await self.api.post(path, {"body": self._words(id, one.number)})
        except NotAllowed as error:
            refused = replace(one, not_before_s=time.time() + _REFUSED_S, why=str(error))
            self.known.set_proposed(id, refused)
            return str(error)
        self.known.set_proposed(id, Proposed(one.number, Stage.SENT))
        return ""

    async def _last(self, id: str, path: str) -> int:
        """The number of the newest proposal that is there, 0 for none. Errors: GitHubError."""
        mark = re.compile(re.escape(self._mark(id, 0)).replace("0", "([0-9]{1,6})", 1) + r"\s*\Z")
        found = [0]
        async for comment in self.api.all(f"{path}?per_page={PER_PAGE}"):
            author = comment.get("user")
            if isinstance(author, dict) and author.get("login") == self.login:
                found += [int(one[1]) for one in [mark.search(str(comment.get("body")))] if one]
        return max(found)

    def _words(self, id: str, number: int) -> str:
        return (
            f"@{self.login} has this as done on their board, and proposes to close it."
            f"\n\n{self._mark(id, number)}"
        )

    def _mark(self, id: str, number: int) -> str:
        return f"<!-- adjutant: proposal {number} to close {self.source}/{id} -->"


def _own_id(item: Json) -> str:
    return str(item["id"]).partition("/")[2]


def _is_done(item: Json) -> bool:
    return item.get("status") == "done" and "status" in item.get("held", ())


def _comments(issue: Json) -> str | None:
    """Where its comments are; None where that cannot be told."""
    names = str(issue.get("repository_url") or "").split("/")[-2:]
    number = issue.get("number")
    if len(names) < 2 or not all(map(_PLACE.fullmatch, names)) or not isinstance(number, int):
        return None
    return f"/repos/{'/'.join(names)}/issues/{number}/comments"


def _note(item: Json, why: str) -> Finding:
    return Finding(
        Kind.NOT_WRITTEN,
        "",
        f"“{shown(str(item['title']), 100)}” is done here, which is not proposed at GitHub: {why}",
    )
