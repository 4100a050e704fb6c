"""Slack's mrkdwn as people see it: mentions by name, links in full, no marks. Whatever is in it, nothing
raises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

# Slack escapes & < > in what people type, so any < is its own.
_MARK = re.compile(r"<([^<>\n]{1,4000})>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the ampersand last: &amp;lt; is &lt;


@dataclass(frozen=True)
class Names:
    """What ids stand for: users and groups without `@`, channels without `#`; `bots` are ids of users,
    `zones` those that users live in."""

    users: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()
    groups: dict[str, str] = field(default_factory=dict)
    zones: dict[str, tzinfo] = field(default_factory=dict)

    def user(self, id: str, label: str = "") -> str:
        """As a mention; a name that is known goes before the label that the message has for it."""
        return "@" + (self.users.get(id) or label.removeprefix("@") or id)

    def group(self, id: str, label: str = "") -> str:
        return "@" + (label.removeprefix("@") or self.groups.get(id) or id)

    def channel(self, id: str, label: str = "") -> str:
        return "#" + (self.channels.get(id) or label.removeprefix("#") or id)


def readable(text: str, names: Names) -> str:
    """The text of a message with its marks replaced and the escapes taken back."""
    if "<" in text:
        text = _MARK.sub(lambda mark: _read(mark, names) or mark[0], text)
    return unescaped(text)


def unescaped(text: str) -> str:
    """The text with Slack's escapes taken back."""
    if "&" in text:
        for escape, plain in _ESCAPES:
            text = text.replace(escape, plain)
    return text


def linked(address: str, label: str) -> str:
    """`label (address)`, or the one that says both."""
    bare = re.sub(r"^(https?://|mailto:|tel:)", "", address)
    if address.startswith(("mailto:", "tel:")):
        address = bare
    return address if label.rstrip("/") in ("", address, bare.rstrip("/")) else f"{label} ({address})"


def _read(mark: re.Match[str], names: Names) -> str:
    """One mark as it is shown; "" for what is none of Slack's."""
    inside, _, label = mark[1].partition("|")
    sign, rest = inside[:1], inside[1:]
    match sign:
        case "@" if rest or label:
            return names.user(rest, label)
        case "#" if rest or label:
            return names.channel(rest, label)
        case "!" if rest or label:
            return _command(rest, label, names)
        case "":
            return label
        case _:
            return linked(inside, label) if _SCHEME.match(inside) else ""


def _command(command: str, label: str, names: Names) -> str:
    kind, *more = command.split("^")
    of = more[0] if more else ""
    if kind == "subteam":
        return names.group(of, label) if of or label else ""
    if kind == "date":
        return label or _moment(of)
    return label or f"@{of or command}"


def _moment(seconds: str) -> str:
    try:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""
