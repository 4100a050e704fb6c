"""Slack exports in zips that are hostile, damaged, or made by odd programs."""

import io
import os
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from collectors.slack import zip as slack_zip
from tests.collectors.slack_exports import (
    encoded,
    export,
    findings,
    found,
    records,
    refusal,
    said,
    texts,
    zipped,
)


def test_paths_that_climb_out_of_a_zip_are_left_out(tmp_path: Path) -> None:
    climbing = ("../general/2024-06-03.json", "/etc/2024-06-03.json", "general/../../2024-06-03.json")
    files = export() | {key: [said("evil")] for key in (*climbing, "C:\\x\\2024-06-03.json")}
    got = found(zipped(tmp_path / "export.zip", files))
    assert texts(got) == ["one", "two", "three"]
    assert findings(got) == [
        (
            "left out",
            f"export.zip, {climbing[0]}",
            f"its path climbs out of the export (also {climbing[1]}, {climbing[2]} and 1 other)",
        )
    ]


def test_a_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", export())
    link = zipfile.ZipInfo("general/2024-06-03.json")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert findings(found(path)) == [("left out", "export.zip, general/2024-06-03.json", "it is a link")]


def test_a_file_that_is_in_a_zip_twice_counts_as_it_was_written_last(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", export())
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("general/2024-05-31.json", encoded([said("newer")]))
    got = found(path)
    assert texts(got) == ["newer", "three"]
    assert [kind for kind, _, _ in findings(got)] == ["note"]


def test_a_bomb_in_a_zip_does_not_go_off_and_the_rest_goes_in(tmp_path: Path) -> None:
    bomb = b'[{"ts": "1717142400.000100", "text": "' + b"a" * 2**25 + b'"}]'
    got = found(zipped(tmp_path / "export.zip", export(**{"general__2024-05-31": bomb})))
    assert texts(got) == ["three"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "general/2024-05-31.json")
    assert why == "it unpacks to more than 200 times its size, as zip bombs do"


def test_many_small_bombs_are_one_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_zip, "TOTAL_FREE_BYTES", 2**16)
    days = {f"a/2021-01-{day:02}.json": [said("a" * 2**19)] for day in range(1, 10)}
    got = found(zipped(tmp_path / "export.zip", export() | days))
    assert len(records(got)) < len(days)
    whys = {why for kind, _, why in findings(got) if kind == "skipped"}
    assert whys == {"the zip unpacks to more than 100 times its size, as zip bombs do"}


def test_a_zip_that_lists_too_many_files_is_refused_before_the_list_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    many = 2**26
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65_535, 65_535, many, 0, 0)
    with path.open("wb") as file:
        file.truncate(many)
        file.seek(many)
        file.write(end)
    assert refusal(path) == "export.zip: it is not a zip file, or it was cut (it lists too many files)"


@pytest.mark.parametrize("keep", [0, 10, 200, -30])
def test_a_zip_that_was_cut_is_refused(tmp_path: Path, keep: int) -> None:
    path = zipped(tmp_path / "export.zip", export())
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(path).startswith("export.zip: it is not a zip file, or it was cut")


def test_a_file_that_is_damaged_in_a_zip_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", export(), zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b'"text": "one"', b'"text": "eno"'))
    got = found(path)
    assert texts(got) == ["three"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "general/2024-05-31.json")
    assert why.startswith("it is damaged in the zip (bad crc-32")


def test_an_encrypted_zip_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", export())
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + flags] |= 1
    path.write_bytes(data)
    got = found(path)
    assert records(got) == []
    whys = {why for kind, _, why in findings(got) if kind == "skipped"}
    assert whys == {"it is encrypted: unpack the zip with its password, and give the folder"}


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_packing_that_may_ask_for_gigabytes_is_not_tried(tmp_path: Path, method: int) -> None:
    got = found(zipped(tmp_path / "export.zip", export(), method))
    assert records(got) == []
    assert "it is compressed by a method that is not supported (only deflate is)" in {
        why for _, _, why in findings(got)
    }


def test_names_in_utf_8_that_do_not_say_so_are_read_as_what_they_are(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("größe/2024-05-31.json", encoded([said("one")]))
    data = bytearray(buffer.getvalue())
    for mark, flags in ((b"PK\1\2", 9), (b"PK\3\4", 7)):
        data[data.find(mark) + flags] &= ~0x08
    path = tmp_path / "export.zip"
    path.write_bytes(data)
    assert [one.title for one in records(found(path))] == ["#größe"]


def test_a_pipe_in_place_of_a_zip_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "export.zip")
    assert refusal(tmp_path / "export.zip") == "export.zip: it is not a regular file"
