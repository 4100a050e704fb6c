"""The live board: redrawn as patches come, with a prompt below it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, Dimension, Float, FloatContainer, HSplit, Layout
from prompt_toolkit.layout import Window as Pane
from prompt_toolkit.layout.controls import FormattedTextControl, UIContent, UIControl
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.styles import Style

from adjutant_client import Client, Refused, Stage, Unreachable
from adjutant_client.address import without_secrets
from terminal.board import Window, board
from terminal.clock import Clock
from terminal.completion import Suggestions
from terminal.conversation import Conversation
from terminal.options import Options
from terminal.styled import STYLES, Line, fitting, wrapped

_REDRAWS_APART_S = 0.05  # 20 a second look smooth, and a burst of patches costs one
_AGES_EVERY_S = 5.0  # ages and countdowns change with time alone
_BOARD_LEAST = 2  # the head of the board, and the prompt
_WAYS_OUT = ("quit", "exit")


async def show_board(options: Options) -> int:
    """Runs until the person quits; returns the exit status."""
    try:
        await _Live(options).run()
    except Refused as error:
        print(f"adjutant: {without_secrets(options.url)}: {error}", file=sys.stderr)
        return 3
    return 0


class _Live:
    def __init__(self, options: Options) -> None:
        self._server = Client(
            options.url,
            client=options.name,
            token=options.token,
            tz=options.tz,
            follow=True,
            board=options.board,
        )
        self._server.auth["person"] = options.person
        self._times = Clock(ZoneInfo(options.tz))
        self._conversation = Conversation(self._server, self._redraw, self._times)
        self._board = _Board(self._server, self._times)
        self._server.on_request("brief:made", self._made)
        self._server.on_request("prefs:changed", self._preferring)
        self._app: Application[None] = Application(
            layout=self._layout(),
            key_bindings=self._keys(),
            style=Style.from_dict(STYLES),
            full_screen=True,
            min_redraw_interval=_REDRAWS_APART_S,
            refresh_interval=_AGES_EVERY_S,
        )

    async def run(self) -> None:
        """Errors: Refused."""
        for number in (signal.SIGTERM, signal.SIGHUP):  # so that the terminal is restored
            asyncio.get_running_loop().add_signal_handler(number, self._leave)
        async with self._server:
            work = [self._beside(self._follow()), self._beside(self._conversation.carry_out())]
            await self._app.run_async()
            await self._conversation.looked(*self._board.shown)
            ended = [task for task in work if task.done()]
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        for task in ended:
            task.result()

    async def _follow(self) -> None:
        """Redraws at each change, until cancelled. Errors: Refused."""
        known: datetime | None = None
        async for link in self._server.changes():
            if link.stage is Stage.CONNECTED and link.since != known:
                known = link.since
                await self._times.learn(self._server)
                await self._learn_brief()
            self._redraw()

    async def _learn_brief(self) -> None:
        """The person's own brief, as it is now; the active one is in the replica."""
        with suppress(Unreachable):
            brief = (await self._server.ask("brief:get", {})).data
            self._board.own_brief = brief if brief and brief["rev"] == 0 else None

    async def _made(self, brief: Any) -> dict[str, Any]:
        self._board.own_brief = brief
        self._redraw()
        return {"ok": True}

    async def _preferring(self, told: Any) -> dict[str, Any]:
        self._times.tell(told)
        self._redraw()
        return {"ok": True}

    def _beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends has failed, and ends the board."""
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._leave())
        return task

    def _layout(self) -> Layout:
        typed = Buffer(
            completer=Suggestions(self._server),
            complete_while_typing=True,
            history=InMemoryHistory(),
            multiline=False,
            accept_handler=self._take,
        )
        prompt = Pane(BufferControl(typed, input_processors=[BeforeInput("> ", "class:head")]), height=1)
        answer = Pane(
            FormattedTextControl(self._answer),
            wrap_lines=True,
            height=self._answer_height,
            dont_extend_height=True,
            always_hide_cursor=True,
        )
        menu = Float(CompletionsMenu(max_height=8, scroll_offset=1), xcursor=True, ycursor=True)
        screen = HSplit([Pane(self._board, always_hide_cursor=True), prompt, answer])
        return Layout(FloatContainer(screen, floats=[menu]), focused_element=prompt)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        for key in ("c-c", "c-d", "<sigint>"):

            @keys.add(key, eager=True)
            def _(event: KeyPressEvent) -> None:
                self._leave()

        return keys

    def _take(self, typed: Buffer) -> bool:
        """Enter: the line goes to the server, the prompt is free again."""
        line = typed.text.strip()
        if line.lower() in _WAYS_OUT:
            self._leave()
        elif line:
            self._conversation.give(line, *self._board.shown)
        else:
            self._conversation.clear()
        return False

    def _answer(self) -> StyleAndTextTuples:
        size = self._app.output.get_size()
        fragments: StyleAndTextTuples = []
        rows = [row for line in self._conversation.said for row in wrapped(line, size.columns)]
        for line in fitting(rows, size.columns, size.rows - _BOARD_LEAST):
            fragments += [*line, ("", "\n")]
        return fragments[:-1]

    def _answer_height(self) -> Dimension:
        """The height it needs, leaving room for the head of the board; none while there is nothing to say."""
        if not self._conversation.said:
            return Dimension.exact(0)
        return Dimension(min=1, max=max(1, self._app.output.get_size().rows - _BOARD_LEAST))

    def _redraw(self) -> None:
        self._app.invalidate()

    def _leave(self) -> None:
        if self._app.is_running and not self._app.is_done:
            self._app.exit()


class _Board(UIControl):
    """The board in the rest of the window."""

    def __init__(self, server: Client, times: Clock) -> None:
        self._server, self._times = server, times
        self._drawn_of: object = None
        self._lines: list[Line] = []
        self.shown: tuple[str | None, int] = (None, 0)
        self.own_brief: dict[str, Any] | None = None

    def create_content(self, width: int, height: int) -> UIContent:
        """Draws, and remembers the position that the person is now looking at."""
        times, replica = self._times, self._server.replica
        now = times.now()
        held = (replica.epoch, replica.seq, self._server.link, id(self.own_brief), times.zone, times.others)
        drawn_of = (*held, width, height, now.timestamp() // _AGES_EVERY_S)
        if drawn_of != self._drawn_of:  # otherwise only a key was pressed: a large board must not delay it
            window = Window(width, height, times.zone, times.elsewhere(now))
            self._lines = board(replica, self._server.link, window, now, self.own_brief)
            self._drawn_of, self.shown = drawn_of, (replica.epoch, replica.seq)
        lines = self._lines
        return UIContent(lambda number: _fragments(lines[number]), line_count=len(lines), show_cursor=False)


def _fragments(line: Line) -> StyleAndTextTuples:
    # The library draws a combining mark that nothing follows twice.
    return [*line, ("", " ")]
