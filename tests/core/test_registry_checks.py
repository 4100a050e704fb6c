"""What the registry promises is checked when it is made (registry/checks), each in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from handlers import FAMILIES, REGISTRY
from models.base import CodedItem, Item, Nothing, Target, Wire
from models.batch import GivenItem
from sio_server.registry.fields import DUE, Field, Kind
from sio_server.registry.items import ItemRules
from sio_server.registry.order import Done, SortKey
from sio_server.registry.registry import Asker, Context, Delta, Family, Registry, Request, Section, View
from sio_server.registry.roles import EDITORS


class Goal(CodedItem):
    """An item to declare sections of."""

    title: str


class GoalsState(Wire):
    """Its part of a snapshot."""

    goals: tuple[Goal, ...]


def section(name: str = "goals", **changed: Any) -> Section[Any]:
    declared: dict[str, Any] = {
        "item": Goal,
        "noun": "goal",
        "prefix": "G",
        "shape": GoalsState,
        "place": lambda items: {},
    }
    return Section(name, **(declared | changed))


def family(**changed: Any) -> Family:
    return Family("goals", section(**changed))


def described(view: View, payload: Any, ctx: Context) -> Delta:
    """Does nothing."""
    return Delta([])


def asked(asker: Asker, payload: Any) -> Any:
    """Says nothing."""


def undescribed(view: View, payload: Any, ctx: Context) -> Delta:
    return Delta([])


def requesting(**given: Any) -> Callable[[], list[Family]]:
    def make() -> list[Family]:
        made = Family("goals")
        made.requests.append(Request("goals:do", Nothing, EDITORS, None, False, "Does it.", **given))
        return [made]

    return make


def twice() -> list[Family]:
    made = Family("goals")
    for _ in range(2):
        made.rule("do", Target, roles=EDITORS)(described)
    return [made]


def without_roles() -> list[Family]:
    made = Family("goals")
    made.rule("do", Target, roles=frozenset())(described)
    return [made]


def without_docstring() -> list[Family]:
    made = Family("goals")
    made.rule("do", Target, roles=EDITORS)(undescribed)
    return [made]


WRONG: dict[str, tuple[Callable[[], list[Family]], str]] = {
    "two sections of one name": (lambda: [family(), family(prefix="H")], "two sections are named goals"),
    "two sections with one prefix": (
        lambda: [family(), family(name="aims")],
        "goals and aims both have the prefix G: choose another letter",
    ),
    "the prefix of another section": (
        lambda: [*(each.FAMILY for each in FAMILIES), family(prefix="P")],
        "priorities and goals both have the prefix P: choose another letter",
    ),
    "a prefix of two letters": (lambda: [family(prefix="GO")], "'GO': it must be one letter from A to Z"),
    "a prefix in lower case": (lambda: [family(prefix="g")], "'g': it must be one letter from A to Z"),
    "a prefix that is no letter": (lambda: [family(prefix="1")], "'1': it must be one letter from A to Z"),
    "the letter of search hits": (lambda: [family(prefix="S")], "S, which names search hits"),
    "codes without a prefix": (lambda: [family(prefix=None)], "the section needs a prefix"),
    "a prefix without codes": (lambda: [family(item=Item, headline="id")], "make them CodedItems"),
    "the room of all": (lambda: [family(name="state")], "a section cannot be named state"),
    "following no section": (
        lambda: [family(follows=frozenset({"aims"}))],
        "follows aims, which is not a section",
    ),
    "a headline that names no field": (
        lambda: [family(headline="aim")],
        "the field aim, which Goal does not have",
    ),
    "an order by no field": (lambda: [family(order=(SortKey("aim"),))], "the field aim"),
    "done by no field": (lambda: [family(done=Done("status", ("done",)))], "the field status"),
    "naming people by no field": (lambda: [family(names=("guests",))], "the field guests"),
    "beginning by no field": (lambda: [family(begins="start")], "the field start"),
    "a command for no field": (lambda: [family(fields=(DUE,))], "the field due_date"),
    "one word for two kinds of fields": (
        lambda: [
            family(fields=(Field("due", "code", Kind.TEXT, "Says so."),)),
            family(name="aims", prefix="H", fields=(Field("due", "code", Kind.WHEN, "Sets it."),)),
        ],
        "`due` sets a TEXT in goals and a WHEN in aims: choose another word",
    ),
    "a choice of anything": (
        lambda: [family(fields=(Field("size", "code", Kind.CHOICE, "Sets it."),))],
        "the field code of goals has no choices",
    ),
    "no noun": (lambda: [family(noun=" ")], "needs a noun"),
    "a request declared twice": (twice, "the request goals:do is declared twice"),
    "a rule and a query": (requesting(rule=described, query=asked), "goals:do needs either a rule"),
    "neither rule nor query": (requesting(), "goals:do needs either a rule"),
    "without roles": (without_roles, "goals:do has no roles"),
    "without a docstring": (without_docstring, "goals:do needs a docstring"),
}


@pytest.mark.parametrize(("declared", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_declaration_is_refused_in_one_sentence(
    declared: Callable[[], list[Family]], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        Registry(declared(), REGISTRY.source_hooks)
    assert "\n" not in str(refused.value)


def test_what_senders_state_must_be_for_its_section() -> None:
    class GivenAim(GivenItem):
        """Of another section."""

        section = "aims"
        noun = "aim"

    with pytest.raises(ValueError, match="GivenAim must name the section and noun of goals"):
        ItemRules(section(), GivenAim, lambda item, stated, ctx: item)


def test_the_sections_of_the_product_are_in_order() -> None:
    coded = ["calendar", "priorities", "commitments", "proposals"]
    assert [section.name for section in REGISTRY.coded()] == coded
    assert list(REGISTRY.sections)[:3] == ["system", "calendar", "conflicts"]
