"""Opens a board's files, as the settings say; `main` has some that the other boards do not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sio_server.access import keep_closed, keep_private, rules_of
from sio_server.background import Rounds
from sio_server.board import Around, Board, Host
from sio_server.clock import MachineClock
from sio_server.folders import Folders
from sio_server.log.base import Log, LogError
from sio_server.log.sqlite import SqliteLog
from sio_server.metrics import Metrics
from sio_server.registry.registry import Registry
from sio_server.registry.roles import MAIN
from sio_server.search.board_index import BoardIndex
from sio_server.search.names import HitNames
from sio_server.search.process import IndexProcess
from sio_server.search.search import Backend, Search
from sio_server.settings import Settings
from sio_server.sign_in.base import SignIn
from sio_server.threads import SharedThreads


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
            names = HitNames(settings.data_dir / "hit-names")
            records = Search(self._index(name, settings), self.metrics, names, settings.record_limit)
            rules = rules_of(settings, lambda: records.people, lambda: board.state.size)
            board = Board(self.registry, durable, records, rules, self._around(name, host))
        except BaseException:
            durable.close()
            raise
        return board

    def _index(self, name: str, settings: Settings) -> Backend:
        """All boards' files are in the process that the main board's index runs in."""
        if name == MAIN:
            self._process = IndexProcess(settings.search_file, settings.log_level, settings.log_format)
            return self._process
        return BoardIndex(self._process, settings.search_file)

    def _around(self, name: str, host: Host) -> Around:
        """`main` has threads of its own; the others share some, and their timers."""
        if name == MAIN:
            return Around(self.clock, self.metrics, host)
        return Around(self.clock, self.metrics, host, self._threads.of_a_board(), self._rounds, small=True)

    def _open_log(self, name: str, settings: Settings) -> Log:
        kept = settings.keep_changes, settings.keep_hours * 3600
        if settings.log_url is None:
            return SqliteLog(settings.data_dir, *kept, make=name == MAIN)
        try:  # only whoever uses it needs the driver
            from sio_server.log.postgres.log import PostgresLog
        except ImportError:
            install = "pip install -r requirements-postgresql.txt"
            raise LogError(f"--log-url: the driver for PostgreSQL is not installed: {install}") from None
        return PostgresLog(settings.log_url, name, settings.data_dir, *kept)

    def _settings(self, name: str) -> Settings:
        """The settings of one board: whom the server is for (`--me`) is said of `main`."""
        if name == MAIN:
            return self.settings
        return replace(self.settings, data_dir=self.folders.of(name), search_db=None, me=())
