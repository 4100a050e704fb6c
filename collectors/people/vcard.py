"""vCards, of all versions: their names and addresses, and nothing else of them.

Their lines are those of iCalendar (RFC 6350, section 3.2), so its library reads them.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline

LINE_MAX = 10_000
"""Characters: what is longer is a picture."""
_FOLD = re.compile(r"\n[ \t]")
_SOFT_BREAK = re.compile(r"=\n(?=[^\n]*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\)[;,]")
_OLD_PARAMS = re.compile(r"^([\w.-]+)((?:;[\w-]+(?:=[^\";:]*)?)+)(?=:)")
_WANTED = ("FN", "N", "NICKNAME", "EMAIL")


@dataclass
class Card:
    """One person; `line` is where the card begins, `broken` how many lines of it could not be read."""

    line: int
    names: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    broken: int = 0


def cards(text: str) -> Iterator[Card]:
    """Each card of the text, also one that does not end."""
    text = _SOFT_BREAK.sub("", text) if "QUOTED-PRINTABLE" in text.upper() else text
    card: Card | None = None
    number = 0
    for line in _FOLD.sub("\x00", text).split("\n"):
        number += 1
        said = line.replace("\x00", "").strip()
        begins = said.upper() == "BEGIN:VCARD"
        if card is not None and (begins or said.upper() == "END:VCARD"):
            yield card
            card = None
        if begins:
            card = Card(number)
        elif card is not None and said:
            _read(said, card)
        number += line.count("\x00")
    if card is not None:
        yield card


def _read(line: str, card: Card) -> None:
    name = re.split(r"[;:]", line, maxsplit=1)[0].rpartition(".")[2].upper()
    if name not in _WANTED or len(line) > LINE_MAX:
        return
    try:
        _, params, value = Contentline(_OLD_PARAMS.sub(_newer, line)).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        card.broken += 1
        return
    if str(params.get("ENCODING", "")).upper() == "QUOTED-PRINTABLE":
        data = quopri.decodestring(value.encode("utf-8", "replace"))
        value = data.decode("utf-8", "replace")
    _take(name, value, card)


def _newer(head: re.Match[str]) -> str:
    """`EMAIL;INTERNET;QUOTED-PRINTABLE`, as vCard 2.1 has it, in the form of later versions."""
    params = (
        one if "=" in one else f"{'ENCODING' if one.upper() == 'QUOTED-PRINTABLE' else 'TYPE'}={one}"
        for one in head[2][1:].split(";")
    )
    return ";".join((head[1], *params))


def _unescaped(text: str) -> str:
    """RFC 6350, 3.4."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


def _take(name: str, value: str, card: Card) -> None:
    parts = [_unescaped(part).strip() for part in _SPLIT.split(value)]
    match name:
        case "FN":
            card.names.insert(0, _unescaped(value))
        case "N":
            family, given = (*parts, "", "")[:2]
            card.names.append(f"{given} {family}".strip())
        case "NICKNAME":
            card.names += parts
        case _:
            card.addresses.append(value.strip())
