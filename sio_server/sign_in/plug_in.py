"""Sign-in of one's own: `--authenticator module:function`.

The function is given a Shown, and returns an Identity, or None when it is not for it to say; it may be
asynchronous, and may raise NotSignedIn. One that is not asynchronous runs in a thread.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sio_server.registry.roles import OF_PEOPLE, Role
from sio_server.sign_in.base import Identity, NotSignedIn, Shown

WITHIN_S = 5.0
log = logging.getLogger("adjutant.sign_in")


class PlugInError(Exception):
    """There is no such function; the message says why."""


class PlugIn:
    """An Authenticator around a function. If the function has an attribute `still_good`, a function of an
    Identity, that is asked every two seconds whether its connections may go on."""

    def __init__(self, name: str) -> None:
        """Imports it. Errors: PlugInError."""
        self._name = name
        self._function = _function(name)
        self._still_good: Callable[[Identity], bool] | None = getattr(self._function, "still_good", None)

    async def identify(self, shown: Shown) -> Identity | None:
        """What the function says. Errors: NotSignedIn, also when it fails or takes too long."""
        try:
            async with asyncio.timeout(WITHIN_S):
                found = await self._call(shown)
        except NotSignedIn:
            raise
        except Exception as error:
            log.exception("--authenticator %s failed", self._name)
            raise NotSignedIn("You cannot be signed in now: try again later.", after_ms=10_000) from error
        return None if found is None else self._checked(found)

    def still_good(self, identity: Identity) -> bool:
        """What the function's `still_good` says; yes if it has none."""
        if self._still_good is None:
            return True
        try:
            return bool(self._still_good(replace(identity, id=identity.id.removeprefix("plug-in:"))))
        except Exception:
            log.exception("--authenticator %s: still_good failed", self._name)
            return False

    async def refresh(self) -> None:
        """Nothing: the function is asked each time."""

    async def _call(self, shown: Shown) -> Any:
        if inspect.iscoroutinefunction(self._function):
            return await self._function(shown)
        return await asyncio.to_thread(self._function, shown)

    def _checked(self, found: Any) -> Identity:
        """Its ids are apart from all others, so that no function can mean somebody's token by accident."""
        if not isinstance(found, Identity) or not found.id or not found.name or found.source == OF_PEOPLE:
            log.error("--authenticator %s returned %r, not an Identity or None", self._name, type(found))
            raise NotSignedIn("You cannot be signed in: the server's authenticator is at fault.")
        return replace(found, id=f"plug-in:{found.id}", role=Role(found.role))


def _function(name: str) -> Callable[[Shown], Any]:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # noqa: BLE001 - whatever its import does, it is no function that can be used
        raise PlugInError(f"--authenticator {name}: {error}") from None
    if not callable(found):
        raise PlugInError(f"--authenticator {name}: this is no function")
    return found  # type: ignore[no-any-return]
