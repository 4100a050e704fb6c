"""TLS of the server's own (`--tls-cert`, `--tls-key`), read again when the files change."""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

log = logging.getLogger("adjutant")


class TlsError(Exception):
    """The certificate or its key cannot be used; the message says why."""


class Certificate:
    """A certificate with its chain, and its key, both PEM; `context` is for listeners, and stays the same.

    It hands each handshake on to a context that has the newest files. To load them into itself would take a
    moment in which the certificate is new and the key is missing, and a handshake of that moment fails.
    """

    def __init__(self, file: Path, key: Path) -> None:
        """Blocks for two small files. Errors: TlsError."""
        self._file = file
        self._key = key
        self._seen: tuple[tuple[int, int], ...] | None = None
        self._newest = self.context = _context()
        self.context.sni_callback = self._hand_on
        self.reload()

    def _hand_on(self, handshake: ssl.SSLObject, _name: str | None, _listener: ssl.SSLContext) -> None:
        """Called in each handshake, also where the client names no host."""
        handshake.context = self._newest

    async def look(self) -> None:
        """Takes a new certificate into use, and says so; where it cannot be used, the old one stays."""
        try:
            if await asyncio.to_thread(self.reload):
                log.info("a new certificate is in use")
        except TlsError as error:
            log.error("%s; the one before it stays in use", error)

    def reload(self) -> bool:
        """Reads the files again if they changed; whether they did. Connections that exist go on. Blocks.

        Errors: TlsError; the certificate then stays as it was.
        """
        try:
            stamp = tuple((stat.st_mtime_ns, stat.st_ino) for stat in (self._file.stat(), self._key.stat()))
            if stamp == self._seen:
                return False
            newest = _context()  # one file may be replaced before the other, and then they do not fit
            newest.load_cert_chain(self._file, self._key, password=_no_password)
        except (OSError, ValueError) as error:  # SSLError is an OSError
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise TlsError(
                f"cannot use the certificate {self._file} with the key {self._key}: {reason}"
            ) from None
        self._seen, self._newest = stamp, newest
        return True


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_password() -> str:
    raise ValueError("the key has a password: store it without one, readable by the server's account alone")
