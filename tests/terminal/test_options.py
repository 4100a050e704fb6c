"""The command line of `adjutant`."""

import os
import subprocess
import sys

import pytest

from terminal.options import parse_options
from tests.running import ROOT


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADJUTANT_URL", "ADJUTANT_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_without_arguments_it_is_the_live_board_of_the_server_here() -> None:
    options = parse_options([])
    assert (options.line, options.url, options.token) == (None, "http://127.0.0.1:8000", None)


def test_the_environment_counts_and_a_flag_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADJUTANT_URL", "https://board.example")
    monkeypatch.setenv("ADJUTANT_TOKEN", "secret")
    options = parse_options(["help"])
    assert (options.url, options.token) == ("https://board.example", "secret")
    options = parse_options(["--url", "http://other:1", "--token", "mine", "help"])
    assert (options.url, options.token) == ("http://other:1", "mine")


def test_a_line_may_be_several_words() -> None:
    assert parse_options(["approve", "P7", "P8"]).line == "approve P7 P8"
    assert parse_options(["approve P7 | status"]).line == "approve P7 | status"
    assert parse_options(["-"]).line == "-"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--url", "nowhere", "help"],
        ["--url", "http://host:99999", "help"],
        ["--tz", "No/Where", "help"],
        ["--seen", "-1", "help"],
        ["--name", "", "help"],
        ["--name", "a\nb", "help"],
        ["--wait", "soon", "help"],
        ["--dry"],
        ["--json"],
        ["--seen", "5"],
        ["--nonsense"],
        ["--tok", "mine"],
    ],
)
def test_a_wrong_command_line_is_exit_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse_options(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("adjutant: error: ")


@pytest.mark.parametrize(
    ("told", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), (":Asia/Tokyo", "Asia/Tokyo"), ("UTC", "UTC")],
)
def test_the_machines_zone_is_told_by_its_name(told: str, zone: str) -> None:
    # In a process of its own: the library looks once.
    program = "from terminal.options import parse_options; print(parse_options([]).tz)"
    environment = os.environ | {"TZ": told}
    printed = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, env=environment, text=True)
    assert printed.strip() == zone


def test_a_zone_that_is_given_wins() -> None:
    assert parse_options(["--tz", "Asia/Tokyo"]).tz == "Asia/Tokyo"


def test_a_mistyped_flag_is_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(["--tokn", "mine", "help"])
    assert "unknown flag --tokn; did you mean --token?" in capsys.readouterr().err
