"""Quotes from what holds many subjects: minutes of a year, and channels.

Of search/quotes, search/lines and search/subject.
"""

from __future__ import annotations

import pytest

from sio_server.search.index import Index
from tests.search.test_quotes import about, index, record

__all__ = ["index"]

ADMINS = "Nobody says that the Slack admins mainly remove spam."


def minutes(*points: str) -> str:
    return "\n".join(f"- {point}" for point in points)


async def test_the_line_with_all_of_the_subject_is_found_however_late_it_comes(index: Index) -> None:
    early = [f"Point {number} was said in Slack, and nobody had a question." for number in range(60)]
    told = await about(index, "Slack admins", record("m", minutes(*early, ADMINS), kind="note"))
    assert ADMINS in told


async def test_long_minutes_with_the_words_side_by_side_are_read_before_short_ones_with_one(
    index: Index,
) -> None:
    short = [record(f"s{number}", f"You have to be an admin for part {number}.") for number in range(60)]
    apart = [
        record(f"a{number}", f"Write in Slack about {number}.\n\nThe admins will read it {number}.")
        for number in range(40)
    ]
    many = [f"We will talk about point {number} of the plan another time." for number in range(200)]
    told = await about(
        index, "Slack admins", *short, *apart, record("m", minutes(*many, ADMINS, *many), kind="note")
    )
    assert ADMINS in told


@pytest.mark.parametrize(
    "line",
    [
        "The permissions are only for pods: https://github.com/org/repo/pull/7",
        "The permissions are only for pods ([why](https://github.com/org/repo/issues/8))",
    ],
)
async def test_who_names_a_page_does_not_speak_of_its_site(index: Index, line: str) -> None:
    others = [record(f"o{number}", f"Part {number} is on GitHub, we said.") for number in range(5)]
    others += [record(f"p{number}", f"Pods have permissions in part {number}.") for number in range(8)]
    heading = f"# [Pods](https://github.com/org/pods)\n\n{minutes('The permissions are for pods alone.')}"
    told = await about(
        index,
        "GitHub permissions",
        *others,
        record("m", minutes(line), kind="note"),
        record("h", heading, kind="note"),
    )
    assert not any("for pods" in text for text in told)
    said = "We will set the permissions at GitHub on Monday."
    assert said in await about(index, "GitHub permissions", record("n", said))


async def test_a_relative_of_the_word_is_told_only_where_nobody_said_the_word(index: Index) -> None:
    market = "There is nothing else on the market that we can buy."
    assert await about(index, "Marketing", record("1", market, "2026-11-20")) == [market]
    marketing = "The marketing of the launch will begin in May."
    assert await about(index, "Marketing", record("2", marketing, "2026-10-20")) == [marketing]


async def test_the_name_of_a_channel_is_not_what_a_message_is_about(index: Index) -> None:
    idle = "Does anybody have an idea what we should do here?"
    channel = {"title": "#appium, bo", "kind": "message"}
    assert await about(index, "Appium", record("1", idle, **channel)) == []
    said = "The Appium release has to wait until Friday."
    assert await about(index, "Appium", record("2", said, **channel)) == [said]
    assert idle in await about(index, "Appium", record("3", idle, title="Re: Appium", kind="mail"))
