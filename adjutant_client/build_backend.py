"""Builds the wheel for `pip install ./adjutant_client`: this package, with the models that it needs inside.

`models` is a common name and must not be installed as a package of its own: there it is
`adjutant_client.models`, and the imports are rewritten (decision 30).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flit_core import buildapi

_HERE = Path(__file__).resolve().parent
_MODELS = _HERE.parent / "models"
_PACKAGE = "adjutant_client"
_FROM_MODELS = re.compile(r"^from models\b", re.MULTILINE)


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Called by pip; returns the name of the wheel in the directory."""
    to = str(Path(wheel_directory).resolve())
    with _staged():
        made: str = buildapi.build_wheel(to, config_settings)
    return made


@contextmanager
def _staged() -> Iterator[None]:
    """Works in a temporary copy of the package; nothing is written next to the sources."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        _copy(_HERE, stage / _PACKAGE)
        _copy(_MODELS, stage / _PACKAGE / "models")
        shutil.copy(_HERE / "pyproject.toml", stage)
        shutil.copy(_HERE.parent / "LICENSE", stage)
        os.chdir(stage)
        try:
            yield
        finally:
            os.chdir(before)


def _copy(source: Path, target: Path) -> None:
    target.mkdir()
    for file in source.glob("*.py"):
        if file != Path(__file__).resolve():
            text = _FROM_MODELS.sub(f"from {_PACKAGE}.models", file.read_text("utf-8"))
            (target / file.name).write_text(text, "utf-8")
    for file in source.glob("py.typed"):
        shutil.copy(file, target)
