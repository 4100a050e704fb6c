"""Address books, and the people whom mails, chats and calendars name, as the directory takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.accounts import Account
from collectors.people.book import read_books
from collectors.people.met import PEOPLE_MAX, Met
from collectors.types import Finding, Kind, NoneLeft
from models.people import GivenPerson
from tests.collectors import programs
from tests.conftest import Connect
from tests.running import RunningServer

CARDS = """\
BEGIN:VCARD
VERSION:3.0
N:Silva;Ana;;;
FN:Ana Silva
NICKNAME:Anita,ana_s
item1.EMAIL;type=INTERNET:ana@exam
 ple.org
EMAIL:as@home.example
TEL:+1 555
NOTE:a secret
PHOTO;ENCODING=b:AAAA
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg
EMAIL;INTERNET:j@example.org
END:VCARD
BEGIN:VCARD
ORG:Nobody
END:VCARD
BEGIN:VCARD
FN:مريم
EMAIL;TYPE="broken:x
"""


def book(
    tmp_path: Path, text: str | bytes, name: str = "book.vcf"
) -> tuple[list[GivenPerson], list[Finding]]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = list(read_books([path]))
    assert all(one.open == 0 for one in found if isinstance(one, Account))
    return (
        [one for one in found if isinstance(one, GivenPerson)],
        [one for one in found if isinstance(one, Finding)],
    )


def test_vcards_give_names_and_addresses_and_nothing_else(tmp_path: Path) -> None:
    people, findings = book(tmp_path, CARDS)
    assert [(one.names, one.addresses) for one in people] == [
        (("Ana Silva", "Anita", "ana_s"), ("ana@example.org", "as@home.example")),
        (("Jörg Müller",), ("j@example.org",)),
        (("مريم",), ()),
    ]
    assert [one.why for one in findings] == ["some of its lines cannot be read"]
    assert "secret" not in json.dumps([one.model_dump(mode="json") for one in people])


@pytest.mark.parametrize(
    "text",
    [
        "Name,Email\nAna Silva,ana@example.org\n",
        "First Name;Last Name;E-mail Address\nAna;Silva;ana@example.org\n",
        "\ufeffGiven Name\tFamily Name\tE-mail 1 - Value\tPhone\nAna\tSilva\tana@example.org\t1\n",
        'Vorname,Nachname,E-Mail\n"Ana","Silva","ana@example.org"\n,,\n',
        "full name,email\r\nAna Silva,ana@example.org\r\nAna Silva,ana@example.org\r\n",
    ],
)
def test_tables_are_known_by_the_names_of_their_columns(tmp_path: Path, text: str) -> None:
    people, findings = book(tmp_path, text, "book.csv")
    assert [(one.names, one.addresses) for one in people] == [(("Ana Silva",), ("ana@example.org",))]
    assert findings == []


@pytest.mark.parametrize("text", ["", "hello\nworld\n", "a,b,c\n1,2,3\n", b"\x00\x01" * 50])
def test_what_is_no_address_book_is_skipped_by_name(tmp_path: Path, text: str | bytes) -> None:
    people, findings = book(tmp_path, text)
    assert people == []
    assert [one.where for one in findings] == ["book.vcf"]
    assert findings[0].kind in (Kind.SKIPPED, Kind.LEFT_OUT)


def test_too_large_names_and_too_many_people_are_bounded_and_named(tmp_path: Path) -> None:
    rows = "".join(f"{'N' * 500} {n},n{n}@example.org\n" for n in range(5_010))
    people, findings = book(tmp_path, f"Name,Email\n{rows}", "book.csv")
    assert len(people) == 5_000
    assert max(len(name) for one in people for name in one.names) == 120
    assert sum(one.count for one in findings if one.kind is Kind.LEFT_OUT) == 10


def test_those_who_are_named_most_often_are_told_and_a_name_alone_tells_nothing() -> None:
    met = Met()
    for n in range(PEOPLE_MAX + 5):
        met.meet(f"Person {n} <p{n}@example.org>")
    for written in (
        "Ana Silva <ana@example.org>",
        '"Silva, Ana" <ANA@example.org>',
        "Ana Silva <ana@example.org>",
    ):
        met.meet(written)
    for nobody in ("Ana", "ana@example.org", "", "<>", "a <b@>", "x@y.z <x@y.z>", f"A <{'a' * 300}@x>"):
        met.meet(nobody)
    told = list(met.people())
    assert isinstance(told[0], GivenPerson)
    assert (told[0].names, told[0].addresses) == (("Ana Silva", "Silva, Ana"), ("ana@example.org",))
    assert len([one for one in told if isinstance(one, GivenPerson)]) == PEOPLE_MAX
    [left] = [one for one in told if isinstance(one, Finding)]
    assert left.why.startswith("6 people")
    assert list(Met().people()) == [NoneLeft("people")]


async def test_an_address_book_makes_one_person_of_many_names(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "book.vcf").write_text(CARDS)
    status, printed = await programs.run("people", server, tmp_path / "book.vcf", "--json")
    report = json.loads(printed)
    assert (status, report["source"], report["read"]) == (0, "people:book", {"people": 3})
    assert report["board"]["people"]["added"] == 3
    person = await connect()
    item = {"id": "1", "direction": "owe", "description": "x", "assignee": "@ana_s"}
    await person.done("commitments:put", items=[item])
    assert (await person.state())["commitments"]["owe"][0]["person"] == "Ana Silva"
