"""Searches find what a scan over all texts and labels finds; hypothesis makes both up.

With small limits it goes through all ways of search/matching, search/alternatives, search/text_index and
search/reader.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sio_server.language.words import has_no_spaces
from sio_server.search import matching, time_index
from sio_server.search.query import Query, Term, parse, start_of
from sio_server.search.tokenizer import Tokenizer
from tests.examples import examples
from tests.search.shelf import AnyShelf, Json, record, shelf

WORDS = [
    "budget",
    "budgets",
    "the",
    "C++",
    "ops-306",
    "ana@example.org",
    "café",
    "Größe",
    "会议",
    "予算",
    "来週の予算会议で",
    "2027年予算",
    "running",
    "ran",
]
PEOPLE = ["Ana Silva", "Ben <ben@example.org>", "Ana Lee"]
SOURCES = ["slack:work", "slack:home", "mail"]
TITLES = [None, "Budget review", "The weekly report", "Ana Silva: running", "Launch 😀", "café"]
DAYS = [f"2026-0{month}-15" for month in range(1, 7)]


@dataclass(frozen=True)
class Said:
    """A record, and what the oracle looks at."""

    id: str
    text: str
    at: str
    source: str
    who: str
    title: str | None

    def as_record(self) -> Json:
        more = {} if self.title is None else {"title": self.title}
        return record(self.id, self.text, self.at, meta={"user_name": self.who}, **more)

    @property
    def parts(self) -> tuple[str, str, str]:
        """What people read of it; a phrase stands within one of them."""
        return self.text, self.title or "", self.who


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
corpora = st.lists(
    st.tuples(
        texts,
        st.sampled_from(DAYS),
        st.sampled_from(SOURCES),
        st.sampled_from(PEOPLE),
        st.sampled_from(TITLES),
    ),
    max_size=12,
).map(lambda rows: [Said(f"r{number}", *row) for number, row in enumerate(rows)])
pieces = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: f"-{word}"),
    st.sampled_from(WORDS).map(lambda word: word[:3] + "*"),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.sampled_from(
        ["OR", "AND", "source:slack", "source:mail", "-source:slack:home", "from:ana", "-from:ben"]
    ),
    st.sampled_from(["from:ben@example.org", "after:2026-03", "before:2026-05-15", "after:2026-02-15"]),
    st.sampled_from(
        ["silva", "review", "weekly", "-report", '"ana silva"', "lee", "😀", "-😀", "person:lee"]
    ),
    st.sampled_from(["until:2026-03", "on:2026-04", "date:2026-02-15", "since:2026-05"]),
)
queries = st.lists(pieces, min_size=1, max_size=5).map(" ".join)


def has(term: Term, tokens: Sequence[str]) -> bool:
    """Whether the term's tokens stand in the text, one after the other, or a Japanese word inside one."""
    size = len(term.tokens)
    if size == 1 and has_no_spaces(term.text):
        return any(term.tokens[0] in token for token in tokens)
    for at in range(len(tokens) - size + 1):
        *first, last = tokens[at : at + size]
        if (*first,) == term.tokens[:-1] and (
            last.startswith(term.tokens[-1]) if term.is_prefix else last == term.tokens[-1]
        ):
            return True
    return False


def of_source(source: str, names: Sequence[str]) -> bool:
    return any(source == name or source.startswith(f"{name}:") for name in names)


def by(who: str, names: Sequence[str]) -> bool:
    plain = {"Ana Silva": "ana silva", "Ben <ben@example.org>": "ben ben example org", "Ana Lee": "ana lee"}
    return any(f" {name.lower().replace('@', ' ').replace('.', ' ')} " in f" {plain[who]} " for name in names)


def fits(said: Said, query: Query, words: Tokenizer) -> bool:
    """By looking at all of it."""
    parts = [[token for _, _, token in words(part)] for part in said.parts]
    at_s = start_of(said.at) or 0.0

    def anywhere(term: Term) -> bool:
        return any(has(term, tokens) for tokens in parts)

    return (
        all(any(anywhere(term) for term in group) for group in query.groups)
        and not any(anywhere(term) for term in query.excluded)
        and all(any(symbol in part for part in said.parts) for symbol in query.symbols)
        and not any(symbol in part for symbol in query.not_symbols for part in said.parts)
        and (not query.sources or of_source(said.source, query.sources))
        and not of_source(said.source, query.not_sources)
        and (not query.people or by(said.who, query.people))
        and not by(said.who, query.not_people)
        and (query.since_s is None or at_s >= query.since_s)
        and (query.until_s is None or at_s < query.until_s)
    )


