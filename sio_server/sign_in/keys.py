"""The keys that JSON Web Tokens are verified with: from a file, or from an address, where they rotate."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

MIN_SECRET_BYTES = 32
MIN_RSA_BITS = 2048
MAX_KEYS = 50
MAX_BYTES = 256 << 10
FETCH_EVERY_S = 300.0
FETCH_AGAIN_S = 10.0
"""So often at most an unknown key, or a failure, makes the keys be fetched anew."""
FETCH_WITHIN_S = 5.0

log = logging.getLogger("adjutant.sign_in")


class KeysError(Exception):
    """The keys cannot be read; the message says why."""


@dataclass(frozen=True)
class Key:
    """A key and the one algorithm that it is for: a token cannot choose another. `print` tells it apart."""

    algorithm: str
    key: Any
    id: str | None
    print: str


class Keys(Protocol):
    """Where keys come from."""

    def matching(self, algorithm: str, id: str | None) -> Sequence[Key]:
        """Those that a token with this header may be signed with."""

    def has(self, print: str) -> bool:
        """Whether a key is still one of them."""

    @property
    def are_known(self) -> bool:
        """Whether there are any."""

    async def seek(self) -> bool:
        """A token names a key that is not there: whether there is anything new."""

    async def refresh(self) -> None:
        """Reads them again when it is time. Errors: KeysError."""


class _Held:
    """Keys, however they come."""

    def __init__(self) -> None:
        self._keys: tuple[Key, ...] = ()

    def matching(self, algorithm: str, id: str | None) -> Sequence[Key]:
        """Those of this algorithm and, where both sides name one, this id."""
        return [
            key for key in self._keys if key.algorithm == algorithm and (None in (id, key.id) or key.id == id)
        ]

    def has(self, print: str) -> bool:
        """Whether the key is still one of them."""
        return any(key.print == print for key in self._keys)

    @property
    def are_known(self) -> bool:
        """Whether there are any: those of an address are fetched while the server runs."""
        return bool(self._keys)


class FileKeys(_Held):
    """`--jwt-key FILE`: a public key as PEM, a JWK or a set of them, or else a secret of 32 bytes or more."""

    def __init__(self, path: Path) -> None:
        """Blocks for a small file. Errors: KeysError."""
        super().__init__()
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._reload()

    async def seek(self) -> bool:
        """The file is read again in time."""
        return False

    async def refresh(self) -> None:
        """Reads the file again if it changed. Errors: KeysError; the keys then stay as they were."""
        await asyncio.to_thread(self._reload)

    def _reload(self) -> None:
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp == self._seen:
                return
            content = self._path.read_bytes()
        except OSError as error:
            raise KeysError(f"cannot read the key in {self._path}: {error.strerror}") from None
        try:
            self._keys, self._seen = _from_file(content), stamp
        except KeysError as error:
            raise KeysError(f"cannot use the key in {self._path}: {error}") from None


class FetchedKeys(_Held):
    """`--jwks ADDRESS`: fetched in a thread, every five minutes and when a token names an unknown key."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._next_s = 0.0
        self._fetched_s = -FETCH_AGAIN_S
        self._fetching: asyncio.Task[bool] | None = None

    async def seek(self) -> bool:
        """Whether fetching brings other keys; waits for it, and does so once in a while only."""
        if self._fetching is None and time.monotonic() - self._fetched_s < FETCH_AGAIN_S:
            return False
        return await asyncio.shield(self._fetch())

    async def refresh(self) -> None:
        """Begins to fetch when it is time; nobody waits for it."""
        if time.monotonic() >= self._next_s:
            self._fetch()

    def _fetch(self) -> asyncio.Task[bool]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetched())
        return self._fetching

    async def _fetched(self) -> bool:
        before = {key.print for key in self._keys}
        try:
            self._keys = await asyncio.to_thread(_get, self._address)
            self._next_s = time.monotonic() + FETCH_EVERY_S
        except KeysError as error:
            log.warning("%s: the keys stay as they were", error)
            self._next_s = time.monotonic() + FETCH_AGAIN_S
        finally:
            self._fetched_s = time.monotonic()
            self._fetching = None
        return {key.print for key in self._keys} != before


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **options: Any) -> None:
        """The keys come from the address that was set, and from no other."""


