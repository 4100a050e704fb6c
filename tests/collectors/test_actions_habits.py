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
What: Team lunch ⏎ Who: everyone ⏎ When: Friday 12:00 ⇒ -
Owner: ⏎ Action: ⏎ Due: ⇒ -
> Owner: Bob ⏎ > Action: send it ⏎ > Due: Friday ⇒ -
Who: the Rolling Stones ⏎ When: 4 December ⏎ Where: the arena ⇒ -
"""

COMMUNITIES = """\
ACTION: Edgar to reply [recorded in http://www.w3.org/m.html#action01] ⇒ Edgar: reply
ACTION-42 -- Miles Thornbury to reply -- due 2026-12-08 -- OPEN ⇒ Miles Thornbury: reply <2026-12-08>
Offene Punkte: ⏎ - Angebot einholen (Anna, bis 10.12.) ⇒ Anna: Angebot einholen <2026-12-10>
**Action items** ⏎ **Bob Lee** ⏎ - Send it ⏎ **Ana Silva** ⏎ - Book it ⇒ Bob Lee: Send it ; Ana Silva: Book it
**Action items** ⏎ - Bob: Send it ⏎ ⏎ **Risks** ⏎ - Send nothing late ⇒ Bob: Send it
Next steps: ⏎ • Bob Lee: Send the deck ⏎ • Unassigned: Book it ⇒ Bob Lee: Send the deck ; Book it
ACTION: Chairs to confirm adoption on the list ⇒ Chairs: confirm adoption on the list
Hum for adoption: strong in favor ⇒ -
<trackbot> Created ACTION-123 - Contact the webmaster [on Bernard Le Tallec - due 2026-12-08]. ⇒ -
[DONE] ACTION: Edgar to draft a response ⇒ done Edgar: draft a response
* [plunkit] AI: write up the options ⇒ plunkit: write up the options
* [Pinwheel] what about the watch cache? ⇒ -
/assign @plunkit ⇒ -
The Secretary was directed to send the resolution. ⇒ likely Secretary: send the resolution
AI: Secretary to update the roster by 2026-12-16 ⇒ Secretary: update the roster <2026-12-16>
It was agreed that the Clerk would write to the landowner. ⇒ likely Clerk: write to the landowner
RESOLVED: That the accounts be approved. ⇒ -
Aufgabe: Müller schickt das Angebot bis 4.12. ⇒ Müller: schickt das Angebot <2026-12-04>
Das Projekt wird im Januar abgeschlossen. ⇒ -
À faire : Marie envoie le devis avant vendredi ⇒ Marie: envoie le devis <2026-12-04>
Tarea: Juan debe enviar la factura antes del 10 de diciembre ⇒ Juan: enviar la factura <2026-12-10>
Pendientes: ⏎ - Revisar contrato (Ana) ⇒ Ana: Revisar contrato
アクションアイテム ⏎ - 田中: 見積書を送付する（12/4まで） ⇒ 田中: 見積書を送付する <2026-12-04>
宿題: なし ⇒ -
*Today* ⏎ • review Ana's PR ⏎ *Blockers* ⏎ • waiting for Bo to send the keys ⇒ owed Bo: send the keys
:white_check_mark: deployed 1.2 ⇒ -
- [ ] @Ana Silva Send the deck 📅 2026-12-04 ⇒ Ana Silva: Send the deck <2026-12-04>
☐ Send the deck — @Bob — Due Dec 4 ⇒ Bob: Send the deck <2026-12-04>
* TODO [#A] Send the deck :work: ⏎   DEADLINE: <2026-12-04 Fri> ⇒ Send the deck <2026-12-04> !high
Task,Assignee,Due,Status ⏎ Send the deck,Bob,2026-12-04,Not started ⇒ Bob: Send the deck <2026-12-04>
- [ ] Action item 1 ⇒ -
- [ ] Add your action items here ⇒ -
### Action Items ⏎ Bob Lee: ⏎ * Send the deck ⏎ * Call Dee ⇒ Bob Lee: Send the deck ; Bob Lee: Call Dee
AI-generated content may be incorrect. ⇒ -
AI Companion can make mistakes. Please verify the summary. ⇒ -
AI policy: staff may use ChatGPT ⇒ -
Action items: No action items this week ⇒ -
[Your name] to [action] by [date] ⇒ -
"""

CASES = [tuple(line.split(" ⇒ ")) for table in (CAPITALS, FIELDS, COMMUNITIES) for line in table.splitlines()]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_habit_is_read_as_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
