"""Lists, tables and meetings: where a line stands says what it is, whose, and by when."""

from datetime import UTC, date

import pytest

from collectors.actions.forms import Form
from collectors.actions.lines import split
from collectors.actions.reader import Source, read
from tests.collectors.nasty import NASTY
from tests.collectors.test_actions_forms import MONDAY, said

LISTS = [
    (
        "## Action items\n- Bob to send the numbers by Friday\n- Ana: review the deck\n- Call the bank\n"
        "  - ask for the new rate\n- Everyone: read the doc\n\n## Notes\n- Bob likes it\n",
        *("2 Bob: send the numbers <2026-11-27>", "3 Ana: review the deck", "4 Call the bank"),
        "6 Everyone: read the doc",
    ),
    ("**Actions**\n\n* Philips: update it\n\nA paragraph.\n* Not an item\n", "3 Philips: update it"),
    (
        "Action Items:\nBob & Ana can talk to Node\nDan talk to JSF\nSend the invite\n\nA new paragraph.\n",
        *("2 Bob & Ana: talk to Node", "3 Dan: talk to JSF", "4 Send the invite"),
    ),
    (
        "* Next steps:\n    * Bob to open a PR\n    * Ask legal\n    * CLI tools?\n    * Federated status\n"
        "* Other\n    * Ask nobody\n",
        *("2 Bob: open a PR", "3 Ask legal"),
    ),
    ("### Action items\n#### Ana\n- send it\n#### Bo\n- call\n", "3 Ana: send it", "5 Bo: call"),
    (
        "Actions by person:\n* Ana\n  * send the deck\n  * call Bo\n* Bo\n  * review\n",
        *("3 Ana: send the deck", "4 Ana: call Bo", "6 Bo: review"),
    ),
    ("- AI:\n    - Bob to send it\n    - call the bank\n- Talk\n", "2 Bob: send it", "3 call the bank"),
    ("- Action (Bob):\n    - send the numbers\n", "2 Bob: send the numbers"),
    ("Action items from today:\n1. Bob to send\n2) Ana to review\na. Cy to book\n(4) Dee to pay\n",
     *("2 Bob: send", "3 Ana: review", "4 Cy: book", "5 Dee: pay")),
    ("Aufgaben\n- Bob: Zahlen schicken bis Freitag\n\nÀ faire :\n- Ana : envoyer le rapport\n",
     *("2 Bob: Zahlen schicken <2026-11-27>", "5 Ana: envoyer le rapport")),
    ("#### ACTION ITEMS:\n - Bob -> docs\n - Ana => tests\n", "2 Bob: docs", "3 Ana: tests"),
    ("Action items\n------------\n\n* James to land it\n\n\n\n* Rod: ask the board\n",
     *("4 James: land it", "8 Rod: ask the board")),
    ("== Actions ==\n* Bob to send\n\n== Other ==\n* Ana to be\n", "2 Bob: send"),
    ("## Last week's action items\n- Bob sent the numbers\n- Book a room\n- [ ] Ana to review\n"
     "- AI: Cy to call\n",
     *("4 Ana: review", "5 Cy: call")),
    ("Attendees: Will Smith, Ana Ross\n\nWill Smith will send it\nWill call the bank\n",
     *("3 likely Will Smith: send it", "4 likely call the bank")),
    ("## Completed\n- Bob to send the numbers\n- [x] Ana to call\n", "3 done Ana: call"),
    ("## Action items\n\nNone\n\n## Other\n",),
    ("## Action items\n" + "".join(f"{'  ' * depth}- [ ] send {depth}\n" for depth in range(50)),
     *(f"{depth + 2} send {depth}" for depth in range(50))),
    ("> **Actions**\n> - Bob to send\n> - [ ] Ana to call\n", "3 Ana: call"),
    ("- [ ] Bob to send the\n      numbers by\n      Friday\n", "1 Bob: send the numbers <2026-11-27>"),
    ("* TODO Call the bank\n  DEADLINE: <2026-12-01 Tue>\n- TODO Read\n"
     "  SCHEDULED: <2026-12-01 Tue>\n  id:: 12\n",
     *("1 Call the bank <2026-12-01>", "3 Read")),
    ("- AI: Bob to send\n    - Done! https://example.org\n- AI: Ana to review\n    - looks good\n",
     *("1 done Bob: send", "3 Ana: review")),
    ("- AI: send it\n  - Owner: @bob\n  - Deadline: 1 Dec\n- [ ] call\n  - Status: done\n",
     *("1 bob: send it <2026-12-01>", "4 done call")),
    ("## Action items\n- [ ] Ana to call\n\nThanks everyone!\n\nBob to send it\n",
     *("2 Ana: call", "6 Bob: send it")),
    ("== Actions ==\n * '''Bob''' to send it\n", "2 Bob: send it"),
    ("- TODO Send it\n  DEADLINE: <2026-12-01 Tue>\n  :LOGBOOK:\n  CLOCK: [2026-11-01]\n  :END:\n",
     "1 Send it <2026-12-01>"),
    ("Attendees: Ana Silva (@ana), Bob Ross, cy\n\n- AI: bob send it\n- AI: ana review\n"
     "- cy will book a room\n",
     *("3 bob: send it", "4 ana: review", "5 likely cy: book a room")),
    # Lists within a line, which end with it.
    ("AIs: Bob - send it; Ana - review it\n- Ana likes it\n", "1 Bob: send it", "1 Ana: review it"),
    ("Actions: 1) Bob to send it 2) Ana to call\n3 people left\n", "1 Bob: send it", "1 Ana: call"),
    ("- **Next steps:** (1) send it (Bob), (2) call Cy by Friday\n- Talk\n",
     *("1 Bob: send it", "1 call Cy <2026-11-27>")),
    ("AI: Bob to update the doc; it is old\n", "1 Bob: update the doc; it is old"),
    ("Action Items:\n- send 1) and 2)\n", "2 send 1) and 2)"),
    # Wrapped by a program, without indentation.
    ("## Actions\n- Come up with three or four concrete things that say what a debt is and how they\n"
     "are to be paid.\n- call Bo\n",
     "2 Come up with three or four concrete things that say what a debt is and how they are to be paid",
     "4 call Bo"),
    # A handle in brackets does not make the name a common word.
    ("- [thibaut] tests fail\n  - Thibaut will fix it\n- [dawn] docs\n  - Dawn to write them\n",
     *("2 likely Thibaut: fix it", "4 likely Dawn: write them")),
    # In other languages.
    ("Obecni: Anna, Piotr\n\nZadania:\n- Anna: przygotować raport do 1 grudnia\n- Piotr wyśle liczby\n",
     *("4 Anna: przygotować raport <2026-12-01>", "5 Piotr: wyśle liczby")),
    ("## Åtgärder\n- Anna: skicka rapporten\n\n## Övrigt\n- Kaffe\n", "2 Anna: skicka rapporten"),
    ("Что сделать:\n- Анна — отправить отчёт\n", "2 Анна: отправить отчёт"),
    ("## משימות\n- דנה: לשלוח את הדוח עד יום שישי\n", "2 דנה: לשלוח את הדוח <2026-11-27>"),
    ("アクションアイテム：\n- 田中：資料を送る\n", "2 田中: 資料を送る"),
    ("待办事项：\n- 张伟：发送报告\n", "2 张伟: 发送报告"),
]  # fmt: skip

