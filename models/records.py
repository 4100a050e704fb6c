"""Records: messages, mails, minutes and the like, kept for search and as evidence."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SkipValidation

from models.base import DayOrInstant, Lax, Line, Url, Wire, Writes, free_json, several_lines, some_words
from models.batch import Given, Rejected

MAX_RECORDS = 1_000  # of one put: with 2 KB each they fill the largest message
MAX_TEXT = 100_000  # characters; longer texts come as several records

Text = Annotated[
    str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(several_lines), AfterValidator(some_words)
]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Meta = Annotated[dict[str, Any], AfterValidator(free_json)]


class GivenRecord(Given):
    """One message, mail, note, commit or other text, as its collector read it.

    `at` is when it was written or said; `kind` is one word; `meta` holds the original's own fields.
    """

    text: Text
    at: DayOrInstant
    kind: Kind | None = None
    title: Line | None = None
    url: Url | None = None
    meta: Meta | None = None


class PutRecords(Writes):
    """A batch of records. Each is validated by itself: a bad one is rejected by name, the others are stored.

    Identified by its source and its `id`: the same record again changes nothing, another text replaces it.
    What the source has no more is stated as `{"id": "m1", "gone": true}`, and is removed.
    """

    records: Annotated[list[SkipValidation[GivenRecord]], Field(max_length=MAX_RECORDS)]


class PutRecordsDone(Wire):
    """Counts of records; `indexed` are the new and the changed ones, `held` all that the source has now,
    `removed` those that it has no more, if there are any."""

    indexed: int
    unchanged: int
    held: int
    rejected: Annotated[tuple[Rejected, ...], Lax]
    removed: int | None = None
