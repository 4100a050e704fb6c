"""Asks GitHub's REST interface: by ETag, page after page, and never more than it allows."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import orjson

from adjutant_client.reasons import plainly
from collectors.github.known import Known, Page
from collectors.ics.fetch import Unavailable, proxy_of, retry_after_s
from collectors.patience import not_taken
from collectors.texts import clock, shown

VERSION = "2022-11-28"
PER_PAGE = 100  # the most that GitHub gives
PAGE_BYTES_MAX, PAGES_MAX = 16 << 20, 20
SILENCE_S = 30.0  # GitHub itself gives up after 10 s
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?')
_NOT_BEFORE = "not_before"
_LIMITED = frozenset((403, 429))
_FAULTS = (TimeoutError, aiohttp.ClientError, Unavailable, OSError)


class GitHubError(Exception):
    """GitHub cannot be read; the message is a sentence without any secret."""


class NotLetIn(GitHubError):
    """The token is not taken."""


class NotAllowed(GitHubError):
    """This one thing may not be read, or is not there."""


@dataclass
class Api:
    """For one run. `token` gives the access token each time anew."""

    address: str
    token: Callable[[], str]
    known: Known
    _asked: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Api]:
        """Errors: GitHubError, also for what fails while it is open."""
        timeout = aiohttp.ClientTimeout(total=4 * SILENCE_S, sock_connect=SILENCE_S, sock_read=SILENCE_S)
        try:
            async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
                self._session = session
                yield self
        except _FAULTS as error:
            raise GitHubError(_said(error)) from None

    async def one(self, path: str) -> Mapping[str, Any]:
        """The object there. Errors: GitHubError."""
        page = await self._page(self.address + path)
        found: Mapping[str, Any] = _json(page.body, dict)
        return found

    async def all(self, path: str, inside: str = "") -> AsyncIterator[Mapping[str, Any]]:
        """The objects of a list, of all its pages; `inside` is the field that has the list.

        Errors: GitHubError.
        """
        url = self.address + path
        for _ in range(PAGES_MAX):
            page = await self._page(url)
            found = _listed(page, inside)
            if not page.following and len(found) >= PER_PAGE:  # the page is as before: is it still the last?
                page = await self._page(url, anew=True)
                found = _listed(page, inside)
            for one in found:
                if isinstance(one, dict):
                    yield one
            if not page.following:
                return
            url = page.following
        raise NotAllowed(f"there are more than {PAGES_MAX} pages: no more are read")

    async def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Makes something there. Errors: GitHubError; whether it was made is not known then, unless it is
        NotAllowed."""
        self._check_allowed()
        url = self.address + path
        sent = self._session.post(
            url, json=body, headers=self._headers(), proxy=proxy_of(url), allow_redirects=False
        )
        try:
            async with sent as response:
                self._take_note(response)
                await self._check(response, "write this")
        except _FAULTS as error:
            raise GitHubError(_said(error)) from None

    def forget_others(self) -> None:
        """Pages that this run did not ask for."""
        self.known.keep_only(self._asked)

    async def _page(self, url: str, *, anew: bool = False) -> Page:
        self._check_allowed()
        self._asked.add(url)
        before = None if anew else self.known.page(url)
        headers = self._headers()
        headers |= {"If-None-Match": before.etag} if before is not None and before.etag else {}
        asked = self._session.get(url, headers=headers, proxy=proxy_of(url), allow_redirects=False)
        async with asked as response:
            self._take_note(response)
            if response.status == 304 and before is not None:
                return replace(before, following=self._following(url, response) or before.following)
            await self._check(response)
            body = await _read(response)
            page = Page(response.headers.get("ETag", ""), body, self._following(url, response))
        self.known.keep(url, page)
        return page

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": "adjutant",
            "Authorization": f"Bearer {self.token()}",
        }

    def _following(self, url: str, response: aiohttp.ClientResponse) -> str:
        """The token goes to no other host, whatever a page names."""
        found = _NEXT.search(response.headers.get("Link", ""))
        following = urljoin(url, found[1]) if found else ""
        same = urlsplit(following)[:2] == urlsplit(self.address)[:2]
        if following and not same:
            raise GitHubError("the next page of a list is on another host: it is not read")
        return following

    def _check_allowed(self) -> None:
        until_s = float(self.known.note(_NOT_BEFORE) or 0)
        if time.time() < until_s < time.time() + 24 * 3_600:
            raise GitHubError(f"GitHub asks to be left alone until {clock(until_s)}; what is here stays")

    def _take_note(self, response: aiohttp.ClientResponse) -> None:
        """When it may be asked again, if this was the last request for now; also for the next process."""
        wait_s, limited = 0.0, response.status in _LIMITED
        search = "/search/" in response.url.path  # it has a limit of its own
        if limited and "Retry-After" in response.headers:
            wait_s = retry_after_s(response.headers["Retry-After"])
        elif response.headers.get("X-RateLimit-Remaining") == "0" and (limited or not search):
            wait_s = _until_reset_s(response)
        elif response.status == 429:
            wait_s = 60.0
        if wait_s > 0:
            self.known.set_note(_NOT_BEFORE, f"{time.time() + wait_s}")

    async def _check(self, response: aiohttp.ClientResponse, what: str = "read this") -> None:
        status = response.status
        if status in (200, 201):
            return
        if status == 401:
            raise NotLetIn(not_taken("GitHub", token=True))
        if status in _LIMITED:
            self._check_allowed()
        if status in (403, 404, 410, 422):
            said = await _message(response)
            raise NotAllowed(f"the access token may not {what} ({status}{said})")
        if status in (301, 302, 307, 308):
            raise GitHubError("the address redirects: give the one that it leads to")
        raise GitHubError(f"GitHub has a fault of its own ({status}), and is asked again")


def _listed(page: Page, inside: str) -> list[Any]:
    found = _json(page.body, dict).get(inside) if inside else _json(page.body, list)
    return found if isinstance(found, list) else []


def _until_reset_s(response: aiohttp.ClientResponse) -> float:
    """By GitHub's own clock, which need not be that of this machine."""
    said = response.headers.get("X-RateLimit-Reset", "")
    if not said.isdigit():
        return 60.0
    now_s = time.time()
    with suppress(ValueError):
        now_s = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    return min(max(float(said) - now_s, 1.0), 3_600.0)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        data += chunk
        if len(data) > PAGE_BYTES_MAX:
            raise GitHubError("GitHub answers with more than any of its pages has")
    return bytes(data)


async def _message(response: aiohttp.ClientResponse) -> str:
    try:
        said = _json(await _read(response), dict).get("message")
    except GitHubError:
        return ""
    return f", {shown(said, 200)}" if isinstance(said, str) else ""


def _json(body: bytes, kind: type[Any]) -> Any:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, kind):
        raise GitHubError("there is an answer, but not GitHub's: is the address right?")
    return found


def _said(error: Exception) -> str:
    match error:
        case TimeoutError():
            return f"GitHub has not answered for {SILENCE_S:g} s"
        case Unavailable():
            return str(error)
        case _:
            return f"GitHub cannot be reached: {plainly(error)}"
