"""Log lines on standard error, for people or as JSON: one line each, whatever a client sent."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

TEXT, JSON = "text", "json"
TRACE = "    | "
"""Prefix of each line of a traceback, so that an exception's text cannot pass for a log line."""


class OneLine(logging.Formatter):
    """Escapes control characters, so that a client cannot forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line; a traceback follows, each line prefixed."""
        record.message = printable(record.getMessage())
        record.asctime = self.formatTime(record, "%H:%M:%S")
        lines = [f"{record.asctime} {record.levelname.lower():<7} {record.name}: {record.message}"]
        if record.exc_info:
            trace = self.formatException(record.exc_info).split("\n")
            lines += [TRACE + printable(line) for line in trace]
        return "\n".join(lines)


class JsonLine(logging.Formatter):
    """One JSON object for each record: `at`, `level`, `logger`, `message`; `error_id`, `traceback` if any."""

    def format(self, record: logging.LogRecord) -> str:
        """ASCII, so that no character can end the line or move a terminal's cursor."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, object] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        said["message"] = record.getMessage()
        if hasattr(record, "error_id"):
            said["error_id"] = record.error_id
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return as_json(said)


def printable(text: str) -> str:
    """The text with unprintable characters escaped."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def as_json(said: dict[str, object]) -> str:
    """The object as one line of ASCII."""
    text = orjson.dumps(_without_surrogates(said), default=str).decode()
    return "".join(mark if " " <= mark < "\x7f" else _escaped(mark) for mark in text)


def _escaped(mark: str) -> str:
    units = mark.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {str(name): _without_surrogates(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(one) for one in value]
    return value


class Refusals(logging.Filter):
    """Drops uvicorn's log records about websockets that were refused on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to keep the record."""
        return not str(record.msg).startswith("ASGI callable returned without completing handshake")


def set_up(level: str, form: str = TEXT) -> None:
    """Logs everything at `level` and above; from libraries only warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if form == JSON else OneLine())
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
