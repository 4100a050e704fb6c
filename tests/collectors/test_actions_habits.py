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

CASES = [tuple(line.split(" ⇒ ")) for line in CAPITALS.splitlines()]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_habit_is_read_as_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
