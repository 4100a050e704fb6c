"""Up to where each person has looked: where `changes`, and `state:since` without a position, begin."""

from __future__ import annotations

from dataclasses import replace

from models.ack import ErrorCode, Retry
from models.base import Nothing
from models.seen import Seen, SetSeen
from sio_server.commands.grammar import Phrase, Verb
from sio_server.commands.steps import Step
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Json, News
from sio_server.registry.persons import NOBODY_YET, Profile, kept
from sio_server.registry.registry import Asker, Context, Delta, Family, View
from sio_server.registry.roles import PEOPLE

FAMILY = Family("seen")
FAMILY.ask("changed", Seen)

_NOBODY = "A source does not look at the board: connect as a person."
CHANGES_TOLD = 1_000  # the newest; when there are more, the mark stays, so that none counts as seen unseen


@FAMILY.query("get", Nothing, roles=PEOPLE, returns=Seen)
def get(asker: Asker, payload: Nothing) -> Json:
    """Up to where the asker has looked, on any device."""
    return _told(asker.profile)


@FAMILY.rule("set", SetSeen, roles=PEOPLE, returns=Seen)
def set_seen(view: View, payload: SetSeen, ctx: Context) -> Delta:
    """Says up to where the person has looked; their other clients are told by `seen:changed`."""
    if not ctx.principal.whose:
        raise Refusal(ErrorCode.FORBIDDEN, _NOBODY)
    if payload.seq > view.seq:
        message = "`seq` is ahead of the server: sync first."
        details = [{"path": "seq", "message": "is ahead of the server"}]
        raise Refusal(ErrorCode.BAD_REQUEST, message, retry=Retry.RESYNC, details=details)
    return _looked(view, payload.seq, ctx)


def _looked(view: View, seq: int, ctx: Context) -> Delta:
    whose = ctx.principal.whose
    old = view.profiles.get(whose, NOBODY_YET)
    if old.seen_seq is not None and seq < old.seen_seq:
        return Delta([], _told(old))
    new = replace(old, seen_seq=seq, seen_at=ctx.at, at_s=ctx.steady_s)
    told = _told(new)
    news = (News(whose, "seen:changed", told),)
    return Delta([], told, profiles=kept(whose, new, view.profiles), news=news)


def _told(profile: Profile) -> Json:
    """Shape: Seen."""
    return {"seq": profile.seen_seq, "at": profile.seen_at}


async def _read(asker: Asker, phrase: Phrase, seen: int | None) -> Json:
    return await asker.changes(None, CHANGES_TOLD)


def _changes(view: View, step: Step, ctx: Context) -> Delta:
    found = (ctx.prefetched or {})[step.number]
    if isinstance(found, Refusal):
        raise found
    data = {"changes": found["items"], "seen_at": found["seen_at"], "complete": found["complete"]}
    data |= {"left_out": found["left_out"]} if found["left_out"] else {}
    if found["left_out"] or not ctx.principal.whose:
        return Delta([], data, once=False)
    looked = _looked(view, found["seq"], ctx)
    return Delta([], data, profiles=looked.profiles, news=looked.news)


def _seen(view: View, step: Step, ctx: Context) -> Delta:
    told = {"text": "What is on the board now counts as seen: `changes` begins here."}
    if not ctx.principal.whose:
        raise Refusal(ErrorCode.FORBIDDEN, _NOBODY)
    return replace(_looked(view, view.seq, ctx), reply=told)


SEEN = Verb(("seen",), (), PEOPLE, "Counts all that is on the board now as seen.", _seen)
CHANGES = Verb(
    ("changes",),
    (),
    PEOPLE,
    "Shows what has changed since you last looked.",
    _changes,
    prefetch=_read,
)
