"""The types that every section shares: strict models, bounded texts, instants, ids and codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Annotated, Any

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, Strict

MAX_SAFE_INT = 2**53 - 1  # the largest integer that JavaScript keeps exact
MAX_RUN = 2**52  # so that the runs after it can still be numbered exactly
YEARS = range(1900, 2200)  # beyond them a date is a typing error

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc
_ODD_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # except line breaks and tabs
_UTC = frozenset(("Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Zulu", "Etc/Universal", "Etc/Greenwich"))
_NOT_IN_ID = re.compile(r"[/;%]")
_PLAIN_ID = re.compile(r"(?!\.\.?\Z)[!-$&-.0-:<-~]+")


class Wire(BaseModel):
    """A message or a part of one: unknown fields and wrong types are refused, nothing is coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def instant(text: str) -> str:
    """`text`, an RFC 3339 instant with a zone, in UTC with `Z`; whole seconds have no fraction."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("use an RFC 3339 instant with a zone, like 2026-11-23T09:00:00Z")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("there is no such date, time or zone") from None
    if moment.year not in YEARS:
        raise ValueError(f"the year must be {YEARS.start} to {YEARS.stop - 1}")
    return format_instant(moment)


@lru_cache(maxsize=64)  # all changes of a batch have the same time
def format_instant(moment: datetime) -> str:
    """An aware datetime in wire format: UTC, `Z`, milliseconds only if there are any."""
    moment = moment.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def zone_name(zone: tzinfo | str) -> str:
    """A time zone as people are told it: IANA's name, and UTC for all that IANA calls so."""
    name = str(zone)
    return "UTC" if name in _UTC else name


def day(text: str) -> str:
    """`text`, if it is a real date written `YYYY-MM-DD`."""
    if not _DAY.fullmatch(text):
        raise ValueError("use a date like 2026-11-23")
    try:
        year = date.fromisoformat(text).year
    except ValueError:
        raise ValueError("there is no such date") from None
    if year not in YEARS:
        raise ValueError(f"the year must be {YEARS.start} to {YEARS.stop - 1}")
    return text


def day_or_instant(text: str) -> str:
    """A date stays a date, an instant becomes UTC."""
    return day(text) if _DAY.fullmatch(text) else instant(text)


def is_day(text: str) -> bool:
    """Whether a valid day-or-instant is a date without a time."""
    return len(text) == 10


def order_key(text: str) -> str:
    """Sorts wire instants and dates by time; a date comes before the instants of its day."""
    return text.rstrip("Z")


def _one_line(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("control characters and line breaks are not allowed here")
    return text


def several_lines(text: str) -> str:
    """`text`, if it has no control characters except line breaks and tabs."""
    if _ODD_CONTROLS.search(text):
        raise ValueError("control characters other than line breaks and tabs are not allowed here")
    return text


def some_words(text: str) -> str:
    """`text`, if it is not blank."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _web_address(text: str) -> str:
    if not re.match(r"https?://[^\s/]", text, re.IGNORECASE) or re.search(r"\s", text):
        raise ValueError("use an address that begins with http:// or https:// and has no white space")
    return text


def own_id(text: str) -> str:
    """The rule for ids: they are compared code point by code point, so only plain ones are allowed."""
    if _PLAIN_ID.fullmatch(text):
        return text
    if text in (".", "..") or text != text.strip():
        raise ValueError("must not be . or .. and must not begin or end with white space")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("must be in Unicode NFC form")
    if _NOT_IN_ID.search(text) or not text.isprintable():  # the plain space is the only printable blank
        raise ValueError("must not hold / ; % or invisible characters")
    return text


def _upper(text: str) -> str:
    return text.upper()


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


Lax = Strict(False)  # for enums and tuples: JSON has neither, so strings and lists stand for them


@dataclass(frozen=True)
class Few(GroupedMetadata):
    """For a tuple: at most so many entries. The first bad one ends the look at it: a hundred thousand wrong
    ones cost no more than one."""

    most: int
    least: int = 0

    def __iter__(self) -> Iterator[Any]:
        yield Lax
        yield Field(min_length=self.least or None, max_length=self.most)
        yield FailFast()


def _form(name: str) -> Any:
    """Puts a validator's checks into the JSON Schema, as far as they are not lengths."""
    return Field(json_schema_extra={"format": name})


DayOrInstant = Annotated[
    str, Field(max_length=40), AfterValidator(day_or_instant), _form("date-or-date-time")
]
Title = Annotated[
    str,
    Field(min_length=1, max_length=10_000),
    AfterValidator(_one_line),
    AfterValidator(some_words),
    _form("words"),
]
Line = Annotated[str, Field(max_length=1_000), AfterValidator(_one_line), _form("line")]
Mark = Annotated[str, Field(max_length=64), AfterValidator(_one_line), _form("line")]
Label = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_one_line), _form("line")]
Prose = Annotated[str, Field(max_length=16_000), AfterValidator(several_lines), _form("lines")]
Url = Annotated[
    str, Field(max_length=2_000), AfterValidator(_one_line), AfterValidator(_web_address), _form("url")
]
OwnId = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(own_id), _form("own-id")]
AnyId = Annotated[str, Field(min_length=1, max_length=320), AfterValidator(_printable), _form("printable")]
SourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$")]
BoardName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][1-9][0-9]{0,8}$"), AfterValidator(_upper)]
OP_KEPT_S = 24 * 3600
"""How long an op is remembered: in seconds of a server's running time, since a wall clock can jump."""
Op = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable), _form("printable")]
Seq = Annotated[int, Field(ge=0, le=MAX_SAFE_INT)]
Epoch = Annotated[str, Field(min_length=1, max_length=64)]
Percent = Annotated[int, Field(ge=0, le=100)]
RoomName = Annotated[str, Field(min_length=1, max_length=64)]
Run = (
    Annotated[int, Field(ge=0, le=MAX_RUN)]
    | Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable), _form("printable")]
)


