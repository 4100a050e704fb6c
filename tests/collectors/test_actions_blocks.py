"""Blocks of minutes, chats and notes as a whole, each with what becomes of it: boards, foundations, councils,
channels, stand-ups, one-to-ones, and protocols of other languages.

As in `test_actions_habits`, whose notation this is.
"""

import pytest

from collectors.actions.reader import read
from tests.collectors.test_actions_forms import said
from tests.collectors.test_actions_habits import TUESDAY

BLOCKS = """\
# GNOME Foundation board, 1 December 2026 ⏎ ## Attendance ⏎ * Gil, Elmer, Ana ⏎ ## Minutes ⏎ * Budget: \
Gil presented the draft. The board discussed it. ⏎   * **ACTION** - Gil to circulate the revised budget ⏎ \
* Events: GUADEC location was agreed. ⏎ **VOTE**: approve the budget: +1 Gil, +1 Elmer ⇒ Gil: circulate \
the revised budget
## Pending action items ⏎ * Elmer to write to the sponsors ⏎ * Ana to renew the domain (in progress) ⇒ \
Elmer: write to the sponsors ; Ana: renew the domain
## Completed actions ⏎ * Elmer wrote to the sponsors ⇒ -
* ACTION - Loretta to pay the invoice – DONE ⇒ done Loretta: pay the invoice
* ACTION - (Loretta, Hank): look into the bank fees ⇒ Loretta & Hank: look into the bank fees
14:02 < qvx> #action qvx to follow up with the release team ⇒ qvx: follow up with the release team
14:02:11 <qvx> any volunteer to chair next week? ⇒ -
14:02:30 <tloos> I can chair ⇒ -
14:03:01 <qvx> #action tloos to chair next week's meeting ⇒ tloos: chair next week's meeting
14:03:01 <qvx> #agreed move PTG planning to etherpad ⇒ -
#help we need someone to fix the grenade job ⇒ likely fix the grenade job
(knackler) I'll look at the zuul logs ⇒ likely knackler: look at the zuul logs
* lenbrown: will propose a patch for the flake ⇒ likely lenbrown: propose a patch for the flake
**Action item: Ralph to ask legal about the trademark policy (due: Jan 15)** ⇒ Ralph: ask legal about the \
trademark policy <2027-01-15>
- **AI [@mbelu]**: cut a release of JupyterLab 4.4 ⇒ mbelu: cut a release of JupyterLab 4.4
| Name | Topic | Notes | ⏎ |---|---|---| ⏎ | Theo | JupyterHub 5.3 | Will release next week | ⏎ | Lin | \
tests | fixed the flake | ⇒ -
Theo: JupyterHub 5.3 is out! ⇒ -
Theo: I will be on leave until January ⇒ -
A.I. Mariela to open an issue about the governance doc ⇒ Mariela: open an issue about the governance doc
Motion: to adopt the minutes of 3 November. Proposed: Smith. Seconded: Jones. Carried. ⇒ -
Bills to be paid: electricity £120 ⇒ -
Cllr Green to investigate and report back at the January meeting. ⇒ likely Cllr Green: investigate and \
report back at the January meeting
The Clerk will write to residents about the hedge. ⇒ likely Clerk: write to residents about the hedge
The Clerk had written to residents about the hedge. ⇒ -
The Clerk would write to residents about the hedge. ⇒ -
Resolved that the Clerk be instructed to obtain quotes ⇒ -
26/112 Planning: no objection to application 26/0441 ⇒ -
Action: CB/JS ⇒ -
The noticeboard needs repair. Action: CB/JS ⇒ CB & JS: The noticeboard needs repair
Mozilla Firefox weekly ⏎ * [rhanlon] Talos regressions are down ⏎ * [ACTION] rhanlon to file bugs for the \
rest ⇒ rhanlon: file bugs for the rest
* NI: jurn on bug 123 ⇒ -
* Friends of the Firefox team: Ana fixed bug 5 ⇒ -
ACTION(kwerther): file follow-up bugs ⇒ kwerther: file follow-up bugs
core: hulm to commit the pkg fix before 15.1 ⇒ -
| Item | Who | Status | ⏎ |---|---|---| ⏎ | Renew the cert | hulm | in progress | ⏎ | Send the report | \
olarde | done | ⇒ hulm: Renew the cert ; done olarde: Send the report
**Follow-ups:** ⏎ - [ ] share slides (Kim) ⏎ - [x] book room (Lee) ⇒ Kim: share slides ; done Lee: book room
Hot topics: pricing, hiring, office ⇒ -
Kim to own pricing page, Lee to own onboarding ⇒ likely Kim: own pricing page ; likely Lee: own onboarding
ACTION POINTS ⏎ 1. KB to circulate the minutes ⏎ 2. All to send agenda items by Monday ⏎ 3. Next meeting \
8 December ⇒ KB: circulate the minutes ; All: send agenda items <2026-12-07>
Actions arising: KB – circulate minutes; LM – book room ⇒ KB: circulate minutes ; LM: book room
Next steps ⏎ • Kim → pricing deck → Fri ⏎ • Lee → hiring plan → 12/11 ⇒ Kim: pricing deck <2026-12-04> ; \
Lee: hiring plan <2026-12-11>
Decisions ⏎ - Use Postgres ⏎ - Kim will lead the migration ⇒ likely Kim: lead the migration
Parking lot ⏎ - revisit the roadmap ⇒ -
Wins: shipped v2 ⇒ -
1:1 Kim / Ana ⏎ - Kim feels good about the project ⏎ - Ana to introduce Kim to Lee ⏎ - Kim to write a \
growth plan by the end of the month ⇒ likely Ana: introduce Kim to Lee ; likely Kim: write a growth plan \
<2026-12-31>
Follow up next time: vacation plans ⇒ -
Asks: more headcount ⇒ -
My TODOs ⏎ - ping legal ⏎ - read Kim's doc (today) ⏎ - ~~send invoice~~ ⇒ ping legal ; read Kim's doc \
<2026-12-01>
@channel please fill in the survey by Thursday :pray: ⇒ likely channel: fill in the survey <2026-12-03>
<@here> standup in 5 ⇒ -
:eyes: looking ⇒ -
Can someone review my PR? https://example.org/pr/1 ⇒ likely review my PR? https://example.org/pr/1
@lee LGTM, merge when ready ⇒ -
I sent the contract to legal yesterday, they will get back by Friday ⇒ -
We'll need the final numbers from you by Wednesday EOD. ⇒ -
Attached is the deck. Please review and send comments by Friday. ⇒ likely review and send comments \
<2026-12-04>
Ergebnisprotokoll ⏎ Teilnehmer: Anna, Ben, Clara ⏎ 1. Budget ⏎ - Anna stellt das Budget vor. ⏎ - Ben \
prüft die Zahlen bis 11.12. ⏎ - Beschluss: Budget wird am 15.12. beschlossen. ⇒ likely Ben: prüft die \
Zahlen <2026-12-11>
Compte rendu ⏎ Présents : Marie, Paul ⏎ - Marie présente le budget. ⏎ - Paul enverra le devis d'ici \
vendredi. ⏎ Actions : ⏎ - Marie : réserver la salle ⇒ likely Paul: enverra le devis <2026-12-04> ; \
Marie: réserver la salle
Acta ⏎ Asistentes: María, Juan ⏎ Acuerdos: ⏎ - Aprobar el presupuesto ⏎ Compromisos: ⏎ - Juan: enviar el \
acta antes del viernes ⇒ Juan: enviar el acta <2026-12-04>
議事録 ⏎ 出席者: 佐藤、鈴木 ⏎ 決定事項 ⏎ ・来月から新制度を開始する ⏎ 宿題 ⏎ ・鈴木: \
見積もりを取る（12月8日まで） ⇒ 鈴木: 見積もりを取る <2026-12-08>
**AI: Bob to send the deck** ⇒ Bob: send the deck
**ACTION: Bob to send the deck** ⏎ We then talked about costs. ⇒ Bob: send the deck
**Action items** ⏎ - Bob to send the deck ⇒ Bob: send the deck
**Bob to send the deck** ⇒ -
**AI: Opportunities and Risks** ⏎ A talk by Ana ⇒ -
### ACTION: Bob ⏎ - send the deck ⇒ Bob: send the deck
"""

