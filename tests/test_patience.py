"""No test depends on the machine's speed: what can be told from the source of those that would."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(file for file in TESTS.rglob("*.py") if "node_modules" not in file.parts)
PATIENT_S = 60.0
"""A start takes a minute on a machine that is busy with other work: a shorter limit would fail there."""
CLOCKS = ("perf_counter", "monotonic", "perf_counter_ns", "monotonic_ns")
"""Clocks of passing time. Those of a process's own CPU time do not run while others work."""
ENDING = ("SIGKILL", "SIGTERM", "SIGINT")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@cache
def parents(file: Path) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree(file)) for child in ast.iter_child_nodes(node)}


def called(node: ast.AST) -> str:
    """The last part of the name of what is called, if the node is a call."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def around(node: ast.AST, file: Path) -> Iterator[ast.AST]:
    """What the node is in, the innermost first."""
    while (outer := parents(file).get(node)) is not None:
        yield outer
        node = outer


def expects(node: ast.AST, file: Path, error: str) -> bool:
    """Whether the error is expected or handled around the node."""
    for outer in around(node, file):
        said = ""
        if isinstance(outer, ast.With | ast.AsyncWith):
            said = " ".join(ast.unparse(item.context_expr) for item in outer.items)
            if not any(word in said for word in ("raises", "suppress")):
                continue
        elif isinstance(outer, ast.Try):
            said = " ".join(ast.unparse(each.type) if each.type else error for each in outer.handlers)
        if error in said or "OSError" in said:
            return True
    return False


def counted_waits(file: Path) -> Iterator[int]:
    """Loops of so many attempts, with a pause in each and a way out."""
    for node in ast.walk(tree(file)):
        if not isinstance(node, ast.For | ast.AsyncFor) or called(node.iter) not in ("range", "repeat"):
            continue
        inside = list(ast.walk(node))
        pauses = [
            each for each in inside if called(each) == "sleep" and ast.unparse(each) != "asyncio.sleep(0)"
        ]
        if pauses and any(isinstance(each, ast.Break | ast.Return) for each in inside):
            yield node.lineno


def short_limits(file: Path) -> Iterator[int]:
    """Limits of time that end a wait with an error, in few seconds."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and called(node) in ("timeout", "wait_for", "timeout_at"):
            given = [*node.args[-1:], *(each.value for each in node.keywords if each.arg == "timeout")]
            short = [each for each in given if isinstance(each, ast.Constant) and _is_below(each.value)]
            if short and not expects(node, file, "TimeoutError"):
                yield node.lineno


def _is_below(value: object) -> bool:
    return isinstance(value, int | float) and value < PATIENT_S


def tight_asserts(file: Path) -> Iterator[int]:
    """Asserts that some time has passed at most, by a clock that runs while others work."""
    for function in ast.walk(tree(file)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        spans = {
            target.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and _is_span(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Assert):
                for each in ast.walk(node.test):
                    if isinstance(each, ast.Compare) and isinstance(each.ops[0], ast.Lt | ast.LtE):
                        left = each.left
                        if _is_span(left) or (isinstance(left, ast.Name) and left.id in spans):
                            yield node.lineno


def _is_span(node: ast.AST) -> bool:
    """Whether it is a clock's time now less another one."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return False
    name, clock = called(node.left), ast.unparse(node.left)
    return name in CLOCKS or clock in ("time.time()", "loop.time()")


def bare_kills(file: Path) -> Iterator[int]:
    """Signals by number to a process that may have ended by itself meanwhile."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.kill", "os.killpg"):
            ends = any(word in ast.unparse(node.args[-1]) for word in ENDING)
            if ends and not expects(node, file, "ProcessLookupError"):
                yield node.lineno


RULES = {
    counted_waits: "counts attempts: wait with tests.running.until, until_found or abuse.arena.until_answer",
    short_limits: "fails on a slow machine: use tests.running.WAIT_S",
    tight_asserts: "asserts how long something takes: count what it does, or measure its CPU time",
    bare_kills: "fails if the process is gone already: suppress ProcessLookupError",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_test_depends_on_the_speed_of_the_machine(rule: object) -> None:
    assert callable(rule)
    found = [f"{file.relative_to(TESTS.parent)}:{line}" for file in FILES for line in rule(file)]
    assert found == [], RULES[rule]


BAD = """
async def test(loop, server):
    for _ in range(200):
        if await server.is_there():
            break
        await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await server.stop()
    await asyncio.wait_for(server.stop(), timeout=2)
    began = time.monotonic()
    assert time.monotonic() - began < 3
    took = time.perf_counter() - began
    assert took <= 1.0
    os.kill(server.pid, signal.SIGKILL)
"""
GOOD = """
async def test(loop, server):
    for _ in range(10):
        await asyncio.sleep(0)
    for number in range(3):
        await change(number)
        await asyncio.sleep(0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(server.never(), 0.1)
    async with asyncio.timeout(WAIT_S):
        await server.stop()
    began = time.process_time()
    assert time.process_time() - began < 3
    with suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGKILL)
    os.kill(server.pid, signal.SIGSTOP)
"""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rules_find_what_they_are_for_and_nothing_else(rule: object, tmp_path: Path) -> None:
    assert callable(rule)
    found = []
    for name, text in (("bad.py", BAD), ("good.py", GOOD)):
        file = tmp_path / name
        file.write_text(text)
        found.append(bool([*rule(file)]))
    assert found == [True, False]
