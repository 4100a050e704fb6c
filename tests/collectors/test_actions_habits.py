"""How single communities write that something is to be done, each with what becomes of it.

As in `test_actions_forms`, whose notation this is, but of 1 December 2026, a Tuesday, and of several lines
where the lines around it count: these are divided by ` ⏎ `, what becomes of them by ` ; `.
"""

from datetime import UTC, date

import pytest

from collectors.actions.reader import Source, read
from tests.collectors.test_actions_forms import said

TUESDAY = Source(date(2026, 12, 1), UTC)

CAPITALS = """\
AI: Bob to Send the deck ⇒ Bob: Send the deck
AI: Bob To Send The Deck ⇒ Bob: Send The Deck
AI: BOB TO SEND THE DECK ⇒ BOB: SEND THE DECK
AI: Bob Will Send the deck ⇒ Bob: Send the deck
AI: Bob please Send the deck ⇒ Bob: Send the deck
AI(Bob): To Send the deck ⇒ Bob: Send the deck
AI: Bob Needs To Send the deck ⇒ Bob: Send the deck
ACTION: Bob/Ana To Share Notes ⇒ Bob & Ana: Share Notes
TODO: Bob Send the deck ⇒ Bob: Send the deck
[Bob] to Send the deck ⇒ Bob: Send the deck
@bob to Send the deck ⇒ bob: Send the deck
- [ ] Bob to Send the deck ⇒ Bob: Send the deck
ACTION: Finance team to Approve the budget ⇒ Finance team: Approve the budget
AI: Introduction to Review Boards ⇒ -
"""

FIELDS = """\
Owner: Bob / Action: send it / Due: Friday ⇒ Bob: send it <2026-12-04>
Owner: Bob | Action: send it | Due: Friday | Status: Done ⇒ done Bob: send it <2026-12-04>
Action: Bob to send it; Due: Friday ⇒ Bob: send it <2026-12-04>
Owner: Bob ⏎ Action: send it ⏎  ⏎ Owner: Ana ⏎ Action: book it ⇒ Bob: send it ; Ana: book it
Owner: Bob ⏎  ⏎ Action: send it ⏎  ⏎ Owner: Ana ⏎  ⏎ Action: book it ⇒ Bob: send it ; Ana: book it
**Task:** send it ⏎ **Assignee:** Bob ⏎ **Deadline:** 2026-12-04 ⇒ Bob: send it <2026-12-04>
- Who: Bob ⏎ - What: send it ⏎ - By when: tomorrow ⇒ Bob: send it <2026-12-02>
1. Action: send it ⏎    Owner: Bob ⏎ 2. Action: book it ⏎    Owner: Ana ⇒ Bob: send it ; Ana: book it
Action owner: Bob ⏎ Action: send it ⏎ Due date: 12/4/2026 ⇒ Bob: send it <2026-12-04>
| Owner | Bob | ⏎ |---|---| ⏎ | Action | send it | ⏎ | Due | Friday | ⇒ Bob: send it <2026-12-04>
Wer: Ana ⏎ Was: das Protokoll schicken ⏎ Bis wann: 4.12. ⇒ Ana: das Protokoll schicken <2026-12-04>
担当: 田中 ⏎ タスク: 資料を送る ⏎ 期限: 12月4日 ⇒ 田中: 資料を送る <2026-12-04>
Date: 2026-12-01 ⏎ Owner: Platform team ⏎ Status: draft ⏎  ⏎ Action: Bob to send it ⇒ Bob: send it
What: <description> ⏎ Who: <name> ⏎ When: <date> ⇒ -
Action: none ⏎ Owner: n/a ⇒ -
Who: the Rolling Stones ⏎ When: 4 December ⏎ Where: the arena ⇒ -
"""

CASES = [tuple(line.split(" ⇒ ")) for table in (CAPITALS, FIELDS) for line in table.splitlines()]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_habit_is_read_as_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
