"""Quotes: which sentences are told about a subject.

Of search/quotes, search/subject, search/runs and language/folds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.records import GivenRecord
from sio_server.clock import SystemClock
from sio_server.search.index import Index
from tests.postgres import place_of_records

Json = Any


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    """An index that is open."""
    index = Index(place_of_records(tmp_path / "search.db"), SystemClock())
    await index.start()
    yield index
    await index.stop(5)


def record(id: str, text: str, at: str = "2026-11-01", **more: Json) -> Json:
    return {"id": id, "text": text, "at": at, "kind": "mail"} | more


async def about(index: Index, subject: str, *records: Json, **asked: Json) -> list[str]:
    """What is told of the subject."""
    await index.put("mail:me", [*records], GivenRecord, None)
    return [quote["text"] for quote in (await index.quotes(subject=subject, **asked))["about"]]


LEASE = "We have to sign the Lisbon lease by Friday."
OFFICE = "The office in Lisbon has room for forty people."


async def test_the_newest_comes_first(index: Index) -> None:
    told = await about(index, "Lisbon lease", record("1", LEASE), record("2", f"{LEASE} Ana", "2026-11-02"))
    assert told == [LEASE]
    other = "The Lisbon lease was sent to the lawyers today."
    told = await about(index, "Lisbon lease", record("3", other, "2026-11-03"))
    assert told == [other, LEASE]


async def test_what_was_said_years_ago_is_told_only_where_nothing_newer_is(index: Index) -> None:
    old, new = "The Lisbon lease is with the lawyers.", "The Lisbon lease is in the cupboard now."
    long_ago = "2016-02-03"
    assert await about(index, "Lisbon lease", record("1", old, long_ago)) == [old]
    today = datetime.now(UTC).date().isoformat()
    assert await about(index, "Lisbon lease", record("2", new, today)) == [new]
    more = "We agreed that the Lisbon lease has to be signed."
    assert await about(index, "Lisbon lease", record("3", more, long_ago)) == [new, more]


async def test_rare_words_and_names_count_more_than_common_ones(index: Index) -> None:
    common = [record(f"c{number}", f"The budget of part {number} is fine for now.") for number in range(300)]
    told = await about(index, "Budget of Zephyr", *common, record("z", "Zephyr has to wait until March."))
    assert told == ["Zephyr has to wait until March."]


OTHERS = "Nobody had anything to say of the other points.\n\n" * 10


@pytest.mark.parametrize(
    ("subject", "text", "is_told"),
    [
        ("etcd downgrade", "The downgrade of the phone app has failed again.", False),
        ("Downgrade of etcd", "We will plan the downgrade of all phones in March.", False),
        ("etcd downgrade", "The downgrade has failed again.\n\nThe etcd people will look at it.", True),
        ("etcd downgrade", f"The downgrade has failed.\n\n{OTHERS}\n\nThe etcd people look at it.", False),
        ("Visita a Kessler", "I will send Kessler the numbers by Friday.", True),
        ("Elección del comité", "We were not comfortable comiting to a time.", False),
        ("Visit Kessler", "I will send Kessler the numbers by Friday.", True),
    ],
)
async def test_one_word_of_a_subject_is_enough_where_it_is_a_name_or_its_record_has_more_of_them(
    index: Index, subject: str, text: str, is_told: bool
) -> None:
    both = record("0", "| the visit of etcd | a downgrade |", "2026-10-01")  # so that all words are known
    told = await about(index, subject, both, record("1", text))
    assert (told != []) is is_told


async def test_a_mail_is_found_by_its_subject(index: Index) -> None:
    text = "Hi all,\n\nI would rather wait for the lawyers, who answer on Monday.\n\nBest regards,\nAna"
    told = await about(index, "Lisbon lease", record("1", text, title="Re: Lisbon lease"))
    assert told == ["I would rather wait for the lawyers, who answer on Monday."]


NO_QUOTES = {
    "a heading": f"# {LEASE}\n\nNothing.",
    "a task": f"- [ ] {LEASE}",
    "an action": f"## Action items\n\n- {LEASE}",
    "a quoted reply": f"> {LEASE}",
    "a reply below": f"I agree.\n\nOn Monday, Bo wrote:\n\n{LEASE}",
    "a signature": f"I agree.\n\n-- \n{LEASE}",
    "a row of a table": f"| a | {LEASE} | b |",
    "a log": f"2026-11-23 09:00:00 {LEASE}",
    "a label": "Lisbon lease: Friday",
    "a title": "Lisbon lease and other offices",
    "a link": "See [Lisbon lease](https://x.example/lease)",
}


@pytest.mark.parametrize("text", NO_QUOTES.values(), ids=NO_QUOTES)
async def test_what_nobody_said_in_a_sentence_is_not_quoted(index: Index, text: str) -> None:
    assert await about(index, "Lisbon lease", record("1", text)) == []


async def test_a_sentence_that_stands_everywhere_is_a_form(index: Index) -> None:
    form = "The Lisbon lease is discussed in every one of our calls."
    forms = [record(str(number), f"{form}\n\nNumber {number} is over.") for number in range(5)]
    assert await about(index, "Lisbon lease", *forms, record("x", LEASE)) == [LEASE]


async def test_nothing_is_told_of_what_was_said_after_it(index: Index) -> None:
    records = record("1", LEASE, "2026-11-01"), record("2", OFFICE, "2026-11-20")
    assert await about(index, "Lisbon", *records, until="2026-11-10T09:00:00Z") == [LEASE]


LANGUAGES = {
    "English": ("Budget for the new offices", "The budget of the offices has to be cut by a tenth."),
    "German": (
        "Abstimmung zur Standortverlagerung Düsseldorf",
        "Die Standortverlagerung nach Düsseldorf wird erst im März entschieden.",
    ),
    "French": ("Réunion sur le déménagement", "Le déménagement doit être décidé avant la fin du mois."),
    "Spanish": ("Revisión del presupuesto", "El presupuesto tiene que ser aprobado por el consejo."),
    "Japanese": ("予算レビューについて", "予算は来週の会議で承認される予定です。"),
    "Japanese, inside a run": ("予算レビューについて", "来週の会議では来年度の予算を承認する予定です。"),
    "Japanese, a compound": ("移転計画の件", "東京オフィスの移転計画は三月に決定します。"),
    "Japanese, its parts": ("オフィス移転計画", "来月には移転の詳しい計画を決めなければなりません。"),
    "Japanese, two scripts": (
        "新システム導入の打ち合わせ",
        "社内では新しいシステムの導入が四月に決まりました。",
    ),
    "Japanese, a verb's noun": ("物件の引き渡し", "来週までに引き渡しの日程を決めなければなりません。"),
    "Japanese, a name": ("田中さんとの採用面談", "今日は田中さんが採用の条件を承認しました。"),
    "German, a compound": ("Haushaltsplanung 2027", "Die Haushaltsplanung soll bis Ende März fertig sein."),
    "German, a plural": (
        "Jour fixe Lieferverträge",
        "Der Liefervertrag muss bis Freitag unterschrieben werden.",
    ),
    "German, an umlaut": (
        "Besprechung Büroflächen",
        "Für die Büroflächen in Köln wird noch ein Mieter gesucht.",
    ),
    "French, an elision": ("Point sur l'embauche", "L'embauche de Julie doit être validée avant vendredi."),
    "French, an accent": ("Trésorerie du trimestre", "La trésorerie sera présentée au conseil en décembre."),
    "Spanish, an accent": (
        "Reunión de facturación",
        "La facturación de octubre se tiene que cerrar el lunes.",
    ),
    "Spanish, a plural": (
        "Contratos de alquiler",
        "El contrato de alquiler se debe firmar antes del viernes.",
    ),
}


@pytest.mark.parametrize(("subject", "said"), LANGUAGES.values(), ids=LANGUAGES)
async def test_a_subject_is_found_in_its_language(index: Index, subject: str, said: str) -> None:
    others = [record(str(number), "We had lunch, and nothing else was said.") for number in range(20)]
    others += [record(f"j{number}", "昼食は会議室で食べることになりました。") for number in range(5)]
    assert await about(index, subject, *others, record("x", said)) == [said]


async def test_a_word_inside_a_run_is_found_on_a_label_too(index: Index) -> None:
    text = "来週までに決めなければなりません。"
    assert await about(index, "予算会議", record("1", text, title="来年度の予算案")) == [text]


async def test_the_last_words_of_people_are_sentences_the_newest_first(index: Index) -> None:
    ana = {"meta": {"from": "Ana Lopez"}}
    records = (
        record("1", "I am away until Monday, as you know.", "2026-11-01", **ana),
        record("2", "+1", "2026-11-02", **ana),
        record("3", "Let us wait for the numbers of October.", "2026-11-03", **ana),
    )
    await index.put("mail:me", [*records], GivenRecord, None)
    found = await index.quotes(subject="", people={"Ana": 'from:"Ana Lopez"'})
    assert [quote["text"] for quote in found["by"]["Ana"]] == [records[2]["text"], records[0]["text"]]
    assert found["by"]["Ana"][0] | {"title": ""} == {
        "id": "mail:me/3",
        "at": "2026-11-03",
        "author": "Ana Lopez",
        "title": "",
        "text": records[2]["text"],
    }


COSTS = ("the new building", "all our travel", "the summer party", "heating the hall")


@pytest.mark.parametrize("subject", ["Remote control", "Weekly remote control review", "Version control"])
async def test_a_common_word_alone_is_not_the_subject_that_two_words_name(index: Index, subject: str) -> None:
    kind = subject.split()[-2 if subject.endswith("control") else 1].lower()
    others = [
        record(f"{kind} {n}", f"The {kind} {word} was late again today.") for n, word in enumerate("abcd")
    ]
    costs = [
        record(f"c{n}", f"The costs of {what} are under control this year.") for n, what in enumerate(COSTS)
    ]
    meant = f"The {kind} control of the pumps has to be replaced by May."
    assert await about(index, subject, *costs, *others) == []
    assert await about(index, subject, record("3", meant)) == [meant]


async def test_a_quote_that_rests_on_a_pronoun_has_the_sentence_before_it_or_is_another(
    index: Index,
) -> None:
    ask = "Could you send me the signed headcount sheet?"
    rests = "Without it I can't close the quarter."
    mail = record("1", f"{ask} {rests}", meta={"author": "Ana"})
    await index.put("mail:me", [mail], GivenRecord, None)
    asked: Json = {"subject": "quarter close", "people": {"Ana": 'from:"ana"'}}
    found = await index.quotes(**asked)
    told = [quote["text"] for quote in (*found["about"], *found["by"]["Ana"])]
    assert told
    assert all(text in (ask, f"{ask} {rests}") for text in told)
    alone = [record("1", "Without it I can't close the quarter of this year.", meta={"author": "Ana"})]
    await index.put("mail:me", alone, GivenRecord, None)
    found = await index.quotes(**asked)
    assert (found["about"], found["by"]["Ana"]) == ([], [])
