"""What a Slack message says, and the record that it becomes."""

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.remarks import Unusable
from collectors.sanitize import NothingSaid
from collectors.slack.marks import Names, readable
from collectors.slack.message import Channel, is_system, record
from collectors.slack.text import words
from models.records import MAX_TEXT, GivenRecord

NAMES = Names({"U1": "Ana", "U2": "Bo & Co"}, {"C1": "general"}, frozenset({"U9"}), {"S3": "ops"})
GENERAL = Channel("C1", "general", "#general")


def message(**fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "ts": "1355517523.000005", "text": "hello", **fields}


def made(**fields: Any) -> GivenRecord:
    return record(message(**fields), GENERAL, NAMES)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@U1> and <@U77|zoe> and <@U78>", "@Ana and @zoe and @U78"),
        ("in <#C1|old-name> and <#C7|other> and <#C8>", "in #general and #other and #C8"),
        ("<!here> <!channel> <!subteam^S1|@team> <!subteam^S2>", "@here @channel @team @S2"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("see <http://a.example/x|the plan> now", "see the plan (http://a.example/x) now"),
        ("<http://a.example/> <https://a.example|a.example>", "http://a.example/ https://a.example"),
        ("<mailto:ana@a.example|ana@a.example>", "ana@a.example"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2, &amp;lt; stays", "1 < 2 && 3 > 2, &lt; stays"),
        ("a < b, <no mark> and <>", "a < b, <no mark> and <>"),
        ("a table <|> b, <|labelled>, <a|b>, < >", "a table <|> b, labelled, <a|b>, < >"),
        ("<@> <@|zoe> <@U1|> <#> <#|x> <#C1|> <#C9|>", "<@> @zoe @Ana <#> #x #general #C9"),
        ("<!> <!|x> <!here|> <!subteam^> <!subteam^S3> <!subteam^S3|>", "<!> x @here <!subteam^> @ops @ops"),
        ("<!date^1392734382^{date}> <!date^x^y|then> <!date>", "2014-02-18 14:39 UTC then <!date>"),
        (
            "<mailto:> <mailto:|> <tel:+1|call us> <http://x.example||y>",
            "<mailto:> <mailto:|> call us (+1) |y (http://x.example)",
        ),
    ],
)
def test_marks_are_read_as_people_see_them(text: str, said: str) -> None:
    assert readable(text, NAMES) == said


def test_what_is_attached_is_part_of_what_is_said() -> None:
    found = words(
        message(
            attachments=[
                {
                    "title": "Build &lt;7&gt;",
                    "text": "failed for <@U1>",
                    "fields": [{"title": "on", "value": "main"}],
                },
                {"fallback": "an old client sees this"},
                {"text": "not this", "fallback": "nor this"},
                "odd",
            ],
            files=[{"title": "Plan", "name": "plan.pdf"}, {"name": "b.txt", "preview": "first lines"}, None],
        ),
        NAMES,
    )
    assert found.split("\n") == [
        *("hello", "Build <7>", "failed for @Ana", "on: main", "an old client sees this", "not this"),
        *("Plan", "b.txt", "first lines"),
    ]


def test_a_message_that_has_only_blocks_says_what_they_say() -> None:
    elements = [
        {"type": "text", "text": "ask "},
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": " about "},
        {"type": "link", "url": "http://a.example", "text": "it"},
        {"type": "emoji", "name": "tada"},
    ]
    blocks = [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]},
        {"type": "section", "text": {"type": "mrkdwn", "text": "in <#C1>"}},
    ]
    assert made(text="", blocks=blocks).text == "ask @Ana about it (http://a.example):tada:\nin #general"


MARK = st.text("<>|@#!^&;:U1C3Sabc \n", max_size=30)


@given(MARK)
def test_whatever_marks_a_text_has_reading_it_does_not_raise(text: str) -> None:
    readable(text, NAMES)
    readable(f"<{text}>", NAMES)


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Seven tests failed in <#C1>"}}


@pytest.mark.parametrize(
    "stand_in",
    [
        *(
            "This content can't be displayed.",
            "This content can\u2019t be displayed",
            "[no preview available]",
            "",
        ),
        *("This message can't be displayed.", "[no fallback provided]"),
    ],
)
def test_blocks_are_read_in_place_of_what_stands_for_them(stand_in: str) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "R&amp;D build"}}
    said = "R&D build\nSeven tests failed in #general"
    assert made(text=stand_in, blocks=[header, SECTION]).text == said
    attached = {"fallback": stand_in or "old", "color": "danger", "blocks": [header, SECTION]}
    assert made(text="", attachments=[attached]).text == said
    with pytest.raises(NothingSaid):
        made(text=stand_in, attachments=[{"fallback": stand_in}])


def test_blocks_that_say_more_than_the_text_are_read_and_nothing_is_said_twice() -> None:
    assert made(text="Seven tests failed in <#C1>", blocks=[SECTION]).text == "Seven tests failed in #general"
    assert made(text="Seven tests", blocks=[SECTION]).text == "Seven tests failed in #general"
    both = made(text="Build 12", blocks=[SECTION], attachments=[{"text": "Build 12"}]).text
    assert both == "Build 12\nSeven tests failed in #general"


