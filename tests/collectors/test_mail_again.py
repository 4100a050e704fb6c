"""A request that comes again in a thread of mails is proposed once."""

from pathlib import Path

from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.mail.reading import read_mail
from collectors.types import Ask
from models.proposals import GivenProposal
from tests.collectors.mail_samples import mbox, message

TO = ("From: Bo <bo@example.org>", "To: Ana <ana@example.org>")
FIRST = message(*TO, "Date: Mon, 30 Nov 2026 09:00:00 +0000", body="Can you send the deck?", id="one@x")
AGAIN = message(
    *TO,
    "Date: Tue, 1 Dec 2026 09:00:00 +0000",
    "References: <one@x>",
    body="Please send me the deck.\n\nOn Monday, Bo wrote:\n> Can you send the deck?",
    id="two@x",
)
ELSEWHERE = message(
    *TO, "Date: Tue, 1 Dec 2026 10:00:00 +0000", body="Please send me the deck.", id="three@x"
)


def proposed(folder: Path, *mails: bytes) -> list[str]:
    """The ids of the proposals for Ana."""
    file = folder / "inbox.mbox"
    file.write_bytes(mbox(*mails))
    found = read_mail([file], Ask(), actions=Actions(Me(["Ana <ana@example.org>"])))
    return [one.id for one in found if isinstance(one, GivenProposal)]


def test_a_request_that_comes_again_in_its_thread_is_proposed_once(tmp_path: Path) -> None:
    first, again = proposed(tmp_path, FIRST), proposed(tmp_path, AGAIN)
    assert len(first) == 1
    assert again == first == proposed(tmp_path, FIRST, AGAIN)  # also where each run sees one of them
    assert len(proposed(tmp_path, FIRST, AGAIN, ELSEWHERE)) == 2
