"""Log lines for people on standard error: one line each, nothing a client sent can break them."""

from __future__ import annotations

import logging
import sys


class OneLine(logging.Formatter):
    """Escapes control characters, so that a client cannot forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record; a traceback keeps its lines."""
        record.message = "".join(
            mark if mark.isprintable() else repr(mark)[1:-1] for mark in record.getMessage()
        )
        record.asctime = self.formatTime(record, "%H:%M:%S")
        line = f"{record.asctime} {record.levelname.lower():<7} {record.name}: {record.message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up(level: str) -> None:
    """Everything at `level` and above; the libraries only speak of trouble."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("adjutant").setLevel(level.upper())
    for noisy in ("adjutant.socketio", "adjutant.engineio", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.ERROR if level != "debug" else logging.INFO)
