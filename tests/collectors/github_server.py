"""A small server of our own that answers as GitHub's REST interface is documented to. It is not GitHub."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from typing import Any

from aiohttp import web

TOKEN, LOGIN = "ghp_planted5ecretplanted5ecretplanted5ec", "ana"
PER_PAGE = 3
"""However many are asked for: so that there are pages."""


class GitHub:
    """`issues` are all there are, each with `for_me`: assigned, mentioned or review. `requests` counts what
    was asked by status; `answer_with` is a status and headers in place of all answers. `comments` are
    those of each issue; unless it `answers` one is taken, and nothing is said."""

    def __init__(self) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.requests = Counter[int]()
        self.token = TOKEN
        self.answer_with: tuple[int, dict[str, str], str] | None = None
        self.forbidden = ""
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.may_comment = True
        self.answers = asyncio.Event()
        self.answers.set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """On the port that it had before, if it had one."""
        app = web.Application()
        app.router.add_get("/api/v3/{path:.*}", self._answer)
        app.router.add_post("/api/v3/repos/acme/site/issues/{number:[0-9]+}/comments", self._comment)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def add(self, number: int, for_me: str, **more: Any) -> None:
        """An open issue, or a pull request where a review waits."""
        issue = {
            "id": 5_000 + number,
            "number": number,
            "title": f"Issue {number}",
            "state": "open",
            "html_url": f"https://github.example/acme/site/issues/{number}",
            "repository_url": f"{self.host}/api/v3/repos/acme/site",
            "user": {"login": "bo"},
            "labels": [{"name": "bug"}],
            "milestone": None,
        }
        self.issues[number] = issue | ({"pull_request": {}} if for_me == "review" else {}) | more
        self.issues[number]["for_me"] = for_me

    async def _answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(0)
        response = self._answered(request)
        self.requests[response.status] += 1
        return response

    def say(self, number: int, body: str, login: str = LOGIN) -> dict[str, Any]:
        """A comment on an issue."""
        comment = {"body": body, "user": {"login": login}}
        self.comments.setdefault(number, []).append(comment)
        return comment

    async def _comment(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"message": "Bad credentials"}, status=401)
        if not self.may_comment:
            return web.json_response({"message": "Resource not accessible by token"}, status=403)
        comment = self.say(int(request.match_info["number"]), (await request.json())["body"])
        await self.answers.wait()
        return web.json_response(comment, status=201)

    def _answered(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"message": "Bad credentials"}, status=401)
        if self.answer_with is not None:
            status, headers, text = self.answer_with
            return web.Response(status=status, headers=headers, text=text)
        path = request.match_info["path"]
        if self.forbidden and self.forbidden in request.path_qs:
            return web.json_response({"message": "Resource not accessible by token"}, status=403)
        if path == "user":
            return self._tagged(request, {"login": LOGIN}, {})
        if path == "issues":
            return self._listed(request, request.query["filter"], "")
        if path.endswith("/comments"):
            return self._paged(request, self.comments.get(int(path.split("/")[-2]), []), "")
        if path == "search/issues":
            assert f"review-requested:{LOGIN}" in request.query["q"]
            return self._listed(request, "review", "items")
        return web.json_response({"message": "Not Found"}, status=404)

    def _listed(self, request: web.Request, for_me: str, inside: str) -> web.Response:
        found = [one for _, one in sorted(self.issues.items()) if for_me in one["for_me"]]
        return self._paged(request, [one for one in found if one["state"] == "open"], inside)

    def _paged(self, request: web.Request, found: list[dict[str, Any]], inside: str) -> web.Response:
        page = int(request.query.get("page", 1))
        part = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        headers = {}
        if page * PER_PAGE < len(found):
            following = request.url.update_query(page=page + 1)
            headers["Link"] = f'<{following}>; rel="next", <{following}>; rel="last"'
        return self._tagged(request, {inside: part} if inside else part, headers)

    def _tagged(self, request: web.Request, body: Any, headers: dict[str, str]) -> web.Response:
        text = json.dumps(body)
        tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()}"'
        headers |= {
            "ETag": tag,
            "X-RateLimit-Remaining": "4999",
            "X-RateLimit-Reset": str(int(time.time()) + 3600),
        }
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.json_response(text=text, headers=headers)
