"""One run: what is assigned to me, waits for my review, or mentions me, and is open."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from collectors.accounts import Account
from collectors.github.api import PER_PAGE, Api, GitHubError, NotAllowed, NotLetIn
from collectors.github.closing import Closing
from collectors.github.known import Known
from collectors.patience import checked, let_in, trying
from collectors.sanitize import web_address
from collectors.texts import counted, fitted, one_line, shown
from collectors.types import Ask, Finding, Found, Kind, NoneLeft, Progress
from models.priorities import GivenPriority, Urgency

_TITLE_MAX, _LABELS_MAX = 500, 5  # characters; labels that are named
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
ASSIGNED, REVIEW, MENTIONED = "is assigned to me", "waits for my review", "mentions me"


@dataclass(frozen=True)
class _List:
    """What one list is about, and where it is."""

    why: str
    path: str
    inside: str = ""


@dataclass
class Waiting:
    """An account and what is known of it, in the file at `path`. Mentions count for `mention_days` since
    something last happened there; 0 leaves them out. `writes`: what is done on the board is proposed to be
    closed there."""

    address: str
    token: Callable[[], str]
    path: Path
    mention_days: int = 30
    writes: bool = False

    def check(self) -> str:
        """What is there, in words. Errors: GitHubError."""
        return asyncio.run(self._check())

    async def _check(self) -> str:
        known = Known(self.path)
        async with Api(self.address, self.token, known).open() as api:
            login = await _login(api)
        return checked(f"it is the account {login}", known)

    async def collect(self, ask: Ask) -> AsyncIterator[Found]:
        """Errors: GitHubError."""
        known = Known(self.path)
        with trying(known, self.token, NotLetIn, GitHubError):
            async with Api(self.address, self.token, known).open() as api:
                login = await _login(api)
                let_in(known)
                if known.note("login") != login:
                    known.keep_only(())  # the pages are another person's
                    known.set_note("login", login)
                run = _Run(api, self._lists(login))
                async for one in run.found():
                    yield one
                if self.writes:
                    closing = Closing(api, known, ask.source, login, run.issues)
                    async for remark in closing.propose(ask.items.get("priorities", ())):
                        yield remark
                if run.whole:
                    api.forget_others()
                    yield NoneLeft("priorities")

    def _lists(self, login: str) -> list[_List]:
        """Reviews come first: of an item in several lists the first one says why it waits."""
        asked = quote(f"is:open is:pr archived:false review-requested:{login}")
        lists = [
            _List(REVIEW, f"/search/issues?q={asked}&per_page={PER_PAGE}", "items"),
            _List(ASSIGNED, f"/issues?filter=assigned&state=open&per_page={PER_PAGE}"),
        ]
        if self.mention_days:
            since = datetime.now(UTC).date() - timedelta(days=self.mention_days)
            path = f"/issues?filter=mentioned&state=open&since={since}T00:00:00Z&per_page={PER_PAGE}"
            lists.append(_List(MENTIONED, path))
        return lists


@dataclass
class _Run:
    api: Api
    lists: list[_List]
    issues: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    whole: bool = True

    async def found(self) -> AsyncIterator[Found]:
        """All that waits; a list that cannot be read takes nothing off the board."""
        items = Account("item")
        for number, one in enumerate(self.lists):
            yield Progress(number, len(self.lists), f"what {one.why}")
            try:
                async for issue in self.api.all(one.path, one.inside):
                    items.see()
                    if (given := self._given(issue, one.why, items)) is not None:
                        yield given
            except NotAllowed as error:
                self.whole = False
                yield Finding(Kind.SKIPPED, f"what {one.why}", str(error))
        yield items

    def _given(self, issue: Mapping[str, Any], why: str, items: Account) -> GivenPriority | None:
        id, title = issue.get("id"), one_line(str(issue.get("title") or ""))
        if not isinstance(id, int) or not title:
            items.leave("without an id or a title")
            return None
        if issue.get("state") == "closed":  # the search is some seconds behind
            items.leave("closed")
            return None
        if str(id) in self.issues:
            items.leave("here a second time")
            return None
        self.issues[str(id)] = issue
        items.take()
        return GivenPriority(
            id=str(id),
            title=fitted(title, _TITLE_MAX),
            description=_description(issue, why),
            urgency=Urgency.HIGH if why == REVIEW else Urgency.MEDIUM,
            due_date=_due(issue),
            url=web_address(dict(issue), ("html_url",)),
        )


async def _login(api: Api) -> str:
    login = (await api.one("/user")).get("login")
    if not isinstance(login, str) or not _LOGIN.fullmatch(login):
        raise GitHubError("there is an answer, but not GitHub's: is the address right?")
    return login


def _description(issue: Mapping[str, Any], why: str) -> str:
    """`acme/site#12, pull request of bo, waits for my review; bug, urgent`."""
    place = "/".join(str(issue.get("repository_url") or "").split("/")[-2:])
    what = "pull request" if "pull_request" in issue else "issue"
    author = issue.get("user")
    by = f" of {author['login']}" if isinstance(author, dict) and isinstance(author.get("login"), str) else ""
    labels = issue.get("labels")
    names = [
        str(one.get("name")) for one in (labels if isinstance(labels, list) else []) if isinstance(one, dict)
    ]
    more = f", and {counted(len(names) - _LABELS_MAX, 'more label')}" if len(names) > _LABELS_MAX else ""
    tail = f"; {', '.join(names[:_LABELS_MAX])}{more}" if names else ""
    return shown(f"{place}#{issue.get('number')}, {what}{by}, {why}{tail}", 1_000)


def _due(issue: Mapping[str, Any]) -> str | None:
    """The day by which its milestone is due."""
    milestone = issue.get("milestone")
    due = milestone.get("due_on") if isinstance(milestone, dict) else None
    try:
        return datetime.fromisoformat(due).date().isoformat() if isinstance(due, str) else None
    except ValueError:
        return None
