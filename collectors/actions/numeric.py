"""Days in numbers: `12/1`, `1.12.26`, `01-12-2026`, `2026/12/1`. What may be read in two ways is no day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

FAR = timedelta(days=300)
"""A date without a year that is farther away was most likely meant to be this year's, which is over."""
NEAR = timedelta(days=42)
"""How near the nearer reading of `12/1` must be, where nothing says which number is the month."""
_AS_LIKELY = timedelta(days=28)
"""And how far off the other one."""


class Order(StrEnum):
    """Which number comes first in `12/1`."""

    MONTH_FIRST = "MDY"
    DAY_FIRST = "DMY"


_YEAR = r"(?:\d{4}|\d\d)"
DOTTED = rf"\d{{1,2}}\. ?\d{{1,2}}\.(?: ?{_YEAR}(?!\w))?"
NUMERIC = (
    rf"(?:\d{{4}}[/.]\d{{1,2}}[/.]\d{{1,2}}|\d{{1,2}}/\d{{1,2}}(?:/{_YEAR})?"
    rf"|\d{{1,2}}-\d{{1,2}}-{_YEAR}|{DOTTED})"
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(rf"(?P<name>{'|'.join(WEEKDAYS)})[a-z]*\b")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_NUMBERS = re.compile(rf"(\d{{1,2}})(?P<mark>[/.-]) ?(\d{{1,2}})(?:(?P=mark) ?({_YEAR})?)?")


def in_numbers(said: str, day: date, order: Order | None) -> date | None:
    """The day that `said` (in lower case) names, if it was said on `day`; None when that is not sure, and
    ValueError for one that is none."""
    if whole := _YEAR_FIRST.search(said):
        return date(*map(int, whole.groups()))
    numbers = _NUMBERS.search(said)
    if numbers is None:
        return None
    first, mark, second, year = numbers.groups()
    orders = [Order.DAY_FIRST] if mark == "." else [order] if order else list(Order)
    if year is None:
        found = {one for one in _coming(int(first), int(second), orders, day) if one is not None}
        may_be_over = any(_is_just_over(int(first), int(second), one, day) for one in orders)
    else:
        found, may_be_over = set(_dated(first, second, year, orders)), False
        # With dashes the first may be the year, as in `26-12-01`.
        if mark == "-" and len(first) == len(second) == len(year) == 2:
            turned = _day(_full(first), int(second), int(year))
            found |= {turned} if turned and day - NEAR <= turned <= day + FAR else set()
    if weekday := _WEEKDAY.match(said):
        found = {one for one in found if one.weekday() == WEEKDAYS.index(weekday["name"])}
        may_be_over = False
    return _sure(sorted(found), day, may_be_over=may_be_over)


def _sure(found: list[date], day: date, *, may_be_over: bool) -> date | None:
    """The only reading, or else the only one that is not far from the day, or by far the nearest one."""
    if len(found) > 1:
        found = [one for one in found if day - NEAR <= one <= day + FAR]
    if not found or (len(found) > 1 and (found[0] < day or found[1] <= day + _AS_LIKELY)):
        return None
    return found[0] if (len(found) == 1 and not may_be_over) or day <= found[0] <= day + NEAR else None


def _coming(first: int, second: int, orders: list[Order], day: date) -> Iterator[date | None]:
    """The next days of these numbers."""
    for one in orders:
        this = _day(day.year, *_month_and_day(first, second, one))
        coming = this if this is None or this >= day else _day(day.year + 1, this.month, this.day)
        yield coming if coming is not None and coming - day <= FAR else None


def _dated(first: str, second: str, year: str, orders: list[Order]) -> Iterator[date]:
    """The days of a year that the first two numbers may be."""
    read = (_day(_full(year), *_month_and_day(int(first), int(second), one)) for one in orders)
    yield from (one for one in read if one is not None)


def _full(year: str) -> int:
    return int(year) + (2000 if len(year) == 2 else 0)


def _month_and_day(first: int, second: int, order: Order) -> tuple[int, int]:
    return (first, second) if order is Order.MONTH_FIRST else (second, first)


def _is_just_over(first: int, second: int, order: Order, day: date) -> bool:
    """Whether it may well name a day of the last weeks, and not the coming one of the other reading."""
    this = _day(day.year, *_month_and_day(first, second, order))
    return this is not None and timedelta(0) < day - this <= NEAR


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
