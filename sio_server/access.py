"""Who may use the server and how much of it, from its settings and tokens; decided when it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sio_server.clients.limits import Limits
from sio_server.clients.tokens import Keyring, TokenError
from sio_server.log.base import Values
from sio_server.log.meta import TOKENS
from sio_server.people.directory import Directory
from sio_server.push.keys import PushKeyError, ServerKey
from sio_server.push.service import PushService
from sio_server.registry.privacy import PRIVATE, Policy
from sio_server.registry.settings import RuleSettings
from sio_server.settings import Settings, default_token_file
from sio_server.sign_in.base import Authenticator, SignIn
from sio_server.sign_in.plug_in import PlugIn, PlugInError
from sio_server.sign_in.proxy import ProxySignIn
from sio_server.sign_in.roles import Roles, RolesError
from sio_server.sockets.origins import DEVELOPMENT, Origins

IN_FORCE = "in force"


class SetUpError(Exception):
    """Sign-in cannot be set up as the settings ask; the message says why."""


def sign_in_of(settings: Settings) -> SignIn:
    """Who is let in: by the token file, by JSON Web Tokens, by a proxy, by a function. Blocks.

    Errors: TokenError; SetUpError.
    """
    found: list[Authenticator] = []
    try:
        if settings.token_file is not None:
            found.append(Keyring(settings.token_file))
        roles = Roles(settings.roles)
        if settings.jwt_key is not None or settings.jwks is not None:
            found.append(_jwt(settings, roles))
        if settings.authenticator is not None:
            found.append(PlugIn(settings.authenticator))
        if settings.proxy_user_header is not None:
            found.append(ProxySignIn(roles))
    except (RolesError, PlugInError) as error:
        raise SetUpError(str(error)) from None
    return SignIn(found)


def _jwt(settings: Settings, roles: Roles) -> Authenticator:
    # Only whoever uses them waits for their imports.
    from sio_server.sign_in.jwt import Claims, JwtSignIn
    from sio_server.sign_in.keys import FetchedKeys, FileKeys, Keys, KeysError

    claims = Claims(
        settings.jwt_issuer,
        settings.jwt_audience,
        settings.jwt_leeway,
        settings.role_claim,
        settings.source_claim,
        settings.boards_claim,
    )
    try:
        keys: Keys = FetchedKeys(settings.jwks) if settings.jwks else FileKeys(settings.jwt_key or Path())
    except KeysError as error:
        raise SetUpError(str(error)) from None
    return JwtSignIn(keys, claims, roles)


def keep_closed(meta: Values, sign_in: SignIn, settings: Settings) -> None:
    """A store that had tokens is not opened to everybody because their file is gone.

    Errors: TokenError; LogError.
    """
    had_some = meta.get(TOKENS) == IN_FORCE
    if had_some and not (sign_in.required or settings.no_tokens):
        raise TokenError(
            f"the board in {settings.data_dir} needs tokens, but there is no token file: put "
            f"{default_token_file(settings.data_dir)} back, name another with --tokens, make one with "
            "`serve.py token add`, let people sign in as before, or pass --no-tokens to let in everybody on "
            "this machine"
        )
    meta.put(TOKENS, IN_FORCE if sign_in.required else "")


def keep_private(meta: Values, settings: Settings) -> None:
    """Notes in the store which sources the settings make private, or public again.

    Errors: SetUpError; LogError.
    """
    private, public = dict(settings.private), frozenset(settings.public)
    if private and not settings.signs_in:
        raise SetUpError("--private: where nobody signs in nobody is known; make tokens first")
    if both := sorted(private.keys() & public):
        raise SetUpError(f"{both[0]} is named by --private and by --public: leave one of them out")
    before = Policy.read(meta.get(PRIVATE))
    now = before.set_by_server(private, public, outlines=settings.show_busy)
    if replace(now, secret="") != replace(before, secret=""):
        meta.put(PRIVATE, now.text)


def origins_of(settings: Settings) -> Origins:
    """The pages that may use the server. Whatever runs on a port of development would be an administrator
    where nobody signs in, and whoever is signed in at a proxy where that says who it is: those ports then
    count only when they are asked for."""
    develops = settings.dev or (settings.signs_in and settings.proxy_user_header is None)
    return Origins((*settings.cors_origin, *(DEVELOPMENT if develops else ())))


def limits_of(settings: Settings) -> Limits:
    """The limits of one token or address."""
    return Limits(
        settings.max_connections,
        settings.max_per_token or (settings.max_connections + 1) // 2,
        settings.max_per_address or settings.max_connections,
        settings.token_rate,
        settings.address_rate,
        settings.admin_reserve,
    )


def push_of(settings: Settings) -> PushService | None:
    """What notifies closed pages; None where the package for it is not installed. Blocks for a small file.

    Errors: SetUpError.
    """
    try:
        from http_ece import encrypt
    except ImportError:
        return None
    try:
        key = ServerKey.kept(settings.data_dir)
    except PushKeyError as error:
        raise SetUpError(str(error)) from None
    return PushService(key, encrypt, settings.push_service, settings.push_contact)


def rules_of(
    settings: Settings,
    people: Callable[[], Directory],
    items: Callable[[], int],
    push: PushService | None,
) -> RuleSettings:
    """What rules depend on besides the state; `items` counts the board's items."""
    return RuleSettings(
        settings.tz,
        settings.important_words,
        people,
        settings.proposal_days,
        settings.proposal_limit,
        settings.day_starts,
        tuple(settings.me),
        items,
        *(settings.item_limit, settings.source_item_limit, settings.source_limit),
        *(settings.item_mib, settings.source_item_mib),
        *((None, lambda host: False) if push is None else (push.key.public, push.allows)),
    )