TABLES = [
    # As a spreadsheet is pasted or saved, and as HTML.
    ("Task\tOwner\tDue\nSend it\tBob\t1 Dec\n\tAna\t\nCall\t\tFriday\n\nBob\tleft\n",
     *("2 Bob: Send it <2026-12-01>", "4 Call <2026-11-27>")),
    ('Action,Owner,Due,Status\nSend it,Bob,2026-12-01,open\n"Check it, then ""sign""",Ana,,done\n',
     *("2 Bob: Send it <2026-12-01>", '3 done Ana: Check it, then "sign"')),
    ("Action;Owner\nSend it;Bob\nThat was all.\n", "2 Bob: Send it"),
    ("Action, Owner, Due\nSend it, Bob and Ana, 1 Dec\nWe met, talked, left\n",
     "2 Bob & Ana: Send it <2026-12-01>"),
    ("Action,Owner\nSend it,bob\n", "2 bob: Send it"),
    ("<h2>Actions</h2><table><tr><th>Action</th><th>Owner</th></tr><tr><td>Send</td><td>Bob</td></tr></table>\n",
     "1 Bob: Send"),
    ("- [ ] Write a <table>\n- [ ] Call Bo\n", "1 Write a <table>", "2 Call Bo"),
    ("<table>\n<tr><th>Action</th><th>Owner</th></tr>\n<tr>\n<td><b>Send</b> it | now</td>\n"
     '<td><a href="x">Bob</a></td>\n</tr>\n<tr><td>Call &amp; ask</td><td></td></tr></table>\n- [ ] pay\n',
     *("3 Bob: Send it | now", "7 Call & ask", "8 pay")),
    ("<table><tr><td>Action\n\n- [ ] call Bo\n", "3 call Bo"),
    ("| Задача | Ответственный | Срок |\n|---|---|---|\n| Отправить отчёт | Анна | 1 декабря |\n",
     "3 Анна: Отправить отчёт <2026-12-01>"),
    ("Type | Description | Owner\n---|---|---\nD | Switch | Bob\nT | Send it | Ana\n", "4 Ana: Send it"),
    (
        "| Action | Owner | Due | Status |\n| --- | --- | --- | --- |\n"
        "| Send the numbers | Bob | Fri 27 Nov | open |\n"
        "| Review the deck | @ana, @bo | 12/1 | In progress |\n| Call the bank | TBD |  | Done |\n"
        "| Book a room | Cy | ASAP | cancelled |\n| None | | | |\n",
        *("3 Bob: Send the numbers <2026-11-27>", "4 ana & bo: Review the deck <2026-12-01>"),
        *("5 done Call the bank", "6 dropped Cy: Book a room"),
    ),
    ("Who | What | When\n--- | --- | ---\nBob | Send the numbers | 1 Dec\n"
     "", "3 Bob: Send the numbers <2026-12-01>"),
    ("## To do\n| # | Task | Assigned to |\n|---|------|\n| 1 | Broken table | Bob\n| 2 | | Ana |\n"
     "||\n| 3 |\n",
     "4 Bob: Broken table"),
    ("## Actions\n\n| Send the numbers | Bob |\n| Call the bank |\n"
     "", "3 Bob: Send the numbers", "4 Call the bank"),
    ("| Release | Date | Owner |\n|---|---|---|\n| 1.2 | 1 Dec | Bob |\n",),
    ("||Action||Owner||\n|Send it|Bob|\n||Call||Ana||\n", "2 Bob: Send it", "3 Ana: Call"),
    ("|Owner|Action|\n|:--|:--|\n|Bob|send it<br>or call|\n", "3 Bob: send it or call"),
    ("# Actions\n+---+----+\n|Who|Task|\n+===+====+\n|Bob|send|\n+---+----+\n|Ana|call|\n+---+----+\n",
     *("5 Bob: send", "7 Ana: call")),
    ("Action items:\n\nBob to send it\n\nReview the budget\n\nWe talked about Ana.\n\nCall Cy\n",
     *("3 Bob: send it", "5 Review the budget")),
    ("## Action items\n1. [Ana to draft the letter](https://a.example/1)\n", "2 Ana: draft the letter"),
    ("## Agenda\n- [ ] Intro (Bob)\n- [ ] Review it (Ana)\n- [ ] Budget (Cy)\n", "3 Ana: Review it"),
    ("| Aufgabe | Wer | Bis |\n|---|---|---|\n| Zahlen | Bob | 1.12.2026 |\n", "3 Bob: Zahlen <2026-12-01>"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [(text, list(expected)) for text, *expected in LISTS + TABLES])
def test_a_list_or_a_table_of_items_is_read_as_people_mean_it(text: str, expected: list[str]) -> None:
    assert [f"{one.line} {said(one)}" for one in read(text, MONDAY)] == expected


def test_a_date_counts_from_the_meeting_that_its_line_stands_below() -> None:
    text = "- AI: Bob to send a by Friday\n## 2026-11-09\n- AI: Bob to send b by Friday\n"
    text += "## Notes\n- AI: Bob to send c by Friday\n"
    text += "**11/03/2026**\n- AI: Bob to send d by Friday\n# Appendix\n- AI: Bob to send e by Friday\n"
    found = {one.text[-1]: one.due.at for one in read(text, MONDAY)}
    assert found == {
        "a": "2026-11-27",
        "b": "2026-11-13",
        "c": "2026-11-13",
        "d": "2026-11-06",
        "e": "2026-11-06",
    }


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("## December 7, 2017", "2017-12-07"),
        ("**12/13/2016**", "2016-12-13"),
        ("**_12/13/2016_**", "2016-12-13"),
        ("Date: 2016-12-13", "2016-12-13"),
        ("**Date**: 13 December 2016", "2016-12-13"),
        ("| Date | 13 Dec 2016 |", "2016-12-13"),
        ("## June 29, 2016, 11a - Noon (Pacific Time)", "2016-06-29"),
        ("# Team sync 2016-12-13", "2016-12-13"),
        ("## Agenda (2016-12-13)", "2016-12-13"),
        ("Minutes of the meeting on 13 December 2016", "2016-12-13"),
        ("# Meeting 2016/12/13 [Public]", "2016-12-13"),
        ("* 13.12.2016", "2016-12-13"),
        ("## Feb 28st, 2023", "2023-02-28"),
        ("# Sitzung vom 9. März 2016", "2016-03-09"),
        ("# Réunion du 1er décembre 2016", "2016-12-01"),
        ("# 9 de noviembre de 2016", "2016-11-09"),
        ("2016年11月9日", "2016-11-09"),
        ("## Nov. 18", "2015-11-18"),
        ("# Meeting 2019-01-154", "2026-11-23"),
        ("We met on 2016-12-13 and liked it very much", "2026-11-23"),
        ("# Release 1.2.2016", "2016-02-01"),
    ],
)
def test_the_date_of_a_meeting_is_read_from_the_text(heading: str, day: str) -> None:
    (found,) = read(f"{heading}\n\n- [ ] a\n", Source(date(2026, 11, 23), UTC, year=2015))
    assert found.day.isoformat() == day


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("## Mon 9 Nov", "2026-11-09"),
        ("Dec 7\n=====", "2026-12-07"),
        ("## Feb. 2", "2026-11-23"),
        ("# Plan for 9 Nov", "2026-11-23"),
    ],
)
def test_a_date_without_a_year_is_one_soon_before_or_after_the_text_was_saved(heading: str, day: str) -> None:
    (found,) = read(f"{heading}\n\n- [ ] a\n", MONDAY)
    assert found.day.isoformat() == day


