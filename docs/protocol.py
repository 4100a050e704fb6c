"""Writes docs/protocol.md: the text of docs/protocol.in.md, with every table and number from the code.

.venv/bin/python -m docs.protocol
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from briefs.short.length import WORDS_MAX
from handlers import REGISTRY, calendar, collection, command, commitments, priorities, sources
from models.base import FREE_DEPTH, OP_KEPT_S, YEARS
from models.batch import BATCH_ITEMS_MAX, DISMISSED_MAX, MAX_ITEMS
from models.brief import OWN_FIELDS
from models.records import MAX_RECORDS, MAX_TEXT
from models.sources import Mode
from sio_server import settings as server_settings
from sio_server.clients import client, dispatch, multipart, presence, transport
from sio_server.commands import grammar, when
from sio_server.commands.grammar import MAX_LINE, Verb
from sio_server.delivery import sync
from sio_server.log import nodes, retention
from sio_server.registry import persons
from sio_server.registry.ops import EVERYTHING
from sio_server.registry.registry import Request, Section
from sio_server.registry.roles import OF_PEOPLE, ROLES, Permission, Role
from sio_server.search import cancellation, labels, matching, opened, query
from sio_server.side_app.contract import PLACE, Contract, Schema, pushes, say, sentence
from sio_server.sockets import listener, origins, packets, polling, strangers, values
from sio_server.sockets.endings import Ending
from sio_server.state import codes

TEMPLATE = Path(__file__).with_name("protocol.in.md")
PAGE = Path(__file__).with_name("protocol.md")
MARK = re.compile(r"\{\{(\w+)(?: (\w+))?\}\}")

CONTRACT = Contract(REGISTRY)
SCHEMAS = CONTRACT.schemas

FORMS = {
    "words": ("words", "one line that is not blank"),
    "line": ("line", "one line, without control characters"),
    "lines": ("lines", "text with line breaks and tabs, without other control characters"),
    "printable": ("printable", "printable characters"),
    "url": ("address", "begins with `http://` or `https://`, without white space"),
    "own-id": ("own id", "see [Items](#items)"),
    "date-or-date-time": ("date or instant", "`YYYY-MM-DD`, or RFC 3339 with a zone"),
}
"""What a JSON Schema `format` of ours is called on the page, and what it means."""

COME_BACK = {
    1000: "as you like: the client ended the session",
    1007: "not with the same: send what this page describes",
    1008: "with a token that is good, and within the limits",
    1009: "with less, or in parts",
    1011: "yes",
    1012: "yes, after a second",
    1013: "yes, after a minute",
}
"""What to do after each close code of ours; 1002 is websockets' own."""


def page() -> str:
    """The whole page.

    Errors: KeyError when the text has a mark that nothing stands for.
    """
    values = numbers() | tables()
    return MARK.sub(
        lambda mark: shape(mark[2]) if mark[2] else str(values[mark[1]]), TEMPLATE.read_text("utf-8")
    )


