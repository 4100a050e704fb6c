"""What people and collectors may send, as Hypothesis strategies; the codes are picked when it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from sio_server.registry.roles import Principal, Role
from tests.core.seats import PERSON
from tests.core.typed import Words
from tests.core.witness import Shown

Json = Any

SOURCES = ("ics:work", "ics:home")
PEOPLE = {
    "ada": PERSON,
    "bob": replace(PERSON, actor="bob"),
    "eve": Principal("token:eve", "eve", Role.ADMIN),
}

TITLES = st.sampled_from(["Ship it", "Board call", "Call Ana", "Ship | it"])
DAYS = st.sampled_from([None, "2026-11-20", "2026-11-24", "2026-11-26"])
IDS = st.sampled_from("abc")
ITEMS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "calendar": st.fixed_dictionaries(
        {"id": IDS, "title": TITLES, "start": st.sampled_from(["2026-11-23T09:00:00Z", "2026-11-24"])},
        optional={"location": TITLES, "description": TITLES},
    ),
    "priorities": st.fixed_dictionaries(
        {"id": IDS, "title": TITLES}, optional={"due_date": DAYS, "status": st.sampled_from(["open", "done"])}
    ),
    "commitments": st.fixed_dictionaries(
        {"id": IDS, "description": TITLES, "direction": st.sampled_from(["owe", "owed"]), "due_date": DAYS}
    ),
}
SECTIONS = st.sampled_from(["priorities", "priorities", "commitments", "calendar"])
OP = st.sampled_from([{}, {}, {"op": "plain"}, {"op": "plain"}, {"op": "handle"}]).map(dict[str, Any])
BLIND = 7
PICKS = st.integers(0, BLIND)
VERBS = ("approve", "reopen", "snooze", "drop", "drop", "update", "update", "add", "undo")
TEXTS = st.sampled_from(["Ship it", "New words", "Board call again"])


@dataclass(frozen=True)
class Step:
    """A step whose codes are yet to be picked, by number, from those that the person saw."""

    verb: str
    letters: str = ""
    picks: tuple[int, ...] = ()
    rest: str | None = None


@dataclass(frozen=True)
class Asked:
    """What is about to be sent. `looks` says whether the person tells what they saw; an undo is of the
    nth newest line, the person's own or anybody's."""

    who: str
    event: str
    payload: Json
    steps: tuple[Step, ...] = ()
    looks: bool = False
    nth: int = 0
    own: bool = True


@dataclass(frozen=True)
class Sent:
    """What was sent, and what the line in it was."""

    who: str
    event: str
    payload: Json
    words: tuple[Words, ...] = ()
    picture: dict[str, Shown] | None = None


@st.composite
def steps(draw: st.DrawFn, verbs: Sequence[str]) -> Step:
    verb = draw(st.sampled_from(verbs))
    if verb == "undo":
        return Step(verb)
    if verb == "add":
        return Step(verb, rest=f"{draw(st.sampled_from(['priority', 'owe', 'owed']))} {draw(TEXTS)}")
    fitting = {"snooze": "P", "drop": "PMC", "update": "PMC"}.get(verb, "PM")
    most = 2 if verb in ("approve", "reopen", "drop") else 1
    picks = draw(st.lists(PICKS, min_size=1, max_size=most))
    rest = {"update": draw(TEXTS), "snooze": draw(st.sampled_from(["1h", "30h"]))}.get(verb)
    return Step(verb, draw(st.permutations(fitting).map("".join)), tuple(picks), rest)


@st.composite
def lines(draw: st.DrawFn, verbs: Sequence[str] = VERBS, people: Sequence[str] = tuple(PEOPLE)) -> Asked:
    payload: Json = draw(OP)
    if draw(st.integers(0, 9)) == 0:
        payload["dry"] = True
    typed = tuple(draw(st.lists(steps(verbs), min_size=1, max_size=3)))
    return Asked(draw(st.sampled_from(people)), "command:run", payload, typed, draw(st.booleans()))


@st.composite
def undos(draw: st.DrawFn, people: Sequence[str] = tuple(PEOPLE)) -> Asked:
    payload = draw(OP)
    return Asked(
        draw(st.sampled_from(people)),
        "command:undo",
        payload,
        nth=draw(st.integers(0, 4)),
        own=draw(st.integers(0, 5)) > 0,
    )


@st.composite
def puts(draw: st.DrawFn) -> Asked:
    section = draw(SECTIONS)
    items = draw(st.lists(ITEMS[section], max_size=3, unique_by=lambda item: item["id"]))
    mode = draw(st.sampled_from(["upsert", "replace", "replace"]))
    payload = {"items": items, "mode": mode, "allow_empty": True}
    return Asked(draw(st.sampled_from([*SOURCES, "ada"])), f"{section}:put", payload)


@st.composite
def decisions(draw: st.DrawFn) -> Asked:
    """What dashboards send without a line."""
    who, section = draw(st.sampled_from(sorted(PEOPLE))), draw(SECTIONS)
    id = draw(st.sampled_from([*"abc", *(f"{source}/{id}" for source in SOURCES for id in "abc")]))
    if draw(st.booleans()):
        return Asked(who, f"{section}:drop", {"ids": [id]})
    return Asked(
        who, f"{section}:edit", {"id": id, "set": {"url": draw(st.sampled_from([None, "http://x"]))}}
    )
