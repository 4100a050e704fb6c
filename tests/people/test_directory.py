"""Who is meant by a name (people/directory, people/entries, people/names): one person for all their names,
and nobody where two may be meant."""

from __future__ import annotations

import gc
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sio_server.people.directory import NOBODY, Directory
from sio_server.people.entries import Entry
from sio_server.people.names import WRITTEN_MAX

ANA = Entry("vcard", ("Ana Silva", "Ana M. Silva", "Anita"), ("ana@example.org", "as@home.example"))
BO = Entry("mail", ("Berg, Bo",), ("bo.berg@example.org",))
LIND = Entry("mail", ("Bo Lind (Acme)",), ("lind@acme.example",))
KNOWN = Directory([ANA, BO, LIND])


@pytest.mark.parametrize(
    "written",
    [
        *("Ana", "ana", "@ana", "ANA", "Ana Silva", "ana silva", "Silva", "Silva, Ana", "Ana S.", "A. Silva"),
        *("Anita", "@anita", "Ana M. Silva", "AS", "AMS", "ana@example.org", "ANA@EXAMPLE.ORG"),
        *("Ana Silva <ana@example.org>", "<as@home.example>", "A stranger's name <as@home.example>"),
        *("Aña Sílva", '"Ana Silva" (Acme)', "ana.silva", "mailto ana@example.org"),
    ],
)
def test_a_person_has_many_names(written: str) -> None:
    assert KNOWN.called(written) == "Ana Silva"


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("Bo Berg", "Bo Berg"),
        ("Bo B.", "Bo Berg"),
        ("bo.berg", "Bo Berg"),
        ("BL", "Bo Lind"),
        ("Lind", "Bo Lind"),
        ("Bo", "Bo"),
        ("@bo", "@bo"),
        ("Cy", "Cy"),
        ("Cy <cy@example.org>", "Cy"),
        ("cy@example.org", "cy@example.org"),
        ("Ana Costa", "Ana Costa"),
        ("", ""),
        ("?", "?"),
    ],
)
def test_who_is_not_sure_stays_as_written(written: str, called: str) -> None:
    assert KNOWN.called(written) == called


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("@ana, @bo", "Ana Silva, @bo"),
        ("ana and Bo Lind & Cy", "Ana Silva, Bo Lind, Cy"),
        ("Ana/ana@example.org", "Ana Silva"),
        (", ".join(["ana"] * 40), ", ".join(["ana"] * 40)),
    ],
)
def test_each_of_several_people_is_called_by_name(written: str, called: str) -> None:
    assert KNOWN.called(written) == called


def test_two_people_of_one_name_are_told_apart_by_their_addresses_alone() -> None:
    two = Directory(
        [Entry("a", ("Ana Silva",), ("a@one.example",)), Entry("b", ("Ana Silva",), ("a@two.example",))]
    )
    assert len(two) == 2
    assert two.find("Ana Silva") is two.find("ana") is two.find("AS") is None
    assert two.find("Ana Silva <a@one.example>") is not two.find("a@two.example")


def test_a_profile_without_an_address_belongs_to_the_only_one_of_its_full_name() -> None:
    profile = Entry("slack", ("Ana Silva", "anas"))
    assert Directory([profile, ANA]).called("@anas") == "Ana Silva"
    assert len(Directory([profile, ANA])) == 1
    other = Entry("mail", ("Ana Silva",), ("other@example.org",))
    assert len(Directory([profile, ANA, other])) == 3
    # In one source two entries are two people.
    assert len(Directory([profile, Entry("slack", ("Ana Silva",), ("x@example.org",))])) == 2


def test_a_mailbox_of_many_is_nobody() -> None:
    names = ("Ana Silva", "Bo Berg", "Cy Young", "Di Moon")
    shared = [Entry("mail", (name,), ("noreply@example.org",)) for name in names]
    known = Directory([*shared, ANA])
    assert known.find("noreply@example.org") is None
    assert known.called("Bo Berg <noreply@example.org>") == "Bo Berg"
    assert known.names_of("Ana Silva")[-2:] == ["ana@example.org", "as@home.example"]


