"""`python -m collectors.github`: the issues and pull requests that wait for me, as priorities."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from collectors import arguments as kinds
from collectors.github.waiting import Waiting
from collectors.known import known_path
from collectors.program import Job, Program, UsageError, source_name
from collectors.secret import add_secret, secret

_READ_AGAIN_S = 60.0  # by ETag, which does not count against GitHub's limit
_VARIABLE = "ADJUTANT_GITHUB_TOKEN"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    return PROGRAM.main(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="github.com", metavar="HOST", help="a GitHub Enterprise Server (%(default)s)")
    add_secret(parser, _VARIABLE, "access token", "token")
    about = "how long a mention counts since something last happened there (%(default)s; 0 for no mentions)"
    add("--mentions", type=kinds.days, default=30, metavar="DAYS", help=about)
    about = "what is done on the board is proposed to be closed at GitHub, by a comment there"
    add("--write", action="store_true", help=about)


def _job(given: argparse.Namespace) -> Job:
    address, host = _address(given.host)
    token = secret(given, _VARIABLE, "access token", "token")
    source = source_name("github", host)
    waiting = Waiting(address, token, known_path(given, source, address), given.mentions, given.write)
    return Job(
        source,
        waiting.collect,
        ("priorities",),
        every_s=_READ_AGAIN_S,
        check=waiting.check,
        writes=("priorities",) if given.write else (),
    )


def _address(host: str) -> tuple[str, str]:
    """Where the REST interface is, and the host's name. Errors: UsageError."""
    parts = urlsplit(host if "://" in host else f"https://{host}")
    name = parts.hostname or ""
    if not name or parts.username or parts.path.strip("/"):
        raise UsageError("--host: give the name of a host, such as github.example.org")
    if parts.scheme == "http" and name not in ("localhost", "127.0.0.1", "::1"):
        raise UsageError("by http the token could be read on the way: only this machine is reached so")
    if name in ("github.com", "www.github.com", "api.github.com"):
        return "https://api.github.com", "github.com"
    if name.endswith(".ghe.com"):
        return f"https://api.{name.removeprefix('api.')}", name.removeprefix("api.")
    return f"{parts.scheme}://{parts.netloc}/api/v3", name


PROGRAM = Program(
    "collectors.github",
    "Reads what waits for a person at GitHub: open issues and pull requests that are assigned to them, wait"
    " for their review, or mention them, as priorities. Without --write nothing at GitHub is changed;"
    " with it, comments are written, and nothing is closed.",
    _add_arguments,
    _job,
)

if __name__ == "__main__":
    sys.exit(main())
