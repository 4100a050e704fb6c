"""Log lines on standard error: one line each, whatever a client sent."""

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


class Refusals(logging.Filter):
    """Drops what uvicorn logs about websockets that were refused on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is about something else."""
        return not str(record.msg).startswith("ASGI callable returned without completing handshake")


def set_up(level: str) -> None:
    """Everything at `level` and above; from libraries only warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("adjutant").setLevel(level.upper())
    logging.getLogger("uvicorn.error").addFilter(Refusals())
    quiet = {
        "uvicorn.error": logging.ERROR,
        "adjutant.socketio": logging.ERROR,
        "adjutant.engineio": logging.CRITICAL,
    }
    for name, least in quiet.items():  # engineio logs clients' mistakes as errors
        logging.getLogger(name).setLevel(logging.INFO if level == "debug" else least)
