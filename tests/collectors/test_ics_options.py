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
        (["http:///a.ics"], "is not a web address"),
        (["a.ics", "--server", "localhost:8000"], "an address is written like"),
        (["a.ics", "--server", "http://localhost:port"], "an address is written like"),
        (["a.ics", "--tz", "Berlin"], "is not a time zone"),
        (["a.ics", "--tz", "../etc"], "is not a time zone"),
        (["a.ics", "--days-ahead", "-1"], "is not a number of days"),
        (["a.ics", "--days-ahead", "nan"], "is not a number of days"),
        (["a.ics", "--every", "0"], "is not a number of minutes"),
        (["a.ics", "--loudly"], "unknown flag --loudly"),
        (["a.ics", "--watc"], "did you mean --watch?"),
    ],
)
def test_a_bad_command_line_is_refused(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        ics.main(arguments)
    assert end.value.code == 2
    assert why in capsys.readouterr().err


RENEWED = [
    ("https://example.org/calendar.ics?private=1", "https://example.org/calendar.ics?private=2"),
    (
        "https://calendar.example/calendar/ical/ana%40x.org/private-0a1b2c/basic.ics",
        "https://calendar.example/calendar/ical/ana%40x.org/private-99ffee/basic.ics",
    ),
    (
        "https://outlook.example/owa/calendar/0a1b2c3d4e5f60718293@x.org/8f14e45fceea167a5a36dedd4bea2543/calendar.ics",
        "https://outlook.example/owa/calendar/0a1b2c3d4e5f60718293@x.org/c9f0f895fb98ab9159f51fd0297e236d/calendar.ics",
    ),
    (
        "webcal://p1.example/published/2/MTIzNDU2Nzg5MDEyMzQ1",
        "webcal://p1.example/published/2/OTg3NjU0MzIxMDk4NzY1",
    ),
    ("https://ana:secret@example.org/calendar.ics", "https://ana:another@example.org/calendar.ics"),
    ("https://1a2b3c4d5e6f7a8b9c@example.org/c.ics", "https://9c8b7a6f5e4d3c2b1a@example.org/c.ics"),
    ("https://example.org/ics?user=7&token=abc", "https://example.org/ics?user=7&token=xyz"),
    ("https://example.org/ics?accessKey=one&cal=2", "https://example.org/ics?accessKey=two&cal=2"),
    ("https://example.org/ics?d41d8cd98f00b204e980", "https://example.org/ics?0cc175b9c0f1b6a831c3"),
    (
        "https://example.org/s3/c.ics?X-Amz-Date=20261129T100000Z&X-Amz-Signature=ab",
        "https://example.org/s3/c.ics?X-Amz-Date=20261130T100000Z&X-Amz-Signature=cd",
    ),
    (
        "https://example.org/c.ics?sv=2022&se=2026-12-01&sig=a%2Fb",
        "https://example.org/c.ics?sv=2022&se=2027-01-01&sig=c",
    ),
    (
        "https://example.org/feed/6fa459ea-ee8a-3ca4-894e-db77e160355e.ics",
        "https://example.org/feed/16fd2706-8baf-433b-82eb-8c7fada847da.ics",
    ),
    ("https://example.org/c.ics#AbCdEf0123456789Gh", "https://example.org/c.ics#0123AbCdEf456789Zz"),
]


@pytest.mark.parametrize(("old", "new"), RENEWED)
def test_a_source_is_the_same_when_the_secret_in_its_address_was_renewed(old: str, new: str) -> None:
    before, after = options(old), options(new)
    assert before.source == after.source
    assert before.origin != after.origin
    assert before.formerly != after.formerly
    assert before.source not in before.formerly


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.org/ical/ana%40x.org/basic.ics", "https://x.org/ical/bo%40x.org/basic.ics"),
        ("https://x.org/ics?calendar=work", "https://x.org/ics?calendar=home"),
        ("https://x.org/ics?id=1234567890123456", "https://x.org/ics?id=1234567890123457"),
        ("https://x.org/calendars/team-berlin-2026.ics", "https://x.org/calendars/team-munich-2026.ics"),
        ("https://x.org/holidays/BadenWuerttemberg.ics", "https://x.org/holidays/NordrheinWestfalen.ics"),
        ("https://ana@x.org/calendar.ics", "https://bo@x.org/calendar.ics"),
        ("https://x.org:8443/c.ics", "https://x.org/c.ics"),
        ("https://x.org/2026-11-29-conference.ics", "https://x.org/2026-11-30-conference.ics"),
    ],
)
def test_calendars_that_people_tell_apart_are_two_sources(one: str, other: str) -> None:
    assert options(one).source != options(other).source
    assert (options(one).origin, options(one).formerly) == ("", ())


def test_the_source_is_named_after_the_first_calendar() -> None:
    chosen = options("/calendars/Team Berlin.ics", "other.ics", "other.ics")
    assert (chosen.source, len(chosen.sources)) == ("ics:team-berlin", 2)
    one, other = (options(f"https://example.org/{name}.ics").source for name in "xy")
    assert one.startswith("ics:example.org-")
    assert one != other
