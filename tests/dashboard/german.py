"""`python -m tests.dashboard.german`: the sentences of the server that have no German. The page says them in
English, refusals after the German beginning that their code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "dashboard" / "js" / "words" / "de-server.js"
SERVER = ("sio_server", "handlers", "models", "briefs", "collectors", "serve.py")
PAGE = ROOT / "dashboard" / "js"
# What makes a refusal; its first text is the sentence.
MAKERS = re.compile(
    r"(?:Refusal|Denied|NotSignedIn|bad_request|invalid_state|unavailable|draining|no_such_\w+|refuse|_\w+)$"
)
SENTENCE = re.compile(r"(?!SELECT|DELETE|INSERT|UPDATE|FROM|LIMIT)[A-Z].* .*[.?]$", re.DOTALL)
HOLE = "…"  # where a value stands in a sentence


def translated() -> list[str]:
    """The server's and the client's sentences that have German."""
    table = TABLE.read_text("utf-8").partition("export const SAID")[2]
    return [
        ast.literal_eval(f'"{said}"') for said in re.findall(r'^  "((?:[^"\\]|\\.)*)":', table, re.MULTILINE)
    ]


def occurs(said: str) -> bool:
    """Whether the server's or the client's source still says so, with or without values in it."""
    return any(_fits(template, said) for template in _templates())


def refusals() -> set[str]:
    """The sentences of all refusals, but values alone: of those nobody can tell that they are meant."""
    return {said for said in _refusals() if _has_words(said)}


def told() -> set[str]:
    """What the page shows besides: what commands do, the headings of briefs, why something is proposed."""
    return {
        said
        for tree in _trees()
        for node in ast.walk(tree)
        for said in (*_does(node), *_headings(node), *_reasons(node))
    }


def without_german() -> list[str]:
    """Sentences of refusals and what is told besides, each once, in order."""
    return sorted((refusals() | told()) - {*translated()})


def _fits(template: str, said: str) -> bool:
    if HOLE not in template or template == said:
        return template == said
    pattern = ".+".join(map(re.escape, template.split(HOLE)))
    return _has_words(template) and re.fullmatch(pattern, said) is not None


def _has_words(template: str) -> bool:
    """A template that is all holes fits everything."""
    return len(template.replace(HOLE, "").strip()) > 6


@cache
def _templates() -> frozenset[str]:
    said = {text for tree in _trees() for node in ast.walk(tree) if (text := _text(node)) is not None}
    for file in PAGE.rglob("*.js"):
        if file != TABLE:
            said.update(re.findall(r'"((?:[^"\\]|\\.)*)"', file.read_text("utf-8")))
    return frozenset(said)


def _refusals() -> Iterator[str]:
    for tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not MAKERS.match(_name(node.func)):
                continue
            text = next((text for one in node.args if (text := _text(one)) is not None), None)
            if text is not None and SENTENCE.match(text):
                yield text


def _does(node: ast.AST) -> Iterator[str]:
    """The help of a command, by its place among what each of these is given."""
    if isinstance(node, ast.Call) and (at := {"Verb": 3, "Field": 3, "_verb": 1}.get(_name(node.func))):
        yield from filter(None, map(_text, node.args[at : at + 1]))


def _headings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and _name(node.func) == "section" and node.args:
        yield from filter(None, [_text(node.args[0])])


def _reasons(node: ast.AST) -> Iterator[str]:
    """All that `why` may be where a collector makes a proposal."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    inner = [*ast.walk(node)]
    makes = [
        one
        for one in inner
        if isinstance(one, ast.Call) and _name(one.func) in ("GivenProposal", "_proposal")
    ]
    if any("why" in ast.unparse(one) for one in makes):
        for one in inner:
            if isinstance(one, ast.Assign) and [ast.unparse(name) for name in one.targets] == ["why"]:
                ways = [one.value.body, one.value.orelse] if isinstance(one.value, ast.IfExp) else [one.value]
                yield from filter(None, map(_text, ways))


def _trees() -> Iterator[ast.AST]:
    for name in SERVER:
        place = ROOT / name
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            yield ast.parse(file.read_text("utf-8"))


def _name(called: ast.expr) -> str:
    return (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )


def _text(node: ast.AST) -> str | None:
    """What a text says; values in it are holes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
        return "".join(map(str, parts))
    return None


if __name__ == "__main__":
    print("\n".join(without_german()))
