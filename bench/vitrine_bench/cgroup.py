"""Memory and processor time of a control group of version 1 or 2."""

import os

from vitrine_bench import tools

ROOT = "/sys/fs/cgroup"


class Unknown(OSError):
    """The control group of a process cannot be found from here."""


def _read(*parts):
    with open(os.path.join(*parts), encoding="ascii") as file:
        return file.read()


def _folder(controller, path, container):
    """Where it is mounted. A bench in a container itself may see another path than the process does."""
    for below in (path, f"/docker/{container}", f"/system.slice/docker-{container}.scope"):
        folder = os.path.join(ROOT, controller, below.lstrip("/"))
        if container in folder and os.path.isdir(folder):
            return folder
    raise Unknown(f"the {controller or 'unified'} control group of container {container[:12]} is not to be found")


class Cgroup:
    def __init__(self, pid, container):
        """Of a container, by its id and first process."""
        paths = tools.parse_cgroup_paths(_read("/proc", str(pid), "cgroup"))
        self._unified = "memory" not in paths
        if self._unified:
            self._memory = self._cpu = _folder("", paths[""], container)
        else:
            self._memory = _folder("memory", paths["memory"], container)
            self._cpu = _folder("cpuacct", paths["cpuacct"], container)

    def memory(self):
        """Bytes charged to it, less what the kernel would let go of first: files not used of late. That is what
        `docker stats` shows."""
        usage = "memory.current" if self._unified else "memory.usage_in_bytes"
        inactive = "inactive_file" if self._unified else "total_inactive_file"
        counters = tools.parse_counters(_read(self._memory, "memory.stat"))
        return max(0, int(_read(self._memory, usage)) - counters[inactive])

    def cpu(self):
        """Seconds on the processor."""
        if self._unified:
            return tools.parse_counters(_read(self._cpu, "cpu.stat"))["usage_usec"] / 1e6
        return int(_read(self._cpu, "cpuacct.usage")) / 1e9
