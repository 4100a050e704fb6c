"""Action items of recent messages, and the best of the likely ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from collectors.accounts import Account
from collectors.actions.mine import NOBODY, Me
from collectors.types import Found, NoneLeft
from collectors.unsaid import Unsaid
from models.commitments import GivenCommitment
from models.priorities import GivenPriority
from models.proposals import GivenProposal

PROPOSALS_MAX = 100
"""Proposals of one run; the board holds fewer from one source."""
_HELD_MAX = 20_000  # proposals in memory until the run is over; the oldest half goes
_ITEMS = (GivenPriority, GivenCommitment, GivenProposal)
FIRST = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Actions:
    """For whom what is to be done is looked for, and how many days back from the newest message. In `zone` it
    is `tomorrow` for a writer whose own zone nobody tells."""

    me: Me = NOBODY
    days: int = 90
    zone: tzinfo = UTC


LOOK = Actions()


class Best:
    """Keeps the least doubtful proposals, and of equally doubtful ones the newest."""

    def __init__(self) -> None:
        self._held: list[tuple[int, str, GivenProposal]] = []

    def add(self, proposal: GivenProposal, day: date) -> None:
        """Adds a proposal of this day."""
        self._held.append((proposal.doubt, day.isoformat(), proposal))
        if len(self._held) > 20 * PROPOSALS_MAX:
            self._held = self._best()

    def proposals(self) -> Iterator[GivenProposal | NoneLeft]:
        """The kept proposals, best first."""
        best = self._best()
        yield from (proposal for *_, proposal in best)
        if not best:
            yield NoneLeft("proposals")

    def _best(self) -> list[tuple[int, str, GivenProposal]]:
        newest = sorted(self._held, key=lambda one: one[1], reverse=True)
        once: dict[str, tuple[int, str, GivenProposal]] = {}
        for one in sorted(newest, key=lambda one: one[0]):
            once.setdefault(one[2].id, one)  # what stands in two notes is proposed once
        return list(once.values())[:PROPOSALS_MAX]


@dataclass
class Recent:
    """Holds what was found until the newest message is known: what an old message asked for is done by now,
    or never will be."""

    days: int
    account: Account
    unsaid: Unsaid = field(default_factory=lambda: Unsaid({}))
    newest: datetime = FIRST
    _held: dict[str, list[tuple[datetime, Found]]] = field(default_factory=dict)
    _count: int = 0
    _best: Best = field(default_factory=Best)

    def __post_init__(self) -> None:
        self._tomorrow = datetime.now(UTC) + timedelta(days=1)

    def looks_at(self, at: datetime, record: str) -> bool:
        """Whether a message of then may still be recent, or is why something is on the board."""
        if self.newest < at < self._tomorrow:
            self.newest = at
        self.without(record)
        return (self.days > 0 and at >= self._since()) or self.unsaid.is_held(record)

    def without(self, record: str) -> None:
        """The record is met, and what it said until now does not count any more."""
        self.unsaid.read(record)
        before = self._held.pop(record, [])
        self._count -= len(before)
        self.account.give_back("told again later", sum(isinstance(one, _ITEMS) for _, one in before))

    def add(self, one: Found, at: datetime, record: str) -> None:
        """Adds what a record of that time says."""
        self._held.setdefault(record, []).append((at, one))
        self._count += 1
        if self._count > _HELD_MAX:
            self._keep_newest()

    def told(self, is_covered: Callable[[str], bool] = lambda record: False) -> Iterator[Found]:
        """All that is recent; of the proposals the best; and what is not said any more (Unsaid.gone)."""
        likely, met = 0, set[tuple[type, str]]()
        self._state_all()
        for at, one in self._recent():
            if isinstance(one, _ITEMS):
                if (type(one), one.id) in met:
                    self.account.give_back("listed twice")
                    continue
                met.add((type(one), one.id))
            if isinstance(one, GivenProposal):
                likely += 1
                self._best.add(one, at.date())
            else:
                yield one
        for one in self._best.proposals():
            likely -= isinstance(one, GivenProposal)
            yield one
        self.account.give_back("likely, but over the limit", likely)
        yield from self.unsaid.gone(is_covered)
        if self.account.seen:
            yield self.account

    def _since(self) -> datetime:
        back = timedelta(days=self.days)
        return max(self.newest, FIRST + back) - back

    def _state_all(self) -> None:
        for some in self._held.values():
            for _, one in some:
                if isinstance(one, _ITEMS):
                    self.unsaid.stated(one)

    def _keep_newest(self) -> None:
        self._state_all()
        newest = deque(sorted(self._held.items(), key=lambda held: held[1][0][0]))
        while self._count > _HELD_MAX // 2:
            _, oldest = newest.popleft()
            self._count -= len(oldest)
            self.account.give_back("not of the newest", sum(isinstance(one, _ITEMS) for _, one in oldest))
        self._held = dict(newest)

    def _recent(self) -> list[tuple[datetime, Found]]:
        since = self._since()
        all_held = [held for some in self._held.values() for held in some]
        items = sum(isinstance(one, _ITEMS) for at, one in all_held if at < since)
        self.account.give_back(f"more than {self.days} days older than the newest", items)
        return [held for held in all_held if held[0] >= since]
