"""docs/protocol.md says what the code does."""

from __future__ import annotations

import re

from docs.protocol import PAGE, TEMPLATE, numbers, page
from handlers import REGISTRY
from models.ack import ErrorCode, Retry
from sio_server.clients import client, limits, transport
from sio_server.registry.roles import Role
from sio_server.sockets import values

# Names that hold a number; every other number in the text must come from the code.
NUMBERED = re.compile(
    r"Socket\.IO protocol 5|Engine\.IO 4|decisions/\d{4}|AsyncAPI 3|RFC 3339|status 403|2\^53 - 1|^\d\. ",
    re.MULTILINE,
)
ROLE_ORDER = list(Role)
CODE = re.compile(r"```.*?```|`[^`]*`|\{\{.*?\}\}", re.DOTALL)


def test_the_page_is_up_to_date() -> None:
    made = PAGE.read_text("utf-8") == page()
    assert made, "docs/protocol.md is not what the code says: run `.venv/bin/python -m docs.protocol`"


def test_every_request_and_every_room_is_on_the_page() -> None:
    text = page()
    assert all(f"| `{event}` |" in text for event in REGISTRY.requests)
    assert all(f"`{room}:patch`" in text for room in REGISTRY.rooms)


def test_the_table_of_error_codes_has_each_code_once() -> None:
    table = page().partition("### Error codes")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(ErrorCode)


def test_the_page_says_what_each_retry_means() -> None:
    asking = page().partition("## Asking")[2].partition("### Once only")[0]
    assert all(f"`{retry}`" in asking for retry in Retry)


def test_the_reasons_of_a_snapshot_are_those_of_the_model() -> None:
    table = page().partition("| why |")[2].partition("\n\n")[0]
    why = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    shape = page().partition("### SyncSnapshot")[2].partition("### ")[0]
    listed = re.search(r"\| `why` \| (.*?) \|", shape)
    assert listed is not None
    assert listed[1] == ", ".join(f"`{word}`" for word in why)


def test_the_roles_in_the_guide_are_those_of_the_table() -> None:
    guide = (PAGE.parent / "operations.md").read_text("utf-8")
    told = guide.partition("| role | may |\n| --- | --- |\n")[2].partition("\n\n")[0]
    assert [line.split(" | ")[0] for line in told.splitlines()] == [f"| {role}" for role in ROLE_ORDER]


def test_no_number_is_written_by_hand() -> None:
    text = NUMBERED.sub("", CODE.sub("", TEMPLATE.read_text("utf-8")))
    assert not re.findall(r".*\d.*", text)


def test_every_number_that_is_worked_out_is_used() -> None:
    text = TEMPLATE.read_text("utf-8")
    assert not [name for name in numbers() if f"{{{{{name}}}}}" not in text]


def test_a_limit_stands_on_the_page_as_its_constant_has_it() -> None:
    text = page()
    assert (
        f"| a message | {transport.MAX_MESSAGE_BYTES // 1024**2} MiB and {values.MAX_ENTRIES:,} values;"
        in text
    )
    assert f"| unsent bytes of a client | {client.MAX_BACKLOG_BYTES // 1024} KiB," in text
    assert f"| requests under way on a connection | {limits.Room.pending};" in text
