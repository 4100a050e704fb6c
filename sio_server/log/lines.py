"""The store as lines of JSON: `serve.py export FILE` and `serve.py import FILE`.

The first line names the format and the position; each row of each table is a line, with JSON columns as JSON;
the last line counts the rows. An import makes the same store: history, codes, positions, ops.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO

import apsw
import orjson

from sio_server.log import files, sums
from sio_server.log.base import LogError
from sio_server.log.making import columns_of, new_store
from sio_server.log.schema import VERSION
from sio_server.registry.ops import EVERYTHING

FORMAT = "adjutant-store"
AS_JSON = {"items": ("body",), "changes": ("body",), "ops": ("ack",), "runs": ("before", "cancels")} | {
    "profiles": ("body",)
}


def export(database: Path, to: Path) -> int:
    """Writes the current store; the server may be running. Returns the number of rows.

    Errors: LogError.
    """
    if not database.is_file():
        raise LogError(f"{database}: there is no store")
    try:
        with to.open("xb") as file, closing(files.open_checked(database)) as store, store:
            version = store.pragma("user_version")
            if version != VERSION:
                raise LogError(f"{database} has version {version}: start this server on it once")
            head = store.execute(f"SELECT seq, mark FROM heads WHERE room = '{EVERYTHING}'").get
            file.write(_line({"format": FORMAT, "version": version, "seq": head[0], "mark": head[1]}))
            count = 0
            for table, row in _rows(store):
                file.write(_line({"table": table, "row": row}))
                count += 1
            file.write(_line({"rows": count}))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise LogError(f"{to} already exists: give another name") from None
    except (apsw.Error, OSError, LogError) as error:
        with suppress(OSError):
            to.unlink()
        if isinstance(error, LogError):
            raise
        why = error.strerror if isinstance(error, OSError) else error
        raise LogError(f"cannot write {database} to {to}: {why}") from None
    return count


def import_(database: Path, file: Path) -> None:
    """Makes a store where there is none.

    Errors: LogError, with the line number; then nothing is made.
    """
    try:
        lines = file.open("rb")
    except OSError as error:
        raise LogError(f"cannot read {file}: {error.strerror}") from None
    with (
        lines,
        closing(files.lock(database.parent)),
        new_store(database, ".importing", str(file)) as store,
    ):
        _fill(store, lines, file)


def _rows(store: apsw.Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in sums.COLUMNS:
        columns = columns_of(store, table)
        for row in store.execute(f"SELECT {', '.join(columns)} FROM {table}"):
            named = dict(zip(columns, row, strict=True))
            if table == "meta" and named["key"] == sums.PROBE:
                continue
            parsed = {name: orjson.loads(named[name]) for name in AS_JSON.get(table, ())}
            yield table, named | parsed


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _fill(store: apsw.Connection, lines: BinaryIO, file: Path) -> None:
    columns = {table: columns_of(store, table) for table in sums.COLUMNS}
    count, ended = 0, False
    for number, line in enumerate(lines, 1):
        said = _read(line, f"{file}, line {number}")
        if number == 1:
            _check_format(said, file)
        elif "rows" in said:
            ended = said["rows"] == count
        else:
            _insert(store, said, columns, f"{file}, line {number}")
            count += 1
    if not ended:
        raise LogError(f"{file} is incomplete: its last line does not count the {count} rows before it")


def _read(line: bytes, where: str) -> dict[str, Any]:
    try:
        said = orjson.loads(line)
    except ValueError:
        raise LogError(f"{where} is not JSON") from None
    if not isinstance(said, dict):
        raise LogError(f"{where} is not an object")
    return said


def _check_format(said: dict[str, Any], file: Path) -> None:
    if said.get("format") != FORMAT:
        raise LogError(f"{file} was not written by `serve.py export`")
    if said.get("version") != VERSION:
        known = f"this Adjutant reads version {VERSION}"
        raise LogError(f"{file} has version {said.get('version')}, and {known}: import it with that one")


def _insert(store: apsw.Connection, said: dict[str, Any], columns: dict[str, list[str]], where: str) -> None:
    table, row = said.get("table"), said.get("row")
    if table not in columns or not isinstance(row, dict):
        raise LogError(f"{where} is not a row of a known table")
    if row.keys() != set(columns[table]):
        raise LogError(f"{where}: a row of {table} has {', '.join(columns[table])}")
    texts = {name: orjson.dumps(row[name]).decode() for name in AS_JSON.get(table, ())}
    values = [(row | texts)[name] for name in columns[table]]
    if not all(isinstance(value, str | int | float) for value in values):
        raise LogError(f"{where}: a value is neither text nor a number")
    places = ", ".join("?" * len(values))
    try:
        store.execute(f"INSERT INTO {table} ({', '.join(columns[table])}) VALUES ({places})", values)
    except apsw.ConstraintError as error:
        raise LogError(f"{where}: {error}") from None
