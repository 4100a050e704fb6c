"""A local repository, read as it lies on the disk: no program is started and nothing is fetched.

What is damaged is said of the one object that is. The library that reads packs and references has many words
for that; here it is `Damaged`.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Self

from dulwich import errors
from dulwich.config import StackedConfig
from dulwich.diff_tree import tree_changes
from dulwich.object_store import MaxTreeDepthExceeded, tree_lookup_path
from dulwich.objects import ObjectID
from dulwich.pack import PackFileDisappeared, UnresolvedDeltas
from dulwich.refs import Ref, SymrefLoop
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from collectors.folders import Unreadable, place, read_bytes
from collectors.git.commit import HASH, Commit, parse
from collectors.git.mailmap import Mailmap, Mapped, unmapped
from collectors.remarks import Unusable
from collectors.texts import shown
from collectors.types import Finding, Kind

FILES_COUNTED_MAX = 1_000  # of one commit: an import has hundreds of thousands
_OBJECT_MAX_BYTES = 16 * 2**20  # commits and trees are far smaller
_TAGS_DEEP_MAX = 10  # a chain of tags may be made as long as one likes
_COMMIT, _TAG = 1, 4  # numbers of object types in git's packs
# Git knows them without their being there.
_EMPTY_TREES = {
    b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_HEADS, _TAGS, _REMOTES = b"refs/heads/", b"refs/tags/", b"refs/remotes/"
_BYTES = re.compile(r"""\bb(['"])(.*?)\1""")  # as Python writes them
_FAULTS = (
    *(OSError, ValueError, LookupError, TypeError, AssertionError, EOFError, MemoryError),
    *(RecursionError, OverflowError, zlib.error, struct.error),
    *(errors.ChecksumMismatch, errors.WrongObjectException, errors.ObjectMissing, errors.ApplyDeltaError),
    *(errors.FileFormatException, errors.NotGitRepository, errors.RefFormatError),
    *(MaxTreeDepthExceeded, PackFileDisappeared, UnresolvedDeltas, SymrefLoop),
    *(UnsupportedExtension, UnsupportedVersion, Unreadable),
)


class Damaged(Unusable):
    """It cannot be read: the message says why, as a clause."""


class Repository:
    """The repository in a folder, bare or not, or a worktree of one. Errors: Damaged, here as below."""

    def __init__(self, path: Path) -> None:
        self.name = _name(path)
        try:
            self._repo = Repo(str(path))
            self._repo.object_store.loose_object_size_limit = _OBJECT_MAX_BYTES
            self._objects = Path(self._repo.commondir()) / "objects"
            if not self._objects.is_dir():
                raise FileNotFoundError("the folder that it names does not exist, or has no objects in it")
            self.shallow = {bytes(hash) for hash in self._repo.get_shallow()}
        except _FAULTS as error:
            raise Damaged(f"it cannot be opened as a repository ({_said(error)})") from error
        self._mailmap: Mapped = unmapped
        self._mailmap = Mailmap(self._mailmaps())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._repo.close()

    def branches(self) -> Iterator[tuple[str, bytes] | Finding]:
        """The local branches by name, each with the hash of its last commit, and HEAD where it is on none."""
        names = sorted(name for name in self._refs() if name.startswith(_HEADS))
        yield from self._resolved(names, _HEADS, "branch")
        try:
            followed, hash = self._repo.refs.follow(Ref(b"HEAD"))
        except _FAULTS as error:
            yield Finding(Kind.NOTE, self.name, f"its HEAD cannot be read ({_said(error)})")
            return
        if hash is None and names:
            yield Finding(Kind.NOTE, self.name, "its HEAD points at a branch that does not exist")
        elif hash is not None and not followed[-1].startswith(_HEADS):
            yield "HEAD", bytes(hash)

    def tags(self) -> Iterator[tuple[str, bytes] | Finding]:
        """The tags by name, each with the hash of the commit it is on."""
        for one in self._resolved(sorted(n for n in self._refs() if n.startswith(_TAGS)), _TAGS, "tag"):
            if isinstance(one, Finding):
                yield Finding(Kind.NOTE, one.where, one.why)
                continue
            name, hash = one
            try:
                yield name, self._tagged(hash)
            except Damaged as damage:
                yield Finding(Kind.NOTE, f"{self.name}, tag {name}", str(damage))

    def commit(self, hash: bytes) -> Commit:
        """The commit with this hash."""
        kind, raw = self._object(hash)
        if kind != _COMMIT:
            raise Damaged("it is not a commit")
        try:
            return parse(raw, self._mailmap)
        except Unusable as error:
            raise Damaged(str(error)) from error

    def changed(self, before: bytes | None, after: bytes) -> list[str]:
        """The paths that differ between two trees, at most FILES_COUNTED_MAX; None is the empty tree."""
        old, new = (
            None if tree is None or tree in _EMPTY_TREES else ObjectID(tree) for tree in (before, after)
        )
        paths = []
        try:
            for change in islice(tree_changes(self._repo.object_store, old, new), FILES_COUNTED_MAX):
                entry = change.new or change.old
                if entry is not None and entry.path is not None:
                    paths.append(shown(entry.path.decode("utf-8", "backslashreplace"), 1_000))
        except _FAULTS as error:
            raise Damaged(f"what it changed cannot be read ({_said(error)})") from error
        return paths

    def remote_branches(self) -> int:
        """How many branches of other repositories it knows; what only they have is not read."""
        return sum(name.startswith(_REMOTES) for name in self._refs())

    def _mailmaps(self) -> Iterator[bytes]:
        """The files that say who is who, where git looks for them; what cannot be read says nothing."""
        with suppress(*_FAULTS):
            own = Path(self._repo.path) / ".mailmap"
            yield b"" if self._repo.bare or own.is_symlink() else read_bytes(own, _OBJECT_MAX_BYTES)
        blob, file = b"HEAD:.mailmap" if self._repo.bare else None, None
        with suppress(*_FAULTS):
            config = self._repo.get_config_stack()
            blob, file = _set_in(config, b"blob") or blob, _set_in(config, b"file")
        with suppress(*_FAULTS, Damaged):
            yield self._blob(blob) if blob else b""
        with suppress(*_FAULTS):
            yield read_bytes(Path(os.fsdecode(file)).expanduser(), _OBJECT_MAX_BYTES) if file else b""

    def _blob(self, name: bytes) -> bytes:
        """The file that is called `<reference>:<path>`."""
        reference, _, path = name.partition(b":")
        full = reference if reference == b"HEAD" or reference.startswith(b"refs/") else _HEADS + reference
        tree = self.commit(bytes(self._repo.refs[Ref(full)])).tree
        _, hash = tree_lookup_path(self._repo.object_store.__getitem__, ObjectID(tree), path)
        return self._object(bytes(hash))[1]

    def _refs(self) -> set[bytes]:
        try:
            return {bytes(name) for name in self._repo.refs.keys()}  # noqa: SIM118 - it is no dict
        except _FAULTS as error:
            raise Damaged(f"its branches cannot be read ({_said(error)})") from error

    def _resolved(
        self, names: list[bytes], prefix: bytes, what: str
    ) -> Iterator[tuple[str, bytes] | Finding]:
        for full in names:
            name = shown(full.removeprefix(prefix).decode("utf-8", "replace"))
            try:
                yield name, bytes(self._repo.refs[Ref(full)])
            except _FAULTS:
                where = f"{self.name}, {what} {name}"
                yield Finding(Kind.SKIPPED, where, "it points at nothing that can be read")

    def _tagged(self, hash: bytes) -> bytes:
        for _ in range(_TAGS_DEEP_MAX):
            kind, raw = self._object(hash)
            if kind != _TAG:
                return hash
            hash = raw.partition(b"\n")[0].removeprefix(b"object ")
        raise Damaged("it is a tag of a tag of a tag")

    def _object(self, hash: bytes) -> tuple[int, bytes]:
        if not HASH.fullmatch(hash):
            raise Damaged("it does not have the name of an object")
        try:
            kind, raw = self._loose(hash) or self._repo.object_store.get_raw(ObjectID(hash))
        except KeyError:
            raise Damaged("it does not exist") from None
        except _FAULTS as error:
            raise Damaged(f"it cannot be read ({_said(error)})") from error
        if kind == _COMMIT and _hash(b"commit", raw, len(hash)) != hash:
            raise Damaged("it has changed since it was committed: its hash differs")
        return kind, raw

    def _loose(self, hash: bytes) -> tuple[int, bytes] | None:
        """An object in a file of its own; the library would check its fields and refuse odd ones."""
        path = self._objects / hash[:2].decode() / hash[2:].decode()
        if not path.exists():
            return None
        packed = read_bytes(path, _OBJECT_MAX_BYTES)
        reader = zlib.decompressobj()
        head, _, raw = reader.decompress(packed, _OBJECT_MAX_BYTES).partition(b"\0")
        if reader.unconsumed_tail:
            raise ValueError(f"it is larger than {_OBJECT_MAX_BYTES >> 20} MiB")
        if not reader.eof:
            raise EOFError("it ends in the middle")
        return {b"commit": _COMMIT, b"tag": _TAG}.get(head.partition(b" ")[0], 0), raw


def is_repository(path: Path) -> bool:
    """Whether there is a repository in the folder, or the folder is a bare one."""
    return (path / ".git").exists() or all((path / name).exists() for name in ("HEAD", "objects", "refs"))


def _name(path: Path) -> str:
    top = Path(os.path.abspath(path))
    if top.name == ".git":
        top = top.parent
    return place(top, top.parent).removesuffix(".git") or "repository"


def _hash(kind: bytes, raw: bytes, hex_digits: int) -> bytes:
    algorithm = hashlib.sha1 if hex_digits == 40 else hashlib.sha256
    return algorithm(b"%b %d\0%b" % (kind, len(raw), raw)).hexdigest().encode()


def _said(error: BaseException) -> str:
    """What it says, for people: names of objects as they are, and not as Python writes bytes."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = _BYTES.sub(r"\2", words)
    return shown(f"{words} is not there" if isinstance(error, KeyError) else words) or "it is damaged"


def _set_in(config: StackedConfig, name: bytes) -> bytes | None:
    try:
        return config.get((b"mailmap",), name)
    except KeyError:
        return None
