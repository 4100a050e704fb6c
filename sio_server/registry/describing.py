"""The description of a section that clients receive."""

from __future__ import annotations

from typing import Any

from models.sections import DoneInfo, FieldInfo, SectionInfo, SortKeyInfo
from sio_server.registry.fields import choices
from sio_server.registry.registry import Section


def describe(section: Section[Any]) -> SectionInfo:
    """The description of the section for clients, so that they need no list of their own."""
    keys = [SortKeyInfo(field=key.field, values=key.values or None) for key in section.order]
    return SectionInfo(
        name=section.name,
        prefix=section.prefix,
        noun=section.noun,
        nouns=section.nouns or f"{section.noun}s",
        headline=section.headline,
        done=None if section.done is None else DoneInfo(field=section.done.field, values=section.done.values),
        order=(*keys, SortKeyInfo(field="id")),
        place=next(iter(section.shape.model_fields)),
        fields=tuple(
            FieldInfo(word=field.word, field=field.name, kind=field.kind.name.lower(), values=values)
            for field in section.fields
            for values in [choices(section.item, field) or None]
        ),
    )
