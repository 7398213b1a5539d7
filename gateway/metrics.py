"""Prometheus metrics. Labels have fixed values: no flow ids, keys or client addresses."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The metrics of one gateway."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gateway_requests", "Answered requests.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "gateway_request_seconds", "Seconds to answer.", ["method", "route"], registry=self._registry
        )
        self.listeners = Gauge("gateway_listeners", "Open event streams.", registry=self._registry)
        self.watched = Gauge("gateway_watched_flows", "Flows with open event streams.", registry=self._registry)
        self.links = Counter(
            "gateway_links", "Links for invited users, by what happened.", ["event"], registry=self._registry
        )
        self.logins = Counter("gateway_logins", "Logins by their result.", ["result"], registry=self._registry)
        self.view_reads = Counter(
            "gateway_view_reads", "Views read from Temporal for event streams.", registry=self._registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)
