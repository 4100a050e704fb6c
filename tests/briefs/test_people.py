"""Who is meant, and what belongs together."""

from __future__ import annotations

import time

import pytest

from briefs.people import is_same, names_in, one_of, shown, telling_name
from briefs.words import one_line

SAME = [
    ("Ana", "Ana"),
    ("Ana", "ANA"),
    ("Ana", "Ana Lopez"),
    ("Lopez, Ana", "Ana Lopez"),
    ("Ana", "Ana Lopez <ana.lopez@example.org>"),
    ("ana.lopez@example.org", "Ana Lopez"),
    ("<ana_lopez@example.org>", "Ana Lopez"),
    ("ana.lopez@example.org", "ana.lopez@elsewhere.org"),
    ("José", "Jose"),
    ("Jose\u0301", "José Núñez"),
    ("Straße", "STRASSE"),
    ("Ａｎａ", "Ana"),
    ("山田 太郎", "山田"),
    ("Łukasz", "łukasz"),
    ('"Ana (Legal)"', "ana"),
]
OTHERS = [
    ("Ana", "Anna"),
    ("Ana", "Anastasia"),
    ("Ana Lopez", "Ana Silva"),
    ("ana.lopez@example.org", "ana.silva@example.org"),
    ("Ana", "Bob <bob@ana.example.org>"),
    ("Jo", "Joan"),
    ("", "Ana"),
    ("", ""),
    ("!!!", "!!!"),
    ("@", "@"),
    ("山田", "山本"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_persons_names_are_one_person(one: str, other: str) -> None:
    assert is_same(one, other)
    assert is_same(other, one)
    assert one_of([other])(one)
    assert one_of(["Zoe", one])(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_are_other_people(one: str, other: str) -> None:
    assert not is_same(one, other)
    assert not is_same(other, one)
    assert not one_of([other])(one)
    assert not one_of([one])(other)


def test_nobody_is_one_of_nobody() -> None:
    assert not one_of([])("Ana")
    assert not one_of(["Ana"])(None)


def test_a_person_is_shown_by_name_else_by_address() -> None:
    people = ("Ana Lopez <ana@example.org>", "<ana@example.org>", "ana@example.org", '"Ana"', "<>", "  ")
    assert [shown(person) for person in people] == [
        *("Ana Lopez", "ana@example.org", "ana@example.org", "Ana", "<>", "  ")
    ]


def test_the_telling_name_is_the_longest() -> None:
    assert telling_name("Ana Lopez <al@example.org>") == "lopez"
    assert telling_name("...") == ""


def test_names_without_end_are_read_at_once() -> None:
    began = time.process_time()
    for text in ("a" * 100_000, "a@" * 50_000, "<" * 100_000, "@" * 100_000, "a." * 50_000 + "@"):
        names_in(text)
    assert time.process_time() - began < 5


def test_one_line_is_one_line() -> None:
    assert one_line(" a\r\n\tb\x00\x1b\x85c\u2028d  e\u3000f ") == "a b c d e f"
