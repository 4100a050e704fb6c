"""Quotes: the sentences in records that say most about a subject, and what people last said.

Rare words and names count more than common ones, by the number of records with each. In the records that
match best, the passages around those words are read, and their quotable sentences compared.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import apsw
import orjson

from sio_server.language.folds import ACCENTED, folded_in_place
from sio_server.language.passages import Passage, end_of_own_words, passage_at, passages
from sio_server.language.sentences import ALIKE, can_be_quoted, likeness, parts, sentences, words_of
from sio_server.language.words import has_no_spaces, telling
from sio_server.people.directory import NOBODY, Directory
from sio_server.registry.ops import Json
from sio_server.search.answer import at_of
from sio_server.search.matching import Matcher, Page
from sio_server.search.query import DAY, Query, Term, any_of, parse, start_of
from sio_server.search.reader import Reader
from sio_server.search.time_index import TimeIndex, decode

WORDS_MAX = 8
"""Words of a subject that are searched; a title of a hundred words has its subject near the beginning."""
COUNTED_TO = 20_000
"""Records of a word that are counted; with more, it is common."""
RECORDS_EACH = 14  # records read for each combination of words
RECORDS_MAX = 28  # records read in all; these bounds keep a brief within its time
CHARACTERS_MAX = 1_200_000  # of their texts
PLACES_MAX = 12
"""Places examined in one record."""
PLACES_IN_ALL = 110  # examined in all records
OF_ONE_PERSON = 6  # of a person's last records
PARTS_MAX = 4
"""Passages read of a message that has the words in its subject, not in its text."""
ENOUGH = 0.5
"""The share of the subject's weight that a sentence needs with heading and title; alone, half of it."""
BELOW_IT = 0.6
"""The weight of a word in the heading or title but not in the sentence."""
OF_THE_BEST = 0.5
"""Beside a sentence about the whole subject, one about half of it is off the point."""
REPEATED = 3
"""A sentence that occurs this often is part of a template."""
NEWEST_GAIN, HALF_LIFE_DAYS = 0.5, 180.0  # today's sentence counts 1.5 times, one of half a year ago 1.25

