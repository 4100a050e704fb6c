"""The tables of records on PostgreSQL, keyed by board."""

from __future__ import annotations

from collections.abc import Iterator

SCHEMA = "adjutant"
"""The log's schema, which the records share."""
NEWEST = 1
"""The version of the tables; `record_boards.layout` says which one wrote a board."""

BOARDS = f"{SCHEMA}.record_boards"
PUTS = f"{SCHEMA}.record_puts"
RECORDS = f"{SCHEMA}.records"
WORDS = f"{SCHEMA}.record_words"
LABELS = f"{SCHEMA}.record_labels"
RUNS = f"{SCHEMA}.record_runs"
PEOPLE = f"{SCHEMA}.record_people"
OPS = f"{SCHEMA}.record_ops"
ALL = (BOARDS, PUTS, RECORDS, WORDS, LABELS, RUNS, PEOPLE, OPS)

ONE_BY_ONE = "OFFSET 0"
"""Ends what is looked up for each id: PostgreSQL then keeps to the key. Until a table was analysed, minutes
after it was filled, it takes a board for few rows, and reads them all for the 500 that are asked for: 320 ms
in 47,000 records, and 1.5 ms by the key."""


def by_key(columns: str, table: str, key: str = "id", kind: str = "bigint", where: str = "board = %s") -> str:
    """A query for the rows with one of these keys, one by one. Its values: the array of keys, those of
    `columns`, those of `where`."""
    return (
        f"SELECT one.* FROM unnest(%s::{kind}[]) AS asked (key) CROSS JOIN LATERAL (SELECT {columns}"
        f" FROM {table} AS kept WHERE {where} AND kept.{key} = asked.key {ONE_BY_ONE}) AS one"
    )


def delete_by_key(table: str, key: str = "id", kind: str = "bigint", where: str = "board = %s") -> str:
    """A statement that deletes the rows with one of these keys, of a board that the session has locked: else
    another one could move them meanwhile."""
    places = by_key("ctid", table, key, kind, where)
    return f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({places}))"


def create() -> Iterator[str]:
    """The statements that make the tables where they are missing."""
    yield f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"
    # `no` stands before each of the board's lexemes; `version` counts the puts that changed something and
    # `mark` names the last one; `top` is the last id, `labels` the last label; `people` counts changes of the
    # directory. Who puts locks the row.
    yield f"""
        CREATE TABLE IF NOT EXISTS {BOARDS} (
            board text PRIMARY KEY, no integer GENERATED ALWAYS AS IDENTITY, layout integer NOT NULL,
            version bigint NOT NULL, mark text NOT NULL, top bigint NOT NULL, records bigint NOT NULL,
            tokens bigint NOT NULL, labels integer NOT NULL, people bigint NOT NULL
        )"""
    yield f"""
        CREATE TABLE IF NOT EXISTS {PUTS} (
            board text NOT NULL, version bigint NOT NULL, mark text NOT NULL, source text NOT NULL,
            gone bigint[] NOT NULL, PRIMARY KEY (board, version)
        )"""
    # `version`: of the put that wrote the row; `fields`: the original as JSON, without its text.
    yield f"""
        CREATE TABLE IF NOT EXISTS {RECORDS} (
            board text NOT NULL, id bigint NOT NULL, version bigint NOT NULL, source text NOT NULL,
            own_id text NOT NULL, digest text NOT NULL, at text NOT NULL, at_s bigint NOT NULL,
            label integer NOT NULL, kind text, title text, url text, author text, content text NOT NULL,
            fields text NOT NULL, PRIMARY KEY (board, id), UNIQUE (board, source, own_id)
        )"""
    yield f"CREATE INDEX IF NOT EXISTS records_version ON {RECORDS} (board, version)"
    yield f"CREATE INDEX IF NOT EXISTS records_label ON {RECORDS} (board, label)"
    yield from _create_indexed()


def _create_indexed() -> Iterator[str]:
    """What is searched by words, and the small tables."""
    # Beside the records, so that a search reads few pages. `size`: tokens of the text.
    yield f"""
        CREATE TABLE IF NOT EXISTS {WORDS} (
            board text NOT NULL, id bigint NOT NULL, size integer NOT NULL, is_long boolean NOT NULL,
            words tsvector NOT NULL, PRIMARY KEY (board, id)
        )"""
    # New words wait in a list of 1 MB at most, which a search walks in 2 ms: one by one they would dirty a
    # page each, and a checkpoint makes each of those cost 8 KB of WAL.
    gin = f"record_words_words ON {WORDS} USING gin (words) WITH (gin_pending_list_limit = 1024)"
    yield f"CREATE INDEX IF NOT EXISTS {gin}"
    # `key`: a digest of the label, since an index holds no long texts.
    yield f"""
        CREATE TABLE IF NOT EXISTS {LABELS} (
            board text NOT NULL, no integer NOT NULL, key text NOT NULL, about text NOT NULL,
            people text NOT NULL, words tsvector NOT NULL, PRIMARY KEY (board, no), UNIQUE (board, key)
        )"""
    gin = f"record_labels_words ON {LABELS} USING gin (words) WITH (fastupdate = off)"
    yield f"CREATE INDEX IF NOT EXISTS {gin}"
    yield f"""
        CREATE TABLE IF NOT EXISTS {RUNS} (
            board text NOT NULL, on_label boolean NOT NULL, key text NOT NULL, token text NOT NULL,
            version bigint NOT NULL, PRIMARY KEY (board, on_label, key)
        )"""
    yield f"CREATE INDEX IF NOT EXISTS record_runs_version ON {RUNS} (board, version)"
    yield f"""
        CREATE TABLE IF NOT EXISTS {PEOPLE} (
            board text NOT NULL, source text NOT NULL, own_id text NOT NULL, names text NOT NULL,
            addresses text NOT NULL, PRIMARY KEY (board, source, own_id)
        )"""
    yield f"""
        CREATE TABLE IF NOT EXISTS {OPS} (
            board text NOT NULL, principal text NOT NULL, op text NOT NULL, at_s double precision NOT NULL,
            fingerprint text NOT NULL, answer text NOT NULL, PRIMARY KEY (board, principal, op)
        )"""
