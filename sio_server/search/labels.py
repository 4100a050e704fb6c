"""Labels: what people read of a record besides its text, such as title, people, channel, file names.

Few records have a label of their own: all messages of a person in a channel share one. So a label is stored
and indexed once, and records refer to it by number (decision 45).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import apsw
import orjson

from sio_server.search.query import Term, Token, Tokenize, any_of

AUTHOR_FIELDS = ("from", "author", "sender", "user_name", "speaker", "user")
"""Fields that may name the author; the first that does is shown, all are searched."""
ABOUT_FIELDS = frozenset(
    {
        *("title", "subject", "name", "channel", "channel_name", "file", "filename", "file_name", "files"),
        *("attachments", "to", "cc", "attendees", "participants", "organizer"),
    }
)
"""Other fields with words that people see beside the text."""
_WITH = ("to", "cc", "attendees", "participants", "organizer")
"""Other fields that name people."""
_PERSON = ("name", "real_name", "display_name", "email", "address")
_THING = ("title", "filename", *_PERSON)
"""The keys of a name when such a field is an object; an author's `title` would be a profession."""
AUTHOR_MAX = 200  # characters of one name or address
ABOUT_MAX = 2_000
"""Characters: a title has at most 1,000; a mail to 100 people is found by the first of them."""
AUTHOR_NAMES = 5
"""Names and addresses of the author from each field: a list may name others too."""
NAMES_AT_MOST = 100  # of one field, such as a mail's recipients
PEOPLE_MAX = 40
"""People named of an opened record: more are a mailing list."""
NAMES_DEEP = 3
"""Levels of lists and objects searched for a name: mails nest an address in a list."""
KNOWN_AT_MOST = 20_000
"""Labels cached with their numbers; each takes some 300 bytes."""


class Label(NamedTuple):
    """`about` has the title and the like, `people` the authors, one name or address per line; `author` is the
    first of them."""

    about: str
    people: str
    author: str | None


def label_of(title: str | None, meta: Any) -> Label:
    """The label of a record with this title and these fields of the original."""
    about = [] if title is None else [title]
    people: list[str] = []
    if isinstance(meta, dict):
        for field in sorted(ABOUT_FIELDS & meta.keys()):
            about += _names(meta[field], _THING)
        for field in AUTHOR_FIELDS:
            if field in meta:
                people += _names(meta[field], _PERSON)[:AUTHOR_NAMES]
    return _label(tuple(about), tuple(people))


def label_of_row(metadata: Any) -> Label:
    """The label of a row with this metadata: a record as received, or whatever the old program wrote."""
    if not isinstance(metadata, dict):
        return label_of(None, None)
    meta = metadata.get("meta")
    return label_of(None, metadata | meta if isinstance(meta, dict) else metadata)


def people_of(metadata: Any) -> list[str]:
    """Who wrote a row with this metadata and whom it went to: names and addresses, each once."""
    if not isinstance(metadata, dict):
        return []
    meta = metadata.get("meta")
    fields = metadata | meta if isinstance(meta, dict) else metadata
    found = (
        name
        for field in (*AUTHOR_FIELDS, *_WITH)
        if field in fields
        for name in _names(fields[field], _PERSON)
    )
    return [*dict.fromkeys(" ".join(name.split())[:AUTHOR_MAX] for name in found if name.strip())][
        :PEOPLE_MAX
    ]


def _names(value: Any, fields: Sequence[str], deep: int = NAMES_DEEP) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and deep:
        return [name for one in value[:NAMES_AT_MOST] for name in _names(one, fields, deep - 1)]
    if isinstance(value, dict) and deep:
        return [name for field in fields if field in value for name in _names(value[field], fields, deep - 1)]
    return []


@lru_cache(KNOWN_AT_MOST)
def _label(about: tuple[str, ...], people: tuple[str, ...]) -> Label:
    """Makes a label; cached, because most records share one."""
    authors = _lines(name[:AUTHOR_MAX] for name in people)
    return Label(_lines(about)[:ABOUT_MAX], authors, authors.partition("\n")[0] or None)


