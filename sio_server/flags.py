"""A command line whose flags are not abbreviated, and whose error for an unknown one suggests the nearest."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn


class SettingsError(Exception):
    """A setting is wrong; the message is one sentence for standard error."""


class Parser(argparse.ArgumentParser):
    """An argument parser that knows its flags and commands by name, for `check_flags`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)
        self.flags = ["--help", "-h"]
        self.commands: dict[str, Parser] = {}

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}. Try --help")

    def flag(self, name: str, **more: Any) -> None:
        """Adds one flag."""
        self.flags.append(name)
        self.add_argument(name, **more)


def check_flags(parser: Parser, arguments: Sequence[str]) -> None:
    """Reports an unknown flag; argparse would complain about the word after it."""
    for at, argument in enumerate(arguments):
        if argument in parser.commands:
            return check_flags(parser.commands[argument], arguments[at + 1 :])
        flag = argument.partition("=")[0]
        if flag.startswith("--") and flag not in parser.flags:
            raise SettingsError(f"{parser.prog}: unknown flag {flag}{nearest(flag, parser.flags)}")
    return None


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the one that was probably meant."""
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ". Try --help"
