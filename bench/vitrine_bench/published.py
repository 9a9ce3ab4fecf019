"""The figures that were published for the gallery from which this one has grown, a Flask application: one run each,
by hand, on another machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    what: str
    figures: dict  # by target, as they were published
    ours: dict  # by target, the keys of our rows that come nearest; the first that is there is taken


START = ("start.cold",)
P50 = ("latency.browse.p50",)
P95 = ("latency.browse.p95",)
FIGURES = (
    Published("start", {"container": "3.7 s", "vm": "8 s"}, {"container": START, "vm": START}),
    Published(
        "memory",
        {"container": "36 MB", "vm": "176 MB"},
        {"container": ("memory.idle@cgroup",), "vm": ("memory.idle@guest", "memory.idle@hypervisor")},
    ),
    Published("latency, p50", {"container": "140 ms", "vm": "163 ms"}, {"container": P50, "vm": P50}),
    Published("latency, p95", {"container": "300 ms", "vm": "400 ms"}, {"container": P95, "vm": P95}),
    Published("throughput", {"vm": "114 requests per second"}, {"vm": ("throughput.browse",)}),
)
