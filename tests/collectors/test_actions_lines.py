"""A text as lines: what is a heading, a task, a row, and what is code, a comment or a quote."""

import re
from datetime import UTC, date

import pytest

from collectors.actions.forms import Form
from collectors.actions.lines import SOFT, read_lines, split
from collectors.actions.markup import State, plain
from collectors.actions.reader import Source, read

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


def told(text: str, *, markdown: bool = True) -> list[tuple[int, str, State]]:
    """The tasks and the promises."""
    found = read(text, Source(date(2026, 11, 23), UTC), markdown=markdown)
    return [(one.line, one.text, one.state) for one in found if one.form in (Form.BOX, Form.PROMISE)]


def test_tasks_are_found_in_lists_of_all_kinds_and_nowhere_else() -> None:
    assert told(NOTE) == [
        (3, "one bold link goes on", State.OPEN),
        (5, "done", State.DONE),
        (6, "nested", State.OPEN),
        (8, "numbered", State.OPEN),
        (9, "done as well", State.DONE),
        (11, "quoted", State.OPEN),
        (30, "the draft", State.OPEN),
        (31, "the numbers", State.OPEN),
        (35, "cancelled", State.DROPPED),
        (36, "a `- [ ] b` c", State.OPEN),
        (37, "Call Bo", State.OPEN),
        (38, "a lazy line", State.OPEN),
        (41, "no item", State.OPEN),
    ]


def test_an_item_that_is_indented_too_far_is_still_one() -> None:
    text = "- [ ] one\n        - [ ] two\n          more\n        - no task\n\ntext\n     * [x] three\n"
    assert told(text) == [(1, "one", State.OPEN), (2, "two more", State.OPEN), (7, "three", State.DONE)]


def test_a_task_above_an_empty_item_is_no_heading() -> None:
    assert told("- [ ] one\n  - \n- [ ] two\n") == [(1, "one", State.OPEN), (3, "two", State.OPEN)]


def test_a_box_says_how_far_a_task_is() -> None:
    text = "".join(f"- [{mark}] a\n" for mark in " /!><?*xX-") + "- [i] no task\n- [1] nor this\n"
    assert [state for _, _, state in told(text)] == [State.OPEN] * 7 + [State.DONE] * 2 + [State.DROPPED]
    assert [(line.box, line.text) for line in read_lines(["☐ a", "☑ b", "☒ c", "[ ] d", "[a] e"])] == [
        *((" ", "a"), ("x", "b"), ("-", "c"), (" ", "d"), (None, "[a] e"))
    ]


def test_tasks_in_quotes_count_and_promises_only_where_the_quote_is_a_callout() -> None:
    text = "> [!todo] Sync\n> - [ ] one\n>   goes on\n> - [x] two\n> I owe @a: b\n\n"
    text += "> > - [/] three\n> I owe @c: d\n"
    assert told(text) == [
        (2, "one goes on", State.OPEN),
        (4, "two", State.DONE),
        (5, "b", State.OPEN),
        (7, "three", State.OPEN),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "%% - [ ] a %%\n",
        "%%\n- [ ] a\n\n- [ ] b\n%%\n",
        "%% note\n- [ ] a\n%%\n",
        "<!-- - [ ] a -->\n",
        "<!--\n- [ ] a\n\n- [ ] b\n-->\n",
        "```tasks\nnot done\n- [ ] a\n```\n",
        "````\n```\n- [ ] a\n```\n````\n",
        "text\n\n    - [ ] a\n\n    - [ ] b\n",
        "- [ ] Send notes of {{title}}\n",
        "- [ ] <% tp.date.now() %> follow up\n",
    ],
)
def test_comments_code_and_templates_are_no_tasks(text: str) -> None:
    assert told(text) == []


def test_two_signs_of_percent_hide_nothing_where_they_are_no_comment() -> None:
    text = "```\n%%\n```\n- [ ] a\n%% open\n- [ ] b 100%% sure\n- [ ] say `{{ .Values }}`\n"
    assert [line for line, _, _ in told(text)] == [4, 6, 7]


def test_headings_of_all_kinds_are_found() -> None:
    text = "# a #\n\nb\n===\n\nc\n---\n\n== d ==\n\nh3. e\n\n**f:**\n\n__g__\n\n"
    text += "#no\n= no\n**no** no\n- no\n---\n"
    found = [(line.number, line.level, line.text) for line in read_lines(split(text)) if line.level]
    assert found == [
        *((1, 1, "a"), (3, 1, "b"), (6, 2, "c"), (9, 2, "d"), (11, 3, "e")),
        *((13, SOFT, "f:"), (15, SOFT, "g")),
    ]


def test_a_table_has_rows_with_and_without_borders() -> None:
    text = "| Action | Owner |\n|---|:-:|\n| a \\| b | Bo |\n\nAction | Who\n--- | ---\nc | Cy\n\nx | y\n"
    found = [line.cells for line in read_lines(split(text)) if line.cells]
    assert found == [("Action", "Owner"), ("a \\| b", "Bo"), ("Action", "Who"), ("c", "Cy")]


def test_the_quote_is_what_the_file_says() -> None:
    quotes = {line.number: line.quote for line in read_lines(split(NOTE))}
    assert quotes[3] == "- [ ] one **bold** [link](https://example.org) goes on"
    assert quotes[6] == "* [ ] nested"
    for number, quote in quotes.items():
        assert quote.startswith(split(NOTE)[number - 1].strip())


def test_in_plain_text_every_line_counts() -> None:
    text = "- [ ] one\n   * [ ] two\n2) [x] three\n```\n- [ ] four\n"
    text += "> - [ ] quoted\nI owe @a: b\n[ ] five"
    assert told(text, markdown=False) == [
        (1, "one", State.OPEN),
        (2, "two", State.OPEN),
        (3, "three", State.DONE),
        (5, "four", State.OPEN),
        (6, "quoted", State.OPEN),
        (7, "b", State.OPEN),
        (8, "five", State.OPEN),
    ]


def test_lines_are_counted_as_editors_do() -> None:
    assert split("a\r\nb\rc\nd\x0be\u2028f") == ["a", "b", "c", "d\x0be\u2028f"]
    assert told("a\r\n\r\n- [ ] b\r\n")[0][0] == 3
    assert told("a\u2029b\x85c\n- [ ] d\n")[0][0] == 2


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


def test_each_kind_of_line_end_and_indent_gives_the_same_tasks() -> None:
    unix = "# a\n\n- [ ] b\n\t- [ ] c\n\n  text\n\n* [ ] d\n"
    assert [line for line, _, _ in told(unix)] == [3, 4, 8]
    assert told(unix) == told(unix.replace("\n", "\r\n")) == told(re.sub("\n", "\r", unix))