def numbers() -> dict[str, object]:
    """Every limit that the text names, in the text's unit."""
    settings = server_settings.read([], {})
    assert isinstance(settings, server_settings.Settings)
    return {
        "version": server_settings.VERSION,
        "bad_tokens": strangers.WRONG_TOKENS,
        "ban_s": f"{strangers.BAN_S:.0f}",
        "connect_s": f"{transport.CONNECT_WITHIN_S:.0f}",
        "connect_kib": transport.MAX_CONNECT_BYTES >> 10,
        "message_mib": transport.MAX_MESSAGE_BYTES >> 20,
        "ping_s": transport.PING_INTERVAL_S,
        "current_s": round(nodes.CURRENT_S),
        "pong_s": transport.PING_TIMEOUT_S,
        "opened_kib": opened.OPENED_KIB,
        "opened": f"{opened.OPENED_CHARACTERS:,}",
        "keep_changes": f"{settings.keep_changes:,}",
        "keep_hours": f"{settings.keep_hours:.0f}",
        "connections": f"{settings.max_connections:,}",
        "large_delta_kib": sync.LARGE_DELTA_BYTES >> 10,
        "small_delta_kib": sync.SMALL_DELTA_BYTES >> 10,
        "backlog_kib": client.MAX_BACKLOG_BYTES >> 10,
        "pending": settings.max_pending,
        "unread_s": listener.UNREAD_FOR_MS // 1000,
        "deadline_s": f"{dispatch.DEADLINE_S:.0f}",
        "ops_h": OP_KEPT_S // 3600,
        "rest_h": codes.REST_S // 3600,
        "tick_s": f"{Section.tick_every_s:.0f}",
        "depth": values.MAX_DEPTH,
        "entries": f"{values.MAX_ENTRIES:,}",
        "nests": f"{values.MAX_NESTS:,}",
        "brief_depth": FREE_DEPTH,
        "attachments": packets.MAX_ATTACHMENTS,
        "post_mib": polling.MAX_POST_BYTES >> 20,
        "items": f"{MAX_ITEMS:,}",
        "batch_items": f"{BATCH_ITEMS_MAX:,}",
        "batch_mib": multipart.BATCH_SIZE_MAX >> 20,
        "batches_mib": settings.parts_mib,
        "batch_idle_s": f"{multipart.IDLE_S:.0f}",
        "dismissed": f"{DISMISSED_MAX:,}",
        "persons": f"{persons.PERSONS_MAX:,}",
        "back_s": f"{presence.BACK_WITHIN_S:.0f}",
        "collect_ack_s": f"{presence.ACK_WITHIN_S:.0f}",
        "quick_s": f"{collection.LIMIT_S[Mode.QUICK]:,}",
        "full_s": f"{collection.LIMIT_S[Mode.FULL]:,}",
        "records": f"{MAX_RECORDS:,}",
        "record_chars": f"{MAX_TEXT:,}",
        "query_words": query.MAX_WORDS,
        "ranked": f"{matching.RANKED_AT_MOST:,}",
        "budget_ms": f"{cancellation.BUDGET_S * 1000:.0f}",
        "line_chars": f"{MAX_LINE:,}",
        "line_steps": grammar.MAX_STEPS,
        "undo_h": retention.RUNS_KEPT_S // 3600,
        "own_id": SCHEMAS["GivenEvent"]["properties"]["id"]["maxLength"],
        "fresh_s": f"{sources.FRESH_FOR_S:.0f}",
        "many_attendees": calendar.MANY_ATTENDEES,
        "first_year": YEARS.start,
        "last_year": YEARS.stop - 1,
    }


def tables() -> dict[str, str]:
    """Everything else that is read off the code."""
    sections = REGISTRY.sections.values()
    decided = commitments.COMMITMENTS.decided | priorities.PRIORITIES.decided
    return {
        "everything": EVERYTHING,
        "rooms": ", ".join(f"`{room}`" for room in REGISTRY.rooms) + ".",
        "origins": ", ".join(f"`{origin}`" for origin in origins.DEVELOPMENT),
        "codes": ", ".join(f"`{each.prefix}1` in {each.name}" for each in sections if each.prefix),
        "decided": ", ".join(f"`{name}`" for name in sorted(decided)),
        "brief_words": str(WORDS_MAX),
        "brief_own": ", ".join(f"`{name}`" for name in sorted(OWN_FIELDS)),
        "author_fields": ", ".join(f"`{name}`" for name in labels.AUTHOR_FIELDS),
        "about_fields": ", ".join(f"`{name}`" for name in sorted(labels.ABOUT_FIELDS)),
        "of_people": OF_PEOPLE,
        "pushes": _table(("event", "payload", "what it says"), _pushes()),
        "endings": _table(("close code", "why", "come back?"), map(_ending, COME_BACK)),
        "roles": _table(("who", *Role), map(_permission, Permission)),
        "requests": "\n\n".join(_families()),
        "verbs": _table(("step", "also", "roles", "what it does"), map(_verb, command.verbs(REGISTRY))),
        "times": ", ".join(f"`{example}`" for example in when.EXAMPLES),
        "forms": "\n".join(_row(form) for form in FORMS.values()),
        "shapes": "\n\n".join(f"### {name}\n\n{shape(name)}" for name in SCHEMAS),
    }


def _ending(code: int) -> tuple[str, str, str]:
    reasons = [ending.reason for ending in Ending if ending.code == code]
    return f"`{code}`", "; ".join(reasons), COME_BACK[code]


