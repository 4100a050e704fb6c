"""Lines as communities write them, with what becomes of each: written down before the reader was tried on
them. As in `test_actions_habits`, whose notation this is.
"""

import pytest

from collectors.actions.reader import read
from tests.collectors.test_actions_forms import said
from tests.collectors.test_actions_habits import TUESDAY

SEVERAL_PEOPLE = """\
AI: Bob to send the numbers, Ana to check them ⇒ Bob: send the numbers ; Ana: check them
Bob will send the deck and Ana books the room ⇒ likely Bob: send the deck ; likely Ana: book the room
Bob will send the deck by Friday, and Ana will book the room by Monday. ⇒ likely Bob: send the deck \
<2026-12-04> ; likely Ana: book the room <2026-12-07>
- [ ] Bob to send the deck, Ana to book the room ⇒ Bob: send the deck ; Ana: book the room
[Bob] to send the deck and [Ana] to book the room ⇒ Bob: send the deck ; Ana: book the room
@bob to send the deck; @ana to book the room ⇒ bob: send the deck ; ana: book the room
Bob will send the deck. Ana will book the room. ⇒ likely Bob: send the deck ; likely Ana: book the room
Bob and Ana will send the deck ⇒ likely Bob & Ana: send the deck
Bob will meet Ana and Cy to discuss the plan ⇒ likely Bob: meet Ana and Cy to discuss the plan
Bob will check the deck and send it ⇒ likely Bob: check the deck and send it
"""

SMALL_LETTERS = """\
bob will send the deck ⇒ likely bob: send the deck
- ana and bob will send the deck ⇒ likely ana & bob: send the deck
TODO: bob: slides for the demo ⇒ bob: slides for the demo
## Action items ⏎ - bob, ana: slides ⏎ - wayne/sharon: the venue ⇒ bob & ana: slides ; wayne \
& sharon: the venue
AI: zork send it to the list ⇒ zork: send it to the list
AI: design review with the board ⇒ design review with the board
## Action items ⏎ - [Wayne/Sharon] Contact the venue ⇒ Wayne & Sharon: Contact the venue
the script will send the mail ⇒ -
"""

DAYS_AND_AGENDAS = """\
- [ ] Folien schicken bis Mo. ⇒ Folien schicken <2026-12-07>
TODO: Angebot einholen bis Fr ⇒ Angebot einholen <2026-12-04>
- [ ] Envoyer le devis pour ven. ⇒ Envoyer le devis <2026-12-04>
TODO: das Tor bis so weit streichen ⇒ das Tor bis so weit streichen
- [ ] Send the report by yesterday ⇒ Send the report <2026-11-30>
[ ] Bob - status ⇒ -
- [ ] Bob - status ⏎ - [ ] Ana: roadmap update ⇒ -
- [ ] Bob - update the roadmap ⇒ Bob: update the roadmap
"""

CASES = [
    tuple(line.split(" ⇒ ", 1))
    for block in (SEVERAL_PEOPLE, SMALL_LETTERS, DAYS_AND_AGENDAS)
    for line in block.splitlines()
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_line_is_read_as_its_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
