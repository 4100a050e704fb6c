"""The forms in which people write that something is to be done, each with what becomes of it.

Before the arrow a line as it stands in notes, minutes, mails and chats of Monday, 23 November 2026. After it:
who is to do it, what, and by when; `owe` and `owed` are promises of mine and to me, `I` is who wrote it, and
`likely` what is no item yet.
"""

from datetime import UTC, date

import pytest

from collectors.actions.item import Found
from collectors.actions.markup import State
from collectors.actions.reader import Source, read
from models.priorities import Urgency

MONDAY = Source(date(2026, 11, 23), UTC)

FORMS = """\
AI: Bob to send the numbers by Friday ⇒ Bob: send the numbers <2026-11-27>
AI(Bob): send the numbers ⇒ Bob: send the numbers
AI (bob) send the numbers ⇒ bob: send the numbers
AI[Bob]: send the numbers ⇒ Bob: send the numbers
AI -- Bob to send the numbers ⇒ Bob: send the numbers
AI - Bob: send the numbers ⇒ Bob: send the numbers
AI->Bob: send the numbers ⇒ Bob: send the numbers
AI Bob: send the numbers ⇒ Bob: send the numbers
AI @bob send the numbers ⇒ bob: send the numbers
AI: @bob send the numbers ⇒ bob: send the numbers
AI: [Bob] send the numbers ⇒ Bob: send the numbers
[AI: Bob] send the numbers ⇒ Bob: send the numbers
[AI Bob] send the numbers ⇒ Bob: send the numbers
[AI] Bob to send the numbers ⇒ Bob: send the numbers
(AI) send the numbers ⇒ send the numbers
(AI Bob) send the numbers ⇒ Bob: send the numbers
AI 3: Bob to send the numbers ⇒ Bob: send the numbers
AI#12 Bob: send ⇒ Bob: send
**AI:** Bob to send the numbers ⇒ Bob: send the numbers
* **AI**: Bob to send the numbers ⇒ Bob: send the numbers
_AI_: Bob to send ⇒ Bob: send
ACTION: Bob to send the numbers ⇒ Bob: send the numbers
ACTION BW: send the numbers ⇒ BW: send the numbers
ACTION Bob: send the numbers ⇒ Bob: send the numbers
ACTION Bob to send the numbers ⇒ Bob: send the numbers
ACTION - send the numbers ⇒ send the numbers
ACTION ITEM: send the numbers ⇒ send the numbers
Action item: send the numbers ⇒ send the numbers
Action Item (bob): send the numbers ⇒ bob: send the numbers
Action items: Bob to send the numbers ⇒ Bob: send the numbers
Action (Bob): send the numbers ⇒ Bob: send the numbers
Action: @bob to send the numbers EOD ⇒ bob: send the numbers <2026-11-23>
ACTION-42: send the numbers ⇒ send the numbers
ACTION 12: Bob to send ⇒ Bob: send
**ACTION:** Bob to send ⇒ Bob: send
**Action item**: @bob - send the numbers ⇒ bob: send the numbers
Action point: Bob sends the numbers ⇒ Bob: sends the numbers
AP: Bob to send the numbers ⇒ Bob: send the numbers
AR: Bob to send the numbers ⇒ Bob: send the numbers
AR Bob: send the numbers ⇒ Bob: send the numbers
A/I: Bob to send ⇒ Bob: send
TODO: send the numbers ⇒ send the numbers
TODO send the numbers ⇒ send the numbers
- TODO send the numbers ⇒ send the numbers
TODO(bob): send the numbers ⇒ bob: send the numbers
TODO (bob) - send the numbers ⇒ bob: send the numbers
TODO @bob: send the numbers ⇒ bob: send the numbers
Todo: send the numbers ⇒ send the numbers
To do: send the numbers ⇒ send the numbers
To-do: Bob to send ⇒ Bob: send
- [ ] TODO: send ⇒ send
#action bob to send the numbers ⇒ bob: send the numbers
#action Bob will send the numbers ⇒ Bob: send the numbers
#todo send the numbers ⇒ send the numbers
Next step: send the numbers ⇒ send the numbers
Next steps: Bob to send the numbers ⇒ Bob: send the numbers
Follow-up: send the numbers to Ana ⇒ send the numbers to Ana
Follow up: Bob to ask Ana ⇒ Bob: ask Ana
[Bob] to send the numbers ⇒ Bob: send the numbers
@bob to send the numbers ⇒ bob: send the numbers
@bob, @ana to send the numbers by EOW ⇒ bob & ana: send the numbers <2026-11-27>
@bob and @ana to send the numbers ⇒ bob & ana: send the numbers
@bob will send the numbers ⇒ likely bob: send the numbers
@bob please send the numbers ⇒ likely bob: send the numbers
Bob to send the numbers ⇒ likely Bob: send the numbers
Bob to send the numbers by Mon 30 Nov ⇒ likely Bob: send the numbers <2026-11-30>
Bob will send the numbers by 12/1 ⇒ likely Bob: send the numbers <2026-12-01>
Bob and Ana to send ⇒ likely Bob & Ana: send
Bob & Ana will send the numbers ⇒ likely Bob & Ana: send the numbers
Bob/Ana to review ⇒ likely Bob & Ana: review
Bob, Ana, Cy and Dee to review ⇒ likely Bob & Ana & Cy & Dee: review
Ana will follow up with Bo ⇒ likely Ana: follow up with Bo
Ana to follow up ⇒ likely Ana: follow up
Ana: will follow up ⇒ likely Ana: follow up
Ana: I'll send the slides ⇒ likely Ana: send the slides
Ana takes the action to send the slides ⇒ Ana: send the slides
Ana took an action item to send the slides ⇒ Ana: send the slides
Ana has the action to send ⇒ Ana: send
Action on Ana to send the slides ⇒ Ana: send the slides
Action for Ana: send the slides ⇒ Ana: send the slides
Action to send the slides (Ana) ⇒ Ana: send the slides
AI: send the slides (Ana) ⇒ Ana: send the slides
AI: send the slides - Ana Silva ⇒ Ana Silva: send the slides
AI: send the slides @ana ⇒ ana: send the slides
AI: send the slides. Owner: Ana ⇒ Ana: send the slides
AI: send the slides [Ana, Bo] ⇒ Ana & Bo: send the slides
AI: send the slides (owner: Ana, due: 1 Dec) ⇒ Ana: send the slides <2026-12-01>
- [ ] send the slides (Ana) ⇒ Ana: send the slides
- [ ] Ana: send the slides ⇒ Ana: send the slides
- [ ] @ana send the slides ⇒ ana: send the slides
- [ ] @ana: send the slides 📅 2026-12-01 ⇒ ana: send the slides <2026-12-01>
- [ ] Ana to send the slides ⇒ Ana: send the slides
- [ ] Send the slides to Ana ⇒ Send the slides to Ana
- [ ] Email: write to Bo ⇒ Email: write to Bo
- [ ] Call Bo ⇒ Call Bo
[ ] Call Bo ⇒ Call Bo
☐ Call Bo ⇒ Call Bo
☑ Call Bo ⇒ done Call Bo
- [x] Call Bo ⇒ done Call Bo
I owe Ana the draft ⇒ owe Ana: the draft
I owe @ana: the draft by the 3rd ⇒ owe ana: the draft <2026-12-03>
I owe Ana Silva the draft by Friday ⇒ owe Ana Silva: the draft <2026-11-27>
I promised Ana the draft ⇒ owe Ana: the draft
I promised to send Ana the draft by EOW ⇒ owe Ana: send Ana the draft <2026-11-27>
I promised Ana to send the draft ⇒ owe Ana: send the draft
Owe Bo the numbers ⇒ owe Bo: the numbers
I will send Ana the draft ⇒ likely I: send Ana the draft
I'll send Ana the draft tomorrow ⇒ likely I: send Ana the draft <2026-11-24>
Will send Ana the draft ⇒ likely send Ana the draft
waiting for Bo ⇒ owed Bo: waiting for Bo
Waiting for Bo: the numbers ⇒ owed Bo: the numbers
Waiting on Bo for the numbers by Friday ⇒ owed Bo: the numbers <2026-11-27>
Waiting for Bo to send the numbers ⇒ owed Bo: send the numbers
@bo owes me the numbers ⇒ owed bo: the numbers
Bo owes me the numbers ⇒ owed Bo: the numbers
Bo still owes me the numbers by 1 Dec ⇒ owed Bo: the numbers <2026-12-01>
Bo promised me the numbers ⇒ owed Bo: the numbers
Need Bo to send the numbers ⇒ likely Bo: send the numbers
Please send me the numbers by Friday ⇒ likely send me the numbers <2026-11-27>
Bo, please send the numbers ⇒ likely Bo: send the numbers
Could you send the numbers? ⇒ likely send the numbers
Can Ana please send the numbers? ⇒ likely Ana: send the numbers
Bo agreed to send the numbers ⇒ likely Bo: send the numbers
Bo volunteered to send the numbers ⇒ likely Bo: send the numbers
Bo is going to send the numbers ⇒ likely Bo: send the numbers
Bo needs to send the numbers ⇒ likely Bo: send the numbers
Bo should send the numbers ⇒ likely Bo: send the numbers
SIG Network to review the KEP ⇒ likely SIG Network: review the KEP
The steering committee should review the charter ⇒ likely steering committee: review the charter
everyone to read the doc ⇒ likely everyone: read the doc
AI: everyone: read the doc ⇒ everyone: read the doc
AI all: read the doc ⇒ all: read the doc
AI: TBD to read the doc ⇒ read the doc
AI: bob@example.org to send the numbers ⇒ bob@example.org: send the numbers
AI: @org/team to send the numbers ⇒ org/team: send the numbers
- DONE send the numbers ⇒ done send the numbers
- [x] AI: Bob to send ⇒ done Bob: send
AI: Bob to send the numbers (done) ⇒ done Bob: send the numbers
AI: Bob to send the numbers - DONE ⇒ done Bob: send the numbers
AI: Bob to send the numbers ✅ ⇒ done Bob: send the numbers
* TODO [#A] send the numbers :work: ⇒ send the numbers !high
* TODO send the numbers ⇒ send the numbers
- LATER read the book ⇒ read the book
- NOW read the book ⇒ read the book
- WAITING Bo for the numbers ⇒ owed Bo: the numbers
=> Bob to send the numbers ⇒ likely Bob: send the numbers
What do we think? AI: Bob to send the numbers ⇒ Bob: send the numbers
We agreed. ACTION: Bob to send the numbers. ⇒ Bob: send the numbers
Bob AI: send the numbers ⇒ Bob: send the numbers
Bob: AI to send the numbers ⇒ Bob: send the numbers
[Bob] AI: send the numbers ⇒ Bob: send the numbers
Send the numbers (AI: Bob) ⇒ Bob: Send the numbers
Send the numbers [AI Bob] ⇒ Bob: Send the numbers
Send the numbers (ACTION: Bob) ⇒ Bob: Send the numbers
Send the numbers -> @bob ⇒ bob: Send the numbers
Aufgabe: Zahlen schicken bis Freitag ⇒ Zahlen schicken <2026-11-27>
AI: Bob, Ana to send the numbers ⇒ Bob & Ana: send the numbers
AI: Bob Smith to send the numbers ⇒ Bob Smith: send the numbers
AI: Bob Smith and Ana María López will send the numbers ⇒ Bob Smith & Ana María López: send the numbers
AI: משה to send the numbers ⇒ משה: send the numbers
[משה] to send the numbers ⇒ משה: send the numbers
AI: bob.smith to send the numbers ⇒ bob.smith: send the numbers
AI: @bob-smith: send the numbers ⇒ bob-smith: send the numbers
AI: O'Brien to send the numbers ⇒ O'Brien: send the numbers
AI: Jean-Luc to send the numbers ⇒ Jean-Luc: send the numbers
AI: SIG Network to review the KEP ⇒ SIG Network: review the KEP
AI: the steering committee to review the charter ⇒ steering committee: review the charter
AI: review the charter (everyone) ⇒ everyone: review the charter
AI: Bob to send the numbers by EOD tomorrow ⇒ Bob: send the numbers <2026-11-24>
AI: Bob to send the numbers by Friday 17:00 ⇒ Bob: send the numbers <2026-11-27T17:00:00Z>
AI: Bob to send the numbers before Dec 1 ⇒ Bob: send the numbers <2026-12-01>
AI: Bob to send the numbers no later than 1 December ⇒ Bob: send the numbers <2026-12-01>
AI: Bob to send the numbers next week ⇒ Bob: send the numbers <2026-12-04>
AI: Bob to bring it up next week if nobody objects ⇒ Bob: bring it up next week if nobody objects <2026-12-04>
AI: Bob to send the numbers in two weeks ⇒ Bob: send the numbers <2026-12-07>
AI: Bob to send the numbers (due 12/1) ⇒ Bob: send the numbers <2026-12-01>
AI: Bob to send the numbers - due: 2026-12-01 ⇒ Bob: send the numbers <2026-12-01>
AI: Bob to send the numbers, ETA Thursday ⇒ Bob: send the numbers <2026-11-26>
AI: Bob to send the numbers by end of month ⇒ Bob: send the numbers <2026-11-30>
AI: Bob to send the numbers on Monday, November 30 ⇒ Bob: send the numbers <2026-11-30>
AI: Bob to send the numbers by the next meeting ⇒ Bob: send the numbers by the next meeting
AI: Bob to send the numbers by 31 February ⇒ Bob: send the numbers by 31 February
AI: Bob to send the numbers bis Freitag ⇒ Bob: send the numbers <2026-11-27>
AI: Bob envoie les chiffres avant le 1er décembre ⇒ Bob: envoie les chiffres <2026-12-01>
AI: Bob envía los números antes del 1 de diciembre ⇒ Bob: envía los números <2026-12-01>
AI: Bob manda i numeri entro venerdì ⇒ Bob manda i numeri <2026-11-27>
AI: Bob manda os números até sexta-feira ⇒ Bob manda os números <2026-11-27>
AI: Bob stuurt de cijfers vóór vrijdag ⇒ Bob: stuurt de cijfers <2026-11-27>
- [ ] Send the *slides* to [Ana](https://example.org) !! ⇒ Send the slides to Ana !high
- [ ] (A) Call Bo @phone +family due:2026-12-01 ⇒ Call Bo @phone +family <2026-12-01> !high
- [ ] Pay rent 🔁 every month 📅 2026-12-01 ^rent ⇒ Pay rent <2026-12-01>
- [ ] Buy milk [due:: 2026-12-01] [id:: a1] ⇒ Buy milk <2026-12-01>
- [/] Write the report ⇒ Write the report
- [>] Write the report ⇒ Write the report
- [!] Write the report ⇒ Write the report !high
- [-] Write the report ⇒ dropped Write the report
> - [ ] Write the report ⇒ Write the report
1. [ ] Write the report ⇒ Write the report
* [ ] AI: Bob to write the report ⇒ Bob: write the report
- [ ] Bob: write the report by Friday ⇒ Bob: write the report <2026-11-27>
- [ ] Bob/Ana: write the report ⇒ Bob & Ana: write the report
- [ ] [Bob] write the report ⇒ Bob: write the report
- [ ] **Bob** - write the report ⇒ Bob: write the report
- [x] Bob to write the report ⇒ done Bob: write the report
- [ ] ✅ write the report ⇒ done write the report
TODO: Bob - write the report ⇒ Bob: write the report
TODO: [bob] write the report ⇒ bob: write the report
Todo (Bob, Ana): write the report ⇒ Bob & Ana: write the report
- TODO [[Ana Lund]] to write the report ⇒ Ana Lund: write the report
- DOING write the report ⇒ write the report
- CANCELED write the report ⇒ dropped write the report
Next step: Bob to write the report ⇒ Bob: write the report
Actions: Bob to write the report ⇒ Bob: write the report
Action required: Bob to write the report ⇒ Bob: write the report
Homework: read chapter 3 ⇒ read chapter 3
Follow-up: Bob to call the bank ⇒ Bob: call the bank
Bob takes the action item to call the bank ⇒ Bob: call the bank
We agreed. Bob took the action to call the bank. ⇒ Bob: call the bank
Bob has the AI to call the bank ⇒ Bob: call the bank
Bob and Ana can take on the action item of calling the bank ⇒ Bob & Ana: calling the bank
Bob: I will take an action to call the bank ⇒ Bob: call the bank
I promised @ana: the draft by Friday ⇒ owe ana: the draft <2026-11-27>
@ana promised me: the numbers ⇒ owed ana: the numbers
Ana owes us the numbers by 1 December ⇒ owed Ana: the numbers <2026-12-01>
Still waiting on Bo for the numbers ⇒ owed Bo: the numbers
I'm waiting for Ana Silva to sign the contract by Friday ⇒ owed Ana Silva: sign the contract <2026-11-27>
Bob will also look into the numbers ⇒ likely Bob: look into the numbers
Bob, will look into the numbers ⇒ likely Bob: look into the numbers
Bob - will look into the numbers ⇒ likely Bob: look into the numbers
[Bob] will look into the numbers ⇒ likely Bob: look into the numbers
[Bob] Numbers are missing, will look into them ⇒ likely Bob: look into them
Once it is there, Bob will send the numbers ⇒ likely Bob: send the numbers
@bob: can you send the numbers? ⇒ likely bob: send the numbers
Can someone send the numbers? ⇒ likely send the numbers
Hello, could you send the numbers? ⇒ likely send the numbers
Ask Bob to send the numbers ⇒ likely Bob: send the numbers
Bob offered to send the numbers ⇒ likely Bob: send the numbers
Bob and Ana to pair on the report ⇒ likely Bob & Ana: pair on the report
Let me share a template ⇒ likely I: share a template
Bob: Let me share a template ⇒ likely Bob: share a template
We'll send the numbers after the call ⇒ likely send the numbers after the call
Make sure that Bob sees the numbers ⇒ likely Make sure that Bob sees the numbers
ACTION ITEM #3 (Bob, due 12/1): send the numbers ⇒ Bob: send the numbers <2026-12-01>
AI (Bob, Friday): send the numbers ⇒ Bob: send the numbers <2026-11-27>
Action (due Friday): Bob to send the numbers ⇒ Bob: send the numbers <2026-11-27>
AI (done): Bob to send the numbers ⇒ done Bob: send the numbers
AI [DONE] Bob to send the numbers ⇒ done Bob: send the numbers
(done) AI: Bob to send the numbers ⇒ done Bob: send the numbers
AI (ongoing): Bob to send the numbers ⇒ Bob: send the numbers
AI: Bob to send the numbers -> done ⇒ done Bob: send the numbers
AI: Bob to send the numbers [x] ⇒ done Bob: send the numbers
AI: Bob to send the numbers ✔️ ⇒ done Bob: send the numbers
AI: Bob to send the numbers -- cancelled ⇒ dropped Bob: send the numbers
AI: Bob to send the numbers (cancelled) ⇒ dropped Bob: send the numbers
AI: Bob to send the numbers ❌ ⇒ dropped Bob: send the numbers
AI: Bob, Ana and others to read the doc ⇒ Bob & Ana: read the doc
AI: @bob (Bob Smith) send the numbers ⇒ bob: send the numbers
AI: van der Berg to send the numbers ⇒ van der Berg: send the numbers
[ACTION] @bob @ana: send the numbers ⇒ bob & ana: send the numbers
ACTION: bob to send the numbers (bob, 15:07:01) ⇒ bob: send the numbers
TO-DO Ana: send the numbers ⇒ Ana: send the numbers
Maßnahme: Bob: Zahlen schicken ⇒ Bob: Zahlen schicken
Bob'll send the numbers ⇒ likely Bob: send the numbers
AI: Bob to send the numbers by early next week ⇒ Bob: send the numbers <2026-12-04>
AI: Bob to send the numbers tomorrow morning ⇒ Bob: send the numbers <2026-11-24>
AI: Bob to send the numbers by week's end ⇒ Bob: send the numbers <2026-11-27>
AI: Bob to send the numbers by year-end ⇒ Bob: send the numbers <2026-12-31>
AI: Bob to send the numbers by end of Q1 ⇒ Bob: send the numbers <2027-03-31>
AI: Bob to send the numbers by 11/1 ⇒ Bob: send the numbers by 11/1
* TODO Read :work: DEADLINE: <2026-12-02 Wed +1w> ⇒ Read <2026-12-02>
Kindly send the numbers by Friday ⇒ likely send the numbers <2026-11-27>
ai: bob to send the numbers ⇒ bob: send the numbers
ai(bob): send the numbers ⇒ bob: send the numbers
AIs: Bob - send the numbers ⇒ Bob: send the numbers
[Action Item] Bob to send the numbers ⇒ Bob: send the numbers
ACTION - Bob - send the numbers [This task was done.] ⇒ done Bob: send the numbers
(AI: Bob schedule a call) We could record it ⇒ Bob: schedule a call
https://example.org/1 (AI: bob, review) ⇒ bob: review https://example.org/1
Next step is for Bob to write the first draft ⇒ Bob: write the first draft
The next steps are to write the draft and send it ⇒ write the draft and send it
Bob has next action ⇒ Bob: Bob has next action
Bob taking as an action item ⇒ Bob: Bob taking as an action item
AI: Update the Docs ⇒ Update the Docs
Sure! Next steps: Sync up with Ana ⇒ Sync up with Ana
Bob: Action item, send the numbers ⇒ Bob: send the numbers
We need someone to write the docs ⇒ likely write the docs
Looking for volunteers to write the docs ⇒ likely write the docs
Bob is planning to write the docs ⇒ likely Bob: write the docs
Bob: Needs to write the docs ⇒ likely Bob: write the docs
CPC Director to decide on the date ⇒ likely CPC Director: decide on the date
The board was asked to approve the plan ⇒ likely board: approve the plan
AI: Bob to send the numbers by noon ⇒ Bob: send the numbers <2026-11-23T12:00:00Z>
AI: Bob to send the numbers by tomorrow noon ⇒ Bob: send the numbers <2026-11-24T12:00:00Z>
AI: Bob to send the numbers by mid-December ⇒ Bob: send the numbers <2026-12-15>
AI: Bob to send the numbers by early January ⇒ Bob: send the numbers <2027-01-10>
AI: Bob to send the numbers by the start of next month ⇒ Bob: send the numbers <2026-12-10>
Do zrobienia: Bob wyśle liczby do piątku ⇒ Bob: wyśle liczby <2026-11-27>
Zadanie: Anna przygotuje raport do 1 grudnia ⇒ Anna: przygotuje raport <2026-12-01>
Åtgärd: Anna skickar rapporten senast fredag ⇒ Anna: skickar rapporten <2026-11-27>
Handlingspunkt: Anna sender rapporten senest fredag ⇒ Anna: sender rapporten <2026-11-27>
Úkol: Jan pošle zprávu do pátku ⇒ Jan: pošle zprávu <2026-11-27>
Задача: Анна отправит отчёт до пятницы ⇒ Анна: отправит отчёт <2026-11-27>
Завдання: Анна надішле звіт до 1 грудня ⇒ Анна: надішле звіт <2026-12-01>
משימה: דנה תשלח את הדוח עד 1 בדצמבר ⇒ דנה: תשלח את הדוח <2026-12-01>
Anna skickar rapporten senast fredag ⇒ likely Anna: skickar rapporten <2026-11-27>
AI: Bob to send the report (when the review is done) ⇒ Bob: send the report (when the review is done)
AI: Bob to send the report (sent when Ana agrees) ⇒ Bob: send the report (sent when Ana agrees)
AI: Bob to send the report (dropped if Ana agrees) ⇒ Bob: send the report (dropped if Ana agrees)
AI: Bob to print it (this is done by hand) ⇒ Bob: print it (this is done by hand)
- [ ] Call Bo (unless it is done) ⇒ Call Bo (unless it is done)
TODO: ship it (not before QA is done) ⇒ ship it (not before QA is done)
- [ ] Fixed-price contract: send it to Bo ⇒ Fixed-price contract: send it to Bo
- [ ] Done - call Bo ⇒ done call Bo
AI: Bob to send it (it's already done) ⇒ done Bob: send it
AI: Bob to send it (that task has been done last week) ⇒ done Bob: send it
- [ ] Replace the <table> by a grid by Friday ⇒ Replace the <table> by a grid <2026-11-27>
- [ ] Replace the `<table>` in the invoice by Friday ⇒ Replace the `<table>` in the invoice <2026-11-27>
<table> in the invoice: Bob to replace it ⇒ likely Bob: replace it
AI: Bob to send the numbers by early November ⇒ Bob: send the numbers by early November
AI: Bob to send the numbers by the middle of November ⇒ Bob: send the numbers by the middle of November
AI: Bob to send the numbers by late November ⇒ Bob: send the numbers <2026-11-30>
AI: Said to send the numbers ⇒ Said: send the numbers
AI: Marks to send the numbers ⇒ Marks: send the numbers
AI: May to send the numbers ⇒ May: send the numbers
AI: Will to send the numbers ⇒ Will: send the numbers
AI: Will will send the numbers ⇒ Will: send the numbers
AI: Will: send the numbers ⇒ Will: send the numbers
AI Will: send the numbers ⇒ Will: send the numbers
AI Will to send the numbers ⇒ Will: send the numbers
AI: Will Smith to send the numbers ⇒ Will Smith: send the numbers
AI: Will, Bob and June to send the numbers ⇒ Will & Bob & June: send the numbers
AI: send the numbers (Will) ⇒ Will: send the numbers
AI: send the numbers (May) ⇒ send the numbers (May)
[Will] to send the numbers ⇒ Will: send the numbers
- [ ] Said: send the numbers ⇒ Said: send the numbers
- [ ] June: book the hall ⇒ June: book the hall
TODO: Marks the end of it ⇒ Marks the end of it
AI: Denise to send the numbers ⇒ Denise: send the numbers
Xiaoming will send the numbers ⇒ likely Xiaoming: send the numbers
"""

