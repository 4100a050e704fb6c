"""The network to an account is gone for a while: nothing is wiped, and the board says since when and why."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.collectors import programs
from tests.collectors.accounts_of_a_test import eventually
from tests.collectors.calendar_server import USER, Radicale
from tests.collectors.calendars import calendar
from tests.collectors.github_server import TOKEN, GitHub
from tests.collectors.mail_server import NEEDS_DOVECOT, MailServer
from tests.collectors.programs import PASSWORD
from tests.collectors.test_imap import arguments as of_mailbox
from tests.collectors.test_imap import mail
from tests.line import LineBetween
from tests.running import PythonClient, RunningServer

FAKETIME = shutil.which("faketime")


class Upstream(Protocol):
    """An account with things to do in it; `program` reads it at another port, with these arguments."""

    program: str
    port: int

    async def start(self) -> None: ...
    async def add(self, number: int) -> None: ...
    async def stop(self) -> None: ...
    def arguments(self, port: int, secret: Path) -> tuple[object, ...]: ...


class OfCalDav(Radicale):
    program = "caldav"

    async def start(self) -> None:
        await super().start()
        await self.ask("MKCALENDAR", "todo/")

    async def again(self) -> None:
        """After `stop`."""
        await super().start()

    async def add(self, number: int) -> None:
        lines = ("BEGIN:VTODO", f"UID:{number}", "DTSTAMP:20260101T000000Z", f"SUMMARY:Thing {number}")
        await self.ask("PUT", f"todo/{number}.ics", calendar("\n".join((*lines, "END:VTODO"))))

    def arguments(self, port: int, secret: Path) -> tuple[object, ...]:
        return (f"http://127.0.0.1:{port}/", USER, "--password-file", secret)


class OfIcs(OfCalDav):
    """Radicale also gives a calendar as one file."""

    program = "ics"

    def arguments(self, port: int, secret: Path) -> tuple[object, ...]:
        return (f"http://{USER}:{PASSWORD}@127.0.0.1:{port}/{USER}/todo/", "--allow-private")


class OfImap(MailServer):
    program = "imap"

    async def add(self, number: int) -> None:
        self.box().append("INBOX", mail(number, f"TODO: Thing {number}"))

    def arguments(self, port: int, secret: Path) -> tuple[object, ...]:
        there = MailServer.__new__(MailServer)
        there.port = port
        return of_mailbox(there, secret)


class OfGitHub(GitHub):
    program = "github"

    async def add(self, number: int) -> None:  # type: ignore[override]
        super().add(number, "assigned", title=f"Thing {number}")

    def arguments(self, port: int, secret: Path) -> tuple[object, ...]:
        secret.write_text(TOKEN)
        return ("--host", f"http://127.0.0.1:{port}", "--token-file", secret)


@asynccontextmanager
async def upstream_of(kind: str, folder: Path) -> AsyncIterator[Upstream]:
    """Empty, and running."""
    one: Any = {
        "caldav": lambda: OfCalDav(folder / "dav"),
        "ics": lambda: OfIcs(folder / "dav"),
        "imap": OfImap,
        "github": OfGitHub,
    }[kind]()
    await one.start()
    yield one
    await getattr(one, "remove", one.stop)()


async def until_state(board: PythonClient, titles: list[str], source: tuple[str, str]) -> None:
    """Returns when there is this to do, and the source is so and says what has this text in it."""

    async def look() -> bool:
        state = await board.state()
        status, message = state["sources"][0]["status"], state["sources"][0]["message"] or ""
        found = sorted(item["title"] for item in state["priorities"])
        return (found, status) == (titles, source[0]) and source[1] in message

    await eventually(look)


ACCOUNTS = pytest.mark.parametrize(
    "account", ["caldav", "ics", pytest.param("imap", marks=NEEDS_DOVECOT), "github"]
)


@ACCOUNTS
async def test_while_an_account_cannot_be_reached_all_stays_and_the_board_says_why(
    account: str, server: RunningServer, board: PythonClient, secret: Path, tmp_path: Path
) -> None:
    async with upstream_of(account, tmp_path) as upstream, LineBetween(upstream) as line:
        for number in (1, 2):
            await upstream.add(number)
        words = (*upstream.arguments(line.port, secret), "--watch", "--every", "0.1")
        collector = await programs.start(upstream.program, server, *words)

        async def source() -> Any:
            [found] = (await board.state())["sources"]
            return found

        async def has_ended_well() -> bool:
            state = await board.state()
            return bool(state["sources"]) and state["sources"][0]["run_status"] == "done"

        await eventually(has_ended_well)
        await until_state(board, ["Thing 1", "Thing 2"], ("online", ""))
        [one] = [item for item in (await board.state())["priorities"] if item["title"] == "Thing 1"]
        await board.done("priorities:edit", code=one["code"], set={"title": "Mine"})
        since = (await source())["last_push_at"]
        await line.end()
        await upstream.add(3)
        await until_state(board, ["Mine", "Thing 2"], ("error", "refused"))
        told = await source()
        assert told["last_push_at"] >= since

        async def is_tried_again() -> bool:
            return bool((await source())["run"] > told["run"])

        await eventually(is_tried_again)
        assert (await source())["last_push_at"] == told["last_push_at"]  # since when
        assert "refused" in (await source())["message"]  # also while it is tried again
        await line.begin()
        await until_state(board, ["Mine", "Thing 2", "Thing 3"], ("online", ""))
        [after] = [item for item in (await board.state())["priorities"] if item["title"] == "Mine"]
        assert after["code"] == one["code"]
        collector.terminate()
        out, err = await collector.communicate()
    assert b"Traceback" not in out + err
    assert PASSWORD[:10].encode() not in out + err + str(await board.state()).encode()


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed")
@ACCOUNTS
async def test_a_day_without_a_network_takes_nothing_away(
    account: str, server: RunningServer, board: PythonClient, secret: Path, tmp_path: Path
) -> None:
    """By the collector's clock: it was away for a day, and then finds the account again."""
    later = (str(FAKETIME), "-f", "+1d")
    async with upstream_of(account, tmp_path) as upstream, LineBetween(upstream) as line:
        for number in (1, 2):
            await upstream.add(number)
        words = upstream.arguments(line.port, secret)
        status, printed = await programs.run(upstream.program, server, *words)
        assert status == 0, printed
        [one] = [item for item in (await board.state())["priorities"] if item["title"] == "Thing 1"]
        await board.done("priorities:edit", code=one["code"], set={"title": "Mine"})
        [before] = (await board.state())["sources"]
        await line.end()
        await upstream.add(3)
        for clock in ((), later):
            status, printed = await programs.run(upstream.program, server, *words, before=clock)
            assert status == 1, printed
            state = await board.state()
            assert sorted(item["title"] for item in state["priorities"]) == ["Mine", "Thing 2"]
            [source] = state["sources"]
            assert source["last_push_at"] >= before["last_push_at"]
            assert "refused" in (source["message"] or "")
        await line.begin()
        status, printed = await programs.run(upstream.program, server, *words, before=later)
        assert status == 0, printed
        await until_state(board, ["Mine", "Thing 2", "Thing 3"], ("online", ""))
        [after] = [item for item in (await board.state())["priorities"] if item["title"] == "Mine"]
        assert after["code"] == one["code"]
