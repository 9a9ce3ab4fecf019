"""results.json: every raw sample that a run of the bench has measured.

The dataclasses are the schema. read() accepts a file only if it has exactly their fields, each of its type, and if
all numbers are possible. Times are in ms unless a name says otherwise.
"""

import json
import math
import os
import re
import tempfile
import typing
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from types import UnionType

SCHEMA = 1
WORKLOADS = ("browse", "listing", "upload", "mixed")
ACCELERATORS = ("kvm", "tcg")
# The unit of a measure, by the part of its name before the point.
UNITS = {
    "start": "ms",
    "memory": "bytes",
    "cpu": "s/1000",  # seconds of processor for 1,000 requests
    "throughput": "1/s",
}
MEASURES = ("start.cold", "start.warm", "memory.idle", "memory.load") + tuple(
    f"{kind}.{workload}" for kind in ("cpu", "throughput") for workload in WORKLOADS
)
# Whose account a value is of, or who measured it, by the same part of the measure's name.
SOURCES = {
    "start": (None,),
    "memory": ("pss", "cgroup", "guest", "hypervisor"),
    "cpu": ("processes", "cgroup", "guest", "hypervisor"),
    "throughput": (None, "wrk", "ab"),
}
TARGET_NAME = re.compile(r"[a-z][a-z0-9-]*")


class Invalid(ValueError):
    """Names the invalid field and what is wrong with it: "samples[3].value: …"."""


@dataclass
class Machine:
    cpu: str
    cpus: int
    memory_kb: int
    kernel: str
    system: str
    governor: str | None
    congestion_control: str | None  # of TCP
    virtualisation: str | None
    load_before: list[float]  # over 1, 5 and 15 minutes, as the run began
    others_percent: float | None  # of the processors, that other programs took as the run began
    versions: dict[str, str]


@dataclass
class Target:
    label: str
    accelerator: str | None  # of a VM: kvm, or tcg, which is emulation
    description: str

    @property
    def emulated(self):
        return self.accelerator == "tcg"


@dataclass
class Sample:
    target: str
    round: int  # from 0
    measure: str  # one of MEASURES
    unit: str
    value: float
    source: str | None = None
    errors: int = 0  # requests that failed while it was measured


@dataclass
class Latency:
    """Latencies of requests at a fixed rate, each counted from the time at which it was due."""

    target: str
    round: int
    workload: str
    rate: float  # requests a second
    requests: int
    errors: int
    seconds: float
    histogram: list[list[float]]  # [upper bound in ms, count], ascending; a bucket is at most 1 % wide


@dataclass
class Memory:
    """A reading of a series during a round."""

    target: str
    round: int
    source: str
    seconds: float  # since the round of this target began
    bytes: int


@dataclass
class Results:
    commit: str
    date: str  # ISO 8601
    quick: bool
    complete: bool  # false where the run was interrupted
    seed: int
    rounds: int
    order: list[list[str]]  # targets as they ran, round by round
    machine: Machine
    targets: dict[str, Target]
    samples: list[Sample] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    schema: int = SCHEMA

    def add(self, target, round_number, measure, value, source=None, errors=0):
        """Appends a sample, in the unit of its measure."""
        unit = UNITS[measure.partition(".")[0]]
        self.samples.append(Sample(target, round_number, measure, unit, value, source, errors))

    def values(self, target, measure, source=None):
        """The samples' values as a list for each round, as stats needs them."""
        rounds = [[] for _ in range(self.rounds)]
        for sample in self.samples:
            if (sample.target, sample.measure, sample.source) == (target, measure, source):
                rounds[sample.round].append(sample.value)
        return rounds


def read(path):
    """Reads a file, or the results.json of a folder. Raises Invalid if they are not valid, and OSError like open()."""
    if os.path.isdir(path):
        path = os.path.join(path, "results.json")
    with open(path, encoding="utf-8") as file:
        try:
            document = json.load(file, parse_constant=_no_number)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise Invalid(f"not JSON: {error}") from error
    return from_document(document)