def _lines(names: Iterable[str]) -> str:
    lines = (" ".join(name.replace("\0", " ").split()) for name in names)
    return "\n".join(dict.fromkeys(line for line in lines if line))


class Labels:
    """Numbers labels, through the writer's connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[Label, int] = {}

    def numbers(self, labels: Iterable[Label]) -> dict[Label, int]:
        """The number of each label; new ones are stored."""
        wanted = set(labels)
        fresh = [label for label in wanted if label not in self._known]
        if fresh:
            if len(self._known) + len(fresh) > KNOWN_AT_MOST:
                self._known.clear()
                fresh = [*wanted]
            self._known.update(self._stored(fresh))
        return {label: self._known[label] for label in wanted}

    def forget(self) -> None:
        """Drops the cache, after a rollback or another program's write."""
        self._known.clear()

    def _stored(self, labels: Sequence[Label]) -> dict[Label, int]:
        values = (orjson.dumps([[label.about, label.people] for label in labels]).decode(),)
        execute = self._connection.execute
        execute(
            "INSERT OR IGNORE INTO adjutant_labels (about, people)"
            " SELECT value ->> 0, value ->> 1 FROM json_each(?)",
            values,
        )
        found = execute(
            "SELECT about, people, no FROM json_each(?) AS wanted CROSS JOIN adjutant_labels"
            " ON about = wanted.value ->> 0 AND people = wanted.value ->> 1",
            values,
        )
        numbers = {(about, people): number for about, people, number in found}
        return {label: numbers[label.about, label.people] for label in labels}


class LabelIndex:
    """Finds labels by their words, on one reader's connection."""

    def __init__(self, connection: apsw.Connection, tokenize: Tokenize) -> None:
        self._connection = connection
        self._tokenize = tokenize

    def matching(self, terms: list[Term]) -> frozenset[int]:
        """The labels with one of the terms."""
        found = self._connection.execute(
            "SELECT json_group_array(rowid) FROM adjutant_labels_fts WHERE adjutant_labels_fts MATCH ?",
            (any_of(terms),),
        ).get
        return frozenset(orjson.loads(found))

    def containing(self, text: str) -> frozenset[int]:
        """The labels that contain this text literally."""
        found = self._connection.execute(
            "SELECT json_group_array(no) FROM adjutant_labels WHERE instr(about, ?1) OR instr(people, ?1)",
            (text,),
        ).get
        return frozenset(orjson.loads(found))

    def records(self, labels: Iterable[int]) -> list[int]:
        """The ids, ascending, of the records with one of these labels."""
        found = self._connection.execute(
            "SELECT json_group_array(id) FROM adjutant_entries"
            " WHERE label IN (SELECT value FROM json_each(?))",
            (orjson.dumps([*labels]).decode(),),
        ).get
        return sorted(orjson.loads(found))

    def of_people(self, names: Iterable[str]) -> frozenset[int]:
        """The labels of one of these authors; whole words of a name are enough."""
        found: set[int] = set()
        for name in names:
            found |= self._of_person(name)
        return frozenset(found)

    def _of_person(self, name: str) -> set[int]:
        words = _words(self._tokenize(name))
        if not words:
            return set()
        quoted = name.replace('"', '""')
        # Of mails each has a label of its own, and many have the same author: each author is looked at once.
        rows = self._connection.execute(
            "SELECT people, json_group_array(rowid) FROM adjutant_labels_fts"
            " WHERE adjutant_labels_fts MATCH ? GROUP BY people",
            (f'people : "{quoted}"',),
        )
        found: set[int] = set()
        for people, numbers in rows:
            # A phrase must be within one name: FTS5 also finds it across two lines.
            if len(words) == 1 or any(has_words(self._tokenize, line, words) for line in people.split("\n")):
                found.update(orjson.loads(numbers))
        return found


def has_words(tokenize: Tokenize, name: str, words: list[str]) -> bool:
    """Whether the words stand in the name, one after the other."""
    found = _words(tokenize(name))
    return any(found[at : at + len(words)] == words for at in range(len(found)))


def _words(tokens: list[Token]) -> list[str]:
    return [word for _, _, word in tokens]
