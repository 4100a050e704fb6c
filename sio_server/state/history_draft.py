"""The history with a batch's changes and lines on top, as a draft shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import orjson

from sio_server.registry.errors import invalid_state
from sio_server.registry.ops import Before, ItemChange, LineRecord
from sio_server.registry.registry import Registry
from sio_server.state.history import History, StoredLine


class HistoryDraft:
    """Who changed an item, and which lines can be undone (for registry.View).

    `item_changes` are the batch's, by section and id, oldest first; the draft adds them.
    """

    def __init__(self, history: History, registry: Registry, base: int) -> None:
        self.item_changes: dict[tuple[str, str], list[ItemChange]] = {}
        self._log = history
        self._registry = registry
        self._base = base
        self._lines: dict[str, list[LineRecord]] = {}
        self._taken_back: dict[str, set[str]] = {}
        self._void: set[int] = set()
        self._cancels: dict[int, tuple[int, ...]] = {}

    def text_at(self, section: str, code: str, seq: int) -> str | None:
        """The text of the code's item at that position, before the batch."""
        return self._log.text_at(section, code, seq)

    def line_record(
        self, person: str, handle: str | None, without: Collection[str] = ()
    ) -> LineRecord | None:
        """The person's line with that handle; None for the newest that plain `undo` would undo."""
        taken_back = self._taken_back.get(person, set())
        for record in reversed(self._lines.get(person, [])):
            undone = record.handle in taken_back
            free = record.forward and not undone and record.handle not in without
            if record.handle == handle or (handle is None and free):
                return replace(record, undone=undone)
        if handle is None:
            stored = self._log.newest_line(person, {*without, *taken_back})
        else:
            stored = self._log.line(person, handle)
        return None if stored is None else self._read(stored, taken_back)

    def undo_record(self, person: str, without: Collection[str] = ()) -> LineRecord | None:
        """The person's newest undo that is not undone, if no line but a `redo` came after it."""
        taken_back = self._taken_back.get(person, set())
        for record in reversed(self._lines.get(person, [])):
            if record.forward and not record.does_again:
                return None
            if not record.forward and record.handle not in {*without, *taken_back}:
                return record
        stored = self._log.newest_undo(person, {*without, *taken_back})
        return None if stored is None else self._read(stored, taken_back)

    def note(self, person: str, record: LineRecord | None, changed: bool, seq: int) -> LineRecord | None:
        """Stores a line that was just applied, at `seq`; returns it with its position, or None if there is
        nothing to store. An undo that had nothing to change still counts as one."""
        if record is None or not record.takes_back or not (changed or record.undoes):
            return None
        self._taken_back.setdefault(person, set()).update(record.undoes)
        if not changed:
            self._void.update(record.cancels)
            return record
        record = replace(record, seq=seq)
        self._lines.setdefault(person, []).append(record)
        self._cancels[record.seq] = record.cancels
        for name in record.also:
            item_changes = self.item_changes.setdefault(name, [])
            if not item_changes or item_changes[-1].seq < record.seq:
                item_changes.append(ItemChange(record.seq, "", record.line))
        return record

    def last_change(
        self, section: str, id: str, since: int, without: Collection[int] = ()
    ) -> ItemChange | None:
        """The newest change of the item after that position that was not itself undone.

        Undoing a line from before that position is a change like any other; changes by time alone (an item
        becomes overdue, a snooze ends) do not count. If fields were given back to the source and nothing else
        has changed, that is told, with all these fields as `settled`.
        """
        if since < self._log.floor():
            raise invalid_state("That is too long ago: the log does not go back that far.")
        taken_back, settled = {*without, *self._void}, None
        for seq, cancels in self._positions_of(section, id, since):
            if seq in taken_back:
                continue
            if cancels and not any(old <= since and self._was_changed(section, id, old) for old in cancels):
                taken_back.update(cancels)
                continue
            change = self._item_change_at(section, id, seq)
            if change is not None and change.settled:
                settled = change if settled is None else settled
                settled = replace(settled, settled=settled.settled | change.settled)
            elif change is None or change.command != f"{section}:tick":
                return change
        return settled

    def _positions_of(self, section: str, id: str, since: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The positions at which the item changed, newest first, each with the positions that it undid."""
        for change in reversed(self.item_changes.get((section, id), [])):
            if change.seq > since:
                yield change.seq, self._cancels.get(change.seq, ())
        before = self._base + 1
        while page := self._log.positions_of(section, id, since, before):
            yield from page
            before = page[-1][0]

    def _item_change_at(self, section: str, id: str, seq: int) -> ItemChange | None:
        here = (change for change in self.item_changes.get((section, id), []) if change.seq == seq)
        return next(here, None) or self._log.change_at(section, id, seq)

    def _was_changed(self, section: str, id: str, seq: int) -> bool:
        """Whether the item changed at that position, as far back as the log goes."""
        if seq <= self._log.floor():
            return True
        here = any(change.seq == seq for change in self.item_changes.get((section, id), []))
        return here or any(found == seq for found, _ in self._log.positions_of(section, id, seq - 1, seq + 1))

    def _read(self, record: StoredLine, taken_back: Collection[str]) -> LineRecord:
        before = []
        for kept in orjson.loads(record.before):
            model = self._registry.sections[kept["section"]].item
            # As JSON, as at startup: strict models accept an enum's text only from JSON.
            item = None if kept["item"] is None else model.model_validate_json(orjson.dumps(kept["item"]))
            before.append(Before(kept["section"], kept["id"], item))
        undone = record.undone or record.handle in taken_back
        return LineRecord(
            record.handle,
            record.line,
            tuple(before),
            forward=record.forward,
            undone=undone,
            seq=record.seq,
        )