def test_tables_markdown_and_shared_messages_are_read() -> None:
    def cell(text: str) -> dict[str, Any]:
        return {"type": "raw_text", "text": text}

    rich = {"type": "rich_text", "elements": [{"type": "text", "text": "Nordics"}]}
    table = {"type": "table", "rows": [[cell("Region"), cell("Forecast")], [rich, cell("12")]]}
    markdown = {"type": "markdown", "text": "## Status\nall *green*"}
    assert made(text="", blocks=[table, markdown]).text == (
        "Region | Forecast\nNordics | 12\n## Status\nall *green*"
    )
    shared = {"author_name": "Bo", "text": "", "message_blocks": [{"message": {"blocks": [SECTION]}}]}
    assert made(text="see", attachments=[shared]).text == "see\nBo\nSeven tests failed in #general"


def test_every_element_of_rich_text_is_read() -> None:
    elements = [
        {"type": "broadcast", "range": "here"},
        {"type": "text", "text": " ask "},
        {"type": "usergroup", "usergroup_id": "S3"},
        {"type": "text", "text": " by "},
        {"type": "date", "timestamp": 1795600000, "format": "{date_short}", "fallback": "Nov 25, 2026"},
        {"type": "text", "text": " or "},
        {"type": "date", "timestamp": 1795600000},
        {"type": "channel", "channel_id": "C1"},
        {"type": "color", "value": "#fff"},
    ]
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "an item"}]}
    rich = [
        {"type": "rich_text_section", "elements": elements},
        {"type": "rich_text_list", "elements": [item, item]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a = 1\n  b = 2"}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
    ]
    assert made(text="", blocks=[{"type": "rich_text", "elements": rich}]).text.split("\n") == [
        "@here ask @ops by Nov 25, 2026 or 2026-11-25 09:46 UTC#general#fff",
        *("an item", "an item", "a = 1", "  b = 2", "quoted"),
    ]


def test_long_lists_and_long_files_are_read_to_their_end() -> None:
    elements = [{"type": "text", "text": f"word{number} "} for number in range(200)]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]
    assert made(text="", blocks=blocks).text.endswith("word199")
    assert made(text="", file={"name": "a.txt", "preview": "x " * 5_000 + "end"}).text.endswith("end")


WORD = st.integers(0, 10**6).map(lambda number: f"word{number}")
LEAF = WORD.flatmap(
    lambda word: st.sampled_from(
        (
            {"type": "text", "text": word},
            {"type": "mrkdwn", "text": f"*{word}*"},
            {"type": "plain_text", "text": word},
            {"type": "link", "url": "https://a.example", "text": word},
            {"type": "image", "image_url": "https://a.example", "alt_text": word},
            {"type": "image", "title": {"type": "plain_text", "text": word}},
            {"type": "video", "title": {"type": "plain_text", "text": word}, "author_name": "x"},
            {"type": "markdown", "text": word},
            {"type": "of tomorrow", "title": word},
            {"type": "table", "rows": [[{"type": "raw_text", "text": word}]]},
        )
    )
)
BLOCKS = st.recursive(
    LEAF,
    lambda inner: (
        st.builds(
            lambda kind, field, some: {"type": kind, field: some},
            st.sampled_from(("rich_text", "rich_text_section", "context", "actions", "of tomorrow")),
            st.sampled_from(("elements", "fields", "options", "columns")),
            st.lists(inner, min_size=1, max_size=4),
        )
        | st.builds(lambda one: {"type": "section", "accessory": one}, inner)
    ),
    max_leaves=12,
)


@given(WORD | st.just(""), st.lists(BLOCKS, min_size=1, max_size=3), st.lists(BLOCKS, max_size=2))
def test_every_word_of_every_block_is_in_the_text(
    text: str, blocks: list[dict[str, Any]], attached: list[dict[str, Any]]
) -> None:
    sent = message(text=text, blocks=blocks, attachments=[{"blocks": attached, "fallback": "old"}])
    wanted = set(re.findall(r"word\d+", str(sent)))
    assert wanted <= set(re.findall(r"word\d+", words(sent, NAMES)))


@pytest.mark.parametrize("field", ["subtitle", "body", "initial_value"])
def test_words_in_fields_of_blocks_that_nobody_knows_are_read(field: str) -> None:
    assert (
        "heather"
        in made(text="", blocks=[{"type": "new", "element": {"type": "newer", field: "heather"}}]).text
    )


def test_blocks_that_hold_each_other_a_thousand_deep_do_no_harm() -> None:
    block: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(900):
        block = {"type": "rich_text", "elements": [block]}
    assert made(text="", blocks=[block]).text == "deep"


