"""Sentences that say nothing by themselves: `Without it I cannot close the quarter.`"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sio_server.language.sentences import can_be_quoted

TOGETHER_MAX = 300
"""Characters of a sentence with the one before it: more is no quote any more."""
_BEFORE = r"(?:(?:without|with|for|before|after|until|about|from|on|by|because of|instead of|and|but|so),? )?"
_VERB = (
    r"(?:is|isn.t|was|wasn.t|will|won.t|would|has|had|can|can.t|cannot|could|should|must|may|might|are|were"
    r"|have|do|does|did|means|needs|works)"
)
_OPEN = re.compile(
    rf"{_BEFORE}(?:(?:he|she|they|them|him|his|their)\b|it\b(?!(?:.s| is| was| will be| would be) (?:\w+ )?"
    rf"(?:to|that|time|clear|important|likely)\b)|(?:this|that|these|those) {_VERB}\b)"
    r"|(?:without|with|for|before|after|about|because of|instead of) (?:this|that|these|those),?"
    r" (?:i|we|you)\b",
    re.IGNORECASE,
)


def with_what_it_rests_on(sentence: str, before: Sequence[str]) -> str:
    """The sentence; with the one before it if it begins with a pronoun that stands for something said there.
    Empty if nothing says what is meant."""
    if _OPEN.match(sentence) is None:
        return sentence
    if not before or _OPEN.match(before[-1]) or not can_be_quoted(before[-1]):
        return ""
    both = f"{before[-1]} {sentence}"
    return both if len(both) <= TOGETHER_MAX else ""
