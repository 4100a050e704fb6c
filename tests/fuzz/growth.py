"""The time for each doubling: what is linear doubles, what is quadratic takes four times as long."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise
from time import thread_time

from tests.fuzz.readers import Reader
from tests.fuzz.trying import Fault

MAX_CHARACTERS = 1 << 17
LONG_ENOUGH_S = 0.02
"""Shorter times say nothing."""
TOO_LONG_S = 0.3
TIMES = 3.0
"""For a doubling; what is linear may miss a cache, and then takes more than twice as long."""
PAIRS = ("()", "[]", "{}", "<>", '""', "``", "**", "<div></div>", "<b></b>", "--")


def growth(reader: Reader, seed: int, shapes: int) -> list[Fault]:
    """Tries so many shapes of text, each doubled until it is long or slow."""
    chance = random.Random(f"growth of {reader.name} {seed}")
    return [fault for _ in range(shapes) if (fault := _doubled(reader, *_shape(reader, chance)))]


def _shape(reader: Reader, chance: random.Random) -> tuple[str, str, str, str]:
    """Head, what is repeated, what is repeated after it, and tail."""
    text = chance.choice(reader.examples)
    at = chance.randrange(len(text) + 1)
    head, tail = text[:at], chance.choice((text[at:], ""))
    match chance.randrange(3):
        case 0:
            pair = chance.choice(PAIRS)
            return head, pair[: len(pair) // 2], pair[len(pair) // 2 :], tail
        case 1:
            return head, chance.choice(reader.words), "", tail
        case _:
            return head, chance.choice(reader.words) + chance.choice(reader.words), "", tail


def _doubled(reader: Reader, head: str, unit: str, end: str, tail: str) -> Fault | None:
    if not unit:
        return None
    times: list[float] = []
    number = 256
    while number * len(unit + end) <= MAX_CHARACTERS and (not times or times[-1] < TOO_LONG_S):
        text = head + unit * number + end * number + tail
        took_s = _cpu_s(reader, text)
        if times and took_s > max(LONG_ENOUGH_S, TIMES * times[-1]):
            took_s = min(took_s, _cpu_s(reader, text))  # something else may have held it up
        times.append(took_s)
        number *= 2
    steep = [after > LONG_ENOUGH_S and after > TIMES * before for before, after in pairwise(times)]
    if not any(one and two for one, two in pairwise(steep)):
        return None
    said = ", ".join(f"{one * 1000:.0f}" for one in times)
    what = f"for each doubling of {unit!r}{f' with {end!r}' if end else ''}: {said} ms"
    return Fault(reader.name, what, f"{head}...{tail}")


def _cpu_s(reader: Reader, text: str) -> float:
    began_s = thread_time()
    with suppress(Exception):  # whether it is clearly refused is not asked here
        reader.read(text)
    return thread_time() - began_s
