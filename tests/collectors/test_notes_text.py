"""Markdown and plain text as lines that may tell something."""

import re

import pytest

from collectors.actions.markup import State
from collectors.notes import text as notes_text
from collectors.notes.text import Heading, Said, in_markdown, in_plain, plain, split, without_comments

NOTE = """\
# The *title*

- [ ] one **bold** [link](https://example.org)
  goes on
  - [x] done
    * [ ] nested
not indented, so no part of it
1. [ ] numbered
+ [X] done as well

> - [ ] quoted
> I owe @q: what somebody else wrote

```
- [ ] in a fence
I owe @f: x
```

~~~
- [ ] in another
~~~

    - [ ] indented code

<!--
- [ ] in a comment
-->

`I owe @c: code`
I owe @ana: the draft
@bo owes me the numbers
- [ ] ~~struck~~
- [ ]
- [ ]tight
- [-] cancelled
- [ ] a `- [ ] b` c
- [ ] Call Bo
I owe @dee: a lazy line
- a paragraph

  [ ] no item

Below
-----
"""


def told(text: str) -> list[tuple[int, str, State | None]]:
    return [(one.line, one.text, one.state) for one in in_markdown(split(text)) if isinstance(one, Said)]


def test_tasks_are_found_in_lists_of_all_kinds_and_nowhere_else() -> None:
    assert told(NOTE) == [
        (3, "one bold link goes on", State.OPEN),
        (5, "done", State.DONE),
        (6, "nested", State.OPEN),
        (8, "numbered", State.OPEN),
        (9, "done as well", State.DONE),
        (11, "quoted", State.OPEN),
        (29, "`I owe @c: code`", None),
        (30, "I owe @ana: the draft", None),
        (31, "@bo owes me the numbers", None),
        (35, "cancelled", State.DROPPED),
        (36, "a `- [ ] b` c", State.OPEN),
        (37, "Call Bo", State.OPEN),
        (38, "I owe @dee: a lazy line", None),
    ]


def test_an_item_that_is_indented_too_far_is_still_one() -> None:
    text = "- [ ] one\n        - [ ] two\n          more\n        - no task\n\ntext\n     * [x] three\n"
    assert told(text) == [(1, "one", State.OPEN), (2, "two more", State.OPEN), (7, "three", State.DONE)]


def test_a_task_above_an_empty_item_is_no_heading() -> None:
    assert told("- [ ] one\n  - \n- [ ] two\n") == [(1, "one", State.OPEN), (3, "two", State.OPEN)]


def test_a_box_says_how_far_a_task_is() -> None:
    text = "".join(f"- [{mark}] a\n" for mark in " /!><?*xX-") + "- [i] no task\n- [1] nor this\n"
    assert [state for _, _, state in told(text)] == [State.OPEN] * 7 + [State.DONE] * 2 + [State.DROPPED] + [
        None
    ] * 2


def test_tasks_in_quotes_count_and_promises_only_where_the_quote_is_a_callout() -> None:
    text = "> [!todo] Sync\n> - [ ] one\n>   goes on\n> - [x] two\n> I owe @a: b\n\n"
    text += "> > - [/] three\n> I owe @c: d\n"
    assert told(text) == [
        (2, "one goes on", State.OPEN),
        (4, "two", State.DONE),
        (5, "I owe @a: b", None),
        (7, "three", State.OPEN),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "%% - [ ] a %%\n",
        "%%\n- [ ] a\n\n- [ ] b\n%%\n",
        "%% note\n- [ ] a\n%%\n",
        "```tasks\nnot done\n- [ ] a\n```\n",
        "- [ ] Send notes of {{title}}\n",
        "- [ ] <% tp.date.now() %> follow up\n",
    ],
)
def test_comments_queries_and_templates_are_no_tasks(text: str) -> None:
    assert told("\n".join(without_comments(split(text)))) == []


