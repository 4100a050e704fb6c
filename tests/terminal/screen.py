"""A person at a terminal: the live board in a pseudo-terminal, and what stands on its screen."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios

import pyte

from tests.forked import ForkedProcess
from tests.running import WAIT_S, until

CONTROL_C, CONTROL_D, TAB, UP, ENTER = "\x03", "\x04", "\t", "\x1b[A", "\r"


class Terminal:
    """`python -m terminal` on a screen of its own; `printed` is every byte that reached it."""

    def __init__(self, width: int = 100, height: int = 30) -> None:
        self.screen = pyte.Screen(width, height)
        self.printed = bytearray()
        self._stream = pyte.ByteStream(self.screen)
        self._ours = -1
        self.process: ForkedProcess | None = None

    async def start(self, *arguments: str, **env: str) -> Terminal:
        """Itself, for chaining."""
        self._ours, theirs = pty.openpty()
        self._resize(theirs)
        self.process = await ForkedProcess("-m", "terminal", *arguments).start(
            clean_environment() | {"TERM": "xterm-256color"} | env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        asyncio.get_running_loop().add_reader(self._ours, self._read)
        return self

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line_with(self, text: str) -> str:
        """The line of the screen that holds the text; empty when none does."""
        return next((line for line in self.text.splitlines() if text in line), "")

    def type(self, text: str) -> None:
        """As from the keyboard."""
        os.write(self._ours, text.encode())

    def resize(self, width: int, height: int) -> None:
        """The person pulls at the window."""
        assert self.process is not None
        self.screen.resize(height, width)
        self._resize(self._ours)
        self.process.send_signal(signal.SIGWINCH)  # the kernel tells only whom the terminal controls

    @property
    def echoes(self) -> bool:
        """Whether the terminal is as a shell needs it: keys are shown, lines are edited."""
        local = termios.tcgetattr(self._ours)[3]
        return bool(local & termios.ECHO and local & termios.ICANON)

    async def shows(self, *texts: str) -> None:
        """Returns when all of them stand on the screen."""
        await self.until(lambda: all(text in self.text for text in texts), f"{texts} on the screen")

    async def hides(self, text: str) -> None:
        """Returns when this does not stand on the screen any more."""
        await self.until(lambda: text not in self.text, f"no {text} on the screen")

    async def until(self, condition: object, what: str) -> None:
        """As `until` in `running`; what stands on the screen is said when it fails."""
        assert callable(condition)
        try:
            await until(condition, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text}") from None

    async def ended(self) -> int:
        """The exit status."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), WAIT_S)

    async def close(self) -> None:
        """Ends the client, whatever it is doing."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        if self._ours >= 0:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            self._ours = -1

    def _resize(self, end: int) -> None:
        size = struct.pack("HHHH", self.screen.lines, self.screen.columns, 0, 0)
        fcntl.ioctl(end, termios.TIOCSWINSZ, size)

    def _read(self) -> None:
        try:
            read = os.read(self._ours, 65_536)
        except OSError:  # the other end is closed
            read = b""
        if not read:
            asyncio.get_running_loop().remove_reader(self._ours)
        self.printed += read
        self._stream.feed(read)


def clean_environment() -> dict[str, str]:
    """The environment without settings of Adjutant."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ADJUTANT_")}
