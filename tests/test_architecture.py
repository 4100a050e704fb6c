"""Who may know whom, read from the source: design promises that no reviewer has to watch over."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MUST_EXIST = ("models", "handlers", "sio_server")
OURS = {
    *("models", "briefs", "handlers", "sio_server", "adjutant_client", "collectors", "terminal", "examples"),
    *("dashboard", "bench", "docs", "tests", "serve"),
}

WORDS = {"models.base", "models.ack", "models.batch", "models.quoting"}
REGISTRY, STATE = "sio_server.registry", "sio_server.state"
STAND_ALONE = "background clock disk flags garbage lanes logs memory metrics outgoing tls tracing".split()  # noqa: SIM905
ALL_OF_THE_SERVER = {"sio_server", *WORDS, "models.change", "models.handshake"}


def of_server(names: str) -> set[str]:
    return {f"sio_server.{name}" for name in names.split()}


# Who may know whom: the modules of ours that each part may import, one row for each. A name stands for itself
# and for all below it; the longest name that covers a file is its row. SEE_EVERYTHING are not listed.
MAY_IMPORT = {
    "models": {"models"},
    "briefs": {"briefs", "models", "sio_server.language"},
    "handlers": {"models", "briefs", REGISTRY, "sio_server.commands", "sio_server.people"},
    "sio_server.language": set(),
    "sio_server.people": set(),
    "sio_server.registry": {*WORDS, "models.sections", "sio_server.people"},
    "sio_server.commands": {REGISTRY, "sio_server.people", "models.links", *WORDS},
    "sio_server.state": {REGISTRY, "sio_server.garbage", "models.links", *WORDS},
    "sio_server.log": {f"{REGISTRY}.ops", f"{REGISTRY}.encoding", f"{REGISTRY}.persons", STATE, "models.base"}
    | {"sio_server.clock", "sio_server.disk"},
    "sio_server.hub": {
        *(REGISTRY, STATE, "sio_server.log.base", "sio_server.people", *WORDS),
        *("sio_server.metrics", "sio_server.clock", "sio_server.garbage", "sio_server.tracing"),
    },
    "sio_server.sockets": set(),
    "sio_server.delivery": {
        *(f"{REGISTRY}.{one}" for one in ("ops", "encoding", "describing", "privacy")),
        *(STATE, "sio_server.log.base", "sio_server.log.reader"),
        *("sio_server.sockets", "sio_server.metrics", "models.change"),
    },
    "sio_server.clients": {
        *(REGISTRY, STATE, *of_server("hub delivery sockets log.base log.nodes")),
        *("sio_server.metrics", "sio_server.clock", *WORDS, "models.change", "models.handshake"),
        *("sio_server.people", "sio_server.audit", "sio_server.sign_in", "sio_server.tracing"),
    },
    "sio_server.sign_in": {f"{REGISTRY}.roles", "models.base"},
    "sio_server.push": of_server("clients hub.hub log.base outgoing people registry") | {"models.base"},
    "sio_server.side_app": {
        *(f"{REGISTRY}.registry", f"{REGISTRY}.ops", "sio_server.log.base", "sio_server.sockets.origins"),
        *("sio_server.metrics", "sio_server.settings", "models.base", "models.ack", "models.change"),
        *("models.handshake", "sio_server.sockets.headers", f"{REGISTRY}.roles"),
        *of_server("sockets.handshakes sockets.http_connections sockets.refusals"),
    },
    "sio_server.search": of_server("clock people language lanes metrics logs disk memory log.base log.files")
    | {f"{REGISTRY}.ops", f"{REGISTRY}.errors", f"{REGISTRY}.records", *WORDS}
    | {"sio_server.log.postgres.session"},
    "sio_server.options": {"sio_server.flags", "sio_server.sockets.origins", f"{REGISTRY}.roles"},
    "sio_server.folders": {"sio_server.log.base", "sio_server.log.files", f"{REGISTRY}.roles"},
    "sio_server.boards": of_server("board clients folders log.base registry") | {"models.ack"},
    **{f"sio_server.{one}": ALL_OF_THE_SERVER for one in ("opening", "figures", "app", "moving")},
    "sio_server.subcommands": {f"{REGISTRY}.roles", "sio_server.options", "sio_server.flags"},
    "sio_server.settings": of_server("clock flags options subcommands"),
    "sio_server.board": of_server(
        "audit background clients clock delivery hub log.base log.reader metrics push"
    )
    | of_server("registry search.search state threads tracing"),
    "sio_server.threads": {"sio_server.hub.thread", "sio_server.lanes"},
    "sio_server.access": of_server("clients log.base log.meta people push registry settings sign_in sockets"),
    "sio_server.audit": {"sio_server.logs"},
    "sio_server.asgi": of_server("app flags registry.registry settings sockets"),
    **{f"sio_server.{alone}": set() for alone in STAND_ALONE},
    "adjutant_client": {"adjutant_client", "models"},
    "collectors": {"collectors", "adjutant_client", "models", "sio_server.outgoing"},
    "terminal": {"terminal", "adjutant_client", "models", "collectors.arguments"},
    "examples": {"examples"},
    "dashboard": {"sio_server.sockets.pages"},
}
SEE_EVERYTHING = {"serve", "bench", "docs", "tests"}
# The list of handlers is the one place that knows them all.
LIST_OF_HANDLERS = "handlers/__init__.py"

TRANSPORT = {"sio_server/clients/transport.py"} | {
    f"sio_server/sockets/{name}.py" for name in ("engine", "server", "listener", "websocket", "driver")
}
# Where a library may be imported, tests and bench aside. A folder stands for all its files.
LIBRARY_HOMES = {
    "socketio": {*TRANSPORT, "adjutant_client/wire.py"},
    "engineio": {*TRANSPORT, "adjutant_client/wire.py"},
    "uvicorn": {*TRANSPORT, "serve.py"},
    "sqlite3": {"sio_server/log/sqlite.py", "collectors/database.py"}
    | {"collectors/spool.py", "collectors/known.py"},
    "apsw": {"sio_server/log", "sio_server/search"},
    "psycopg": {"sio_server/log/postgres", "sio_server/search/postgres"},
    "aiohttp": {"sio_server/side_app/server.py", "collectors", "adjutant_client"}
    | {"sio_server/outgoing.py", "sio_server/push/service.py"},
    **{name: {"sio_server/sign_in", "sio_server/push"} for name in ("jwt", "cryptography")},
    "opentelemetry": {"sio_server/tracing.py"},
    "dulwich": {"collectors/git/store.py"},
    "selectolax": {"collectors/mail/html.py"},
    "webencodings": {"collectors/charsets.py"},
    "dateparser": {"sio_server/commands/when.py", "collectors/actions/days.py"},
    "markdown_it": {"collectors/actions/markup.py"},
    "prompt_toolkit": {"terminal"},
    "prometheus_client": {"sio_server/metrics.py", "sio_server/side_app/server.py"},
}
FREE = {"tests", "bench"}

SECTIONS = {"system", "calendar", "priorities", "commitments", "brief", "sources", "proposals"}
# In a sentence (an error's message, a statement of SQL) these need not mean the section.
SOURCES_OF_RECORDS = {"sources"}
"""Where records come from: what `source:` finds, not the section."""
ALSO_PLAIN_WORDS = {"system", "brief", "sources"}

FUNCTION_LINES = 60
FILE_LINES = 400
CLASS_LINES = 250
ARGUMENTS = 7
PRIVATE_PATHS = re.compile(r"(?<![\w.*-])/(?:home|root|work|Users)/")
REGISTRY_HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|deb\.debian\.org")
IGNORED = re.compile(r"(?:^|/)(?:\.(?!ci/|gitignore|npmrc)|node_modules/|__pycache__/)|^data/")


def part_of(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")


@cache
def files() -> tuple[str, ...]:
    """Every file of the project that is not ignored."""
    git = shutil.which("git")
    command = [git or "false", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = set(listed.stdout.split("\0"))
    else:  # unpacked from an archive
        paths = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")}
        paths = {path for path in paths if not IGNORED.search(path)}
    return tuple(sorted(path for path in paths if path and (ROOT / path).is_file()))


def python_files() -> list[str]:
    return [path for path in files() if path.endswith(".py")]


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


@cache
def nodes(path: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


def covers(allowed: str, module: str) -> bool:
    return module == allowed or module.startswith(f"{allowed}.")


def module_exists(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").is_file()


@cache
def imports(path: str) -> tuple[str, ...]:
    """Every module that a file imports, also for types only: `models.base`, not the names taken from it."""
    package = path.split("/")[:-1]
    found: list[str] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                below = f"{base}.{alias.name}"
                ours = base.split(".")[0] in OURS
                found.append(below if ours and module_exists(below) else base)
    return tuple(found)


@pytest.mark.parametrize("package", MUST_EXIST)
def test_the_packages_that_carry_the_design_exist(package: str) -> None:
    assert (ROOT / package / "__init__.py").is_file()


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def row_of(path: str) -> str | None:
    """The row of the table that a file falls under."""
    rows = [row for row in MAY_IMPORT if covers(row, module_of(path))]
    return max(rows, key=len, default=None)


def known_to(path: str) -> set[str]:
    """The modules of ours that a file imports, but for those of its own row."""
    own = row_of(path)
    found = {module for module in imports(path) if module.split(".")[0] in OURS}
    return {module for module in found if own is None or not covers(own, module)}


@pytest.mark.parametrize("row", MAY_IMPORT)
def test_a_part_imports_of_ours_only_what_it_may_know(row: str) -> None:
    wrong = [
        f"{path} imports {module}"
        for path in python_files()
        if row_of(path) == row and path != LIST_OF_HANDLERS
        for module in sorted(known_to(path))
        if not any(covers(allowed, module) for allowed in MAY_IMPORT[row])
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_file_falls_under_a_row_of_the_table() -> None:
    free = {
        path for path in python_files() if part_of(path) in SEE_EVERYTHING or path == "sio_server/__init__.py"
    }
    assert [path for path in python_files() if path not in free and row_of(path) is None] == []
    assert [row for row in MAY_IMPORT if not any(row_of(path) == row for path in python_files())] == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    found, left = [], dict.fromkeys(graph)
    way: list[str] = []

    def walk(module: str) -> None:
        if module in way:
            found.append([*way[way.index(module) :], module])
        elif module in left:
            way.append(module)
            for known in sorted(graph[module]):
                walk(known)
            way.pop()
            left.pop(module)

    for module in graph:
        walk(module)
    return found


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module_of(path): {*imports(path)} - {module_of(path)} for path in python_files()}
    graph = {module: {known for known in knows if known in graph} for module, knows in graph.items()}
    assert not circles(graph), "\n" + "\n".join(" -> ".join(circle) for circle in circles(graph))
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [["b", "c", "b"]]


def called(path: str) -> str:
    """`clients/admission`, `app.py`: a module's name in prose."""
    room, _, module = path.removeprefix("sio_server/").rpartition("/")
    return f"{room}/{module.removesuffix('.py')}" if room else module


