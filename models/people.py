"""People: who is who, as sources know it. Only names and addresses are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from models.base import Few, Lax, Line, Wire, some_words
from models.batch import GivenItem, Items, Put, Rejected

PEOPLE_MAX = 5_000
"""The most people of one source."""
NAMES_MAX = 10  # of one person; most have two or three
NAME_MAX = 120  # characters
ADDRESS_MAX = 254  # RFC 5321


def _address(text: str) -> str:
    name, at, host = text.rpartition("@")
    if not (name and at and host) or any(mark.isspace() or mark in "<>" for mark in text):
        raise ValueError("use an address like ana@example.org")
    return text


PersonName = Annotated[Line, Field(min_length=1, max_length=NAME_MAX), AfterValidator(some_words)]
Address = Annotated[Line, Field(max_length=ADDRESS_MAX), AfterValidator(_address)]


class GivenPerson(GivenItem):
    """A person as their sender knows them: full names, short names, handles and addresses."""

    section = "people"
    noun = "person"
    nouns = "people"

    names: Annotated[tuple[PersonName, ...], Few(NAMES_MAX)] = ()
    addresses: Annotated[tuple[Address, ...], Few(NAMES_MAX)] = ()


class PutPeople(Put):
    """A batch of people; each is validated by itself."""

    items: Items[GivenPerson]


class PutPeopleDone(Wire):
    """Counts of people."""

    added: int
    changed: int
    unchanged: int
    removed: int
    rejected: Annotated[tuple[Rejected, ...], Lax]
