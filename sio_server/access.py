"""Whom this server is for, given its settings and tokens: decided once, when it opens."""

from __future__ import annotations

from sio_server.clients.tokens import Keyring, TokenError
from sio_server.log.meta import TOKENS, Meta
from sio_server.settings import Settings, default_token_file
from sio_server.sockets.origins import DEVELOPMENT, Origins

IN_FORCE = "in force"


def keep_closed(meta: Meta, keyring: Keyring, settings: Settings) -> None:
    """A store that had tokens is not opened to everybody because their file is gone.

    Errors: TokenError; LogError.
    """
    had_some = meta.get(TOKENS) == IN_FORCE
    if had_some and not (keyring.configured or settings.no_tokens):
        raise TokenError(
            f"the board in {settings.data_dir} needs tokens, and there is no token file: put "
            f"{default_token_file(settings.data_dir)} back, name another with --tokens, make one with "
            "`serve.py token add`, or pass --no-tokens to let in everybody on this machine"
        )
    meta.put(TOKENS, IN_FORCE if keyring.configured else "")


def origins_of(settings: Settings, keyring: Keyring) -> Origins:
    """The pages that may use the server. Whatever runs on a port of development would be an administrator
    where there are no tokens, so those ports then count only when they are asked for."""
    develops = keyring.configured or settings.dev
    return Origins((*settings.cors_origin, *(DEVELOPMENT if develops else ())))
