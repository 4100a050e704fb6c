"""The command line: `python serve.py`; and the ASGI app for `uvicorn serve:app`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
import threading
import webbrowser
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from logging.handlers import QueueListener
from pathlib import Path

if __name__ == "__main__":
    gc.disable()  # until it serves: what is made at the start stays
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until `main`: Ctrl-C ends it, without a traceback

ROOT = Path(__file__).resolve().parent
SWITCH_EVERY_S = 0.001  # the store's thread waits less for the event loop's
# The state is many small objects: to look at all takes tenths of a second, at 25,000 of them 8 ms.
GC_THRESHOLDS = (5_000, 5, 1_600)


def _check_packages() -> None:
    """`models` and `handlers` are common names: they must be this project's."""
    import handlers
    import models

    for package in (models, handlers):
        if Path(package.__file__ or "").resolve().parent.parent != ROOT:
            sys.exit(
                f"adjutant: the package {package.__name__} comes from {package.__file__}, not from {ROOT}"
            )


_check_packages()

from handlers import REGISTRY  # noqa: E402
from sio_server import audit  # noqa: E402
from sio_server.app import App, StartError  # noqa: E402
from sio_server.asgi import FromEnvironment  # noqa: E402
from sio_server.clients import tokens  # noqa: E402
from sio_server.flags import SettingsError  # noqa: E402
from sio_server.folders import Folders  # noqa: E402
from sio_server.log import files  # noqa: E402
from sio_server.log.backup import back_up, restore  # noqa: E402
from sio_server.log.base import LogError  # noqa: E402
from sio_server.log.check import faults_in  # noqa: E402
from sio_server.log.lines import export, import_  # noqa: E402
from sio_server.logs import set_up as set_up_logs  # noqa: E402
from sio_server.settings import VERSION, Settings, read  # noqa: E402
from sio_server.sockets.listener import BindError, Server, address_of, bind  # noqa: E402
from sio_server.subcommands import (  # noqa: E402
    BackUp,
    BoardAdd,
    BoardList,
    BoardRemove,
    BoardRename,
    Copying,
    Export,
    Migrate,
    OfBoards,
    Restore,
    TokenAdd,
    TokenList,
    TokenRemove,
    TokenRenew,
)

app = FromEnvironment(REGISTRY)


