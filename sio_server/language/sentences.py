"""Finds sentences worth quoting: complete, and something that somebody said.

A sentence has a recognizable verb, or ends as sentences do. Labels, headings, templates, footers, logs,
passwords and lists of names do not, or have patterns of their own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from sio_server.language.stop_words import ENGLISH, FRENCH, GERMAN, SPANISH, words
from sio_server.language.words import folded

WORDS = range(5, 43)
"""Words of a sentence that can be quoted; a longer one is too long, and a part of it is not a sentence."""
SIGNS = range(10, 130)
"""Characters of one in Japanese, which has no spaces."""
ALIKE = 0.65
"""Likeness from which two sentences say the same, and one of them is left out."""

_CJK = re.compile(r"[぀-ヿ一-鿿]")
_IMAGE_OR_LINK = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_NUMBERED = re.compile(r"\s*[(\[]?#\d+[)\]]?")
_TAG = re.compile(r"<(?:https?://[^<>|]*\|(?P<shown>[^<>]*)|/?[A-Za-z!][^<>]*)>")
_ADDRESS = re.compile(r"\(?\b(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_MARKUP = re.compile(r"\*{1,3}|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w)|`+|~~")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")
_EMOJI = re.compile(r"(?<!\w):[a-z0-9_+-]{2,30}:(?!\w)")
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\W_a-z])|(?<=[。！？])(?=[^」』）])")
_SHORTENED = re.compile(
    r"(?:\b(?:[Ee]\.?g|[Ii]\.?e|etc|vs|cf|Dr|Mr|Mrs|Ms|Prof|St|No|Nr|Abs|Art|bzw|ca|usw|vgl|Vgl|ggf|evtl|bspw"
    r"|[ZzDdUu]\.\s?[BhaÄä]|p\.\s?ex|env|M|Mme"
    r"|Sr|Sra|pág|núm|approx|resp|Inc|Ltd|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)"
    r"|(?:^|[\s(])[^\W\d_])\.$"
)
_SHORTENED_MAX = 12  # characters that one may have, with what stands before it
_VERBS = {
    ENGLISH: words(
        "is are was were be been am has have had does did do will would can could should shall may"
        " might must needs need needed wants want wanted thinks think thought agreed agree agrees said"
        " says asked asks going goes went got gets wrote sent made makes found finds took takes keeps"
        " kept gave gives works worked looks seems seemed prefers supports supported suggests"
        " suggested proposed proposes decided decides approved rejected merged moved plans expects"
        " expected reported raised discussed explained noted confirmed announced started finished"
        " shipped missed signed requires required allows allowed happened happens means remains"
        " depends don't doesn't didn't isn't aren't wasn't won't can't cannot couldn't shouldn't"
        " wouldn't haven't hasn't it's that's there's we're they're you're i'm i've we've they've i'll"
        " we'll let's he's she's what's"
    ),
    GERMAN - ENGLISH: words(
        "ist sind war waren hat haben hatte hatten wird werden wurde wurden kann können konnte soll sollen"
        " sollte muss"
        " müssen musste will wollen möchte möchten braucht brauchen gibt geht gehen macht machen kommt"
        " kommen bleibt"
        " bleiben steht liegt fehlt fehlen darf dürfen schlägt stimmt meint findet sagt sagte hält"
    ),
    FRENCH - ENGLISH: words(
        "est sont était étaient a ont avait avons avez sera seront serait faut doit doivent devons peut"
        " peuvent pouvons"
        " va vont fait font reste restent manque veut veulent propose propose demande dit pense semble avance"
    ),
    SPANISH - ENGLISH: words(
        "es son era eran está están estaba fue fueron ha han había hemos hay tiene tienen tenemos debe"
        " deben debemos puede"
        " pueden podemos va van hace hacen falta faltan queda quedan quiere quieren propone dice cree parece"
    ),
}
"""By the grammar of their language: `a`, `war` and `son` are verbs only beside another word of it."""
_VERB_FORM = re.compile(r"[a-z]+(?:ed|[^aius]s)$")
_SUBJECT = re.compile(
    r"\b(?:I|[Ww]e|[Tt]hey|[Hh]e|[Ss]he|[Yy]ou|[Ii]t|[Tt]here|[Ww]ir|[Ii]ch|[Ss]ie|[Ee]r|[Ee]s|[Nn]ous|[Jj]e|[Ii]ls"
    r"|[Ee]lles?|[Nn]osotros|[Yy]o)\s+[a-zà-ÿ]{2,}"
)
_JAPANESE_END = re.compile(
    r"(?:です|ます|ました|ません|ましょう|でした|ください|下さい|でしょう|した|する|される|された|ない|なかった|だ|である|たい|"
    r"べき|よう|か|ね|よ|ている|ていた|なる|なった|いる|ある|あった)[。！？!?]?$"
)
_NO_QUOTE = re.compile(
    r"\bpage \d+(?: of \d+)?\b|\bseite \d+ von|all rights reserved|confidential(?:ity)?\b.*\b(?:intended"
    r"|notice|recipient)"
    r"|unsubscribe|abmelden|se désabonner|darse de baja|you(?:'re| are)? receiv(?:ed|ing) this"
    r"|this (?:e-?mail|message) (?:and|is|may|was)"
    r"|do not reply|view (?:it |this )?(?:in|on) (?:your )?(?:browser|github|the web)|reply to this email"
    r"|join (?:the |us |our |with |zoom )?(?:meeting|zoom|teams|call|mailing|slack)|meeting (?:id|link"
    r"|url|notes|agenda|minutes)\b|dial[- ]in"
    r"|pass(?:code|word|wd)\b|kennwort|passwort|mot de passe|contraseña|パスワード|\bpin\s*[:=]|\bpwd\b"
    r"|\bone[- ]tap\b"
    r"|note[- ]?taker|scribe\b|recording\b|\[insert|lorem ipsum|add (?:your(?:self)?|items?|topics?|an? "
    r"|agenda|name)\b.*\b(?:here|below|agenda|list)"
    r"|please (?:add|put|list|enter|fill) |click (?:here|above|below|on)|copy and paste"
    r"|prior to the meeting|extracted from"
    r"|(?:canceled|cancelled) (?:due|because|for)|no meeting|welcome to the channel|has (?:joined|left"
    r"|set the topic)|^\([^()]*\)\W*$|\bshout[- ]?outs?\b|\bkudos\b"
    r"|(?:bi-?)?weekly (?:meeting|sync|call)s? (?:on|at|every)|office hours|^\W*(?:hi|hello|hey|dear"
    r"|hallo|guten tag|liebe[rs]?|sehr geehrte"
    r"|bonjour|cher|chère|hola|estimad[oa]s?)\b[^.!?]{0,40}[,!]?$|^\W*(?:ok|okay|thanks|thank you|thx|lol"
    r"|haha|yes|no|yep|nope|cool|great)\b[^?]{0,24}$"
    r"|\]\s?\[|<-|[-=]>|^\W*(?:ping|bump|\+1|lgtm|/\w+)\b|\b(?:AI|ACTION|TODO)\b[^:]{0,24}:|\bbug \d+ in\b"
    r"|\b(?:id|host|when|where|time|date|location|agenda|attendees|ort"
    r"|zeit|lieu|lugar|日時|場所|議題)\s*[:：]",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:[A-Z][\w/&-]*(?:\s+[\w/&-]+){0,4}|\[[^\]]{1,40}\]|@?[\w.-]{2,30}|<[\w.-]{1,30}>)\s?[:：]\s+"
)
_LEAD = re.compile(
    r"^(?:[-–—>•*\"'\s,;:.…]|\d{1,2}[:)-]\s+|\[[^\]]{0,40}\]\s*|\[(?=[^\]]*$)|\(?(?:@[\w.-]+[:,]?\s+)+)+"
)
_WHO = re.compile(r"\s*\[[^\[\]]{1,30}\]$")
"""The name of who is to do it, behind an entry of minutes."""
_JOINED = re.compile(r"\s[-–—]\s|;\s")
"""What joins the entries of a list on one line: one of them has to be a sentence."""
_GOES_ON = re.compile(
    r"^(?:and|but|or|because|which|und|aber|oder|weil|et|mais|ou|car|y|pero|porque)\b|\w \+ \w"
    r"|\s(?:a|an|the|of|to|for|with|and|or|by|from|at|in|than|der|die|das|ein|eine|und|oder|für|mit|von|zu"
    r"|le|les|de|du|des|et|ou|pour|avec|el|los|las|y|para|con)$"
)
"""Begins or ends in the middle of a sentence, or is a sum of names."""
_NOISE = re.compile(r"[{}<>|=\\^~@#$%]|/|_|\d{5,}|\.{4,}|[!?]{3,}|(?<!\w)[:;=][-']?[()DPp/](?!\w)")
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def sentences(passage: str) -> Iterator[str]:
    """The sentences of a passage that can be quoted, without markup, links and addresses."""
    return filter(can_be_quoted, parts(passage))


def parts(passage: str) -> Iterator[str]:
    """The text between sentence ends, quotable or not."""
    text = plain(passage)
    start = 0
    for found in _END.finditer(text):
        before = text[start : found.start() + 1].rstrip()
        if not is_shortened(before) and not before[-2:-1].isdigit():
            yield _trimmed(text[start : found.end()])
            start = found.end()
    yield _trimmed(text[start:])


def is_shortened(text: str) -> bool:
    """Whether the text ends in the full stop of an abbreviation, which ends no sentence: `e.g.`, `z. B.`."""
    return bool(_SHORTENED.search(text[-_SHORTENED_MAX:]))


def plain(text: str) -> str:
    """The text without markup and addresses, on one line."""
    shown = _IMAGE_OR_LINK.sub(lambda found: "" if found[0][0] == "!" else found["text"], text)
    shown = html.unescape(_TAG.sub(lambda found: found["shown"] or " ", shown))
    shown = _ADDRESS.sub("", _NUMBERED.sub("", shown))
    shown = _EMOJI.sub("", _MARKUP.sub("", _ESCAPED.sub(r"\1", shown)))
    shown = re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", shown)
    return re.sub(r"\s+([.,;:!?)])", r"\1", " ".join(shown.split()))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How similar two sentences are, as sets of words: 1 if one has all words of the other."""
    return len(one & other) / max(1, min(len(one), len(other)))


