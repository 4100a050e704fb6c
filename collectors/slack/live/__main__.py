"""`python -m collectors.slack.live`: a workspace as it goes on."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from collectors import arguments as kinds
from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.known import known_path
from collectors.program import Job, Program, UsageError, source_name
from collectors.secret import add_secret, secret
from collectors.slack.live.api import BASE, Api
from collectors.slack.live.socket import Socket
from collectors.slack.live.workspace import Workspace

_READ_AGAIN_S = 3_600.0  # with --watch: for edits that Slack did not tell; new messages come by the socket
_VARIABLE = "ADJUTANT_SLACK_TOKENS"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    return PROGRAM.main(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("workspace", nargs="?", default="workspace", metavar="NAME", help="what it is called on the board")
    add_secret(parser, _VARIABLE, "tokens", "tokens")
    about = "how much history is read at first (%(default)s)"
    add("--history", type=kinds.days, default=90, metavar="DAYS", help=about)
    about = "the emoji that proposes a message as a priority (%(default)s)"
    add("--emoji", type=lambda text: text.strip(":"), default="pushpin", metavar="NAME", help=about)
    add("--api", default=BASE, metavar="URL", help=argparse.SUPPRESS)  # for tests
    kinds.add_me(parser, "what others ask of them is theirs to do, what others promise is owed to them")
    kinds.add_actions(parser)
    kinds.add_zone(parser)


def _job(given: argparse.Namespace) -> Job:
    parts = urlsplit(given.api)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise UsageError("by http the tokens could be read on the way: only this machine is reached so")
    source = source_name("slack", given.workspace)
    api = Api(secret(given, _VARIABLE, "tokens", "tokens"), given.api)
    socket = Socket(api)
    actions = Actions(Me(given.me), given.actions, ZoneInfo(given.tz))
    space = Workspace(api, socket, known_path(given, source, "live"), actions, given.history, given.emoji)
    return Job(
        source,
        space.collect,
        ("people",),
        every_s=_READ_AGAIN_S,
        from_texts=True,
        changes=socket.changes,
        check=lambda: asyncio.run(space.check()),
    )


PROGRAM = Program(
    "collectors.slack.live",
    "Reads a Slack workspace as it goes on: messages of the channels that the bot is in as records, with"
    " edits and deletions, action items and proposals as from an export. Nothing is written to Slack.",
    _add_arguments,
    _job,
)

if __name__ == "__main__":
    sys.exit(main())
