"""Memory and time of processes and control groups, and the ends of programs that the bench runs."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from vitrine_bench import cgroup, processes

CONTAINER = "4c1ed9b2a0f7"
HOLDS = "import time, sys; kept = bytearray(b'x' * 50_000_000); print(1, flush=True); time.sleep(60)"


@contextlib.contextmanager
def running(command):
    """One that has printed a line."""
    process = processes.spawn(command, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield process
    finally:
        processes.end(process)
        process.stdout.close()


class Processes(unittest.TestCase):
    def test_a_tree_and_its_memory(self):
        """the memory of a process and its descendants is added up"""
        child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDS!r}])"
        with running([sys.executable, "-c", child]) as process:
            pids = processes.tree(process.pid)
            self.assertEqual((len(pids), pids[0]), (2, process.pid))
            self.assertGreater(processes.pss(pids), 50_000_000)
            self.assertLess(processes.pss(pids[:1]), 50_000_000)
            os.kill(pids[1], signal.SIGKILL)

    def test_time_of_children_that_have_ended(self):
        """the processor time of ended children is counted"""
        burn = "import time\nwhile time.process_time() < 0.3: pass"
        child = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {burn!r}]); print(1, flush=True)"
        with running([sys.executable, "-c", child + "; time.sleep(60)"]) as process:
            self.assertGreaterEqual(processes.cpu_seconds([process.pid]), 0.25)

    def test_processes_that_have_ended(self):
        """an ended process has neither memory nor processor time"""
        process = processes.spawn(["true"])
        process.wait()
        self.assertEqual((processes.pss([process.pid]), processes.cpu_seconds([process.pid])), (0, 0))

    def test_found_by_program_and_arguments(self):
        """a process is found by its program and arguments"""
        with running(["sh", "-c", "echo; exec sleep 61.25"]) as process:
            processes.wait_until(lambda: processes.find_all("sleep", "61.25"), 30, "no sleep")
            self.assertEqual(processes.find_all("sleep", "61.25"), [process.pid])
            self.assertEqual(processes.find_all("sleep", "61.26"), [])

    def test_what_fails_says_why(self):
        """a program that fails is reported with its message"""
        with self.assertRaisesRegex(processes.Failed, "sh -c .* failed: so it is"):
            processes.run(["sh", "-c", "echo so it is >&2; exit 3"])
        self.assertEqual(processes.run(["echo", "all", "is well"]), "all is well\n")
        self.assertFalse(processes.answers(["vitrine-no-such-program"]))

    def test_what_does_not_end_is_ended_by_force(self):
        """a program that does not end is killed with its descendants"""
        with running(["sh", "-c", "trap '' TERM; sleep 60 & echo; wait; wait"]) as process:
            pids = processes.tree(process.pid)
            processes.end(process, patience=0.2)
            self.assertEqual(process.returncode, -signal.SIGKILL)
            # Its child has been killed; who takes that in may take time.
            processes.wait_until(lambda: processes.pss(pids) == 0, 30, "something goes on running")


class Cgroups(unittest.TestCase):
    def open(self, lines, files):
        """A container's control group, in a tree of these files."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            path = os.path.join(folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        patched = mock.patch.multiple(cgroup, ROOT=folder.name)
        patched.start()
        self.addCleanup(patched.stop)
        with mock.patch.object(cgroup.tools, "parse_cgroup_paths", return_value=lines):
            return cgroup.Cgroup(os.getpid(), CONTAINER)

    def test_version_1(self):
        """memory and time of a control group of version 1 are read"""
        at = f"docker/{CONTAINER}"
        group = self.open(
            {"memory": f"/{at}", "cpuacct": f"/{at}"},
            {
                f"memory/{at}/memory.usage_in_bytes": "5000\n",
                f"memory/{at}/memory.stat": "inactive_file 1\ntotal_inactive_file 1500\n",
                f"cpuacct/{at}/cpuacct.usage": "2500000000\n",
            },
        )
        self.assertEqual((group.memory(), group.cpu()), (3500, 2.5))

    def test_version_2(self):
        """memory and time of a control group of version 2 are read"""
        at = f"system.slice/docker-{CONTAINER}.scope"
        files = {
            f"{at}/memory.current": "5000\n",
            f"{at}/memory.stat": "anon 3000\ninactive_file 1500\n",
            f"{at}/cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
        }
        group = self.open({"": f"/{at}"}, files)
        self.assertEqual((group.memory(), group.cpu()), (3500, 2.5))
        # From within another container, the path of the process is another one.
        self.assertEqual(self.open({"": "/../.."}, files).memory(), 3500)

    def test_not_to_be_found(self):
        """a missing control group is reported with the container"""
        with self.assertRaisesRegex(cgroup.Unknown, "unified control group of container 4c1ed9b2a0f7"):
            self.open({"": "/"}, {})


if __name__ == "__main__":
    unittest.main()
