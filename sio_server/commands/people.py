"""Who is meant by a name that somebody types, among those whom the board and the directory name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sio_server.people.directory import Directory
from sio_server.people.names import address_in, words_of
from sio_server.registry.fields import Kind
from sio_server.registry.registry import Registry, Section, View

NEAREST = 3
NAMED = 5
"""At most so many are named of those who may be meant."""
LOOKED_UP = 50


@dataclass(frozen=True)
class Meant:
    """Who may be meant; when nobody is, who has a name like it."""

    people: tuple[str, ...]
    nearest: tuple[str, ...] = ()


def people_of(view: View, registry: Registry, directory: Directory) -> list[str]:
    """All whom an item of the board names, each once, as they are called. Cost: one look at each item."""
    named = dict.fromkeys(said for section in registry.sections.values() for said in _named_in(section, view))
    return list(dict.fromkeys(name for said in named if (name := directory.called(said))))


def who(said: str, view: View, registry: Registry, directory: Directory) -> Meant:
    """Who is meant by one name, or a handle such as `@bo`."""
    known = people_of(view, registry, directory)
    known += [person.name for person in directory.beginning(said, LOOKED_UP)]
    found = meant(said, known)
    person = None if found.people else directory.find(said)
    return found if person is None else Meant((person.name,))


def meant(said: str, people: Iterable[str]) -> Meant:
    """Those who go by all the words of what is said; of a person's names only the longest counts."""
    words = _words(said)
    known = {name: _words(name) for name in people}
    found = {name: own for name, own in known.items() if words and words <= own}
    whole = [name for name, own in found.items() if own == words and len(words) > 1]
    longest = [name for name, own in found.items() if not any(own < other for other in found.values())]
    if chosen := whole[:1] or _one_of_each(longest, found):
        return Meant(tuple(chosen[:NAMED]))
    by_word = {word: name for name, own in known.items() for word in own}
    near = (by_word[word] for each in words for word in get_close_matches(each, by_word, NEAREST, 0.6))
    return Meant((), tuple(dict.fromkeys(near))[:NEAREST])


def beginning(said: str, people: Iterable[str], most: int) -> list[str]:
    """Those who have a name with a word that begins so."""
    begun = " ".join(words_of(said))
    return [name for name in people if any(word.startswith(begun) for word in words_of(name))][:most]


def _words(person: str) -> frozenset[str]:
    """The words that a person goes by; of an address what stands before the @."""
    address = address_in(person)
    return frozenset(
        words_of(person if address is None else person.replace(address, address.partition("@")[0]))
    )


def _one_of_each(names: Iterable[str], words: dict[str, frozenset[str]]) -> list[str]:
    """The names of different people: one that is written in two ways counts once."""
    return list({words[name]: name for name in reversed(list(names))}.values())[::-1]


def _named_in(section: Section[Any], view: View) -> Iterator[str]:
    fields = [field.name for field in section.fields if field.kind is Kind.PERSON] + list(section.names)
    for item in view.items(section) if fields else ():
        for field in fields:
            said = getattr(item, field) or ()
            yield from (said,) if isinstance(said, str) else said
