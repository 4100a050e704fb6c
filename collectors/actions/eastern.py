"""Days in Chinese and Japanese, where no space divides them from other words: `12月1日までに`, `周五前`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from collectors.actions.numeric import FAR
from collectors.actions.patterns import has_any

_DAYS_OF_WEEK = "月火水木金土日", "一二三四五六日"
_ENDS = {
    "今週中": "week", "今週末": "week", "本周内": "week", "本周": "week", "本週": "week",
    "来週中": "next week", "来週末": "next week", "下周": "next week", "下週": "next week",
    "今月中": "month", "今月末": "month", "月末": "month", "月底": "month", "本月底": "month",
    "来月末": "next month", "下月底": "next month",
}  # fmt: skip
_NEAR = {"今日": 0, "本日": 0, "今天": 0, "今晩": 0, "明日": 1, "明天": 1, "明後日": 2, "后天": 2}
_BESIDE = r"(?:[（(][月火水木金土日一二三四五六祝・]{1,3}[）)])?"  # noqa: RUF001
_DAY = (
    rf"(?:(?:\d{{4}}(?:年|/))?\d{{1,2}}(?:月\d{{1,2}}[日号號]|/\d{{1,2}}){_BESIDE}"
    rf"|{'|'.join(sorted([*_ENDS, *_NEAR], key=len, reverse=True))}"
    r"|(?:(?:今|来)週の?)?[月火水木金土日]曜日?|(?:本|下|这|這)?(?:周|週|星期|礼拜)[一二三四五六日天])"
)
_EASTERN = re.compile(
    rf"(?:期限|期日|締め?切り?|截止(?:日期|时间)?)\s*:?\s*(?P<after>{_DAY})(?![\d/])"
    rf"|(?<![\d/])(?P<before>{_DAY})(?:\s?(?:まで|迄)に?|(?:之|以)?前(?!半|後)|中に|(?<=週中|月中|周内))"
    rf"|[（(]\s*(?P<alone>\d{{1,2}}月\d{{1,2}}[日号號]{_BESIDE}|今週中|来週中|月末|本周内|月底)\s*[）)]\s*$"  # noqa: RUF001
)
_CUES = ("まで", "迄", "前", "期限", "期日", "締", "截止", "中", "月")
"""One of these stands in whatever it matches."""
_CALENDAR = re.compile(r"(?:(\d{4})(?:年|/))?(\d{1,2})(?:月|/)(\d{1,2})")
_WEEKDAY = re.compile(
    r"(?P<next>来|下)?.*?(?:(?P<ja>[月火水木金土日])曜日?|(?:周|週|星期|礼拜)(?P<zh>[一二三四五六日天]))"
)


def eastern_days(text: str) -> Iterator[re.Match[str]]:
    """The days by which something is due; each stands in one of the three groups."""
    if not text.isascii() and has_any(text, _CUES):
        yield from _EASTERN.finditer(text)


def eastern(said: str, day: date) -> str:
    """The day that `said` names, if it was said on `day`, in ISO's form or in English words; "" for none."""
    if said in _ENDS:
        return f"end of {_ENDS[said]}"
    if said in _NEAR:
        return (day + timedelta(days=_NEAR[said])).isoformat()
    if found := _CALENDAR.match(said):
        return _of_calendar(found[1], int(found[2]), int(found[3]), day)
    found = _WEEKDAY.match(said)
    if found is None:
        return ""
    number = _DAYS_OF_WEEK[0].find(found["ja"]) if found["ja"] else _number(found["zh"])
    if found["next"]:
        return (day - timedelta(days=day.weekday()) + timedelta(days=7 + number)).isoformat()
    ahead = (number - day.weekday()) % 7
    return (day + timedelta(days=ahead)).isoformat() if ahead else ""


def _of_calendar(year: str | None, month: int, number: int, day: date) -> str:
    try:
        found = date(int(year or day.year), month, number)
        if year is None and found < day:
            found = found.replace(year=day.year + 1)
    except ValueError:
        return ""
    return found.isoformat() if year is not None or found - day <= FAR else ""


def _number(name: str) -> int:
    return 6 if name == "天" else _DAYS_OF_WEEK[1].find(name)
