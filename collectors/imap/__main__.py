"""`python -m collectors.imap USER@HOST`: a mailbox, kept up with as its mails come and go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from collectors import arguments as kinds
from collectors.connected.book import book_path, replace_secret
from collectors.imap.account import Account, Security
from collectors.imap.known import Known
from collectors.imap.sync import USES, Mailbox, Wanted
from collectors.imap.waiting import next_mail
from collectors.known import known_path
from collectors.oauth import Access, add_oauth
from collectors.patience import checked
from collectors.program import Job, Program, UsageError, source_name
from collectors.secret import add_secret, secret

_READ_AGAIN_S = 60.0
"""With --watch: folders other than the inbox, and servers without IDLE."""
_STEP_S = 300.0  # for some 100 mails or 2 MB, which a slow line brings within a minute
_VARIABLE = "ADJUTANT_IMAP_PASSWORD"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    return PROGRAM.main(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("user", metavar="USER", help="the name to log in with, mostly the address: ana@example.org")
    add("--host", metavar="HOST", help="the mail server; by default what comes after the @")
    add("--port", type=int, metavar="PORT", help="by default 993, and 143 without TLS from the start")
    about = "how it is kept secret: tls, starttls, or none (only on this machine) (%(default)s)"
    add("--security", type=Security, choices=list(Security), default=Security.TLS, help=about)
    add("--ca", type=Path, metavar="FILE", help="certificates to trust beside those of the system")
    add_secret(parser, _VARIABLE)
    add("--oauth2", action="store_true", help="what is given as the password is an access token (XOAUTH2)")
    add_oauth(parser)
    about = "only these folders, as often as needed: a name with * and ?, or a use that the server tells"
    about += f" ({', '.join(USES)}); by default all but bin, spam and drafts"
    add("--folder", action="append", type=_folder, default=[], metavar="NAME", help=about)
    add(
        "--exclude", action="append", type=_folder, default=[], metavar="NAME", help="leave out these folders"
    )
    add("--no-invitations", action="store_true", help="leave invitations off the calendar")
    kinds.add_me(parser, "what is asked of them is theirs to do, what others promise is owed to them")
    kinds.add_actions(parser)
    kinds.add_zone(parser)


def _folder(text: str) -> str:
    use = next((one for one in USES if one.lower() == text.lower()), "")
    if text.startswith("\\") and not use:
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(USES)}")
    return use or text


def _job(given: argparse.Namespace) -> Job:
    user: str = given.user
    host = given.host or user.rpartition("@")[2]
    if not host or (host == user and not given.host):
        raise UsageError("say with --host where the mailbox is")
    password = secret(given, _VARIABLE)
    access = None
    if given.oauth:
        keep = partial(replace_secret, book_path(), given.account) if given.account else None
        password = access = Access(password, keep)
    oauth2 = given.oauth2 or bool(given.oauth)
    try:
        account = Account(host, user, password, given.port, given.security, oauth2, given.ca)
    except ValueError as error:
        raise UsageError(str(error)) from None
    wanted = Wanted(tuple(given.folder), tuple(given.exclude), not given.no_invitations, given.tz)
    source = source_name("imap", user if "@" in user else f"{user}@{host}")
    path = known_path(given, source, user, host)
    box = Mailbox(account, path, wanted, given.me, given.actions)
    sections = ("calendar",) if wanted.invitations else ()
    return Job(
        source,
        box.collect,
        sections,
        every_s=_READ_AGAIN_S,
        from_texts=True,
        counts_records=True,
        changes=partial(next_mail, account),
        check=lambda: checked(account.check(), Known(path)),
        renewed=lambda: "" if access is None else access.newest,
        step_s=_STEP_S,
    )


PROGRAM = Program(
    "collectors.imap",
    "Reads a mailbox by IMAP: mails as records, invitations onto the calendar, action items and"
    " proposals as from mail files. What was read is noted down, so later runs fetch only what is new;"
    " what is deleted in the mailbox is removed. Nothing in the mailbox is changed.",
    _add_arguments,
    _job,
)


if __name__ == "__main__":
    sys.exit(main())
