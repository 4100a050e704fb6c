"""The active brief: a text for the executive, made by the server or another program."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.base import Code, Few, Item, Lax, Line, Prose, Seq, Title, Wire, Writes, free_json

BRIEF_ID = "active"
OWN_FIELDS = frozenset(
    {"id", "rev", "author", "author_name", "set_at", "outdated", "day", "about", "as_of", "tz", "headline"}
)

MAX_VALUES = 10_000
"""In one brief: names, texts and whatever else its author says."""

Texts = Annotated[str, Field(max_length=100_000)]


class BriefKind(StrEnum):
    """The kinds of brief that the server can make."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MEETING = "meeting"


class BriefItem(BaseModel):
    """One statement and its evidence: items as `priorities/<id>`, records as `records/<source>/<id>`."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    text: Prose
    evidence: Annotated[tuple[Line, ...], Few(100)] = ()


class BriefSection(BaseModel):
    """Statements under one heading."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    title: Line
    items: Annotated[tuple[BriefItem, ...], Few(500)] = ()


class GivenBrief(BaseModel):
    """A brief as its author states it: these fields have a meaning here, any further ones are the
    author's own and are kept as they are (JSON, 16 levels deep and 10,000 values at most, no number
    beyond 2^53)."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    title: Title | None = None
    kind: Line | None = None
    text: Texts | None = None
    markdown: Texts | None = None
    sections: Annotated[tuple[BriefSection, ...], Few(100)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return free_json(value, MAX_VALUES)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        own = OWN_FIELDS & (self.model_extra or {}).keys()
        if own:
            raise ValueError(f"the server itself sets {', '.join(sorted(own))}: leave it out")
        if not self.model_fields_set:
            raise ValueError("a brief must not be empty: use brief:clear to remove it")
        return self


class Brief(Item):
    """The active brief: the given fields, who set it (`author_name`: what people call them, where
    that is another word) and when.

    If the server made it: its first line (`headline`), its `day`, the zone `tz` of its times (its reader's),
    the seq that it was made at (`as_of`), the id of the meeting that it is `about`, and whether it is
    `outdated`: something that it mentions has changed since.
    """

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    id: str = BRIEF_ID
    author: str
    author_name: str | None = None
    set_at: str
    title: str | None = None
    kind: str | None = None
    text: str | None = None
    markdown: str | None = None
    sections: Annotated[tuple[BriefSection, ...], Lax] | None = None
    day: str | None = None
    about: str | None = None
    as_of: int | None = None
    tz: str | None = None
    headline: str | None = None
    outdated: bool = False


class SetBrief(Writes):
    """Makes this brief the active one."""

    brief: GivenBrief


class GenerateBrief(Writes):
    """`code` names the meeting that a brief of that kind is about; `seen` guards it. A brief has at most
    200 words; `full` tells all. `mine`: it is for who asks alone, and the active one
    stays."""

    kind: Annotated[BriefKind, Lax]
    code: Code | None = None
    seen: Seq | None = None
    full: bool = False
    mine: bool = False


class GetBrief(Wire):
    """`all`: the active one, that everybody has; left out, one's own comes first."""

    all: bool = False


class BriefState(Wire):
    """The section in a snapshot."""

    active_brief: Brief | None
