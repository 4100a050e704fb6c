"""Lines as single communities write them, each with what becomes of it: W3C, IETF, Apache, Eclipse, Fedora,
Rust, Kubernetes, Wikimedia, councils, schools, start-ups, and others abroad. Half of them are nothing to do.

As in `test_actions_habits`, whose notation this is.
"""

import pytest

from collectors.actions.reader import read
from tests.collectors.test_actions_forms import said
from tests.collectors.test_actions_habits import TUESDAY

MINUTES = """\
<scribe> ACTION: Hetty to update the charter draft ⇒ Hetty: update the charter draft
*ACTION:* pieto to check the failing test ⇒ pieto: check the failing test
## Summary of action items ⏎ 1. Malika to write to the group ⏎ 2. [Floyd to draft a note](#a02) ⇒ Malika: \
write to the group ; Floyd: draft a note
## Summary of resolutions ⏎ 1. Publish the draft as a note ⏎ 2. Adopt the new template ⇒ -
RESOLUTION: Publish the draft as a working group note ⇒ -
PROPOSED RESOLUTION: Ana to become editor ⇒ -
PROPOSED: move the call to Thursdays ⇒ -
malika: I can take an action to look at issue 12 ⇒ malika: look at issue 12
ACTION-17: Malika to ask the chairs due 2026-12-08 ⇒ Malika: ask the chairs <2026-12-08>
trackbot: close ACTION-17 ⇒ -
+1 to publish it ⇒ -
Regrets: Ana, Bob ⇒ -
ACTION: chairs to start a call for adoption on the list ⇒ chairs: start a call for adoption on the list
Paul Wetherington: I'll file an issue for that ⇒ likely Paul Wetherington: file an issue for that
PW: will take it to the list ⇒ likely PW: take it to the list
Chairs: please bring this to the list ⇒ likely Chairs: bring this to the list
Milestone: submit the document to the IESG in March 2027 ⇒ -
Poll: who has read the draft? Many hands ⇒ -
* Hugh: pursue a report for Attic [ Attic 2026-10-21 ] ⇒ -
## Review Outstanding Action Items ⏎ * Hugh: follow up with Attic ⏎   Status: done ⏎ * Basil: pursue a \
report for Tcl ⏎   Status: not done ⇒ -
A. Apache Arrow Project [Otto Brandt / Hugh] ⇒ -
WHEREAS, the board deems it to be in the best interest of the foundation ⇒ -
RESOLVED, that Ana Silva be appointed to the office of Vice President ⇒ -
Special Order 7A was approved by unanimous vote of the directors present. ⇒ -
@Hugh: pursue a report for Attic ⇒ Hugh: pursue a report for Attic
**Action:** Clyde to contact the project leads before the next review ⇒ Clyde: contact the project leads \
before the next review
[Action - Clyde] Contact the project leads ⇒ Clyde: Contact the project leads
ACTION (Clyde): Contact the project leads ⇒ Clyde: Contact the project leads
#action paperlantern to mail the list about the sprint ⇒ paperlantern: mail the list about the sprint
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
- [ ] **Action**: @zrptoby to open a tracking issue ⇒ zrptoby: open a tracking issue
- **Consensus:** merge the RFC once the concern is resolved ⇒ -
- tilobernsson: FCP is proposed ⇒ -
- @rfcbot concern naming ⇒ -
- AI(tilo): draft a summary comment ⇒ tilo: draft a summary comment
* [ ] (paula) cut 1.33 branch by 12/9 ⇒ paula: cut 1.33 branch <2026-12-09>
* [ejaro] AI to follow up on the failing e2e job ⇒ ejaro: follow up on the failing e2e job
* [lutai] KEP review needed ⇒ -
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
The Clerk to obtain three quotes for the fence. ⇒ likely Clerk: obtain three quotes for the fence
It was RESOLVED to approve the payment of £120 to J. Brown. ⇒ -
Moved by Member Jones, seconded by Member Lee, to approve the minutes. Motion carried 5-0. ⇒ -
Staff was directed to return with a revised ordinance in January. ⇒ likely Staff: return with a revised \
ordinance in January
Council directed the City Manager to prepare a report on parking fees. ⇒ likely City Manager: prepare a \
report on parking fees
Ayes: Jones, Lee. Noes: none. Absent: Smith. ⇒ -
Public comment: Ms. Doe asked the board to reconsider the closure. ⇒ -
The meeting was called to order at 7:02 p.m. ⇒ -
Superintendent Lee will bring a draft calendar to the January meeting. ⇒ likely Superintendent Lee: bring \
a draft calendar to the January meeting
Dr. Lee to share the enrollment numbers with the board by Dec. 15. ⇒ likely Dr. Lee: share the enrollment \
numbers with the board <2026-12-15>
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
AI: Bob to gather metrics, e.g. Memory and CPU. ⇒ Bob: gather metrics, e.g. Memory and CPU
AI: Bob to ask the vendor (i.e. Acme) for a quote ⇒ Bob: ask the vendor (i.e. Acme) for a quote
AI: Bob to gather metrics. We talked about this at length and nobody objected. ⇒ Bob: gather metrics
Bob will gather metrics. They are needed for the report. ⇒ likely Bob: gather metrics
AI: Bob to gather metrics. Due Friday. ⇒ Bob: gather metrics <2026-12-04>
AI: Bob to ask Dr. Lee about St. Mary's ⇒ Bob: ask Dr. Lee about St. Mary's
AI: Bob to move to v1.2. Ana to test it. ⇒ Bob: move to v1.2 ; Ana: test it
- [ ] Website. Update the footer ⇒ Website. Update the footer
Please send the deck. It is for the board. ⇒ likely send the deck
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

MORE = """\
ACTION ITEMS ⏎ A. Approve the bus contract ⏎ Motion by Jones, seconded by Lee. Motion carried. ⏎ B. Adopt \
the calendar ⏎ Motion by Lee, second by Doe. Motion carried. ⇒ -
6. New business ⏎ Ms. Lee moved to approve the budget; Mr. Doe seconded. ⏎ Motion passed unanimously. ⇒ -
Follow-up: Superintendent to send the enrollment report to trustees ⇒ Superintendent: send the enrollment \
report to trustees
Action: Clerk ⇒ -
The broken bench in Mill Lane was reported. Action: Clerk ⇒ Clerk: The broken bench in Mill Lane was \
reported
Cllr Brown agreed to speak to the school. ⇒ likely Cllr Brown: speak to the school
It was resolved that the Clerk write to the County Council. ⇒ likely Clerk: write to the County Council
The Chair thanked everyone and closed the meeting at 9pm. ⇒ -
To note: the accounts are online ⇒ -
AOB: none ⇒ -
Date of next meeting: Tuesday 8 December ⇒ -
#agreed Ana will be the release manager ⇒ -
#action ana, bob to triage the bugs before F42 ⇒ ana & bob: triage the bugs before F42
#action everyone: vote on the logo ⇒ everyone: vote on the logo
#undo ⇒ -
#startmeeting fesco ⇒ -
#topic Action items from last meeting ⏎ #info ana sent the mail ⇒ -
<jarczyk> I'll take that one ⇒ likely jarczyk: take that one
<jarczyk> #action jarczyk will file a ticket about it ⇒ jarczyk: file a ticket about it
AI: Ignazio to file an exception request by M3 ⇒ Ignazio: file an exception request by M3
- [x] @dbertani to open the backport PR ⇒ done dbertani: open the backport PR
- [ ] @dbertani open the backport PR ⇒ dbertani: open the backport PR
### Q&A, Other ⏎ none ⇒ -
### Upcoming Meetings ⏎ * Node.js Foundation Calendar: <https://example.org> ⏎ Click `Add to Google \
Calendar` at the bottom left to add to your own Google calendar. ⇒ -
* Make `fetch` stable [#1234](https://example.org/1234) ⏎   * Still waiting on reviews ⏎   * Davide will \
ping the reviewers ⇒ likely Davide: ping the reviewers
Next Meeting - December 9th, 10:00 UTC ⇒ -
**AI** - Fay to fix the TLS cert ⇒ Fay: fix the TLS cert
Status update: Fay has fixed the TLS cert ⇒ -
PEP 750: accepted ⇒ -
The Steering Council will announce the decision next week. ⇒ likely Steering Council: announce the \
decision <2026-12-11>
Hugo to write the acceptance message ⇒ likely Hugo: write the acceptance message
Colin would prefer to defer it ⇒ -
We agreed to defer PEP 751 to the next meeting ⇒ -
Helen volunteered to reach out to the PEP authors ⇒ likely Helen: reach out to the PEP authors
TODO(helen): survey draft ⇒ helen: survey draft
- **Wednesday:** Jost to cut the 2.4.0rc1 tag ⇒ likely Jost: cut the 2.4.0rc1 tag
- (Eetu) will close the stale PRs ⇒ likely Eetu: close the stale PRs
- Valentin: looking into the failure on PyPy ⇒ -
- Valentin is looking into the failure on PyPy ⇒ -
- Valentin looked into the failure ⇒ -
- Needs decision: bump minimum numpy? ⇒ -
## Action items from last week ⏎ - [x] Jost: cut tag ⏎ - [ ] Eetu: close PRs ⇒ done Jost: cut tag ; \
Eetu: close PRs
Carry over: Bob to send the deck ⇒ likely Bob: send the deck
Carried over: ⏎ - Bob to send the deck ⇒ likely Bob: send the deck
1. Bob – Send the deck – 12/4 – Open ⇒ -
Actions ⏎ 1. Bob – Send the deck – 12/4 – Open ⏎ 2. Ana – Book the room – 12/2 – Closed ⇒ Bob: Send the \
deck <2026-12-04> ; done Ana: Book the room <2026-12-02>
| # | Action | Owner | Due | Status | ⏎ |---|---|---|---|---|---| ⏎ | 1 | Send the deck | Bob | 12/4 | \
Open | ⏎ | 2 | Book the room | Ana | 12/2 | Closed | ⇒ Bob: Send the deck <2026-12-04> ; done Ana: Book \
the room <2026-12-02>
| Priority | Task | Owner | ⏎ |---|---|---| ⏎ | High | Send the deck | Bob | ⏎ | P3 | Book the room | Ana \
| ⇒ Bob: Send the deck !high ; Ana: Book the room !low
| ID | Risk | Mitigation | Owner | ⏎ |---|---|---|---| ⏎ | 1 | Vendor late | Call weekly | Bob | ⇒ -
| Topic | Discussion | Action | ⏎ |---|---|---| ⏎ | Budget | We are over | Bob to cut costs by Friday | ⏎ \
| Hiring | On track | None | ⇒ Bob: cut costs <2026-12-04>
| Agenda item | Notes | Action / Owner | ⏎ |---|---|---| ⏎ | Budget | over | Ana: call the bank | ⇒ Ana: \
call the bank
| Name | Role | Attended | ⏎ |---|---|---| ⏎ | Bob | Lead | yes | ⇒ -
Bob (by Fri): send the deck ⇒ -
Actions ⏎ Bob (by Fri): send the deck ⏎ Ana (today): call the bank ⇒ Bob: send the deck <2026-12-04> ; \
Ana: call the bank <2026-12-01>
Next steps: Bob sends the deck, Ana books the room ⇒ Bob: send the deck ; Ana: book the room
Owner: Bob ⇒ -
We still need to figure out pricing ⇒ -
Someone needs to update the wiki ⇒ likely update the wiki
Anyone want to take notes? ⇒ -
Should we move to weekly? ⇒ -
Open question: who owns billing? ⇒ -
OPEN: who owns billing? ⇒ -
Great job everyone! ⇒ -
Let's sync on Thursday ⇒ -
Pls review the doc by EOD thx ⇒ likely review the doc thx <2026-12-01>
can u send me the deck? ⇒ likely send me the deck
could you pls send me the deck by tmrw ⇒ likely send me the deck <2026-12-02>
Hey @kim can you take a look at PR 12 today? 🙏 ⇒ likely kim: take a look at PR 12 <2026-12-01>
thanks for sending the deck! ⇒ -
done, sent the deck ⇒ -
I'll get back to you by tomorrow on pricing ⇒ likely I: get back to you by tomorrow on pricing <2026-12-02>
I'm on it ⇒ -
will do! ⇒ -
Reminder: please submit your timesheets by Friday ⇒ likely submit your timesheets <2026-12-04>
Don't forget to book the room ⇒ likely Don't forget to book the room
FYI the office is closed on Friday ⇒ -
Let me know if you have questions ⇒ -
Looking forward to hearing from you ⇒ -
You can find the deck here: https://example.org ⇒ -
Protokoll: Anna ⇒ -
Nächster Termin: 8.12., 14 Uhr ⇒ -
TOP 2 Website: Ben aktualisiert die Startseite bis 11.12. ⇒ likely Ben: aktualisiert die Startseite \
<2026-12-11>
Verantwortlich: Ben ⇒ -
Ben kümmert sich um den Raum. ⇒ likely Ben: kümmert sich um den Raum
Ben hat den Raum gebucht. ⇒ -
Ben wird krank sein ⇒ -
ToDo Ben: Raum buchen ⇒ Ben: Raum buchen
ToDo: Ben – Raum buchen bis Mo, 7.12. ⇒ Ben: Raum buchen <2026-12-07>
Anna bittet um Rückmeldung bis 4.12. ⇒ -
Bitte bis Freitag Rückmeldung an Anna geben ⇒ likely Rückmeldung an Anna geben <2026-12-04>
Könntest du mir bitte die Folien schicken? ⇒ likely die Folien schicken
Aufgaben ⏎ | Aufgabe | Zuständig | Frist | ⏎ |---|---|---| ⏎ | Raum buchen | Ben | 7.12. | ⇒ Ben: Raum \
buchen <2026-12-07>
Maßnahmen: ⏎ 1. Angebot einholen – verantwortlich: Ben, Termin: 11.12.2026 ⇒ Ben: Angebot einholen \
<2026-12-11>
Relevé de décisions ⏎ - Le budget est adopté ⇒ -
À faire ⏎ - [ ] Relancer le client (Marie, 11/12) ⇒ Marie: Relancer le client <2026-12-11>
Paul se charge de réserver la salle ⇒ likely Paul: réserver la salle
Marie a envoyé le devis ⇒ -
Pouvez-vous m'envoyer le devis ? ⇒ likely m'envoyer le devis
Merci d'envoyer le devis avant jeudi ⇒ likely envoyer le devis <2026-12-03>
Action : Paul, réserver la salle pour le 11 décembre ⇒ Paul: réserver la salle <2026-12-11>
Acta de la reunión: se aprueban las cuentas ⇒ -
Responsable: María. Plazo: 11/12 ⇒ -
María se encarga de revisar el contrato ⇒ likely María: revisar el contrato
Por favor, envíame la factura antes del viernes ⇒ likely envíame la factura <2026-12-04>
Ruegos y preguntas: no hay ⇒ -
【ToDo】 ⏎ ・見積書の確認（担当：佐藤、期限：12/4） ⏎ ・会議室の予約（鈴木） ⇒ 佐藤: 見積書の確認 \
<2026-12-04> ; 鈴木: 会議室の予約
・佐藤さんが12月4日までに資料を送る ⇒ -
1. 開会 ⏎ 2. 前回議事録の承認 ⇒ -
お手数ですが、資料をお送りください。 ⇒ likely 資料をお送りください
下一步: ⏎ - 张伟: 周五前发送报价 ⏎ - 李娜: 预订会议室 ⇒ 张伟: 发送报价 <2026-12-04> ; 李娜: 预订会议室
会议纪要: 预算已通过 ⇒ -
Próximos passos ⏎ - João: enviar a proposta até sexta-feira ⇒ João: enviar a proposta <2026-12-04>
Bitte beachten: Das Büro ist am Freitag zu. ⇒ -
Merci d'avance pour votre aide ⇒ -
Anna, kannst du bitte die Folien schicken? ⇒ likely Anna: die Folien schicken
Veuillez trouver ci-joint le devis ⇒ -
Kannst du kommen? ⇒ -
Potresti mandare la fattura entro venerdì? ⇒ likely mandare la fattura <2026-12-04>
Kun je de cijfers sturen? ⇒ likely de cijfers sturen
ご了承ください。 ⇒ -
12月4日までに資料をご確認ください。 ⇒ likely 資料をご確認ください <2026-12-04>
Puedes llamarme ⇒ -
Open an issue to clean it up. AI: Ned ⇒ Ned: Open an issue to clean it up
* [harimal] Eviction manager should check the disk usage ⇒ -
AI: Bob to cut v0.4. Also had a chance to meet the maintainers. ⇒ Bob: cut v0.4
AI: Bob to cut v0.4. Also send it to Ana. ⇒ Bob: cut v0.4. Also send it to Ana
AI: Bob to check whether it is tested. If not, file a bug. ⇒ Bob: check whether it is tested. If not, \
file a bug
AI: Bob to send the report. It is due on Friday. ⇒ Bob: send the report <2026-12-04>
AI: Bob to send the report. We need it by Friday. ⇒ Bob: send the report <2026-12-04>
AI: Bob to send the report. It must be out by Friday at 5pm. ⇒ Bob: send the report <2026-12-04T17:00:00Z>
- [ ] Send the report to Ana. Must be done by Friday. ⇒ Send the report to Ana <2026-12-04>
Bob will send the report. The deadline is Friday. ⇒ likely Bob: send the report <2026-12-04>
AI: Bob to send the report to legal. Needed by 4 Dec. ⇒ Bob: send the report to legal <2026-12-04>
AI: Bob to send the report by Thursday. We need it by Friday. ⇒ Bob: send the report <2026-12-03>
AI: Bob to send the report. We need it by Friday or Monday. ⇒ Bob: send the report
AI: Bob to send the report. We meet again on Friday. ⇒ Bob: send the report
AI: Bob to send the report. We spoke for an hour today. ⇒ Bob: send the report
AI: Ben schickt die Zahlen am 4. Dezember an Anna ⇒ Ben: schickt die Zahlen am 4. Dezember an Anna
AI: Ben bereitet das 3. Quartal mit Anna und Clara vor ⇒ Ben: bereitet das 3. Quartal mit Anna und Clara vor
AI: Bob to update the list to 12. The rest was agreed. ⇒ Bob: update the list to 12
AI: Bob to bring cups, plates, etc. ⇒ Bob: bring cups, plates, etc.
AI: Bob to think about it... ⇒ Bob: think about it...
AI: Bob to send it to Acme Inc. ⇒ Bob: send it to Acme Inc.
we did look. it is too slow. ACTION: ST ⇒ ST: it is too slow
"""

CASES = [tuple(line.split(" ⇒ ")) for table in (MINUTES, MORE) for line in table.splitlines()]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_communitys_line_is_read_as_its_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
