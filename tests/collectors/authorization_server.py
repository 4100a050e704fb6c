"""An authorization server of the tests' own, that does what Microsoft and Google are documented to do: the
device flow, a sign-in in a browser, and refresh tokens. It is neither of the two."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.collectors.mail_server import token
from tests.proxies import example

CODE, REFRESH = "K7WQ-PLANTED", "planted-refresh-t0ken"
_EXPIRED = {"iat": 1_000_000_000, "exp": 1_000_000_600}


class AuthorizationServer:
    """By https. `approved` lets in whoever waits with a code; `stale` access tokens are already over, though
    the answer says something else; `ended` refuses all refresh tokens."""

    def __init__(self) -> None:
        self.address, self.approved, self.stale, self.ended = "", False, 0, False
        self.asked: list[str] = []
        self.refresh_number = 0
        self._runner: web.AppRunner | None = None

    async def start(self, made: example.Certificate) -> None:
        """Returns when it answers."""
        app = web.Application()
        app.router.add_get("/tenant/v2.0/.well-known/openid-configuration", self._configuration)
        app.router.add_post("/device", self._device)
        app.router.add_post("/token", self._token)
        app.router.add_get("/authorize", self._authorize)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.file, made.key)
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.address = f"https://localhost:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _configuration(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": f"{self.address}/tenant/v2.0",
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "device_authorization_endpoint": f"{self.address}/device",
            }
        )

    async def _device(self, _: web.Request) -> web.Response:
        where = {"verification_uri": f"{self.address}/devicelogin", "expires_in": 900, "interval": 1}
        return web.json_response({"device_code": "a-device", "user_code": CODE} | where)

    async def _authorize(self, request: web.Request) -> web.Response:
        assert request.query["access_type"] == "offline"
        back = f"{request.query['redirect_uri']}?code=a-code&state={request.query['state']}"
        raise web.HTTPFound(f"{back}&scope={request.query['scope']}")

    async def _token(self, request: web.Request) -> web.Response:
        said = await request.post()
        kind = str(said["grant_type"]).rpartition(":")[2]
        self.asked.append(kind)
        if kind == "device_code" and not self.approved:
            return web.json_response({"error": "authorization_pending"}, status=400)
        if kind == "refresh_token" and (self.ended or said["refresh_token"] != self.refresh):
            return web.json_response(
                {"error": "invalid_grant", "error_description": "It is over."}, status=400
            )
        google = kind == "authorization_code" or said["client_id"] == "of-google"
        scope = "https://mail.google.com/" if google else "https://outlook.office.com/IMAP.AccessAsUser.All"
        return web.json_response(self._granted() | {"scope": scope})

    @property
    def refresh(self) -> str:
        """The refresh token that counts: each is good for once."""
        return f"{REFRESH}-{self.refresh_number}"

    def _granted(self) -> dict[str, Any]:
        self.refresh_number += 1
        stale, self.stale = self.stale > 0, max(0, self.stale - 1)
        given = token(**_EXPIRED) if stale else token()
        return {
            "access_token": given,
            "refresh_token": self.refresh,
            "expires_in": 3_600,
            "token_type": "Bearer",
        }


def client_file(path: Path, address: str) -> Path:
    """As Google's console gives it."""
    path.write_text(
        '{"installed": {"client_id": "of-google", "client_secret": "of-an-app",'
        f' "auth_uri": "{address}/authorize", "token_uri": "{address}/token"}}}}'
    )
    return path
