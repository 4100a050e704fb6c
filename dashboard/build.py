"""`python -m dashboard.build`: joins the page's modules and styles, so that a browser loads 6 files, not 90.
The server sends what was built as long as it is of the modules that it has; else it sends the modules."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sio_server.sockets.pages import INSTALLED, Pages

FOLDER = Path(__file__).parent
FLAGS = (
    *("--bundle", "--splitting", "--format=esm", "--target=es2022", "--minify", "--charset=utf8"),
    "--legal-comments=external",  # of the libraries, in files beside the code
    *("--sourcemap", "--external:*.woff2", "--log-level=warning", "--metafile=made.json"),
    *("--outdir=made", "--entry-names=[name]", "--chunk-names=[name]-[hash]"),
)
STYLE = r'    <link rel="stylesheet" href="([^"]+)">\n'
APART = r'    <link rel="stylesheet" id="[^"]+" href="([^"]+)" disabled>\n'
MODULE = r'    <link rel="modulepreload" href="[^"]+">\n'
LATER = r'<meta name="later" content="([^"]*)">'


def main() -> int:
    """Builds unless this is built already. Errors: 1, and what went wrong in one line."""
    pages = Pages(FOLDER)
    if pages.built.is_dir():
        return 0
    try:
        with TemporaryDirectory(dir=FOLDER, prefix=".building-") as work:
            _build(Path(work), pages.prefix)
            pages.built.parent.mkdir(exist_ok=True)
            (Path(work) / "made").rename(pages.built)
        for old in set(pages.built.parent.iterdir()) - {pages.built}:
            shutil.rmtree(old, ignore_errors=True)
    except (OSError, StopIteration, subprocess.CalledProcessError) as error:
        if pages.built.is_dir():  # by another who built it meanwhile
            return 0
        why = "esbuild is not installed" if isinstance(error, StopIteration) else str(error)
        print(f"adjutant: the page loads its modules one by one, because {why}", file=sys.stderr)
        return 1
    return 0


def _build(work: Path, prefix: str) -> None:
    esbuild = next(FOLDER.glob("node_modules/@esbuild/*/bin/esbuild"))
    page = (FOLDER / "index.html").read_text("utf-8")
    for part in ("js", "css"):
        shutil.copytree(FOLDER / part, work / part)
    for path, name in INSTALLED.items():
        if path.endswith(".js"):
            (work / path[1:]).parent.mkdir(exist_ok=True)
            shutil.copyfile(FOLDER / name, work / path[1:])
    # npm's packages are joined in, so none can be missing: one file less before the first drawing.
    (work / "js" / "main.js").write_text('import { begin } from "./begin.js";\nawait begin();\n', "utf-8")
    styles = re.findall(STYLE, page)
    (work / "page.css").write_text("".join(f'@import "./{style}";\n' for style in styles), "utf-8")
    apart = re.findall(APART, page)
    subprocess.run([esbuild.resolve(), "js/main.js", "page.css", *apart, *FLAGS], cwd=work, check=True)
    made: dict[str, Any] = json.loads((work / "made.json").read_text("utf-8"))["outputs"]
    (work / "made" / "index.html").write_text(_index(page, made, prefix), "utf-8")


def _index(page: str, made: dict[str, Any], prefix: str) -> str:
    """The first page, with what was made in place of what it was made of."""
    later = re.search(LATER, page)
    assert later is not None
    first = _first(made, set(later[1].split()))
    others = {path for path in made if path.endswith(".js")} - first - {"made/main.js"}

    def named(paths: set[str]) -> list[str]:
        return [prefix + path.removeprefix("made/") for path in sorted(paths)]

    style = f'    <link rel="stylesheet" href="{prefix}page.css">\n'
    modules = "".join(f'    <link rel="modulepreload" href="{name}">\n' for name in named(first))
    page = re.sub(f"(?:{STYLE})+", style, page)
    page = re.sub(APART, lambda link: link[0].replace(link[1], prefix + Path(link[1]).name), page)
    page = re.sub(f"(?:{MODULE})+", modules, page)
    page = re.sub(LATER, f'<meta name="later" content="{" ".join(named(others))}">', page)
    return page.replace('src="js/main.js"', f'src="{prefix}main.js"')


def _first(made: dict[str, Any], later: set[str]) -> set[str]:
    """All that the first screen needs, from main.js on."""
    found: set[str] = set()
    todo = ["made/main.js"]
    while todo:
        for imported in made[todo.pop()]["imports"]:
            path = imported["path"]
            if path not in found and made[path].get("entryPoint") not in later:
                found.add(path)
                todo.append(path)
    return found


if __name__ == "__main__":
    sys.exit(main())
