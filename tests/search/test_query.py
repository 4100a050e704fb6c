"""The language of queries: what each text is read as, and that no text is an error."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sio_server.search.query import MAX_PIECES, MAX_WORDS, PIECE_READ, Query, Token, parse, start_of
from sio_server.search.tokenizer import Tokenizer
from tests.search.nasty import NASTY

CONNECTION = apsw.Connection(":memory:")
CONNECTION.execute("CREATE VIRTUAL TABLE texts USING fts5(content, tokenize='porter unicode61')")
CONNECTION.execute("INSERT INTO texts VALUES ('the budget of ana')")
WORDS = Tokenizer(CONNECTION)


def read(text: str) -> Query:
    return parse(text, WORDS)


EXPRESSIONS = [
    ("budget", '("budget")'),
    ("budget meeting", '("budget") AND ("meeting")'),
    ("budget budget", '("budget")'),
    ('"budget meeting"', '("budget meeting")'),
    ("“budget meeting”", '("budget meeting")'),
    ("budget OR meeting", '("budget" OR "meeting")'),
    ("a b OR c d", '("a") AND ("b" OR "c") AND ("d")'),
    ("a AND b", '("a") AND ("b")'),
    ("budget -meeting", '(("budget")) NOT ("meeting")'),
    ('budget -"the meeting" -x', '(("budget")) NOT ("the meeting" OR "x")'),
    ("-x", None),
    ("bud*", '("bud" *)'),
    ('"the bud"*', '("the bud" *)'),
    ("ana@example.org", '("ana@example.org")'),
    ("C++", '("C")'),
    ("OPS-306", '("OPS-306")'),
    ("--flag", '("-flag")'),
    ("AND", '("AND")'),
    ("OR", '("OR")'),
    ("OR OR", '("OR")'),
    ("a OR", '("a") AND ("OR")'),
    ("NOT x", '("NOT") AND ("x")'),
    ("NEAR(a b, 2)", '("NEAR(a") AND ("b") AND ("2")'),
    ("content:x", '("content:x")'),
    ("a:b:c", '("a:b:c")'),
    ('say "unclosed thing', '("say") AND ("""unclosed") AND ("thing")'),
    ('mid"quote', '("mid""quote")'),
    ("^a + b", '("^a") AND ("b")'),
    ("(((a", '("(((a")'),
    ("party 🎉", '("party")'),
    ("会议 встреча", '("会议") AND ("встреча")'),
    ("source:slack", None),
    ("after:lunch", '("after:lunch")'),
    ("source: x", '("source") AND ("x")'),
    ("\0a\0b", '("a") AND ("b")'),
    ("- -- * ( ) \" '", None),
]


@pytest.mark.parametrize(("text", "expression"), EXPRESSIONS)
def test_a_text_becomes_an_expression_in_which_every_word_is_quoted(
    text: str, expression: str | None
) -> None:
    assert read(text).expression == expression
    if expression is not None:
        CONNECTION.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (expression,)).fetchall()


def test_filters_are_no_words() -> None:
    query = read(
        'source:slack -source:mail FROM:"Ana Silva" -from:ben after:2025-08-01 before:2025-09 budget'
    )
    assert (query.sources, query.not_sources) == (["slack"], ["mail"])
    assert (query.people, query.not_people) == (["Ana Silva"], ["ben"])
    assert (query.since_s, query.until_s) == (start_of("2025-08-01"), start_of("2025-09-01"))
    assert query.expression == '("budget")'


OTHER_WORDS = [
    ("person:john", "from:john"),
    ('PERSON:"john doe"', 'from:"john doe"'),
    ("-person:john", "-from:john"),
    ("author:john", "from:john"),
    ("sender:john@example.org", "from:john@example.org"),
    ("since:2025-08", "after:2025-08"),
    ("until:2025-08", "before:2025-09"),
    ("until:2025-12", "before:2026"),
    ("until:2025-08-31", "before:2025-09-01"),
    ("until:2025", "before:2026"),
    ("until:2025-08-31T10:00:00Z", "before:2025-08-31T10:00:00Z"),
    ("date:2025-08-01", "after:2025-08-01 before:2025-08-02"),
    ("on:2024-02", "after:2024-02-01 before:2024-03-01"),
    ("on:9999-12", "after:9999-12"),
    ("subject:contract", "contract"),
    ('-Title:"second version"', '-"second version"'),
    ("to:ana filename:budg*", "ana budg*"),
]


