"""Words of others in quotation marks (models/quoting)."""

from __future__ import annotations

import pytest

from models.quoting import quoted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Budget", "“Budget”"),
        ("“We agreed to it.”", "“We agreed to it.”"),
        ('"We agreed to it."', "“We agreed to it.”"),
        ("“Budget” review", "“\u2018Budget\u2019 review”"),
        ('Ana said "yes" to it', "“Ana said \u2018yes\u2019 to it”"),
        ("„Ja“, sagt Bo", "“\u2018Ja\u2019, sagt Bo”"),
        ("“one” and “two”", "“\u2018one\u2019 and \u2018two\u2019”"),
        ("“We agreed to it.", "“We agreed to it.”"),
        ("We agreed to it.”", "“We agreed to it.”"),
        ('A screen of 27"', '“A screen of 27"”'),
        ("", "“”"),
    ],
)
def test_quotation_marks_are_not_doubled(text: str, said: str) -> None:
    assert quoted(text) == said
