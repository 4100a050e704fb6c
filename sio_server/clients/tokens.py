"""Tokens: who may connect, in which role. The file holds hashes; a token is printed once and never stored."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ValidationError

from models.base import BoardName, Lax, SourceName, Wire, format_instant
from sio_server.registry.roles import MAIN, OF_PEOPLE, READERS, BoardRoles, Role, role_on
from sio_server.sign_in.base import Identity, Shown

USED_EVERY_S = 60.0
"""How often the last use of tokens is written, at most."""


class TokenError(Exception):
    """The token file cannot be used, or the change is not possible; the message says why."""


class Token(Wire):
    """One entry of the file: `sha256` of the token, as hex; `me`, the names and addresses of its owner;
    `expires_at`, None for never; `boards`, the role on each board (`*` for all others), None for `role` on
    `main`."""

    name: str
    role: Role
    source: SourceName | None = None
    sha256: str
    created_at: str
    me: Annotated[tuple[str, ...], Lax] = ()
    expires_at: str | None = None
    boards: dict[BoardName | Literal["*"], Role] | None = None

    @property
    def roles(self) -> BoardRoles | None:
        """As Identity.boards says."""
        return None if self.boards is None else tuple(sorted(self.boards.items()))

    def is_over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= now


class TokenFile(Wire):
    """The whole file."""

    version: int = 1
    tokens: tuple[Token, ...] = ()


def load(path: Path) -> TokenFile:
    """Reads the file's tokens; none when there is no file.

    Errors: TokenError.
    """
    try:
        return TokenFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return TokenFile()
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a token file"
        raise TokenError(f"cannot read the tokens in {path}: {reason}") from None


def add(
    path: Path,
    name: str,
    role: Role,
    source: str | None,
    me: tuple[str, ...] = (),
    expires: timedelta | None = None,
    boards: Mapping[str, Role | None] | None = None,
) -> str:
    """Adds a token under a new name and returns it, the only time it is shown. `boards`: the role on each
    board that it is for, None for `role`; without them it is for `main`.

    Errors: TokenError.
    """
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise TokenError("a token's name is 1 to 100 printable characters")
    on_each = None if not boards else {board: role if one is None else one for board, one in boards.items()}
    for one in (role, *(on_each or {}).values()):
        if source is not None and one not in (Role.COLLECTOR, Role.ADMIN):
            raise TokenError(f"a token with the role {one} has no source: use --role collector")
    if source == OF_PEOPLE:
        raise TokenError(
            f"the name {OF_PEOPLE} is reserved for items that people add: give the source another name"
        )
    secret = secrets.token_urlsafe(32)
    created_at, expires_at = _in(timedelta(0)), None if expires is None else _in(expires)
    try:
        token = Token(
            name=name,
            role=role,
            source=source,
            sha256=digest(secret),
            created_at=created_at,
            me=me,
            expires_at=expires_at,
            boards=on_each,
        )
    except ValidationError:
        raise TokenError("a source's name looks like ics:work: letters, digits and _.:@-") from None
    with _changing(path) as tokens:
        if name in tokens:
            raise TokenError(
                f"there is a token named {name} already: remove it first, or choose another name"
            )
        tokens[name] = token
    return secret


def remove(path: Path, name: str) -> None:
    """Revokes the token: a running server ends its connections within seconds.

    Errors: TokenError.
    """
    with _changing(path) as tokens:
        if tokens.pop(name, None) is None:
            raise TokenError(f"there is no token named {name}")


def renew(path: Path, name: str, expires: timedelta | None) -> None:
    """Sets the token's expiry to this long from now, None for never; its connections stay open.

    Errors: TokenError.
    """
    with _changing(path) as tokens:
        if name not in tokens:
            raise TokenError(f"there is no token named {name}")
        expires_at = None if expires is None else _in(expires)
        tokens[name] = tokens[name].model_copy(update={"expires_at": expires_at})


def rename_board(path: Path, old: str, new: str | None) -> list[str]:
    """Lets the tokens for a board follow its new name, or without one no longer name it; returns theirs.

    Else they would let in to another board that is given the old name later. Errors: TokenError.
    """
    if not any(old in (token.boards or ()) for token in load(path).tokens):
        return []
    changed = []
    with _changing(path) as tokens:
        for name, token in tokens.items():
            if token.boards is None or old not in token.boards:
                continue
            boards = {board: role for board, role in token.boards.items() if board != old}
            boards |= {} if new is None else {new: token.boards[old]}
            tokens[name] = token.model_copy(update={"boards": boards})
            changed.append(name)
    return changed


def listed(path: Path) -> list[tuple[str, ...]]:
    """A heading and a row for each token, without the tokens themselves.

    Errors: TokenError.
    """
    used, now = last_used(path), datetime.now(UTC)
    rows: list[tuple[str, ...]] = [("name", "role", "source", "created", "expires", "last used", "boards")]
    for token in load(path).tokens:
        expires = token.expires_at or "never"
        expires += " (expired)" if token.is_over(now) else ""
        last = used.get(token.name, "never")
        boards = "main" if token.boards is None else _boards_of(token.boards, token.role)
        rows.append((token.name, token.role, token.source or "", token.created_at, expires, last, boards))
    return rows


def _boards_of(boards: Mapping[str, Role], usual: Role) -> str:
    return ", ".join(name if role is usual else f"{name}={role}" for name, role in boards.items()) or "none"


def last_used(path: Path) -> dict[str, str]:
    """When each token was last used, as far as known."""
    try:
        found = json.loads(_used_file(path).read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: str(at) for name, at in found.items()} if isinstance(found, dict) else {}


def note_used(path: Path, used: Mapping[str, str]) -> None:
    """Writes the times of last use to a file beside the token file. Errors: OSError."""
    file = _used_file(path)
    text = json.dumps({**last_used(path), **used}, indent=2, sort_keys=True) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tokens-")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    Path(name).replace(file)


def _used_file(path: Path) -> Path:
    return path.with_name(f"{path.stem}-used.json")


def _in(period: timedelta) -> str:
    return format_instant((datetime.now(UTC) + period).replace(microsecond=0))


def digest(secret: str) -> str:
    """The stored hash of a token: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class Keyring:
    """The tokens of a running server, by hash, so that a look-up says nothing by its time (sign_in.base)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._tokens: dict[str, Token] = {}
        self._over: frozenset[str] = frozenset()
        self._used: dict[str, str] = {}
        self._connected: set[str] = set()
        self._noted_s = -USED_EVERY_S
        self.reload()

    @property
    def configured(self) -> bool:
        """Whether clients need a token, even when the last one was removed."""
        return self._path is not None

    async def identify(self, shown: Shown) -> Identity | None:
        """Whose token it is; None when it is none of the file's."""
        token = None if shown.token is None else self.find(shown.token)
        if token is None:
            return None
        named = (f"token:{token.name}", token.name, token.role, token.source, token.me)
        return Identity(*named, proof=(token.sha256,), boards=token.roles)

    def still_good(self, identity: Identity) -> bool:
        """Whether the file still says the same of the token."""
        [sha256] = identity.proof
        self._connected.add(sha256)
        return self.lets_in(sha256, identity.role, identity.source, identity.boards)

    def lists(self, id: str, board: str) -> bool | None:
        """Whether a token of that name reads the board now (sign_in.base.Lists)."""
        kind, _, name = id.partition(":")
        if kind != "token":
            return None
        now = datetime.now(UTC)
        named = [one for one in self._tokens.values() if one.name == name and not one.is_over(now)]
        return any(role_on(board, one.roles or ((MAIN, one.role),)) in READERS for one in named)

    async def refresh(self) -> None:
        """Reads the file again, and notes which tokens are in use. Errors: TokenError."""
        connected, self._connected = self._connected, set()
        await asyncio.to_thread(self.note_used, connected)
        await asyncio.to_thread(self.reload)

    def find(self, secret: str) -> Token | None:
        """The token's entry; None if unknown or expired."""
        token = self._tokens.get(digest(secret))
        if token is None or token.is_over(datetime.now(UTC)):
            return None
        self._used[token.name] = _in(timedelta(0))
        return token

    def lets_in(self, sha256: str, role: Role, source: str | None, boards: BoardRoles | None = None) -> bool:
        """Whether a connection that this token admitted still has that role, source and boards."""
        token = self._tokens.get(sha256)
        if token is None or token.is_over(datetime.now(UTC)):
            return False
        return (token.role, token.roles) == (role, boards) and token.source in (None, source)

    def note_used(self, connected: Iterable[str]) -> None:
        """Stores when tokens were last used, with now for those connected. Blocks for a small file."""
        if time.monotonic() - self._noted_s < USED_EVERY_S:
            return
        self._noted_s, now = time.monotonic(), _in(timedelta(0))
        used = {**self._used, **{self._tokens[sha].name: now for sha in connected if sha in self._tokens}}
        self._used = {}
        if self._path is not None and used:
            with suppress(OSError):  # a read-only folder: last use is then unknown
                note_used(self._path, used)

    def reload(self) -> bool:
        """Reloads the file if it changed; returns whether it did, or a token has expired since the last call.
        Blocks for a small file.

        Errors: TokenError; the tokens then stay as they were.
        """
        if self._path is None:
            return False
        stamp, changed = _stamp(self._path), False
        if stamp != self._seen:
            self._tokens = {token.sha256: token for token in load(self._path).tokens}
            self._seen, changed = stamp, True
        now = datetime.now(UTC)
        over = frozenset(sha for sha, token in self._tokens.items() if token.is_over(now))
        changed, self._over = changed or over != self._over, over
        return changed


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_ino)


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Token]]:
    """The file's tokens by name, to be changed; saved at the end of the block. Holds a lock meanwhile."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A separate file: the token file is replaced, and a lock on the old one would not hold anybody.
        with (path.parent / f".{path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            tokens = {token.name: token for token in load(path).tokens}
            yield tokens
            _save(path, TokenFile(tokens=tuple(tokens.values())))
    except OSError as error:
        raise TokenError(f"cannot write {path}: {error.strerror}") from None


def _save(path: Path, file: TokenFile) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tokens-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(file.model_dump_json(indent=2) + "\n")
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
