"""Quotes: the sentences in records that say most about a subject, and what people last said.

Rare words and names count more than common ones, by the number of records with each. In the records that
match best, the passages around those words are read, and their quotable sentences compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sio_server.language.folds import folded_in_place
from sio_server.language.passages import Passage, end_of_own_words, passage_at, passages
from sio_server.language.resting import with_what_it_rests_on
from sio_server.language.sentences import ALIKE, can_be_quoted, likeness, parts, plain, words_of
from sio_server.language.words import stems, telling
from sio_server.people.directory import NOBODY, Directory
from sio_server.registry.ops import Json
from sio_server.search.answer import at_of
from sio_server.search.cancellation import INTERRUPTED
from sio_server.search.lines import Lines, without_addresses
from sio_server.search.matching import Matcher, Page
from sio_server.search.query import DAY, Query, start_of
from sio_server.search.store import Reader, Row
from sio_server.search.subject import Subject, Subjects, Word
from sio_server.search.time_index import TimeIndex, decode

RECORDS_EACH = 14  # records read for each combination of words
RECORDS_MAX = 36  # records read in all; these bounds keep a brief within its time
CHARACTERS_MAX = 1_200_000  # of their texts
PLACES_MAX = 8
"""Places examined in one record."""
PLACES_IN_ALL = 110  # examined in all records
OF_ONE_PERSON = 6  # of a person's last records
PARTS_MAX = 4
"""Passages read of a message that has the words in its subject, not in its text."""
NEAR = 400
"""Characters before and after a word of the subject in which a second one has to be: minutes have hundreds of
subjects, and one of them about two paragraphs."""
ENOUGH = 0.5
"""The share of the subject's weight that a sentence needs with heading and title; alone, half of it."""
MOST = 0.65
"""The share of one word that is enough by itself: the others are words of any subject."""
BELOW_IT = 0.6
"""The weight of a word in the heading or title but not in the sentence."""
RELATIVE = 0.6
"""The weight of a word that has the same root only."""
OF_THE_BEST = 0.5
"""Beside a sentence about the whole subject, one about half of it is off the point."""
LONG = 180
"""Characters: what is longer is read twice, and takes the place of two others."""
REPEATED = 3
"""A sentence that occurs this often is part of a template."""
_NO_SUBJECT = ("note", "message")
"""Kinds of records whose title is the name of a long file or a channel, not what they are about."""
NEWEST_GAIN, HALF_LIFE_DAYS = 1.25, 365.0
"""Today's sentence counts 2.25 times, last year's 1.6 times: beside one of today (OF_THE_BEST), one of ten
years ago stays only if it says more about the subject."""

