"""What the server should do, written again as plain dicts: layers of words instead of merged items.

An item is what its owner last said (`word`) with what people decided about a source's item on top
(`over`). Codes are numbers in a dict. Nothing here is shared with the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = Any

PREFIX = {"calendar": "C", "priorities": "P", "commitments": "M"}
SAID: dict[str, dict[str, Json]] = {
    "calendar": {
        "title": None,
        "start": None,
        "end": None,
        "attendees": [],
        "location": None,
        "description": None,
        "url": None,
        "important": None,
        "status": "confirmed",
        "answer": None,
        "answers": [],
        "busy": True,
        "private": False,
        "organizer": None,
        "join_url": None,
    },
    "priorities": {
        "title": None,
        "description": None,
        "urgency": "medium",
        "due_date": None,
        "due_before": None,
        "assignee": None,
        "minutes": None,
        "url": None,
        "status": "open",
        "rank": None,
        "note": None,
        "snoozed_until": None,
        "evidence": None,
    },
    "commitments": {
        "description": None,
        "assignee": None,
        "due_date": None,
        "due_before": None,
        "direction": None,
        "url": None,
        "status": "pending",
        "note": None,
        "evidence": None,
    },
}
DECIDED: dict[str, set[str]] = {
    "calendar": set(),
    "priorities": {"status", "rank", "note", "minutes", "snoozed_until"},
    "commitments": {"status", "note"},
}
DERIVED = ("source_values", "person", "moved_from")
"""What the server makes of other things: tests of their own say what it is to be."""
READS = {
    "calendar": ("title", "description", "start"),
    "priorities": ("title", "description"),
    "commitments": ("description",),
}
REST_S = 24 * 3600


class No(Exception):
    """The request is to be refused with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Thing:
    source: str | None
    code: str
    word: dict[str, Json]
    over: dict[str, Json] = field(default_factory=dict)
    rev: int = 0
    public: Json = None


@contextmanager
def told_apart(who: str | None) -> Iterator[None]:
    """A collector does not learn what others' codes stand for: a wrong one is forbidden."""
    try:
        yield
    except No:
        if who is not None:
            raise No("forbidden") from None
        raise