def words_of(sentence: str) -> frozenset[str]:
    """The words for `likeness`; for Japanese, pairs of characters."""
    if _CJK.search(sentence):
        signs = re.sub(r"\W", "", sentence)
        return frozenset(signs[at : at + 2] for at in range(len(signs) - 1))
    return frozenset(_TOKEN.findall(folded(sentence)))


def _trimmed(text: str) -> str:
    return _WHO.sub("", _LEAD.sub("", text.strip()).strip()).rstrip(" \\-–—,;(")


def can_be_quoted(sentence: str) -> bool:
    """Whether it says something, and does not come from a form, a footer, a log or a list."""
    if _CJK.search(sentence):
        says = len(sentence) in SIGNS and (sentence.endswith("。") or bool(_JAPANESE_END.search(sentence)))
        return says and not _NO_QUOTE.search(sentence)
    tokens = _TOKEN.findall(sentence)
    if len(tokens) not in WORDS or len(_NOISE.findall(sentence)) > max(1, len(tokens) // 12):
        return False
    if sum(map(str.isdigit, sentence)) > len(sentence) // 6 or sentence.isupper():
        return False
    if sentence.count("(") != sentence.count(")"):
        return False
    if _GOES_ON.search(sentence):
        return False
    label = _LABEL.match(sentence)
    said = sentence[label.end() :] if label else sentence
    return (
        any(map(_says_something, _JOINED.split(said)))
        and not sentence.endswith(":")
        and not _NO_QUOTE.search(sentence)
    )


def _says_something(sentence: str) -> bool:
    tokens = [token.replace("’", "'") for token in _TOKEN.findall(sentence)]
    if len(tokens) < WORDS.start - 1 or _are_names(tokens):
        return False
    low = [token.lower() for token in tokens]
    has_verb = _has_verb(low) or bool(_SUBJECT.search(sentence))
    if sentence.rstrip("\"'”’)").endswith((".", "!", "?", "…")):
        return has_verb or (len(tokens) > WORDS.start + 1 and _may_have_verb(tokens))
    return has_verb


def _has_verb(low: list[str]) -> bool:
    for grammar, verbs in _VERBS.items():
        found = [word for word in low[1:] if word in verbs]
        if found and (grammar is ENGLISH or any(word in grammar and word not in found for word in low)):
            return True
    return False


def _may_have_verb(tokens: list[str]) -> bool:
    """Whether it is in a language, and in English has a word with the form of a verb: `passes`, `stopped`."""
    low = [token.lower() for token in tokens]
    if any(word in grammar for grammar in _VERBS if grammar is not ENGLISH for word in low):
        return True
    return any(word in ENGLISH for word in low) and any(map(_VERB_FORM.match, tokens[1:]))


def _are_names(tokens: list[str]) -> bool:
    """Whether it is a list of names or a title: hardly a word is in lower case."""
    lower = sum(token[:1].islower() for token in tokens)
    return lower * 3 < len(tokens)
