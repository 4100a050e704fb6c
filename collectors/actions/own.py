"""The sender's own words in a message, without quotations, forwarded text and signature."""

from __future__ import annotations

import re

from collectors.actions.sentences import apart

_QUOTED = re.compile(r"\s{0,3}(?:[A-Za-z]{1,4})?>")
_WROTE_MAX = 300  # characters of "On Monday, Bo wrote:"
_WROTE = re.compile(
    r"\s*(?:On|Am|Le|El|Il|Em|Op|At)\b.*"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef)\b.*:\s*",
    re.IGNORECASE,
)
_WROTE_BEGINS = re.compile(r"\s*(?:On|Am|Le|El|Il|Em|Op)\b.*")
_OTHER = re.compile(
    r"\s*(?:[-_*=]{2,}\s*(?:original message|forwarded (?:message|by)|urspr\S+ nachricht|weitergeleitete"
    r"|message (?:original|transféré)|mensaje (?:original|reenviado)|begin forwarded)\b.*"
    r"|begin forwarded message:?\s*|_{10,}\s*)",
    re.IGNORECASE,
)
_HEAD = re.compile(r"\s*\*?(?:from|von|de|da)\*?:\*?\s+\S.*", re.IGNORECASE)
_HEAD_GOES_ON = re.compile(
    r"\s*\*?(?:sent|date|to|subject|cc|gesendet|datum|an|betreff|envoyé|objet|à|enviado|para|asunto)\*?:",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s?|__+\s*|Sent from my \S.{0,60}", re.IGNORECASE)
_CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many) )?(?:regards|wishes|thanks|cheers|sincerely|greetings)[,.!]?\s*"
    r"|(?:mit )?(?:freundlichen|viele|liebe|beste)n? gr(?:ü|ue)(?:ß|ss)en?[,.!]?\s*|cordialement[,.!]?\s*"
    r"|saludos[,.!]?\s*|thx[,.!]?\s*|yours(?: \w+)?[,.!]?\s*",
    re.IGNORECASE,
)
_STRUCTURED = re.compile(
    r"(?:[ \t]{4}|\s*(?:[-*+•◦▪#|>\[`]|\d{1,3}[.)]\s|[A-Z]{2,}\b|[\w' -]{1,40}:(?:\s|$)))"
)
_WRAPPED_FROM = 55  # characters: a shorter line was not wrapped by a program
_PARAGRAPH_MAX = 100_000  # characters, as of a record's text
_CLOSING_LINES = 8  # at the end of a mail, in which "Regards" may stand
_SIGNED_MAX = 60  # characters of a line of a signature


def own_words(text: str) -> str:
    """The text with an empty line in the place of each that is somebody else's, so that lines keep their
    numbers."""
    rows = text.split("\n")
    end = next((at for at, row in enumerate(rows) if _ends(rows, at, row)), len(rows))
    end = next((at for at in range(max(0, end - _CLOSING_LINES), end) if _closes(rows, at, end)), end)
    kept = ["" if _QUOTED.match(row) or _introduces(rows, at) else row for at, row in enumerate(rows[:end])]
    return "\n".join(kept + [""] * (len(rows) - end))


def _ends(rows: list[str], at: int, row: str) -> bool:
    """Whether the sender's own words end here."""
    if _SIGNATURE.fullmatch(row.strip() if row[:2] != "--" else row.rstrip("\r")) and row.strip():
        return True
    if _OTHER.fullmatch(row):
        return True
    return bool(_HEAD.fullmatch(row[:_WROTE_MAX]) and any(map(_HEAD_GOES_ON.match, rows[at + 1 : at + 3])))


def _closes(rows: list[str], at: int, end: int) -> bool:
    """`Best regards,` with nothing but a name and the like below."""
    if not _CLOSING.fullmatch(rows[at].strip()[:_WROTE_MAX]):
        return False
    below = [row.strip() for row in rows[at + 1 : end] if row.strip()]
    return all(len(row) <= _SIGNED_MAX and row[-1] not in ".?!:;" for row in below)


def _introduces(rows: list[str], at: int) -> bool:
    """`On Monday, Bo wrote:`, on one line or on two."""
    row = rows[at][:_WROTE_MAX]
    if _WROTE.fullmatch(row):
        return True
    below = rows[at + 1][:_WROTE_MAX] if at + 1 < len(rows) else ""
    above = rows[at - 1][:_WROTE_MAX] if at else ""
    return bool(
        (_WROTE_BEGINS.fullmatch(row) and _WROTE.fullmatch(f"{row} {below}"))
        or (_WROTE_BEGINS.fullmatch(above) and _WROTE.fullmatch(f"{above} {row}"))
    )


def sentences_apart(text: str) -> str:
    """The text with each sentence of prose on a line of its own, and wrapped lines put together; lists,
    tables and code stay as they are."""
    rows: list[list[str]] = []
    fenced, wrapped = False, False
    for row in text.split("\n"):
        fenced ^= row.lstrip().startswith("```")
        plain = bool(row.strip()) and not fenced and is_prose(row)
        if plain and wrapped:
            rows[-1].append(row.strip())
        else:
            rows.append([row])
        wrapped = plain and len(row) >= _WRAPPED_FROM and not row.rstrip().endswith((".", "!", "?", ":"))
        if plain and not wrapped:
            rows[-1] = ["\n\n".join(apart(" ".join(rows[-1])[:_PARAGRAPH_MAX]))]
    return "\n".join(" ".join(row) for row in rows)


def is_prose(row: str) -> bool:
    """Whether a line is no item of a list, no row of a table, no heading, no code."""
    return _STRUCTURED.match(row) is None
