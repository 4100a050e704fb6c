"""What a typed line should do, over plain dicts: the steps one by one, and undo by versions.

Each change of an item makes a new version of it; taking a line back gives the items their versions from
before it. So a line can be taken back exactly when each of its items has the version that the line left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.core.oracle import No, instant
from tests.core.witness import CODED, Board, Name, Witness

Json = Any

HEADLINE = {"calendar": "title", "priorities": "title", "commitments": "description"}
KINDS = {"priority": "priorities", "owe": "commitments", "owed": "commitments"}
DAY_S = 24 * 3600


@dataclass(frozen=True)
class Words:
    """A step. `rest` is the text, the time, the kind and text of what is new, or the handle for undo."""

    verb: str
    codes: tuple[str, ...] = ()
    rest: str | None = None

    def __str__(self) -> str:
        return " ".join([self.verb, ", ".join(self.codes), self.rest or ""]).strip()


@dataclass
class Run:
    """A line that changed something: its items' versions before and after, and themselves before."""

    person: str
    handle: str
    seq: int
    at_s: float
    before: dict[Name, Json]
    was: dict[Name, int]
    left: dict[Name, int]
    forward: bool
    undone: bool = False


@dataclass
class Preview:
    """The board and the versions while a line's steps are taken."""

    board: Board
    versions: dict[Name, int]
    undid: list[Run] = field(default_factory=list)
    added: list[Name] = field(default_factory=list)
    mixed: bool = False

    def set(self, name: Name, item: Json, version: int) -> None:
        section, id = name
        if item is None:
            self.board[section].pop(id, None)
        else:
            self.board[section][id] = item
        self.versions[name] = version