def main(arguments: Sequence[str], environment: dict[str, str]) -> int:
    """The exit status: 0 after an orderly stop, 1 after a breakdown, 2 when it could not begin."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(0o077)  # what is kept here is its owner's alone, the search process's files included
    try:
        command = read(arguments, environment)
        if isinstance(command, TokenAdd):
            print(tokens.add(*astuple(command)))
        elif isinstance(command, TokenRenew):
            tokens.renew(command.file, command.name, command.expires)
        elif isinstance(command, TokenList):
            print(_table(tokens.listed(command.file)))
        elif isinstance(command, TokenRemove):
            tokens.remove(command.file, command.name)
        elif isinstance(command, Copying):
            _copy(command)
        elif isinstance(command, OfBoards):
            _boards(command)
        elif isinstance(command, Migrate):
            _migrate(command)
        else:
            return _serve(command)
    except (SettingsError, LogError, StartError, BindError, tokens.TokenError) as error:
        print(f"adjutant: {error}", file=sys.stderr)
        return 2
    return 0


def _copy(command: Copying) -> None:
    """Errors: LogError."""
    store = Folders(command.data_dir).store(command.board)
    if isinstance(command, BackUp):
        back_up(store, command.file)
    elif isinstance(command, Restore):
        kept = restore(store, command.file)
        print(f"{command.file} is in place" + (f"; the store before it is {kept}" if kept else ""))
    elif isinstance(command, Export):
        export(store, command.file)
    else:
        import_(store, command.file)
        print(f"{store} is made from {command.file}")


def _boards(command: OfBoards) -> None:
    """Errors: LogError, TokenError."""
    folders = Folders(command.data_dir)
    if isinstance(command, BoardList):
        print("\n".join(folders.names()))
    elif isinstance(command, BoardAdd):
        folder = folders.add(command.name)
        print(f"The board {command.name} keeps its files in {folder}")
    elif isinstance(command, BoardRemove):
        kept = _remove_board(folders, command)
        print(f"The board {command.name} is kept in {kept}: delete that folder if nobody needs it")
    else:
        _rename_board(folders, command)


def _remove_board(folders: Folders, command: BoardRemove) -> Path:
    """Errors: LogError, TokenError."""
    first = partial(_rename_in_tokens, command, None, "no longer name it")
    if command.log_url is None:
        return folders.remove(command.name, first)
    from sio_server import moving  # only whoever uses PostgreSQL needs the driver

    return moving.remove(folders, command.log_url, command.name, first)


def _rename_board(folders: Folders, command: BoardRename) -> None:
    """Errors: LogError, TokenError."""
    first = partial(_rename_in_tokens, command, command.to, "now name it so")
    if command.log_url is None:
        return folders.rename(command.name, command.to, first)
    from sio_server import moving

    return moving.rename(folders, command.log_url, command.name, command.to, first)


def _migrate(command: Migrate) -> None:
    """Errors: LogError."""
    from models.people import GivenPerson
    from models.records import GivenRecord
    from sio_server import moving
    from sio_server.search.whole import Models

    move = moving.to_database if command.to_database else moving.to_folder
    models = Models(GivenRecord, GivenPerson)
    records = None if command.search_url is None else moving.Records(command.search_url, models)
    for said in move(Folders(command.data_dir), command.log_url, command.board, records):
        print(said, flush=True)


def _rename_in_tokens(command: BoardRemove | BoardRename, to: str | None, what: str) -> None:
    """Errors: TokenError; LogError."""
    if command.log_url is None and files.is_in_postgresql(Folders(command.data_dir).of(command.name)):
        raise LogError(f"the board {command.name} is in PostgreSQL: say where with --log-url")
    if names := tokens.rename_board(command.tokens, command.name, to):
        print(f"These tokens {what}: {', '.join(names)}")


def _serve(settings: Settings) -> int:
    """The exit status: 1 when the server broke down, so that whoever watches it starts it again."""
    set_up_logs(settings.log_level, settings.log_format)
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(SWITCH_EVERY_S)
    _allow_files()
    auditing = _begin_audit(settings.audit)
    ports = (0, 0) if settings.check else (settings.port, settings.http_port)  # another server may have them
    main_socket = bind(settings.host, ports[0], "--port")
    http_socket = bind(settings.http_host, ports[1], "--http-port")
    app = App(settings, REGISTRY, http_socket, on_broken=lambda: server.stop())
    app.open()
    if settings.check:
        return _check(app)
    tls = app.certificate.context if app.certificate else None
    scheme = "http" if tls is None else "https"
    board = _in_a_browser(address_of(main_socket, scheme))
    first_line = (
        f"Board: {board} (open it in a browser); "
        f"health and metrics: {address_of(http_socket, scheme)}; Adjutant {VERSION}"
    )

    def serving() -> None:
        print(first_line, flush=True)
        if settings.open:  # a thread, since some browsers are waited for
            threading.Thread(target=webbrowser.open, args=(board,), daemon=True).start()

    server = Server(app, serving, app.drain, app.http_connections, settings.compress, tls)
    with asyncio.Runner(loop_factory=_event_loop()) as runner:
        runner.run(server.serve(sockets=[main_socket]))
    if auditing is not None:
        auditing.stop()
    if app.abandoned:  # the thread that waits for the disk would keep the process
        logging.shutdown()
        os._exit(1)
    return 1 if app.broken else 0


def _allow_files() -> None:
    """As many open files as the system lets this process have: each connection is one, each open board some
    ten."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):  # some systems have a hard limit that is no number
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _begin_audit(file: Path | None) -> QueueListener | None:
    """Errors: StartError."""
    try:
        return None if file is None else audit.begin(file)
    except OSError as error:
        raise StartError(f"cannot write {file}: {error.strerror}") from None


def _check(app: App) -> int:
    """The exit status: 1 when something is wrong with the store, each fault a line."""
    app.close()
    folders, one = Folders(app.settings.data_dir), app.settings.check_board
    stores = [folders.store(name) for name in ([one] if one else folders.names())]
    if app.settings.log_url is not None:
        stores = []  # PostgreSQL looks after its own
    faults = [fault for store in stores if store.exists() for fault in faults_in(store)]
    for fault in faults:
        print(f"adjutant: {fault}", file=sys.stderr)
    if faults:
        print("adjutant: restore the store from a backup, see docs/operations.md", file=sys.stderr)
        return 1
    print(f"Adjutant {VERSION}: the settings and the store in {app.settings.data_dir} are in order")
    return 0


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _in_a_browser(address: str) -> str:
    """The address to open on this machine; a server on all addresses is also on loopback."""
    return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def _event_loop() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        logging.getLogger("adjutant").warning("uvloop is not installed: the server runs slower without it")
        return None
    return uvloop.Loop


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ)))
