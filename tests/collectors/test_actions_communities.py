"""Lines as single communities write them, each with what becomes of it: W3C, IETF, Apache, Eclipse, Fedora,
Rust, Kubernetes, Wikimedia, councils, schools, start-ups, and others abroad. Half of them are nothing to do.

As in `test_actions_habits`, whose notation this is.
"""

import pytest

from collectors.actions.reader import read
from tests.collectors.test_actions_forms import said
from tests.collectors.test_actions_habits import TUESDAY

MINUTES = """\
<scribe> ACTION: Wendy to update the charter draft ⇒ Wendy: update the charter draft
*ACTION:* wilco to check the failing test ⇒ wilco: check the failing test
## Summary of action items ⏎ 1. Janina to write to the group ⏎ 2. [Gregg to draft a note](#a02) ⇒ Janina: \
write to the group ; Gregg: draft a note
## Summary of resolutions ⏎ 1. Publish the draft as a note ⏎ 2. Adopt the new template ⇒ -
RESOLUTION: Publish the draft as a working group note ⇒ -
PROPOSED RESOLUTION: Ana to become editor ⇒ -
PROPOSED: move the call to Thursdays ⇒ -
janina: I can take an action to look at issue 12 ⇒ janina: look at issue 12
ACTION-17: Janina to ask the chairs due 2026-12-08 ⇒ Janina: ask the chairs <2026-12-08>
trackbot: close ACTION-17 ⇒ -
+1 to publish it ⇒ -
Regrets: Ana, Bob ⇒ -
ACTION: chairs to start a call for adoption on the list ⇒ chairs: start a call for adoption on the list
Mark Nottingham: I'll file an issue for that ⇒ likely Mark Nottingham: file an issue for that
MN: will take it to the list ⇒ likely MN: take it to the list
Chairs: please bring this to the list ⇒ likely Chairs: bring this to the list
Milestone: submit the document to the IESG in March 2027 ⇒ -
Poll: who has read the draft? Many hands ⇒ -
* Rich: pursue a report for Attic [ Attic 2026-10-21 ] ⇒ -
## Review Outstanding Action Items ⏎ * Rich: follow up with Attic ⏎   Status: done ⏎ * Craig: pursue a \
report for Tcl ⏎   Status: not done ⇒ -
A. Apache Arrow Project [Andy Grove / Rich] ⇒ -
WHEREAS, the board deems it to be in the best interest of the foundation ⇒ -
RESOLVED, that Ana Silva be appointed to the office of Vice President ⇒ -
Special Order 7A was approved by unanimous vote of the directors present. ⇒ -
@Rich: pursue a report for Attic ⇒ Rich: pursue a report for Attic
**Action:** Wayne to contact the project leads before the next review ⇒ Wayne: contact the project leads \
before the next review
[Action - Wayne] Contact the project leads ⇒ Wayne: Contact the project leads
ACTION (Wayne): Contact the project leads ⇒ Wayne: Contact the project leads
#action highvoltage to mail the list about the sprint ⇒ highvoltage: mail the list about the sprint
15:07:01 <ana> #action ana to upload the new package ⇒ ana: upload the new package
15:07:01 <ana> #info the freeze starts on Friday ⇒ -
15:07:01 <ana> #agreed we drop the old branch ⇒ -
15:07:01 <ana> #link https://example.org/minutes ⇒ -
15:07:01 <bob> ana: can you upload it? ⇒ likely ana: upload it
15:07:01 <bob> I'll upload it tonight ⇒ likely bob: upload it <2026-12-01>
Action items, by person ⏎ ----------------------- ⏎ * ana ⏎   * ana to upload the new package ⏎ * \
**UNASSIGNED** ⏎   * write the release notes ⇒ ana: upload the new package ; write the release notes
Action Items ⏎ ------------ ⏎ * (none) ⇒ -
People Present (lines said) ⏎ --------------------------- ⏎ * ana (34) ⏎ * bob (12) ⇒ -
* LINK: https://example.org (ana, 15:03:02) ⇒ -
* AGREED: use the new mirror (ana, 15:04:02) ⇒ -
* ACTION: ana and bob to review the patch (ana, 15:05:02) ⇒ ana & bob: review the patch
* IDEA: move it to the cloud (bob, 15:06:02) ⇒ -
- [ ] **Action**: @pnkfelix to open a tracking issue ⇒ pnkfelix: open a tracking issue
- **Consensus:** merge the RFC once the concern is resolved ⇒ -
- nikomatsakis: FCP is proposed ⇒ -
- @rfcbot concern naming ⇒ -
- AI(niko): draft a summary comment ⇒ niko: draft a summary comment
* [ ] (sarah) cut 1.33 branch by 12/9 ⇒ sarah: cut 1.33 branch <2026-12-09>
* [aojea] AI to follow up on the failing e2e job ⇒ aojea: follow up on the failing e2e job
* [bowei] KEP review needed ⇒ -
* Recording: https://example.org/v ⇒ -
* [ ] Review open PRs ⏎ * [ ] Welcome new members ⇒ Review open PRs ; Welcome new members
'''Action:''' Bob to write a post for the village pump ⇒ Bob: write a post for the village pump
* {{done}} Bob to write the post ⇒ -
* → Bob to write the post ⇒ likely Bob: write the post
: Bob will ping legal about the trademark ⇒ likely Bob: ping legal about the trademark
{{Support}} as proposed. [[User:Ana|Ana]] ([[User talk:Ana|talk]]) 12:03, 1 December 2026 (UTC) ⇒ -
* '''Owner:''' Bob ⏎ * '''Action:''' write the post ⏎ * '''Due:''' 2026-12-10 ⇒ Bob: write the post \
<2026-12-10>
7. MATTERS ARISING. The Clerk reported that the bench had been repaired. ⇒ -
ACTION: Cllr Smith to contact the highways department ⇒ Cllr Smith: contact the highways department
The Clerk to obtain three quotes for the fence. ⇒ likely Clerk: obtain three quotes for the fence.
It was RESOLVED to approve the payment of £120 to J. Brown. ⇒ -
Moved by Member Jones, seconded by Member Lee, to approve the minutes. Motion carried 5-0. ⇒ -
Staff was directed to return with a revised ordinance in January. ⇒ likely Staff: return with a revised \
ordinance in January.
Council directed the City Manager to prepare a report on parking fees. ⇒ likely City Manager: prepare a \
report on parking fees.
Ayes: Jones, Lee. Noes: none. Absent: Smith. ⇒ -
Public comment: Ms. Doe asked the board to reconsider the closure. ⇒ -
The meeting was called to order at 7:02 p.m. ⇒ -
Superintendent Lee will bring a draft calendar to the January meeting. ⇒ likely Superintendent Lee: bring \
a draft calendar to the January meeting.
Dr. Lee to share the enrollment numbers with the board by Dec. 15. ⇒ likely Dr. Lee: share the enrollment \
numbers with the board. <2026-12-15>
Yesterday: finished the login page. Today: write tests. Blockers: none ⇒ -
*Yesterday* ⏎ • shipped login ⏎ *Today* ⏎ • write tests for signup ⏎ *Blockers* ⏎ • none ⇒ -
Need from Bo: the API keys by Thursday ⇒ owed Bo: the API keys <2026-12-03>
Blocked on Bo for the API keys ⇒ owed Bo: the API keys
ETA for signup is Friday ⇒ -
→ Kim: call the investors (Fri) ⇒ likely Kim: call the investors <2026-12-04>
Next steps ⏎ - Acme to send us the data export by Wednesday ⏎ - We will prepare the workshop ⏎ - Contract \
is signed ⇒ Acme: send us the data export <2026-12-02> ; likely prepare the workshop
R: Bob, A: Ana, C: Cy, I: Dee ⇒ -
Decision: go with vendor B ⇒ -
Risk: the vendor may be late ⇒ -
Action: Bob - chase vendor (high) ⇒ Bob: chase vendor !high
Action: Bob - chase vendor (P1) by 4 Dec ⇒ Bob: chase vendor <2026-12-04> !high
- [ ] chase vendor (urgent) ⇒ chase vendor !high
- [ ] chase vendor (!!) ⇒ chase vendor !high
- [ ] [low] tidy the wiki ⇒ tidy the wiki !low
- [ ] P0: fix the outage page ⇒ fix the outage page !high
- [ ] chase vendor (P3) ⇒ chase vendor !low
- [ ] raise the P1 bug with Acme ⇒ raise the P1 bug with Acme
- [ ] Aim (high) for the summit ⇒ Aim (high) for the summit
TODO: ship it [priority: low] ⇒ ship it !low
Me: draft the promo packet by 12/11 ⏎ Manager: give feedback on it ⇒ -
I'll draft the promo packet by 12/11 ⇒ likely I: draft the promo packet <2026-12-11>
- [ ] Me: draft the promo packet ⇒ Me: draft the promo packet
Feedback: you did well in the review ⇒ -
Career goals: lead a project, speak at a conference ⇒ -
TOP 3: Budget 2027 ⇒ -
Beschluss: Das Budget wird genehmigt. ⇒ -
Herr Müller schickt das Angebot bis Fr, 4.12. ⇒ likely Herr Müller: schickt das Angebot <2026-12-04>
Aufgabe: Müller schickt das Angebot, Fr, 4.12. ⇒ Müller: schickt das Angebot <2026-12-04>
- [ ] Angebot prüfen (Anna, bis Fr 4.12.) ⇒ Anna: Angebot prüfen <2026-12-04>
Frau Schmidt klärt die Raumfrage bis Ende der Woche ⇒ likely Frau Schmidt: klärt die Raumfrage <2026-12-04>
Anna soll die Folien z. B. an Bob schicken ⇒ likely Anna: die Folien z. B. an Bob schicken
To-dos ⏎ - Anna: Folien fertigstellen (bis Mi, 9.12.) ⏎ - Ben: Raum buchen ⏎ - offen: Termin für Januar ⇒ \
Anna: Folien fertigstellen <2026-12-09> ; Ben: Raum buchen ; offen: Termin für Januar
| Was | Wer | Bis wann | ⏎ |---|---|---| ⏎ | Folien schicken | Anna | Fr, 4.12. | ⇒ Anna: Folien schicken \
<2026-12-04>
Der Vorstand wird gebeten, bis 15.12. einen Vorschlag zu machen. ⇒ -
Jean : doit relancer le client ⇒ likely Jean: relancer le client
Jean: doit relancer le client ⇒ likely Jean: relancer le client
Marie doit envoyer le devis avant le 10 décembre ⇒ likely Marie: envoyer le devis <2026-12-10>
Actions à mener ⏎ - Marie : envoyer le devis (avant vendredi) ⏎ - Paul : relancer le fournisseur ⇒ Marie: \
envoyer le devis <2026-12-04> ; Paul: relancer le fournisseur
Le budget a été voté à l'unanimité. ⇒ -
Prochaine réunion : mardi 8 décembre ⇒ -
Étaient présents : Marie, Paul ⇒ -
Acuerdos: se aprueba el presupuesto ⇒ -
Juan debe enviar la factura antes del viernes ⇒ likely Juan: enviar la factura <2026-12-04>
Tareas: ⏎ - Juan: enviar la factura (viernes) ⏎ - María: revisar el contrato ⇒ Juan: enviar la factura \
<2026-12-04> ; María: revisar el contrato
Anna muss den Vertrag prüfen ⇒ likely Anna: den Vertrag prüfen
Anna moet het contract nakijken ⇒ likely Anna: het contract nakijken
Próxima reunión: 8 de diciembre ⇒ -
決定事項: 来月から新システムに移行する ⇒ -
■ アクションアイテム ⏎ ・佐藤: 見積もりを確認する（12/4） ⏎ ・鈴木: 資料を共有する ⇒ 佐藤: \
見積もりを確認する <2026-12-04> ; 鈴木: 資料を共有する
TODO: 佐藤さん 議事録を共有 ⇒ 佐藤さん 議事録を共有
次回: 12月8日（火）14時 ⇒ -
Action: Comedy, 1999 ⇒ -
Action: Drama, Thriller ⇒ -
Action, Adventure, Sci-Fi ⇒ -
Genre: Action ⇒ -
Action: Bob, Friday ⇒ -
<table><tr><th>Action</th><th>Owner</th></tr><tr><td>send it</td><td>Bob</td></tr> ⇒ Bob: send it
<table> ⏎ <tr><th>Task</th><th>Owner</th><th>Due</th></tr> ⏎ <tr><td>send \
it</td><td>Bob</td><td>2026-12-04</td></tr> ⏎ <tr><td>book it</td><td>Ana</td><td></td></tr> ⏎  ⏎ Thanks \
all ⇒ Bob: send it <2026-12-04> ; Ana: book it
- [ ] send the deck [[Bob Lee]] ⇒ Bob Lee: send the deck
- [ ] [[Bob Lee]] send the deck ⇒ Bob Lee: send the deck
- [ ] [[Bob Lee]]: send the deck ⇒ Bob Lee: send the deck
- [ ] [[Bob Lee]] to send the deck ⇒ Bob Lee: send the deck
AI: send the deck ([[Bob Lee]]) ⇒ Bob Lee: send the deck
AI: [[people/Bob Lee|Bob]] to send the deck ⇒ Bob: send the deck
- [ ] read [[Project Plan]] ⇒ read Project Plan
- [ ] send the deck [[Project Plan]] ⇒ send the deck Project Plan
AI: Bob to gather metrics, e.g. CPU and memory ⇒ Bob: gather metrics, e.g. CPU and memory
AI: Bob to gather metrics, e.g. Memory and CPU. ⇒ Bob: gather metrics, e.g. Memory and CPU.
AI: Bob to ask the vendor (i.e. Acme) for a quote ⇒ Bob: ask the vendor (i.e. Acme) for a quote
AI: Bob to gather metrics. We talked about this at length and nobody objected. ⇒ Bob: gather metrics.
Bob will gather metrics. They are needed for the report. ⇒ likely Bob: gather metrics.
AI: Bob to gather metrics. Due Friday. ⇒ Bob: gather metrics. <2026-12-04>
AI: Bob to ask Dr. Lee about St. Mary's ⇒ Bob: ask Dr. Lee about St. Mary's
AI: Bob to move to v1.2. Ana to test it. ⇒ Bob: move to v1.2. Ana to test it.
- [ ] Website. Update the footer ⇒ Website. Update the footer
Please send the deck. It is for the board. ⇒ likely send the deck.
AI: Bob to compare us vs. Acme ⇒ Bob: compare us vs. Acme
<table><tr><th>Action<th>Owner<tr><td>send it<td>Bob<tr><td>book it<td>Ana ⇒ Bob: send it ; Ana: book it
<table> ⏎ <tr><th>Action</th><th>Owner</th></tr> ⏎ <tr><td>send it</td><td>Bob</td> ⇒ Bob: send it
<table> ⏎ <tr><th>Action</th><th>Owner</th></tr> ⏎ <tr><td>send it</td><td>Bob</td> ⏎ Thanks all ⏎ See \
you next week ⇒ Bob: send it
<table> ⏎ <tr> ⏎ <th>Action</th> ⏎ <th>Owner</th> ⏎ </tr> ⏎ <tr> ⏎ <td>send it</td> ⏎ <td>Bob</td> ⏎  ⏎ \
## Next ⏎ - [ ] call Bo ⇒ Bob: send it ; call Bo
<table> ⏎ <tr><th>Action</th><th>Owner</th></tr> ⏎ <tr><td>send it</td><td>Bob</td></tr> ⏎  ⏎ - [ ] call \
Bo ⇒ Bob: send it ; call Bo
<tr><td>send it</td><td>Bob</td></tr> ⇒ -
"""

CASES = [tuple(line.split(" ⇒ ")) for line in MINUTES.splitlines()]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_communitys_line_is_read_as_its_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