def test_all_names_but_those_that_others_have_find_a_person() -> None:
    assert KNOWN.names_of("@ana") == ["Ana Silva", "Ana M. Silva", "Anita", *ANA.addresses]
    assert KNOWN.names_of("Bo Berg") == ["Bo Berg", "bo.berg@example.org"]
    assert KNOWN.names_of("bo") == KNOWN.names_of("nobody") == []
    anas = Directory([Entry("s", ("Ana Silva", "Ana"), ("a@x.example",)), Entry("s", ("Ana Costa",))])
    assert anas.names_of("Ana Silva") == ["Ana Silva", "a@x.example"]


def test_me_is_one_person_by_any_name() -> None:
    is_me = KNOWN.one_of(["as@home.example"])
    assert all(map(is_me, ["Ana", "ana@example.org", "Ana Silva <work@example.org>", "@anita"]))
    assert not any(map(is_me, ["Bo", "Silvia", "", "bo@example.org"]))
    unknown = NOBODY.one_of(["Dee Moon", "dee@example.org"])
    assert all(map(unknown, ["dee moon", "Moon, Dee", "Dee <DEE@example.org>"]))
    assert not unknown("Dee Sun")
    assert not NOBODY.one_of([])("")


def test_people_are_suggested_by_the_beginning_of_any_name_or_address() -> None:
    for begun in ("an", "silv", "ANI", "as home", "ana sil"):
        assert [person.name for person in KNOWN.beginning(begun, 5)] == ["Ana Silva"], begun
    assert [person.name for person in KNOWN.beginning("bo", 1)] == ["Bo Berg"]
    assert KNOWN.beginning("na", 5) == []


def test_names_from_right_to_left_and_without_cases_are_names() -> None:
    known = Directory([Entry("s", ("مريم الأحمد",), ("m@example.org",)), Entry("s", ("山田 太郎",))])
    assert known.called("مريم") == known.called("m@example.org") == "مريم الأحمد"
    assert known.called("山田") == "山田 太郎"


def test_a_large_directory_and_nasty_names_take_a_moment() -> None:
    """Bounds how the work grows, not the seconds."""

    def work(people: int) -> float:
        entries = [Entry("s", (f"Ana{n} Silva{n}", f"n{n}"), (f"a{n}@example.org",)) for n in range(people)]
        gc.disable()  # how much there is to collect is up to the tests before
        began = time.process_time()
        Directory(entries)
        took = time.process_time() - began
        gc.enable()
        return took

    assert work(4_000) < 40 * work(400)
    for nasty in ("a" * 10**6, "@" * 10**6, "a@" * 10**6, "(" * 10**6, "a, " * 10**6, "<" * 10**6):
        assert NOBODY.called(nasty)
        assert KNOWN.find(nasty) is None
        assert KNOWN.called(nasty[:WRITTEN_MAX])


TEXT = st.text(st.sampled_from(string.ascii_letters + " @.,<>()é\u0645\u5c71'\"-_0"), max_size=30)


_PART = st.text(st.sampled_from(string.ascii_letters + ".-_0"), min_size=1, max_size=8)
ADDRESS = st.tuples(_PART, _PART).map("@".join)  # models.people takes nothing else for one


@given(
    st.lists(st.tuples(st.lists(TEXT | ADDRESS, max_size=3), st.lists(ADDRESS, max_size=2)), max_size=8), TEXT
)
def test_whatever_sources_state_everybody_is_one_person_or_none(
    stated: list[tuple[list[str], list[str]]], written: str
) -> None:
    entries = [Entry(str(n), tuple(names), tuple(more)) for n, (names, more) in enumerate(stated)]
    known = Directory(entries)
    addresses = {one.casefold() for _, more in stated for one in more}
    for names, _ in stated:
        for name in names:
            person = known.find(name)
            if person is not None and person.name.casefold() not in addresses:  # it may be another's address
                assert known.find(person.name) in (person, None)
    assert isinstance(known.called(written), str)
