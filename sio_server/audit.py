"""The audit file (`--audit FILE`): who connected, left or was refused, and who changed what; JSON lines.

A separate thread writes it, so nobody waits for the file. A rotated file is reopened.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener, WatchedFileHandler
from pathlib import Path
from queue import SimpleQueue

from sio_server.logs import as_json

NAMED = 20
"""This many of a commit's items are listed; all are counted."""

_audit = logging.getLogger("adjutant.audit")
_audit.propagate = False
_audit.disabled = True


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {"at": at, "what": record.msg}
        return as_json(told | getattr(record, "told", {}))


class _File(WatchedFileHandler):
    failed = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Logs once that the file cannot be written."""
        if not self.failed:
            logging.getLogger("adjutant").error("%s cannot be written: the audit has gaps", self.baseFilename)
        self.failed = True


class _Queue(QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Passes the record on unchanged: nobody modifies it later."""
        return record


def begin(file: Path) -> QueueListener:
    """Starts the writer; `stop` on the result writes the rest. Errors: OSError."""
    handler = _File(file, encoding="ascii")
    handler.setFormatter(_Line())
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(queue, handler)
    listener.start()
    _audit.addHandler(_Queue(queue))
    _audit.setLevel(logging.INFO)
    _audit.disabled = False
    return listener


def is_on() -> bool:
    """Whether there is an audit file."""
    return not _audit.disabled


def note(what: str, **told: object) -> None:
    """Adds a line, if there is an audit file."""
    if is_on():
        _audit.info(what, extra={"told": told})