def fill(opened: AnyShelf, corpus: Sequence[Said]) -> None:
    for said in corpus:
        opened.put([said.as_record()], said.source)


@pytest.mark.parametrize(
    ("ranked_at_most", "candidates_at_most"), [(1_000, 4_000), (2, 4_000), (1_000, 1), (2, 1)]
)
@given(corpus=corpora, asked=st.lists(queries, min_size=1, max_size=6))
@examples(12)
def test_a_search_finds_what_a_scan_finds(
    ranked_at_most: int, candidates_at_most: int, corpus: list[Said], asked: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(matching, "RANKED_AT_MOST", ranked_at_most)
        patch.setattr(matching, "SAMPLED_FROM", candidates_at_most)
        patch.setattr(matching, "COLLECTED_AT_MOST", ranked_at_most)
        patch.setattr(matching, "CANDIDATES_AT_MOST", candidates_at_most)
        patch.setattr(time_index, "BLOCK_BITS", 2)
        patch.setattr(time_index, "BLOCK_SIZE", 4)
        with shelf(Path(folder) / "search.db") as opened:
            fill(opened, corpus)
            words = opened.words
            for text in asked:
                query = parse(text, words)
                found = opened.ask(text, limit=100)
                ids = [hit["id"].partition("/")[2] for hit in found["hits"]]
                wanted = {said.id for said in corpus if fits(said, query, words)}
                assert len(ids) == len(set(ids))
                assert set(ids) == wanted, text
                assert found["total"] == len(wanted)
                assert opened.ask(text, limit=100) == found, "asked again, it may be ranked in one walk"
                at = {said.id: said.at for said in corpus}
                if found["ranked"] == "newest":
                    assert [at[id] for id in ids] == sorted((at[id] for id in ids), reverse=True)
                paged = [id for page in range(0, 12, 2) for id in opened.ids(text, limit=2, offset=page)]
                assert paged == ids, "pages of a search fit together"


any_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@given(text=any_text.filter(str.strip))
@examples(40)
def test_a_record_is_found_by_any_part_of_its_own_words(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, shelf(Path(folder) / "search.db") as opened:
        assert opened.put([record("a", text), record("b", "other")]).indexed == 2
        tokens = opened.words(text)
        if tokens:
            start, end, _ = tokens[len(tokens) // 2]
            quoted = text[start:end].replace('"', " ")
            assert "a" in opened.ids(f'"{quoted}"')
        opened.ask(text)


@given(text=any_text)
@examples(30)
def test_marks_stand_at_words_of_the_query(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, shelf(Path(folder) / "search.db") as opened:
        opened.put([record("a", f"{text} budget {text} budgets")])
        for hit in opened.ask("budget")["hits"]:
            marked = [hit["snippet"][start:end] for start, end in hit["marks"]]
            assert marked
            assert {word.lower() for word in marked} <= {"budget", "budgets"}


def test_an_emoji_counts_beside_words_and_an_excluded_one_excludes() -> None:
    with tempfile.TemporaryDirectory() as folder, shelf(Path(folder) / "search.db") as opened:
        opened.put([record("both", "budget 😀"), record("word", "budget"), record("sign", "the 😀 budgets")])
        assert set(opened.ids("😀")) == {"both", "sign"}
        assert opened.ids("-😀") == ["word"]
        assert opened.ids("😀 -the") == ["both"]
        assert set(opened.ids("😀 budget")) == {"both", "sign"}
        assert opened.ids("budget -😀") == ["word"]
        [hit] = opened.ask('"budget" 😀 -the')["hits"]
        assert [hit["snippet"][start:end] for start, end in hit["marks"]] == ["budget", "😀"]


def test_how_many_there_are_of_a_source_is_exact_without_looking_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching, "RANKED_AT_MOST", 2)
    monkeypatch.setattr(time_index, "BLOCK_BITS", 2)
    monkeypatch.setattr(time_index, "BLOCK_SIZE", 4)
    with tempfile.TemporaryDirectory() as folder, shelf(Path(folder) / "search.db") as opened:
        for source in ("slack:a", "slack:b", "mail"):
            days = range(1, 21)
            opened.put([record(f"r{day}", "x", f"2026-01-{day:02}") for day in days], source)
        for query, total in (("source:slack", 40), ("", 60), ("-source:mail", 40), ("source:slack:a", 20)):
            answer = opened.ask(query, limit=2)
            assert answer["total"] == total
            assert "at_least" not in answer
        assert opened.ask("source:slack after:2026-01-02", limit=2)["at_least"] is True
