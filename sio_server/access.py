"""Who may use the server and how much of it, from its settings and tokens; decided when it opens."""

from __future__ import annotations

from collections.abc import Callable

from sio_server.clients.limits import Limits
from sio_server.clients.tokens import Keyring, TokenError
from sio_server.log.meta import TOKENS, Meta
from sio_server.people.directory import Directory
from sio_server.registry.settings import RuleSettings
from sio_server.settings import Settings, default_token_file
from sio_server.sockets.origins import DEVELOPMENT, Origins

IN_FORCE = "in force"


def keep_closed(meta: Meta, keyring: Keyring, settings: Settings) -> None:
    """Refuses to open a store that had tokens to everybody when the token file is missing.

    Errors: TokenError; LogError.
    """
    had_some = meta.get(TOKENS) == IN_FORCE
    if had_some and not (keyring.configured or settings.no_tokens):
        raise TokenError(
            f"the board in {settings.data_dir} needs tokens, but there is no token file: put "
            f"{default_token_file(settings.data_dir)} back, name another with --tokens, make one with "
            "`serve.py token add`, or pass --no-tokens to admit everybody on this machine"
        )
    meta.put(TOKENS, IN_FORCE if keyring.configured else "")


def origins_of(settings: Settings, keyring: Keyring) -> Origins:
    """The pages that may use the server. Without tokens any page is an administrator, so the development
    ports count only with --dev then."""
    develops = keyring.configured or settings.dev
    return Origins((*settings.cors_origin, *(DEVELOPMENT if develops else ())))


def limits_of(settings: Settings) -> Limits:
    """The limits of one token or address."""
    return Limits(
        settings.max_connections,
        settings.max_per_token or (settings.max_connections + 1) // 2,
        settings.max_per_address or settings.max_connections,
        settings.token_rate,
        settings.address_rate,
    )


def rules_of(settings: Settings, people: Callable[[], Directory], items: Callable[[], int]) -> RuleSettings:
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
    )
