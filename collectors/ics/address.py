"""The part of a calendar's address that stays the same when its secret is renewed.

Whoever has the address can read the calendar, so providers put a long random word into it, which people can
reset. Parts that look random or are marked as secret are left out; names, numbers and mail addresses stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import unquote, urlsplit

_SECRET_NAMES = {
    *("auth", "authorization", "code", "cred", "credential", "credentials", "hash", "hmac", "key", "magic"),
    *("nonce", "pass", "passwd", "password", "pin", "priv", "private", "pw", "pwd", "secret", "session"),
    *("share", "sid", "sig", "sign", "signature", "ticket", "token"),
    *("exp", "expires", "expiry", "ts", "timestamp", "amz", "goog", "se", "sp", "st", "sv"),  # of signed ones
}
_SECRET_ENDS = ("token", "key", "secret", "password", "signature")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MARKED = re.compile(r"(?i)(private|secret|token|key)[-_=.~]")
"""How Google marks them: `private-0a1b2c`."""
_HEX = re.compile(r"(?i)(?=.*[a-f])([0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{16,})")
_TOKEN = re.compile(r"[A-Za-z0-9_~=.+-]{16,}")
_ENDING = re.compile(r"\.[A-Za-z]{2,4}$")


def without_secrets(url: str) -> str:
    """The address without parts that look like a secret."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    user = login.partition(":")[0]
    path = "/".join(_plain(segment) for segment in parts.path.split("/"))
    query = "&".join(pair for pair in re.split("[&;]", parts.query) if not _is_secret(pair))
    fragment = "" if _is_random(parts.fragment) else parts.fragment
    plain = f"{parts.scheme}://{user + at if user and not _is_random(user) else ''}{host}{path}"
    return plain + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _plain(segment: str) -> str:
    """A part of the path; the ending of a name stays."""
    word = unquote(segment)
    if not _MARKED.match(word) and not _is_random(_ENDING.sub("", word)):
        return segment
    ending = _ENDING.search(word)
    return ending[0] if ending else ""


def _is_secret(pair: str) -> bool:
    name, equals, value = pair.partition("=")
    named = [word.lower() for word in _WORDS.findall(unquote(name))] if equals else []
    if any(word in _SECRET_NAMES or word.endswith(_SECRET_ENDS) for word in named):
        return True
    return bool(_MARKED.match(unquote(value or name))) or _is_random(unquote(value or name))


def _is_random(word: str) -> bool:
    """Whether it looks random: a UUID, or one long piece in which digits and letters, or upper and lower
    case, alternate."""
    if _HEX.fullmatch(word):
        return True
    piece = max(re.split("[^A-Za-z0-9]", word), key=len)
    if not _TOKEN.fullmatch(word) or len(piece) < 10:
        return False
    return _turns(piece, str.isdigit) >= 3 or _turns(piece, str.isupper) >= max(5, len(piece) // 3)


def _turns(piece: str, kind: Callable[[str], bool]) -> int:
    kinds = [kind(mark) for mark in piece]
    return sum(one != other for one, other in pairwise(kinds))