def write(results, path):
    """Writes valid results, replacing an existing file atomically. Raises Invalid, and keeps the file, if they are
    not valid."""
    document = asdict(results)
    from_document(document)
    folder = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as file:
        try:
            json.dump(document, file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            file.write("\n")
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def from_document(document):
    """The results in a document of json.load(). Raises Invalid, which names the field."""
    if isinstance(document, dict) and document.get("schema") != SCHEMA:
        raise Invalid(f"schema: {SCHEMA} is known, this is {document.get('schema')!r}")
    results = _checked(Results, document, "")
    _check_all(results)
    return results


def _no_number(text):
    raise Invalid(f"{text} is no JSON number")


# ---- types ----


def _checked(kind, value, where):
    """Checks a value against the type that an annotation names, and returns it."""
    if is_dataclass(kind):
        return _checked_object(kind, value, where)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is UnionType:
        return None if value is None else _checked(inner[0], value, where)
    if origin is list:
        _require(isinstance(value, list), where, "a list is needed", value)
        return [_checked(inner[0], item, f"{where}[{number}]") for number, item in enumerate(value)]
    if origin is dict:
        _require(isinstance(value, dict), where, "an object is needed", value)
        return {key: _checked(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    return _checked_plain(kind, value, where)


def _checked_plain(kind, value, where):
    if kind is float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        _require(number and math.isfinite(value), where, "a number is needed", value)
    elif kind is int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        _require(whole, where, "a whole number is needed", value)
    elif kind is bool:
        _require(isinstance(value, bool), where, "true or false is needed", value)
    else:
        _require(isinstance(value, str), where, "a string is needed", value)
    return value


def _checked_object(kind, value, where):
    _require(isinstance(value, dict), where or "the file", "an object is needed", value)
    hints = typing.get_type_hints(kind)
    at = f"{where}." if where else ""
    for name in value:
        _require(name in hints, f"{at}{name}", "no such field")
    for known in fields(kind):
        _require(known.name in value, f"{at}{known.name}", "missing")
    return kind(**{name: _checked(hints[name], value[name], f"{at}{name}") for name in value})


def _require(holds, where, what, *value):
    if not holds:
        raise Invalid(f"{where}: {what}" + (f", not {value[0]!r:.60}" if value else ""))


# ---- values ----


def _check_all(results):
    _require(results.rounds >= 1, "rounds", "at least 1", results.rounds)
    for name, target in results.targets.items():
        _require(TARGET_NAME.fullmatch(name), f"targets.{name}", "no name for a target")
        _check_one_of(target.accelerator, (None, *ACCELERATORS), f"targets.{name}.accelerator")
    for number, names in enumerate(results.order):
        for name in names:
            _check_one_of(name, results.targets, f"order[{number}]")
    _require(len(results.machine.load_before) == 3, "machine.load_before", "three numbers")
    _check_list(results, "samples", _check_sample)
    _check_list(results, "latencies", _check_latency)
    _check_list(results, "memory", _check_memory)


def _check_list(results, name, check):
    for number, item in enumerate(getattr(results, name)):
        where = f"{name}[{number}]"
        _check_one_of(item.target, results.targets, f"{where}.target")
        known = 0 <= item.round < results.rounds
        _require(known, f"{where}.round", f"0 to {results.rounds - 1}", item.round)
        check(item, where)


def _check_sample(sample, where):
    _check_one_of(sample.measure, MEASURES, f"{where}.measure")
    kind = sample.measure.partition(".")[0]
    unit = UNITS[kind]
    _require(sample.unit == unit, f"{where}.unit", f"{unit!r} is needed", sample.unit)
    _check_one_of(sample.source, SOURCES[kind], f"{where}.source")
    _check_counts(sample, where, "value", "errors")


def _check_latency(latency, where):
    _check_one_of(latency.workload, WORKLOADS, f"{where}.workload")
    _check_counts(latency, where, "rate", "requests", "errors", "seconds")
    last = -1.0
    counted = 0
    for number, bucket in enumerate(latency.histogram):
        at = f"{where}.histogram[{number}]"
        _require(len(bucket) == 2, at, "[upper bound, count] is needed", bucket)
        _require(bucket[0] > last, at, "bounds must ascend", bucket)
        _require(bucket[1] >= 0 and bucket[1] == int(bucket[1]), at, "a count is needed", bucket)
        last = bucket[0]
        counted += bucket[1]
    _require(counted <= latency.requests, f"{where}.histogram", "more than there were requests")


def _check_memory(reading, where):
    _check_one_of(reading.source, SOURCES["memory"], f"{where}.source")
    _check_counts(reading, where, "seconds", "bytes")


def _check_counts(item, where, *names):
    for name in names:
        value = getattr(item, name)
        _require(value >= 0, f"{where}.{name}", "nothing below 0", value)


def _check_one_of(value, known, where):
    names = ", ".join("null" if name is None else name for name in known)
    _require(value in known, where, f"one of {names}", value)
