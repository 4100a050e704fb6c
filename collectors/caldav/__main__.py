"""`python -m collectors.caldav ADDRESS USER`: the calendars of an account."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from collectors import arguments as kinds
from collectors.caldav.account import CalendarAccount, Wanted
from collectors.known import known_path
from collectors.program import Job, Program, UsageError, source_name
from collectors.secret import add_secret, secret

_READ_AGAIN_S = 25.0
"""From begin to begin, so that a change is here within half a minute. A sync of a calendar that has not
changed is one small request."""
_STEP_S = 900.0  # for a list of all objects alone a server is given 600 (fetching.LISTING_S)
_VARIABLE = "ADJUTANT_CALDAV_PASSWORD"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    return PROGRAM.main(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    about = "the server's address, or a domain that names it: https://dav.example.org, example.org"
    add("address", metavar="ADDRESS", help=about)
    add("user", metavar="USER", help="the name to log in with")
    add_secret(parser, _VARIABLE)
    add("--bearer", action="store_true", help="what is given as the password is an access token")
    add("--ca", type=Path, metavar="FILE", help="certificates to trust in place of those of the system")
    about = "only calendars of this name, with * and ?, as often as needed; by default all"
    add("--calendar", action="append", default=[], metavar="NAME", help=about)
    add("--days-back", type=kinds.days, default=7, metavar="DAYS", help="how far back (%(default)s)")
    add("--days-ahead", type=kinds.days, default=60, metavar="DAYS", help="and how far ahead (%(default)s)")
    about = (
        "write to the account what is decided on the board: to-dos done, renamed, moved, invitations answered"
    )
    add("--write", action="store_true", help=about)
    kinds.add_me(parser, "their answers to invitations are found by it")
    kinds.add_zone(parser)


def _job(given: argparse.Namespace) -> Job:
    address: str = given.address
    parts = urlsplit(address if "://" in address else f"https://{address}")
    if parts.password or not parts.hostname:
        raise UsageError("give a server's address without a password: --password-file holds that")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise UsageError("by http the password could be read on the way: only this machine is reached so")
    password = secret(given, _VARIABLE)
    source = source_name("caldav", f"{given.user}@{parts.hostname}")
    wanted = Wanted(tuple(given.calendar), given.tz, given.days_back, given.days_ahead)
    path = known_path(given, source, address, given.user)
    account = CalendarAccount(
        address, given.user, password, path, wanted, given.bearer, given.ca, tuple(given.me), given.write
    )
    return Job(
        source,
        account.collect,
        ("calendar", "priorities", "people"),
        every_s=_READ_AGAIN_S,
        check=account.check,
        writes=("calendar", "priorities") if given.write else (),
        step_s=_STEP_S,
    )


PROGRAM = Program(
    "collectors.caldav",
    "Reads the calendars of a CalDAV account. What was read is noted down, so later runs fetch only what"
    " changed (sync-collection where the server knows it). Nothing in the account is changed unless with"
    " --write.",
    _add_arguments,
    _job,
)


if __name__ == "__main__":
    sys.exit(main())
