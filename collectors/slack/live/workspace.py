"""One run over a workspace: what was told since, or the history since the last time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collectors.accounts import Account
from collectors.actions.recent import Actions
from collectors.actions.said import evidence_of
from collectors.patience import checked, let_in, trying
from collectors.proposals import evidence_id, to_add
from collectors.remarks import Remarks
from collectors.sanitize import NothingSaid
from collectors.slack.conversation import Conversation
from collectors.slack.live.api import Api, CursorGone, Json, NotLetIn, NotThere, SlackError, said
from collectors.slack.live.known import Known, Place
from collectors.slack.live.older import Budget, Older, replies_of
from collectors.slack.live.socket import Socket
from collectors.slack.marks import Names
from collectors.slack.message import Channel, is_system, record, record_id
from collectors.slack.people import People
from collectors.slack.text import own_text
from collectors.texts import counted, one_line, shown
from collectors.types import Ask, Checkpoint, Finding, Found, Gone, Kind, Progress
from models.evidence import Evidence
from models.proposals import GivenProposal
from models.records import GivenRecord

AGAIN_DAYS = 2
"""How far back the history is read again: people seldom edit or delete what is older, and each day more
costs calls."""
_CLOCKS_S = 3_600.0  # by which this machine's clock may be ahead of Slack's
_KINDS = "public_channel,private_channel,mpim,im"  # all that Slack has
_QUOTE_MAX = 300  # characters: the title of a priority has 500, and the line has more words
Message = dict[str, Any]


@dataclass
class Workspace:
    """A workspace and what is known of it, in the file at `path`; `emoji` is what proposes a message, `days`
    how much history is read at first."""

    api: Api
    socket: Socket
    path: Path
    actions: Actions
    days: int = 90
    emoji: str = "pushpin"
    names: Names = field(default_factory=Names)
    channels: dict[str, Channel] = field(default_factory=dict)
    people: People = field(default_factory=People)
    budget: Budget = field(default_factory=Budget)

    async def check(self) -> str:
        """What is there, in words. Errors: SlackError."""
        if not (tokens := self.api.tokens()).app:
            raise SlackError("there is no app token: it begins with xapp-")
        try:
            await self.api.web(tokens.app).apps_connections_open(app_token=tokens.app)
        except Exception as error:  # noqa: BLE001 - the library raises what it likes
            raise said(error) from None
        team = shown(str((await self.api.call("auth.test")).get("team") or "a workspace"), 100)
        await self.meet()
        return checked(
            f"it is the workspace {team}, with the bot in {counted(len(self.channels), 'channel')}",
            Known(self.path),
        )

    async def collect(self, ask: Ask) -> AsyncIterator[Found]:
        """Errors: SlackError."""
        known = Known(self.path)
        told, behind = list(self.socket.told), self.socket.behind or not self.socket.told
        self.socket.told.clear()
        self.socket.behind = False
        done = False
        try:
            with trying(known, self.api.secret, NotLetIn, SlackError):
                run = _Run(self, known, ask, Conversation(ask, self.actions))
                async for one in self.api.with_waits(run.found(told, behind)):
                    yield one
                let_in(known)
                if self.socket.wrong:
                    yield Finding(Kind.SKIPPED, "", self.socket.wrong, spares="none")
            done = True
        finally:
            if not done:
                self.socket.behind = True
                # The history tells all else again.
                chosen = [one for one in told if one.get("type") == "message_action"]
                self.socket.told.extendleft(reversed(chosen))

    async def meet(self) -> None:
        """Learns who and what there is. Errors: SlackError."""
        people = People()
        async for users, _ in self.api.pages("users.list", "members"):
            for user in users:
                people.add(dict(user))
        lists: dict[str, list[dict[str, object]]] = {"channels.json": [], "dms.json": []}
        async for some, _ in self.api.pages(
            "users.conversations", "channels", types=_KINDS, exclude_archived="true"
        ):
            for one in some:
                members = [one["user"]] if one.get("is_im") else await self._members(one)
                direct = bool(one.get("is_im") or one.get("is_mpim"))
                lists["dms.json" if direct else "channels.json"].append({**one, "members": members})
        self.names, found = people.names(lists)
        self.channels = {one.id: one for one in found.values()}
        self.people = people

    async def _members(self, channel: Json) -> list[str]:
        if not channel.get("is_mpim"):
            return []
        answer = await self.api.call("conversations.members", channel=channel["id"], limit=20)
        return [str(one) for one in answer.get("members") or ()]


@dataclass
class _Run:
    space: Workspace
    known: Known
    ask: Ask
    talk: Conversation

    def __post_init__(self) -> None:
        self.messages = Account("message")
        self.pins: list[Found] = []
        self.gone: list[tuple[Channel, set[str]]] = []
        # By channel: what is kept at the end of the run.
        self.read_to: dict[str, str] = {}
        self.places: dict[str, Place | None] = {}
        self.read_from: dict[str, str] = {}
        news = self.space.socket.told
        self.older = Older(
            self.space.api, self.known, self.space.budget, self._read, self._gone, lambda: bool(news)
        )

    async def found(self, told: list[Json], behind: bool) -> AsyncGenerator[Found]:
        """All that is new, changed and gone."""
        strangers = any(str(one.get("user")) not in self.space.names.users for one in told if one.get("user"))
        if behind or strangers or not self.space.channels or any(map(_is_of_channels, told)):
            yield Progress(0, None, "names")
            await self.space.meet()
        self.talk.begin(self.space.people.listed, self.space.names)
        stopped: SlackError | None = None
        try:
            async for one in self._news(told, behind):
                yield one
        except SlackError as error:
            stopped = error  # what was read is told all the same: the next run goes on from there
        for one in self.talk.told(whole=False):
            yield one
        for one in self.pins:
            yield one
        yield self.messages
        # Only now: what messages ask for is told last, and those before a place are not read again, nor is
        # what a message that is forgotten here asked for looked for again.
        yield Checkpoint(self._keep)
        if stopped is not None:
            raise stopped

    async def _news(self, told: list[Json], behind: bool) -> AsyncIterator[Found]:
        if behind:
            self.space.budget.refill()
            # Those that were never read to their end come first, then the others, the oldest news first.
            channels = sorted(self.space.channels.values(), key=lambda one: self.known.read_to(one.id))
            for number, channel in enumerate(channels):
                yield Progress(number, len(channels), channel.title)
                try:
                    async for one in self._history(channel):
                        yield one
                except NotThere as error:
                    yield Finding(Kind.SKIPPED, channel.title, str(error))
        for event in told:
            async for one in self._told(event):
                yield one
        if self.space.budget.calls > 0:
            tops = {id: self._top(id) for id in self.space.channels}
            async for one in self.older.compare(self.space.channels, tops):
                yield one

    def _top(self, channel: str) -> str:
        """From where on the channel was read, "" if not to its end."""
        is_there = channel not in self.places or self.places[channel] is None
        if is_there and channel in self.read_from:
            return self.read_from[channel]
        until = self.read_to.get(channel) or self.known.read_to(channel)
        return f"{float(until) - AGAIN_DAYS * 86_400:.6f}" if until and is_there else ""

    def _keep(self, held: int | None) -> None:
        for of, gone in self.gone:
            self.known.remove(of.id, gone)
        self.older.keep()
        for channel, until in self.read_to.items():
            self.known.set_read_to(channel, until)
        for channel, place in self.places.items():
            self.known.set_place(channel, place if place is not None and place.met else None)

    async def _history(self, channel: Channel) -> AsyncIterator[Found]:
        """From some days before the last time on; or what the run before did not come to, and then what is
        new since that reading began."""
        now = datetime.now(UTC)
        begun, before = self.known.place(channel.id), self.known.read_to(channel.id)
        first = now - timedelta(days=self.space.days)
        if before:
            first = max(first, datetime.fromtimestamp(float(before), UTC) - timedelta(days=AGAIN_DAYS))
        oldest = f"{first.timestamp():.6f}"
        if begun is not None:
            try:
                async for one in self._from(begun, channel):
                    yield one
                oldest = f"{float(begun.until) - _CLOCKS_S:.6f}"
            except CursorGone:
                self.places[channel.id] = None
        async for one in self._from(Place(oldest, f"{now.timestamp():.6f}"), channel):
            yield one

    async def _from(self, place: Place, channel: Channel) -> AsyncIterator[Found]:
        """The messages from there on, with the threads that began there."""
        self.places[channel.id] = place
        pages = self.space.api.pages(
            *("conversations.history", "messages", place.cursor),
            channel=channel.id,
            oldest=place.oldest,
            inclusive="true",
        )
        async for part, after in pages:
            for one in self._read(part, channel, place.met):
                yield one
            roots = {str(one.get("ts")): replies_of(one) for one in part if replies_of(one)}
            threads = [*roots]
            if place.thread in threads:
                threads = threads[threads.index(place.thread) :]
            else:
                place.replies = ""
            for thread in threads:
                place.thread = thread
                async for one in self._replies(place, channel):
                    yield one
                self.older.threads[channel.id, thread] = roots[thread]
            place.cursor, place.thread = after, ""
        for one in self._gone(channel, self.known.since(channel.id, place.oldest) - place.met):
            yield one
        self.places[channel.id], self.read_to[channel.id] = None, place.until
        self.read_from.setdefault(channel.id, place.oldest)

    async def _replies(self, place: Place, channel: Channel) -> AsyncIterator[Found]:
        """Those of the place's thread that were not read yet."""
        pages = self.space.api.pages(
            *("conversations.replies", "messages", place.replies), channel=channel.id, ts=place.thread
        )
        async for some, after in pages:
            later = [reply for reply in some if reply.get("ts") != place.thread]
            for one in self._read(later, channel, place.met):
                yield one
            place.replies = after

    async def _told(self, event: Json) -> AsyncIterator[Found]:
        """What one event is about."""
        item, place = event.get("item"), event.get("channel")
        within = item.get("channel") if isinstance(item, dict) else place
        id = within.get("id") if isinstance(within, dict) else within
        channel = self.space.channels.get(str(id))
        if channel is None:
            return  # the bot is not in it (any more)
        some = list[Json]()
        match event.get("type"), event.get("subtype"):
            case "message", "message_deleted":
                for one in self._gone(channel, {str(event.get("deleted_ts"))}):
                    yield one
            case "message", "message_changed" if isinstance(event.get("message"), dict):
                some = [event["message"]]
            case "message", _:
                some = [event]
            case (("reaction_added" | "reaction_removed"), _) if event.get("reaction") == self.space.emoji:
                some = await self._fetched(channel, str((item or {}).get("ts")))
            case "message_action", _ if isinstance(event.get("message"), dict):
                some, user = [event["message"]], event.get("user")
                if self.talk.counts({str(user.get("id")) if isinstance(user, dict) else ""}):
                    self.known.choose(channel.id, str(event["message"].get("ts")))
        for one in self._read(some, channel, set()):
            yield one

    async def _fetched(self, channel: Channel, ts: str) -> list[Json]:
        """The message, with its reactions."""
        where = {"channel": channel.id, "latest": ts, "oldest": ts, "inclusive": "true", "limit": 1}
        for method, more in (("conversations.history", {}), ("conversations.replies", {"ts": ts})):
            try:
                answer = await self.space.api.call(method, **(where | more))
            except NotThere:
                continue
            found: list[Json] = [
                one for one in answer.get("messages") or () if isinstance(one, dict) and one.get("ts") == ts
            ]
            if found:
                return found
        return []

    def _read(self, messages: list[Any], channel: Channel, met: set[str]) -> Iterator[Found]:
        """Records; what has no words (any more) goes."""
        remarks = Remarks(channel.title, self.messages)
        self.messages.see(len(messages))
        # Noted down before it is sent: of what is on the board nothing may be unknown, wherever a run ends.
        self.known.add(
            channel.id,
            [(str(one["ts"]), str(one.get("thread_ts") or one["ts"])) for one in messages if one.get("ts")],
        )
        for message in messages:
            with remarks.guard(f"message {shown(str(message.get('ts')), 30)}"):
                met.add(str(message["ts"]))
                yield from self._one(message, channel)
        yield from remarks.findings()

    def _one(self, message: Message, channel: Channel) -> Iterator[Found]:
        id = record_id(message, channel)
        try:
            if is_system(message):
                raise NothingSaid
            found, _ = record(message, channel, self.space.names)
        except NothingSaid:
            self.talk.silent(message, channel)
            self.messages.leave("without text, or by Slack itself")
            yield Gone("records", (id,))
            return
        self.messages.take()
        yield found
        self.talk.read(message, found, channel)
        self._pin(message, found, channel)

    def _pin(self, message: Message, found: GivenRecord, channel: Channel) -> None:
        """A message that somebody marked or chose is proposed; one without the mark is not any more."""
        where = evidence_of(self.ask.source, found.id)
        id = evidence_id(where, f"marked with {self.space.emoji}")
        by = {
            str(user)
            for one in message.get("reactions") or ()
            if isinstance(one, dict) and one.get("name") == self.space.emoji
            for user in one.get("users") or ()
        }
        is_chosen = self.known.is_chosen(channel.id, str(message["ts"]))
        if not is_chosen and not (by and self.talk.counts(by)):
            self.pins.append(Gone("proposals", (id,)))
            return
        words = one_line(own_text(message, self.space.names)) or one_line(found.text)
        evidence = Evidence(file=where, quote=shown(words, _QUOTE_MAX))
        why = "somebody chose it in Slack" if is_chosen else f"it is marked with :{self.space.emoji}:"
        line = to_add("priority", shown(words, _QUOTE_MAX))
        proposal = GivenProposal(id=id, line=line, why=why, doubt=5, evidence=evidence)
        self.talk.proposes(proposal)
        self.pins.append(proposal)

    def _gone(self, channel: Channel, gone: set[str]) -> Iterator[Found]:
        if not gone:
            return
        ids = tuple(record_id({"ts": ts}, channel) for ts in sorted(gone))
        yield Gone("records", ids)
        for ts in gone:
            self.talk.silent({"ts": ts}, channel)
        for id in ids:
            where = evidence_of(self.ask.source, id)
            self.pins.append(Gone("proposals", (evidence_id(where, f"marked with {self.space.emoji}"),)))
        self.gone.append((channel, gone))


def _is_of_channels(event: Mapping[str, Any]) -> bool:
    """Whether who or what there is has changed."""
    return str(event.get("type")) in (
        *("member_joined_channel", "channel_rename", "channel_created", "group_rename", "im_created"),
        *("team_join", "user_change", "channel_left", "group_left", "channel_archive", "group_archive"),
    )
