"""What an edit may set is what a put may state, with the same bounds (decision 60)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from models.batch import GivenItem
from models.calendar import EventFields, GivenEvent
from models.commitments import CommitmentFields, GivenCommitment
from models.priorities import GivenPriority, PriorityFields

NOT_SET_BY_PEOPLE = {"evidence"}
PAIRS: list[tuple[type[GivenItem], type[BaseModel]]] = [
    (GivenEvent, EventFields),
    (GivenPriority, PriorityFields),
    (GivenCommitment, CommitmentFields),
]
WRONG: dict[str, Any] = {
    "too long": "x" * 1_000_000,
    "a control character": "a\x00b",
    "empty": "",
    "blank": " ",
    "below": -1,
    "above": 10**9,
    "a truth": True,
    "a list": [""],
    "no date": "2026-02-30",
}
PAIRED = pytest.mark.parametrize(("given", "edit"), PAIRS, ids=lambda model: model.__name__)


@PAIRED
def test_an_edit_has_the_fields_that_people_can_set(given: type[GivenItem], edit: type[BaseModel]) -> None:
    assert set(edit.model_fields) == set(given.model_fields) - set(GivenItem.model_fields) - NOT_SET_BY_PEOPLE


@PAIRED
def test_every_field_may_be_left_out_and_then_sets_nothing(
    given: type[GivenItem], edit: type[BaseModel]
) -> None:
    assert edit.model_validate({}).model_fields_set == set()


def fault(model: type[BaseModel], name: str, value: Any) -> str | None:
    """What the model says of this value for that field."""
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return next((each["msg"] for each in error.errors() if each["loc"][0] == name), None)
    return None


@PAIRED
@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG.keys())
def test_an_edit_refuses_what_a_put_refuses(
    given: type[GivenItem], edit: type[BaseModel], value: Any
) -> None:
    assert {name: fault(edit, name, value) for name in edit.model_fields} == {
        name: fault(given, name, value) for name in edit.model_fields
    }
