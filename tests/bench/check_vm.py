"""What the bench asks of a guest, put to this machine: the loop over ssh, and what is made of its answers."""

import subprocess
import threading
import time
import unittest
from unittest import mock

from vitrine_bench import health, processes
from vitrine_bench.targets import vm


class Guest(unittest.TestCase):
    def setUp(self):
        self.vm = vm.Vm.__new__(vm.Vm)
        self.vm._lock = threading.Lock()
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.vm._asking = processes.spawn(["sh", "-c", vm.ANSWER], **pipes)
        self.vm._hypervisor = self.vm._asking.pid
        self.addCleanup(self.vm._leave_guest)

    def test_memory(self):
        """the memory of the machine is read by the loop over ssh"""
        for _ in range(3):
            memory = self.vm.memory()
            self.assertEqual(sorted(memory), ["guest", "hypervisor"])
            self.assertGreater(memory["guest"], memory["hypervisor"])
            self.assertGreater(memory["hypervisor"], 0)

    def test_processor(self):
        """the processor time of the machine is read by the loop over ssh"""
        before = self.vm.cpu()
        self.assertGreater(before["guest"], 0)
        self.assertGreaterEqual(self.vm.cpu()["guest"], before["guest"])

    def test_a_guest_that_has_gone(self):
        """a guest that does not answer any more is reported"""
        self.vm._asking.kill()
        self.vm._asking.wait()
        with self.assertRaises((processes.Failed, OSError)):
            self.vm.memory()


class Waiting(unittest.TestCase):
    """For the first answer."""

    def test_until_it_comes(self):
        """the wait for the first answer ends with it"""
        answers = iter([False] * 400 + [True])
        with mock.patch.object(health, "is_answered", lambda *_: next(answers)):
            took = health.wait("http://127.0.0.1:1", time.monotonic())
        self.assertGreaterEqual(took, 1900)

    def test_of_what_has_ended(self):
        """the wait for the first answer ends if the program has ended"""
        with self.assertRaisesRegex(health.NoAnswer, "has ended"):
            health.wait("http://127.0.0.1:1", time.monotonic(), lambda: True)

    def test_not_for_ever(self):
        """the wait for the first answer has a limit"""
        with self.assertRaisesRegex(health.NoAnswer, "no answer in"):
            health.wait("http://127.0.0.1:1", time.monotonic(), patience=0.05)


if __name__ == "__main__":
    unittest.main()
