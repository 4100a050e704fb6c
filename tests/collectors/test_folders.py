"""Folders that anybody may have filled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors.folders import Unreadable, decode, open_regular, place, read_bytes, read_text, walk
from collectors.types import Finding, Kind
from tests.collectors.notes import write


def walked(root: Path, *suffixes: str) -> tuple[list[str], dict[str, str]]:
    """The names of the files, and why others are not among them."""
    files, left_out = [], {}
    for one in walk(root, suffixes):
        if isinstance(one, Finding):
            assert one.kind is Kind.LEFT_OUT
            left_out[one.where] = one.why
        else:
            files.append(place(one, root))
    return files, left_out


@contextmanager
def nested(folder: Path, name: str, depth: int) -> Iterator[int]:
    """Folders in one another, however long their path gets: a handle of the innermost."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        above, here = here, os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(above)
    try:
        yield here
    finally:
        os.close(here)
        # Python's own way of removing a folder recurses.
        subprocess.run(["rm", "-rf", folder / name], check=True)


def test_files_come_by_name_and_what_is_hidden_does_not(tmp_path: Path) -> None:
    names = ("b.md", "a/z.MD", "a/b/c.txt", ".git/x.md", "a/.x.md", "c.png", "none", ".obsidian/a/b.md")
    write(tmp_path, dict.fromkeys(names, "x"))
    assert walked(tmp_path, ".md", ".txt") == (["a/b/c.txt", "a/z.MD", "b.md"], {})
    assert walked(tmp_path)[0] == ["a/b/c.txt", "a/z.MD", "b.md", "c.png", "none"]


def test_no_link_is_followed_and_those_that_would_hide_something_are_named(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a/one.md": "x", ".hidden/two.md": "x"})
    write(tmp_path / "outside", {"secret.md": "x"})
    for name, target in {
        "again.md": "a/one.md",
        "a_folder": "a",
        "a/up": "..",
        "out": "../outside",
        "out.md": "../outside/secret.md",
        "self.md": "self.md",
        "gone.md": "nothing",
        "two.md": ".hidden/two.md",
        "picture.png": "../outside/secret.md",
    }.items():
        (root / name).symlink_to(target)
    files, left_out = walked(root, ".md")
    assert files == ["a/one.md"]
    assert left_out == {
        "a/up": "it is a link that leads back to itself",
        "out": "it is a link that leads out of the folder",
        "out.md": "it is a link that leads out of the folder",
        "self.md": "it is a link that leads back to itself",
        "gone.md": "it is a link to nothing",
        "two.md": "it is a link to something that is not read here",
    }


def test_a_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", {"a.md": "x"})
    (tmp_path / "link").symlink_to("real")
    assert list(walk(tmp_path / "link", [".md"])) == [tmp_path / "link" / "a.md"]


def test_a_pipe_is_left_out_and_nobody_waits_at_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert walked(tmp_path, ".md") == ([], {"pipe.md": "it is not a regular file"})
    with pytest.raises(Unreadable, match="not a regular file"):
        open_regular(tmp_path / "pipe.md")


def test_names_that_are_no_text_are_read_and_shown(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9\n.md")
    write(tmp_path, {odd: "x"})
    assert list(walk(tmp_path, [".md"])) == [tmp_path / odd]
    assert walked(tmp_path, ".md")[0] == ["caf\\xe9\\n.md"]


def test_a_deep_folder_is_walked_to_its_end(tmp_path: Path) -> None:
    with nested(tmp_path, "d", 1_200) as innermost:
        os.close(os.open("a.md", os.O_CREAT | os.O_WRONLY, dir_fd=innermost))
        assert walked(tmp_path, ".md") == (["d/" * 1_200 + "a.md"], {})


def test_what_is_deeper_than_a_name_may_be_long_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"z.md": "x"})
    with nested(tmp_path, "d" * 200, 25):
        found = list(walk(tmp_path, [".md"]))
    assert found[-1] == tmp_path / "z.md"
    (skipped,) = found[:-1]
    assert isinstance(skipped, Finding)
    assert (skipped.kind, skipped.why) == (Kind.SKIPPED, "it cannot be read (file name too long)")


