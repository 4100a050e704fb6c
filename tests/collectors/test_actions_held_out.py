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

W3C = """\
ACTION: Nadja to draft text for issue 88 ⇒ Nadja: draft text for issue 88
ACTION: tilman and nadja to review the test suite by 2026-12-15 ⇒ tilman & nadja: review the test suite \
<2026-12-15>
<nadja> action: tilman to ask the chairs ⇒ tilman: ask the chairs
RESOLUTION: Close issue 88 with no change ⇒ -
<tilman> scribe: nadja ⇒ -
PROPOSED RESOLUTION: Move to a monthly call ⇒ -
nadja: I'll take that to the group ⇒ likely nadja: take that to the group
"""

IETF = """\
Action item: Authors to submit a new revision before the cutoff ⇒ Authors: submit a new revision before \
the cutoff
Chairs will issue a working group last call next week ⇒ likely Chairs: issue a working group last call \
<2026-12-11>
ACTION (Ingrid): write the shepherd's report ⇒ Ingrid: write the shepherd's report
Ingrid Vale: the draft should go to the area director ⇒ -
Hum: stronger for option B ⇒ -
Jabber scribe: Ole ⇒ -
Ole: I can review it ⇒ -
"""

KUBERNETES = """\
- [ ] [tanvi] open an issue for the flake ⇒ tanvi: open an issue for the flake
- AI (tanvi): update the KEP by Friday ⇒ tanvi: update the KEP <2026-12-04>
- [tanvi] 1.40 enhancements freeze is on Thursday ⇒ -
- AI: @tanvi to ping SIG Storage about the API change ⇒ tanvi: ping SIG Storage about the API change
- TODO(tanvi): file a bug ⇒ tanvi: file a bug
- AI: (Jorgen) Draft the annual report (due 12/18) ⇒ Jorgen: Draft the annual report <2026-12-18>
- Recording: tbd ⇒ -
"""

RUST = """\
**Action item**: @pelle to summarise the thread ⇒ pelle: summarise the thread
- [ ] pelle: post an update on the tracking issue ⇒ pelle: post an update on the tracking issue
pelle: I think this is fine ⇒ -
Nominated: #4711 ⇒ -
Action items: ⏎ - @pelle: check with the infra team ⏎ - @sunniva: open the PR ⇒ pelle: check with the \
infra team ; \
sunniva: open the PR
"""

PYTHON = """\
[ ] Folke - Follow up with the release manager ⇒ Folke: Follow up with the release manager
* Folke to draft a PEP ⇒ likely Folke: draft a PEP
* TODO Folke: ask the packaging group for comments ⇒ Folke: ask the packaging group for comments
* The council decided to accept PEP 9999 ⇒ -
* Folke and Ilse discussed the budget ⇒ -
ACTION ITEM - Ilse - Send out the poll - due 5 December ⇒ Ilse: Send out the poll <2026-12-05>
"""

APACHE = """\
* Gunvor: follow up with the podling [ Zork 2026-11-18 ] ⇒ -
AI: Gunvor to follow up with the PMC about the missing report ⇒ Gunvor: follow up with the PMC about the \
missing report
Action: the secretary to send the minutes to the list ⇒ secretary: send the minutes to the list
The report was approved by general consent. ⇒ -
@Gunvor: ask the PMC for a resubmission next month ⇒ Gunvor: ask the PMC for a resubmission <2027-01-31>
"""

GNOME = """\
 * ACTION: Benedikta - Contact the venue for the summit ⇒ Benedikta: Contact the venue for the summit
 * ACTION: Benedikta, Cosmin - Prepare a budget ⇒ Benedikta & Cosmin: Prepare a budget
 * '''ACTION''': Cosmin to reply to the sponsor ⇒ Cosmin: reply to the sponsor
 * Cosmin was asked to look into the trademark ⇒ likely Cosmin: look into the trademark
 * VOTE: approve the travel policy; +1 unanimous ⇒ -
 * Action items from last meeting: ⏎   * DONE: Cosmin to reply to the sponsor ⇒ -
"""

