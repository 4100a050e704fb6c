"""What is wrong on the command line is one sentence and exit status 2."""

import pytest

from collectors.ics_options import parse_options


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "FILE_OR_URL"),
        (["ftp://example.org/a.ics"], "only files, http:, https: and webcal:"),
        (["http:///a.ics"], "is no web address"),
        (["a.ics", "--server", "localhost:8000"], "is no address"),
        (["a.ics", "--server", "http://localhost:port"], "is no address"),
        (["a.ics", "--tz", "Berlin"], "is no time zone"),
        (["a.ics", "--tz", "../etc"], "is no time zone"),
        (["a.ics", "--days-ahead", "-1"], "is no number of days"),
        (["a.ics", "--days-ahead", "nan"], "is no number of days"),
        (["a.ics", "--every", "0"], "is no number of minutes"),
        (["/no/such/folder/a.ics", "--watch"], "there is no such folder"),
        (["a.ics", "--loudly"], "unrecognized arguments"),
    ],
)
def test_a_bad_command_line_is_refused(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse_options(arguments)
    assert end.value.code == 2
    assert why in capsys.readouterr().err


def test_defaults_come_from_the_first_calendar_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADJUTANT_TOKEN", "from-environment")
    options = parse_options(["/calendars/Team Berlin.ics", "other.ics", "other.ics"])
    assert (options.source, options.token, len(options.sources)) == ("ics:team-berlin", "from-environment", 2)
    one, other = (parse_options([f"https://example.org/{name}.ics"]).source for name in "xy")
    assert one.startswith("ics:example.org-")
    assert one != other
