"""Fetches what changed in a calendar: by sync-collection (RFC 6578), or by comparing ETags where a server has
not that or has lost its tokens. In pieces, each of which is kept at once: a run that ends in the middle of a
large calendar is continued by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from caldav.elements import dav
from caldav.lib.error import AuthorizationError, DAVError, RateLimitError
from caldav.lib.url import URL

from collectors.caldav.known import Known
from collectors.texts import counted
from collectors.types import Progress

AT_ONCE = 100  # objects of one multiget: servers limit the size of an answer
SILENCE_S = 30  # a slow server works on a report for several seconds
LISTING_S = 600
"""A server may read all files of a calendar before it says the first word of a list of them: Radicale takes a
minute for some 10,000 that it has not seen before."""
UNREADABLE = (DAVError, SyntaxError)
"""Of an answer: what the library says, and its reader of XML of a page where that should be."""
_EMULATED = "fake-"  # tokens that earlier versions noted down, which no server knows
_ETAGS = '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'


@dataclass(frozen=True)
class _Listed:
    """The paths of what is there, or of what has changed unless it is `whole`, with their ETags ("" where not
    known), and of what is certainly gone."""

    token: str | None
    there: Mapping[str, str]
    gone: frozenset[str] = frozenset()
    whole: bool = False


class Incomplete(DAVError):
    """The answer is not a list of what is in the calendar."""


def fetch(calendar: Any, name: str, known: Known) -> Iterator[Progress]:
    """Brings what is known of the calendar up to date. Errors: those of the library."""
    url = str(calendar.url)
    before = known.token(url)
    before = None if before is not None and before.startswith(_EMULATED) else before
    yield Progress(0, None, f"asking for {name}")
    listed = _listed(calendar, before)
    if not listed.whole and listed.token == before and not listed.there and not listed.gone:
        return
    etags = known.etags(url)
    named = [path for path, etag in listed.there.items() if not etag or etags.get(path) != etag]
    gone = {path for path in etags if unquote(path) in {unquote(one) for one in listed.gone}}
    if listed.whole:
        gone |= etags.keys() - listed.there.keys()
    for start in range(0, len(named), AT_ONCE):
        yield Progress(start, len(named), f"fetching {counted(len(named), 'object')} of {name}")
        _load(calendar, named[start : start + AT_ONCE], listed.there, known)
    known.set_token(url, listed.token, gone)


def _load(calendar: Any, paths: Sequence[str], etags: Mapping[str, str], known: Known) -> None:
    """Some objects; those that are not there any more are forgotten."""
    spelled = {unquote(path): path for path in paths}  # servers do not agree on what is quoted
    got = dict[str, tuple[bytes, str]]()
    for one in calendar.multiget([URL.objectify(path) for path in paths]):
        if one.data:
            data = one.data if isinstance(one.data, bytes) else one.data.encode()
            path = _path(one.url)
            path = spelled.get(unquote(path), path)
            got[path] = data, str(one.etag or etags.get(path, ""))
    changed = [(path, data, etag) for path, (data, etag) in got.items()]
    known.change(str(calendar.url), changed, {*paths} - got.keys())


def _listed(calendar: Any, before: str | None) -> _Listed:
    """Errors: DAVError."""
    for token in dict.fromkeys((before, None)):
        try:
            with _patient(calendar.client, SILENCE_S if token else LISTING_S):
                found = calendar.get_objects_by_sync_token(token, load_objects=False, disable_fallback=True)
        except AuthorizationError as error:
            expired = {dav.ValidSyncToken.tag, dav.SupportedReport.tag} & {*error.preconditions}
            if error.status == HTTPStatus.UNAUTHORIZED or (error.preconditions and not expired):
                raise
        except RateLimitError:
            raise
        except UNREADABLE:
            continue
        else:
            if found.sync_token:
                return _synced(found, whole=token is None)
    with _patient(calendar.client, LISTING_S):
        return _compared(calendar)


def _synced(found: Any, *, whole: bool) -> _Listed:
    gone = {str(one) for one in found.deleted_urls}
    there = {
        _path(one.url): str(one.etag or "")
        for one in found
        if str(one.url.canonical()) not in gone and str(one.url) not in gone
    }
    paths = frozenset(_path(one) for one in gone)
    if found.truncated:  # by a server that does not go on: nothing can be said of what is not named
        return _Listed(None if whole else str(found.sync_token), there, paths)
    return _Listed(str(found.sync_token), there, paths, whole)


def _compared(calendar: Any) -> _Listed:
    """Errors: DAVError, Incomplete."""
    response = calendar.client.propfind(str(calendar.url), _ETAGS, depth=1)
    if response.status != HTTPStatus.MULTI_STATUS:
        raise Incomplete(str(calendar.url), f"status {response.status}")
    own, there = unquote(_path(calendar.url)).rstrip("/"), dict[str, str]()
    found = response.expand_simple_props([dav.GetEtag()])
    if own not in {unquote(_path(calendar.url.join(href))).rstrip("/") for href in found}:
        raise Incomplete(str(calendar.url), "it does not name the calendar")
    for href, values in found.items():
        path = _path(calendar.url.join(href))
        if unquote(path).rstrip("/") != own:
            there[path] = str(values.get(dav.GetEtag.tag) or "")
    return _Listed(None, there, whole=True)


@contextmanager
def _patient(client: Any, silence_s: int) -> Iterator[None]:
    """The client waits so long for a word of the server."""
    before, client.timeout = client.timeout, silence_s
    try:
        yield
    finally:
        client.timeout = before


def _path(url: object) -> str:
    return str(URL.objectify(str(url)).path)