VEREIN = """\
TOP 3: Sommerfest ⇒ -
Frau Mertens kümmert sich um die Getränke bis Sa. ⇒ likely Frau Mertens: kümmert sich um die Getränke \
<2026-12-05>
Aufgabe: Herr Lohse bestellt das Zelt bis 12.12. ⇒ Herr Lohse: bestellt das Zelt <2026-12-12>
To-do: Schlüssel nachmachen (Lohse, bis Mo) ⇒ Lohse: Schlüssel nachmachen <2026-12-07>
| Wer | Was | Bis wann | ⏎ |---|---|---| ⏎ | Mertens | Plakate drucken | Fr. | ⇒ Mertens: Plakate drucken \
<2026-12-04>
Beschluss: Der Beitrag bleibt unverändert. ⇒ -
Der Vorstand dankt allen Helfern. ⇒ -
- [ ] Kasse prüfen (Lohse) ⇒ Lohse: Kasse prüfen
"""

CONSEIL = """\
Action : Mme Aubertin enverra le devis avant le 15 décembre ⇒ Mme Aubertin: enverra le devis <2026-12-15>
À faire : relancer le prestataire (M. Delorme, pour le 10/12) ⇒ M. Delorme: relancer le prestataire \
<2026-12-10>
Le conseil approuve le compte rendu à l'unanimité. ⇒ -
Mme Aubertin doit contacter la préfecture ⇒ likely Mme Aubertin: contacter la préfecture
Ordre du jour : budget, voirie, questions diverses ⇒ -
- [ ] Publier le compte rendu d'ici vendredi ⇒ Publier le compte rendu <2026-12-04>
"""

CITY = """\
Motion by Ortega, seconded by Hale, to approve the consent calendar. Motion carried 5-0. ⇒ -
ACTION: City Attorney to report back on the lease by January 12, 2027 ⇒ City Attorney: report back on the \
lease \
<2027-01-12>
Staff was directed to prepare an ordinance on short-term rentals. ⇒ likely Staff: prepare an ordinance on \
short-term \
rentals
Councilmember Ortega requested that staff review the parking fees. ⇒ likely staff: review the parking fees
Mayor Hale called the meeting to order at 6:02 p.m. ⇒ -
Follow-up: City Clerk to post the notice by Friday ⇒ City Clerk: post the notice <2026-12-04>
Adjourned at 9:14 p.m. ⇒ -
"""

JAPANESE = """\
- [ ] 議事録を共有する（佐伯、12/4まで） ⇒ 佐伯: 議事録を共有する <2026-12-04>
TODO: 佐伯 → 見積もりを送る ⇒ 佐伯: 見積もりを送る
| 担当 | タスク | 期限 | ⏎ |---|---|---| ⏎ | 真壁 | 資料を更新する | 12月8日 | ⇒ 真壁: 資料を更新する \
<2026-12-08>
次回: 12月8日 10:00 ⇒ -
決定事項: 新しい配色を採用する ⇒ -
"""

STAND_UP = """\
**Yesterday:** fixed the login bug ⏎ **Today:** work on the import ⏎ **Blockers:** none ⇒ -
@milos can you review my PR today? ⇒ likely milos: review my PR today <2026-12-01>
milos: will ship the import by EOD ⇒ likely milos: ship the import <2026-12-01>
TODO @milos @petra update the pricing page by 12/3 ⇒ milos & petra: update the pricing page <2026-12-03>
Next steps ⏎ - petra: talk to the customer ⏎ - milos: fix the crash (today) ⇒ petra: talk to the customer \
; milos: fix \
the crash <2026-12-01>
- [x] petra to send the invoice ⇒ done petra: send the invoice
- [ ] ~~call the bank~~ ⇒ -
"""

LIBRARIES = """\
Action arising: Thandi to renew the subscription ⇒ Thandi: renew the subscription
Actions: TM to book the hall; LK to print the flyers by 10 Dec ⇒ TM: book the hall ; LK: print the flyers \
<2026-12-10>
Apologies: Thandi, Leopold ⇒ -
Leopold agreed to draft the volunteer rota. ⇒ likely Leopold: draft the volunteer rota
It was agreed to keep the opening hours. ⇒ -
"""