def test_the_text_shows_which_number_of_a_date_is_the_month() -> None:
    text = "## 13/10/2026\n## 05/11/2026\n- AI: Bob to send it by 12/11\n"
    assert [one.due.at for one in read(text, MONDAY)] == ["2026-11-12"]
    assert [one.due.at for one in read(text.replace("13/10", "10/13"), MONDAY)] == ["2026-12-11"]


def test_artificial_intelligence_is_nothing_to_do_unless_the_notes_use_ai_so() -> None:
    talk = "AI models and LLMs will change it.\nWe use AI tools.\nAI: a new hope\n"
    assert read(talk, MONDAY) == []
    items = "AI: Bob to send it\nAI: Ana to call\nAI(Cy): book\nAI: a new hope\n"
    assert [one.line for one in read(talk + items, MONDAY)] == [3, 4, 5, 6, 7]


def test_forty_names_in_a_line_are_forty_owners() -> None:
    names = [f"Bob{chr(97 + index // 26)}{chr(97 + index % 26)}" for index in range(40)]
    (found,) = read(f"AI: {', '.join(names)} to read the doc", MONDAY)
    assert (list(found.who), found.text) == (names, "read the doc")


def test_lines_are_counted_by_lf_alone() -> None:
    text = "a\u2029b\u2028c\x85d\x0be\x0cf\n- [ ] send it\n"
    assert [one.line for one in read(text, MONDAY)] == [2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shape", NASTY)
def test_no_text_takes_more_than_linear_time(shape: str) -> None:
    """A megabyte of it ends within a limit that only a hundred times the usual time would reach."""
    for one in read(NASTY[shape], MONDAY):
        assert len(one.text) <= 10_000
        assert one.form in Form


def test_a_line_is_one_item_if_it_holds_no_list_and_all_come_in_order() -> None:
    text = "\n".join(line for lines, *_ in LISTS for line in split(lines))
    found = [(one.line, one.text) for one in read(text, MONDAY)]
    assert [line for line, _ in found] == sorted(line for line, _ in found)
    lists = {
        number
        for number, line in enumerate(split(text), 1)
        if "; " in line or " (2) " in line or " 2) " in line
    }
    alone = [line for line, _ in found if line not in lists]
    assert len(alone) == len(set(alone))
