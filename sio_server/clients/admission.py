"""Decides on handshakes: who is admitted, as whom, into which rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from models.ack import ErrorCode, Retry
from models.change import Position
from models.handshake import Handshake
from sio_server.clients.limits import Places
from sio_server.clients.tokens import Keyring, Token
from sio_server.people.authors import LOCAL, sitting_there, source_label
from sio_server.registry.errors import Refusal, bad_request, faults_of
from sio_server.registry.ops import EVERYTHING
from sio_server.registry.registry import Registry
from sio_server.registry.roles import OF_PEOPLE, READERS, Principal, Role


@dataclass(frozen=True)
class Admitted:
    """A handshake that was accepted."""

    principal: Principal
    rooms: tuple[str, ...]
    resume: Position | None
    hz: float | None


_WHOM_TO_ASK = "Ask the person who runs the server for one (programs send it as `token` in the auth payload)."
_NO_TOKEN = f"This board is for people and programs with a token. {_WHOM_TO_ASK}"
_WRONG_TOKEN = f"The server does not know this token: is it complete, or has it been replaced? {_WHOM_TO_ASK}"


class Admission:
    """Admits or refuses each handshake."""

    def __init__(
        self,
        keyring: Keyring,
        registry: Registry,
        places: Places,
        me: tuple[str, ...] = (),
        tz: tzinfo = UTC,
    ) -> None:
        self._keyring = keyring
        self._registry = registry
        self._places = places
        self._me = me
        self._tz = tz
        self._draining = False

    def drain(self) -> None:
        """Refuses all handshakes from now on."""
        self._draining = True

    def admit(self, auth: Any, peer: str) -> Admitted:
        """Who the client is, and which rooms it starts in.

        Errors: Refusal, with one of the codes for a refused connect.
        """
        if self._draining:
            raise Refusal(ErrorCode.DRAINING, "The server is stopping.", retry=Retry.AFTER, after_ms=2_000)
        handshake = _parse(auth)
        principal = self._principal(handshake)
        self._places.check(principal, peer)
        if principal.role not in READERS and handshake.rooms:
            raise _unauthorized("A collector's token does not read the board: leave `rooms` out.")
        collects = principal.source is not None or principal.role not in READERS
        default: tuple[str, ...] = () if collects else (EVERYTHING,)
        rooms = self._registry.known_rooms(default if handshake.rooms is None else handshake.rooms)
        return Admitted(principal, rooms, _position_or_none(handshake.resume), handshake.hz)

    def _principal(self, handshake: Handshake) -> Principal:
        source = handshake.source
        if source == OF_PEOPLE:
            raise bad_request(
                f"The name {OF_PEOPLE} is reserved for items that people add: give the source another name."
            )
        tz = self._tz if handshake.tz is None else ZoneInfo(handshake.tz)
        if not self._keyring.configured:
            key = "local" if source is None else f"source:{source}"
            actor = handshake.client or source or LOCAL
            who = handshake.person or handshake.client or LOCAL
            whose = "" if source is not None else f"name:{who}"
            called = sitting_there(handshake.person, handshake.client, self._me)
            return Principal(
                *(key, actor, Role.ADMIN, source, None, tz, self._me),
                whose=whose,
                device_tz=handshake.tz,
                called=called if source is None else source_label(source),
            )
        token = self._token(handshake.token)
        if source is not None and token.source not in (None, source):
            raise _unauthorized("This token is for another source.")
        if source is not None and token.role not in (Role.COLLECTOR, Role.ADMIN):
            raise _unauthorized(f"A token with the role {token.role} cannot act as a source.")
        if source is not None and token.source is None and token.role is Role.COLLECTOR:
            raise _unauthorized(
                "This token is not for a source: `serve.py token add --source` makes one that is."
            )
        source = source or token.source
        if source == OF_PEOPLE:
            raise _unauthorized(f"This token is for {OF_PEOPLE}, a name reserved for items that people add.")
        # A source's name has no slash: no other token's name can make the same key.
        key = f"token:{token.name}" if source is None else f"token/{source}/{token.name}"
        me, bound = token.me or self._me, token.source is not None
        whose = "" if source is not None or token.role is Role.COLLECTOR else f"token:{token.name}"
        return Principal(
            *(key, token.name, token.role, source, token.sha256, tz, me, bound),
            whose=whose,
            device_tz=handshake.tz,
            called="" if source is None else source_label(source),
        )

    def _token(self, secret: str | None) -> Token:
        token = None if secret is None else self._keyring.find(secret)
        if token is None:
            raise _unauthorized(_NO_TOKEN if secret is None else _WRONG_TOKEN)
        return token


def connect_error(refusal: Refusal) -> dict[str, Any]:
    """The error of a refused connect. Shape: {message, data: models.ack.ConnectRefused}."""
    data: dict[str, Any] = {"code": refusal.code, "retry": refusal.retry}
    if refusal.after_ms is not None:
        data["after_ms"] = refusal.after_ms
    return {"message": refusal.message, "data": data}


def too_many_refused() -> Refusal:
    """The refusal for an address that has used up its attempts (sockets.strangers)."""
    message = "Too many refused connects from this address; try again in a minute."
    return Refusal(ErrorCode.UNAUTHORIZED, message, retry=Retry.AFTER, after_ms=60_000)


def _parse(auth: Any) -> Handshake:
    if auth is None:
        return Handshake()
    if not isinstance(auth, dict):
        raise bad_request(
            "The auth payload is one JSON object: {token, client, source, rooms, tz, hz, resume}."
        )
    try:
        return Handshake.model_validate(auth)
    except ValidationError as error:
        path, message = faults_of(error)[0]
        raise bad_request(f"The auth payload is not valid: {path}: {message}.") from None


def _unauthorized(message: str) -> Refusal:
    return Refusal(ErrorCode.UNAUTHORIZED, message)


def _position_or_none(given: Any) -> Position | None:
    """A handshake's `resume`; an invalid one counts as none."""
    try:
        return None if given is None else Position.model_validate(given)
    except ValidationError:
        return None
