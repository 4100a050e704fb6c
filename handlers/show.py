"""`show S1`: the record behind a hit, behind a statement of a brief, or behind an item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from models.evidence import Evidence
from sio_server.commands.grammar import CODE, Argument, Phrase, Takes, Verb
from sio_server.commands.steps import Step
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Context, Delta, View
from sio_server.registry.roles import READERS

HIT = re.compile(r"S[1-9][0-9]{0,5}", re.ASCII | re.IGNORECASE)
OF_RECORDS = "records/"
"""Evidence that is a record begins so: `records/<source>/<id>`."""
WORDS_MAX, FILES_TRIED = 20, 10
"""Words of a quote that are searched for, and hits of which it is asked whether they are of the file."""
_WORD = re.compile(r"[^\W_]+")


async def with_names(asker: Asker, found: Json) -> Json:
    """What was read for a brief, and under `named` short names of the quoted records, by their evidence."""
    quotes = found["quotes"]
    said = [*quotes["about"], *(one for theirs in quotes["by"].values() for one in theirs)]
    once = {quote["id"]: quote for quote in reversed(said)}
    hits = [
        {field: quote[field] for field in ("id", "at", "title", "author")}
        | {"source": id.rpartition("/")[0], "snippet": quote["text"], "marks": [[0, len(quote["text"])]]}
        for id, quote in once.items()
    ]
    named = await asker.records.named(asker.principal.person, hits) if hits else []
    return found | {
        "named": {
            f"{OF_RECORDS}{one['id']}": {
                field: one[field] for field in ("name", "id", "at", "title", "author")
            }
            for one in named
        }
    }


def rests_on(sections: Sequence[Json], found: Json) -> dict[str, Json]:
    """The named records that a brief's statements rest on, each once, in the brief's order."""
    names: dict[str, Json] = (found or {}).get("named", {})
    refs = [ref for section in sections for item in section["items"] for ref in item["evidence"]]
    told = [names[ref] for ref in dict.fromkeys(refs) if ref in names]
    return {"rests_on": told} if told else {}


async def _read(asker: Asker, phrase: Phrase, seen: int | None) -> Json:
    said = (phrase.text or "").strip()
    if HIT.fullmatch(said):
        hit = asker.records.hit(asker.principal.person, said.upper())
        if hit is None:
            raise bad_request(f"{said} is not one of your hits: search again.")
        return await asker.records.record(id=hit["id"], around=hit["snippet"])
    if CODE.fullmatch(said):
        return await _behind_item(asker, said.upper(), seen)
    return await asker.records.record(id=said.removeprefix(OF_RECORDS))


async def _behind_item(asker: Asker, code: str, seen: int | None) -> Json:
    section = next((one for one in asker.registry.coded() if one.prefix == code[0]), None)
    if section is None:
        raise bad_request(f"{code} is neither a hit nor an item.")
    item = asker.view().by_code(section, code, seen)
    evidence = getattr(item, "evidence", None)
    if evidence is None:
        came = "was typed here" if item.source is None else f"comes from {item.source}"
        raise bad_request(f"{code} {came}; no record is behind it.")
    if not evidence.file.startswith(OF_RECORDS):
        found = await _of_file(asker, item.source, evidence)
        if found is None:
            line = f", line {evidence.line}" if evidence.line else ""
            raise bad_request(f"{code} stands in {evidence.file}{line}; its source keeps no record of that.")
        return found
    return await asker.records.record(id=evidence.file.removeprefix(OF_RECORDS), around=evidence.quote)


async def _of_file(asker: Asker, source: str | None, evidence: Evidence) -> Json | None:
    """The source's record of the file with the quoted words, if there is one."""
    words = " ".join(_WORD.findall(evidence.quote.lower())[:WORDS_MAX])
    if source is None or not words:
        return None
    found = await asker.records.search(asker, query=words, source=source, limit=FILES_TRIED)
    for hit in found["hits"]:
        with suppress(Refusal):
            return await asker.records.record(id=hit["id"], around=evidence.quote, file=evidence.file)
    return None


def _show(view: View, step: Step, ctx: Context) -> Delta:
    found = (ctx.prefetched or {}).get(step.number)
    if isinstance(found, Refusal):
        raise found
    return Delta([], {"record": found}, once=False)


SHOW = Verb(
    ("show",),
    (Argument(Takes.TEXT, written="S1|CODE|RECORD"),),
    READERS,
    "Shows the record behind a hit, a line of a brief or an item.",
    _show,
    prefetch=_read,
)
