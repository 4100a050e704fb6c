"""The accounts that were connected, in one file that only its owner may read; secrets are in the system's
keyring, or in that file where there is no keyring."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

_SERVICE = "adjutant"
_VARIABLE = "ADJUTANT_ACCOUNTS"
_NONE = SecretStr("")


class BookError(Exception):
    """The file or a secret cannot be read or written; the message is a sentence without any secret."""


class Entry(BaseModel):
    """One account: `name` is its source on the board, `arguments` are those of its collector's command line.

    `secret` is empty where the keyring has it; `token` is the collector's token for the board. `connected_at`
    tells `adjutant run` that the account was connected anew, perhaps with another secret.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=3, max_length=64, pattern=r"^[a-z0-9_.:@-]+$")
    collector: str = Field(pattern=r"^[a-z]+$")
    arguments: tuple[str, ...] = ()
    secret: SecretStr = _NONE
    token: SecretStr = _NONE
    connected_at: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accounts: tuple[Entry, ...] = ()


def book_path() -> Path:
    """Where the file is: `ADJUTANT_ACCOUNTS`, or in the folder for programs' settings."""
    if given := os.environ.get(_VARIABLE):
        return Path(given)
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if os.path.isabs(config) else Path.home() / ".config") / "adjutant" / "accounts.json"


def entries(path: Path) -> dict[str, Entry]:
    """The accounts by name; none where there is no file. Errors: BookError."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BookError(f"{path} cannot be read: {error.strerror}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BookError(f"others may read {path}, which can hold passwords: chmod 600 it first")
    try:
        found = _File.model_validate_json(data).accounts
    except ValidationError as error:
        fault = error.errors()[0]  # without its input, which may be a secret
        where = ".".join(map(str, fault["loc"]))
        raise BookError(f"{path} is not a file of accounts: {where}: {fault['msg']}") from None
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BookError(f"{path} has two accounts called {twice}: give one of them another name")
    return {one.name: one for one in found}


def keep(path: Path, entry: Entry, secret: str, *, in_keyring: bool = True) -> str:
    """Notes the account down in place of one with its name; where the secret is now, in words.

    Errors: BookError; then nothing has changed in the file.
    """
    with _alone(path):
        return _keep(path, entry, secret, in_keyring)


def _keep(path: Path, entry: Entry, secret: str, in_keyring: bool) -> str:
    others = [one for name, one in entries(path).items() if name != entry.name]
    if secret and in_keyring and _set_in_keyring(entry.name, secret):
        _write(path, [*others, entry.model_copy(update={"secret": _NONE})])
        return "the system's keyring"
    _write(path, [*others, entry.model_copy(update={"secret": SecretStr(secret)})])
    return f"{path}, which only you may read" if secret else ""


def replace_secret(path: Path, name: str, secret: str) -> None:
    """Notes down another secret of an account, where the old one is. Errors: BookError."""
    with _alone(path):
        entry = entries(path).get(name)
        if entry is not None:
            _keep(path, entry, secret, in_keyring=not entry.secret.get_secret_value())


def forget(path: Path, name: str) -> bool:
    """Removes the account and its secret; whether there was one. Errors: BookError."""
    with _alone(path):
        found = entries(path)
        if found.pop(name, None) is None:
            return False
        _write(path, found.values())
    if (keyring := _keyring()) is not None:
        with suppress(keyring.errors.KeyringError):
            keyring.delete_password(_SERVICE, name)
    return True


def secret_of(path: Path, name: str) -> str:
    """The account's secret. Errors: BookError."""
    entry = entries(path).get(name)
    if entry is None:
        raise BookError(f"there is no account {name} in {path}: `adjutant connect KIND` makes one")
    if found := entry.secret.get_secret_value():
        return found
    if (keyring := _keyring()) is not None:
        with suppress(keyring.errors.KeyringError):
            if found := keyring.get_password(_SERVICE, name):
                return str(found)
    raise BookError(
        f"the secret of {name} cannot be found: connect it again, `adjutant connect {entry.collector}`"
    )


def _keyring() -> Any | None:
    """The library `keyring`, where it is installed and the system has a keyring."""
    try:
        import keyring
        import keyring.errors
        from keyring.backends.fail import Keyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), Keyring) else keyring


def _set_in_keyring(name: str, secret: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(_SERVICE, name, secret)
        # One that is switched off (`keyring --disable`) takes everything, and keeps nothing.
        return bool(keyring.get_password(_SERVICE, name) == secret)
    except keyring.errors.KeyringError:  # it is locked, or was not unlocked when it asked
        return False


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lets one program at a time read and write the file: collectors note renewed tokens in it.

    The lock is a file beside it, because the file itself is replaced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_name(f"{path.name}.writing"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise BookError(f"{path} cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(path: Path, accounts: Iterable[Entry]) -> None:
    """The whole file at once: a program that is stopped half-way leaves the old one."""
    said = {"accounts": [_plain(one) for one in sorted(accounts, key=lambda one: one.name)]}
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(
            os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise BookError(f"{path} cannot be written: {error.strerror}") from None


def _plain(entry: Entry) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": entry.name,
        "collector": entry.collector,
        "arguments": list(entry.arguments),
        "connected_at": entry.connected_at,
    }
    hidden = {"secret": entry.secret.get_secret_value(), "token": entry.token.get_secret_value()}
    return said | {name: value for name, value in hidden.items() if value}