NAMED_AS_OTHER_WORDS = """\
April Art August Autumn Bill Blessing Chase Clement Cross Denise Dick Drew Elise Fleming Foster Frank Grant
Hunter Jack June Louise Mark Marks May Pat Pierce Rich Rob Said Shepherd Skip Sue Summer Ward Will
"""

CASES = [tuple(line.split(" ⇒ ")) for line in FORMS.splitlines()]


def said(found: Found) -> str:
    """As the table has it."""
    words = ["" if found.sure else "likely", "" if found.state is State.OPEN else found.state]
    words += [found.direction or ""]
    who = "I" if found.mine else " & ".join(found.who)
    words += [f"{who}:" if who else "", found.text, f"<{found.due.at}>" if found.due.at else ""]
    words += ["" if found.urgency is Urgency.MEDIUM else f"!{found.urgency}"]
    return " ".join(filter(None, words))


@pytest.mark.parametrize(("line", "expected"), CASES, ids=[line for line, _ in CASES])
def test_a_form_is_read_as_people_mean_it(line: str, expected: str) -> None:
    assert [said(one) for one in read(line, MONDAY)] == [expected]


@pytest.mark.parametrize("name", NAMED_AS_OTHER_WORDS.split())
@pytest.mark.parametrize(
    "line", ["AI: {} to send it", "AI {} to send it", "TODO({}): send it", "[{}] to send it"]
)
def test_a_name_that_is_also_another_word_is_one_in_a_plain_form(line: str, name: str) -> None:
    assert [said(one) for one in read(line.format(name), MONDAY)] == [f"{name}: send it"]


def test_the_table_is_long_enough_to_be_a_document() -> None:
    assert len({line for line, _ in CASES}) == len(CASES) >= 150
