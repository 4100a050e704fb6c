"""Decides on handshakes: who is admitted, as whom, into which rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from models.ack import ErrorCode, Retry
from models.change import Position
from models.handshake import Handshake
from sio_server.clients.limits import Meters, Places
from sio_server.people.authors import LOCAL, sitting_there, source_label
from sio_server.registry.errors import Refusal, bad_request, faults_of
from sio_server.registry.ops import EVERYTHING
from sio_server.registry.registry import Registry
from sio_server.registry.roles import (
    EVERY_BOARD,
    MAIN,
    OF_PEOPLE,
    READERS,
    BoardRoles,
    Principal,
    Role,
    role_on,
)
from sio_server.sign_in.base import Identity, NotSignedIn, Shown, SignedIn, SignIn


@dataclass(frozen=True)
class Admitted:
    """A handshake that was accepted."""

    principal: Principal
    rooms: tuple[str, ...]
    resume: Position | None
    hz: float | None
    signed_in: SignedIn | None = None
    board: str = MAIN


ADMISSION_COST = 5.0  # simple requests: a snapshot follows, which costs as much when it is asked for
COMES_BACK_MS = 1_000  # at least, after a refusal for the rate: to connect is dear for both sides

_ALL: BoardRoles = ((EVERY_BOARD, Role.ADMIN),)
_WHOM_TO_ASK = "Ask the person who runs the server for one (programs send it as `token` in the auth payload)."
_NO_TOKEN = f"This board is for people and programs with a token. {_WHOM_TO_ASK}"
_WRONG_TOKEN = f"The server does not know this token: is it complete, or has it been replaced? {_WHOM_TO_ASK}"


class Admission:
    """Admits or refuses each handshake."""

    def __init__(
        self,
        sign_in: SignIn,
        registry: Registry,
        bounds: tuple[Places, Meters],
        me: tuple[str, ...] = (),
        tz: tzinfo = UTC,
    ) -> None:
        self._sign_in = sign_in
        self._registry = registry
        self._places, self._meters = bounds
        self._me = me
        self._tz = tz
        self._draining = False

    def drain(self) -> None:
        """Refuses all handshakes from now on."""
        self._draining = True

    async def admit(self, auth: Any, shown: Shown, cost: float = 0.0) -> Admitted:
        """Who the client is and where it goes, when so many others are connected. Its token is in `auth`;
        whatever else it shows, in `shown`. `cost`: of reading `auth`, in simple requests.

        Errors: Refusal, with one of the codes for a refused connect.
        """
        handshake = _parse(auth)
        signed_in = None
        if self._sign_in.required:
            signed_in = await self.identify(replace(shown, token=handshake.token))
        if self._draining:
            raise Refusal(ErrorCode.DRAINING, "The server is stopping.", retry=Retry.AFTER, after_ms=2_000)
        identity = None if signed_in is None else signed_in.identity
        board, role = _board(handshake.board, _ALL if identity is None else identity.roles)
        principal = self._principal(handshake, identity, board, role)
        await self._charge(principal, shown.address, ADMISSION_COST + cost)
        self._places.check(principal, shown.address)
        if principal.role not in READERS and handshake.rooms:
            raise _unauthorized("A collector's token does not read the board: leave `rooms` out.")
        collects = principal.source is not None or principal.role not in READERS
        default: tuple[str, ...] = () if collects else (EVERYTHING,)
        rooms = self._registry.known_rooms(default if handshake.rooms is None else handshake.rooms)
        resume = _position_or_none(handshake.resume)
        return Admitted(principal, rooms, resume, handshake.hz, signed_in, board)

    async def _charge(self, who: Principal, peer: str, cost: float) -> None:
        """Errors: Refusal with rate_limited, held back as one of a request is."""
        meter = self._meters.of(who, peer)
        if meter is None:
            return
        try:
            meter.charge(cost)
        except Refusal as refusal:
            await asyncio.sleep(meter.hold_s(cost))
            after_ms = max(refusal.after_ms or 0, COMES_BACK_MS)
            raise Refusal(refusal.code, refusal.message, retry=refusal.retry, after_ms=after_ms) from None

    async def identify(self, shown: Shown) -> SignedIn:
        """Who shows this.

        Errors: Refusal with unauthorized.
        """
        try:
            found = await self._sign_in.identify(shown)
        except NotSignedIn as error:
            retry = Retry.NO if error.after_ms is None else Retry.AFTER
            message, after_ms = error.message, error.after_ms
            raise Refusal(ErrorCode.UNAUTHORIZED, message, retry=retry, after_ms=after_ms) from None
        if found is None:
            raise _unauthorized(_NO_TOKEN if shown.token is None else _WRONG_TOKEN)
        return found

    async def role_of(self, token: str, address: str) -> Role | None:
        """The role that a token gives on the main board; None when it gives none."""
        try:
            return role_on(MAIN, (await self.identify(Shown(token, address=address))).identity.roles)
        except Refusal:
            return None

    def _principal(
        self, handshake: Handshake, identity: Identity | None, board: str, role: Role
    ) -> Principal:
        source = handshake.source
        if source == OF_PEOPLE:
            raise bad_request(
                f"The name {OF_PEOPLE} is reserved for items that people add: give the source another name."
            )
        tz = self._tz if handshake.tz is None else ZoneInfo(handshake.tz)
        whom = self._me if board == MAIN else ()
        if identity is None:
            key = "local" if source is None else f"source:{source}"
            actor = handshake.client or source or LOCAL
            who = handshake.person or handshake.client or LOCAL
            whose = "" if source is not None else f"name:{who}"
            called = sitting_there(handshake.person, handshake.client, whom)
            return Principal(
                *(key, actor, role, source, None, tz, whom),
                boards=_ALL,
                whose=whose,
                device_tz=handshake.tz,
                called=called if source is None else source_label(source),
            )
        if source is not None and identity.source not in (None, source):
            raise _unauthorized("This token is for another source.")
        if source is not None and role not in (Role.COLLECTOR, Role.ADMIN):
            raise _unauthorized(f"A token with the role {role} cannot act as a source.")
        if source is not None and identity.source is None and role is Role.COLLECTOR:
            raise _unauthorized(
                "This token is not for a source: `serve.py token add --source` makes one that is."
            )
        source = source or identity.source
        if source == OF_PEOPLE:
            raise _unauthorized(f"This token is for {OF_PEOPLE}, a name reserved for items that people add.")
        # A source's name has no slash, and no kind a colon: nobody else's id can make the same key.
        kind, _, rest = identity.id.partition(":")
        key = identity.id if source is None else f"{kind}/{source}/{rest}"
        me, bound = identity.me or whom, identity.source is not None
        whose = "" if source is not None or role is Role.COLLECTOR else identity.id
        return Principal(
            *(key, identity.name, role, source, identity.id, tz, me, bound),
            boards=identity.roles,
            whose=whose,
            device_tz=handshake.tz,
            called="" if source is None else source_label(source),
        )


def _board(asked: str | None, roles: BoardRoles) -> tuple[str, Role]:
    """The board to enter, and the role there. Errors: Refusal with not_found."""
    if asked is None:
        [asked] = [name for name, _ in roles] if len(roles) == 1 else [MAIN]
        asked = MAIN if asked == EVERY_BOARD else asked
        role = role_on(asked, roles)
        if role is None:
            raise no_such_board([name for name, _ in roles])
        return asked, role
    role = role_on(asked, roles)
    if role is None:
        raise no_such_board()
    return asked, role


def no_such_board(own: Sequence[str] = ()) -> Refusal:
    """The refusal for a board that does not exist, or that is closed to whoever asks: the same words. `own`
    are the asker's, where none was named."""
    if own:
        message = f"Name your board: this token is for {', '.join(own)}."
        return Refusal(ErrorCode.NOT_FOUND, message, details={"boards": [*own]})
    return Refusal(ErrorCode.NOT_FOUND, "There is no such board, or this token is not for it.")


def connect_error(refusal: Refusal) -> dict[str, Any]:
    """The error of a refused connect. Shape: {message, data: models.ack.ConnectRefused}."""
    data: dict[str, Any] = {"code": refusal.code, "retry": refusal.retry}
    if refusal.after_ms is not None:
        data["after_ms"] = refusal.after_ms
    if refusal.code is ErrorCode.NOT_FOUND and refusal.details is not None:
        data |= refusal.details
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
            "The auth payload is one JSON object: {token, board, client, source, rooms, tz, hz, resume}."
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
