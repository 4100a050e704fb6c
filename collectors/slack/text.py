"""All that a Slack message says: its text and its blocks, what is attached, its files; nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.slack.blocks import block_text, text_of
from collectors.slack.marks import Names, readable
from collectors.texts import together

# What Slack shows where a program cannot show blocks.
_STAND_INS = {
    *("this content can't be displayed", "this content cannot be displayed", "content can't be displayed"),
    *("this message can't be displayed", "this message contains interactive elements"),
    *("[no preview available]", "no preview available", "[no fallback provided]", "[fallback]", "(no text)"),
}
_ATTACHED = ("pretext", "author_name", "title", "text")


def own_text(message: dict[str, object], names: Names) -> str:
    """What its sender wrote: its text or, where they say more, its blocks."""
    return together(_own(message, "text", names), block_text(message.get("blocks"), names))


def words(message: dict[str, object], names: Names) -> str:
    """All that the message says: what its sender wrote, then what is attached."""
    own = together(own_text(message, names), _of_comment(message.get("comment"), names))
    attached = (*_of_attachments(message.get("attachments"), names), *_of_files(message, names))
    said, parts = set[str](), []
    for part in (own, *attached):
        lines = {line.strip() for line in part.split("\n")} - {""}
        if not lines <= said:
            parts.append(part)
        said |= lines
    return "\n".join(parts)


def objects(value: object) -> list[dict[str, object]]:
    """The objects in a list of JSON, and none in what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _own(holder: dict[str, object], field: str, names: Names) -> str:
    text = readable(text_of(holder, field), names)
    return "" if is_stand_in(text) else text


def is_stand_in(text: str) -> bool:
    """Whether it only says that there is something else to see."""
    return text.strip().rstrip(".").casefold().replace("\u2019", "'") in _STAND_INS


def _of_attachments(value: object, names: Names) -> Iterator[str]:
    for attachment in objects(value):
        fields = (
            f"{text_of(one, 'title')}: {text_of(one, 'value')}" for one in objects(attachment.get("fields"))
        )
        shown = (_own(attachment, name, names) for name in _ATTACHED)
        plain = _lines((*shown, *(readable(one, names) for one in fields)))
        rich = _lines((block_text(attachment.get("blocks"), names), *_of_messages(attachment, names)))
        yield together(plain, rich) or _own(attachment, "fallback", names)
        yield _own(attachment, "footer", names)
        yield from _of_files(attachment, names)


def _of_messages(attachment: dict[str, object], names: Names) -> Iterator[str]:
    """The blocks of a message that is shared in this one."""
    for one in objects(attachment.get("message_blocks")):
        message = one.get("message")
        if isinstance(message, dict):
            yield block_text(message.get("blocks"), names)


def _of_files(holder: dict[str, object], names: Names) -> Iterator[str]:
    for file in (*objects(holder.get("files")), *objects([holder.get("file")])):
        yield text_of(file, "title") or text_of(file, "name")
        yield readable(text_of(file, "plain_text") or text_of(file, "preview"), names)
        yield _of_comment(file.get("initial_comment"), names)


def _of_comment(value: object, names: Names) -> str:
    return readable(text_of(value, "comment"), names) if isinstance(value, dict) else ""


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part.strip())
