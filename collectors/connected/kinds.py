"""What can be connected, and what is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from collectors.program import Program


@dataclass(frozen=True)
class Kind:
    """`asks` are the collector's arguments, asked for where none are given; `secrets` what is asked without
    showing it, each a line of the secret in the environment's `variable`; `module` is the collector's
    where it is not called like the kind."""

    asks: tuple[str, ...]
    secrets: tuple[str, ...]
    variable: str
    module: str = ""


KINDS = {
    "imap": Kind(
        ("name to log in with, mostly the mail address",),
        ("password (Gmail, iCloud, Fastmail: an app password)",),
        "ADJUTANT_IMAP_PASSWORD",
    ),
    "caldav": Kind(
        ("server's address, such as https://dav.example.org", "name to log in with"),
        ("password (iCloud, Fastmail, Nextcloud: an app password)",),
        "ADJUTANT_CALDAV_PASSWORD",
    ),
    "ics": Kind((), ("calendar's secret address (https://... or webcal://...)",), "ADJUTANT_ICS_ADDRESS"),
    "slack": Kind(
        ("name of the workspace",),
        ("bot token (xoxb-...)", "app token (xapp-...)"),
        "ADJUTANT_SLACK_TOKENS",
        "slack.live",
    ),
    "github": Kind((), ("access token (github_pat_... or ghp_...)",), "ADJUTANT_GITHUB_TOKEN"),
}

HOW_TO_CONNECT = f"`adjutant connect KIND` ({', '.join(KINDS)})"
"""What to type, with what can be connected."""


def module_of(collector: str) -> str:
    """What `python -m` runs."""
    kind = KINDS.get(collector)
    return f"collectors.{kind.module or collector if kind is not None else collector}"


def program_of(collector: str) -> Program:
    """The program of `python -m collectors.NAME`."""
    found = import_module(f"{module_of(collector)}.__main__").PROGRAM
    assert isinstance(found, Program)
    return found
