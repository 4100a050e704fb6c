"""The commands that set one field of an item, or give it back to the item's source."""

from __future__ import annotations

from sio_server.commands.grammar import Argument, Takes, Verb
from sio_server.commands.ranks import DOWN, UP, ranks_for
from sio_server.commands.said import Start
from sio_server.commands.steps import Step, ask
from sio_server.commands.values import read_fields, read_value
from sio_server.registry.errors import invalid_state
from sio_server.registry.fields import Field, Kind, choices
from sio_server.registry.ops import Put
from sio_server.registry.preview import Preview
from sio_server.registry.registry import Context, Delta, Registry, View
from sio_server.registry.roles import EDITORS

_CODE = Argument(Takes.CODE)


def field_verbs(registry: Registry) -> list[Verb]:
    """A command for each field word of any section."""
    found: dict[str, tuple[Field, dict[str, None]]] = {}
    for section in registry.coded("edit"):
        for field in section.fields:
            _, values = found.setdefault(field.word, (field, {}))
            values |= dict.fromkeys(choices(section.item, field))
    return [
        Verb(
            (word,),
            (_CODE, Argument(Takes.VALUE, written="|".join(values) or field.kind.value)),
            EDITORS,
            field.help,
            _set,
            closed=False,
            reads=read_value,
            proposable=True,
            field=field,
        )
        for word, (field, values) in found.items()
    ]


def _set(view: View, step: Step, ctx: Context) -> Delta:
    """Sets the command's field."""
    [target] = step.targets
    field = target.section.field(step.verb.words[0])
    assert field is not None
    if field.kind is Kind.RANK and step.value is not None:
        return _move(view, step, field.name, ctx)
    value, edit = step.value, f"{target.section.name}:edit"
    values = {field.name: value.at, field.link: value.id} if isinstance(value, Start) else {field.name: value}
    return Delta(ask(edit, {"id": target.id, "set": values}, view, ctx).ops)


def _move(view: View, step: Step, rank: str, ctx: Context) -> Delta:
    """Ranks the item, and those that it passes, among the items of the same status."""
    [target] = step.targets
    section = target.section
    item = view.get(section, target.id)
    assert item is not None
    far = section.done.field if section.done is not None else ""
    alike = (each for each in view.items(section) if getattr(each, far, None) == getattr(item, far, None))
    listed = {each.id: getattr(each, rank) for each in sorted(alike, key=section.sort_key)}
    ends = {UP: ("first", next(iter(listed))), DOWN: ("last", next(reversed(listed)))}
    word, end = ends.get(step.value, ("", None))
    if end == target.id and len(listed) == 1:
        raise invalid_state(f"{target.code} is the only one in its list.")
    if end == target.id:
        raise invalid_state(f"{target.code} is already {word} in its list.")
    preview = Preview(view, ctx.registry)
    preview.take(Delta([Put(section.name, item)]))  # the step names it, even if its rank stays
    for id, place in ranks_for(listed, target.id, step.value).items():
        fields = {"id": id, "set": {rank: place}}
        preview.take(ask(f"{section.name}:edit", fields, preview, ctx))
    return Delta(preview.ops())


def _release(view: View, step: Step, ctx: Context) -> Delta:
    [target] = step.targets
    fields = {"id": target.id, "fields": step.value or None}
    return Delta(ask(f"{target.section.name}:release", fields, view, ctx).ops)


RELEASE = Verb(
    ("release",),
    (_CODE, Argument(Takes.FIELDS, optional=True)),
    EDITORS,
    "Gives fields back to the item's source.",
    _release,
    does=("release",),
    reads=read_fields,
)
