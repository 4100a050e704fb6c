"""What mails and chats say is to be done: marked is an item, asked or promised is proposed, nothing else."""

from __future__ import annotations

from datetime import UTC, date

import pytest

from collectors.actions.mine import Me
from collectors.actions.own import own_words, sentences_apart
from collectors.actions.said import Talk, Teller
from collectors.identity import stable_id
from collectors.proposals import evidence_id
from collectors.types import Gone
from models.commitments import GivenCommitment
from models.priorities import GivenPriority
from models.proposals import GivenProposal

DAY = date(2026, 11, 23)
"""A Monday."""


def talk(speaker: str = "Bo", *, mine: bool = False, to_me: bool | None = True, **more: object) -> Talk:
    fields = {"others": ("Cy",) if mine else (), "bulk": False} | more
    return Talk("records/mail:x/1", "1", "Plans", DAY, UTC, speaker, mine, to_me, **fields)  # type: ignore[arg-type]


def told(text: str, talk: Talk, me: str = "Ana") -> list[str]:
    """`priority ...`, `owed Bo: ...`, `? add owe Bo: ...`, `gone priorities`."""
    teller = Teller(Me([me] if me else []))
    found = list(teller.told(text, talk))
    assert teller.account.open == 0
    return [_said(one) for one in found]


def _said(one: object) -> str:
    match one:
        case GivenPriority():
            return f"priority {one.title}" + (f" <{one.due_date}>" if one.due_date else "")
        case GivenCommitment():
            due = f" <{one.due_date}>" if one.due_date else ""
            return f"{one.direction.value} {one.assignee}: {one.description}{due}"
        case GivenProposal():
            return f"? {one.line}"
        case Gone():
            return f"gone {one.section}"
    return str(one)


FROM_BO = [
    ("Could you send the numbers by Friday?", ["? add owe Bo: send the numbers by 2026-11-27"]),
    ("Please review the contract until tomorrow.", ["? add owe Bo: review the contract by 2026-11-24"]),
    ("I'll send the invoice by 12/1.", ["? add owed Bo: send the invoice by 2026-12-01"]),
    ("Hi Ana, thanks. I will call Cy.", ["? add owed Bo: call Cy"]),
    ("Ana will write the report.", ["? add owe Bo: write the report"]),
    ("Cy will write the report.", ["? add owed Cy: write the report"]),
    ("Will send the slides on Friday. All good!", ["? add owed Bo: send the slides by 2026-11-27"]),
    ("TODO: fix the build by Friday", ["priority fix the build <2026-11-27>"]),
    ("AI: Ana to book a room", ["priority book a room"]),
    ("AI: Cy to book a room", ["owed Cy: book a room"]),
    ("Action items:\n- Ana: call Dee\n- Cy: the slides", ["priority call Dee", "owed Cy: the slides"]),
    ("- [ ] pay the bill\n- [x] call the bank", ["priority pay the bill", "gone priorities"]),
    ("I owe Ana the draft.", ["owed Bo: the draft"]),
    ("Ana owes me: the draft", ["owe Bo: the draft"]),
    ("I owe Cy the draft.", []),
    ("What do you think about lunch?", ["? add owe Bo: What do you think about lunch?"]),
    # Wrapped as mail programs do it, and two sentences on one line.
    (
        "As we said yesterday in the meeting with the board, could\nyou send the numbers? I'll call Cy.",
        ["? add owe Bo: send the numbers", "? add owed Bo: call Cy"],
    ),
    # A date is that of the mail's day, and one that is none is none.
    ("Please send it by 31 February.", ['? add owe Bo: "send it by 31 February"']),
]
CHATTED = [
    ("sounds good. i'll review the draft by friday", 'owed Bo: "i\'ll review the draft by friday"'),
    ("sure. i'll send the deck tomorrow. then we talk", "owed Bo: i'll send the deck tomorrow."),
    ("thanks! i'll send the contract tomorrow", 'owed Bo: "i\'ll send the contract tomorrow"'),
    ("no. i'll send the contract tomorrow", 'owed Bo: "i\'ll send the contract tomorrow"'),
    ("it came on mon. i'll send it back tomorrow", 'owed Bo: "i\'ll send it back tomorrow"'),
    ("see no. 5 of it. i'll send mine tomorrow", 'owed Bo: "i\'ll send mine tomorrow"'),
    ("sure, i'll send the deck tomorrow", 'owed Bo: "sure, i\'ll send the deck tomorrow"'),
    ("sounds good - i'll review it by friday", 'owed Bo: "sounds good - i\'ll review it by friday"'),
    ("ok i'll review the draft by friday", 'owed Bo: "ok i\'ll review the draft by friday"'),
    ("great, we need to talk", "owe Bo: great, we need to talk"),
    ("i'll bring cups, plates etc. and send it", "owed Bo: i'll bring cups, plates etc. and send it"),
    ("we want numbers, e.g. revenue. send them to me", "owe Bo: send them to me"),
]
MINE = [
    ("Could you send the numbers by Friday?", ["? add owed Cy: send the numbers by 2026-11-27"]),
    ("I'll send the invoice tomorrow.", ["? add owe Cy: send the invoice by 2026-11-24"]),
    ("I owe Cy the draft.", ["owe Cy: the draft"]),
    ("TODO: fix the build", ["priority fix the build"]),
    ("How are you?", []),
]
NOTHING = [
    "> Could you send the numbers?",
    "On Mon, 23 Nov 2026 at 9:00, Cy <cy@example.org> wrote:\n> TODO: fix it\n> please do",
    "Am Montag schrieb Cy:\n> - [ ] pay the bill",
    "-----Original Message-----\nFrom: Cy\nTo: Ana\n\nPlease send the numbers.",
    "From: Cy <cy@example.org>\nSent: Monday\nTo: Ana\nSubject: x\n\nTODO: fix it",
    "---------- Forwarded message ----------\nTODO: fix it",
    "-- \nTODO: my signature",
    "Best regards,\nBo Berg\nPlease Recycle",
    "```\n# TODO: in code\nplease()\n```",
    "See https://example.org/todo?please=1",
    "TODO: <fill in>",
    "- [ ] {{task}}",
    "Sent from my phone",
    "Thanks, that was great.",
    "AI: it will change everything we do.",
    "Action items: none",
    "last week's AIs: done",
    "See you on Monday.",
]


