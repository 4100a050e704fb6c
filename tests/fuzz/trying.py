"""The search: inputs that are answered in a new way are changed further; each kind of fault is told once."""

from __future__ import annotations

import random
import traceback
from dataclasses import dataclass, field
from time import thread_time
from typing import Any

from tests.fuzz.changing import as_text, changed, value_of
from tests.fuzz.readers import Reader, payload_schemas

SLOW_S = 1.0
"""Of CPU for 4,000 characters: what is linear takes milliseconds."""
KEPT = 2_000

Answer = tuple[object, ...]


@dataclass
class Fault:
    """An input that was neither read nor clearly refused, or took too long."""

    reader: str
    what: str
    text: str


@dataclass
class Trial:
    """What a reader was given, and what came of it."""

    reader: Reader
    inputs: int = 0
    refused: int = 0
    cpu_s: float = 0.0
    answers: set[Answer] = field(default_factory=set)
    faults: dict[Answer, Fault] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """One line of the report."""
        rate = self.inputs / max(self.cpu_s, 1e-9)
        return (
            f"{self.reader.name:15}  {self.inputs:10,}  {self.refused:10,}  {rate:9,.0f}"
            f"  {len(self.answers):8,}  {len(self.faults):6,}"
        )


HEADER = f"{'reader':15}  {'inputs':>10}  {'refused':>10}  {'per CPU s':>9}  {'answers':>8}  {'faults':>6}"


def search(reader: Reader, seed: int, inputs: int, cpu_s: float) -> Trial:
    """So many inputs, or for so much CPU, whichever ends first; the same seed gives the same inputs."""
    chance, trial = random.Random(f"{reader.name} {seed}"), Trial(reader)
    corpus, words = list(reader.examples), reader.words
    schemas = payload_schemas() if reader.name == "models" else {}
    events = sorted(schemas)
    began_s = thread_time()
    while trial.inputs < inputs and (trial.inputs % 64 or thread_time() - began_s < cpu_s):
        if events and chance.random() < 0.7:
            event = chance.choice(events)
            payload = value_of(schemas[event], schemas[event], chance)
            text = f"2{as_text([event, payload])}"
        else:
            text = changed(chance.choice(corpus), corpus, words, chance)
        answer, fault = _try(reader, text)
        trial.inputs += 1
        trial.refused += answer[0] == "refused"
        if fault is not None:
            trial.faults.setdefault(answer, fault)
        elif answer not in trial.answers and len(corpus) < KEPT:
            corpus.append(text)
        trial.answers.add(answer)
    trial.cpu_s = thread_time() - began_s
    for answer, fault in trial.faults.items():
        fault.text = _shortened(reader, fault.text, answer)
    return trial


def _try(reader: Reader, text: str) -> tuple[Answer, Fault | None]:
    """How the input was answered, so far as that tells one path through the reader from another."""
    began_s = thread_time()
    try:
        result = reader.read(text)
        answer: Answer = ("read", _shape(result))
    except reader.refusals as refusal:
        answer = ("refused", _place(refusal))
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        what = "".join(traceback.format_exception(error)[-3:])
        return ("fault", _place(error)), Fault(reader.name, what, text)
    took_s = thread_time() - began_s
    if took_s > SLOW_S:
        return ("slow",), Fault(reader.name, f"took {took_s:.1f} s of CPU", text)
    return answer, None


def _place(error: BaseException) -> Answer:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ()
    return (type(error).__name__, *where)


def _shape(result: object, depth: int = 2) -> object:
    if isinstance(result, list | tuple) and depth:
        return len(result), tuple(_shape(one, depth - 1) for one in result[:4])
    if isinstance(result, str):
        return len(result).bit_length()
    kind: Any = type(result)
    names = getattr(kind, "model_fields", None) or getattr(kind, "__dataclass_fields__", ())
    if names:
        return kind.__name__, tuple(bool(getattr(result, name)) for name in names)
    return result if isinstance(result, bool | int) and -9 < result < 99 else kind.__name__


def _shortened(reader: Reader, text: str, answer: Answer) -> str:
    """A shorter input with the same fault."""
    size = len(text) // 2
    for _ in range(300):
        if not size:
            break
        for at in range(0, len(text), size):
            shorter = text[:at] + text[at + size :]
            if _try(reader, shorter)[0] == answer:
                text = shorter
                break
        else:
            size //= 2
    return text
