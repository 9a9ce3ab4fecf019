"""Prints what runs and how much time is left: one changing line on a terminal, plain lines elsewhere."""

import sys
import time


def _clock(seconds):
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{seconds:02d}"


class Progress:
    """Steps are planned with a guess of their seconds; once one of a kind has been measured, its time is taken
    for the others of that kind."""

    def __init__(self, stream=sys.stderr):
        self._stream = stream
        self._terminal = stream.isatty()
        self._ahead = []  # kind and guess
        self._seen = {}  # kind: seconds and number
        self._kind = self._since = None
        self._what = ""

    def plan(self, kind, seconds):
        self._ahead.append((kind, seconds))

    def left(self):
        """Seconds."""
        left = 0.0
        for kind, guess in self._ahead:
            seconds, number = self._seen.get(kind, (guess, 1))
            left += seconds / number
        if self._kind:
            left -= time.monotonic() - self._since
        return max(0.0, left)

    def begin(self, kind, what):
        """A planned step begins."""
        self.end()
        self._kind, self._since, self._what = kind, time.monotonic(), what
        self.show()

    def end(self):
        if self._kind is None:
            return
        seconds, number = self._seen.get(self._kind, (0.0, 0))
        self._seen[self._kind] = (seconds + time.monotonic() - self._since, number + 1)
        for step in self._ahead:
            if step[0] == self._kind:
                self._ahead.remove(step)
                break
        self._kind = None

    def forget(self, target):
        """The steps of a target that has fallen out; kinds begin with its name."""
        self._ahead = [step for step in self._ahead if step[0][0] != target]

    def show(self, detail=""):
        line = f"{self._what}{': ' if detail else ''}{detail}; {_clock(self.left())} left"
        if self._terminal:
            print(f"\r\033[Kbench: {line}", end="", file=self._stream, flush=True)
        elif not detail:
            print(f"bench: {line}", file=self._stream, flush=True)

    def say(self, line):
        """A line that stays."""
        start = "\r\033[K" if self._terminal else ""
        print(f"{start}bench: {line}", file=self._stream, flush=True)
