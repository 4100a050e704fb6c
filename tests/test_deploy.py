"""The examples of examples/deploy, as far as the programs that read them are installed here."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.running import ROOT

DEPLOY = ROOT / "examples" / "deploy"


def test_systemd_accepts_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: the unit is not verified (apt-get install systemd)")
    unit = (DEPLOY / "adjutant.service").read_text()
    file = tmp_path / "adjutant.service"
    for path in re.findall(r"/opt/adjutant/\S+", unit):
        unit = unit.replace(path, "/bin/true" if path.endswith("python") else str(ROOT / "serve.py"))
    file.write_text(unit.replace("WorkingDirectory=/opt/adjutant", f"WorkingDirectory={ROOT}"))
    verified = subprocess.run(
        [analyze, "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    wrong = [line for line in verified.stderr.splitlines() if "adjutant.service" in line]
    assert (verified.returncode, wrong) == (0, []), verified.stderr
    judged = subprocess.run(
        [analyze, "security", "--offline=yes", "--threshold=20", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-500:] + judged.stderr


def test_the_container_is_made_of_nothing_that_git_ignores() -> None:
    """`COPY . .` would take the tokens and the store of whoever builds it."""
    kept_out = set((ROOT / ".dockerignore").read_text().splitlines())
    lines = (ROOT / ".gitignore").read_text().splitlines()
    ignored = [line.rstrip("/") for line in lines if not line.startswith("#")]
    wanted = {line[1:] if line.startswith("/") else f"**/{line}" for line in ignored if line}
    assert "data" in wanted
    assert wanted | {".git"} <= kept_out


def test_the_container_builds_the_page_with_what_it_has() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    at = [text.index(step) for step in ("COPY --from=page", "RUN python -m dashboard.build", "USER adjutant")]
    assert at == sorted(at)


def test_what_the_container_copies_is_there() -> None:
    """The image itself is not built by the tests."""
    text = (DEPLOY / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    assert re.search(r"^USER adjutant$", text, re.MULTILINE)
