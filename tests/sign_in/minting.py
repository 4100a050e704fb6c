"""JSON Web Tokens, as somebody else makes them."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

SECRET = b"a secret that is as long as it must be"
Json = Any


@dataclass(frozen=True)
class Pair:
    """A key that signs, and how the server gets to know it."""

    algorithm: str
    private: Any
    public: bytes

    def sign(self, claims: Json, **headers: Json) -> str:
        """A token."""
        return jwt.encode(claims, self.private, algorithm=self.algorithm, headers=headers)

    def jwk(self, **more: Json) -> Json:
        """The public key, as in a JSON Web Key Set."""
        found = jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key(), as_dict=True)
        return {name: value for name, value in found.items() if name != "key_ops"} | more

    def written(self, folder: Path) -> Path:
        """The file for --jwt-key."""
        file = folder / f"{self.algorithm}.key"
        file.write_bytes(self.public)
        return file


def _private(algorithm: str) -> Any:
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else ed25519.Ed25519PrivateKey.generate()
    )


def new_pair(algorithm: str) -> Pair:
    """A pair, or a secret for HS256."""
    if algorithm == "HS256":
        return Pair(algorithm, SECRET, SECRET + b"\n")
    private = _private(algorithm)
    pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return Pair(algorithm, private, private.public_key().public_bytes(*pem))


@cache
def pair(algorithm: str) -> Pair:
    """The same one each time."""
    return new_pair(algorithm)


def claims(**other: Json) -> Json:
    """Of an editor, for an hour; None leaves one out."""
    now = int(time.time())
    told = {"sub": "u-1", "preferred_username": "ana", "role": "editor", "iat": now, "exp": now + 3600}
    return {name: value for name, value in (told | other).items() if value is not None}


def by_hand(header: Json, body: Json, signature: bytes = b"") -> str:
    """A token that no library would make."""
    parts = [header, body]
    texts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    return ".".join(base64.urlsafe_b64encode(text).rstrip(b"=").decode() for text in [*texts, signature])
