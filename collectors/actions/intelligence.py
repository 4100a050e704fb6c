"""Tells `AI` for artificial intelligence from `AI` for action item."""

from __future__ import annotations

import re

from collectors.actions.patterns import any_of, has_any
from collectors.actions.people import People, called, names_at
from collectors.actions.prose import assigned
from collectors.actions.words import VERBS

_INTELLIGENCE = re.compile(
    any_of(
        *("it", "this", "that", "they", "he", "she", "there", "what", "how", "why", "the", "in", "is", "are"),
        *(
            "was",
            "will",
            "can",
            "could",
            "may",
            "might",
            "should",
            "has",
            "have",
            "does",
            "models?",
            "tools?",
        ),
        *("generated", "based", "powered", "driven", "assisted", "systems?", "agents?", "safety", "ethics"),
        *("research", "winter"),
    )
    + r"\b",
    re.IGNORECASE,
)
_OF_INTELLIGENCE = any_of(
    *("assisted", "based", "driven", "generated", "powered", "models?", "tools?", "agents?", "safety"),
    *("systems?", "is", "will", "can", "collab", "act", "summit", "strategy", "policy", "policies", "ethics"),
    *("risks?", "governance", "regulations?", "research", "labs?", "features?", "assistants?", "literacy"),
    *("startups?", "compan(?:y|ies)", "trainings?", "workshops?", "conferences?", "working group", "wg"),
)
_BEGINS_WITH_INTELLIGENCE = re.compile(rf"{_OF_INTELLIGENCE}\b", re.IGNORECASE)
_ORDINARY_AI = re.compile(
    rf"\bAI[- ]{_OF_INTELLIGENCE}\b|\b(?:artificial|LLMs?|machine learning|ChatGPT|generative|neural)\b"
    r"|\b(?:using|use|of|with) AI\b|\bAI and\b"
)
_TITLE_WORD = re.compile(r"[\w'\u2019-]+")
_TITLED = re.compile(r"[A-Z0-9].*|and|or|of|the|in|for|on|to|an?|at|with|by|vs")
DOES = re.compile(r",? (?:to |will )?(?P<what>(?P<verb>[a-z]+) \S.*)", re.IGNORECASE)
_SPOKEN_BY = re.compile(r"\s*\([^()]*\)$|,? by [^,]{1,40}$")
_OF_AI = ("artificial", "LLM", "machine learning", "ChatGPT", "generative", "neural")
_AI_ITEM = re.compile(r"AI(?:\s?[:\[(]|\s+-)\s*(?P<rest>\S.*)")


def _may_be_of_ai(text: str) -> bool:
    """Whether a word of `_ORDINARY_AI` stands in the text, which is quick to say."""
    return "AI" in text or has_any(text, _OF_AI)


def about(texts: list[str]) -> bool:
    """Whether `AI` means artificial intelligence in these lines rather than action item."""
    ordinary = sum(_may_be_of_ai(text) and _ORDINARY_AI.search(text) is not None for text in texts)
    marks = filter(None, (_AI_ITEM.match(text) for text in texts if text[:2] == "AI"))
    return ordinary > sum(_INTELLIGENCE.match(mark["rest"]) is None for mark in marks)


def speaks_of(rest: str) -> bool:
    """Whether a line that begins with `AI` goes on as one about artificial intelligence does."""
    return (_INTELLIGENCE.match(rest) or _BEGINS_WITH_INTELLIGENCE.match(rest)) is not None


def _is_title(rest: str, people: People) -> bool:
    """Whether it is what a talk is called: `AI: Opportunities and Risks (Ana Silva)`."""
    words = _TITLE_WORD.findall(_SPOKEN_BY.sub("", rest[:200]))
    if len(words) < 2 or words[0].lower() in VERBS or not all(map(_TITLED.fullmatch, words)):
        return False
    names = names_at(rest, 0, people)
    if names is not None and (does := DOES.match(rest, names.end)) and does["verb"].lower() in VERBS:
        return False
    return names is None or not all(map(people.is_known, names.names))


def means(rest: str, people: People, suspected: bool) -> bool:
    """Whether what follows `AI:` speaks of artificial intelligence, and not of what somebody is to do."""
    suspect = suspected or (_INTELLIGENCE.match(rest) and not called(rest, people)) or _is_title(rest, people)
    return bool(rest) and suspect and assigned(rest, people, lax=True) is None