SCHOOL_BOARD = """\
Superintendent to provide enrolment figures at the January meeting ⇒ likely Superintendent: provide \
enrolment figures \
at the January meeting
Trustee Okafor volunteered to chair the bond committee. ⇒ likely Trustee Okafor: chair the bond committee
Public comment: three speakers ⇒ -
ACTION ITEM: Principal Reyes will send the survey to families by Dec. 11 ⇒ Principal Reyes: send the \
survey to \
families <2026-12-11>
Next regular meeting: December 14, 2026, 6:30 p.m. ⇒ -
"""

NUMFOCUS = """\
- [ ] @solveig: cut the release branch ⇒ solveig: cut the release branch
- [ ] (Solveig) triage the open bugs ⇒ Solveig: triage the open bugs
- [x] (Solveig) tag 2.1 ⇒ done Solveig: tag 2.1
* Solveig - will ask for a quote from the host ⇒ likely Solveig: ask for a quote from the host
* Are we ready for the release? ⇒ -
* Need somebody to look at the failing docs build ⇒ likely look at the failing docs build
"""

OPENSTACK = """\
#action soren to propose the schedule change ⇒ soren: propose the schedule change
#action soren, katya review the spec ⇒ soren & katya: review the spec
#topic open discussion ⇒ -
#startmeeting docs ⇒ -
Present: katya, soren ⏎ soren: please rebase the patch ⇒ likely soren: rebase the patch
"""

HOUSING_COOP = """\
TODO (Marisol): get 3 quotes for the roof by end of month ⇒ Marisol: get 3 quotes for the roof <2026-12-31>
Marisol → call the plumber ⇒ likely Marisol: call the plumber
Who: Marisol ⏎ What: call the plumber ⏎ When: Thursday ⇒ Marisol: call the plumber <2026-12-03>
Rent stays the same for 2027. ⇒ -
Everyone: please clean the filters by Sunday ⇒ likely Everyone: clean the filters <2026-12-06>
"""

RESEARCH_GROUP = """\
**To do before next meeting** ⏎ - Yusra: rerun the baseline ⏎ - Hedda: send the figures to Yusra ⇒ Yusra: \
rerun the \
baseline ; Hedda: send the figures to Yusra
Hedda will rerun the baseline, Yusra will write the appendix. ⇒ likely Hedda: rerun the baseline ; likely \
Yusra: \
write the appendix
Reading group: chapter 4 (Hedda presents) ⇒ -
Deadline for the workshop: 15 January ⇒ -
Hedda to share the slides & Yusra to upload the data ⇒ likely Hedda: share the slides ; likely Yusra: \
upload the data
"""

SPANISH_ASSOCIATION = """\
Acción: Lucía enviará el acta antes del 10 de diciembre ⇒ Lucía: enviará el acta <2026-12-10>
Tarea: reservar la sala (Iñaki) ⇒ Iñaki: reservar la sala
Se aprueba el acta anterior. ⇒ -
- [ ] Comprar las sillas para el viernes ⇒ Comprar las sillas <2026-12-04>
Próxima reunión: 12 de enero ⇒ -
"""

DUTCH_CLUB = """\
Actie: Joke belt de leverancier voor vrijdag ⇒ Joke: belt de leverancier <2026-12-04>
Actiepunt: zaal reserveren (Sietske) ⇒ Sietske: zaal reserveren
De notulen zijn goedgekeurd. ⇒ -
- [ ] Contributie innen ⇒ Contributie innen
"""

CLINIC = """\
Action: Dr Osei to audit the vaccine fridge by Friday ⇒ Dr Osei: audit the vaccine fridge <2026-12-04>
Action – practice manager to update the rota ⇒ practice manager: update the rota
Dr Osei presented the audit. ⇒ -
Actions from last meeting: all complete ⇒ -
| Ref | Action | Lead | RAG | ⏎ |---|---|---|---| ⏎ | 12 | Update the rota | PM | Amber | ⏎ | 13 | Order \
masks | Dr Osei \
| Complete | ⇒ PM: Update the rota ; done Dr Osei: Order masks
"""

