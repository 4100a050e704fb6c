"""Real conversations in the layout of a Slack export: each message is a record, from folder and zip."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from collectors.slack.reading import Wanted, read_export
from collectors.types import Ask, Finding, Kind
from models.records import GivenRecord
from tests.examples import one_in

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "chat"
EXPORTS = {"gitter": 8, "ubuntu-irc": 40}
"""One day in so many is read, from all the years: more of the same days proves no more."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real conversations is not here")


def counted(export: Path) -> dict[str, int]:
    """Messages with words by channel, read without any of the collector."""
    return {
        folder.name: sum(
            bool(message["text"].strip())
            for path in folder.glob("*.json")
            for message in json.loads(path.read_bytes())
        )
        for folder in export.iterdir()
        if folder.is_dir()
    }


def read(export: Path, since: date | None = None) -> Iterator[GivenRecord]:
    for one in read_export(export, Ask(), Wanted(since=since)):
        if isinstance(one, GivenRecord):
            yield one
        elif isinstance(one, Finding):
            assert one.kind is Kind.NOTE, one


def copied(export: Path, days: Iterable[Path], folder: Path) -> Path:
    """The export with only these days."""
    for path in (*export.glob("*.json"), *days):
        copy = folder / path.relative_to(export)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("name", EXPORTS)
def test_every_message_that_says_something_is_a_record(name: str, tmp_path: Path) -> None:
    days = sorted((FOLDER / name).glob("*/*.json"))[:: one_in(EXPORTS[name])]
    export = copied(FOLDER / name, days, tmp_path)
    expected = counted(export)
    ids: set[str] = set()
    found = dict.fromkeys(expected, 0)
    for record in read(export):
        assert record.meta is not None
        found[record.meta["channel"]] += 1
        ids.add(record.id)
    assert found == expected
    assert len(ids) == sum(expected.values()) > 3_000


def test_a_record_says_what_the_message_says(tmp_path: Path) -> None:
    days = sorted((FOLDER / "gitter" / "docker").glob("2017-01-*.json"))
    copied(FOLDER / "gitter", days, tmp_path)  # only what is compared
    users = {user["id"]: user["name"] for user in json.loads((FOLDER / "gitter" / "users.json").read_bytes())}
    messages = {message["ts"]: message for path in days for message in json.loads(path.read_bytes())}
    met = 0
    wanted = Wanted(frozenset({"docker"}), date(2016, 12, 1))
    for record in read_export(tmp_path, Ask(), wanted):
        if not isinstance(record, GivenRecord) or record.meta is None or record.meta["ts"] not in messages:
            continue
        message, met = messages[record.meta["ts"]], met + 1
        escaped = record.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert escaped.split() == message["text"].split()
        assert record.meta["user_name"] == users[message["user"]]
    assert met > 100


def test_a_zip_of_an_export_gives_the_same_records(tmp_path: Path) -> None:
    export = copied(FOLDER / "gitter", (FOLDER / "gitter").glob("*/2019-0[5-9]-*.json"), tmp_path / "gitter")
    path = tmp_path / "gitter.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(export.rglob("*.json")):
            archive.write(file, file.relative_to(tmp_path))
    late = date(2019, 6, 1)
    same = zip(read(export, late), read(path, late), strict=True)
    assert sum(one == other for one, other in same) > 1_000
