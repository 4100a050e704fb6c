"""The command line (flags.py, options.py, subcommands.py): first line, clear errors, tokens, a stop, `check`
(log/check)."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sio_server.clients import tokens
from sio_server.log import schema, sums
from sio_server.log.files import open_checked
from sio_server.registry.roles import Role
from sio_server.settings import VERSION
from tests.conftest import Connect, Serve
from tests.forked import completed
from tests.running import ROOT, PythonClient, RunningServer, until


def serve_py(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`serve.py` run to its end."""
    return completed(str(ROOT / "serve.py"), *map(str, arguments), **(env or {}))


WRONG = {
    "an unknown flag": (["--prot", "1"], {}, "--prot"),
    "a port that is no number": (["--port", "http"], {}, "--port"),
    "a port that is too large": (["--port", "65536"], {}, "--port"),
    "a flag of another command": (["token", "add", "ana", "--rol"], {}, "did you mean --role"),
    "a flag of the server for a token": (["token", "add", "ana", "--port", "1"], {}, "unknown flag --port"),
    "an unknown time zone": (["--tz", "Mars/Base"], {}, "--tz"),
    "an origin with a path": (["--cors-origin", "https://a.example/x"], {}, "--cors-origin"),
    "an origin with a wildcard": (["--cors-origin", "https://*.example"], {}, "name each origin in full"),
    "every origin": (["--cors-origin", "*"], {}, "name each origin in full"),
    "an origin of a socket": (["--cors-origin", "wss://a.example"], {}, "http or https"),
    "an unknown log level": (["--log-level", "loud"], {}, "--log-level"),
    "an unknown variable": ([], {"ADJUTANT_PROT": "1"}, "did you mean ADJUTANT_PORT"),
    "a bad value in a variable": ([], {"ADJUTANT_PORT": "x"}, "--port"),
    "a log that is not there yet": (["--log-url", "redis://127.0.0.1"], {}, "--log-url"),
    "an open host without tokens": (["--host", "0.0.0.0"], {}, "tokens"),
    "an open side-app without tokens": (["--http-host", "0.0.0.0"], {}, "tokens"),
    "a token for an unknown role": (["token", "add", "ana", "--role", "king"], {}, "--role"),
    "a source for an editor's token": (
        ["token", "add", "ana", "--role", "editor", "--source", "ics:work"],
        {},
        "collector",
    ),
}


