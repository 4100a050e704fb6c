"""A calendar account that changes by chance, while collector, board and account are killed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.collectors import programs
from tests.collectors.calendar_server import Radicale
from tests.collectors.calendars import calendar, event
from tests.collectors.trouble import Trouble, well

TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d}T100000Z"


async def put(dav: Radicale, path: str, uid: str, *more: str) -> None:
    """Puts an event there."""
    await dav.ask("PUT", path, calendar(event(uid, TOMORROW, *more)))


async def walk(
    program: str,
    words: Sequence[object],
    dav: Radicale,
    folders: Sequence[str],
    trouble: Trouble,
) -> dict[str, str]:
    """Six rounds; after each the board is as the account is. What is there at the end: uids by path."""
    server, person, chance = trouble.server, trouble.person, trouble.chance
    upstream, number = dict[str, str](), 0
    for round_number in range(6):
        for _ in range(6):
            number += 1
            path = f"{chance.choice(folders)}/{number}.ics"
            upstream[path] = f"e{number}"
            await put(dav, path, upstream[path])
        for path in chance.sample(sorted(upstream), 3):
            if chance.random() < 0.5:
                await dav.ask("DELETE", path)
                del upstream[path]
            else:
                await put(dav, path, upstream[path], "SEQUENCE:1", "LOCATION:Room 1")
        if round_number == 2:
            await dav.stop()
            assert (await programs.run(program, server, *words))[0] == 1
            await dav.start()
        if round_number % 2:
            await trouble.run(program, words, longest_s=2.5)  # a run takes a second or two
        await person.decide()
        await well(program, server, words)
        await person.check(f"Title of {uid}" for uid in upstream.values())
    return upstream
