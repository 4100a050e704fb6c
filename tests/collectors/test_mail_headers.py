"""People, subjects and names of folders, as people write them and as programs encode them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.mail.addresses import people
from collectors.mail.encoded import folder_name, readable


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Doe, John <j@x.example>", ["Doe, John <j@x.example>"]),
        ("Doe, John <j@x>, Roe, Jane, PhD <r@x>, bo@x", ["Doe, John <j@x>", "Roe, Jane, PhD <r@x>", "bo@x"]),
        ('"Doe, John" <j@x>, Ana <ana@x>', ["Doe, John <j@x>", "Ana <ana@x>"]),
        ("root, ana@x", ["root", "ana@x"]),
        ("a@b via C <c@d>", ["a@b via C <c@d>"]),
        ("john@x <john@x>", ["john@x"]),
        ("j@x (John Doe)", ["John Doe <j@x>"]),
        ("O'Brien (Sales (EMEA)) <o@x>", ["O'Brien (Sales (EMEA)) <o@x>"]),
        ("Acme [Support] <s@x>, team: c@x, D <d@x>;", ["Acme [Support] <s@x>", "c@x", "D <d@x>"]),
        ("undisclosed-recipients:;", []),
        ("a@x;b@x; c@x, , d@x", ["a@x", "b@x", "c@x", "d@x"]),
        ("Ana <mailto:ana@x>", ["Ana <ana@x>"]),
        ("Ana <ana at x>", ["Ana <ana at x>"]),
        ('John "Jack \\"J\\"" Doe <j@x>', ['John Jack "J" Doe <j@x>']),
        ("=?utf-8?q?K=C3=B6ln=2C_Ana?= <ana@x>", ["Köln, Ana <ana@x>"]),
        ("", []),
    ],
)
def test_people_are_told_apart_as_a_person_would(header: str, said: list[str]) -> None:
    assert list(people(header)) == said


@given(st.text('<>"\\(),;:@ aé=?', max_size=80))
def test_whatever_is_in_a_header_of_people_it_is_read(header: str) -> None:
    assert all(people(header))


@pytest.mark.parametrize(
    "header", ["(" * 40_000, '"a' * 20_000, '"\\' * 20_000, "<a" * 20_000, "(a" * 20_000]
)
def test_a_header_made_to_hang_a_reader_does_not(header: str) -> None:
    assert list(people(header))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("=?utf-8?q?K=C3=B6ln?= =?utf-8?b?4oKs?=", "Köln€"),
        ("a =?utf-8?q?b?= c =?utf-8?q?d?= =?iso-8859-1?q?=E4?=", "a b c dä"),
        ("=?utf-8?B?5pel?= =?utf-8?B?5w==?= =?utf-8?B?nKw=?=", "日眬"),
        ("=?utf-8?b?A?= =?utf-8?q?K=C3=B6ln?=", "=?utf-8?b?A?= Köln"),
        ("=?gb2312?B?1uzpRrv50+uzwoa0o7q74dLpuMTG2g==?=", "朱镕基与陈喆：会议改期"),
        ("=?iso-2022-jp?B?GyRCLSEbKEI=?=", "①"),
        ("=?utf-8*en?q?hi_there?=", "hi there"),
        ("(=?utf-8?q?b?=)", "(b)"),
        ("=?x?y?z ?= =??q?", "=?x?y?z ?= =??q?"),
    ],
)
def test_a_broken_word_costs_that_word(header: str, said: str) -> None:
    assert readable(header) == said


@given(st.text("=?qQbB_ utf-8éA", max_size=60))
def test_whatever_words_a_header_encodes_they_are_read(header: str) -> None:
    readable(header)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Entw&APw-rfe", "Entwürfe"),
        ("&U,BTFw-", "台北"),
        ("A&-B", "A&B"),
        ("R&D-Team", "R&D-Team"),
        ("A&ABC-x", "A&ABC-x"),
        ("&AGE-", "&AGE-"),
        ("Q&A", "Q&A"),
    ],
)
def test_names_of_folders_are_read_where_they_are_encoded(name: str, said: str) -> None:
    assert folder_name(name) == said
