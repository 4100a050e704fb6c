"""OpenTelemetry traces of requests: from the socket over the commit to the fan-out, and the ack.

On only where OTEL_EXPORTER_OTLP_ENDPOINT is set; the packages are optional (requirements-otel.txt) and are
imported only then. A span names the event and its outcome: nothing that anybody sent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""As OpenTelemetry calls it; its other variables (headers, sampling, names) count as well."""
SERVICE = "adjutant"
SENT_WITHIN_MS = 2_000  # at a stop, for what is not sent yet

log = logging.getLogger("adjutant.tracing")


class TracingError(Exception):
    """Traces were asked for and cannot be made; the message says why."""


class Span:
    """One request, from its arrival to its ack. Times are in ns since the epoch."""

    __slots__ = ("_span", "context")

    def __init__(self, span: Any, context: Any) -> None:
        self._span = span
        self.context = context

    def end(self, code: str) -> None:
        """It was acked."""
        self._span.set_attribute("adjutant.code", code)
        self._span.end()


class Traces:
    """Makes spans; a thread of the library sends them, and drops what it cannot send."""

    def __init__(self, provider: Any, trace: Any) -> None:
        self._provider = provider
        self._trace = trace
        self._tracer = provider.get_tracer(SERVICE)

    def begin(self, event: str) -> Span:
        """A request came from a socket."""
        span = self._tracer.start_span(event, kind=self._trace.SpanKind.SERVER)
        return Span(span, self._trace.set_span_in_context(span))

    def did(self, what: str, spans: Iterable[Span | None], began_ns: int) -> None:
        """What was done for all of these requests together, from then until now, as a child of each."""
        ended_ns = time.time_ns()
        for span in spans:
            if span is not None:
                self._tracer.start_span(what, span.context, start_time=began_ns).end(ended_ns)

    def stop(self) -> None:
        """Sends the rest. Blocks for a while."""
        self._provider.force_flush(SENT_WITHIN_MS)
        self._provider.shutdown()


def traces_of(environment: Mapping[str, str], version: str) -> Traces | None:
    """The traces that the environment asks for. Errors: TracingError."""
    if not environment.get(ENDPOINT):
        return None
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise TracingError(
            f"{ENDPOINT} is set, and OpenTelemetry is not installed: pip install -r requirements-otel.txt"
        ) from None
    # What the environment names itself (OTEL_SERVICE_NAME) comes first.
    resource = Resource({"service.name": SERVICE, "service.version": version}).merge(Resource.create())
    if "OTEL_SERVICE_NAME" not in environment:
        resource = resource.merge(Resource({"service.name": SERVICE}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    log.info("traces are sent to %s", environment[ENDPOINT].partition("?")[0].rpartition("@")[2])
    return Traces(provider, trace)
