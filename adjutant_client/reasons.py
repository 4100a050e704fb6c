"""Why there is no connection, for people: the libraries' own errors hide the cause."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientResponseError,
    WSServerHandshakeError,
)

from adjutant_client.address import without_secrets

_TEXT_MAX = 300  # characters of an unknown server's text: enough for a sentence
_OF_UNKNOWN_AUTHORITY = (18, 19, 20, 21)  # X509_V_ERR_..., as OpenSSL numbers them
_STATUS = re.compile(r"Unexpected status code (\d{3})")  # as python-engineio says it


class Redirected(ClientConnectionError):
    """The server redirects elsewhere; the message says where."""


def nothing_there(error: BaseException) -> bool:
    """Whether there was not even a TCP connection, so that another transport would not work either."""
    return any(isinstance(one, ClientConnectorError) for one in _causes(error))


def why(error: BaseException) -> str:
    """Why there is no connection to an Adjutant server, as the rest of a sentence."""
    causes = list(_causes(error))
    if known := _of_way(causes):
        return known
    for one in causes:
        if isinstance(one, Redirected):
            return str(one)
        if isinstance(one, WSServerHandshakeError):
            return _of_status(one.status)
        if isinstance(one, ClientResponseError):
            return "what answers there does not speak HTTP"
        if found := _STATUS.search(str(one)):
            return _of_status(int(found[1]))
    return readable(without_secrets(str(error))) or plainly(error)


def plainly(error: BaseException, ca: str = "SSL_CERT_FILE") -> str:
    """Why a connection to any server failed, without the libraries' own texts: they have addresses in them,
    and the names of classes. `ca` names the file of an authority that is not known."""
    causes = list(_causes(error))
    if known := _of_way(causes, ca):
        return known
    if any(isinstance(one, TimeoutError) for one in causes):
        return "there is no answer in time"
    numbers = [one.errno for one in causes if isinstance(one, OSError) and one.errno]
    if numbers and numbers[-1] > 0:
        return os.strerror(numbers[-1]).lower()
    if any(isinstance(one, OSError | EOFError | ClientError) for one in causes):
        return "the connection was lost"
    return "what answers there cannot be understood"


def _of_way(causes: Sequence[BaseException], ca: str = "SSL_CERT_FILE") -> str:
    """What is wrong on the way to any server; "" if it is something else."""
    if any(isinstance(one, socket.gaierror) for one in causes):
        return "there is no such host"
    for one in causes:  # aiohttp's own error is an OSError too, without the cause
        if isinstance(one, ssl.SSLCertVerificationError) and hasattr(one, "verify_message"):
            return _of_certificate(one, ca)
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "it does not speak TLS"
    if any(f"[Errno {errno.ECONNREFUSED}]" in str(one) for one in causes):
        return "refused: nothing is listening there"
    return ""


def readable(text: str) -> str:
    """Text from an unknown server, shortened and without control characters."""
    return "".join(mark if mark.isprintable() else " " for mark in text[:_TEXT_MAX])


def _of_certificate(error: ssl.SSLCertVerificationError, ca: str) -> str:
    said = f"its certificate is not trusted here: {readable(error.verify_message).rstrip('.')}"
    if error.verify_code in _OF_UNKNOWN_AUTHORITY:
        return f"{said}; {ca} may name the file of its authority"
    return said


def _of_status(status: int) -> str:
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
        return f"status {status}: what answers there cannot reach the server, or the server is full"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
        return f"status {status}: a proxy or the server does not let you in"
    if status < 400 or status == HTTPStatus.NOT_FOUND:
        return f"status {status}: what answers there is not an Adjutant server, or not at this path"
    return f"status {status}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        yield one
        one = one.__cause__ or one.__context__
