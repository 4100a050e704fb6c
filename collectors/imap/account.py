"""An account of a mail server: how to connect, and what is wrong in words."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from adjutant_client.reasons import plainly
from collectors.authorities import unusable
from collectors.oauth import Access, SignInEnded, SignInError
from collectors.patience import not_taken
from collectors.texts import counted, shown

SILENCE_S = 30.0  # servers answer a fetch within a few seconds
_FOR_NOW = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG")
"""Reasons for letting nobody in (RFC 5530) that say nothing of the password."""
_PORTS = {"tls": 993, "starttls": 143, "none": 143}


class Security(StrEnum):
    """How the connection is kept from being read on the way."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class MailboxError(Exception):
    """The mailbox cannot be read; the message is a sentence without any secret."""


class NotLetIn(MailboxError):
    """The server takes neither this password nor this token."""


@dataclass(frozen=True)
class Account:
    """Where the mailbox is and whose it is. `secret` gives the password, or with `oauth2` an access token,
    each time anew: it is kept nowhere."""

    host: str
    user: str
    secret: Callable[[], str]
    port: int | None = None
    security: Security = Security.TLS
    oauth2: bool = False
    ca: Path | None = None
    let_in: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set whenever the server has let somebody in."""

    def __post_init__(self) -> None:
        if self.security is Security.NONE and not _is_here(self.host):
            raise ValueError(
                "without TLS the password could be read on the way: only this machine is reached so"
            )

    @contextmanager
    def open(self) -> Iterator[IMAPClient]:
        """A connection that is logged in. Errors: MailboxError, also for what fails while it is open."""
        client: IMAPClient | None = None
        try:
            secret = self.secret()
            client = self._connected()
            try:
                self._log_in(client, secret)
            except NotLetIn:
                # An access token that has expired: with another one it is tried once more.
                if not isinstance(self.secret, Access) or not self.secret.renew(secret):
                    raise
                with suppress(OSError):
                    client.shutdown()
                client = self._connected()
                self._log_in(client, self.secret())
            self.let_in.set()
            yield client
        except SignInEnded as error:
            raise NotLetIn(str(error)) from None
        except SignInError as error:
            raise MailboxError(str(error)) from None
        except (LoginError, IMAPClientError, OSError, ValueError) as error:
            raise _said(error, self.host) from None
        finally:
            if client is not None:
                with suppress(Exception):
                    client.logout()
                with suppress(Exception):  # of a server that is gone the connection would stay open
                    client.shutdown()

    def kept_secret(self) -> str:
        """What people would replace; "" for a sign-in, of which each access token is another one."""
        return "" if isinstance(self.secret, Access) else self.secret()

    def check(self) -> str:
        """What is there, in words. Errors: MailboxError."""
        with self.open() as client:
            return counted(len(client.list_folders()), "folder")

    def _connected(self) -> IMAPClient:
        if why := unusable(self.ca):
            raise MailboxError(why)
        context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
        port = self.port or _PORTS[self.security]
        tls = self.security is Security.TLS
        client = IMAPClient(
            self.host, port=port, ssl=tls, ssl_context=context if tls else None, timeout=SILENCE_S
        )
        client.normalise_times = False
        if self.security is Security.STARTTLS:
            client.starttls(context)
        return client

    def _log_in(self, client: IMAPClient, secret: str) -> None:
        """Errors: NotLetIn, MailboxError."""
        try:
            if self.oauth2:
                client.oauth2_login(self.user, secret)
            else:
                _log_in_plainly(client, self.user, secret)
        except (LoginError, IMAPClientError) as error:
            # The library calls a lost connection a refusal, too; that says nothing of the password.
            if isinstance(error.__context__, IMAPClientAbortError):
                raise error.__context__ from None
            if any(f"[{code}]" in str(error).upper() for code in _FOR_NOW):
                raise MailboxError(f"{self.host} lets nobody in just now, and is asked again") from None
            raise NotLetIn(not_taken(self.host, token=self.oauth2)) from None


def _log_in_plainly(client: IMAPClient, user: str, password: str) -> None:
    """By AUTHENTICATE PLAIN, which takes letters of all scripts; LOGIN is for ASCII."""
    if client.has_capability("AUTH=PLAIN"):
        said = f"\0{user}\0{password}".encode()
        client.sasl_login("PLAIN", lambda _: said)
    else:
        client.login(user, password)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(error: Exception, host: str) -> MailboxError:
    match error:
        case MailboxError():
            return error
        case ssl.SSLCertVerificationError():
            return MailboxError(f"{host} cannot be reached: {plainly(error, '--ca')}")
        case ssl.SSLError():
            return MailboxError(f"{host} does not speak TLS there: another --port or --security may be right")
        case TimeoutError():
            return MailboxError(f"{host} has not answered for {SILENCE_S:g} s")
        case socket.gaierror():
            return MailboxError(f"{host} cannot be reached: {plainly(error)}; --host names the mail server")
        case OSError():
            return MailboxError(f"{host} cannot be reached: {plainly(error)}")
        case _:
            if "unexpected response" in str(error):
                said = "answers what no mail server says: are its name and --port right?"
                return MailboxError(f"{host} {said}")
            return MailboxError(f"{host} ended the connection, and is asked again: {shown(str(error))}")
