"""An address book: a file of vCards or a table, as people of the directory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from collectors.accounts import Accounts
from collectors.folders import Unreadable, called, read_text
from collectors.identity import stable_id
from collectors.people.met import addresses_within, names_within
from collectors.people.table import has_people, rows
from collectors.people.vcard import Card, cards
from collectors.remarks import Remarks
from collectors.types import Finding, Found, Kind, NoneLeft, Progress
from models.people import PEOPLE_MAX, GivenPerson

BOOK_MAX_BYTES = 64 << 20  # with photographs, of thousands of people


def read_books(paths: Sequence[Path]) -> Iterator[Found]:
    """The people of all the books, each person once, and what could not be taken."""
    accounts = Accounts("file", "card")
    met: set[str] = set()
    for number, path in enumerate(paths):
        yield Progress(number, len(paths), called(path))
        accounts["file"].see()
        try:
            text, remark = read_text(path, BOOK_MAX_BYTES)
            found = list(_cards(text))
        except (Unreadable, csv.Error) as error:
            accounts["file"].leave(Kind.SKIPPED)
            unreadable = (
                error if isinstance(error, Unreadable) else Unreadable(f"it is not a table ({error})")
            )
            yield unreadable.finding(called(path))
            continue
        accounts["file"].take()
        if remark is not None:
            yield Finding(remark.kind, called(path), remark.why)
        remarks = Remarks(called(path), accounts["card"])
        yield from _people(found, met, remarks, accounts)
        yield from remarks.findings()
    if not met:
        yield NoneLeft("people")
    yield from accounts


def _cards(text: str) -> Iterator[Card]:
    """Errors: Unreadable, csv.Error."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "BEGIN:VCARD" in text[:10_000].upper():
        yield from cards(text)
    elif has_people(text.partition("\n")[0][:10_000]):
        yield from rows(text)
    else:
        raise Unreadable("it is neither vCards nor a table whose first row names columns such as Name, Email")


def _people(
    found: Sequence[Card], met: set[str], remarks: Remarks, accounts: Accounts
) -> Iterator[GivenPerson]:
    account = accounts["card"]
    for card in found:
        account.see()
        names, addresses = names_within(card.names), addresses_within(card.addresses)
        id = stable_id("person", *(addresses or names))
        if card.broken:
            remarks.add(Kind.NOTE, f"line {card.line}", "some of its lines cannot be read")
        if not names and not addresses:
            account.leave("without a name or an address")
        elif id in met:
            account.leave("listed twice")
        elif len(met) == PEOPLE_MAX:
            remarks.add(Kind.LEFT_OUT, f"line {card.line}", f"the directory takes {PEOPLE_MAX:,} people")
        else:
            met.add(id)
            account.take()
            yield GivenPerson(id=id, names=tuple(names), addresses=tuple(addresses))
