"""What is counted, for Prometheus and for /stats; nothing else imports prometheus_client."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 128)  # buckets up to hub.waiting.MAX_BATCH

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counters with closed label sets: of what a client sends only names of sources become labels, which have
    a limit of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter, gauge = self._counter, self._gauge
        requests, batches = _Requests(), _Batches()
        self.by_source = _BySource()
        self.registry.register(self.by_source)
        self.registry.register(requests)
        self.registry.register(batches)
        self.request, self.batch = requests.add, batches.add
        self._failed = counter("append_failures", "Batches that could not be written")
        self._patches = counter("patches_sent", "Patches, one for each recipient", ("room",))
        self._bytes = counter("patch_bytes_sent", "Bytes of patches, before framing", ("room",))
        # labels() costs more than the counting: what it finds is kept
        self._patches_of = cache(self._patches.labels)
        self._bytes_of = cache(self._bytes.labels)
        self._syncs = counter("syncs", "Syncs by form", ("mode",))
        self._refused = counter("connects_refused", "Refused connects", ("code",))
        self._turned_away = counter("handshakes_refused", "Refused before there was a session", ("reason",))
        self._closed = counter("closed", "Connections ended by the server", ("code",))
        self.clients = gauge("clients", "Clients in each room", ("room",))
        self.connections = gauge("connections", "Connected clients")
        self.strangers = gauge("strangers", "Sessions that are not signed in")
        self.stranger_bytes = gauge("stranger_bytes", "Bytes held for these, beyond 64 KiB each")
        self.parts_bytes = gauge("parts_bytes", "Batches in parts that are not whole yet")
        self.http_connections = gauge(
            "http_connections", "HTTP connections: unfinished, of a stranger, known", ("kind",)
        )
        self.lagging = gauge("lagging_clients", "Clients that get no patches until they read")
        self.lagging_bytes = gauge("lagging_backlog_bytes", "What those clients have not read yet")
        self.direct = gauge("direct_sockets", "1 when websockets are written and read directly")
        self.loop_lag = gauge("loop_lag_seconds", "How late the event loop last was")
        self.boards_open = gauge("boards_open", "Open boards; other gauges of a board are of the main one")
        self.boards_faulty = gauge("boards_faulty", "Boards that could not be opened when last asked for")
        self.head = gauge("log_head", "seq of the newest commit")
        self.floor = gauge("log_floor", "Oldest seq that a client can resume from")
        self.item_bytes = gauge("item_bytes", "Items of the board as JSON, what --item-mib limits")
        self.store_bytes = gauge("store_bytes", "The store on disk")
        self.records = gauge("search_records", "Records that can be searched")
        self.search_bytes = gauge("search_bytes", "The search file on disk")
        self.search_up = gauge("search_up", "1 when records can be searched and added")
        self.source_status = gauge("source_status", "How many collectors are in each status", ("status",))
        self.silent = gauge("source_silent_seconds", "How long ago the stalest source pushed")
        self._searches = counter("searches", "Searches by what came of them", ("outcome",))
        self._records_put = counter("records_put", "Records by what became of them", ("outcome",))

    def append_failed(self) -> None:
        """A batch was lost, and its requests refused."""
        self._failed.inc()

    def patch(self, room: str, recipients: int, size_bytes: int) -> None:
        """A patch was handed to the room's members."""
        self._patches_of(room).inc(recipients)
        self._bytes_of(room).inc(recipients * size_bytes)

    def sync(self, mode: str) -> None:
        """A sync was made."""
        self._syncs.labels(mode).inc()

    def searched(self, outcome: str) -> None:
        """A search was answered: done, partial or superseded."""
        self._searches.labels(outcome).inc()

    def records_taken(self, outcome: str, number: int) -> None:
        """So many records of a put were indexed, unchanged or rejected."""
        self._records_put.labels(outcome).inc(number)

    def connect_refused(self, code: str) -> None:
        """A client was not let in."""
        self._refused.labels(code).inc()

    def handshake_refused(self, reason: str) -> None:
        """A request was turned away before there was a session."""
        self._turned_away.labels(reason).inc()

    def closed(self, code: str) -> None:
        """The server ended a connection."""
        self._closed.labels(code).inc()

    def expose(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)

    def totals(self) -> dict[str, Any]:
        """The counters by name, for /stats: a number, or numbers by label."""
        found: dict[str, Any] = {}
        for family in self.registry.collect():
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    _enter(
                        found, family.name.removeprefix("adjutant_"), [*sample.labels.values()], sample.value
                    )
        return found

    def _counter(self, name: str, help: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(f"adjutant_{name}", help, labels, registry=self.registry)

    def _gauge(self, name: str, help: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(f"adjutant_{name}", help, labels, registry=self.registry)


class _Buckets:
    """How often values fell below each bound. All is counted on the event loop, so without the library's
    locks, which would cost a tenth of a request."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Counts the value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def cumulated(self) -> list[tuple[str, float]]:
        """How many were at most each bound, as Prometheus has it."""
        bounds = [*map(floatToGoString, self._bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True))


class _Requests(Collector):
    """Requests and how long they took."""

    def __init__(self) -> None:
        self._counts: Counts[tuple[str, str]] = Counts()
        self._seconds: dict[str, _Buckets] = {}

    def add(self, event: str, code: str, seconds: float) -> None:
        """A request was acked."""
        self._counts[event, code] += 1
        if event not in self._seconds:
            self._seconds[event] = _Buckets(_FAST)
        self._seconds[event].add(seconds)

    def collect(self) -> Iterator[Metric]:
        """The metrics for Prometheus."""
        requests = CounterMetricFamily(
            "adjutant_requests", "Requests by event and ack code", labels=("event", "code")
        )
        for labels, count in self._counts.items():
            requests.add_metric(labels, count)
        seconds = HistogramMetricFamily("adjutant_request_seconds", "From arrival to ack", labels=("event",))
        for event, buckets in self._seconds.items():
            seconds.add_metric((event,), buckets.cumulated(), buckets.sum)
        yield from (requests, seconds)


class _BySource(Collector):
    """Items and bytes by source, as `shares` tells them at the time."""

    def __init__(self) -> None:
        self.shares: Callable[[], Mapping[str, Mapping[str, int]]] = dict

    def collect(self) -> Iterator[Metric]:
        """The metrics for Prometheus."""
        items = GaugeMetricFamily("adjutant_source_items", "Items of each source", labels=("source",))
        sizes = GaugeMetricFamily(
            "adjutant_source_item_bytes",
            "Bytes of the items as JSON, which --source-item-mib limits",
            labels=("source",),
        )
        for source, share in self.shares().items():
            items.add_metric((source,), share["items"])
            sizes.add_metric((source,), share["bytes"])
        yield from (items, sizes)


class _Batches(Collector):
    """Batches of the hub: what they took, and the commits that were in them."""

    def __init__(self) -> None:
        self._seconds = _Buckets(_FAST)
        self._commits = _Buckets(_SIZES)

    def add(self, commits: int, seconds: float) -> None:
        """A batch was appended."""
        self._seconds.add(seconds)
        if commits:
            self._commits.add(commits)

    def collect(self) -> Iterator[Metric]:
        """The metrics for Prometheus."""
        yield CounterMetricFamily("adjutant_commits", "Commits on disk", self._commits.sum)
        for name, help, buckets in (
            ("batch_commits", "Commits in one append", self._commits),
            ("append_seconds", "Rules and append of one batch", self._seconds),
        ):
            yield HistogramMetricFamily(f"adjutant_{name}", help, buckets.cumulated(), buckets.sum)


def _enter(into: dict[str, Any], name: str, labels: list[str], value: float) -> None:
    for label in labels:
        into, name = into.setdefault(name, {}), label
    into[name] = int(value)