def test_every_module_of_the_server_has_a_test_file_or_is_named_in_one() -> None:
    """Named: imported by a test, or called `room/module` or `module.py` in the docstring at its top."""
    tests = [path for path in python_files() if part_of(path) == "tests"]
    imported = {module for path in tests for module in imports(path)}
    told = " ".join(ast.get_docstring(tree(path)) or "" for path in tests)
    named = {path.rsplit("/", 1)[-1] for path in tests}
    wrong = [
        path
        for path in python_files()
        if part_of(path) == "sio_server" and not path.endswith("__init__.py")
        if module_of(path) not in imported
        and not re.search(rf"\b{called(path)}\b", told)
        and f"test_{path.rsplit('/', 1)[-1]}" not in named
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_list_of_handlers_knows_handlers_and_the_registry_only() -> None:
    known = {"handlers", *MAY_IMPORT["handlers"]}
    wrong = [
        module
        for module in imports(LIST_OF_HANDLERS)
        if module.split(".")[0] in OURS and not any(covers(allowed, module) for allowed in known)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("library", LIBRARY_HOMES)
def test_a_library_is_imported_only_where_it_is_at_home(library: str) -> None:
    homes = LIBRARY_HOMES[library]
    wrong = [
        path
        for path in python_files()
        if part_of(path) not in FREE
        and not any(path == home or path.startswith(f"{home}/") for home in homes)
        and any(covers(library, module) for module in imports(path))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def words_in(path: str) -> Iterator[tuple[int, set[str]]]:
    """The words of every identifier and string literal of a file, docstrings left out, each with its line."""
    docstrings = {
        node.body[0].value
        for node in nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes(path):
        names = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname")]
        if isinstance(node, ast.Constant) and node not in docstrings:
            names.append(node.value)
        for name in names:
            if isinstance(name, str):
                prose = " " in name
                yield getattr(node, "lineno", 0), words_of(name) - (ALSO_PLAIN_WORDS if prose else set())


def words_of(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", name.lower()))


def test_the_machinery_names_no_section() -> None:
    wrong = [
        f"{path}:{line} {sorted(words & SECTIONS)}"
        for path in python_files()
        if part_of(path) == "sio_server"
        for line, words in words_in(path)
        if words & SECTIONS - (SOURCES_OF_RECORDS if path.startswith("sio_server/search/") else set())
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_function_fits_on_a_screen() -> None:
    wrong = [
        f"{path}:{function.lineno} {function.name}"
        for path in python_files()
        if part_of(path) != "tests"
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 >= FUNCTION_LINES
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_class_is_small_enough_to_be_held_in_mind() -> None:
    too_long = {
        f"{path} {found.name}"
        for path in python_files()
        for found in nodes(path)
        if isinstance(found, ast.ClassDef) and (found.end_lineno or 0) - found.lineno + 1 > CLASS_LINES
    }
    assert not too_long


def test_a_constructor_takes_few_arguments_or_says_why() -> None:
    """The reason stands in a comment on the line of its `def`; a dataclass has fields, no arguments."""
    wrong = [
        f"{path}:{function.lineno}"
        for path in python_files()
        for function in functions(path)
        if function.name == "__init__"
        and len([*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]) - 1 > ARGUMENTS
        and " # " not in (ROOT / path).read_text(encoding="utf-8").splitlines()[function.lineno - 1]
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_program_file_is_short_enough_to_be_about_one_thing() -> None:
    wrong = [
        path
        for path in files()
        if path.endswith((".py", ".js", ".mjs", ".css"))
        and len((ROOT / path).read_text(encoding="utf-8").splitlines()) >= FILE_LINES
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("pattern", [PRIVATE_PATHS, REGISTRY_HOSTS], ids=["private paths", "registry hosts"])
def test_no_file_names_a_place_outside_the_project(pattern: re.Pattern[str]) -> None:
    wrong = []
    for path in files():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        wrong += [f"{path}: {found.group()}" for found in pattern.finditer(text)]
    assert not wrong, "\n" + "\n".join(wrong)