@pytest.mark.parametrize(("name", "why"), [("nothing", "it does not exist"), ("a.md", "it is not a folder")])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, why: str) -> None:
    write(tmp_path, {"a.md": "x"})
    with pytest.raises(Unreadable, match=why):
        list(walk(tmp_path / name))


def test_a_folder_that_goes_while_it_is_walked_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "x", "b/c.md": "x"})
    walking = walk(tmp_path, [".md"])
    assert next(walking) == tmp_path / "a.md"
    (tmp_path / "b/c.md").unlink()
    (tmp_path / "b").rmdir()
    assert list(walking) == [Finding(Kind.SKIPPED, "b", "it does not exist, or no longer does")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.md": "x", "c.md": "x"})
    (tmp_path / "a").chmod(0)
    (tmp_path / "c.md").chmod(0)
    try:
        found = list(walk(tmp_path, [".md"]))
        assert found == [
            Finding(Kind.SKIPPED, "a", "it cannot be read (permission denied)"),
            tmp_path / "c.md",
        ]
        with pytest.raises(Unreadable, match="permission denied"):
            read_text(tmp_path / "c.md", 10)
    finally:
        (tmp_path / "a").chmod(0o700)


def test_a_file_is_read_up_to_a_bound(tmp_path: Path) -> None:
    write(tmp_path, {"a": "12345"})
    assert read_bytes(tmp_path / "a", 5) == b"12345"
    with pytest.raises(Unreadable, match="larger than") as refusal:
        read_bytes(tmp_path / "a", 4)
    assert refusal.value.kind is Kind.SKIPPED
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(2**40)
    with pytest.raises(Unreadable, match="larger than 10 MiB"):
        read_text(tmp_path / "huge", 10 << 20)


@pytest.mark.parametrize(
    ("data", "text", "remark"),
    [
        (b"", "", ""),
        ("é…".encode(), "é…", ""),
        ("é".encode("utf-8-sig"), "é", ""),
        ("é".encode("utf-16"), "é", ""),
        (b"\xfe\xff" + "é".encode("utf-16-be"), "é", ""),
        ("é".encode("utf-32"), "é", ""),
        ("é".encode("utf-16") + b"\x20", "é\ufffd", "some of it is not UTF-16-LE"),
        ("naïve café".encode("latin-1"), "naïve café", "it is not UTF-8 and was read as Windows-1252"),
        ("“€”".encode("cp1252"), "“€”", "it is not UTF-8 and was read as Windows-1252"),
        (b"caf\xe9 \x81", "café \x81", "it is not UTF-8 and was read as Latin-1"),
        ("ééééé".encode()[:-1], "éééé\ufffd", "some of its bytes are not UTF-8 and were replaced"),
        ("é\n".encode() + b"\xe9\n", "é\né\n", "1 of its lines is no UTF-8, read as Windows-1252"),
        (b"\xe9\r\xe9\n" + "é".encode(), "é\ré\né", "2 of its lines are no UTF-8, read as Windows-1252"),
        (b"\xef\xbb\xbf\xe9", "é", "it is not UTF-8 and was read as Windows-1252"),
        (b"a\0b\n" + b"text\n" * 9, "ab\n" + "text\n" * 9, "it holds NUL characters, which were left out"),
    ],
)
def test_text_is_read_in_the_encoding_that_it_has(data: bytes, text: str, remark: str) -> None:
    assert decode(data) == (text, remark)


def test_what_is_no_text_is_left_out() -> None:
    for data in (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no mark".encode("utf-16-le"), b"\0", b"\0" * 9):
        with pytest.raises(Unreadable, match="not text") as refusal:
            decode(data)
        assert refusal.value.kind is Kind.LEFT_OUT
