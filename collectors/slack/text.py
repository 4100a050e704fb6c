"""What a Slack message says, as people read it: mentions by name, links in full, no markup characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

PARTS_MAX, FILE_TEXT_MAX, DEPTH_MAX = 50, 4_000, 20

# Slack escapes & < > in what people type, so any < is its own.
_MARK = re.compile(r"<([^<>\n]{1,4000})>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the ampersand last: &amp;lt; is &lt;


@dataclass(frozen=True)
class Names:
    """What ids stand for: users without `@`, channels without `#`; `bots` are ids of users."""

    users: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()


def readable(text: str, names: Names) -> str:
    """The text of a message with its mrkdwn marks replaced and the escapes taken back."""
    if "<" in text:
        text = _MARK.sub(lambda mark: _read(mark, names), text)
    if "&" in text:
        for escape, plain in _ESCAPES:
            text = text.replace(escape, plain)
    return text


def words(message: dict[str, object], names: Names) -> str:
    """All that a message says: its text, then what is attached."""
    text = message.get("text")
    own = readable(text, names) if isinstance(text, str) else ""
    if not own.strip():
        own = "".join(_of_blocks(message.get("blocks"), names))
    parts = [
        own,
        *_of_attachments(message.get("attachments"), names),
        *_of_files(message.get("files"), names),
    ]
    return "\n".join(part for part in parts if part.strip())


def objects(value: object) -> list[dict[str, object]]:
    """The objects in a list of JSON, and none in what is no list."""
    return [one for one in value[:PARTS_MAX] if isinstance(one, dict)] if isinstance(value, list) else []


def _read(mark: re.Match[str], names: Names) -> str:
    inside, _, label = mark[1].partition("|")
    match inside[0], inside[1:]:
        case "@", user:
            return "@" + names.users.get(user, label.removeprefix("@") or user)
        case "#", channel:
            return "#" + (names.channels.get(channel) or label.removeprefix("#") or channel)
        case "!", command:
            return label or "@" + command.partition("^")[2] if "^" in command else f"@{label or command}"
    return _link(inside, label) if _SCHEME.match(inside) else mark[0]


def _link(address: str, label: str) -> str:
    """`label (address)`, or the one that says both."""
    bare = re.sub(r"^(https?://|mailto:|tel:)", "", address)
    if address.startswith(("mailto:", "tel:")):
        address = bare
    return address if label.rstrip("/") in ("", address, bare.rstrip("/")) else f"{label} ({address})"


def _of_attachments(value: object, names: Names) -> Iterator[str]:
    for attachment in objects(value):
        found = [_string(attachment, name) for name in ("pretext", "title", "text")]
        if not any(found):
            found = [_string(attachment, "fallback")]
        fields = (
            f"{_string(one, 'title')}: {_string(one, 'value')}" for one in objects(attachment.get("fields"))
        )
        yield from (readable(text, names) for text in (*found, *fields) if text)


def _of_files(value: object, names: Names) -> Iterator[str]:
    for file in objects(value):
        yield _string(file, "title") or _string(file, "name")
        yield readable((_string(file, "plain_text") or _string(file, "preview"))[:FILE_TEXT_MAX], names)


def _string(value: dict[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _of_blocks(value: object, names: Names, depth: int = DEPTH_MAX) -> Iterator[str]:
    """The words of Block Kit; a message that has them seldom lacks `text`."""
    for block in objects(value) if depth else []:
        kind = _string(block, "type")
        if kind in _LEAVES:
            yield _LEAVES[kind](block, names)
        text = block.get("text")
        if isinstance(text, dict):
            yield readable(_string(text, "text"), names)
        yield from _of_blocks(block.get("elements"), names, depth - 1)
        yield from _of_blocks(block.get("fields"), names, depth - 1)
        if kind in ("rich_text_section", "section", "header"):
            yield "\n"


_LEAVES: dict[str, Callable[[dict[str, object], Names], str]] = {
    "text": lambda leaf, names: _string(leaf, "text"),
    "plain_text": lambda leaf, names: _string(leaf, "text"),
    "mrkdwn": lambda leaf, names: readable(_string(leaf, "text"), names),
    "link": lambda leaf, names: _link(_string(leaf, "url"), _string(leaf, "text")),
    "user": lambda leaf, names: "@" + names.users.get(_string(leaf, "user_id"), _string(leaf, "user_id")),
    "channel": lambda leaf, names: (
        "#" + names.channels.get(_string(leaf, "channel_id"), _string(leaf, "channel_id"))
    ),
    "broadcast": lambda leaf, names: "@" + _string(leaf, "range"),
    "emoji": lambda leaf, names: f":{_string(leaf, 'name')}:",
}
