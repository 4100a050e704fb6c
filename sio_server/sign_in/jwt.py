"""Sign-in by JSON Web Tokens (RFC 7519): of an OpenID Connect provider, or of a program of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from pydantic import TypeAdapter, ValidationError

from models.base import BoardName, SourceName
from sio_server.registry.roles import EVERY_BOARD, MAIN, OF_PEOPLE, BoardRoles, Role, role_on
from sio_server.sign_in.base import Identity, NotSignedIn, Shown
from sio_server.sign_in.keys import Key, Keys
from sio_server.sign_in.roles import STRONGEST, Roles

NAMES = ("preferred_username", "email", "name", "sub")
"""What others see of somebody is the first of these claims that there is."""
GROUPS = "groups"
MAX_NAME = 200
TRIED = 5
"""So many keys at most, where the token does not say which."""
LAST = datetime(9999, 1, 1, tzinfo=UTC)

MAX_BOARDS = 1_000

_SOURCE: TypeAdapter[str] = TypeAdapter(SourceName)
_BOARD: TypeAdapter[str] = TypeAdapter(BoardName)


@dataclass(frozen=True)
class Claims:
    """What a token has to say, and where. `issuer` and `audience` None: it need not, and must not, name one.

    Units: `leeway_s` seconds, by which clocks may differ.
    """

    issuer: str | None = None
    audience: str | None = None
    leeway_s: float = 30.0
    role: str = "role"
    source: str = "source"
    boards: str = "boards"


class JwtSignIn:
    """An Authenticator. What is a role in a token, and who has one by the file of roles, both count."""

    def __init__(self, keys: Keys, claims: Claims, roles: Roles) -> None:
        self._keys = keys
        self._claims = claims
        self._roles = roles

    async def identify(self, shown: Shown) -> Identity | None:
        """Whom the token names; None when it is not of this kind. Errors: NotSignedIn."""
        if shown.token is None or shown.token.count(".") != 2:
            return None
        header = _header(shown.token)
        algorithm, id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or not isinstance(id, str | None):
            raise NotSignedIn("This token cannot be read.")
        found = self._verified(shown.token, self._keys.matching(algorithm, id))
        if found is None and await self._keys.seek():
            found = self._verified(shown.token, self._keys.matching(algorithm, id))
        if not self._keys.are_known:
            message = "Tokens cannot be checked now: the server has no keys yet. Try again later."
            raise NotSignedIn(message, after_ms=10_000)
        if found is None:
            raise NotSignedIn("This token is not signed with a key that the server knows.")
        return self._identity(*found)

    def still_good(self, identity: Identity) -> bool:
        """Whether its key is still one of the server's, and the file of roles says what it said."""
        print, claimed, named, *names = identity.proof
        boards = self._boards(Role(claimed) if claimed else None, _named(named), *_split(names))
        return self._keys.has(print) and boards == identity.boards

    async def refresh(self) -> None:
        """Reads keys and roles again."""
        await self._keys.refresh()
        await asyncio.to_thread(self._roles.reload)

    def _verified(self, token: str, keys: Iterable[Key]) -> tuple[dict[str, Any], Key] | None:
        """What it says, and the key that it is signed with; None when that is none of these."""
        expected = {"audience": self._claims.audience, "issuer": self._claims.issuer}
        required = ["exp", "sub", *(["aud"] if self._claims.audience else [])]
        required += ["iss"] if self._claims.issuer else []
        for key in [*keys][:TRIED]:
            try:
                claims = jwt.decode(
                    *(token, key.key),
                    algorithms=[key.algorithm],
                    leeway=self._claims.leeway_s,
                    options={"require": required},
                    **expected,  # type: ignore[arg-type]
                )
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
                raise NotSignedIn(_why(error)) from None
            return claims, key
        return None

    def _identity(self, claims: dict[str, Any], key: Key) -> Identity:
        subject = claims["sub"]
        if not _is_name(subject):
            raise NotSignedIn("The `sub` of this token is not a name of 1 to 200 printable characters.")
        name = next(str(claims[claim]) for claim in NAMES if _is_name(claims.get(claim)))
        users = [subject]
        if claims.get("email_verified") is True and _is_name(claims.get("email")):
            users.append(claims["email"])  # one that nobody checked could be anybody's
        groups = _strings(claims.get(GROUPS))
        claimed = _claimed_role(_at(claims, self._claims.role))
        named = _claimed_boards(_at(claims, self._claims.boards))
        boards = self._boards(claimed, _named(named), users, groups)
        if not boards:
            raise NotSignedIn(f"This token of {name} has no role here: ask whoever runs the server for one.")
        proof = (key.print, claimed or "", named, str(len(users)), *users, *groups)
        last = LAST.timestamp()
        expires_at = min(min(int(claims["exp"]), last) + self._claims.leeway_s, last)
        return Identity(
            *(f"jwt:{subject}", name, boards[0][1], self._source(claims)),
            boards=boards,
            expires_at=datetime.fromtimestamp(expires_at, UTC),
            proof=proof,
        )

    def _boards(
        self,
        claimed: Role | None,
        named: Mapping[str, Role | None] | None,
        users: Iterable[str],
        groups: Iterable[str],
    ) -> BoardRoles:
        """The role on each board: without a claim of boards, `main` by the claimed role and what the file of
        roles says; with one, the boards named there alone."""
        by_file = self._roles.of(users, groups)
        if named is None:
            return by_file if claimed is None else tuple(sorted({**dict(by_file), MAIN: claimed}.items()))
        found = ((board, role or claimed or role_on(board, by_file)) for board, role in named.items())
        return tuple(sorted((board, role) for board, role in found if role is not None))

    def _source(self, claims: dict[str, Any]) -> str | None:
        given = _at(claims, self._claims.source)
        if given is None:
            return None
        try:
            source = _SOURCE.validate_python(given, strict=True)
        except ValidationError:
            source = OF_PEOPLE
        if source == OF_PEOPLE:
            raise NotSignedIn("The source that this token names is not the name of a source.")
        return source


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise NotSignedIn("This token cannot be read.") from None


