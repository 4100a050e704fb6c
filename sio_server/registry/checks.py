"""Checks the declarations when the registry is built: a wrong one stops the server at start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from sio_server.registry.fields import Kind, choices
from sio_server.registry.ops import EVERYTHING

# The registry imports this module, so its types are not named here.
Family: TypeAlias = Any
Request: TypeAlias = Any
Section: TypeAlias = Any

HIT_PREFIX = "S"
"""Search hits are named S1, S2, ...: no section may use the letter."""


def check(families: Iterable[Family]) -> None:
    """Errors: ValueError."""
    families = list(families)
    sections = [family.section for family in families if family.section is not None]
    names: set[str] = set()
    prefixes: dict[str, str] = {}
    for section in sections:
        if section.name == EVERYTHING:
            raise ValueError(f"a section cannot be named {EVERYTHING}: that is the room of all sections")
        if section.name in names:
            raise ValueError(f"two sections are named {section.name}")
        names.add(section.name)
        _check_prefix(section, prefixes)
        _check_fields(section)
    _check_words(sections)
    for section in sections:
        for followed in sorted((section.follows or frozenset()) - names):
            raise ValueError(f"the section {section.name} follows {followed}, which is not a section")
    _check_requests(families)


def _check_prefix(section: Section, prefixes: dict[str, str]) -> None:
    prefix, name = section.prefix, section.name
    if prefix is None:
        if "code" in section.item.model_fields:
            raise ValueError(f"the items of {name} have codes, so the section needs a prefix")
        return
    if len(prefix) != 1 or not "A" <= prefix <= "Z":
        raise ValueError(f"the prefix of {name} is {prefix!r}: it must be one letter from A to Z")
    if prefix == HIT_PREFIX:
        raise ValueError(f"the prefix of {name} is {prefix}, which names search hits: choose another letter")
    if prefix in prefixes:
        raise ValueError(
            f"{prefixes[prefix]} and {name} both have the prefix {prefix}: choose another letter"
        )
    if "code" not in section.item.model_fields:
        raise ValueError(f"{name} has a prefix, but its items have no code: make them CodedItems")
    prefixes[prefix] = name


def _check_fields(section: Section) -> None:
    """The fields that a section names must be its item's."""
    named = [section.headline, *(key.field for key in section.order)]
    named += [section.done.field] if section.done else []
    named += [field for field in (section.who, section.due, section.begins) if field]
    named += [*section.names, *(field.name for field in section.fields)]
    for field in named:
        if field not in section.item.model_fields:
            model = section.item.__name__
            raise ValueError(
                f"the section {section.name} names the field {field}, which {model} does not have"
            )
    if not section.noun.strip():
        raise ValueError(f"the section {section.name} needs a noun: what people call one item")


def _check_words(sections: list[Section]) -> None:
    """One word sets one kind of field, wherever it is a command."""
    kinds: dict[str, tuple[str, Kind]] = {}
    for section in sections:
        for field in section.fields:
            first, kind = kinds.setdefault(field.word, (section.name, field.kind))
            if kind is not field.kind:
                raise ValueError(
                    f"`{field.word}` sets a {kind.name} in {first} and a {field.kind.name} in"
                    f" {section.name}: choose another word"
                )
            if kind is Kind.CHOICE and not choices(section.item, field):
                raise ValueError(
                    f"the field {field.name} of {section.name} has no choices: make it a StrEnum"
                )


def _check_requests(families: list[Family]) -> None:
    events: set[str] = set()
    for family in families:
        for request in family.requests:
            if request.event in events:
                raise ValueError(f"the request {request.event} is declared twice")
            events.add(request.event)
            _check_request(request)


def _check_request(request: Request) -> None:
    event = request.event
    if (request.rule is None) is (request.query is None):
        raise ValueError(
            f"the request {event} needs either a rule (it changes) or a query (it reads), not both"
        )
    if not request.roles:
        raise ValueError(f"the request {event} has no roles: nobody could send it")
    if not request.help.strip():
        raise ValueError(f"the request {event} needs a docstring: it is its description in the protocol")
