"""What is counted, in Prometheus' format. Labels are words of ours: no flow, no key, no address."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The metrics of one gateway."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gateway_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "gateway_request_seconds", "Seconds to the answer.", ["method", "route"], registry=self._registry
        )
        self.listeners = Gauge("gateway_listeners", "Open event streams.", registry=self._registry)
        self.watched = Gauge("gateway_watched_flows", "Flows that somebody listens to.", registry=self._registry)
        self.looks = Counter("gateway_looks", "Views asked of the engine for listeners.", registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self._registry)