@pytest.mark.parametrize(("text", "expected"), FROM_BO, ids=[text[:40] for text, _ in FROM_BO])
def test_what_another_one_says_to_me(text: str, expected: list[str]) -> None:
    assert told(text, talk()) == expected


@pytest.mark.parametrize(("text", "expected"), CHATTED, ids=[text[:40] for text, _ in CHATTED])
def test_what_another_one_writes_in_lower_case(text: str, expected: str) -> None:
    assert told(text, talk()) == [f"? add {expected}"]


@pytest.mark.parametrize(("text", "expected"), MINE, ids=[text[:40] for text, _ in MINE])
def test_what_i_say_myself(text: str, expected: list[str]) -> None:
    assert told(text, talk("Ana", mine=True)) == expected


@pytest.mark.parametrize("text", NOTHING, ids=[text[:40] for text in NOTHING])
def test_what_is_quoted_forwarded_signed_or_code_is_nothing(text: str) -> None:
    assert told(text, talk()) == []


def test_what_is_asked_of_others_or_by_programs_is_not_proposed() -> None:
    for text in ("Could you send the numbers?", "I'll send the numbers.", "What do you think about it?"):
        assert told(text, talk(to_me=False)) == []
        assert told(text, talk(bulk=True)) == []
    assert told("Ana will send the numbers.", talk(to_me=False)) == ["? add owe Bo: send the numbers"]
    assert told("TODO: fix it", talk(bulk=True)) == ["priority fix it"]


def test_without_a_word_on_whose_board_it_is_the_speaker_is_another_one() -> None:
    assert told("Could you send it?", talk(to_me=None), me="") == ["? add owe Bo: send it"]
    assert told("I'll send it.", talk(to_me=None), me="") == ["? add owed Bo: send it"]


def test_a_proposal_says_why_and_names_the_record_and_the_words() -> None:
    [one] = Teller(Me(["Ana"])).told("Could you send the numbers by Friday?", talk())
    assert isinstance(one, GivenProposal)
    assert one.why == "Bo asks for it"
    assert one.evidence.file == "records/mail:x/1"
    assert one.evidence.quote == "Could you send the numbers by Friday?"


def test_a_task_is_the_same_however_it_is_written_and_dated() -> None:
    """What people decided of it stays, when a message is edited."""

    def ids(text: str) -> list[str]:
        found = Teller(Me(["Ana"])).told(text, talk())
        return [one.id for one in found if isinstance(one, GivenPriority | GivenCommitment)]

    [own] = ids("TODO: fix the build by Friday")
    for text in ("todo: Fix the build", "- [ ] **fix** the build by Monday", "hello\n\nTODO: fix the build!"):
        assert ids(text) == [own], text
    assert ids("TODO: fix the roof") != [own]
    assert len(ids("TODO: fix the build\nTODO: fix the build")) == 1