def shape(name: str) -> str:
    """One schema: what it says, and a row for each field."""
    schema = SCHEMAS[name]
    parts = [schema["description"]] if "description" in schema else []
    if schema.get("properties"):
        required = schema.get("required", ())
        fields = schema["properties"].items()
        rows = ((f"`{field}`", kind(one), _need(one, field in required)) for field, one in fields)
        parts.append(_table(("field", "value", "given"), rows))
        if schema.get("additionalProperties") is True:
            parts.append("Further fields are allowed.")
    elif "enum" in schema or "oneOf" in schema:
        parts.append(kind(schema) + ".")
    return "\n\n".join(parts)


def kind(schema: Schema | bool) -> str:
    """A schema in a few words, with its limits."""
    if isinstance(schema, bool) or not schema or schema.keys() <= {"default", "description"}:
        return "any JSON"
    if "$ref" in schema:
        return _link(schema["$ref"].removeprefix(PLACE))
    if "const" in schema:
        return f"`{_json(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(kind(part) for part in schema[key])
    return _KINDS[schema["type"]](schema)


def _text(schema: Schema) -> str:
    if "pattern" in schema:
        return f"text like `{schema['pattern']}`"
    name = FORMS[schema["format"]][0] if "format" in schema else "text"
    return name + _bounds(schema, "minLength", "maxLength", " characters")


def _number(schema: Schema) -> str:
    name = "whole number" if schema["type"] == "integer" else "number"
    big = schema.get("maximum", 0) > 2**50
    return name + _bounds(schema, "minimum", "" if big else "maximum", "")


def _array(schema: Schema) -> str:
    entry = kind(schema["items"])
    if "maxItems" in schema:
        return f"list of at most {schema['maxItems']:,} ({entry})"
    return f"list of {entry}"


def _object(schema: Schema) -> str:
    if "properties" in schema:
        return "fields of the item"
    values = kind(schema.get("additionalProperties", True))
    return f"object with values: {values}"


_KINDS: dict[str, Callable[[Schema], str]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda schema: "`true` or `false`",
    "null": lambda schema: "null",
    "array": _array,
    "object": _object,
}


def _bounds(schema: Schema, low: str, high: str, unit: str) -> str:
    least, most = schema.get(low), schema.get(high)
    if most is None:
        return f", at least {least:,}{unit}" if least else ""
    return f", {least:,} to {most:,}{unit}" if least or not unit else f", at most {most:,}{unit}"


def _need(schema: Schema, required: bool) -> str:
    if required:
        return "always"
    default = schema.get("default")
    return "optional" if default is None else f"default `{_json(default)}`"


def _json(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _pushes() -> Iterator[tuple[str, str, str]]:
    events: dict[type[BaseModel], list[str]] = {}
    for push in pushes(REGISTRY):
        events.setdefault(push.payload, []).append(f"`{push.event}`")
    for payload, named in events.items():
        yield ", ".join(named), _link(payload.__name__), say(payload)


def _families() -> Iterator[str]:
    for family in REGISTRY.families:
        if family.requests:
            head = ("event", "payload", "data in the ack", "roles", "what it does")
            yield f"### {family.name}\n\n{_table(head, map(_request, family.requests))}"


def _request(request: Request) -> tuple[str, ...]:
    payload = request.payload.__name__
    required = SCHEMAS[payload].get("required", ())
    names = (name if name in required else f"{name}?" for name in SCHEMAS[payload]["properties"])
    fields = f"`{{{', '.join(names)}}}`"
    data = kind(CONTRACT.data(request.event))
    return (
        f"`{request.event}`",
        f"{_link(payload)} {fields}",
        data,
        _roles(request.roles),
        sentence(request.help),
    )


def _verb(verb: Verb) -> tuple[str, ...]:
    also = ", ".join(f"`{word}`" for word in verb.words[1:])
    return f"`{verb.usage}`", also, _roles(verb.roles), verb.help


def _permission(permission: Permission) -> tuple[str, ...]:
    return (f"may {permission}", *("yes" if role in ROLES[permission] else "" for role in Role))


def _roles(roles: frozenset[Role]) -> str:
    return "all" if roles == set(Role) else ", ".join(sorted(roles))


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join([_row(head), _row(("---",) * len(head)), *map(_row, rows)])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
