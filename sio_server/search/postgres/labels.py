"""Labels (search/labels) in the database: numbered by whoever puts, found by whoever searches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sio_server.search.labels import Label, has_words
from sio_server.search.postgres import lexemes
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import LABELS, RECORDS, by_key
from sio_server.search.query import Term
from sio_server.search.tokenizer import Tokenizer

KNOWN_AT_MOST = 20_000
"""Labels cached with their numbers; each takes some 300 bytes."""


class PostgresLabels:
    """On one reader's session (store.LabelFinder). Errors: psycopg.Error, LogError, Interrupted."""

    def __init__(self, session: RecordsSession, no: int, tokenizer: Tokenizer) -> None:
        self._session = session
        self._no = no
        self._tokenizer = tokenizer

    def matching(self, terms: list[Term]) -> frozenset[int]:
        """The labels with one of the terms."""
        return self._having("words @@ %s::tsquery", lexemes.any_of(self._no, terms))

    def containing(self, text: str) -> frozenset[int]:
        """The labels that contain this text literally."""
        return self._having("(strpos(about, %s) > 0 OR strpos(people, %s) > 0)", text, text)

    def records(self, labels: Iterable[int]) -> list[int]:
        """The ids, ascending, of the records with one of these labels."""
        [[ids]] = self._session.ask(
            f"SELECT coalesce(array_agg(id), '{{}}') FROM {RECORDS} WHERE board = %s AND label = ANY(%s)",
            (self._session.board, [*labels]),
        )
        return sorted(ids)

    def of_people(self, names: Iterable[str]) -> frozenset[int]:
        """The labels of one of these authors; whole words of a name are enough."""
        found: set[int] = set()
        for name in names:
            words = [word for _, _, word in self._tokenizer(name)]
            if words:
                found |= self._of_person(words, Term(name, tuple(words)))
        return frozenset(found)

    def _of_person(self, words: list[str], term: Term) -> set[int]:
        rows = self._session.ask(
            f"SELECT people, array_agg(no) FROM {LABELS} WHERE board = %s AND words @@ %s::tsquery"
            " GROUP BY people",
            (self._session.board, lexemes.any_of(self._no, [term], only="B")),
        )
        # A phrase must be within one name: positions also follow each other across two lines.
        return {
            number
            for people, numbers in rows
            if len(words) == 1 or any(has_words(self._tokenizer, line, words) for line in people.split("\n"))
            for number in numbers
        }

    def _having(self, condition: str, *values: str) -> frozenset[int]:
        [[numbers]] = self._session.ask(
            f"SELECT coalesce(array_agg(no), '{{}}') FROM {LABELS} WHERE board = %s AND {condition}",
            (self._session.board, *values),
        )
        return frozenset(numbers)


class LabelNumbers:
    """Numbers labels, through the writer's session and within its transaction."""

    def __init__(self, session: RecordsSession, no: int, tokenizer: Tokenizer) -> None:
        self._session = session
        self._no = no
        self._tokenizer = tokenizer
        self._known: dict[Label, int] = {}

    def forget(self) -> None:
        """Drops the cache, after a rollback or on another connection: the database may have been set back."""
        self._known.clear()

    def numbers(self, labels: Iterable[Label], last: int) -> tuple[dict[Label, int], list[Label]]:
        """The number of each label, and those that are new, which follow `last`."""
        wanted = set(labels)
        fresh = [label for label in wanted if label not in self._known]
        if len(self._known) + len(fresh) > KNOWN_AT_MOST:
            self._known.clear()
            fresh = [*wanted]
        keys = {_key(label): label for label in fresh}
        found = dict(
            self._session.ask(by_key("key, no", LABELS, "key", "text"), ([*keys], self._session.board))
            if keys
            else ()
        )
        new = {key: label for key, label in keys.items() if key not in found}
        found |= {key: last + at for at, key in enumerate(new, 1)}
        self._store(new, found)
        self._known.update((label, found[key]) for key, label in keys.items())
        return {label: self._known[label] for label in wanted}, [*new.values()]

    def _store(self, new: dict[str, Label], numbers: dict[str, int]) -> None:
        if not new:
            return
        labels = [*new.values()]
        self._session.run(
            f"INSERT INTO {LABELS} SELECT %s, no, key, about, people, words::tsvector FROM unnest("
            "%s::integer[], %s::text[], %s::text[], %s::text[], %s::text[]) AS new"
            " (no, key, about, people, words)",
            (
                self._session.board,
                [numbers[key] for key in new],
                [*new],
                [label.about for label in labels],
                [label.people for label in labels],
                [self._words(label) for label in labels],
            ),
        )

    def _words(self, label: Label) -> str:
        return lexemes.label_words(self._no, self._tokens(label.about), self._tokens(label.people))

    def _tokens(self, text: str) -> Sequence[str]:
        return [word for _, _, word in self._tokenizer(text)]


def _key(label: Label) -> str:
    return hashlib.blake2b(f"{label.about}\0{label.people}".encode(), digest_size=16).hexdigest()
