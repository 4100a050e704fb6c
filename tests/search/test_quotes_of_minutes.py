"""Briefs over real minutes and chats, for subjects that people meet about: what is quoted is a sentence that
somebody said, and the brief is short. Skipped where the data is not there.

An ordinary run has one file in thirty, and for each subject the shortest in which it is spoken of: more of
the same takes minutes to read and proves no more. `--hypothesis-profile=long` has them all.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from briefs.short.length import WORDS_MAX
from sio_server.language.sentences import likeness, words_of
from tests.collectors import programs
from tests.examples import one_in
from tests.forked import ForkedServer
from tests.running import PythonClient

Json = Any

DATA = Path(os.environ.get("ADJUTANT_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
FOLDERS = ("documents/k8s-minutes", "documents/openjs-minutes")
EXPORT = "chat/gitter"
MET_IN = 6  # files of each subject

pytestmark = pytest.mark.skipif(not (DATA / EXPORT).is_dir(), reason="the minutes are not there")

SUBJECTS = [
    "Steering committee election",
    "Code of conduct committee",
    "Contributor summit planning",
    "Budget review: travel fund",
    "Board seat nominations",
    "CSI driver token requests",
    "KMS encryption",
    "Windows containers support",
    "Dual stack IPv6",
    "In-place pod resize",
    "Swap support",
    "Structured logging",
    "Metrics server",
    "Slack admins",
    "Mentoring",
    "AMP project graduation",
    "Individual supporter program",
    "CLA and DCO",
    "Docker volumes permissions",
    "Appium iOS simulator",
]
QUOTED = re.compile(r"“(.+)”")
NO_SENTENCE = re.compile(
    r"^(?:#|>|\||[-*+]\s*\[[ xX]?\]|(?:AI|TODO|ACTION)\b)|\|.*\||https?://|\bpasscode\b|^\W*$|:$|\{\{|\[ \]",
    re.IGNORECASE,
)


def chosen() -> set[Path]:
    """The files of a run."""
    places = [path for name in (*FOLDERS, EXPORT) for path in sorted((DATA / name).rglob("*.*"))]
    texts = {path: path.read_text("utf-8", errors="replace").casefold() for path in places}
    found = {*places[:: one_in(30)], *(DATA / EXPORT).glob("*.json")}
    for subject in SUBJECTS:
        words = re.findall(r"\w{3,}", subject.casefold())
        met = [path for path, text in texts.items() if all(word in text for word in words)]
        found.update(sorted(met, key=lambda path: len(texts[path]))[:MET_IN])
    return found


@pytest.fixture(scope="module")
async def person(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PythonClient]:
    """A client of a board with the minutes and a chat."""
    folder = tmp_path_factory.mktemp("minutes")
    for path in chosen():
        copy = folder / path.relative_to(DATA)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    server = ForkedServer(folder / "data")
    await server.start()
    for collector, *names in (("notes", *FOLDERS), ("slack", EXPORT)):
        places = [folder / name for name in names]
        status, said = await programs.run(collector, server, "--source", f"{collector}:data", *places)
        assert status == 0, said
    client = await PythonClient(client="ana", tz="Europe/Berlin").connect(server.url)
    yield client
    await client.disconnect()
    await server.stop()


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_what_is_quoted_is_a_sentence_about_the_subject(person: PythonClient, subject: str) -> None:
    event = {"id": subject, "title": subject, "start": "2030-01-10T09:00:00Z", "end": "2030-01-10T10:00:00Z"}
    code = (await person.done("calendar:put", items=[event]))["codes"][subject]
    brief = await person.done("brief:generate", kind="meeting", code=code)
    first = brief["text"].splitlines()[0]
    assert first.startswith(f"{subject}, Thu 10 Jan 2030 10:00-11:00 (Europe/Berlin)")
    assert len(brief["text"].split()) <= WORDS_MAX
    said = [item for section in brief["sections"] if section["title"] == "Said" for item in section["items"]]
    quotes = [QUOTED.search(item["text"]) for item in said]
    texts = [quote[1] for quote in quotes if quote is not None]
    assert texts
    for text in texts:
        assert NO_SENTENCE.search(text) is None, text
        assert 5 <= len(text.split()) <= 45, text
    assert not any(
        likeness(words_of(one), words_of(other)) > 0.7 for one in texts for other in texts if one is not other
    )
    days = [item["text"] for item in said]
    assert len(days) == len(set(days))
