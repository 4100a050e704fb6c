"""The client of Adjutant for Python: a connection that comes back, a copy of the board, and requests that are
carried out once.

    async with Client("https://board.example/", client="my-script", token="...") as client:
        done = await client.request("priorities:put", {"items": [{"id": "sign", "title": "Sign the budget"}]})

Reading order: `client` (asking) stands on `connection` (being connected, and following the board), that on
`wire` (one Socket.IO connection until it is lost); `answer` has what becomes of a request, `replica` the
client rule, `link` how things stand, `blocking` the same without asyncio, `arguments` a program's options.
Below them `address`, `reasons`, `silence`, `backoff`, `cancelling`. The models of payloads and answers are in
`models`; installed alone, in `adjutant_client.models`.
"""

from adjutant_client.address import AddressError
from adjutant_client.answer import Answer, Refused, Unreachable
from adjutant_client.blocking import Blocking
from adjutant_client.client import Client
from adjutant_client.link import Link, Stage
from adjutant_client.replica import Replica

__all__ = [
    "AddressError",
    "Answer",
    "Blocking",
    "Client",
    "Link",
    "Refused",
    "Replica",
    "Stage",
    "Unreachable",
]