def test_two_signs_of_percent_hide_nothing_where_they_are_no_comment() -> None:
    lines = split("```\n%%\n```\n- [ ] a\n%% open\n- [ ] b 100%% sure\n- [ ] say `{{ .Values }}`\n")
    assert told("\n".join(without_comments(lines))) == [
        (4, "a", State.OPEN),
        (6, "b 100%% sure", State.OPEN),
        (7, "say `{{ .Values }}`", State.OPEN),
    ]


def test_headings_of_both_kinds_are_found() -> None:
    headings = [one for one in in_markdown(split(NOTE)) if isinstance(one, Heading)]
    assert headings == [Heading(1, 1, "The title"), Heading(43, 2, "Below")]


def test_the_quote_is_what_the_file_says() -> None:
    quotes = {one.line: one.quote for one in in_markdown(split(NOTE)) if isinstance(one, Said)}
    assert quotes[3] == "- [ ] one **bold** [link](https://example.org) goes on"
    assert quotes[6] == "* [ ] nested"
    for number, quote in quotes.items():
        assert quote.startswith(split(NOTE)[number - 1].strip())


@pytest.mark.parametrize("window", [1, 2, 3, 7, 50])
def test_a_long_note_says_the_same_in_pieces(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = split(NOTE * 20)
    whole = list(in_markdown(lines))
    assert len(whole) == 20 * 15
    monkeypatch.setattr(notes_text, "WINDOW_LINES", window)
    assert list(in_markdown(lines)) == whole


def test_plain_text_is_read_line_by_line() -> None:
    text = "- [ ] one\n   * [ ] two\n2) [x] three\n```\n- [ ] four\n"
    text += "> - [ ] quoted\n# no heading\nI owe @a: b\n[ ] no item"
    assert [(one.line, one.text, one.state) for one in in_plain(split(text)) if isinstance(one, Said)] == [
        (1, "one", State.OPEN),
        (2, "two", State.OPEN),
        (3, "three", State.DONE),
        (5, "four", State.OPEN),
        (6, "quoted", State.OPEN),
        (8, "I owe @a: b", None),
    ]


def test_lines_are_counted_as_editors_do() -> None:
    assert split("a\r\nb\rc\nd\x0be\u2028f") == ["a", "b", "c", "d\x0be\u2028f"]
    assert told("a\r\n\r\n- [ ] b\r\n")[0][0] == 3


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("*a* __b__ `c`", "a b `c`"),
        ("[text](https://example.org 'x') <https://e.org>", "text https://e.org"),
        ("![picture](a.png) a\\*b &amp; c", "picture a*b & c"),
        ("a <b>c</b>", "a c"),
        ("a\nb  \nc", "a b c"),
        ("", ""),
    ],
)
def test_words_are_without_their_marking(markdown: str, words: str) -> None:
    assert plain(markdown) == words


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        ">" * 100_000,
        "- " * 50_000,
        "1. " * 50_000 + "[ ] x",
        "> - " * 25_000,
        "- [ ] " + "[" * 50_000,
        "- [ ] " + "*a_ " * 25_000,
        "- [ ] " + "`" * 50_000,
        "- [ ] " + "<!-- " * 20_000,
        "- a\n" + "b\n" * 20_000,
        "> a\n" + "b\n" * 20_000,
        "".join(" " * (2 * depth) + "- [ ] a\n" for depth in range(500)),
        "```\n" * 20_001,
        "<!--\n" * 20_000,
        "\t" * 100_000,
        "[a]: b\n" * 20_000,
        "I owe @a: " + "b" * 1_000_000,
        "\0\x1b\x7f\ufffe- [ ] \ud7ff\U0010ffff",
    ],
    ids=range(17),
)
def test_no_text_takes_for_ever(text: str) -> None:
    for one in in_markdown(split(text)):
        assert len(one.text) <= 10_000


def test_each_kind_of_line_end_and_indent_gives_the_same_tasks() -> None:
    unix = "# a\n\n- [ ] b\n\t- [ ] c\n\n  text\n\n* [ ] d\n"
    assert [line for line, _, _ in told(unix)] == [3, 4, 8]
    assert told(unix) == told(unix.replace("\n", "\r\n")) == told(re.sub("\n", "\r", unix))
