"""The properties of the machine that matter to the figures."""

import os
import platform
import re
import subprocess
import time

from vitrine_bench import processes, results, tools

PACKAGES = (
    "nginx libfcgi-bin spawn-fcgi multiwatch sqlite3 libmagickwand-dev libjpeg-turbo-progs wrk apache2-utils "
    "libcurl4-openssl-dev docker.io docker-compose vagrant vagrant-libvirt libvirt-daemon-system qemu-system-x86"
).split()
WATCHED_SECONDS = 2


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def _first(pattern, text, default):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else default


def virtualisation():
    """As systemd-detect-virt names it, or what the processor says; None on bare metal."""
    try:
        command = ["systemd-detect-virt", "--vm"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        said = ""
    if said and said != "none":
        return said
    flags = _first(r"^flags\s*: (.*)$", _read("/proc/cpuinfo"), "").split()
    return "a hypervisor" if "hypervisor" in flags else None


def is_container():
    return subprocess.call(["systemd-detect-virt", "--quiet", "--container"], stderr=subprocess.DEVNULL) == 0


def governor():
    return _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip() or None


def congestion_control():
    return _read("/proc/sys/net/ipv4/tcp_congestion_control").strip() or None


def versions():
    """Of Debian's packages that are installed."""
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n", *PACKAGES]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = (line.split() for line in said.splitlines())
    return {line[1]: line[2] for line in lines if line[:1] == ["installed"] and len(line) == 3} | {
        "python3": platform.python_version()
    }


def others_percent(seconds=WATCHED_SECONDS):
    """What all programs take of the processors for a while, before the bench starts any."""
    before = tools.parse_processor_ticks(_read("/proc/stat"))
    time.sleep(seconds)
    after = tools.parse_processor_ticks(_read("/proc/stat"))
    return round(100 * (after[0] - before[0]) / max(1, after[1] - before[1]), 1)


def describe():
    load = [float(field) for field in _read("/proc/loadavg").split()[:3]]
    virtual = virtualisation()
    if virtual and is_container():
        virtual += ", in a container"
    return results.Machine(
        cpu=_first(r"^model name\s*: (.*)$", _read("/proc/cpuinfo"), platform.machine()),
        cpus=len(os.sched_getaffinity(0)),
        memory_kb=int(_first(r"^MemTotal:\s+(\d+)", _read("/proc/meminfo"), "0")),
        kernel=" ".join((platform.system(), platform.release(), platform.machine())),
        system=_first(r'^PRETTY_NAME="(.*)"$', _read("/etc/os-release"), "unknown"),
        governor=governor(),
        congestion_control=congestion_control(),
        virtualisation=virtual,
        load_before=load,
        others_percent=others_percent(),
        versions=versions(),
    )


def commit(folder):
    try:
        return processes.run(["git", "-C", folder, "describe", "--always", "--dirty"]).strip()
    except (processes.Failed, FileNotFoundError):
        return "unknown"
