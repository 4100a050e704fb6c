"""What the forms of prose have in common: what somebody is to do, and the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.actions.words import IDLE, VERBS

_SKIP = r"(?:also |then |now |just |please |still )*"
_ADVERB = r"(?:try to |go and |go ahead and |(?!probab|like|hopefu|possib|eventua)[a-z]+ly )*"
ACT = rf"{_SKIP}(?P<what>{_ADVERB}(?P<verb>[a-z]+)\b.*)"
_AGAIN = re.compile(r"^re(?!(?:source|sort)$)(?=[a-z]{3})")
IF = re.compile(r"\b(?:if|unless|whether|when|who|which|what|how|why|where)\b[^.!?]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What somebody is to do; `who` are the names as written, none if nobody is named; `mine` if I say it
    of myself; `asked` if it is asked for; `sure` if it is plain; `start` where it begins."""

    text: str
    who: tuple[str, ...] = ()
    mine: bool = False
    asked: bool = False
    sure: bool = False
    start: int = 0


def does(verb: str) -> bool:
    """Whether it is something that people carry out."""
    return (verb in VERBS or _AGAIN.sub("", verb) in VERBS) and verb not in IDLE
