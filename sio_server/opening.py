"""Opens a board's files, as the settings say; `main` has some that the other boards do not."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from sio_server.access import keep_closed, keep_private, push_of, rules_of
from sio_server.background import Rounds
from sio_server.board import Around, Board, Host
from sio_server.clients.limits import Room
from sio_server.clock import MachineClock
from sio_server.folders import Folders
from sio_server.log.base import Log
from sio_server.log.sqlite import SqliteLog
from sio_server.metrics import Metrics
from sio_server.push.service import PushService
from sio_server.registry.registry import Registry
from sio_server.registry.roles import MAIN
from sio_server.search.address import Address, Database
from sio_server.search.board_index import BoardIndex
from sio_server.search.names import HitNames
from sio_server.search.process import IndexProcess
from sio_server.search.search import Backend, Search
from sio_server.settings import Settings
from sio_server.sign_in.base import SignIn
from sio_server.threads import SharedThreads

LEFT_IN_FILE = (
    "--search-url: records are kept in PostgreSQL, and those in %s are not searched: let the collectors run"
    " in full, or leave the flag out"
)

log = logging.getLogger("adjutant.search")


@dataclass
class Opening:
    """Opens boards one by one."""

    settings: Settings
    registry: Registry
    clock: MachineClock
    metrics: Metrics
    sign_in: SignIn
    folders: Folders
    _renewed: set[str] = field(default_factory=set)
    _process: IndexProcess = field(init=False)
    _push: PushService | None = None
    _watcher: Any = None  # of PostgreSQL, where several servers may serve the boards
    _threads: SharedThreads = field(default_factory=SharedThreads)
    _rounds: Rounds = field(default_factory=Rounds)

    def open(self, name: str, host: Host) -> Board:
        """Opens the board of that name, which exists. Blocks.

        Errors: LogError, OSError, TokenError.
        """
        settings = self._settings(name)
        durable = self._open_log(name, settings)
        try:
            keep_closed(durable.meta, self.sign_in, settings)
            keep_private(durable.meta, settings)
            if settings.new_epoch and name not in self._renewed:
                durable.renew_epoch()
                self._renewed.add(name)
            if name == MAIN:  # the server's key is made where a board could be opened
                self._push = push_of(settings)
            names = HitNames(settings.data_dir / "hit-names", apart=not durable.nodes.is_alone())
            most = settings.record_limit, settings.source_record_limit
            records = Search(self._index(name, settings), self.metrics, names, most)
            rules = rules_of(settings, lambda: records.people, lambda: board.state.size, self._push)
            board = Board(self.registry, durable, records, rules, self._around(name, host))
        except BaseException:
            durable.close()
            raise
        return board

    def _index(self, name: str, settings: Settings) -> Backend:
        """All boards' files are in the process that the main board's index runs in."""
        address = self._address(name, settings)
        if name == MAIN:
            self._process = IndexProcess(address, settings.log_level, settings.log_format)
            return self._process
        return BoardIndex(self._process, address)

    def _address(self, name: str, settings: Settings) -> Address:
        if settings.search_url is None:
            return settings.search_file
        import_module("sio_server.log.postgres")  # without the driver it says what to install
        if settings.search_file.exists():
            log.warning(LEFT_IN_FILE, settings.search_file)
        return Database(settings.search_url, name)

    def _around(self, name: str, host: Host) -> Around:
        """`main` has threads of its own; the others share some, and their timers."""
        room = Room(self.settings.max_pending, self.settings.max_queued, self.settings.parts_mib << 20)
        if name == MAIN:
            return Around(self.clock, self.metrics, host, push=self._push, room=room)
        shared = self._threads.of_a_board(), self._rounds
        return Around(self.clock, self.metrics, host, *shared, small=True, push=self._push, room=room)

    def _open_log(self, name: str, settings: Settings) -> Log:
        kept = settings.keep_changes, settings.keep_hours * 3600
        if settings.log_url is None:
            return SqliteLog(settings.data_dir, *kept, make=name == MAIN)
        # Only whoever uses it needs the driver.
        from sio_server.log.postgres.log import PostgresLog
        from sio_server.log.postgres.membership import DatabaseClock, Membership
        from sio_server.log.postgres.watcher import Watcher

        if self._watcher is None:
            membership = Membership(self.settings.data_dir, self.clock)
            self._watcher = Watcher(settings.log_url, membership)
            self.clock = DatabaseClock(self.clock, membership)
        return PostgresLog(settings.log_url, name, settings.data_dir, *kept, self._watcher)

    def _settings(self, name: str) -> Settings:
        """The settings of one board: whom the server is for (`--me`) is said of `main`."""
        if name == MAIN:
            return self.settings
        return replace(self.settings, data_dir=self.folders.of(name), search_db=None, me=())