def test_a_record_holds_who_said_it_where_and_when() -> None:
    found = made(
        thread_ts="1355517500.000001",
        reply_count=2,
        edited={"user": "U1", "ts": "1355517600.000000"},
        reactions=[{"name": "+1", "users": ["U1"], "count": 1}],
        files=[{"name": "a.pdf", "url_private": "https://files.example/a.pdf?t=secret"}],
    )
    assert (found.id, found.kind, found.title) == ("C1-1355517523.000005", "message", "#general")
    assert found.at == "2012-12-14T20:38:43Z"
    assert found.meta == {
        "channel": "general",
        "channel_id": "C1",
        "ts": "1355517523.000005",
        "user": "U1",
        "user_name": "Ana",
        "thread_ts": "1355517500.000001",
        "reply_count": 2,
        "edited": "2012-12-14T20:40:00Z",
        "files": ["a.pdf"],
        "reactions": {"+1": 1},
    }
    assert "secret" not in found.model_dump_json()


def test_milliseconds_are_kept() -> None:
    assert made(ts="1355517523.123456").at == "2012-12-14T20:38:43.123Z"


def test_a_bot_goes_by_the_name_it_gives_itself() -> None:
    found = made(user=None, subtype="bot_message", bot_id="B1", username="jenkins")
    assert found.meta is not None
    assert {name: found.meta[name] for name in ("user", "user_name", "bot", "subtype")} == {
        "user": "B1",
        "user_name": "jenkins",
        "bot": True,
        "subtype": "bot_message",
    }


def test_a_user_of_another_workspace_goes_by_the_profile_in_the_message() -> None:
    found = made(user="U777", user_profile={"display_name": "", "real_name": "Zoe"})
    assert found.meta is not None
    assert found.meta["user_name"] == "Zoe"


@pytest.mark.parametrize("ts", [1355517523.000005, "1355517523.000005"])
def test_a_time_written_as_a_number_gives_the_same_id(ts: object) -> None:
    assert made(ts=ts).id == "C1-1355517523.000005"


@pytest.mark.parametrize(
    ("ts", "why"),
    [
        (None, "it has no time (ts)"),
        ("", "it has no time (ts)"),
        ("soon", "its time (ts) cannot be read"),
        (True, "its time (ts) cannot be read"),
        (-1, "its time (ts) cannot be read"),
        (float("nan"), "its time (ts) cannot be read"),
        ([1], "its time (ts) cannot be read"),
        ("99999999999.000000", "its time (ts) is out of range"),
    ],
)
def test_a_message_without_a_usable_time_is_refused_with_the_reason(ts: object, why: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the reason is compared in full
        record(message(ts=ts), GENERAL, NAMES)
    assert str(refusal.value) == why


@pytest.mark.parametrize("text", [None, "", " \x00\x07\n", 7, ["hello"]])
def test_a_message_without_words_is_no_record(text: object) -> None:
    with pytest.raises(NothingSaid):
        record(message(text=text), GENERAL, NAMES)


def test_control_characters_and_half_characters_are_taken_out() -> None:
    assert made(text="a\x00b\x1b[31m\r\nc\ud800d\u2028e").text == "ab[31m\ncd\ne"


def test_a_text_beyond_the_limit_is_cut_and_says_so() -> None:
    found, cut = record(message(text="x" * (MAX_TEXT + 1)), GENERAL, NAMES)
    assert (len(found.text), found.text[-1], cut) == (MAX_TEXT, "…", True)


def test_a_channel_id_that_is_no_id_gives_one_all_the_same() -> None:
    odd = Channel("a/b;c%", "a/b", "#a/b")
    once, again = record(message(), odd, NAMES)[0], record(message(), odd, NAMES)[0]
    assert once.id == again.id
    assert once.id.startswith("sha256-")


def test_numbers_and_names_that_no_client_could_read_are_made_plain() -> None:
    found = made(reply_count=2**60, subtype={"__proto__": 1, "": 2, "a": [2**70] * 99}, edited={"ts": "?"})
    assert found.meta is not None
    assert found.meta["reply_count"] == str(2**60)
    assert found.meta["subtype"] == {"a": [str(2**70)] * 50}
    assert found.meta["edited"] is True


def test_what_slack_itself_says_is_told_from_what_people_say() -> None:
    assert all(is_system(message(subtype=one)) for one in ("channel_join", "group_leave", "tombstone"))
    assert not any(
        is_system(message(subtype=one)) for one in (None, "bot_message", "me_message", "file_share")
    )
    assert not is_system(message(subtype=["channel_join"]))


FIELDS = st.sampled_from(
    (
        *("type", "subtype", "user", "ts", "text", "thread_ts", "edited", "files", "attachments", "blocks"),
        *("reactions", "bot_id", "user_profile", "username", "permalink", "title", "elements", "fields"),
        *("name", "count"),
    )
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("1355517523.000005")
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(), inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(FIELDS, JSON, max_size=8))
def test_whatever_json_a_message_is_it_is_a_record_or_refused(fields: dict[str, Any]) -> None:
    odd = message(**fields)
    if is_system(odd):
        return
    try:
        orjson.dumps(record(odd, GENERAL, NAMES)[0].model_dump())
    except (ValueError, NothingSaid) as refusal:
        assert type(refusal) in (Unusable, NothingSaid), refusal  # noqa: PT017 - a record is right as well
