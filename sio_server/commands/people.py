"""Which person a typed name means, on the board and in the directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sio_server.people.directory import Directory
from sio_server.people.names import address_in, words_of
from sio_server.registry.fields import Kind
from sio_server.registry.registry import Registry, Section, View

NEAREST = 3  # names that a message suggests
NAMED = 5
"""The most people that a message names as possibly meant."""
ALIKE, LIKELY = 0.6, 0.4
"""How near a name is (difflib): a slip of the hand; the nearest, where there is nothing better."""
LOOKED_UP = 50  # people of the directory that are compared with a name


@dataclass(frozen=True)
class Meant:
    """The people who may be meant; if nobody is, people with a similar name."""

    people: tuple[str, ...]
    nearest: tuple[str, ...] = ()


def people_of(view: View, registry: Registry, directory: Directory) -> list[str]:
    """All people named by items of the board, each once, by proper name. Cost: one look at each item."""
    named = dict.fromkeys(said for section in registry.sections.values() for said in _named_in(section, view))
    return list(dict.fromkeys(name for said in named if (name := directory.called(said))))


def who(said: str, view: View, registry: Registry, directory: Directory) -> Meant:
    """The people whom a name, or a handle such as `@bo`, may mean."""
    known = people_of(view, registry, directory)
    known += [person.name for person in directory.beginning(said, LOOKED_UP)]
    found = meant(said, known)
    person = None if found.people else directory.find(said)
    return found if person is None else Meant((person.name,))


def meant(said: str, people: Iterable[str]) -> Meant:
    """Those whose name has all of the given words; of a person's names only the longest counts."""
    words = _words(said)
    known = {name: _words(name) for name in people}
    found = {name: own for name, own in known.items() if words and words <= own}
    whole = [name for name, own in found.items() if own == words and len(words) > 1]
    longest = [name for name, own in found.items() if not any(own < other for other in found.values())]
    if chosen := whole[:1] or _one_of_each(longest, found):
        return Meant(tuple(chosen[:NAMED]))
    by_word: dict[str, list[str]] = {}
    for name in _one_of_each(known, known):
        for word in known[name]:
            by_word.setdefault(word, []).append(name)

    def alike(most: int, at_least: float) -> list[str]:
        found = (word for each in words for word in get_close_matches(each, by_word, most, at_least))
        return [name for word in found for name in by_word[word]]

    near = alike(NEAREST, ALIKE) or (beginning(said, known, NEAREST) if words else []) or alike(1, LIKELY)
    return Meant((), tuple(dict.fromkeys(near))[:NEAREST])


def unclear(people: Iterable[str]) -> str:
    """What is said of a name that several people have."""
    return f"could be {', '.join(f'“{name}”' for name in people)}: write the full name"


def beginning(said: str, people: Iterable[str], most: int) -> list[str]:
    """People with a word in their name that begins like this."""
    begun = " ".join(words_of(said))
    return [name for name in people if any(word.startswith(begun) for word in words_of(name))][:most]


def _words(person: str) -> frozenset[str]:
    """The words of a person's name; of an address the part before the @."""
    address = address_in(person)
    return frozenset(
        words_of(person if address is None else person.replace(address, address.partition("@")[0]))
    )


def _one_of_each(names: Iterable[str], words: dict[str, frozenset[str]]) -> list[str]:
    """The names of different people: a name written in two ways counts once."""
    return list({words[name]: name for name in reversed(list(names))}.values())[::-1]


def _named_in(section: Section[Any], view: View) -> Iterator[str]:
    fields = [field.name for field in section.fields if field.kind is Kind.PERSON] + list(section.names)
    for item in view.items(section) if fields else ():
        for field in fields:
            said = getattr(item, field) or ()
            yield from (said,) if isinstance(said, str) else said
