"""One message of a Slack export into a record: pure, and within the server's limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from collectors.remarks import Unusable
from collectors.sanitize import NothingSaid, fitted_id, meta, web_address
from collectors.slack.marks import Names
from collectors.slack.text import objects, words
from collectors.texts import fitted, lines, one_line
from models.base import YEARS, format_instant
from models.records import MAX_TEXT, GivenRecord

TITLE_MAX = 1_000  # the server's bound (models.base.Line)

# What Slack itself says of a channel, and the log of edits; nobody searches for these.
SYSTEM = frozenset(
    {
        *(f"{place}_{event}" for place in ("channel", "group") for event in ("join", "leave", "archive")),
        *("channel_unarchive", "group_unarchive", "channel_name", "group_name"),
        *("channel_posting_permissions", "channel_convert_to_private", "channel_convert_to_public"),
        *("bot_add", "bot_remove", "bot_enable", "bot_disable", "pinned_item", "unpinned_item"),
        *("reminder_add", "huddle_thread", "sh_room_created", "tombstone", "ekm_access_denied"),
        *("message_changed", "message_deleted", "message_replied"),
    }
)

_TS = re.compile(r"(\d{1,11})(?:\.(\d{1,9}))?", re.ASCII)
_LIKE_ID = re.compile(r"[CDG][A-Z0-9]{6,}", re.ASCII)


@dataclass(frozen=True)
class Channel:
    """Where messages are: `name` is that of its folder too, `title` is how people call it; `members` are
    those of a direct one, by their ids."""

    id: str
    name: str
    title: str
    members: tuple[str, ...] = ()

    @classmethod
    def unlisted(cls, folder: str) -> Channel:
        """A channel's folder that is in no list."""
        name = fitted(one_line(folder), TITLE_MAX - 1) or "?"
        direct = _LIKE_ID.fullmatch(folder) is not None and folder.startswith("D")
        return cls(folder, name, name if direct else f"#{name}")


def is_system(message: dict[str, object]) -> bool:
    """Whether Slack itself wrote it, not a person or a program."""
    return str(message.get("subtype")) in SYSTEM


def record_id(message: dict[str, object], channel: Channel) -> str:
    """The id of its record. Errors: Unusable."""
    return fitted_id(f"{channel.id}-{stamp(message.get('ts'))}")


def record(message: dict[str, object], channel: Channel, names: Names) -> tuple[GivenRecord, bool]:
    """The record, and whether its text had to be cut.

    Errors: Unusable for a message that cannot be placed in time; NothingSaid.
    """
    ts = stamp(message.get("ts"))
    at = format_instant(moment(ts))
    text = lines(words(message, names))
    if not text:
        raise NothingSaid
    return GivenRecord(
        id=record_id(message, channel),
        text=fitted(text, MAX_TEXT),
        at=at,
        kind="message",
        title=fitted(channel.title, TITLE_MAX),
        url=web_address(message, ("permalink",)),
        meta=_meta(message, channel, names),
    ), len(text) > MAX_TEXT


def stamp(value: object) -> str:
    """A message's `ts` as Slack writes it, "1355517523.000005". Errors: Unusable."""
    if isinstance(value, float) and 0 <= value < 10**11:
        value = f"{value:.6f}"
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _TS.fullmatch(text):
        raise Unusable("it has no time (ts)" if value in (None, "") else "its time (ts) cannot be read")
    return text


def moment(ts: str) -> datetime:
    """The instant of a `ts`. Errors: Unusable."""
    found = _TS.fullmatch(ts)
    seconds, fraction = (found[1], found[2] or "") if found else ("", "")
    try:
        when = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(f"{fraction:0<6}"[:6]))
    except (ValueError, OverflowError, OSError):
        raise Unusable("its time (ts) is out of range") from None
    if when.year not in YEARS:
        raise Unusable("its time (ts) is out of range")
    return when


def _meta(message: dict[str, object], channel: Channel, names: Names) -> dict[str, object]:
    """The original's own fields. The addresses of files are not among them: they hold a key to the files."""
    user = message.get("user") or message.get("bot_id")
    edited = message.get("edited")
    return meta(
        {
            "channel": channel.name,
            "channel_id": channel.id,
            "ts": message.get("ts"),
            "user": user,
            "user_name": _author(message, names),
            "thread_ts": message.get("thread_ts"),
            "parent_user_id": message.get("parent_user_id"),
            "reply_count": message.get("reply_count"),
            "edited": _edited_at(edited) if isinstance(edited, dict) else None,
            "subtype": message.get("subtype"),
            "bot": True if message.get("bot_id") or str(user) in names.bots else None,
            "files": [file.get("name") for file in objects(message.get("files"))],
            "reactions": {
                str(one.get("name")): one.get("count") for one in objects(message.get("reactions"))
            },
        }
    )


def _author(message: dict[str, object], names: Names) -> object:
    """The author's displayed name; None if unknown."""
    known = names.users.get(str(message.get("user")))
    if known:
        return known
    for where in ("user_profile", "bot_profile"):
        profile = message.get(where)
        if isinstance(profile, dict):
            for name in ("display_name", "real_name", "name"):
                if profile.get(name):
                    return profile[name]
    return message.get("username")


def _edited_at(edited: dict[str, object]) -> object:
    try:
        return format_instant(moment(stamp(edited.get("ts"))))
    except ValueError:
        return True