_WORTH = re.compile(
    r"\b(?:agree[ds]?|decid\w+|approv\w+|propos\w+|suggest\w+|deadline|by (?:mon|tues|wednes|thurs"
    r"|fri)day|blocked|risk"
    r"|will|should|must|need(?:s|ed)? to|plan(?:s|ned)? to|beschlossen|einig\w*|vorschlag\w*|frist"
    r"|décid\w+|acuerd\w+"
    r"|decid\w+|aprob\w+|approuv\w+|accord)\b|決定|承認|提案|合意",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:this|that|these|those|it|he|she|they|so|and|but|or|because|which|also|then|dies\w*|das|und|aber"
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
class _Word:
    """A word of the subject: how it begins in texts, its token in the index, and its weight."""

    beginning: str
    token: str
    weight: float
    terms: tuple[Term, ...]

    @property
    def pattern(self) -> str:
        """Matches its beginning in lower-case text, with and without accents."""
        if not self.beginning.isascii():
            return re.escape(self.beginning)
        return r"(?<![^\W_])" + "".join(ACCENTED.get(mark, re.escape(mark)) for mark in self.beginning)


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
        words = self._words(request.subject)
        about = self._about(words, until_s, request.limit)
        return {
            "about": [_json(quote) for quote in about],
            "by": {
                person: [_json(quote) for quote in self._said_by(query, words, until_s)]
                for person, query in request.people.items()
            },
        }

    # Finding records.

    def _words(self, subject: str) -> list[_Word]:
        """The subject's significant words that occur in any record, rarest first."""
        total = max(1, self._time_index.records)
        found = []
        for word, terms in self._terms(telling(subject)[:WORDS_MAX]):
            number = self._number(terms)
            if number:
                plain = word if has_no_spaces(word) else _beginning(word, terms[0])
                weight = math.log(1 + total / number)
                found.append(_Word(plain, terms[0].tokens[0], weight, tuple(terms)))
        return sorted(found, key=lambda word: -word.weight)

    def _terms(self, words: Sequence[str]) -> Iterator[tuple[str, list[Term]]]:
        """What the index is asked for each word: without spaces, all runs that have it inside."""
        runs = self._reader.runs.of([word for word in words if has_no_spaces(word)])
        for word in words:
            if not has_no_spaces(word):
                query = parse(f'"{word}"', self._reader.tokenizer)
                yield from ((word, group[:1]) for group in query.groups[:1])
        yield from runs.items()

    def _number(self, terms: list[Term]) -> int:
        labels = self._reader.labels.matching(any_of(terms))
        return self._reader.text.count(any_of(terms), COUNTED_TO) + self._time_index.count_labelled(labels)

    def _about(self, words: Sequence[_Word], until_s: float | None, limit: int) -> list[_Quote]:
        if not words:
            return []
        records = self._records(self._matching(words, until_s))
        found: list[_Quote] = []
        places = 0
        with suppress(apsw.InterruptError):  # out of time: what was found so far
            for record in records:
                if places >= PLACES_IN_ALL or self._is_cancelled():
                    break
                for passage, whole in self._passages(record, words):
                    places += 1
                    found += self._quotes(record, passage, words, whole)
        return _best(found, limit)

    def _matching(self, words: Sequence[_Word], until_s: float | None) -> list[int]:
        """Records with all of the words first, then those with the rarest ones."""
        asked = [words, *([words[:2]] if len(words) > 2 else []), *([word] for word in words[:4])]
        least = sum(word.weight for word in words) * ENOUGH / 2
        ids: dict[int, None] = {}
        for some in asked:
            if sum(word.weight for word in some) < least or len(ids) >= RECORDS_MAX:
                continue
            query = Query(groups=[[*word.terms] for word in some])
            ids |= dict.fromkeys(self._ids(query, until_s, RECORDS_EACH))
        return [*ids][:RECORDS_MAX]

    def _ids(self, query: Query, until_s: float | None, limit: int) -> list[int]:
        query.narrow(None, until_s)
        query.hidden = self._hidden
        matcher = Matcher(self._reader, self._time_index, query, Page(limit, 0), self._is_cancelled)
        return [id for id, _ in matcher.run(self._now_s).page]

    def _records(self, ids: Sequence[int]) -> Iterator[_Record]:
        rows = self._reader.connection.execute(
            "SELECT messages.id, CAST(substr(content, 1, 100000) AS BLOB), CAST(date AS BLOB), at,"
            " title, author, kind,"
            " CAST(messages.source AS BLOB), own_id"
            " FROM json_each(?) AS page CROSS JOIN messages ON messages.id = page.value"
            " LEFT JOIN adjutant_entries AS entries ON entries.id = messages.id"
            " LEFT JOIN adjutant_records AS records ON records.id = messages.id",
            (orjson.dumps([*ids]).decode(),),
        )
        left = CHARACTERS_MAX
        for row in rows:
            record = self._record(row)
            left -= len(record.text)
            yield record
            if left <= 0:
                return

    def _record(self, row: tuple[Any, ...]) -> _Record:
        id, text, date, at, title, author, kind, source, own_id = row
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

    def _passages(self, record: _Record, words: Sequence[_Word]) -> Iterator[tuple[Passage, bool]]:
        """The passages with words of the subject; the first ones (True) if only the title has them."""
        low = record.text.lower()
        pattern = "|".join(word.pattern for word in words)
        next_line, number = 0, 0
        for found in re.finditer(pattern, low if len(low) == len(record.text) else record.text):
            if number == PLACES_MAX:
                return
            if found.start() < next_line:
                continue
            number += 1
            end = record.text.find("\n", found.start())
            next_line = len(record.text) if end < 0 else end
            passage = passage_at(record.text, found.start())
            if passage is not None:
                yield passage, False
        if record.kind != "note" and self._weight(record.title, words) >= ENOUGH:
            for passage in passages(record.text, PARTS_MAX):
                yield passage, True

    def _quotes(
        self, record: _Record, passage: Passage, words: Sequence[_Word], whole: bool
    ) -> Iterator[_Quote]:
        beside = self._present(" ".join([record.title, *passage.headings]), words)
        total = sum(word.weight for word in words)
        for sentence in parts(passage.text):
            inside = self._present(sentence, words)
            own = sum(word.weight for word in inside) / total
            others = sum(word.weight for word in beside - inside) / total
            if own + others < ENOUGH or (own < ENOUGH / 2 and not whole):
                continue
            if can_be_quoted(sentence):
                share = own + others * (0.9 if whole else BELOW_IT)
                worth = self._worth(sentence, record, share * share)
                yield _Quote(record, sentence, words_of(sentence), worth)

    def _worth(self, sentence: str, record: _Record, share: float) -> float:
        age_days = max(0.0, (self._now_s - record.at_s) / DAY)
        worth: float = share * (1 + NEWEST_GAIN * 0.5 ** min(60.0, age_days / HALF_LIFE_DAYS))
        worth *= 1.25 if _WORTH.search(sentence) else 1.0
        worth *= 0.6 if _DANGLING.match(sentence) else 1.0
        worth *= 0.8 if sentence.endswith("?") else 1.0
        worth *= 0.75 if sentence[:1].islower() else 1.0
        return worth * (1.1 if sentence.endswith((".", "!", "?", "。")) else 1.0)

    def _said_by(self, query: str, words: Sequence[_Word], until_s: float | None) -> list[_Quote]:
        """The newest sentence of each of somebody's last records, newest first."""
        asked = parse(query, self._reader.tokenizer, self._people)
        if asked.is_empty or self._is_cancelled():
            return []
        found = []
        records = self._records(self._ids(asked, until_s, OF_ONE_PERSON))
        for record in sorted(records, key=lambda record: -record.at_s):
            said = [text for part in passages(record.text, PARTS_MAX) for text in sentences(part.text)]
            if said:
                best = max(
                    said, key=lambda text: (len(self._present(text, words)), bool(_WORTH.search(text)))
                )
                found.append(_Quote(record, best, words_of(best), 0))
        return found

    def _weight(self, text: str, words: Sequence[_Word]) -> float:
        """The text's share of the subject's weight."""
        return sum(word.weight for word in self._present(text, words)) / sum(word.weight for word in words)

    def _present(self, text: str, words: Sequence[_Word]) -> set[_Word]:
        plain = folded_in_place(text)
        return {word for word in words if word.beginning in plain and self._stands_in(word, plain)}

    def _stands_in(self, word: _Word, plain: str) -> bool:
        if not word.beginning.isascii():
            return True
        forms = re.findall(rf"(?<![^\W_]){re.escape(word.beginning)}[^\W_]*", plain)
        return any(self._token(form) == word.token for form in forms)

    def _token(self, form: str) -> str:
        token = self._tokens.get(form)
        if token is None:
            tokens = self._reader.tokenizer(form)
            token = self._tokens[form] = tokens[0][2] if tokens else ""
        return token


def no_quotes() -> Json:
    """The answer when nothing can be read."""
    return {"about": [], "by": {}}


def _beginning(word: str, term: Term) -> str:
    """The common beginning of the word's forms: the stem ends in `i` where the word has `y`."""
    plain, token = folded_in_place(word), term.tokens[0]
    if not plain.isascii():
        return plain
    same = 0
    while same < min(len(plain), len(token)) and plain[same] == token[same]:
        same += 1
    return plain[: max(1, same)]


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
