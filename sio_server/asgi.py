"""The app for servers such as uvicorn that have a command line: settings come from the environment."""

from __future__ import annotations

import os

from sio_server.app import App
from sio_server.flags import SettingsError
from sio_server.registry.registry import Registry
from sio_server.settings import from_environment
from sio_server.sockets.guard import Receive, Scope, Send


class FromEnvironment:
    """Makes the App when the server starts its lifespan, and passes everything on to it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            os.umask(0o077)  # as serve.py does
            try:
                self._app = App(from_environment(), self._registry)
            except SettingsError as error:
                await receive()
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        if self._app is None:
            raise RuntimeError("run this app with lifespan events: uvicorn --lifespan on serve:app")
        await self._app(scope, receive, send)
