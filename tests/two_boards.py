"""A server with two boards, with serve.py's flags: clients that call themselves `annex` are on the second."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import serve
from sio_server.app import App
from sio_server.board import Board
from sio_server.clients.admission import Admitted


class TwoBoards(App):
    """The second board keeps its files in a folder of its own."""

    def open(self) -> None:
        super().open()
        first = self.settings
        self.settings = replace(first, data_dir=first.data_dir / "annex")
        self.settings.data_dir.mkdir(exist_ok=True)
        self.boards["annex"] = self.open_board()
        self.settings = first

    def board_of(self, admitted: Admitted) -> Board:
        return self.boards.get(admitted.principal.actor) or super().board_of(admitted)


if __name__ == "__main__":
    vars(serve)["App"] = TwoBoards
    sys.exit(serve.main(sys.argv[1:], dict(os.environ)))
