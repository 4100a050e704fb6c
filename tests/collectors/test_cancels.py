"""A stop that comes at the same moment as what is waited for is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from collectors.iteration import found
from collectors.types import Ask, Found, Mode, Progress


@pytest.mark.parametrize("step_s", [None, 60.0])
async def test_a_cancel_together_with_the_next_thing_found(
    step_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []

    def collect(_: Ask) -> Iterator[Found]:
        for number in range(100):
            steps.append(number)
            yield Progress(number, 100)

    async def take_all() -> None:
        async for _ in found(collect, Ask(Mode.FULL), step_s):
            pass

    work = asyncio.ensure_future(take_all())
    loop = asyncio.get_running_loop()
    call_soon = loop.call_soon_threadsafe

    def and_cancel(what: Callable[..., object], *arguments: Any, **options: Any) -> asyncio.Handle:
        def both() -> None:
            what(*arguments)
            work.cancel()

        return call_soon(both, **options)

    monkeypatch.setattr(loop, "call_soon_threadsafe", and_cancel)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert steps == [0]