GAME_STUDIO = """\
Action items: ⏎ 1. [Ravi/Noor] Fix the crash on level 3 ⏎ 2. [Noor] Playtest notes by Thu ⇒ Ravi & Noor: \
Fix the crash \
on level 3 ; Noor: Playtest notes <2026-12-03>
- [ ] Ravi - intro ⏎ - [ ] Noor - level 3 demo ⇒ -
todo: noor to send the build tmrw ⇒ noor: send the build <2026-12-02>
The boss will send the player back to the start. ⇒ -
"""

# A word in small letters that is no name known, and that nothing else in the text tells to be one.
NOT_TOLD = """\
- pelle will write up the design notes by next Wednesday ⇒ -
- Present: pelle, sunniva ⏎ - pelle will write up the notes ⇒ likely pelle: write up the notes
ravi will fix the crash and noor will send the build ⇒ -
petra will send the invoice and milos checks the numbers ⇒ likely petra: send the invoice and milos checks \
the numbers
"""

BAD_INPUT = """\
| Owner | Action ⏎ |--- ⏎ | Bob | send it | ⏎ | Ana ⏎ ||| ⇒ Bob: send it
## Action items ⏎ - Bob: send it ⏎  ⏎ We then talked about the weather. Bob said it would rain. ⇒ Bob: send it
AI: bob@example.org to send it ⇒ bob@example.org: send it
- [ ] send it (bob@example.org) ⇒ bob@example.org: send it
AI: @org/team to send it ⇒ org/team: send it
AI: everyone to read it ⇒ everyone: read it
AI(TBD): send it ⇒ send it
AI: TBD to send it ⇒ send it
AI: Tom, Una, Vic and Wes to send it ⇒ Tom & Una & Vic & Wes: send it
AI: Bob to send it by Feb 30 ⇒ Bob: send it by Feb 30
- [ ] send it due 2026-13-45 ⇒ send it due 2026-13-45
AI: محمد to send it ⇒ محمد: send it
AI: יעל תשלח את המצגת ⇒ יעל: תשלח את המצגת
``` ⏎ TODO: fix this ⏎ - [ ] nothing ⏎ ``` ⇒ -
See `TODO: fix` and [TODO: fix](https://example.org/todo) ⇒ -
https://example.org/TODO:fix ⇒ -
- [ ] {{task}} ⇒ -
- [ ] <owner>: <task> ⇒ -
# Agenda ⏎ - [ ] Welcome ⏎ - [ ] Bob: budget ⏎ - [ ] Any other business ⇒ -
AI: it will change everything ⇒ -
AI is going to change how we send mail ⇒ -
Action items: none ⇒ -
last week's AIs: done ⇒ -
- Review last week's AIs ⇒ -
"""

CASES = [
    tuple(line.split(" ⇒ ", 1))
    for block in (
        *(
            SEVERAL_PEOPLE,
            SMALL_LETTERS,
            DAYS_AND_AGENDAS,
            W3C,
            IETF,
            KUBERNETES,
            RUST,
            PYTHON,
            APACHE,
            GNOME,
        ),
        *(VEREIN, CONSEIL, CITY, JAPANESE, STAND_UP, NOT_TOLD, BAD_INPUT),
        *(LIBRARIES, SCHOOL_BOARD, NUMFOCUS, OPENSTACK, HOUSING_COOP, RESEARCH_GROUP),
        *(SPANISH_ASSOCIATION, DUTCH_CLUB, CLINIC, GAME_STUDIO),
    )
    for line in block.splitlines()
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_line_is_read_as_its_people_mean_it(text: str, expected: str) -> None:
    found = read(text.replace(" ⏎ ", "\n"), TUESDAY)
    assert (" ; ".join(map(said, found)) or "-") == expected


def test_a_list_fifty_deep_and_forty_names_are_read() -> None:
    deep = "\n".join(f"{'  ' * depth}- [ ] Send the numbers of {depth}" for depth in range(50))
    assert [one.text for one in read(deep, TUESDAY)] == [
        f"Send the numbers of {depth}" for depth in range(50)
    ]
    names = [f"{letter}{end}" for letter in "BDFGHJKLMN" for end in ("ana", "ora", "ilo", "uno")]
    [one] = read(f"AI: {', '.join(names)} to send it", TUESDAY)
    assert (list(one.who), one.text) == (names, "send it")