class Typed:
    """All lines so far, and the version of each item."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness
        self.runs: list[Run] = []
        self.versions: dict[Name, int] = {}
        self.seq = 0
        self._fresh = 0

    def forget(self, now_s: float) -> None:
        """What the server forgets every minute."""
        self.runs = [run for run in self.runs if run.at_s >= now_s - DAY_S]

    def pass_by(self, seq: int) -> None:
        """Takes in commits that were no lines."""
        for each in range(self.seq + 1, seq + 1):
            told = self.witness.told[each]
            if not told.command.endswith(":tick"):  # time is in nobody's way
                self.versions |= dict.fromkeys(told.names, self._new())
        self.seq = seq

    def handles(self, person: str | None) -> list[str]:
        """The newest first; of all when nobody is named."""
        return [run.handle for run in reversed(self.runs) if person in (None, run.person)]

    def judge(
        self, person: str, steps: Sequence[Words], ack: Json, now_s: float, payload: Json, floor: int
    ) -> None:
        """Fails unless the ack and the board after it are what the line should come to."""
        base = self.seq
        try:
            refusals = self._resolve(steps, payload.get("seen"), now_s)
        except No as no:
            _check_refused(ack, {no.code})
            return
        if not ack["ok"] and ack["error"]["code"] in refusals:
            return
        preview = Preview(
            {name: dict(items) for name, items in self.witness.boards[base].items()}, dict(self.versions)
        )
        failures = self._take(person, steps, preview, now_s, floor)
        if failures[0] is not None:
            _check_refused(ack, {failures[0].code})
            self._check_conflict(failures[0], ack["error"])
            return
        assert ack["ok"], (steps, ack)
        self._check_steps(failures, ack, payload.get("dry", False))
        if payload.get("dry"):
            assert ack["seq"] == base
            return
        self._settle_up(person, preview, ack, now_s, payload)

    # Planning.

    def _resolve(self, steps: Sequence[Words], seen: int | None, now_s: float) -> set[str]:
        """With what the line may be refused where the oracle leaves it open; raises where it must."""
        may: set[str] = set()
        for code in (code for step in steps for code in step.codes):
            name, refusals = self.witness.verdict(code, seen, self.seq, now_s)
            if name is None:
                assert len(refusals) == 1
                if not may:
                    raise No(next(iter(refusals)))
            may |= refusals
        return may

    # Doing.

    def _take(
        self, person: str, steps: Sequence[Words], preview: Preview, now_s: float, floor: int
    ) -> list[No | None]:
        """For each step that was begun, why it failed."""
        by_code = {
            item["code"]: (section, id) for section in CODED for id, item in preview.board[section].items()
        }
        failures: list[No | None] = []
        for number, step in enumerate(steps):
            try:
                if step.verb == "undo":
                    self._undo(person, step.rest, preview, floor)
                elif step.verb == "add":
                    self._add(step.rest or "", number, preview)
                else:
                    self._act(step, [by_code[code] for code in step.codes], preview, now_s)
                failures.append(None)
            except No as no:
                failures.append(no)
                break
        return failures

    def _act(self, step: Words, names: Sequence[Name], preview: Preview, now_s: float) -> None:
        if any(id not in preview.board[section] for section, id in names):
            raise No("invalid_state")
        items = [preview.board[section][id] for section, id in names]
        if step.verb == "snooze" and any(item["status"] == "done" for item in items):
            raise No("invalid_state")
        for (section, id), item in zip(names, items, strict=True):
            new = None if step.verb == "drop" else _decided(section, item, step, now_s)
            if new != item:
                preview.set((section, id), new, self._new())
            preview.mixed = True

    def _add(self, rest: str, number: int, preview: Preview) -> None:
        kind, _, text = rest.partition(" ")
        section = KINDS[kind]
        item: Json = {HEADLINE[section]: text, "source": None, "held": [], "source_values": None}
        if section == "commitments":
            item["direction"] = kind
        name = (section, f"new {number}")
        preview.set(name, item, self._new())
        preview.added.append(name)
        preview.mixed = True

    def _undo(self, person: str, handle: str | None, preview: Preview, floor: int) -> None:
        run = self._find(person, handle, preview)
        if run.undone:
            raise No("invalid_state")
        for name, version in run.left.items():
            if run.seq < floor:
                raise No("invalid_state")
            if preview.versions.get(name, 0) != version:
                raise Touched(run, preview)
        for name, item in run.before.items():
            preview.set(name, item, run.was[name])
        preview.undid.append(run)

    def _find(self, person: str, handle: str | None, preview: Preview) -> Run:
        for run in reversed(self.runs):
            free = run.forward and not run.undone and run not in preview.undid
            if run.person == person and (free if handle is None else run.handle == handle):
                return run
        raise No("invalid_state" if handle is None else "not_found")

    # Afterwards.

    def _check_conflict(self, failure: No, error: Json) -> None:
        """It names an item of the line, and who really touched it since."""
        if isinstance(failure, Touched):
            details = error["details"]
            name = (details["section"], details["id"])
            assert name in failure.names, (details, failure.names)
            if details["seq"] <= self.seq:
                told = self.witness.told[details["seq"]]
                assert name in told.names
                assert (told.actor, told.command) == (details["by"], details["command"])
            assert details["seq"] > failure.run.seq

    def _check_steps(self, failures: Sequence[No | None], ack: Json, dry: bool) -> None:
        steps = ack["data"]["steps"]
        done = "planned" if dry else "done"
        statuses = [done if failure is None else "failed" for failure in failures]
        assert [step["status"] for step in steps] == statuses + ["skipped"] * (len(steps) - len(statuses))
        if failures[-1] is not None:
            assert steps[len(failures) - 1]["error"]["code"] == failures[-1].code, steps
            self._check_conflict(failures[-1], steps[len(failures) - 1]["error"])

    def _settle_up(self, person: str, preview: Preview, ack: Json, now_s: float, payload: Json) -> None:
        base, board = self.seq, self.witness.boards[ack["seq"]]
        self._name_new(preview, ack, board)
        for section in (*CODED, "system", "brief"):
            assert self._recoded(section, preview.board[section], board[section]) == board[section]
        before = self.witness.boards[base]
        changed = [
            (section, id)
            for section in CODED
            for id in before[section].keys() | board[section].keys()
            if before[section].get(id) != board[section].get(id)
        ]
        assert ("undo" in ack["data"]) == bool(changed) == (ack["seq"] > base)
        pure = bool(preview.undid) and not preview.mixed
        taken_back = {name for run in preview.undid for name in run.left} if pure else set()
        if not changed:
            self._note_undone(preview, taken_back)
            return
        assert set(changed) == self.witness.told[ack["seq"]].names
        was = {name: self.versions.get(name, 0) for name in changed}
        self.pass_by(ack["seq"])
        self._note_undone(preview, taken_back)
        left = {name: self.versions[name] for name in changed}
        old = {(section, id): before[section].get(id) for section, id in changed}
        forward = all(not run.forward for run in preview.undid) if pure else True
        handle = payload.get("op") or f"@{ack['seq']}"
        while any((run.person, run.handle) == (person, handle) for run in self.runs):
            handle += "+"
        assert ack["data"]["undo"] == handle
        self.runs.append(Run(person, handle, ack["seq"], now_s, old, was, left, forward))

    def _note_undone(self, preview: Preview, taken_back: set[Name]) -> None:
        self.versions |= {name: preview.versions[name] for name in taken_back}
        for run in preview.undid:
            run.undone = True

    def _name_new(self, preview: Preview, ack: Json, board: Board) -> None:
        """A new item's id and code are the server's choice; the words are the person's."""
        for section, placeholder in preview.added:
            number = int(placeholder.split()[1])
            [named] = ack["data"]["steps"][number]["data"]["items"]
            said = preview.board[section].pop(placeholder)
            preview.versions[section, named["id"]] = preview.versions.pop((section, placeholder))
            actual = board[section][named["id"]]
            assert actual | said == actual
            assert named["id"] not in preview.board[section]
            preview.board[section][named["id"]] = actual

    def _recoded(self, section: str, expected: dict[str, Json], actual: dict[str, Json]) -> dict[str, Json]:
        """A code that another item has had meanwhile, or takes in the same line, cannot come back."""
        holders = {item.get("code"): id for id, item in actual.items()}

        def lost(id: str, code: str) -> bool:
            last = self.witness.last_holder(code, self.seq)
            return last not in (None, (section, id)) or holders.get(code, id) != id

        return {
            id: item | {"code": actual[id]["code"]}
            if id in actual and "code" in item and lost(id, item["code"])
            else item
            for id, item in expected.items()
        }

    def _new(self) -> int:
        self._fresh += 1
        return self._fresh


class Touched(No):
    """The line cannot be taken back: `names` are what is not as it left it."""

    def __init__(self, run: Run, preview: Preview) -> None:
        super().__init__("conflict")
        self.run = run
        self.names = [name for name, version in run.left.items() if preview.versions.get(name, 0) != version]


def _decided(section: str, item: Json, step: Words, now_s: float) -> Json:
    values = _values(section, step, now_s)
    held = item["held"] if item["source"] is None else sorted({*item["held"], *values})
    new = {name: item[name] for name in values if name not in (*item["held"], "snoozed_until")}
    said = {**(item["source_values"] or {}), **new} if item["source"] is not None else {}
    return settled(section, item | values | {"held": held, "source_values": said or None}, now_s)


def _values(section: str, step: Words, now_s: float) -> dict[str, Json]:
    match step.verb:
        case "approve":
            return {"status": "done" if section == "priorities" else "completed"}
        case "reopen":
            return {"status": "open" if section == "priorities" else "pending"}
        case "snooze":
            hours = int((step.rest or "").removesuffix("h"))
            return {"status": "snoozed", "snoozed_until": instant(now_s + hours * 3600)}
        case _:
            assert step.verb == "update"
            return {HEADLINE[section]: step.rest}


def settled(section: str, item: Json, now_s: float) -> Json:
    """The item with what the server decides by itself."""
    if section == "priorities" and item["status"] != "snoozed":
        return item | {"snoozed_until": None}
    if section == "commitments" and item["status"] != "completed":
        late = item["due_date"] is not None and item["due_date"] < instant(now_s)[:10]
        return item | {"status": "overdue" if late else "pending"}
    if section == "calendar" and item["important_by_rule"]:
        return item | {"important": "board" in item["title"].lower().split()}
    return item


def _check_refused(ack: Json, codes: set[str]) -> None:
    assert not ack["ok"], ack
    assert ack["error"]["code"] in codes, (ack, codes)
