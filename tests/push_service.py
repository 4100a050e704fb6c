"""A push service of our own, over real HTTPS: it takes messages as those of the browsers do, checks their
signature, and decrypts them with the subscriptions' private keys, step by step as RFC 8291 says (not with the
library that the server encrypts with). What the services of the browsers do otherwise it cannot show."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sio_server.push.keys import from_url64, point_of, url64
from tests.proxies.example import Certificate

Json = Any
SALT, KEY_AT = 16, 21  # of the header: salt, 4 bytes of size, 1 of length, then the sender's key
WORDS = {
    "soon": ["In {minutes} min", "{title}"],
    "given": ["{who} gave you something", "{title}"],
    "failed": ["{name} failed", "{why}"],
    "more": ["{count} more", ""],
    "busy": "Busy",
}


class Browser:
    """A subscription, with the keys that only the browser has."""

    def __init__(
        self, secret: ec.EllipticCurvePrivateKey | None = None, auth: bytes = b"0123456789abcdef"
    ) -> None:
        self._secret = secret or ec.generate_private_key(ec.SECP256R1())
        self._auth = auth
        self.keys = {"p256dh": url64(point_of(self._secret.public_key())), "auth": url64(auth)}

    def decrypted(self, body: bytes) -> bytes:
        """The message (RFC 8291, 3.4, and RFC 8188, 2). Errors: InvalidTag, when it is for somebody else."""
        length = body[KEY_AT - 1]
        sender, sealed = body[KEY_AT : KEY_AT + length], body[KEY_AT + length :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        info = b"WebPush: info\0" + point_of(self._secret.public_key()) + sender
        shared = _derived(self._auth, self._secret.exchange(ec.ECDH(), public), info, 32)
        key = _derived(body[:SALT], shared, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(body[:SALT], shared, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded.endswith(b"\2"), "the last record"
        return padded[:-1]


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@dataclass
class Got:
    """A request that came: the path, the headers, the body."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class PushServer:
    """Answers 201, or what is next in `answers`: a status and headers. `got` are the requests, in order."""

    certificate: Certificate
    origin: str = ""
    got: list[Got] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """As `--push-service` names it."""
        return self.origin.removeprefix("https://")

    def subscription(self, name: str, words: Json = None) -> Json:
        """A new browser's, as the page sends it."""
        browser = self.browsers[f"/{name}"] = Browser()
        words = WORDS if words is None else words
        return {"endpoint": f"{self.origin}/{name}", "keys": browser.keys, "device": name, "words": words}

    def told(self, name: str) -> list[str]:
        """What that browser would show: title and text of each message."""
        return [f"{one['title']}: {one['body']}" for one in self.messages(name)]

    def messages(self, name: str) -> list[Json]:
        """The messages for that browser, decrypted."""
        path = f"/{name}"
        return [json.loads(self.browsers[path].decrypted(one.body)) for one in self.got if one.path == path]

    def signed(self, got: Got, key: str) -> Json:
        """The claims of a request that the server with this key has signed."""
        scheme, _, rest = got.headers["Authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(", "))
        assert (scheme, parts["k"]) == ("vapid", key)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_url64(key))
        return jwt.decode(parts["t"], public, ["ES256"], audience=self.origin)

    async def answer(self, request: web.Request) -> web.Response:
        """Takes a message."""
        self.got.append(Got(request.path, request.headers, await request.read()))
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def push_server(folder: Path) -> AsyncIterator[PushServer]:
    """Runs it on this machine."""
    server = PushServer(await Certificate.made(folder))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate.file, server.certificate.key)
    app = web.Application()
    app.router.add_post("/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    server.origin = f"https://localhost:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()