class Oracle:
    """One method for each request; `settle` after each gives the changed ids."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        self.things: dict[str, dict[str, Thing]] = {name: {} for name in PREFIX}
        self.resting: dict[str, dict[int, float]] = {name: {} for name in PREFIX}
        self.told: dict[str, int] = {}
        self.buried: dict[str, int] = {}
        self.system = {"status": "IDLE", "progress": 0, "message": None, "last_sync": None}
        self.brief: Json = None
        self.pushed_at: dict[str, float] = {}
        self.dismissed: dict[str, set[str]] = {}
        self.retold: set[str] = set()
        self.freed: set[str] = set()

    # Requests.

    def do(self, event: str, who: str | None, payload: Json) -> Json:
        """The data of the ack, where it is predicted."""
        section, verb = event.split(":")
        if section == "system":
            return self._system(payload)
        if section == "brief":
            self.brief = None if verb == "clear" else payload["brief"]
            return None
        if verb == "put":
            return self._put(section, who, payload)
        if verb == "drop":
            return self._drop(section, who, payload)
        if any(payload.get("set", {}).get(name) == "" for name in READS[section]):
            raise No("bad_request")
        thing = self._find(section, payload)
        self._decide(thing, self._decision(section, verb, thing, payload))
        return None

    def _system(self, payload: Json) -> None:
        if payload.get("status") == "IDLE" and self.system["status"] in ("COLLECTING", "PROCESSING"):
            self.system["last_sync"] = instant(self.now_s)
        self.system |= payload

    def _put(self, section: str, who: str | None, payload: Json) -> Json:
        replace = payload.get("mode") == "replace" and payload.get("complete", True)
        if replace and not payload["items"] and not payload.get("allow_empty"):
            raise No("bad_request")
        things, said, bad = self.things[section], set[str](), 0
        counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0}
        gone = self._gone(section, who)
        before, own = set(gone), {given["id"] for given in payload["items"]}
        good = away = 0
        for given in payload["items"]:
            fine = all(given.get(name) != "" for name in READS[section]) and given["id"] not in said
            said |= {given["id"]} if fine else set()
            good += fine
            bad += not fine
            if fine:
                moved = self._move(section, who, given, own, gone)
                if full_id(who, given["id"]) in gone:
                    away += 1
                else:
                    done = self._take_in(section, who, given)
                    counts["changed" if moved else done] += 1
        bad_ones = [given for given in payload["items"] if any(given.get(n) == "" for n in READS[section])]
        kept = own | {id for given in bad_ones for id in given.get("formerly", ())}
        mentioned = {full_id(who, id) for id in kept}
        if replace and (good or payload.get("allow_empty")):
            ghosts = [id for id, thing in things.items() if thing.source == who and id not in mentioned]
            for id in ghosts:
                self._remove(section, id)
            counts["removed"] = len(ghosts)
            if who is not None:
                gone &= mentioned
        if who is not None:
            worked = counts["added"] + counts["changed"] + counts["removed"]
            noted = self.now_s - self.pushed_at.get(who, 0) < 60
            if worked or not noted or before != gone:
                self.pushed_at[who] = self.now_s
            others = {name for name in self.dismissed.get(who, ()) if not name.startswith(f"{section}/")}
            self.dismissed[who] = others | {f"{section}/{id}" for id in gone}
        return counts | {"rejected": bad} | ({"dismissed": away} if away else {})

    def _gone(self, section: str, who: str | None) -> set[str]:
        """What people dropped of the source's items in the section."""
        names = self.dismissed.get(who or "", set())
        return {name.partition("/")[2] for name in names if name.startswith(f"{section}/")}

    def _move(self, section: str, who: str | None, given: Json, own: set[str], gone: set[str]) -> bool:
        """Whether the thing was there under a former id; what was dropped as that is dropped as this."""
        id, things = full_id(who, given["id"]), self.things[section]
        formers = [full_id(who, former) for former in given.get("formerly", ()) if former not in own]
        for former in formers if id not in things else []:
            if former in gone:
                gone.remove(former)
                gone.add(id)
                return False
            if former in things and things[former].source == who:
                things[id] = things.pop(former)
                gone.discard(id)
                return True
        return False

    def _take_in(self, section: str, who: str | None, given: Json) -> str:
        id, things = full_id(who, given["id"]), self.things[section]
        fields = {name: value for name, value in given.items() if name not in ("id", "formerly")}
        if id not in things:
            things[id] = Thing(who, self._lowest(section, id), SAID[section] | fields)
            return "added"
        thing = things[id]
        before = self._shown(section, thing), _under(thing)
        kept = {name: thing.word[name] for name in DECIDED[section]}
        thing.word = SAID[section] | kept | fields
        return "unchanged" if (self._shown(section, thing), _under(thing)) == before else "changed"

    def _drop(self, section: str, who: str | None, payload: Json) -> Json:
        if "codes" in payload:
            with told_apart(who):
                ids = [self._by_code(section, code, payload.get("seen")) for code in payload["codes"]]
        else:
            ids = [full_id(who, id) for id in payload["ids"]]
        ids = list(dict.fromkeys(id for id in ids if id in self.things[section]))
        if who is not None and any(self.things[section][id].source != who for id in ids):
            raise No("forbidden")
        for id in ids:
            owner = self.things[section][id].source
            if owner is not None and owner != who:
                self.dismissed.setdefault(owner, set()).add(f"{section}/{id}")
            self._remove(section, id)
        if who is not None and ids:
            self.pushed_at[who] = self.now_s
        return {"removed": len(ids)}

    def _decision(self, section: str, verb: str, thing: Thing, payload: Json) -> dict[str, Json]:
        if verb == "edit":
            return dict(payload["set"])
        if verb == "snooze":
            if self._shown(section, thing)["status"] == "done":
                raise No("invalid_state")
            return {"status": "snoozed", "snoozed_until": payload["until"]}
        words = {
            "priorities": {"complete": "done", "reopen": "open"},
            "commitments": {"complete": "completed", "reopen": "pending"},
        }
        return {"status": words[section][verb]}

    def _decide(self, thing: Thing, decision: dict[str, Json]) -> None:
        if thing.source is None:
            thing.word |= decision
        else:
            thing.over |= decision

    # Time.

    def pass_time(self, seconds: float) -> None:
        """Later; what was snoozed until then is open, what has rested is free."""
        self.now_s += seconds
        for thing in self.things["priorities"].values():
            shown = self._shown("priorities", thing)
            until = shown["snoozed_until"]
            if shown["status"] == "snoozed" and until is not None and until <= instant(self.now_s):
                layer = thing.word if thing.source is None else thing.over
                layer |= {"status": "open", "snoozed_until": None}
        for rests in self.resting.values():
            for number in [n for n, at in rests.items() if self.now_s - at >= REST_S]:
                del rests[number]

    # Names and codes.

    def _find(self, section: str, payload: Json) -> Thing:
        if "code" in payload:
            return self.things[section][self._by_code(section, payload["code"], payload.get("seen"))]
        if payload["id"] not in self.things[section]:
            raise No("not_found")
        return self.things[section][payload["id"]]

    def _by_code(self, section: str, code: str, seen: int | None) -> str:
        code = code.upper()
        if code[0] != PREFIX[section]:
            raise No("bad_request")
        for id, thing in self.things[section].items():
            if thing.code == code:
                if seen is not None and self.told[code] > seen:
                    raise No("stale_target")
                return id
        rests = int(code[1:]) in self.resting[section]
        raise No("stale_target" if rests and seen is not None and self.buried[code] > seen else "not_found")

    def _lowest(self, section: str, id: str) -> str:
        taken = {int(thing.code[1:]) for thing in self.things[section].values()} | self.resting[
            section
        ].keys()
        number = next(number for number in range(1, 10_000) if number not in taken)
        return f"{PREFIX[section]}{number}"

    def _remove(self, section: str, id: str) -> None:
        code = self.things[section].pop(id).code
        self.resting[section][int(code[1:])] = self.now_s
        self.freed.add(code)

    # What everybody should see.

    def settle(self, seq: int) -> None:
        """Takes in that the changes since the last call are at this position."""
        for code in self.freed:
            self.buried[code] = seq
        self.freed.clear()
        for section, things in self.things.items():
            for id, thing in things.items():
                shown = self._shown(section, thing) | {"id": id, "code": thing.code, "source": thing.source}
                if shown == thing.public:
                    continue
                old = thing.public
                if old is None or any(old[name] != shown[name] for name in READS[section]):
                    self.told[thing.code] = seq
                thing.public = shown
                thing.rev += 1

    def held(self, fresh: dict[str, dict[str, Json]]) -> dict[str, dict[str, Json]]:
        """The three coded sections as clients should hold them. Of a held field the source's value is known
        for sure where the server sets nothing itself; when it changes, so does the `rev`."""
        for section, things in self.things.items():
            for id, thing in things.items():
                said = fresh[section][id]["source_values"] or {}
                assert said.keys() <= thing.over.keys(), (id, said)
                sure = said.keys() - {"status", "important"}
                assert {name: said[name] for name in sure} == {name: thing.word[name] for name in sure}
        return {
            section: {
                id: thing.public
                | {"rev": fresh[section][id]["rev"] if thing.over else thing.rev}
                | {name: fresh[section][id][name] for name in DERIVED if name in fresh[section][id]}
                for id, thing in things.items()
            }
            for section, things in self.things.items()
        }

    def _shown(self, section: str, thing: Thing) -> dict[str, Json]:
        shown = thing.word | thing.over | {"held": sorted(thing.over)}
        if section == "priorities" and shown["status"] != "snoozed":
            shown["snoozed_until"] = None
        if section == "commitments" and shown["status"] != "completed":
            late = shown["due_date"] is not None and shown["due_date"] < instant(self.now_s)[:10]
            shown["status"] = "overdue" if late else "pending"
        if section == "calendar":
            by_rule = shown["important"] is None
            ruled = len(shown["attendees"]) >= 5 or "board" in shown["title"].lower().split()
            shown |= {"important_by_rule": by_rule, "all_day": len(shown["start"]) == 10}
            shown["important"] = ruled if by_rule else shown["important"]
        return shown


def _under(thing: Thing) -> dict[str, Json]:
    """What the source says where people have set something else; the server sets the left out ones itself."""
    return {name: thing.word[name] for name in thing.over if name not in ("status", "important")}


def full_id(who: str | None, own: str) -> str:
    return own if who is None else f"{who}/{own}"


def instant(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
