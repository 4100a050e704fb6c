"""Which sentences can be quoted (language/sentences)."""

from __future__ import annotations

import pytest

from sio_server.language.sentences import can_be_quoted, likeness, sentences, words_of

QUOTED = [
    "We agreed to move the launch to March.",
    "Tobie is getting feedback from the committee",
    "I would rather wait for the numbers of October.",
    "Does the board have to approve the lease?",
    "Wir haben uns auf den Umzug nach Düsseldorf geeinigt.",
    "Le comité doit approuver le budget avant vendredi.",
    "El consejo tiene que aprobar el presupuesto antes del viernes.",
    "予算案は来週の会議で承認される予定です。",
    "Kubelet passes its token to some of the drivers.",
    "We should do it now - Bo has the details",
    "MDawson: that number was in the proposal for the program.",
]
NOT_QUOTED = {
    "a heading": "Budget Review And Planning Of The Year",
    "a title": "Proposal to remove the growth stage",
    "a label": "Meeting ID: 234 567 890 and more words here",
    "a date": "Date: Monday 23 November at ten",
    "a list of names": "Ana Lopez, Bo Chen, Grace Tan, Jürgen Weiß and Priya Raman",
    "a footer": "Page 3 of 12 of the report that was sent",
    "a notice": "This email and any attachments are confidential and intended for you.",
    "a newsletter": "You are receiving this because you subscribed to it. ",
    "a password": "The passcode is 4711 for all of you.",
    "a template": "Please add your agenda items below before the meeting.",
    "a cancelled meeting": "Canceled due to winter holidays in all of the offices.",
    "an invitation": "Join the meeting now and be there on time.",
    "too few words": "It is so.",
    "too many words": "it is so " * 30,
    "no verb": "Update of the table with new figures",
    "what introduces others": "These are the things that we have to do:",
    "a title with a French verb's letter": "Suggestion to create a pinned issue like those of others",
    "a heading with a full stop": "Plan and status update of the support for Windows.",
    "entries of a list": "Meeting face to face with mentors - need to start",
    "a sum": "Each server has its own key + a number that is used once.",
    "the end of a sentence": "and it is showing a warning for all of them",
    "the beginning of one": "Code of conduct backfill, and she can put herself in [Bo]",
    "a test's name": "Look at E2eNode Suite.[It] [sig-node] Containers should end when the pod is gone",
    "an arrow": "It is moved from the old place -> the new place now",
    "an aside": "(This is what the report of this year says)”",
    "thanks to somebody": "Jason: Huge shoutout to Bo for getting the tests across the finish line.",
    "praise": "Kudos to Ana who has written all of the pages.",
    "a greeting": "Hi all of you there,",
    "an address": "It is at example.org/a/b/c/d and example.org/e/f/g as you know",
    "a Japanese title": "経営会議の予算レビューと人事異動",
}


@pytest.mark.parametrize("sentence", QUOTED)
def test_a_sentence_that_says_something_can_be_quoted(sentence: str) -> None:
    assert [*sentences(sentence)] == [sentence]


@pytest.mark.parametrize("text", NOT_QUOTED.values(), ids=NOT_QUOTED)
def test_what_says_nothing_is_not_quoted(text: str) -> None:
    assert [*sentences(text)] == []


def test_the_number_of_an_entry_is_no_part_of_its_sentence() -> None:
    for number in ("4- ", "4) ", "4: ", "- "):
        assert [*sentences(f"{number}We will form a new group next week.")] == [
            "We will form a new group next week."
        ]


def test_sentences_are_told_apart_and_shortened_words_do_not_end_them() -> None:
    told = ["We met Dr. Silva, e.g. for the lease.", "She wants to sign it by May."]
    assert [*sentences(" ".join(told))] == told
    told = ["予算は承認されました。", "次は採用を決めます。"]
    assert [*sentences("".join(told))] == told


def test_markup_links_and_addresses_are_left_out() -> None:
    link = "[sign](https://x.example/a?pwd=s3cret)"
    text = f"* **We** will {link} the `lease` [#12](https://x.example/12) by May 3."
    [sentence] = sentences(text)
    assert sentence == "We will sign the lease by May 3."
    assert can_be_quoted(sentence)
    assert [*sentences("1: We will sign the lease by May.")] == ["We will sign the lease by May."]


def test_nearly_the_same_is_alike_and_others_are_not() -> None:
    one, other = (
        words_of("The board has approved the budget."),
        words_of("the Board has now approved the budget"),
    )
    assert likeness(one, other) > 0.8
    assert likeness(one, words_of("Ana wants to sign the lease today")) < 0.3
