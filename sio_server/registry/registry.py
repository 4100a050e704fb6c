"""What a section and a request declare about themselves; everything else is derived from it.

A handler module makes one `Family`, gives it the section it keeps (if any), and decorates its rules and
queries. `Registry` joins the families: it is the one list of events, rooms and shapes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from models.base import CodedItem, Item, Wire, format_instant
from sio_server.people.directory import Directory
from sio_server.registry.checks import check
from sio_server.registry.fields import Field
from sio_server.registry.named import Named
from sio_server.registry.notices import Happened, Notice
from sio_server.registry.ops import (
    EVERYTHING,
    ItemChange,
    Json,
    LineRecord,
    News,
    Ops,
    Push,
    SourceActivity,
    SourceCall,
)
from sio_server.registry.order import Done, SortKey
from sio_server.registry.persons import Profile, Profiles
from sio_server.registry.privacy import NOBODY, KeepsPrivate, Names
from sio_server.registry.records import Records
from sio_server.registry.roles import READERS, Principal, Role
from sio_server.registry.settings import RuleSettings

T = TypeVar("T", bound=Item)
C = TypeVar("C", bound=CodedItem)


class View(Protocol):
    """The state that a rule sees: as the rules before it left it, including changes not yet on disk."""

    @property
    def seq(self) -> int:
        """The position."""

    @property
    def as_of(self) -> int:
        """The position that has all that is seen here, once it is committed."""

    def get(self, section: Section[T], id: str) -> T | None:
        """The item, or None."""

    def items(self, section: Section[T]) -> Iterator[T]:
        """All items, in no order."""

    def by_code(
        self, section: Section[T], code: str, seen: int | None, guarded: bool = False, hidden: Names = NOBODY
    ) -> T:
        """The item that the person meant. `guarded`, for people who may not have looked, refuses without
        `seen` also a code that was freed or changed hands within the last day. What is of a `hidden` source
        is not there, nor ever was. Errors: bad_request (another section's code), not_found, stale_target."""

    def line_record(
        self, person: str, handle: str | None, without: Collection[str] = ()
    ) -> LineRecord | None:
        """The person's line with that handle, or the newest that `undo` would undo; none of `without`."""

    def undo_record(self, person: str, without: Collection[str] = ()) -> LineRecord | None:
        """The person's newest undo that `redo` would undo, if no line came after it; none of `without`."""

    def last_change(
        self, section: str, id: str, since: int, without: Collection[int] = ()
    ) -> ItemChange | None:
        """The newest change of the item after that position that was not itself undone; none of `without`.
        Errors: invalid_state when the log goes back no further."""

    @property
    def profiles(self) -> Profiles:
        """The profiles, by `Principal.whose`."""


@dataclass(frozen=True)
class Context:
    """What a rule may use besides the view; it has no clock of its own. `prefetched`: what its request read.

    `now` is for times that people mean, and may jump. The others never do: `steady_s` is for retention,
    `elapsed_ms` for ages (clock.StoreClock). `private` are the private sources."""

    principal: Principal
    now: datetime
    settings: RuleSettings
    registry: Registry
    steady_s: float
    elapsed_ms: int
    prefetched: Any = None
    private: Names = NOBODY

    @property
    def people(self) -> Directory:
        """Who is who."""
        return self.settings.people()

    @property
    def at(self) -> str:
        """The current time in wire format."""
        return format_instant(self.now)

    @property
    def today(self) -> str:
        """The date in the server's time zone, `YYYY-MM-DD`."""
        return self.now.astimezone(self.settings.tz).date().isoformat()


@dataclass(frozen=True)
class Delta:
    """What a rule returns: the changes, and the ack's data (or a function that reads it off the new state).

    `ops`         ownership passes to the hub, which clears the list
    `line_record` a line that a person typed; stored for undo if it changed something
    `once`        false for a read: its ack need not be stored under its op
    `calls`       made once the changes are on disk; `news` are then sent to one person's clients
    `profiles`    new profiles of persons; None deletes one
    """

    ops: Ops
    reply: Callable[[View], Json] | Json = None
    line_record: LineRecord | None = None
    once: bool = True
    calls: tuple[SourceCall, ...] = ()
    profiles: Mapping[str, Profile | None] = field(default_factory=dict)
    news: tuple[News, ...] = ()


@dataclass(frozen=True)
class Section(Generic[T]):
    """A keyed collection of items of one model.

    `noun`     what people call one item; `nouns` several
    `prefix`   the letter of its codes; None for a section without codes
    `order`    how items are sorted, most important key first; the id comes last
    `place`    arranges the encoded items as dashboards expect them in the snapshot
    `shape`    the model of `place`'s result, for the documents
    `shown`    what a person sees of an item, most important first: when it changes, an older `seen` is stale
    `headline`, `begins` the fields with an item's title and its start, "" for none: items may be due before
    `done`     when an item counts as done: done items are suggested last
    `who`, `due` the fields for the person and the due date that added text may name (`commands.said`)
    `fields`, `names` the fields that have commands of their own, and those besides that name people
    `adds`     the words that `add` takes for an item, and the fields that each sets; None: the noun
    `tick`     changes that are due by time (due dates); called every `tick_every_s` seconds
    `follow`   what a change in one of the sections in `follows` (None: any other) means for this one, given
               the view before and after it, and the changed items as (section, id); part of the same commit
    `notices`  what people may be told, of its changes or by time (registry.notices)
    `shared`   its items are for all and made of what all see: its `tick` and `follow` see nothing private
    `outline`  of some fields of an item, by name, what may be told of a private one; None: nothing
    """

    name: str
    item: type[T]
    noun: str
    place: Callable[[Sequence[tuple[T, Json]]], dict[str, Json]]
    shape: type[BaseModel]
    nouns: str = ""
    order: tuple[SortKey, ...] = ()
    prefix: str | None = None
    shown: Callable[[T], tuple[Any, ...]] = lambda item: ()
    headline: str = "title"
    done: Done | None = None
    who: str = ""
    due: str = ""
    fields: tuple[Field, ...] = ()
    names: tuple[str, ...] = ()
    begins: str = ""
    adds: Mapping[str, Mapping[str, Json]] | None = None
    tick: Callable[[View, Context], Ops] | None = None
    tick_every_s: float = 5.0
    follow: Callable[[View, View, Changed, Context], Ops] | None = None
    follows: frozenset[str] | None = frozenset()
    notices: Callable[[View, Context, Sequence[Happened]], Iterable[Notice]] | None = None
    shared: bool = False
    outline: Callable[[dict[str, Json]], dict[str, Json]] | None = None

    def title(self, item: Item) -> str:
        """The item's title, for people."""
        return str(getattr(item, self.headline, None) or item.id)

    def is_done(self, item: Item) -> bool:
        """Whether the item is done."""
        return self.done is not None and getattr(item, self.done.field) in self.done.values

    def sort_key(self, item: Item) -> tuple[Any, ...]:
        """The item's sort key within the section."""
        return (*[key.of(item) for key in self.order], item.id)

    def field(self, word: str) -> Field | None:
        """The field that the command with that word sets."""
        return next((field for field in self.fields if field.word == word), None)


Rule = Callable[[View, Any, Context], Delta]
Changed = Collection[tuple[str, str]]


@dataclass(frozen=True)
class SourceHooks:
    """How sources are stored, as items of `section`.

    `check`, `record`  refuses a request of an old run; records what came from a source
    `dismissed`  the ids in a section that people dropped and that stay gone, for one source
    `left`, `back`, `unheard`, `restarted`  the changes when it goes, never went, refuses a run, may have died
    `freshness`  given the milliseconds of now, sources by status, and the seconds since the stalest pushed
    `health`     of some fields of a source, by name, what tells no more than whether it is well
    """

    section: str
    check: Callable[[View, str, int | str], None]
    record: Callable[[View, Context, SourceActivity], Ops]
    dismissed: Callable[[View, str, str], frozenset[str]]
    left: Callable[[View, Context, str], Ops]
    back: Callable[[View, Item], Ops]
    unheard: Callable[[View, Context, str, int, str], Ops]
    restarted: Callable[[View, Context], Ops]
    freshness: Callable[[View, int], tuple[Mapping[str, int], float]]
    health: Callable[[dict[str, Json]], dict[str, Json]]


class Asker(KeepsPrivate, Protocol):
    """The connected client, as a query sees it; all its answers are of one position."""

    @property
    def principal(self) -> Principal:
        """Who is asking."""

    @property
    def now(self) -> datetime:
        """The time by the server's clock, as rules have it."""

    @property
    def registry(self) -> Registry:
        """All sections and requests."""

    @property
    def records(self) -> Records:
        """The search records."""

    def state(self, sections: Sequence[str] | None) -> Json:
        """`{epoch, seq, state}` of these sections (None: all), encoded."""

    def item(self, section: str, id: str) -> Item | None:
        """A committed item."""

    @property
    def profile(self) -> Profile:
        """The stored profile of who is asking."""

    def view(self) -> View:
        """The committed state, without history."""

    async def history(self, id: str | None, code: str | None, seen: int | None, limit: int) -> list[Json]:
        """The item's changes, newest first."""

    async def changes(self, since: int | None, limit: int) -> Json:
        """The changes since that position (None: since they last looked). Shape: models.history.Changes."""

    def stats(self) -> Json:
        """The data of /stats."""

    async def renew(self, token: str) -> Json:
        """Goes on under a new token."""

    async def boards(self, due: Callable[[Any], int]) -> list[Json]: ...

    async def subscribe(self, rooms: Iterable[str], resume: BaseModel | None) -> Json:
        """Joins the rooms and returns `{rooms, sync}`; every later commit follows as a patch."""

    def unsubscribe(self, rooms: Iterable[str]) -> Json:
        """Leaves the rooms and returns `{rooms}`."""

    async def sync(self, position: BaseModel) -> Json:
        """What this client is missing after `position`, in one of the three forms."""


Query = Callable[[Asker, Any], Json | Awaitable[Json]]
Prefetch = Callable[[Asker, Any], Awaitable[Any] | None]
Wanted = Callable[[View, Context], Iterable[tuple[Principal, Json]]]


@dataclass(frozen=True)
class Request:
    """One event that clients may send. Exactly one of `rule` (changes) and `query` (reads) is set.

    A rule that needs data from outside the state has `prefetch`, and finds its result in `ctx.prefetched`.
    `cost`: in simple requests, charged against a token's rate. `aside`: it does not wait for the client's
    earlier requests, nor later ones for it. `wanted`: for whom it is due by time, with payload and op.
    """

    event: str
    payload: type[Wire]
    roles: frozenset[Role]
    returns: type[BaseModel] | None
    nullable: bool
    help: str
    rule: Rule | None = None
    query: Query | None = None
    prefetch: Prefetch | None = None
    aside: bool = False
    wanted: Wanted | None = None
    cost: float = 1.0

    @cached_property
    def validate(self) -> Callable[[Any], Any]:
        """Parses the payload. Errors: pydantic.ValidationError."""
        return self.payload.__pydantic_validator__.validate_python


@dataclass
class Family:
    """The events with one prefix, and the section that they are about."""

    name: str
    section: Section[Any] | None = None
    requests: list[Request] = field(default_factory=list)
    asks: list[Push] = field(default_factory=list)

    def ask(self, verb: str, payload: type[Wire], answer: type[Wire] | None = None) -> None:
        """Declares an event that the server sends to one client; with an `answer` the client acks it."""
        self.asks.append(Push(f"{self.name}:{verb}", payload, answer))

    def rule(
        self,
        verb: str,
        payload: type[Wire],
        *,
        roles: frozenset[Role],
        returns: type[BaseModel] | None = None,
        nullable: bool = False,
        prefetch: Prefetch | None = None,
        wanted: Wanted | None = None,
        cost: float = 1.0,
    ) -> Callable[[Rule], Rule]:
        """Declares a request that changes the state."""

        def declare(rule: Rule) -> Rule:
            fields = (f"{self.name}:{verb}", payload, roles, returns, nullable, rule.__doc__ or "", rule)
            self.requests.append(Request(*fields, prefetch=prefetch, wanted=wanted, cost=cost))
            return rule

        return declare

    def query(
        self,
        verb: str,
        payload: type[Wire],
        *,
        roles: frozenset[Role] = READERS,
        returns: type[BaseModel] | None = None,
        nullable: bool = False,
        aside: bool = False,
        cost: float = 1.0,
    ) -> Callable[[Query], Query]:
        """Declares a request that does not change the state."""

        def declare(query: Query) -> Query:
            fields = (f"{self.name}:{verb}", payload, roles, returns, nullable, query.__doc__ or "")
            self.requests.append(Request(*fields, query=query, aside=aside, cost=cost))
            return query

        return declare


class Registry(Named):
    """All families together. Errors: ValueError, naming the wrong declaration (registry.checks)."""

    def __init__(self, families: Iterable[Family], source_hooks: SourceHooks) -> None:
        self.source_hooks = source_hooks
        self.families = list(families)
        self.sections: dict[str, Section[Any]] = {}
        self.requests: dict[str, Request] = {}
        check(self.families)
        for family in self.families:
            if family.section is not None:
                self.sections[family.section.name] = family.section
            self.requests |= {request.event: request for request in family.requests}
        super().__init__((EVERYTHING, *self.sections), source_hooks.section)
        self.follows = {
            name: frozenset(self.sections) - {name} if section.follows is None else section.follows
            for name, section in self.sections.items()
        }

    def coded(self, *does: str) -> list[Section[Any]]:
        """The sections with codes that have one of the requests in `does`."""
        found = [section for section in self.sections.values() if section.prefix is not None]
        events = self.requests.keys()
        return [each for each in found if not does or events & {f"{each.name}:{verb}" for verb in does}]
