"""What a message asks or promises, in words that are right for whoever reads the board."""

from __future__ import annotations

import re

_OBJECT = r"(?:the|an?|this|that|these|those|your|our|all|some|any|it|them)\b"
_TO_SEND = re.compile(
    rf"\b(?P<verb>(?:re)?send|forward|e-?mail|mail|show)(?P<person> (?:me|us|you))(?= {_OBJECT})",
    re.IGNORECASE,
)
_SENT_TO = re.compile(
    r"\b(?P<said>(?:(?:re)?send|forward|e-?mail|mail|return)(?: [\w-]+){1,4}?) to (?:me|us|you)(?=$|[,.;!?])",
    re.IGNORECASE,
)
_OF_ONES_OWN = re.compile(r"\b(?:i|my|mine|myself|we)\b", re.IGNORECASE)


def for_reader(what: str) -> str:
    """`send me the sheet` as `send the sheet`, `send it back to me` as `send it back`: an item names the
    other person by itself, and `me` and `you` are not those of the message there. What says more of its
    writer stays as it is."""
    if _OF_ONES_OWN.search(what):
        return what
    return _SENT_TO.sub(r"\g<said>", _TO_SEND.sub(r"\g<verb>", what))
