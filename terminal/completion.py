"""Completes the line at the prompt from what the server suggests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from itertools import takewhile

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from adjutant_client import Client, Refused, Stage, Unreachable
from terminal.plain_text import clip, plain, visible

_PATIENCE_S = 2.0  # a suggestion that comes later is of no use
_HELP_COLUMNS = 60  # beside the suggestion, in a window of 80 columns


class Suggestions(Completer):
    """Asks the server again at every key; suggests nothing while it is unreachable."""

    def __init__(self, server: Client) -> None:
        self._server = server

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        return ()  # the library asks below

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        typed = document.text_before_cursor
        if not typed.strip() and not complete_event.completion_requested:
            return  # an empty line gets its menu only by Tab: up and down keys are for the history
        for suggestion in await self._suggested(typed):
            if isinstance(suggestion, dict) and (text := visible(suggestion.get("text") or "")) != typed:
                yield _completion(typed, text, plain(suggestion.get("help")))

    async def _suggested(self, typed: str) -> list[object]:
        if self._server.link.stage is not Stage.CONNECTED:
            return []
        try:
            ack = await self._server.ack("command:suggest", {"text": typed}, within_s=_PATIENCE_S)
        except (Refused, Unreachable):
            return []
        match ack:
            case {"ok": True, "data": {"suggestions": list(suggestions)}}:
                return suggestions
            case _:
                return []


def _completion(typed: str, text: str, help_text: str) -> Completion:
    """Completes the whole line, but shows only from the first word that differs."""
    pairs = zip(typed.lower(), text.lower(), strict=False)
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    word = text[text.rfind(" ", 0, same) + 1 :]
    return Completion(
        text, start_position=-len(typed), display=word, display_meta=clip(help_text, _HELP_COLUMNS)
    )