def _why(error: Exception) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return "This token has expired: sign in again."
    if isinstance(error, jwt.ImmatureSignatureError):
        return "This token is not valid yet: is the clock of whoever made it right?"
    if isinstance(error, jwt.InvalidAudienceError):
        return "This token is not for this server (`aud`)."
    if isinstance(error, jwt.InvalidIssuerError):
        return "This token is from somebody else (`iss`)."
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"This token lacks `{error.claim}`."
    return "This token is not valid."


def _at(claims: dict[str, Any], path: str) -> Any:
    """A claim by its name, or by the names on the way to it: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _claimed_role(given: Any) -> Role | None:
    """The strongest role among what is given; words that are no roles are other programs'."""
    words = set(_strings(given))
    return next((role for role in STRONGEST if role in words), None)


def _claimed_boards(given: Any) -> str:
    """The boards that a token names, as text for the proof: `["ceo", "cfo"]`, or with roles
    `{"ceo": "editor"}`; "" when it names none. What is no board's name is passed over."""
    if given is None:
        return ""
    roles = given if isinstance(given, dict) else dict.fromkeys(_strings(given))
    found = [
        f"{board}={_claimed_role(role) or ''}"
        for board, role in [*roles.items()][:MAX_BOARDS]
        if (board == EVERY_BOARD or _is_board(board)) and (role is None or _claimed_role(role))
    ]
    return ":" + ",".join(found)


def _named(boards: str) -> dict[str, Role | None] | None:
    """The inverse: the role that is named for each board; None when none were claimed."""
    if not boards:
        return None
    pairs = (one.partition("=") for one in boards.removeprefix(":").split(",") if one)
    return {board: Role(role) if role else None for board, _, role in pairs}


def _is_board(name: str) -> bool:
    try:
        return bool(_BOARD.validate_python(name, strict=True))
    except ValidationError:
        return False


def _strings(given: Any) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(each for each in listed if isinstance(each, str))


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and given.isprintable() and 0 < len(given.strip()) <= MAX_NAME


def _split(names: list[str]) -> tuple[list[str], list[str]]:
    count, *rest = names
    return rest[: int(count)], rest[int(count) :]
