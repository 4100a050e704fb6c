"""What was edited, deleted or answered in messages from before the days that each reading reads again.

Slack tells of it while somebody listens. What happened meanwhile is found by comparing what is on the board
with the history, page after page, back to the first message that is here. A thread is read if it has other
replies than when it was read last; the others are read in turn, a few at a time, for edits. All this takes a
bounded number of calls, and goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.slack.live.api import AT_ONCE, Api, NotThere
from collectors.slack.live.known import Known, Sweep
from collectors.slack.message import Channel
from collectors.texts import clock
from collectors.types import Finding, Found, Kind

CALLS = 50
"""After each reading of the newest days: as many as Slack allows in a minute."""
_IN_TURN = 10  # of these calls, for threads that have no new replies

Read = Callable[[list[Any], Channel, set[str]], Iterator[Found]]
TakeAway = Callable[[Channel, set[str]], Iterator[Found]]


@dataclass
class Budget:
    """How many calls are left since `since_s`, all in all and of those for threads in turn."""

    calls: int = 0
    in_turn: int = 0
    since_s: float = 0.0

    def refill(self) -> None:
        self.calls, self.in_turn, self.since_s = CALLS, _IN_TURN, time.time()


def replies_of(message: Mapping[str, Any]) -> str:
    """By which is seen that a thread has other replies than before; "" for none."""
    return f"{message['reply_count']} {message.get('latest_reply')}" if message.get("reply_count") else ""


@dataclass
class Older:
    """Of one run. `read` takes messages, `take_away` what is gone; `has_news` says that there is something
    more urgent to do. What is noted down is so by `keep`, once the board has what was found."""

    api: Api
    known: Known
    budget: Budget
    read: Read
    take_away: TakeAway
    has_news: Callable[[], bool]
    threads: dict[tuple[str, str], str] = field(default_factory=dict)
    sweeps: dict[str, Sweep] = field(default_factory=dict)

    def keep(self) -> None:
        """Notes down how far it came."""
        for (channel, ts), replies in self.threads.items():
            self.known.set_thread(channel, ts, replies)
        for channel, sweep in self.sweeps.items():
            self.known.set_sweep(channel, sweep)

    async def compare(self, channels: Mapping[str, Channel], tops: Mapping[str, str]) -> AsyncIterator[Found]:
        """`tops` say from where on each channel was read just now. Errors: SlackError."""
        waiting = [one for one in channels.values() if self._waits(one, tops[one.id])]
        for channel in sorted(waiting, key=lambda one: self.known.sweep(one.id).begun_s):
            if self._is_over():
                break
            try:
                async for one in self._sweep(channel, tops[channel.id]):
                    yield one
            except NotThere as error:
                yield Finding(Kind.NOTE, channel.title, f"older messages cannot be compared: {error}")
        async for one in self._in_turn(channels, tops):
            yield one
        for channel in waiting:
            sweep = self.sweeps.get(channel.id) or self.known.sweep(channel.id)
            if sweep.to or not sweep.done_s:
                since = f", last done {clock(sweep.done_s)}" if sweep.done_s else ""
                why = f"older messages are compared with Slack bit by bit{since}; the next runs go on"
                yield Finding(Kind.NOTE, channel.title, why)
        if not self._is_over():
            self.budget.calls = 0  # all is done

    async def _in_turn(
        self, channels: Mapping[str, Channel], tops: Mapping[str, str]
    ) -> AsyncIterator[Found]:
        """Reads threads that have no new replies: some may have been edited."""
        for id, ts in self.known.threads_in_turn():
            if self._is_over() or self.budget.in_turn <= 0:
                return
            top, channel = tops.get(id), channels.get(id)
            if channel is None or not top or float(ts) >= float(top) or (id, ts) in self.threads:
                continue
            self.budget.in_turn -= 1
            try:
                async for one in self._thread(channel, ts, self.known.replies(id, ts)):
                    yield one
            except NotThere:  # what it began with is gone, which the comparison finds
                self.threads[id, ts] = self.known.replies(id, ts)

    def _waits(self, channel: Channel, top: str) -> bool:
        sweep = self.known.sweep(channel.id)
        is_done = not sweep.to and sweep.begun_s >= self.budget.since_s
        return bool(self._bottom(channel, top)) and not is_done

    def _bottom(self, channel: Channel, top: str) -> str:
        """The first message that is here, "" if it is not older than what was read anyway."""
        first = self.known.first(channel.id)
        return first if first and top and float(first) < float(top) else ""

    def _is_over(self) -> bool:
        return self.budget.calls <= 0 or self.has_news()

    async def _sweep(self, channel: Channel, top: str) -> AsyncIterator[Found]:
        """Down to the first message that is here, as far as there are calls."""
        bottom, sweep = self._bottom(channel, top), self.known.sweep(channel.id)
        if not sweep.to:
            sweep = Sweep(top, time.time(), sweep.done_s)
        while not self._is_over():
            answer = await self._call("conversations.history", channel, latest=sweep.to, oldest=bottom)
            found = [one for one in answer.get("messages") or () if isinstance(one, dict) and one.get("ts")]
            after = answer.get("response_metadata")
            is_last = not (isinstance(after, dict) and after.get("next_cursor"))
            times = [float(one["ts"]) for one in found]
            # Of a workspace that does not pay, what is hidden is not gone (is_limited).
            lower = bottom if is_last and not answer.get("is_limited") else ""
            lower = lower or (min((str(one["ts"]) for one in found), key=float) if times else sweep.to)
            for one in self._of_page(channel, found, lower, sweep.to):
                yield one
            for root in found:
                ts, replies = str(root["ts"]), replies_of(root)
                if root.get("thread_ts", ts) != ts or replies == self._noted(channel, ts):
                    continue
                if self._is_over():
                    return  # those that were read are known: the page comes again
                async for one in self._thread(channel, ts, replies):
                    yield one
            is_last = is_last or lower == sweep.to
            sweep = (
                Sweep("", sweep.begun_s, sweep.begun_s)
                if is_last
                else Sweep(lower, sweep.begun_s, sweep.done_s)
            )
            self.sweeps[channel.id] = sweep
            if is_last:
                return

    def _of_page(self, channel: Channel, found: list[Any], lower: str, upper: str) -> Iterator[Found]:
        yield from self.read(found, channel, set())
        met = {str(one["ts"]) for one in found}
        for ts in self.known.threads_between(channel.id, lower, upper) - met:
            yield from self.take_away(channel, self.known.of_thread(channel.id, ts))
            self.threads[channel.id, ts] = ""

    def _noted(self, channel: Channel, ts: str) -> str:
        return self.threads.get((channel.id, ts), self.known.replies(channel.id, ts))

    async def _thread(self, channel: Channel, ts: str, replies: str) -> AsyncIterator[Found]:
        """Reads it whole; a reply that is here and not there is gone."""
        cursor, met = "", set[str]()
        while replies:
            more = {"cursor": cursor} if cursor else {}
            answer = await self._call("conversations.replies", channel, ts=ts, **more)
            found = [one for one in answer.get("messages") or () if isinstance(one, dict) and one.get("ts")]
            for one in self.read([one for one in found if one["ts"] != ts], channel, met):
                yield one
            after = answer.get("response_metadata")
            cursor = str(after.get("next_cursor") or "") if isinstance(after, dict) else ""
            if not cursor:
                break
        for one in self.take_away(channel, self.known.of_thread(channel.id, ts) - met - {ts}):
            yield one
        self.threads[channel.id, ts] = replies

    async def _call(self, method: str, channel: Channel, **more: Any) -> Mapping[str, Any]:
        self.budget.calls -= 1
        return await self.api.call(method, channel=channel.id, limit=AT_ONCE, inclusive="true", **more)
