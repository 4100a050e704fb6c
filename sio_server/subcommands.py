"""What `serve.py` does besides serving, as the command line asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sio_server.registry.roles import Role


@dataclass(frozen=True)
class TokenAdd:
    """`serve.py token add NAME`."""

    file: Path
    name: str
    role: Role
    source: str | None
    me: tuple[str, ...] = ()
    expires: timedelta | None = None


@dataclass(frozen=True)
class TokenRenew:
    """`serve.py token renew NAME`; None for ever."""

    file: Path
    name: str
    expires: timedelta | None


@dataclass(frozen=True)
class TokenList:
    """`serve.py token list`."""

    file: Path


@dataclass(frozen=True)
class TokenRemove:
    """`serve.py token remove NAME`."""

    file: Path
    name: str


@dataclass(frozen=True)
class BackUp:
    """`serve.py backup FILE`."""

    data_dir: Path
    file: Path


@dataclass(frozen=True)
class Restore:
    """`serve.py restore FILE`."""

    data_dir: Path
    file: Path


@dataclass(frozen=True)
class Export:
    """`serve.py export FILE`."""

    data_dir: Path
    file: Path


@dataclass(frozen=True)
class Import:
    """`serve.py import FILE`."""

    data_dir: Path
    file: Path


SubCommand = TokenAdd | TokenRenew | TokenList | TokenRemove | BackUp | Restore | Export | Import


COPYING: dict[str, Callable[[Path, Path], BackUp | Restore | Export | Import]] = {
    "backup": BackUp,
    "restore": Restore,
    "export": Export,
    "import": Import,
}
