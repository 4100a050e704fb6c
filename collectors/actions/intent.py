"""Whether a sentence of a mail or a chat asks for something or promises it: cues that people use."""

from __future__ import annotations

import re

from collectors.actions.patterns import APOSTROPHE, any_of
from collectors.actions.words import IDLE, VERBS

_SENTENCE_MAX = 2_000  # characters: bounds the patterns' work
_PEOPLE = any_of("me", "us", "him", "her", "them", r"(?-i:[A-Z]\w+)")
_YOU = any_of("you", "u", "we", "someone", "anyone")
_AUXILIARY = any_of(
    *(
        "can",
        "could",
        "would",
        "will",
        f"won{APOSTROPHE}t",
        "do",
        "did",
        "are",
        "were",
        "have",
        "should",
        "shall",
    ),
    "may",
)
_CUE = re.compile(
    any_of(
        r"\b(?:please|pls|plz|kindly)\b",
        r"\?[\s\"')]*$",
        r"\blet \w+ know\b",
        rf"\b{_AUXILIARY} {_YOU}\b",
        rf"\b(?:can|could|may|shall) i\b|\b(?:how|what) about\b|\bwhy don{APOSTROPHE}t\b",
        rf"\blet{APOSTROPHE}?s\b",
        rf"\b(?:don{APOSTROPHE}?t|not|never) hesitate\b|\bfeel free\b",
        r"\bwould appreciate\b|\bappreciate it if\b",
        rf"\b(?:i|we|you)(?: will| may| might|{APOSTROPHE}ll)? (?:also |still |really |just )?"
        r"(?:need|ought|have) to\b",
        r"\b(?:we|you|he|she|they) should\b|\bwonder(?:ing|ed)? if\b",
        r"\bbe (?:great|nice|good|helpful) (?:if|to)\b|\b(?:grateful|appreciated)\b",
        rf"\b(?:call|email|e-mail|contact|tell|show|give|send|forward|get|ask|remind|copy|join) {_PEOPLE}\b",
        r"\b(?:get back to|reach out to|follow up with|touch base|speak with you)\b",
        r"\b(?:meet|get together|discuss|lunch|dinner|coffee|conference call|schedule a|set up a)\b",
        r"\b(?:keep|bear) (?:me|us|him|her|them|in)\b",
        # Offers, wishes and suggestions, which people mean as requests.
        r"\bwe (?:can|could)\b|\bi (?:would )?(?:suggest|recommend|propose)\b|\b(?:happy|glad) to\b",
        r"\bwould be (?:great|helpful|awesome|good|nice|wonderful)\b|\b(?:have|take) a look\b",
        r"\bif you (?:get|have) (?:a|the) (?:chance|minute|second)\b|\bremember to\b",
        r"\byour (?:thoughts|feedback|comments|input)\b",
        rf"\bi(?:{APOSTROPHE}d| would) like (?:to (?:invite|ask|hear|get|discuss|schedule|meet|talk)|you)\b",
        rf"^\W*(?:don{APOSTROPHE}t|do not)\b",
        r"\b(?:click|visit|sign up|register|download|activate|check out|learn more|go to|log ?in)\b",
    ),
    re.IGNORECASE,
)
_PROMISE = re.compile(
    rf"\b(?:i|we)(?: will|{APOSTROPHE}ll| shall| am going to|{APOSTROPHE}m going to)"
    r" (?:also |then |just |certainly |gladly |try to |be )*(?P<verb>[a-z]+)",
    re.IGNORECASE,
)
_NONE = re.compile(
    any_of(
        r"\bunsubscrib",
        r"\bopt[- ]out\b",
        r"\b(?:no longer|not) (?:wish|want|like) to (?:receive|get)\b",
        r"\breceiv(?:e|ing) (?:this|these|any more|further|our)\b",
        r"^\W*(?:i )?look(?:ing)? forward\b",
        r"^\W*(?:thanks|thank you)\b(?!.*\?)",
        r"\bsent (?:this|you this)\b",
        r"^\W*to ensure\b|\badd us to\b|\bprefer not to receive\b",  # of newsletters
    ),
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"[\s>*\d.)-]*(?:(?:and|so|but|also|then|just|now|guys|hi|hey|again|otherwise),? )*"
    r"(?:[A-Z]\w+\s?[,:-]+ )?(?P<verb>[A-Za-z]+)\b(?! of\b)"
)


def asks_or_promises(sentence: str) -> bool:
    """Whether it asks somebody to do something, or promises it."""
    text = sentence[:_SENTENCE_MAX].replace("\u2019", "'")
    if _NONE.search(text):
        return False
    if _CUE.search(text):
        return True
    promise = _PROMISE.search(text)
    if promise and promise["verb"].lower() in VERBS:
        return True
    order = _ORDER.match(text)
    return order is not None and order["verb"].lower() in VERBS - IDLE
