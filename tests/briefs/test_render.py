"""A brief as text and as Markdown: whatever stands in an item comes out as that text, and as nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from briefs.render import TEXT_MAX, as_markdown, as_text
from briefs.statements import say
from briefs.words import matched, one_line
from models.brief import BriefSection

FORMS = {"heading", "bullet_list", "list_item", "paragraph", "inline"}
READERS = [MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False}), MarkdownIt("js-default")]

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<!-- no",
    "<https://example.org>",
    "<ana@example.org>",
    "[x](javascript:alert(1))",
    "![x](https://example.org/pixel.png)",
    "[x]: https://example.org",
    "[^1] and [ ] and [x]",
    "# head",
    "head #",
    "####### seven ##",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "***",
    "===",
    "___",
    "`code`",
    "``` fence",
    "~~~ fence",
    "~~gone~~",
    "**bold** __bold__ *i* _i_ snake_case",
    "a | b | c",
    "| a | b | |---|---| | c | d |",
    "&lt;b&gt; &amp; &#60; &copy",
    "\\",
    "\\\\",
    "\\[x\\](y)",
    "ends with \\",
    "a\nb\n# c\n\n- d\n    code",
    "\t\tcode",
    "    code",
    "x\u202eyliad\u202c",
    "\u2066<b>\u2069",
    "\u200f# head",
    "\u00a0\u00a0\u00a0\u00a0code",
    "\x00\x1b[31mred",
    "{{x}} {% y %} ${z}",
    "$a$ $$b$$",
    ":smile: @everyone",
    "*" * 500,
    "[" * 500,
    "`" * 499,
    "<" * 500,
    "1" * 500 + ".",
    "",
]


def tokens(found: list[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from tokens(token.children or [])


def read_back(reader: MarkdownIt, text: str) -> list[str]:
    """Each block's text; fails for anything but headings, lists and text."""
    found = []
    for token in reader.parse(text):
        assert token.type.removesuffix("_open").removesuffix("_close") in FORMS, token
        if token.type == "inline":
            kinds = {child.type for child in token.children or []}
            assert kinds <= {"text", "text_special", "softbreak"}, token.children
            found.append("".join(child.content for child in token.children or []))
    return found


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
@pytest.mark.parametrize("reader", READERS, ids=["commonmark", "gfm", "js"])
def test_hostile_text_is_read_back_as_it_was(reader: MarkdownIt, text: str) -> None:
    statement = say(text, [])
    section = BriefSection(title=one_line(text)[:1_000] or "Today", items=(statement, say("last", [])))
    found = read_back(reader, as_markdown(one_line(text) or "Title", [section, section]))
    line = one_line(text)
    [blank] = [[line] if line else []]
    assert found == [line or "Title", *[line or "Today", *blank, "last"] * 2]
    html = reader.render(as_markdown(text.replace("\n", " "), [section]))
    for mark in ("<img", "<script", "<a ", "<code", "<em", "<strong", "<table", "<hr", "<del", "<s>", "<!--"):
        assert mark not in html


@given(st.text(max_size=60), st.text(alphabet="#*_-+.1)`~<>[]()!|\\&= \n\ta", max_size=40))
def test_any_text_is_read_back_as_it_was(one: str, other: str) -> None:
    items = tuple(say(text, []) for text in (one, other, one + other))
    found = read_back(READERS[1], as_markdown("Day", [BriefSection(title="Today", items=items)]))
    kept = [" ".join(item.text.split()) for item in items]
    assert [" ".join(text.split()) for text in found] == ["Day", "Today", *filter(None, kept)]


def test_plain_text_is_headings_and_dashes() -> None:
    section = BriefSection(title="Today", items=(say("a\nb", []), say("# c", [])))
    assert as_text("Mon 23 Nov", [section, section]) == (
        "Mon 23 Nov\n\nTODAY\n- a b\n- # c\n\nTODAY\n- a b\n- # c"
    )


def test_an_empty_brief_says_so() -> None:
    assert as_text("Mon", []) == "Mon\n\nThere is nothing more to tell."
    assert as_markdown("Mon", []) == "# Mon\n\nThere is nothing more to tell."


def test_what_is_too_long_is_cut_after_a_line() -> None:
    items = tuple(say("\\" * 2_000, []) for _ in range(100))
    section = BriefSection(title="Today", items=items)
    for text in (as_text("Mon", [section]), as_markdown("Mon", [section])):
        assert TEXT_MAX - 5_000 < len(text) <= TEXT_MAX
        assert text.endswith("\\\n…")
    read_back(READERS[0], as_markdown("Mon", [section]))


def test_a_text_of_10_000_characters_is_cut_and_marked() -> None:
    assert say("x" * 10_000, []).text == "x" * 1_999 + "…"
    assert len(say("x", [f"priorities/{number}" for number in range(500)] * 2).evidence) == 100


@pytest.mark.parametrize(
    ("snippet", "sentence"),
    [
        ("… a\n  * How? In-tree or CSI\n    * Another?\n  * b", "In-tree or CSI"),
        ("- [ ] Send the CSI deck\n- [ ] Other", "Send the CSI deck"),
        ("1. First CSI\n2. Second", "First CSI"),
        ("One line\nof CSI goes on. Two", "One line of CSI goes on."),
        ("Test it (CSI, e.g. Ceph) first. Then ship.", "Test it (CSI, e.g. Ceph) first."),
        ("CSI, z. B. Ceph, bis zum 4. Dezember testen. Dann", "CSI, z. B. Ceph, bis zum 4. Dezember testen."),
        ("CSI prüfen, vgl. Abschnitt 3.\n\n- Zwei", "CSI prüfen, vgl. Abschnitt 3."),
        (
            "Ask Dr. Silva of St. Gallen about CSI, No. 5, i.e. Ceph.\n- b",
            "Ask Dr. Silva of St. Gallen about CSI, No. 5, i.e. Ceph.",
        ),
        ("Check CSI, Ceph etc.\n- Other", "Check CSI, Ceph etc."),
    ],
)
def test_an_entry_of_a_list_is_a_sentence_of_its_own(snippet: str, sentence: str) -> None:
    start = snippet.index("CSI")
    assert matched({"snippet": snippet, "marks": [[start, start + 3]]}) == sentence
