"""Address books as tables (CSV), as mail programs export them: columns are known by their names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from collectors.people.vcard import Card

_NAME = r"(?:full |display )?name|person|contact|anzeigename|nom complet|nombre completo"
_COLUMNS = {
    "full": re.compile(rf"(?:{_NAME})", re.IGNORECASE),
    "given": re.compile(r"(?:first|given)[ _-]?name|vorname|prénom|nombre", re.IGNORECASE),
    "family": re.compile(r"(?:last|family|sur)[ _-]?name|surname|nachname|nom|apellidos?", re.IGNORECASE),
    "short": re.compile(r"nick[ _-]?name|handle|alias|initials|user ?name|login|spitzname", re.IGNORECASE),
    "address": re.compile(
        r"(?:primary |secondary |work |home |other )?e-?mails?(?:[ _-]?address(?:es)?)?(?: ?\d)?(?: - value)?"
        r"|address|adresse",
        re.IGNORECASE,
    ),
}
_BETWEEN = re.compile(r"\s*(?:;|,| ::: |\n)\s*")


def has_people(header: str) -> bool:
    """Whether a table with this first line is of people."""
    return bool(_columns(next(csv.reader([header], dialect=_dialect(header)), [])).keys() - {"short"})


def rows(text: str) -> Iterator[Card]:
    """A card for each row with a name or an address. Errors: csv.Error, for a cell that does not end."""
    header = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(keepends=True), dialect=_dialect(header), strict=False)
    columns = _columns(next(reader, []))
    for row in reader:
        cells = {name: [row[at] for at in places if at < len(row)] for name, places in columns.items()}
        joined = " ".join([*cells.get("given", []), *cells.get("family", [])]).strip()
        names = [*cells.get("full", []), joined]
        names += [name for cell in cells.get("short", []) for name in _BETWEEN.split(cell)]
        addresses = [one for cell in cells.get("address", []) for one in _BETWEEN.split(cell)]
        if any(names) or any(addresses):
            yield Card(reader.line_num, names, addresses)


def _columns(header: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, cell in enumerate(header):
        word = cell.strip().lstrip("\ufeff")
        name = next((name for name, form in _COLUMNS.items() if form.fullmatch(word)), None)
        if name is not None:
            found.setdefault(name, []).append(at)
    return found


def _dialect(header: str) -> type[csv.Dialect]:
    class Plain(csv.excel):
        delimiter = max(",;\t", key=header.count)

    return Plain
