"""Those who bring things in: batches in parts, records, and a real collector as a process of its own."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adjutant_client import Client, Unreachable
from tests.chaos.ledger import Ledger, Promise, Request
from tests.chaos.people import PATIENCE_S, UNREACHABLE
from tests.forked import ForkedProcess
from tests.running import close

Json = Any

FAR_AHEAD = datetime(2031, 3, 3, 9, tzinfo=UTC)
PART_ITEMS = 40
TEXT = "and so on " * 40


class BatchSource:
    """States again and again all that it has, in parts; the board has the newest batch that was acked."""

    def __init__(self, client: Client, source: str, ledger: Ledger, chance: random.Random) -> None:
        self.source = source
        self._client, self._ledger, self._chance = client, ledger, chance
        self._number = 0
        self._stated: dict[str, str] = {}
        self._certain = True

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Until it is over, and everything is answered."""
        while goes_on():
            await asyncio.sleep(self._chance.uniform(0.1, 0.6))
            self._number += 1
            ids = self._chance.sample(range(400), self._chance.randrange(1, 200))
            batch = {f"e{id}": f"{self.source} {id} of batch {self._number}" for id in ids}
            await self._state(batch)

    async def _state(self, batch: dict[str, str]) -> None:
        op = f"{self.source}-{self._number}-{self._chance.getrandbits(32):x}"
        request = Request(op, "calendar:put", {"batch": self._number, "op": op})
        self._ledger.add(request)
        request.sent = 0
        async with asyncio.timeout(PATIENCE_S):
            while not request.acks:
                request.sent += 1
                ack = await self._parts(batch, op)
                if ack["ok"] or ack["error"]["code"] not in ("invalid_state", "unreachable"):
                    request.acks.append(ack)
        if request.done:
            self._stated, self._certain = batch, True
        else:
            self._certain = False

    async def _parts(self, batch: dict[str, str], op: str) -> Json:
        """The ack of the last part, or that of the first one that was refused."""
        items = [_event(id, title) for id, title in batch.items()]
        parts = [items[at : at + PART_ITEMS] for at in range(0, len(items), PART_ITEMS)]
        ack: Json = None
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            said: Json = {"items": part, "part": {"batch": op, "number": number, "last": last}}
            said |= {"mode": "replace", "op": op} if last else {}
            try:
                ack = await self._client.ack("calendar:put", said, within_s=PATIENCE_S)
            except Unreachable:
                return UNREACHABLE
            if not ack["ok"]:
                return ack
        return ack

    def check(self, state: Json) -> None:
        """All items of the newest batch are there, and no others."""
        if self._certain:
            found = {item["title"] for item in state["calendar"] if item["source"] == self.source}
            wrong = found ^ set(self._stated.values())
            self._ledger.check(Promise.BATCH, not wrong, f"{self.source}: {sorted(wrong)[:3]}")


def _event(id: str, title: str) -> Json:
    return {"id": id, "title": title, "start": FAR_AHEAD.isoformat(), "description": TEXT}


class RecordSource:
    """Puts records; each that was acked is found."""

    def __init__(self, client: Client, source: str, ledger: Ledger, chance: random.Random) -> None:
        self.source = source
        self._client, self._ledger, self._chance = client, ledger, chance
        self._acked = 0
        self._certain = True

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Until it is over, and everything is answered."""
        while goes_on():
            await asyncio.sleep(self._chance.uniform(0.05, 0.4))
            first, number = self._acked, self._chance.randrange(1, 20)
            records = [_record(first + n) for n in range(number)]
            payload = {"records": records, "op": f"records-{first}-{number}-{self._chance.random()}"}
            try:
                ack = await self._client.ack("records:put", payload, within_s=PATIENCE_S)
            except Unreachable:
                self._certain = False
                continue
            if ack["ok"]:
                self._acked += number

    async def check(self) -> None:
        """As many as were acked, and some of them by their words."""
        stats = (await self._client.ask("search:stats", {}, within_s=PATIENCE_S)).data
        held = stats["by_source"].get(self.source, 0)
        kept = held == self._acked if self._certain else held >= self._acked
        self._ledger.check(Promise.RECORDS, kept, f"{held} records are held, {self._acked} were acked")
        for number in self._chance.sample(range(self._acked), min(self._acked, 3)):
            query = {"query": f"word{number}end"}
            found = (await self._client.ask("search:query", query, within_s=PATIENCE_S)).data
            ids = [hit["id"] for hit in found["hits"]]
            self._ledger.check(Promise.RECORDS, len(ids) == 1, f"word{number}end is found in {ids}")


def _record(number: int) -> Json:
    return {"id": f"r{number}", "text": f"This is word{number}end.", "at": "2026-03-03"}


class Collector:
    """`python -m collectors.ics FILE --watch`, on a file that is written anew now and then."""

    SOURCE = "ics:chaos"

    def __init__(self, folder: Path, url: str, token: str, ledger: Ledger, chance: random.Random) -> None:
        self._folder, self._url, self._token, self._ledger, self._chance = folder, url, token, ledger, chance
        self._file = folder / "chaos.ics"
        self._titles: set[str] = set()
        self._number = 0
        self._process: ForkedProcess | None = None

    async def start(self) -> None:
        """The process, also one that takes the place of another."""
        self.write()
        command: tuple[str, ...] = ("-m", "collectors.ics", str(self._file), "--watch", "--url", self._url)
        command += ("--source", self.SOURCE, "--tz", "UTC")
        environment = os.environ | {"XDG_STATE_HOME": str(self._folder), "ADJUTANT_TOKEN": self._token}
        with (self._folder / "collector.log").open("ab") as log:
            self._process = await ForkedProcess(*command).start(
                environment, stdout=log.fileno(), stderr=log.fileno()
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        close(self._process)

    def write(self) -> None:
        """Another calendar, in place of the one before at once."""
        self._number += 1
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
        some = self._chance.sample(range(50), self._chance.randrange(5, 20))
        self._titles = {f"event {one} of calendar {self._number}" for one in some}
        events = "".join(
            f"BEGIN:VEVENT\r\nUID:u{n}\r\nDTSTAMP:{start:%Y%m%dT%H%M%SZ}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
            f"SUMMARY:{title}\r\nEND:VEVENT\r\n"
            for n, title in enumerate(sorted(self._titles))
        )
        beside = self._file.with_suffix(".new")
        beside.write_text(
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:chaos\r\n{events}END:VCALENDAR\r\n", newline=""
        )
        beside.replace(self._file)

    def shown(self, state: Json) -> bool:
        """Whether the board has what is in the file."""
        found = {item["title"] for item in state["calendar"] if item["source"] == self.SOURCE}
        return found == self._titles

    def judge(self, shown: bool) -> None:
        """What became of the file as it is now."""
        self._ledger.check(Promise.PROGRAM, shown, f"calendar {self._number} is not on the board")

    def spools(self) -> list[str]:
        """What is still kept for later: each non-empty spool."""
        return [file.name for file in self._folder.glob("adjutant/*.spool") if _batches(file)]


def _batches(spool: Path) -> int:
    import sqlite3

    with sqlite3.connect(spool) as store:
        return int(store.execute("SELECT count(*) FROM batches").fetchone()[0])