@pytest.mark.parametrize(("flags", "env", "named"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_one_sentence_and_status_2_before_anything_is_touched(
    flags: list[str], env: dict[str, str], named: str, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    env = {"ADJUTANT_DATA_DIR": str(data_dir)} | env
    ended = serve_py(*flags, env=env)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert named in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not data_dir.exists()


def test_a_busy_port_is_named_before_the_data_directory_is_touched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for flag in ("--port", "--http-port"):
            other = "--http-port" if flag == "--port" else "--port"
            ended = serve_py(flag, port, other, 0, "--data-dir", tmp_path / "data")
            assert (ended.returncode, str(port) in ended.stderr) == (2, True)
            assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_a_data_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = serve_py("--port", 0, "--http-port", 0, "--data-dir", tmp_path / "file" / "data")
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "data directory" in ended.stderr


def test_version_help_and_check_answer_and_stop(tmp_path: Path) -> None:
    assert re.fullmatch(r"Adjutant \d+\.\d+\.\d+\n", serve_py("--version").stdout)
    assert "--cors-origin" in serve_py("--help").stdout
    checked = serve_py("--check", "--port", 0, "--http-port", 0, "--data-dir", tmp_path / "data")
    assert checked.returncode == 0
    assert "in order" in checked.stdout


async def test_the_first_line_names_both_listeners_and_a_flag_wins_over_the_environment(serve: Serve) -> None:
    server = await serve("--log-level=error", env={"ADJUTANT_PORT": "1", "ADJUTANT_LOG_LEVEL": "debug"})
    assert server.first_line == (
        f"Board: http://127.0.0.1:{server.port} (open it in a browser); "
        f"health and metrics: http://127.0.0.1:{server.http_port}; Adjutant {VERSION}\n"
    )
    assert (await server.get("/health", http=False))[1]["status"] == "ok"
    assert (await server.get("/health"))[1]["status"] == "ok"


async def test_sigterm_tells_the_clients_and_ends_with_status_0(
    server: RunningServer, connect: Connect
) -> None:
    websocket = await connect()
    polling = await connect(transports=["polling"])
    await websocket.done("priorities:put", items=[{"id": "p", "title": "Kept"}])
    assert await server.stop() == 0
    assert (await websocket.wait_for("server:drain"))["after_ms"] > 0
    await until(lambda: not websocket.sio.connected, "the websocket client hears of the end")
    await until(lambda: not polling.sio.connected, "the polling client hears of the end")
    assert not Path(f"{server.data_dir}/adjutant.db-wal").exists()
    assert "Traceback" not in server.log()


async def test_a_second_server_on_one_data_directory_is_refused(server: RunningServer) -> None:
    ended = serve_py("--port", 0, "--http-port", 0, "--data-dir", server.data_dir)
    assert ended.returncode == 2
    assert ended.stderr == f"adjutant: {server.data_dir} is in use by another server (process {server.pid})\n"


async def test_tokens_decide_who_connects_as_what_and_revoking_one_ends_its_connections(
    tmp_path: Path, serve: Serve
) -> None:
    file = tmp_path / "tokens.json"
    made = {
        role: serve_py("token", "add", role, "--role", role, "--tokens", file).stdout.strip()
        for role in ("viewer", "editor", "admin")
    }
    bound = serve_py("--tokens", file, "token", "add", "work", "--role", "collector", "--source", "ics:work")
    assert not any(token in file.read_text() for token in [*made.values(), bound.stdout.strip()])
    assert file.stat().st_mode & 0o077 == 0
    server = await serve(f"--tokens={file}")
    for auth in ({}, {"token": "wrong"}, {"token": made["viewer"], "source": "ics:work"}):
        refused = await PythonClient(**auth).connect_refused(server.url)
        assert refused["data"] == {"code": "unauthorized", "retry": "no"}
    viewer = await PythonClient(token=made["viewer"]).connect(server.url)
    editor = await PythonClient(token=made["editor"], client="Ana's desk").connect(server.url)
    collector = await PythonClient(token=bound.stdout.strip()).connect(server.url)
    event = {"id": "e", "title": "Call", "start": "2026-11-23T09:00:00Z"}
    assert (await viewer.refused("calendar:put", items=[event]))["code"] == "forbidden"
    assert (await collector.refused("priorities:complete", code="P1"))["code"] == "forbidden"
    assert (await collector.done("calendar:put", items=[event]))["added"] == 1
    assert (await editor.done("calendar:edit", code="C1", set={"title": "Talk"}))["source"] == "ics:work"
    patch = await viewer.wait_for("state:patch", lambda patch: patch["seq"] == 2)
    assert patch["cause"]["actor"] == "editor"
    assert serve_py("token", "remove", "viewer", "--tokens", file).returncode == 0
    bye = await viewer.wait_for("server:bye")
    assert bye["code"] == "unauthorized"
    await until(lambda: not viewer.sio.connected, "the revoked client is disconnected")
    assert (await editor.request("state:get", {}))["ok"]
    for client in (editor, collector):
        await client.disconnect()


def test_tokens_added_at_once_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "new" / "tokens.json"
    with ThreadPoolExecutor(20) as threads:
        made = [*threads.map(lambda number: tokens.add(file, f"c{number}", Role.VIEWER, None), range(20))]
        adding = [threads.submit(tokens.add, file, "same", Role.VIEWER, None) for _ in range(10)]
        [*threads.map(lambda number: tokens.remove(file, f"c{number}"), range(10))]
    keyring = tokens.Keyring(file)
    assert [keyring.find(secret) is not None for secret in made] == [False] * 10 + [True] * 10
    assert sum(added.exception() is None for added in adding) == 1
    assert {path.name for path in file.parent.iterdir()} == {"tokens.json", ".tokens.json.lock"}


async def test_what_the_server_keeps_is_its_owners_alone(server: RunningServer) -> None:
    kept = [server.data_dir, *server.data_dir.iterdir()]
    assert {"adjutant.db", "search.db"} <= {path.name for path in kept}
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


async def test_open_shows_the_board_in_a_browser(tmp_path: Path, serve: Serve) -> None:
    seen = tmp_path / "seen"
    server = await serve("--open", env={"BROWSER": f"/bin/sh -c 'echo %s > {seen}'"})
    await until(lambda: seen.exists() and seen.read_text() == f"{server.url}\n", "the browser is called")


async def test_a_token_that_is_made_anew_ends_the_connections_of_the_old_one(
    tmp_path: Path, serve: Serve
) -> None:
    file = tmp_path / "tokens.json"
    add = ("token", "add", "ana", "--tokens", file, "--role")
    token = serve_py(*add, "admin").stdout.strip()
    server = await serve(f"--tokens={file}")
    ana = await PythonClient(token=token).connect(server.url)
    fewer = tmp_path / "fewer.json"
    fewer.write_text(file.read_text().replace('"admin"', '"viewer"'))
    fewer.replace(file)
    assert (await ana.wait_for("server:bye"))["code"] == "unauthorized"


async def test_after_a_backup_is_restored_a_new_epoch_makes_every_client_take_a_snapshot(
    serve: Serve,
) -> None:
    server = await serve()
    client = await PythonClient().connect(server.url)
    ack = await client.request("priorities:put", items=[{"id": "p", "title": "Kept"}])
    old = client.received("state:sync")[0]["epoch"]
    await client.disconnect()
    assert await server.stop() == 0
    server.flags = ("--new-epoch",)
    await server.start()
    again = await PythonClient(resume={"epoch": old, "seq": ack["seq"]}).connect(server.url)
    sync = await again.wait_for("state:sync")
    assert (sync["mode"], sync["why"], sync["seq"]) == ("snapshot", "epoch", 1)
    assert sync["epoch"] != old
    await again.disconnect()


def test_what_the_clients_read_from_the_environment_is_no_wrong_setting(tmp_path: Path) -> None:
    clients = {"ADJUTANT_URL": "http://127.0.0.1:8000", "ADJUTANT_TOKEN": "secret"}
    ended = serve_py("--check", "--port", 0, "--http-port", 0, "--data-dir", tmp_path / "data", env=clients)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_version_grows_with_the_format_of_the_store() -> None:
    assert VERSION.split(".")[1] == str(schema.VERSION)


async def test_check_verifies_the_whole_history_and_names_what_does_not_fit(serve: Serve) -> None:
    server = await serve()
    client = await PythonClient().connect(server.url)
    for number in range(4):
        await client.done("priorities:put", items=[{"id": f"p{number}", "title": "x"}])
    await client.disconnect()
    assert await server.stop() == 0
    arguments = ("--port", 0, "--http-port", 0, "--data-dir", server.data_dir)
    assert serve_py(*arguments, "check").returncode == 0
    store = open_checked(server.data_dir / "adjutant.db")
    store.execute("UPDATE changes SET body = replace(body, 'p1', 'q1') WHERE seq = 2")
    store.execute("DELETE FROM changes WHERE seq = 4")
    sums.register(store)
    sums.add_all(store)
    store.close()
    checked = serve_py(*arguments, "check")
    assert checked.returncode == 1
    assert "Change 2 does not follow from the one before it" in checked.stderr
    assert "The head is not the last change, 3." in checked.stderr


def test_check_needs_no_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        checked = serve_py("--port", port, "--http-port", port, "--data-dir", tmp_path, "check")
    assert checked.returncode == 0, checked.stderr


async def test_a_closed_terminal_stops_the_server_in_order(server: RunningServer, connect: Connect) -> None:
    client = await connect()
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    await client.wait_for("server:drain")
    assert await server.process.wait() == 0