def _get(address: str) -> tuple[Key, ...]:
    """In a thread. Errors: KeysError."""
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(address, headers={"Accept": "application/json"})
    until_s, body = time.monotonic() + FETCH_WITHIN_S, b""
    try:
        with opener.open(request, timeout=FETCH_WITHIN_S) as answer:
            while chunk := answer.read1(MAX_BYTES):
                body += chunk
                if len(body) > MAX_BYTES or time.monotonic() > until_s:
                    raise KeysError(f"{address} sends more than {MAX_BYTES} bytes, or sends them too slowly")
    except (OSError, urllib.error.URLError, http.client.HTTPException) as error:
        raise KeysError(f"cannot fetch the keys from {address}: {error}") from None
    try:
        # A secret has no business at a public address.
        return tuple(key for key in _from_set(_json(body)) if key.algorithm != "HS256")
    except KeysError as error:
        raise KeysError(f"cannot use the keys from {address}: {error}") from None


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise KeysError("it is not JSON") from None


def _from_file(content: bytes) -> tuple[Key, ...]:
    stripped = content.strip()
    if b"-----BEGIN" in stripped:
        return (_from_pem(stripped),)
    if stripped.startswith(b"{"):
        found = _json(stripped)
        keys = _from_set(found if "keys" in found else {"keys": [found]})
        if not keys:
            raise KeysError("it holds no public key for RS256, ES256 or EdDSA and no secret for HS256")
        return keys
    return (_secret(stripped, None),)


def _from_pem(content: bytes) -> Key:
    if b"PRIVATE KEY" in content:
        raise KeysError("it is a private key: whoever checks tokens needs the public one only")
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, TypeError):
        raise KeysError("it is not a public key in PEM") from None
    return _public(key, None)


def _from_set(found: Any) -> tuple[Key, ...]:
    """The usable keys of a JSON Web Key Set; others are passed over, as RFC 7517 says. Errors: KeysError."""
    given = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(given, list):
        raise KeysError("it is not a JSON Web Key Set")
    keys = []
    for entry in given[:MAX_KEYS]:
        try:
            keys.append(_from_jwk(entry))
        except (KeysError, jwt.PyJWTError, ValueError, TypeError) as error:
            log.info("a key of the set is passed over: %s", error)
    return tuple(keys)


def _from_jwk(entry: Any) -> Key:
    if not isinstance(entry, dict):
        raise KeysError("it is not an object")
    if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
        raise KeysError("it is not for signatures")
    id = entry.get("kid")
    if not isinstance(id, str | None):
        raise KeysError("its kid is not a string")
    if "d" in entry:
        raise KeysError("it is a private key")
    read = jwt.PyJWK(entry)
    key = _secret(read.key, id) if entry.get("kty") == "oct" else _public(read.key, id)
    if key.algorithm != entry.get("alg", key.algorithm):
        raise KeysError("it is for another algorithm")
    return key


def _secret(secret: bytes, id: str | None) -> Key:
    if len(secret) < MIN_SECRET_BYTES:
        raise KeysError(f"a secret has at least {MIN_SECRET_BYTES} bytes")
    return Key("HS256", secret, id, hashlib.sha256(b"secret" + secret).hexdigest())


def _public(key: object, id: str | None) -> Key:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA_BITS:
            raise KeysError(f"an RSA key has at least {MIN_RSA_BITS} bits")
        algorithm = "RS256"
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        algorithm = "ES256"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        algorithm = "EdDSA"
    else:
        raise KeysError("it is neither RSA, nor P-256, nor Ed25519")
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return Key(algorithm, key, id, hashlib.sha256(key.public_bytes(*form)).hexdigest())
