"""Promises, as people note them: `I owe Ana the draft`, `@bo owes me: the numbers`, `Waiting for Cy`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from collectors.actions.patterns import APOSTROPHE, DASH, has_any
from collectors.actions.people import People, names_at
from models.commitments import Direction

_I_OWE = re.compile(
    rf"(?:I(?:{APOSTROPHE}ve| have)? (?:still |also )?)?(?:owe(?: to)?|promised)\s+", re.IGNORECASE
)
_OWES_ME = re.compile(r"\s+(?:still )?(?:owes?|promised) (?:me|us)[:,]?\s+(?P<what>.+)", re.IGNORECASE)
_WAITING = re.compile(
    rf"(?:(?:I{APOSTROPHE}m|I am|we{APOSTROPHE}re|we are) )?(?:still )?"
    r"(?:waiting (?:for|on)|awaiting|waiting:|(?P<for>blocked (?:on|by)|needs? from))\s+",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(rf"(?:\s*[:,]|\s+(?:for|to|with|on|about|{DASH}))?\s+(?P<what>.+)")
_FOR = re.compile(r"\s*:|\s+(?:for|to) ")
_TO_DO = re.compile(r"to [a-z]+\s+(?=@|[A-Z])")
_NOTHING = re.compile(r"(?:nothing|no\b|a lot\b|everything|one\b$|an apology|big time)", re.IGNORECASE)


@dataclass(frozen=True)
class Promise:
    """Who owes whom what: with `owe` it is mine to do, and `who` is the other one; `awaited` if that is only
    waited for."""

    direction: Direction
    who: str
    what: str
    awaited: bool = False


def promise(text: str, people: People) -> Promise | None:
    """A whole line that says who owes whom what."""
    small = text.lower()
    found = None
    if "owe" in small or "promised" in small:
        found = _mine(text, people) or _theirs(text, people)
    if found is None and has_any(small, ("wait", "blocked ", "from ")):
        found = _awaited(text, people)
    if found is None or _NOTHING.match(found.what):
        return None
    return replace(found, what=found.what.rstrip(" ."))


def _mine(text: str, people: People) -> Promise | None:
    said = _I_OWE.match(text)
    if said is None:
        return None
    start = said.end()
    if to_do := _TO_DO.match(text, start):
        # "I promised to send Ana the draft"
        names = names_at(text, to_do.end(), people, lax=True)
        return (
            Promise(Direction.OWE, _joined(names.names), text[start:].removeprefix("to ")) if names else None
        )
    names = names_at(text, start, people, lax=True)
    what = _AFTER_NAME.match(text, names.end) if names else None
    if names is None or what is None or not _is_person(text[start : names.end]):
        return None
    return Promise(Direction.OWE, _joined(names.names), what["what"])


def _theirs(text: str, people: People) -> Promise | None:
    names = names_at(text, 0, people, lax=True)
    what = _OWES_ME.match(text, names.end) if names else None
    return Promise(Direction.OWED, _joined(names.names), what["what"]) if names and what else None


def _awaited(text: str, people: People) -> Promise | None:
    said = _WAITING.match(text)
    names = names_at(text, said.end(), people, lax=True) if said else None
    if said is None or names is None or not _is_person(text[said.end() : names.end]):
        return None
    if any(name.isupper() and len(name) > 1 and not people.is_known(name) for name in names.names):
        return None
    what = _AFTER_NAME.match(text, names.end)
    if said["for"] and not (what and _FOR.match(text, names.end)):
        return None  # "Blocked on Kubernetes 1.30"
    who = _joined(tuple(re.sub(r"['\u2019]s$", "", name) for name in names.names))
    return Promise(Direction.OWED, who, what["what"] if what else text, awaited=True)


def _is_person(name: str) -> bool:
    """A word in small letters is nobody here: "I owe money to the bank"."""
    return not name[0].islower() or "@" in name


def _joined(names: tuple[str, ...]) -> str:
    return ", ".join(names)
