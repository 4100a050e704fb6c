"""Who and what the ids of an export stand for: from its lists, and from what messages tell of those who are
in none of them (people of other companies, groups)."""

from __future__ import annotations

import re
from datetime import tzinfo

from collectors.folders import Unreadable
from collectors.people.met import addresses_within, names_within
from collectors.slack.array import array
from collectors.slack.blocks import text_of
from collectors.slack.marks import Names
from collectors.slack.message import Channel
from collectors.texts import one_line
from collectors.zone_names import iana
from models.people import GivenPerson

Entry = dict[str, object]

_DIRECT = ("mpims.json", "dms.json")
_MEMBERS_MAX, _ID_MAX = 20, 64  # named of a group's chat; characters of Slack's ids, which have 11
_USER = re.compile(rb'"user"\s*:\s*"([A-Z0-9]{1,30})"')
_GROUP = re.compile(r"<!subteam\^([A-Z0-9]{1,30})\|@?([^<>|]{1,100})>")
_SLACKBOT = ("USLACKBOT", "Slackbot")


class People:
    """Gathers names; a list of users takes precedence over messages."""

    def __init__(self) -> None:
        self._users = dict([_SLACKBOT])
        self._bots: set[str] = set()
        self._groups: dict[str, str] = {}
        self._zones: dict[str, tzinfo] = {}
        self.listed: dict[str, GivenPerson] = {}

    def add(self, user: Entry) -> None:
        """Adds a user of a list."""
        id = str(user.get("id"))
        self._users[id] = _person(user) or id
        if (zone := iana(text_of(user, "tz"))) is not None:
            self._zones[id] = zone
        if user.get("is_bot"):
            self._bots.add(id)
        elif (person := _known_as(user)) is not None:
            self.listed[id] = person

    def meet(self, day: bytes) -> None:
        """Learns people that no list has from a day of messages."""
        strangers = {id.decode() for id in _USER.findall(day)} - self._users.keys()
        if not strangers and b"subteam^" not in day:
            return
        try:
            messages, _ = array(day)
        except Unreadable:
            return
        for message in messages:
            if not isinstance(message, dict):
                continue
            id, profile = str(message.get("user")), message.get("user_profile")
            if id in strangers and isinstance(profile, dict) and (name := _person({"profile": profile})):
                self._users.setdefault(id, name)
            for group, name in _GROUP.findall(text_of(message, "text")):
                self._groups.setdefault(group, one_line(name))

    def names(self, lists: dict[str, list[Entry]]) -> tuple[Names, dict[str, Channel]]:
        """What ids stand for, and the channels by their ids and by the names of their folders."""
        channels: dict[str, Channel] = {}
        for plain_name, entries in lists.items():
            for entry in entries:
                channel = self._channel(entry, direct=plain_name in _DIRECT)
                if channel is not None:
                    channels |= {channel.id: channel, channel.name: channel}
        by_id = {channel.id: channel.title.removeprefix("#") for channel in channels.values()}
        return Names(self._users, by_id, frozenset(self._bots), self._groups, self._zones), channels

    def _channel(self, entry: Entry, *, direct: bool) -> Channel | None:
        """A channel of a list; direct messages go by who is in them."""
        id, name, members = entry.get("id"), entry.get("name"), entry.get("members")
        if not isinstance(id, str) or not id:
            return None
        folder = name if isinstance(name, str) and name else id
        title = f"#{folder}"
        some = (
            tuple(str(member) for member in members[:_MEMBERS_MAX])
            if direct and isinstance(members, list)
            else ()
        )
        if some:
            title = ", ".join("@" + self._users.get(member, member) for member in some)
        return Channel(id, folder, one_line(title) or folder, some)


def _known_as(user: Entry) -> GivenPerson | None:
    """A user of the list, in the directory's form."""
    profile = user.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    names = names_within(
        name
        for name in (
            *(shown.get("real_name"), user.get("real_name"), shown.get("display_name"), user.get("name")),
        )
        if isinstance(name, str)
    )
    email = shown.get("email")
    addresses = addresses_within([email] if isinstance(email, str) else [])
    id = user.get("id")
    if not isinstance(id, str) or not id.isalnum() or len(id) > _ID_MAX or not (names or addresses):
        return None
    return GivenPerson(id=id, names=tuple(names), addresses=tuple(addresses))


def _person(user: Entry) -> str:
    """A user's displayed name, full name or account name, whichever is there first."""
    profile = user.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    names = (
        *(shown.get("display_name"), shown.get("real_name"), user.get("real_name"), user.get("name")),
        shown.get("name"),
    )
    return next((one_line(name) for name in names if isinstance(name, str) and name.strip()), "")
