"""A line that somebody else wrote for the person to approve.

It is not trusted: one step, a command that adds or changes one item, and none that collects, searches,
removes or undoes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sio_server.commands.grammar import Phrase, Verb, read
from sio_server.commands.steps import Line, Step, resolve
from sio_server.registry.registry import Context, View


def proposed(verbs: Sequence[Verb], text: str, seen: int | None, view: View, ctx: Context) -> Step:
    """The line's single step; its code means the item as it was at `seen`.

    Errors: bad_request, unknown_command, not_found, stale_target.
    """
    phrase = _phrase(verbs, text)
    return resolve(1, phrase, Line(text, seen, dry=False, op=None), view, ctx)


def _phrase(verbs: Sequence[Verb], text: str) -> Phrase:
    phrase, *others = read(text, verbs)
    if others:
        others[0].place.refuse("A proposal is a single command: propose the others separately.")
    if not phrase.verb.proposable:
        allowed = ", ".join(verb.words[0] for verb in verbs if verb.proposable)
        phrase.place.refuse(f"`{phrase.verb.words[0]}` cannot be proposed; these can: {allowed}.")
    if len({code for code, _ in phrase.codes}) > 1:
        phrase.codes[1][1].refuse("A proposal is about a single item: propose the others separately.")
    return phrase
