"""The server's key for Web Push (VAPID, RFC 8292): made once, and kept in the data directory."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

FILE = "push-key.pem"
_SIGNED_FOR_S = 12 * 3600  # at most a day (RFC 8292, 2)


class PushKeyError(Exception):
    """The key cannot be made or read; the message says why."""


def url64(data: bytes) -> str:
    """Base64url without padding, as everywhere in Web Push."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_url64(text: str) -> bytes:
    """What `url64` wrote. Errors: ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class ServerKey:
    """A key on P-256; push services know the server by it, and each subscription is bound to it."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public = url64(point_of(key.public_key()))

    @classmethod
    def kept(cls, folder: Path) -> ServerKey:
        """The key in this folder; makes it where there is none. Blocks. Errors: PushKeyError."""
        path = folder / FILE
        try:
            if not path.exists():
                _make(path)
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            raise PushKeyError(f"cannot use {path}: {error.strerror}") from None
        except (ValueError, TypeError):
            raise PushKeyError(
                f"{path} is not a private key in PEM: put the right file back, or remove it"
            ) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise PushKeyError(f"{path} is not a key on P-256: put the right file back, or remove it")
        return cls(key)

    def authorization(self, service: str, contact: str | None) -> str:
        """The header that signs a request to the service with this origin."""
        claims: dict[str, object] = {"aud": service, "exp": int(time.time()) + _SIGNED_FOR_S}
        claims |= {"sub": contact} if contact else {}
        return f"vapid t={jwt.encode(claims, self._key, 'ES256')}, k={self.public}"


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The key as a point, uncompressed: 65 bytes."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _make(path: Path) -> None:
    """Whole or not at all, and for the server's account alone."""
    made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_suffix(".new")
    begun.unlink(missing_ok=True)
    with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    begun.rename(path)
