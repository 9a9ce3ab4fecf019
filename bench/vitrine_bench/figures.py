"""The figures of the raw results: rows with a cell for each target that has one. Report, charts and compare all use
them."""

from dataclasses import dataclass
from functools import cached_property

from vitrine_bench import stats
from vitrine_bench.results import MEASURES, SOURCES, UNITS, WORKLOADS

BASE = "host"  # what the others' ratios are to
PERCENTILES = (("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("max", 100))

SOURCE_NAMES = {
    "pss": "PSS",
    "processes": "processes",
    "cgroup": "cgroup",
    "guest": "in the guest",
    "hypervisor": "hypervisor",
    "ab": "ab",
    "wrk": "wrk",
}
# Which accounts make one row. The processor's time is the same thing by processes, cgroups or the
# hypervisor's process, but not in a guest. Memory is another thing by each.
WHOLE_PROCESSOR = ("hypervisor", "cgroup", "processes")


@dataclass
class Cell:
    """A target's values of one row, as a list for each round."""

    rounds: list
    errors: int
    source: str | None
    seed: int
    rate: float | None = None  # of latencies: requests a second

    @cached_property
    def estimate(self):
        return stats.median_of_rounds(self.rounds, self.seed)


@dataclass
class Row:
    key: str  # such as start.cold, memory.idle@pss, throughput.listing@ab, latency.browse.p50
    kind: str  # start, memory, cpu, throughput, latency
    name: str
    unit: str
    cells: dict  # by target

    @property
    def less_is_better(self):
        return self.kind != "throughput"

    @property
    def account(self):
        """Whose account all cells are of, where the key names one."""
        return self.key.partition("@")[2] if self.by_account else ""

    @property
    def by_account(self):
        return self.kind in ("memory", "cpu")

    @property
    def group(self):
        """What shares a scale in charts: start, memory, cpu.browse, …"""
        return self.key.partition("@")[0] if self.kind in ("cpu", "throughput") else self.kind

    def ratio(self, target, targets):
        """The ratio of a target to the host, or None where there is none to be given: a figure is missing or
        has errors, one of them is emulated, or rates differ.
        """
        ours, base = self.cells.get(target), self.cells.get(BASE)
        if ours is None or base is None or target == BASE or not comparable(target, targets):
            return None
        if ours.errors or base.errors or ours.rate != base.rate:
            return None
        return stats.ratio_in_rounds(ours.rounds, base.rounds, ours.seed)


def comparable(target, targets):
    """Whether a target's figures may be set against the host's."""
    return BASE in targets and not targets[target].emulated and not targets[BASE].emulated


def rows(results):
    """All rows that at least one target has a figure for, in the order of the report."""
    found = []
    for measure in MEASURES:
        for suffix, sources in _groups(measure):
            cells = _sample_cells(results, measure, sources)
            if cells:
                kind = measure.partition(".")[0]
                name = _name(measure, suffix)
                key = measure + (f"@{suffix}" if suffix else "")
                found.append(Row(key, kind, name, UNITS[kind], cells))
    for workload in WORKLOADS:
        found += _latency_rows(results, workload)
    return found


def _groups(measure):
    kind = measure.partition(".")[0]
    if kind == "memory":
        return [(source, (source,)) for source in SOURCES["memory"]]
    if kind == "cpu":
        return [(None, WHOLE_PROCESSOR), ("guest", ("guest",))]
    if kind == "throughput":
        return [(None, ("wrk", None)), ("ab", ("ab",))]
    return [(None, (None,))]


def _name(measure, suffix):
    what = measure.partition(".")[2]
    text = {"idle": "idle", "load": "under load"}.get(what, what)
    return f"{text}, by ab" if suffix == "ab" else text


def _sample_cells(results, measure, sources):
    """Of each target, the values by the first of the sources that it has."""
    cells = {}
    for target in results.targets:
        for source in sources:
            rounds = results.values(target, measure, source)
            if any(rounds):
                errors = sum(
                    sample.errors
                    for sample in results.samples
                    if (sample.target, sample.measure, sample.source) == (target, measure, source)
                )
                cells[target] = Cell(rounds, errors, source, results.seed)
                break
    return cells


def latencies(results, target, workload):
    """The records of one target and workload that have a latency in them."""
    return [
        latency
        for latency in results.latencies
        if (latency.target, latency.workload) == (target, workload)
        and any(count for _, count in latency.histogram)
    ]


def _latency_rows(results, workload):
    found = []
    for name, percent in PERCENTILES:
        cells = {}
        for target in results.targets:
            records = latencies(results, target, workload)
            if records:
                cells[target] = _latency_cell(results, records, percent)
        if cells:
            found.append(Row(f"latency.{workload}.{name}", "latency", f"{workload}, {name}", "ms", cells))
    return found


def _latency_cell(results, records, percent):
    rounds = [[] for _ in range(results.rounds)]
    for record in records:
        rounds[record.round].append(stats.histogram_percentile(record.histogram, percent))
    errors = sum(record.errors for record in records)
    rates = {record.rate for record in records}
    rate = rates.pop() if len(rates) == 1 else None
    return Cell(rounds, errors, None, results.seed, rate)
