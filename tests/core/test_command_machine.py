"""People type codes while collectors reshuffle, drop and re-create: no line ever reaches an item other
than the one whose text the person saw, undo restores, and an op has one effect."""

from __future__ import annotations

from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core.asked import PEOPLE, Asked, decisions, lines, puts, undos
from tests.core.table import Table
from tests.examples import examples

SOMEBODY = st.sampled_from(sorted(PEOPLE))


class AtTheTable(RuleBasedStateMachine):
    """What both machines do besides typing."""

    table: Table

    @precondition(lambda self: self.table.acked)
    @rule(nth=st.integers(0, 50), restarts=st.booleans())
    def send_again(self, nth: int, restarts: bool) -> None:
        if restarts:
            self.table.reopen()
        self.table.send_again(nth)

    @rule()
    def reopen(self) -> None:
        self.table.reopen()

    @invariant()
    def sources_count_what_they_own(self) -> None:
        if hasattr(self, "table"):
            self.table.check_sources()

    def teardown(self) -> None:
        if hasattr(self, "table"):
            self.table.close()


class Guarded(AtTheTable):
    """Collectors change everything all the time, codes are given on, and people look only now and then."""

    @initialize(asked=st.lists(puts(), min_size=1, max_size=4), keep_changes=st.sampled_from([50_000, 3]))
    def begin(self, asked: list[Asked], keep_changes: int) -> None:
        self.table = Table(keep_changes, 3600.0)
        self.table.send(asked)
        for person in PEOPLE:
            self.table.look(person)

    @rule(person=SOMEBODY)
    def look(self, person: str) -> None:
        self.table.look(person)

    @rule(asked=lines())
    def look_and_type(self, asked: Asked) -> None:
        self.table.look(asked.who)
        self.table.send([asked])

    @rule(asked=st.lists(st.one_of(lines(), lines(), puts(), undos(), decisions()), min_size=1, max_size=4))
    def send_at_once(self, asked: list[Asked]) -> None:
        self.table.send(asked)

    @rule(asked=puts())
    def collect(self, asked: Asked) -> None:
        self.table.send([asked])

    @rule(hours=st.sampled_from([1, 12, 23, 24, 25]), ticks=st.booleans(), tidies=st.booleans())
    def time_passes(self, hours: int, ticks: bool, tidies: bool) -> None:
        self.table.pass_time(hours, ticks, tidies)

    @rule(asked=lines())
    def crash_before_the_ack(self, asked: Asked) -> None:
        self.table.crash_before_the_ack(asked)


TWO = ("ada", "bob")
CHANGING = ("approve", "reopen", "drop", "update", "add", "undo", "undo")
TYPED = lines(CHANGING, TWO)
BOARD = (
    Asked("ics:work", "priorities:put", {"items": [{"id": id, "title": f"Ship {id}"} for id in "ab"]}),
    Asked("ada", "priorities:put", {"items": [{"id": "c", "title": "Call Ana"}]}),
    Asked("bob", "commitments:put", {"items": [{"id": "m", "description": "Draft", "direction": "owe"}]}),
)
BETWEEN = st.one_of(TYPED, TYPED, TYPED, TYPED, undos(TWO), undos(TWO), decisions(), puts())


class Undone(AtTheTable):
    """Two people take back and do again, over a board that others seldom touch."""

    @initialize()
    def begin(self) -> None:
        self.table = Table()
        self.table.send(BOARD)

    @rule(asked=st.lists(st.one_of(TYPED, undos(TWO)), min_size=3, max_size=8))
    def type_lines(self, asked: list[Asked]) -> None:
        for each in asked:
            self.table.look(each.who)
            self.table.send([each])

    @rule(asked=st.lists(BETWEEN, min_size=2, max_size=5))
    def send_at_once(self, asked: list[Asked]) -> None:
        for person in TWO:
            self.table.look(person)
        self.table.send(asked)

    @rule(person=st.sampled_from(TWO))
    def undo_all(self, person: str) -> None:
        self.table.undo_all(person)

    @rule(hours=st.sampled_from([1, 12, 23, 24]), ticks=st.booleans(), tidies=st.booleans())
    def time_passes(self, hours: int, ticks: bool, tidies: bool) -> None:
        self.table.pass_time(hours, ticks, tidies)

    @rule(asked=TYPED)
    def crash_before_the_ack(self, asked: Asked) -> None:
        self.table.look(asked.who)
        self.table.crash_before_the_ack(asked)


@examples(6)
@given(
    breaths=st.lists(
        st.lists(lines(("approve", "reopen", "snooze", "drop", "update", "add"), ("ada",)), min_size=1),
        min_size=1,
        max_size=6,
    ),
    restarts=st.integers(0, 6),
)
def test_undo_of_a_random_history_restores_the_state_and_redo_brings_it_back(
    breaths: list[list[Asked]], restarts: int
) -> None:
    with closing(Table()) as table:
        table.send(BOARD)
        before = table.state()
        for number, asked in enumerate(breaths):
            table.look("ada")
            table.send(asked)
            if number == restarts:
                table.reopen()
        after = table.state()
        handles = table.undo_all("ada")
        assert table.state() == before
        table.reopen()
        for handle in reversed(handles):
            assert table.undo("ada", handle)["ok"]
        assert table.state() == after


TestGuarded = Guarded.TestCase
TestGuarded.settings = examples(6, stateful_step_count=25)
TestUndone = Undone.TestCase
TestUndone.settings = examples(6, stateful_step_count=25)
