"""What is wrong on the command line is one sentence and exit status 2."""

from argparse import ArgumentParser

import pytest

from collectors.ics import __main__ as ics
from collectors.ics.options import Wanted, add_arguments, wanted


def options(*words: str) -> Wanted:
    parser = ArgumentParser()
    parser.add_argument("--source")
    parser.add_argument("--watch", action="store_true")
    add_arguments(parser)
    return wanted(parser.parse_args(words))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "FILE_OR_URL"),
        (["ftp://example.org/a.ics"], "only files, http:, https: and webcal:"),
        (["http:///a.ics"], "is no web address"),
        (["a.ics", "--server", "localhost:8000"], "an address is written like"),
        (["a.ics", "--server", "http://localhost:port"], "an address is written like"),
        (["a.ics", "--tz", "Berlin"], "is no time zone"),
        (["a.ics", "--tz", "../etc"], "is no time zone"),
        (["a.ics", "--days-ahead", "-1"], "is no number of days"),
        (["a.ics", "--days-ahead", "nan"], "is no number of days"),
        (["a.ics", "--every", "0"], "is no number of minutes"),
        (["a.ics", "--loudly"], "unrecognized arguments"),
    ],
)
def test_a_bad_command_line_is_refused(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        ics.main(arguments)
    assert end.value.code == 2
    assert why in capsys.readouterr().err


def test_whoever_gives_an_address_with_a_secret_is_told_what_to_call_the_source() -> None:
    secret = (
        "https://example.org/calendar.ics?private=1",
        "https://calendar.example.org/calendar/ical/ana%40example.org/private-0123abcd/basic.ics",
        "https://outlook.example.org/owa/calendar/0a1b2c3d4e5f60718293@example.org/8f14e45fceea167a/calendar.ics",
        "webcal://p1-caldav.example.org/published/2/MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
        "https://ana:secret@example.org/calendar.ics",
    )
    for address in secret:
        chosen = options(address)
        assert f"--source {chosen.source.removeprefix('ics:')}," in chosen.secret
        assert options(address, "--source", "mine").secret == ""
    assert options("https://example.org/calendars/team.ics").secret == options("a.ics").secret == ""


def test_the_source_is_named_after_the_first_calendar() -> None:
    chosen = options("/calendars/Team Berlin.ics", "other.ics", "other.ics")
    assert (chosen.source, len(chosen.sources)) == ("ics:team-berlin", 2)
    one, other = (options(f"https://example.org/{name}.ics").source for name in "xy")
    assert one.startswith("ics:example.org-")
    assert one != other
