"""The directory: which person a written name means. An ambiguous name means nobody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from sio_server.people.entries import Entry, Person, groups_of, person_of
from sio_server.people.names import (
    WRITTEN_MAX,
    address_in,
    forms_of,
    name_in,
    name_without_address,
    straight,
    words_of,
)

PEOPLE_IN_ONE = 10
"""People that one text may name, as in `Ana, Bo and Cy`."""
_REMEMBERED = 20_000  # looked-up names: twice the largest directory
_INITIALS = range(2, 4)  # letters: `AS` and `ABS` may be initials, one letter is too little
_BETWEEN_PEOPLE = re.compile(r"\s*(?:[,;/&+]|\band\b)\s*")


class Directory:
    """All people; immutable."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._people = [person_of(group) for group in groups_of(list(entries))]
        self._by_address: dict[str, Person] = {}
        self._by_name: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        self._by_word: defaultdict[str, set[int]] = defaultdict(set)
        self._by_short: defaultdict[str, set[int]] = defaultdict(set)
        self._by_initials: defaultdict[str, set[int]] = defaultdict(set)
        self._words: list[set[str]] = []
        self._hay: list[str] = []
        self._found: dict[str, Person | None] = {}
        for number, person in enumerate(self._people):
            self._enter(number, person)

    def __len__(self) -> int:
        return len(self._people)

    def find(self, written: str) -> Person | None:
        """The person meant; None if it could be nobody or several people."""
        if not self._people:
            return None
        if written not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[written] = self._looked_up(written[:WRITTEN_MAX])
        return self._found[written]

    def called(self, written: str) -> str:
        """The proper names of the people in the text; the text without addresses if nobody is known."""
        if (person := self.find(written)) is not None:
            return person.name
        parts = _BETWEEN_PEOPLE.split(written, PEOPLE_IN_ONE)
        if len(parts) == 1 or len(parts) > PEOPLE_IN_ONE:
            return name_in(written)
        found = [self.find(part) for part in parts]
        if not any(found):
            return name_in(written)
        names = (part if one is None else one.name for part, one in zip(parts, found, strict=True))
        return ", ".join(dict.fromkeys(filter(None, names)))

    def one_of(self, people: Sequence[str]) -> Callable[[str], bool]:
        """A test whether a written name means one of these people, under any of their names."""
        forms = frozenset(form for one in people for form in forms_of(one))
        known = {id(person) for one in people if (person := self.find(one)) is not None}

        def is_one(written: str) -> bool:
            if not forms:
                return False
            person = self.find(written)
            return id(person) in known if person is not None else not forms.isdisjoint(forms_of(written))

        return is_one

    def others_than(self, people: Sequence[str]) -> Callable[[Sequence[str]], Sequence[str]]:
        """The names of those who are not one of these people, each once."""
        is_one = self.one_of(people)

        def others(written: Sequence[str]) -> Sequence[str]:
            left = (one for one in written if not is_one(one))
            names = (one if (known := self.find(one)) is None else known.name for one in left)
            return [*dict.fromkeys(names)]

        return others

    def names_of(self, written: str) -> list[str]:
        """All names and addresses of the person meant, except those shared with others."""
        person = self.find(written)
        if person is None:
            return []
        own = [name for name in person.names if self.find(name) is person]
        return [*own, *person.addresses]

    def beginning(self, begun: str, most: int) -> list[Person]:
        """The first people with a name or address that begins like this. Cost: one look at each person."""
        looked_for = " " + " ".join(words_of(begun))
        found = (person for person, hay in zip(self._people, self._hay, strict=True) if looked_for in hay)
        return [person for person, _ in zip(found, range(most), strict=False)]

    def _enter(self, number: int, person: Person) -> None:
        forms = [words_of(name) for name in person.names]
        for words in forms:
            self._by_name[words].add(number)
            self._by_short[words[0]].add(number)
            if len(words) > 1:
                self._by_initials["".join(word[0] for word in words)].add(number)
                self._by_initials[words[0][0] + words[-1][0]].add(number)
        for address in person.addresses:
            self._by_address[address.casefold()] = person
            forms.append(words_of(address))
            self._by_short[" ".join(words_of(address.rpartition("@")[0]))].add(number)
        self._words.append({word for words in forms[: len(person.names)] for word in words})
        for word in self._words[number]:
            self._by_word[word].add(number)
        self._hay.append("".join(f" {word}" for words in forms for word in words))

    def _looked_up(self, written: str) -> Person | None:
        address = address_in(written)
        if address is not None and (person := self._by_address.get(address.casefold())) is not None:
            return person
        name = straight(written if address is None else name_without_address(written))
        words = words_of(name)
        if not words:
            return None
        if len(words) > 1 or name.startswith("@"):
            whole = self._by_name.get(words, set())
            if whole:
                return self._only(whole)
        return self._only(self._may_be(words, name))

    def _may_be(self, words: tuple[str, ...], name: str) -> set[int]:
        """The people whom a part of a name may mean."""
        if len(words) > 1:
            return self._by_short.get(" ".join(words), set()) or self._having(words)
        short = self._by_short.get(words[0], set()) | self._by_word.get(words[0], set())
        letters = name.replace(".", "")
        if not short and letters.isupper() and len(letters) in _INITIALS:
            return self._by_initials.get(letters.casefold(), set())
        return short

    def _having(self, words: tuple[str, ...]) -> set[int]:
        """Those with all of the words in their names; a single letter stands for a word with that initial."""
        whole = {word for word in words if len(word) > 1}
        if len({*words}) < len(words):
            return set()
        if not whole:
            return self._by_initials.get("".join(words), set())
        found = set.intersection(*(self._by_word.get(word, set()) for word in whole))
        letters = [word for word in words if len(word) == 1]
        return {number for number in found if self._has_initials(number, whole, letters)}

    def _has_initials(self, number: int, whole: set[str], letters: list[str]) -> bool:
        firsts = [word[0] for word in self._words[number] - whole]
        return all(letter in firsts for letter in letters)

    def _only(self, found: set[int]) -> Person | None:
        return self._people[next(iter(found))] if len(found) == 1 else None


NOBODY = Directory()
