"""What a client is told of a section, so that it needs no list of its own."""

from __future__ import annotations

from typing import Annotated

from models.base import Lax, Wire


class SortKeyInfo(Wire):
    """One key of an order: `values` is the order of a closed set; an item without the field comes last."""

    field: str
    values: Annotated[tuple[str, ...], Lax] | None = None


class DoneInfo(Wire):
    """An item is dealt with when its field has one of these values; the first is what `complete` sets."""

    field: str
    values: Annotated[tuple[str, ...], Lax]


class FieldInfo(Wire):
    """A field that people set by a command: its `word`, the item's `field`, and what kind of value it takes;
    `values` are those of a choice."""

    word: str
    field: str
    kind: str
    values: Annotated[tuple[str, ...], Lax] | None = None


class SectionInfo(Wire):
    """What a client needs to know of a section to show it.

    `noun` is what one item is called and `nouns` what several are, `headline` the field that says what an
    item is, `order` its sort keys, `place` its name in a snapshot, `prefix` the letter of its codes, and
    `fields` what people set by commands of their own.
    """

    name: str
    prefix: str | None
    noun: str
    nouns: str
    headline: str
    done: DoneInfo | None
    order: Annotated[tuple[SortKeyInfo, ...], Lax]
    place: str
    fields: Annotated[tuple[FieldInfo, ...], Lax] = ()