@pytest.mark.parametrize(("text", "same"), OTHER_WORDS)
def test_other_words_for_a_filter_mean_the_same(text: str, same: str) -> None:
    query, wanted = read(text), read(same)
    if query.until_s == float("inf"):
        query.until_s = None
    assert query == wanted


@pytest.mark.parametrize("text", ["person:", "personal:john", "until:lunch", "on:", "-until:2025"])
def test_what_is_no_filter_is_searched_as_words(text: str) -> None:
    query = read(text)
    assert not query.people
    assert query.since_s is query.until_s is None
    assert query.groups or query.excluded or query.is_empty


@pytest.mark.parametrize("text", ["", " ", "\0", "***", '"', '""', "-", "(", "…", "-\t-"])
def test_signs_alone_ask_for_nothing(text: str) -> None:
    assert read(text).is_empty


def test_an_emoji_alone_is_looked_for_as_it_stands() -> None:
    assert read("🎉").symbols == ["🎉"]
    assert read("+").symbols == ["+"]


def test_an_emoji_beside_words_must_be_there_too_and_other_signs_need_not() -> None:
    query = read("party 🎉 + $ -😀 -$")
    assert (query.expression, query.symbols, query.not_symbols) == ('("party")', ["🎉"], ["😀"])
    assert read("🎉 -party").symbols == ["🎉"]
    assert read("-🎉").symbols == []


@pytest.mark.parametrize("text", ["🎉 OR party", "party OR 🎉"])
def test_an_emoji_cannot_be_one_of_several_and_is_left_out(text: str) -> None:
    query = read(text)
    assert (query.expression, query.symbols, query.left_out) == ('("party")', [], 1)


@pytest.mark.parametrize(
    "text",
    [
        '"' * 1_000_000,
        "( " * 500_000,
        "a:" * 500_000,
        "+" * 1_000_000,
        "😀 " * 250_000,
        "source:( " * 100_000,
        '"' + "ab " * 300_000 + '"',
    ],
    ids=range(7),
)
def test_of_a_very_long_text_only_its_beginning_is_taken_apart(text: str) -> None:
    asked = []

    def words(text: str) -> list[Token]:
        asked.append(len(text))
        return WORDS(text)

    parse(text, words)
    assert len(asked) <= MAX_PIECES
    assert sum(asked) <= 2 * PIECE_READ


def test_what_comes_after_the_pieces_that_are_looked_at_is_said() -> None:
    assert read("( " * 5_000).left_out == 5_000 - MAX_PIECES
    assert read("a:" * PIECE_READ).left_out == 1


@pytest.mark.parametrize(
    "text", ["2025", "2025-8-1", "2025-08-01", "2025-08-01T10:00:00Z", "2025-08-01T10:00", "0001-01-01"]
)
def test_a_date_is_a_year_a_month_a_day_or_an_instant(text: str) -> None:
    assert start_of(text) is not None


@pytest.mark.parametrize("text", ["", "lunch", "2025-13", "2025-02-30", "10000-01-01", "0000", "99", "٢٠٢٥"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert start_of(text) is None


def test_more_words_than_can_be_asked_at_once_are_counted() -> None:
    query = read(" ".join(f"w{number}" for number in range(10_000)))
    assert len(query.groups) == MAX_WORDS
    assert query.left_out == 10_000 - MAX_WORDS


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_nasty_string_is_an_error(text: str) -> None:
    query = read(text)
    for expression in (query.expression, query.without):
        if expression is not None:
            CONNECTION.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (expression,)).fetchall()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_at_all_is_an_error(text: str) -> None:
    query = read(text)
    for expression in (query.expression, query.without):
        if expression is not None:
            CONNECTION.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (expression,)).fetchall()


@given(st.text(st.sampled_from("ab \"*-:()^+{}|'\\ORANDT\0.,é🎉#@"), max_size=40))
def test_no_mix_of_signs_is_an_error(text: str) -> None:
    test_no_text_at_all_is_an_error.hypothesis.inner_test(text)  # type: ignore[attr-defined]
