"""Days in numbers, and in the languages that the reader knows: on the day itself and beside it."""

from calendar import month_name
from datetime import UTC, date, timedelta
from importlib import import_module

import pytest

from collectors.actions.dates import due
from collectors.actions.days import LANGUAGES
from collectors.actions.numeric import Order

DECEMBER = date(2026, 12, 1)  # a Tuesday
FIRSTS = [
    ("en", "by {} December", "by today", "by tomorrow"),
    ("de", "bis {}. Dezember", "bis heute", "bis morgen"),
    ("fr", "avant le {} décembre", "pour aujourd'hui", "d'ici demain"),
    ("es", "antes del {} de diciembre", "para hoy", "para mañana"),
    ("it", "entro il {} dicembre", "entro oggi", "entro domani"),
    ("pt", "até {} de dezembro", "até hoje", "até amanhã"),
    ("nl", "uiterlijk {} december", "tegen vandaag", "tegen morgen"),
    ("pl", "do {} grudnia", "do dziś", "do jutra"),
    ("sv", "senast den {} december", "senast idag", "senast i morgon"),
    ("da", "senest den {}. december", "inden i dag", "senest i morgen"),
    ("cs", "do {}. prosince", "do dneška", "do zítřka"),
    ("ru", "до {} декабря", "до сегодня", "до завтра"),
    ("uk", "до {} грудня", "до сьогодні", "до завтра"),
    ("he", "עד {} בדצמבר", "עד היום", "עד מחר"),
    ("ja", "12月{}日まで", "今日中に", "明日までに"),
    ("zh", "12月{}日前", "今天前", "明天之前"),
]


def at(said: str, day: date = DECEMBER, order: Order | None = None) -> str | None:
    """The due date; its words must be gone from the text if there is one, and stay otherwise."""
    found = due(f"x {said}", day, UTC, order)
    assert (found.rest == "x") is (found.at is not None)
    return found.at


@pytest.mark.parametrize(("language", "first", "today", "tomorrow"), FIRSTS)
def test_a_day_is_read_on_that_day_the_day_before_and_not_when_it_is_over(
    language: str, first: str, today: str, tomorrow: str
) -> None:
    said = first.format(1)
    assert [at(said, DECEMBER + timedelta(days=days)) for days in (-1, 0)] == ["2026-12-01"] * 2
    assert at(said, DECEMBER + timedelta(days=1)) is None  # next year's?
    assert [at(today), at(tomorrow)] == ["2026-12-01", "2026-12-02"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_month_of_a_language_is_read_on_the_first_of_it(code: str) -> None:
    known = import_module(f"dateparser.data.date_translation_data.{code}").info
    names = [name.lower() for name in month_name[1:]]
    lead = {"de": "bis", "fr": "avant", "es": "antes de", "it": "entro", "pt": "até", "nl": "tegen"} | {
        "sv": "senast", "da": "senest", "ru": "до", "uk": "до", "he": "עד"
    }  # fmt: skip
    said = [(number, name) for number, one in enumerate(names, 1) for name in known[one] if len(name) > 2]
    for number, name in said:
        first = date(2026, number, 1)
        assert at(f"{lead.get(code, 'do')} 1 {name}", first) == first.isoformat(), name
        assert at(f"{lead.get(code, 'do')} 1 {name}", first + timedelta(days=1)) is None, name


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("bis Freitag, 4. Dezember", "2026-12-04"),
        ("bis Freitag, den 4.12.", "2026-12-04"),
        ("d'ici vendredi 4 décembre", "2026-12-04"),
        ("bis Ende der Woche", "2026-12-04"),
        ("d'ici la fin du mois", "2026-12-31"),
        ("para fin de mes", "2026-12-31"),
        ("до конца недели", "2026-12-04"),
        ("do końca miesiąca", "2026-12-31"),
        ("金曜日までに", "2026-12-04"),
        ("来週金曜までに", "2026-12-11"),
        ("月末までに", "2026-12-31"),
        ("期限: 12/4", "2026-12-04"),
        ("2026年12月4日（金）まで", "2026-12-04"),
        ("下周五前", "2026-12-11"),
        ("2月30日まで", None),
        ("bis Dienstag", None),  # said on a Tuesday
        ("до вторника", None),
    ],
)
def test_days_in_other_languages(said: str, expected: str | None) -> None:
    assert at(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("by 01-12-26", "2026-12-01"),
        ("by 1-12-2026", "2026-12-01"),
        ("by 1.12.26", "2026-12-01"),
        ("by 1. 12. 2026", "2026-12-01"),
        ("by 12/1/26", "2026-12-01"),
        ("by 12/4/26", "2026-12-04"),
        ("by 4/12/26", "2026-12-04"),
        ("by 26-12-04", "2026-12-04"),
        ("by 2026/12/4", "2026-12-04"),
        ("by 2026.12.04", "2026-12-04"),
        ("by 25-12-26", "2026-12-25"),
        ("due: 12-25-26", "2026-12-25"),
        ("by Fri 12/4", "2026-12-04"),
        ("by Tue, 5/1", "2027-01-05"),  # 1 May 2027 is a Saturday
        ("by 12/1", "2026-12-01"),
        ("by Mon 12/4", "2027-04-12"),  # 4 December is a Friday
        ("by Wed 12/4", None),
        ("by 3/4/26", None),  # both readings are long over
        ("by 05-06-27", None),  # neither is near
        ("by 12/12/26", "2026-12-12"),
        ("by 31-11-26", None),
        ("by 13/13/26", None),
        ("by 30.02.27", None),
        ("by 5-6", None),
        ("on 1.12.26.3", None),
    ],
)
def test_days_in_numbers_count_from_the_day_and_are_not_guessed(said: str, expected: str | None) -> None:
    assert at(said) == expected


@pytest.mark.parametrize(
    ("said", "day", "expected"),
    [
        ("by 2/3/27", date(2027, 1, 28), "2027-02-03"),  # and not 2 March, more than four weeks later
        ("by 2/3/27", date(2027, 2, 2), None),  # tomorrow, or four weeks from now
        ("by 12/1/26", date(2026, 12, 5), "2026-12-01"),
        ("by 04-12-26", date(2026, 11, 30), "2026-12-04"),
    ],
)
def test_the_nearer_reading_counts_where_the_other_is_far(said: str, day: date, expected: str | None) -> None:
    assert at(said, day) == expected


def test_the_order_of_a_text_settles_what_its_numbers_mean() -> None:
    assert at("by 05/06/27", order=Order.DAY_FIRST) == "2027-06-05"
    assert at("by 05-06-27", order=Order.MONTH_FIRST) == "2027-05-06"
