"""The lines of a JSONL file, gzipped or not: streamed, and bounded whatever is in it."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from collectors.folders import Unreadable, open_regular

LINE_BYTES_MAX = 2**20  # the longest record has a tenth of it
# JSON packs 5 to 30 times; what gzip can do at most, and only bombs do, is 1,030 times.
RATIO_MAX, RATIO_FREE_BYTES, UNPACKED_BYTES_MAX = 200, 2**26, 2**36
_CHUNK = 2**18  # bytes read at a time
_GZIP = 16 + zlib.MAX_WBITS  # 16: zlib expects the header of gzip
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Each line that is not blank with its number; None stands for one over `LINE_BYTES_MAX`.

    Errors: Unreadable, also in the middle: the lines before are good.
    """
    with open_regular(path) as file:
        chunks = _unpacked(file) if path.name.lower().endswith(".gz") else _read(file)
        yield from split(_in_utf8(chunks))


def split(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The lines of what comes in chunks; no more of a line is held than is allowed."""
    number, kept, too_long = 1, b"", False
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            too_long = too_long or len(kept) + len(piece) > LINE_BYTES_MAX
            line = None if too_long else (kept + piece).strip()
            if line is None or line:
                yield number, line
            number, kept, too_long = number + 1, b"", False
        too_long = too_long or len(kept) + len(rest) > LINE_BYTES_MAX
        kept = b"" if too_long else kept + rest
    line = None if too_long else kept.strip()
    if line is None or line:
        yield number, line


def _read(file: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := file.read(_CHUNK):
            yield chunk
    except OSError as error:
        raise Unreadable(f"it cannot be read to its end ({error.strerror or error})") from None


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """The unpacked contents of all gzip members. Errors: Unreadable."""
    engine, packed, unpacked = zlib.decompressobj(_GZIP), 0, 0
    begun = False
    for chunk in _read(file):
        packed += len(chunk)
        while chunk:
            begun = True
            try:
                piece = engine.decompress(chunk, _CHUNK)
            except zlib.error:
                raise Unreadable("its gzip is broken; what came before was read") from None
            unpacked += len(piece)
            if unpacked > min(max(RATIO_FREE_BYTES, RATIO_MAX * packed), UNPACKED_BYTES_MAX):
                raise Unreadable(_too_much(unpacked))
            yield piece
            chunk = engine.unconsumed_tail
            if engine.eof:
                chunk = engine.unused_data.lstrip(b"\0")  # some pad the end
                engine, begun = zlib.decompressobj(_GZIP), False
    if begun or not packed:
        yield engine.flush()
        if not engine.eof:
            raise Unreadable("its gzip is cut; what came before was read")


def _too_much(unpacked: int) -> str:
    if unpacked > UNPACKED_BYTES_MAX:
        return f"it unpacks to more than {UNPACKED_BYTES_MAX // 2**30} GiB; what came before was read"
    return f"it unpacks to more than {RATIO_MAX} times its size, as bombs do; what came before was read"


def _in_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks without a byte order mark; UTF-16, which says so by one, as UTF-8."""
    first = next(chunks, b"")
    if first.startswith(_UTF16):
        decoded = codecs.iterdecode(chain((first,), chunks), "utf-16", "replace")
        return (text.encode("utf-8", "replace") for text in decoded)
    return chain((first.removeprefix(codecs.BOM_UTF8),), chunks)