SPOKEN = """\
FA: I think we should go with option 2. ⇒ -
TYK: I will follow up with the V8 team on this. ⇒ likely TYK: follow up with the V8 team on this
NN: I'm not going to block. ⇒ -
### Remaining items ⏎ - Editorial: rename the abstract operation ⇒ -
LB: Are you going to write tests? TDV: Yes, I will. ⇒ -
QLQ: Queue is empty. Moving on. ⇒ -
- [Ermalina] Semantic conventions: please review PR 123 ⇒ likely review PR 123
- [Abe] Would like feedback on the OTEP by Friday ⇒ -
- [Rory] AI to create an issue for histogram migration ⇒ Rory: create an issue for histogram migration
- AI (Rory/Kelsey): draft the versioning doc by KubeCon ⇒ Rory & Kelsey: draft the versioning doc by KubeCon
- (marius) Release 1.40 is out ⇒ -
- (marius) will release 1.41 on Thursday ⇒ likely marius: release 1.41 <2026-12-03>
- Next spec release: Dec 10 ⇒ -
- PRs to review: ⏎   - https://example.org/1 ⏎   - https://example.org/2 ⇒ -
TOC vote for graduation opens Monday ⇒ -
- Peg will shepherd the Falco application ⇒ likely Peg: shepherd the Falco application
- TODO: find a second sponsor for the sandbox application ⇒ find a second sponsor for the sandbox \
application
- Helen: do we need a sponsor? ⇒ -
Old business ⏎ - Bob was going to contact the vendor; no update ⇒ -
Old action items ⏎ - Bob: contact the vendor – not done, carry over ⇒ -
Resolved issues ⏎ - #123 fix the build ⇒ -
Good first issues ⏎ - Update the docs ⏎ - Write a test ⇒ -
## Checklist for new releases ⏎ - [ ] Update the changelog ⏎ - [ ] Tag the release ⇒ Update the changelog \
; Tag the release
Scribe: please add your name to the list above ⇒ -
_Please add your topics to the agenda below_ ⇒ -
Note taker needed! ⇒ -
Meeting recordings will be posted on YouTube. ⇒ -
This meeting will be recorded. ⇒ -
By joining you agree to the Code of Conduct. Please read it. ⇒ -
Zoom link: https://example.org – please join muted ⇒ -
Announcements: CFP closes Dec 11, submit your talks! ⇒ -
* Reminder: vote in the steering election by Dec 4 ⇒ -
Everyone should have received the invite by now ⇒ -
Bob should have sent it last week ⇒ -
Bob is out this week, Ana will cover for him ⇒ likely Ana: cover for him
Bob will present at KubeCon ⇒ likely Bob: present at KubeCon
The working group will meet on Thursdays ⇒ -
The new API will return an error when the key is missing ⇒ -
Users will need to migrate by hand ⇒ -
We decided not to ask Bob to send it ⇒ -
If nobody objects by Friday, Bob will merge it ⇒ likely Bob: merge it
Bob to merge it unless Ana objects ⇒ likely Bob: merge it unless Ana objects
ACTION: Bob to merge it once CI is green. Ana: thanks! ⇒ Bob: merge it once CI is green
Q: who can review this? A: Bob will review it by Friday ⇒ likely Bob: review it <2026-12-04>
Bob/Ana: sync offline ⇒ -
Take it offline ⇒ -
Let's table this ⇒ -
Action: take this offline (Bob, Ana) ⇒ Bob & Ana: take this offline
Tabled until January ⇒ -
AI for next meeting: everyone to read the RFC ⇒ everyone: read the RFC
AIs from today: Bob - RFC, Ana - tests ⇒ Bob: RFC, Ana - tests
No AIs ⇒ -
Action items: see issue tracker ⇒ -
Action items are tracked at https://example.org/board ⇒ -
API: I will not explain ⇒ -
API: will return an error ⇒ -
AI: Bob to see the issue through ⇒ Bob: see the issue through
Please check it against the invoice ⇒ likely check it against the invoice
"""

CASES = [tuple(line.split(" ⇒ ")) for table in (BLOCKS, SPOKEN) for line in table.splitlines()]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_block_is_read_as_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected
