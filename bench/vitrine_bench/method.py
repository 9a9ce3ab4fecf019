"""Describes how the bench measures."""

from vitrine_bench import stats


def lines(results):
    """A sentence or two on each part."""
    targets = results.targets
    said = [_rounds(results)]
    said.append(
        f"Intervals are of a bootstrap: {stats.RESAMPLES:,} times, as many rounds as there were are drawn out of them, "
        "each with all its values, since what else the machine does hits those together; the median is taken each "
        f"time (seed {results.seed}). They are expanded percentile intervals, since plain ones of few rounds are too "
        f"narrow; fewer than {stats.LEAST_ROUNDS} rounds get none."
    )
    if len(targets) > 1 and "host" in targets:
        said.append(
            "A ratio is one of medians. For its interval the same rounds are drawn on both sides. There is none where "
            "requests failed, rates differ, or a guest is emulated."
        )
    measured = {sample.measure.partition(".")[0] for sample in results.samples}
    said += [text for kind, text in KINDS if kind in measured]
    if results.latencies:
        said.append(LATENCY)
    return said


def _rounds(results):
    names = [" ".join(targets) for targets in results.order]
    shown = "; ".join(names[:3]) + ("; …" if len(names) > 3 else "")
    return (
        f"{results.rounds} rounds, in each of which every target has its turn, in an order that rotates: {shown}. "
        "Only one target runs at a time."
    )


KINDS = (
    (
        "start",
        "Start is from the start command to the first answer 200 of the health check, asked for every 5 ms.",
    ),
    (
        "memory",
        "Memory under load is the highest reading of a round. Accounts differ, so a ratio is given only within "
        "one. PSS: of each process its own pages, and its share of those in common. cgroup: what the kernel charges "
        "containers. In the guest: what its kernel says is used. Hypervisor: what the host gives to its process. "
        "MB are 1,000,000 bytes.",
    ),
    (
        "cpu",
        "CPU time is user's and system's, for 1,000 requests at the fixed rate: of all processes, of the containers' "
        "cgroups, or of the hypervisor's process, and as the guest counts it itself.",
    ),
    (
        "throughput",
        "Throughput is a closed loop, by wrk unless ab is named: each connection asks again once it has "
        "its answer. It says how much a target takes, not how long anybody waits.",
    ),
)
LATENCY = (
    "Latency is measured at a fixed rate, each from the time that a request was due, and not from when it could be "
    "sent: a stall counts for all requests that it holds up (no coordinated omission). Percentiles are of each "
    "round, by the upper bound of the bucket, at most 1 % wide, that holds the request of that rank; then "
    "the median of the rounds. Charts add up the rounds."
)
