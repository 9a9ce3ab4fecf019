"""Memory over time: a target's is read while something else is measured."""

import threading
import time

from vitrine_bench import processes, tools


class Sampler:
    """Reads target.memory() from start() to stop(). readings: [(seconds since start, source, bytes)]."""

    def __init__(self, target, period):
        self._target = target
        self._period = period
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.readings = []
        self.failed = None

    def start(self):
        self._began = time.monotonic()
        self._thread.start()

    def _run(self):
        while not self._over.is_set():
            try:
                for source, size in self._target.memory().items():
                    self.readings.append((time.monotonic() - self._began, source, size))
            except (OSError, processes.Failed, tools.Unreadable, ValueError) as error:
                self.failed = error
            self._over.wait(self._period)

    def stop(self):
        self._over.set()
        self._thread.join()

    def highest(self):
        """By source."""
        highest = {}
        for _, source, size in self.readings:
            highest[source] = max(size, highest.get(source, 0))
        return highest
