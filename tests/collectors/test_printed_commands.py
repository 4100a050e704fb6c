"""Each `./adjutant connect ...` that the documentation prints is one that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from collectors.connected.kinds import KINDS, program_of
from tests.running import ROOT

PAGES = [ROOT / "README.md", ROOT / "docs/collectors.md", *sorted((ROOT / "docs/how-to").glob("*.md"))]
LINES = [
    (page.name, words)
    for page in PAGES
    for line in re.findall(r"\./adjutant connect ([^`\n]*)", page.read_text("utf-8"))
    if (words := tuple(shlex.split(line, comments=True)))
]
SECRETS = {"ics": "https://calendar.example/private/basic.ics", "slack": "xoxb-1\nxapp-2"}
ASKED = {"caldav": ["https://dav.example.org", "ana"], "imap": ["ana@example.org"], "slack": ["acme"]}
"""What is answered where a command leaves it out."""


def test_there_are_such_commands_on_each_page_for_a_provider() -> None:
    pages = {page.name for page in PAGES}
    assert {page for page, _ in LINES} == pages
    assert {kind for _, (kind, *_) in LINES} == {*KINDS}


@pytest.mark.parametrize(("page", "words"), LINES, ids=str)
def test_a_printed_command_is_taken(
    page: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, *options = words
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv(KINDS[kind].variable, SECRETS.get(kind, "planted"))
    job = program_of(kind).job_of(options or ASKED.get(kind, []))
    assert job.source.startswith(f"{kind}:"), page
    assert job.check is not None