class Item(Wire):
    """Any item in the state: `rev` grows by one with each change of the item."""

    id: str
    rev: int = 0


class CodedItem(Item):
    """An item that people name by a code; `held` lists the fields that people decided,
    which the source no longer overwrites, and `source_values` the source's values for them."""

    code: str = ""
    source: str | None = None
    held: Annotated[tuple[str, ...], Lax] = ()
    source_values: dict[str, Any] | None = None

    def remembered(self) -> tuple[str, ...]:
        """The names by which it is known again once a person has dropped it."""
        return (self.id,)


class Nothing(Wire):
    """A payload without fields: `{}`."""


class Writes(Wire):
    """A payload that changes something: `op` makes repeating it harmless."""

    op: Op | None = None


class Personal(Writes):
    """A write that is about the person who sends it: its `op` is theirs alone."""


class Target(Writes):
    """Names one item, by `id` or by `code`; `seen` is the seq that the person was looking at."""

    id: AnyId | None = None
    code: Code | None = None
    seen: Seq | None = None


class Release(Target):
    """Gives fields back to the item's source; without `fields` all that people decided."""

    fields: Annotated[tuple[Label, ...], Few(50, least=1)] | None = None


class Dropping(Writes):
    """Names the items to remove, by `ids` or by `codes`."""

    ids: Annotated[tuple[AnyId, ...], Few(5_000)] | None = None
    codes: Annotated[tuple[Code, ...], Few(1_000)] | None = None
    seen: Seq | None = None


class Removed(Wire):
    """How many items were removed."""

    removed: int


FREE_DEPTH = 16  # deep enough for any author's fields, and no parser fails at it


def free_json(value: Any, most: int = 1_000) -> Any:
    """`value` when it is JSON of so many values at most that every client reads the same: no huge numbers,
    no odd keys."""
    level = [value]
    for depth in range(FREE_DEPTH + 1):
        children: list[Any] = []
        for one in level:
            if isinstance(one, dict | list) and depth == FREE_DEPTH:
                raise ValueError("is nested too deeply")
            if isinstance(one, dict):
                _check_keys(one)
                children += one.values()
            elif isinstance(one, list):
                children += one
            else:
                _check_number(one)
        most -= len(level)
        if len(children) > most:
            raise ValueError("holds too many values")
        level = children
    return value


def _check_keys(value: dict[str, Any]) -> None:
    for key in value:
        if not key or len(key) > 100 or key in ("__proto__", "constructor", "prototype"):
            raise ValueError("field names must be 1 to 100 characters and not a reserved word")


def _check_number(value: Any) -> None:
    if isinstance(value, int | float) and not -MAX_SAFE_INT <= value <= MAX_SAFE_INT:
        raise ValueError("numbers must be within 2^53, send larger ones as strings")
