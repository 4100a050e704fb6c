"""A request that comes again in a thread of Slack is proposed once."""

from pathlib import Path

from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.slack.reading import Wanted, read_export
from collectors.types import Ask
from models.proposals import GivenProposal
from tests.collectors.slack_exports import export, said, unpacked

BEGUN = "1717142400.000100"
FIRST = said("<@U3> can you send the deck?", BEGUN)
AGAIN = said("<@U3> please share the deck with me", "1717142500.000100", thread_ts=BEGUN)
ELSEWHERE = said("<@U3> can you send the deck?", "1717142600.000100")
USERS = [{"id": "U1", "name": "bo", "profile": {"display_name": "Bo"}}, {"id": "U3", "name": "ana"}]


def proposed(folder: Path, *messages: dict[str, object]) -> set[str]:
    """The ids of the proposals for Ana."""
    files = export() | {"users.json": USERS, "general/2024-05-31.json": [*messages]}
    found = read_export(unpacked(folder, files), Ask(), Wanted(), Actions(Me(["ana"])))
    return {one.id for one in found if isinstance(one, GivenProposal)}


def test_a_request_that_comes_again_in_its_thread_is_proposed_once(tmp_path: Path) -> None:
    first, again = proposed(tmp_path, FIRST), proposed(tmp_path, AGAIN)
    assert len(first) == 1
    assert again == first == proposed(tmp_path, FIRST, AGAIN)  # also where each run sees one of them
    assert len(proposed(tmp_path, FIRST, AGAIN, ELSEWHERE)) == 2