_WORTH = re.compile(
    r"\b(?:agree[ds]?|decid\w+|approv\w+|propos\w+|suggest\w+|deadline|by (?:mon|tues|wednes|thurs"
    r"|fri)day|blocked|risk"
    r"|will|should|must|need(?:s|ed)? to|plan(?:s|ned)? to|beschlossen|einig\w*|vorschlag\w*|frist"
    r"|décid\w+|acuerd\w+"
    r"|decid\w+|aprob\w+|approuv\w+|accord)\b|決定|承認|提案|合意",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:hi|hello|hey|however|this|that|these|those|it|he|she|they|so|and|but|or|because|which|also|then"
    r"|dies\w*|das|und|aber"
    r"|cela|ça|et"
    r"|mais|esto|eso|y|pero)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class QuoteRequest:
    """`subject` is a title; `people` are queries, one for each person whose last words are wanted; `until`,
    exclusive, is when the subject takes place; nothing is quoted from the sources in `without`."""

    subject: str
    people: dict[str, str] = field(default_factory=dict)
    until: str | None = None
    limit: int = 5
    without: Sequence[str] = ()


@dataclass(frozen=True)
class _Record:
    id: int
    text: str
    own: str
    at: str | None
    at_s: float
    title: str
    author: str | None
    kind: str | None


@dataclass(frozen=True)
class _Place:
    """A passage with words of the subject, and the text around them in lower case; `whole` if only the title
    has them."""

    passage: Passage
    around: str = ""
    whole: bool = False


@dataclass(frozen=True)
class _Quote:
    """A sentence of a record, and its worth."""

    record: _Record
    text: str
    words: frozenset[str]
    worth: float


class Quotes:
    """Finds quotes with one reader; `is_cancelled` is checked between statements."""

    def __init__(
        self,
        reader: Reader,
        time_index: TimeIndex,
        now_s: float,
        is_cancelled: Callable[[], bool],
        people: Directory = NOBODY,
    ) -> None:
        self._reader = reader
        self._time_index = time_index
        self._now_s = now_s
        self._is_cancelled = is_cancelled
        self._people = people
        self._tokens: dict[str, str] = {}
        self._hidden: list[str] = []

    def of(self, request: QuoteRequest) -> Json:
        """Shape: `{about: [quote], by: {person: [quote]}}`, a quote being `{id, at, author, title, text}`."""
        self._hidden = [*request.without]
        until_s = None if request.until is None else start_of(request.until)
        subject = Subjects(self._reader, self._time_index).of(request.subject)
        about = self._about(subject, until_s, request.limit)
        return {
            "about": [_json(quote) for quote in about],
            "by": {
                person: [_json(quote) for quote in self._said_by(query, subject, until_s)]
                for person, query in request.people.items()
            },
        }

    # Finding records.

    def _about(self, subject: Subject, until_s: float | None, limit: int) -> list[_Quote]:
        if not subject.words:
            return []
        records = self._records(self._matching(subject, until_s))
        lines = Lines(subject.words)
        found: list[_Quote] = []
        places = 0
        with suppress(*INTERRUPTED):  # out of time: what was found so far
            for record in records:
                if places >= PLACES_IN_ALL or self._is_cancelled():
                    break
                for place in self._places(record, subject, lines):
                    places += 1
                    found += self._quotes(record, place, subject)
        return _best(found, limit)

    def _matching(self, subject: Subject, until_s: float | None) -> list[int]:
        """Records with all of the words first, then with two side by side, then with the rarest ones."""
        words = subject.words
        asked = [[[*word.terms] for word in words]]
        asked += [[[phrase]] for phrase in subject.phrases]
        least = subject.weight * ENOUGH / 2
        for some in (*([words[:2]] if len(words) > 2 else []), *([word] for word in words[:4])):
            if sum(word.weight for word in some) >= least:
                asked.append([[*word.terms] for word in some])
        ids: dict[int, None] = {}
        for groups in asked:
            if len(ids) < RECORDS_MAX:
                limit = RECORDS_EACH if len(words) > 1 else RECORDS_MAX
                ids |= dict.fromkeys(self._ids(Query(groups=groups), until_s, limit))
        return [*ids][:RECORDS_MAX]

    def _ids(self, query: Query, until_s: float | None, limit: int) -> list[int]:
        query.narrow(None, until_s)
        query.hidden = self._hidden
        matcher = Matcher(self._reader, self._time_index, query, Page(limit, 0), self._is_cancelled)
        return [id for id, _ in matcher.run(self._now_s).page]

    def _records(self, ids: Sequence[int]) -> Iterator[_Record]:
        left = CHARACTERS_MAX
        for row in self._reader.rows.of(ids):
            record = self._record(row)
            left -= len(record.text)
            yield record
            if left <= 0:
                return

    def _record(self, row: Row) -> _Record:
        id, text, source, date, at, own_id, kind, title, _, author = row
        written = decode(text)
        at_s = self._time_index.at(id)
        name = f"{decode(source)}/{own_id}" if own_id is not None else f"{decode(source)}/row;{id}"
        own = written if kind in ("note", "commit") else written[: end_of_own_words(written)]
        return _Record(
            id=id,
            text=own,
            own=name,
            at=at or at_of(decode(date), at_s),
            at_s=at_s,
            title=title or "",
            author=author,
            kind=kind,
        )

    # Finding sentences in them.

    def _places(self, record: _Record, subject: Subject, lines: Lines) -> Iterator[_Place]:
        """The passages with the most words of the subject; the first ones if only a mail's title has them."""
        low = record.text.lower()
        low = without_addresses(low if len(low) == len(record.text) else record.text)
        for at in lines.best(low, PLACES_MAX):
            passage = passage_at(record.text, at)
            if passage is not None:
                yield _Place(passage, low[max(0, at - NEAR) : at + NEAR])
        titled = sum(word.weight for word in self._present(record.title, subject.words))
        if record.kind not in _NO_SUBJECT and titled >= ENOUGH * subject.weight:
            yield from (_Place(passage, whole=True) for passage in passages(record.text, PARTS_MAX))

    def _quotes(self, record: _Record, place: _Place, subject: Subject) -> Iterator[_Quote]:
        words, total, whole = subject.words, subject.weight, place.whole
        beside = self._present(plain(" ".join([record.title, *place.passage.headings])), words)
        said = [*parts(place.passage.text)]
        for place_in, sentence in enumerate(said):
            inside = self._present(sentence, words)
            own = sum(word.weight for word in inside) / total
            others = sum(word.weight for word in beside - inside) / total
            if own + others < ENOUGH or (own < ENOUGH / 2 and not whole):
                continue
            alone = subject.number > 1 and len(inside | beside) == 1 and own < MOST
            if alone and not self._is_enough(inside, sentence, place.around, subject):
                continue
            if can_be_quoted(sentence) and (told := with_what_it_rests_on(sentence, said[:place_in])):
                share = self._as_said(inside, sentence) / total + others * (0.9 if whole else BELOW_IT)
                worth = self._worth(sentence, record, share * share)
                yield _Quote(record, told, words_of(told), worth)

    def _as_said(self, inside: set[Word], sentence: str) -> float:
        """The weight of these words, less where only a relative of one stands there: a market is no
        marketing."""
        said = stems(sentence)
        return sum(word.weight * (1 if stems(word.plain) <= said else RELATIVE) for word in inside)

    def _is_enough(self, inside: set[Word], sentence: str, around: str, subject: Subject) -> bool:
        """Whether one word of the subject is enough: more of them stand around the sentence, or it is a name.
        A word that people use of many things says little by itself, and less where no record has the others:
        then it is to be rare, and said as the subject has it."""
        named = any(word.is_capital and word.is_named_in(sentence) for word in inside)
        if subject.number > len(subject.words):
            said = set(telling(folded_in_place(sentence)))
            return any(word.is_rare and (named or word.plain in said) for word in inside)
        return named or sum(re.search(word.pattern, around) is not None for word in subject.words) > 1

    def _worth(self, sentence: str, record: _Record, share: float) -> float:
        age_days = max(0.0, (self._now_s - record.at_s) / DAY)
        worth: float = share * (1 + NEWEST_GAIN * 0.5 ** min(60.0, age_days / HALF_LIFE_DAYS))
        worth *= 1.25 if _WORTH.search(sentence) else 1.0
        worth *= 0.6 if _DANGLING.match(sentence) else 1.0
        worth *= 0.8 if sentence.endswith("?") else 1.0
        worth *= 0.75 if sentence[:1].islower() else 1.0
        worth *= 0.8 if len(sentence) > LONG else 1.0
        return worth * (1.1 if sentence.endswith((".", "!", "?", "。")) else 1.0)

    def _said_by(self, query: str, subject: Subject, until_s: float | None) -> list[_Quote]:
        """The newest sentence of each of somebody's last records, newest first."""
        asked = self._reader.parse(query, self._people)
        if asked.is_empty or self._is_cancelled():
            return []
        found = []
        records = self._records(self._ids(asked, until_s, OF_ONE_PERSON))
        for record in sorted(records, key=lambda record: -record.at_s):
            said = [
                told
                for part in passages(record.text, PARTS_MAX)
                for text, before in _with_those_before(part.text)
                if (told := with_what_it_rests_on(text, before))
            ]
            if said:
                best = max(
                    said,
                    key=lambda text: (len(self._present(text, subject.words)), bool(_WORTH.search(text))),
                )
                found.append(_Quote(record, best, words_of(best), 0))
        return found

    def _present(self, text: str, words: Sequence[Word]) -> set[Word]:
        low = folded_in_place(text)
        return {word for word in words if word.beginning in low and self._stands_in(word, low)}

    def _stands_in(self, word: Word, low: str) -> bool:
        if not word.beginning.isascii():
            return True
        return any(self._token(form) == word.token for form in word.forms.findall(low))

    def _token(self, form: str) -> str:
        token = self._tokens.get(form)
        if token is None:
            tokens = self._reader.tokenizer(form)
            token = self._tokens[form] = tokens[0][2] if tokens else ""
        return token


def _with_those_before(text: str) -> Iterator[tuple[str, list[str]]]:
    """The sentences that can be quoted, each with all that stands before it."""
    said = [*parts(text)]
    for at, sentence in enumerate(said):
        if can_be_quoted(sentence):
            yield sentence, said[:at]


def no_quotes() -> Json:
    """The answer when nothing can be read."""
    return {"about": [], "by": {}}


def _best(found: Sequence[_Quote], limit: int) -> list[_Quote]:
    """The best ones, without repetition, newest first."""
    times = Counter({quote.words: 0 for quote in found})
    for words, _ in {(quote.words, (quote.record.id, quote.text)) for quote in found}:
        times[words] += 1
    best = max((quote.worth for quote in found), default=0.0)
    chosen: list[_Quote] = []
    newest: dict[frozenset[str], _Quote] = {}
    for quote in sorted(found, key=lambda quote: quote.record.at_s):
        newest[quote.words] = quote
    for quote in sorted(newest.values(), key=lambda quote: (-quote.worth, -quote.record.at_s, quote.text)):
        if quote.worth < best * OF_THE_BEST:
            break
        if times[quote.words] >= REPEATED or any(likeness(quote.words, one.words) >= ALIKE for one in chosen):
            continue
        if sum(one.record.id == quote.record.id for one in chosen) >= 2:
            continue
        chosen.append(quote)
        if len(chosen) == limit:
            break
    return sorted(chosen, key=lambda quote: -quote.record.at_s)


def _json(quote: _Quote) -> Json:
    record = quote.record
    return {
        "id": record.own,
        "at": record.at,
        "author": record.author,
        "title": record.title,
        "text": quote.text,
    }
