"""The Python client of Adjutant: a connection that reconnects, a copy of the board, and requests that are
carried out exactly once.

    async with Client("https://board.example/", client="my-script", token="...") as client:
        done = await client.request("priorities:put", {"items": [{"id": "sign", "title": "Sign the budget"}]})

Reading order: `client` (requests) uses `connection` (staying connected, following the board), which uses
`wire` (one Socket.IO connection until it is lost); `answer` has the results of a request, `replica` the
client rule, `link` the state of the connection, `blocking` a client without asyncio, `arguments` options.
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
