"""Parsers of what ab, wrk, load_at_rate and docker print. They raise Unreadable if the output is unexpected."""

import json
import re
from dataclasses import dataclass


class Unreadable(ValueError):
    """Output that is not as it should be; the message has its end."""


@dataclass
class Throughput:
    requests: int
    seconds: float
    errors: int

    @property
    def per_second(self):
        return self.requests / self.seconds


def _number(pattern, text, default=None):
    found = re.search(pattern, text, re.MULTILINE)
    if found:
        return float(found.group(1))
    if default is None:
        raise Unreadable(f"no {pattern!r} in: {text.strip()[-300:]}")
    return default


def parse_ab(text):
    """ab's report. A length that differs is no error (ab -l); other kinds of failure are, and so is a status
    other than 2xx."""
    return Throughput(
        requests=int(_number(r"^Complete requests:\s+(\d+)$", text)),
        seconds=_number(r"^Time taken for tests:\s+([\d.]+) seconds$", text),
        errors=int(_number(r"^Failed requests:\s+(\d+)$", text) + _number(r"^Non-2xx responses:\s+(\d+)$", text, 0)),
    )


UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def parse_wrk(text):
    """wrk's report. Errors are of sockets, and statuses of 400 and above."""
    found = re.search(r"^\s*(\d+) requests in ([\d.]+)(us|ms|s|m|h), ", text, re.MULTILINE)
    if not found:
        raise Unreadable(f"wrk tells no requests: {text.strip()[-300:]}")
    sockets = re.search(r"^\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$", text, re.M)
    errors = sum(int(count) for count in sockets.groups()) if sockets else 0
    errors += int(_number(r"^\s*Non-2xx or 3xx responses: (\d+)$", text, 0))
    return Throughput(int(found.group(1)), float(found.group(2)) * UNITS[found.group(3)], errors)


def parse_load(text):
    """load_at_rate's document: see its head."""
    try:
        report = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"load_at_rate: {error}") from error
    if not isinstance(report, dict) or "histogram" not in report:
        raise Unreadable("load_at_rate tells no histogram")
    return report


# ---- docker ----


def parse_docker_version(text):
    """`docker version --format '{{json .}}'`: versions of client and engine."""
    try:
        report = json.loads(text)
        return {"docker": report["Client"]["Version"], "dockerd": report["Server"]["Version"]}
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Unreadable(f"docker version: {error!r}") from error


def parse_docker_pids(text):
    """`docker inspect` of containers: {id: process id of the first process}, of those that run."""
    try:
        return {one["Id"]: one["State"]["Pid"] for one in json.loads(text) if one["State"]["Running"]}
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Unreadable(f"docker inspect: {error!r}") from error


# ---- cgroups ----


def parse_cgroup_paths(text):
    """/proc/PID/cgroup: {controller: path}; the unified hierarchy's name is ""."""
    paths = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


def parse_counters(text):
    """Lines of "name number", as in memory.stat and cpu.stat."""
    return {name: int(value) for name, value in (line.split() for line in text.splitlines())}


# ---- a guest ----


def parse_free(text):
    """`free -b`: bytes used, as it counts them."""
    return int(_number(r"^Mem:\s+\d+\s+(\d+)", text))


def parse_processor_ticks(text):
    """The first line of /proc/stat: busy and all ticks, of all processors. Waiting for the disk is not busy."""
    found = re.search(r"^cpu\s+([\d ]+)$", text, re.MULTILINE)
    if not found:
        raise Unreadable("/proc/stat has no line for all processors")
    user, nice, system, idle, wait, interrupts, soft, stolen = (int(field) for field in found.group(1).split()[:8])
    busy = user + nice + system + interrupts + soft
    return busy, busy + idle + wait + stolen
