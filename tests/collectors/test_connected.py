"""Accounts that are connected and kept being read: `adjutant connect`, `sources`, `run` and `disconnect`."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from collectors.connected.book import BookError, Entry, entries, keep
from tests.collectors.accounts_of_a_test import LOOK_EVERY_S, Adjutant, eventually
from tests.collectors.calendar_server import USER, Radicale
from tests.collectors.calendars import calendar, event
from tests.collectors.programs import PASSWORD, start
from tests.running import ROOT, PythonClient, RunningServer, until

TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d}T100000Z"
ADDRESS_SECRET = "private-4f9a1c77d0b3e85a"
ONE = '{"name": "imap:a", "collector": "imap"}'
KEYRING = "tests.collectors.keyring_of_a_test.FileKeyring"


@pytest.fixture
async def dav(tmp_path: Path) -> AsyncIterator[Radicale]:
    server = Radicale(tmp_path / "dav")
    await server.start()
    await server.ask("MKCALENDAR", "work/")
    await server.ask("PUT", "work/1.ics", calendar(event("one", TOMORROW)))
    yield server
    await server.stop()


@pytest.fixture
async def published() -> AsyncIterator[str]:
    """The address of a web calendar, which is a secret."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=calendar(event("published", TOMORROW)), content_type="text/calendar")

    app = web.Application()
    app.router.add_get(f"/{ADDRESS_SECRET}/basic.ics", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/{ADDRESS_SECRET}/basic.ics"
    await runner.cleanup()


@pytest.fixture
async def adjutant(server: RunningServer, tmp_path: Path) -> AsyncIterator[Adjutant]:
    folder = tmp_path / "person"
    folder.mkdir()
    program = Adjutant(server, folder)
    yield program
    program.kill_collectors()


async def titles(board: PythonClient) -> list[str]:
    return sorted(one["title"].removeprefix("Title of ") for one in (await board.state())["calendar"])


async def until_titles(board: PythonClient, *wanted: str) -> None:
    async def look() -> bool:
        return await titles(board) == sorted(wanted)

    await eventually(look)


async def test_connected_accounts_are_read_and_their_secrets_are_nowhere_else(
    adjutant: Adjutant, board: PythonClient, dav: Radicale, published: str
) -> None:
    status, said = await adjutant("connect", "caldav", dav.url, USER, stdin="wrong\n")
    assert (status, said.split(": ")[-1]) == (
        1,
        "some servers want an app password; nothing was noted down\n",
    )
    status, said = await adjutant(
        *("connect", "caldav", dav.url, USER, "--calendar", "Nope"), stdin=f"{PASSWORD}\n"
    )
    assert (status, "no calendar is called as --calendar says; there are: " in said) == (1, True), said
    status, said = await adjutant("connect", "ics", stdin=f"{published}\n")
    assert status == 1
    assert said.startswith("adjutant: http://127.0.0.1/…: it is on this machine or in the local network")
    assert ADDRESS_SECRET not in said
    assert not adjutant.book.exists()
    status, said = await adjutant("connect", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n")
    assert status == 0, said
    assert "1 calendar" in said
    status, said = await adjutant("connect", "ics", "--allow-private", stdin=f"{published}\n")
    assert status == 0, said
    assert stat.S_IMODE(adjutant.book.stat().st_mode) == 0o600
    names = [one["name"] for one in json.loads(adjutant.book.read_text())["accounts"]]
    assert {name.partition(":")[0] for name in names} == {"caldav", "ics"}
    assert "start `adjutant run`" in (await adjutant("sources"))[1]
    waiting = {one["id"]: (one["status"], one["message"]) for one in (await board.state())["sources"]}
    assert waiting == dict.fromkeys(names, ("online", "not read yet: start `adjutant run`"))
    assert (await board.state())["system"]["status"] == "IDLE"
    await adjutant.run()
    await adjutant.until_running(*names)
    await until_titles(board, "one", "published")
    before = {one["id"]: one["run"] for one in (await board.state())["sources"]}
    assert (await adjutant("connect", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n"))[0] == 0

    async def is_well_again() -> bool:
        sources = (await board.state())["sources"]
        return all(one["status"] == "online" and one["message"] is None for one in sources)

    await eventually(is_well_again)
    assert {one["id"] for one in (await board.state())["sources"]} == before.keys()

    async def are_both_told() -> bool:
        return (await adjutant("sources"))[1].count("online") == 2

    await eventually(are_both_told)
    state = str(await board.state())
    assert await adjutant.stop() == 0
    assert adjutant.collectors() == {}
    for secret in (PASSWORD[:10], ADDRESS_SECRET):
        assert secret.encode() not in adjutant.everything() + state.encode()
        assert secret in adjutant.book.read_text()


async def test_what_happens_to_one_account_touches_no_other(
    adjutant: Adjutant, board: PythonClient, dav: Radicale, published: str
) -> None:
    await adjutant("connect", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n")
    await adjutant.run()
    [caldav] = await adjutant.until_running(*entries(adjutant.book))
    await adjutant("connect", "ics", "--allow-private", stdin=f"{published}\n")  # while it runs
    [ics] = {*entries(adjutant.book)} - {caldav}
    before = await adjutant.until_running(caldav, ics)
    await until_titles(board, "one", "published")
    before[ics].kill()
    await until(
        lambda: adjutant.collectors().get(ics, before[ics]).pid != before[ics].pid,
        "a new process",
        every_s=LOOK_EVERY_S,
    )
    assert adjutant.collectors()[caldav].pid == before[caldav].pid
    assert "is started again" in adjutant.said
    broken = Entry(name="imap:broken", collector="imap", arguments=("--no-such-option",))
    keep(adjutant.book, broken, "", in_keyring=False)
    await until(lambda: "until the account is connected anew" in adjutant.said, "the wrong account")
    await adjutant("disconnect", "imap:broken")
    await adjutant("disconnect", ics)
    await adjutant.until_running(caldav)
    assert adjutant.collectors()[caldav].pid == before[caldav].pid
    status, said = await adjutant("run")
    assert (status, "another" in said) == (1, True)
    await adjutant.stop(kill=True)
    await adjutant.until_running()  # they do not stay without it


async def test_a_password_that_is_no_longer_right_is_told_on_the_board_until_it_is_connected_anew(
    adjutant: Adjutant, board: PythonClient, dav: Radicale
) -> None:
    await adjutant("connect", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n")
    (dav.folder / "users").write_text(f"{USER}:another\n", encoding="utf-8")
    await adjutant.run()

    async def is_told() -> bool:
        return "does not take the name or the password" in str((await board.state())["sources"])

    await eventually(is_told)
    status, said = await adjutant("sources")
    assert status == 1
    assert "does not take the name or the password" in said
    status, said = await adjutant("connect", "caldav", dav.url, USER, stdin="another\n")
    assert status == 0, said
    await until_titles(board, "one")
    await adjutant.stop()


async def test_adjutant_run_is_not_what_starts_a_source_that_is_no_account(
    adjutant: Adjutant, board: PythonClient
) -> None:
    collector = await start("ics", adjutant.server, ROOT / "examples/sample.ics", "--watch")

    async def is_there() -> bool:
        return bool((await board.state())["calendar"])

    await eventually(is_there)
    collector.terminate()
    await collector.communicate()

    async def is_told() -> bool:
        return "its collector is not connected: it was started by hand" in (await adjutant("sources"))[1]

    await eventually(is_told)


async def test_a_keyring_that_is_switched_off_gets_no_secret(
    server: RunningServer, tmp_path: Path, dav: Radicale
) -> None:
    """It takes everything, and keeps nothing (`keyring --disable`)."""
    program = Adjutant(server, tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    status, said = await program("connect", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n")
    assert (status, "the system's keyring" in said) == (0, False), said
    assert PASSWORD[:10] in program.book.read_text()


async def test_secrets_are_in_the_keyring_where_there_is_one(
    server: RunningServer, tmp_path: Path, board: PythonClient, dav: Radicale
) -> None:
    folder = tmp_path / "person"
    folder.mkdir()
    ring = tmp_path / "keyring.json"
    program = Adjutant(server, folder, PYTHON_KEYRING_BACKEND=KEYRING, TEST_KEYRING=str(ring))
    status, said = await program("connect", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n")
    assert status == 0, said
    assert "the system's keyring" in said
    [name] = entries(program.book)
    assert PASSWORD[:10] in ring.read_text()
    assert PASSWORD[:10] not in program.book.read_text()
    await program.run()
    await until_titles(board, "one")
    await program.stop()
    await program("disconnect", name)
    assert PASSWORD[:10] not in ring.read_text()
    status, said = await program("connect", "--no-keyring", "caldav", dav.url, USER, stdin=f"{PASSWORD}\n")
    assert PASSWORD[:10] in program.book.read_text()


@pytest.mark.parametrize(
    ("words", "stdin", "why"),
    [
        (("connect", "fax"), "", "invalid choice"),
        (("connect", "caldav"), "", "say after KIND: server's address"),
        (("connect", "ics", f"https://calendar.example/{ADDRESS_SECRET}"), "", "leave the address out"),
        (("connect", "ics"), f"ftp://calendar.example/{ADDRESS_SECRET}\n", "begins with https://"),
        (("connect", "ics"), f"https://127.0.0.1:1/{ADDRESS_SECRET}\n", "--allow-private"),
        (("connect", "ics"), "\n", "cannot be empty"),
        (("connect", "imap", "ana@mail.example"), "", "the input ended"),
        (("disconnect", "imap:nobody"), "", "there is no account"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_said_and_changes_nothing(
    adjutant: Adjutant, words: tuple[str, ...], stdin: str, why: str
) -> None:
    status, said = await adjutant(*words, stdin=stdin)
    assert status in (1, 2)
    assert why in said
    assert not stdin.strip() or ADDRESS_SECRET not in said
    assert not adjutant.book.exists()


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("{}", 0o640, "others may read"),
        ("no JSON s3cret", 0o600, "is not a file of accounts"),
        ('{"accounts": [{"name": "imap:a", "collector": "imap", "secret": ["s3cret"]}]}', 0o600, "secret"),
        ('{"accounts": [{"name": "imap:a", "collector": "imap", "pasword": "s3cret"}]}', 0o600, "pasword"),
        (f'{{"accounts": [{ONE}, {ONE}]}}', 0o600, "two accounts"),
    ],
)
def test_a_file_of_accounts_that_is_wrong_is_refused_without_its_secrets(
    tmp_path: Path, text: str, mode: int, why: str
) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(BookError, match=why) as caught:
        entries(path)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(BookError):
        keep(path, Entry(name="imap:b", collector="imap"), "", in_keyring=False)
    assert path.read_text() == text