PROPOSED = [
    (
        "Could you send the numbers by Friday?",
        "Could you please send the numbers by Monday?",
        "could you send the **numbers**, by 12/1?",
        "Please urgently send the numbers!!",
        "Hi Ana,\n\nplease send the numbers by the next meeting.",
        "Could you send the [numbers](https://example.org) ASAP?",
    ),
    ("I'll send the invoice by 12/1.", "I will send the invoice tomorrow", "Will also send the *invoice*."),
    (
        "What do you think about lunch?",
        "What do you think about *lunch* by Friday?",
        "> x\n\nWhat do you think about lunch ASAP?",
    ),
]


@pytest.mark.parametrize("sentences", PROPOSED, ids=[first for first, *_ in PROPOSED])
def test_a_proposal_is_the_same_however_its_sentence_is_edited(sentences: tuple[str, ...]) -> None:
    """What was dropped does not come back; other words are another proposal."""

    def proposed(text: str) -> GivenProposal:
        [one] = Teller(Me(["Ana"])).told(text, talk())
        assert isinstance(one, GivenProposal)
        return one

    first = proposed(sentences[0])
    assert {sentence: proposed(sentence).id for sentence in sentences} == dict.fromkeys(sentences, first.id)
    assert proposed("Could you send the letters?").id != first.id
    assert first.formerly == (evidence_id("1", sentences[0]),)  # what earlier versions called it


def test_what_is_asked_again_in_the_same_conversation_is_the_same_request() -> None:
    """Of the same person: the same object, and the same verb or another of handing over, whatever stands
    between and around them."""

    def id_of(text: str, **more: object) -> str:
        [one] = Teller(Me(["Ana"])).told(text, talk(**({"thread": "t"} | more)))  # type: ignore[arg-type]
        assert isinstance(one, GivenProposal)
        return one.id

    first = id_of("Can you send the deck?")
    for text in (
        "Please send me the deck.",
        "could you send us a copy of the deck by Friday?",
        "Please send the deck over to me again",
        "Could you share the deck?",
        "Please forward us the deck",
        "Can you email me a copy of the deck?",
    ):
        assert id_of(text) == first, text
    assert id_of("I'll send you the deck tomorrow.", mine=True, others=("Bo",)) == first  # my answer
    others = [
        id_of("Please review the deck."),
        id_of("Please send me the letters."),
        id_of("Please share the letters with Cy."),
        id_of("Please print the deck."),
        id_of("Please send me the deck.", speaker="Cy"),
        id_of("Please send me the deck.", thread="another"),
        id_of("I'll send you the deck."),  # he promises it
    ]
    assert len({first, *others}) == 1 + len(others)


def test_decisions_on_requests_are_carried_over_from_earlier_versions() -> None:
    [one] = Teller(Me(["Ana"])).told("Could you share the deck?", talk(thread="t"))
    assert isinstance(one, GivenProposal)
    by_verb = stable_id("proposal", "t", "owe", "bo", "task", "share deck")
    assert one.formerly == (by_verb, stable_id("proposal", "1", "task", "share the deck"), *one.formerly[2:])


def test_own_words_keep_the_numbers_of_lines_and_what_stands_below_a_quote() -> None:
    text = "one\n> two\nthree\nOn Monday,\nBo <bo@example.org> wrote:\n> four\nfive\n-- \nsix"
    assert own_words(text) == "one\n\nthree\n\n\n\nfive\n\n"
    assert own_words("Thanks.\nPlease send the numbers.") == "Thanks.\nPlease send the numbers."


def test_lists_and_code_are_not_taken_for_sentences() -> None:
    text = "- one. Two.\n1. three. Four.\n| five. Six. |\n```\nseven. Eight.\n```\nOwner: nine. Ten."
    assert sentences_apart(text) == text
    assert sentences_apart("Do it. Then go.") == "Do it.\n\nThen go."
    for text in ("Send it, e.g. Monday.", "Frag z. B. Anna.", "Ask Dr. Lee and J. Brown.", "Us vs. Acme"):
        assert sentences_apart(text) == text


@pytest.mark.parametrize(
    "shape",
    [
        "> ",
        "On ",
        "please ",
        "a. B",
        "wrote: ",
        "-",
        "@",
        "From: x\n",
        "Thanks,\n",
        "I'll ",
        "?",
        "\t",
        "[ ] ",
    ],
)
def test_a_large_message_of_a_nasty_shape_is_read(shape: str) -> None:
    text = (shape * (60_000 // len(shape) + 1))[:60_000]
    list(Teller(Me(["Ana"])).told(text, talk()))
