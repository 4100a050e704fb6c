"""Sends one message to a browser's push service: encrypted for that browser (RFC 8291), signed (RFC 8292).

The address comes from a client: only known push services are sent to, by https, and public addresses alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec

from sio_server.outgoing import NotPublic, PublicResolver, proxy_of, refuse_private
from sio_server.push.keys import ServerKey, from_url64

AT_ONCE = 8  # requests under way, of all boards
WITHIN_S = 15.0  # of one request, in all
_LEAST_WAIT_S, _MOST_WAIT_S = 1.0, 3600.0
"""Whatever Retry-After says."""
SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "*.notify.windows.com",
)
"""Those of Chrome, Firefox, Safari and Edge; `*.` stands for any name below."""

Encrypt = Callable[..., bytes]
log = logging.getLogger("adjutant.push")


class Sent(StrEnum):
    """What became of a message: `done`; `gone`, the browser is no more subscribed; `refused`, and it would be
    again; `later`, it may be sent again."""

    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True)
class Answer:
    """What became of a message; `wait_s` is what the service asked for, None if it did not say."""

    sent: Sent
    wait_s: float | None = None


class PushService:
    """All push services, for all boards of a server. `own` are further hosts that whoever runs the server
    allows: they may be in the local network."""

    def __init__(self, key: ServerKey, encrypt: Encrypt, own: tuple[str, ...], contact: str | None) -> None:
        self.key = key
        self._encrypt = encrypt
        self._own = frozenset(own)
        self._own_names = frozenset(urlsplit(f"//{host}").hostname for host in own)
        self._contact = contact
        self._turns = asyncio.Semaphore(AT_ONCE)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Trusts whom the machine trusts; made when first needed, since it reads many files."""
        return ssl.create_default_context()

    def allows(self, host: str) -> bool:
        """Whether it is a known push service; `host` has its port if that is not 443."""
        return host in self._own or any(_matches(host, service) for service in SERVICES)

    async def send(self, device: Mapping[str, Any], message: bytes, tag: str, ttl_s: int) -> Answer:
        """Sends a message, which replaces one with the same tag that waits at the service, and is kept there
        for so long. `device` is as models.push.AddDevice has it."""
        endpoint = device["endpoint"]
        to = urlsplit(endpoint)
        if to.scheme != "https" or not self.allows(to.netloc.lower()):  # no longer allowed
            return Answer(Sent.GONE)
        try:
            body = self._encrypted(device["keys"], message)
        except Exception as error:  # noqa: BLE001 - a key that is no point: the library raises as it likes
            log.warning("a device of %s has keys that cannot be used: %s", to.netloc, type(error).__name__)
            return Answer(Sent.GONE)
        headers = {
            "Authorization": self.key.authorization(f"https://{to.netloc}", self._contact),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(0, ttl_s)),
            "Topic": hashlib.sha256(tag.encode()).hexdigest()[:32],  # 32 letters at most (RFC 8030, 5.4)
            "Urgency": "high",
        }
        try:
            async with self._turns:
                return await self._post(endpoint, to.hostname or "", body, headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # a TimeoutError is an OSError
            log.warning("%s cannot be reached: %s", to.netloc, _why(error))
            return Answer(Sent.LATER)

    async def _post(self, endpoint: str, host: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        proxy = proxy_of(endpoint)
        if not proxy and host not in self._own_names:
            refuse_private(host)
        connector = aiohttp.TCPConnector(ssl=self._tls, resolver=PublicResolver(self._own_names.__contains__))
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(
                endpoint, data=body, headers=headers, proxy=proxy, allow_redirects=False
            ) as response,
        ):  # its body is not read
            return _answer(response)

    def _encrypted(self, keys: Mapping[str, str], message: bytes) -> bytes:
        return self._encrypt(
            message,
            salt=os.urandom(16),
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=from_url64(keys["p256dh"]),
            auth_secret=from_url64(keys["auth"]),
            version="aes128gcm",
        )


def _answer(response: aiohttp.ClientResponse) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(Sent.DONE)
    if status in (404, 410):
        return Answer(Sent.GONE)
    if status == 429 or status >= 500:
        return Answer(Sent.LATER, _retry_after_s(response.headers.get("Retry-After", "")))
    log.warning("%s refuses a notice (%d)", response.url.host, status)
    return Answer(Sent.REFUSED)


def _retry_after_s(said: str) -> float | None:
    """Seconds, from a number or a date; None if it is neither."""
    try:
        if said.strip().isdigit():
            wait_s = float(said)
        else:
            until = parsedate_to_datetime(said)
            wait_s = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait_s, _LEAST_WAIT_S), _MOST_WAIT_S)


def _matches(host: str, service: str) -> bool:
    return host.endswith(service[1:]) if service.startswith("*.") else host == service


def _why(error: BaseException) -> str:
    """The reason without the address, which lets whoever has it disturb the device."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NotPublic):
            return f"it is on this machine or in the local network ({cause})"
        cause = cause.__cause__
    return type(error).__name__
