"""python3 tests/bench/tap.py MODULE...: runs unittest's cases of these modules, and prints TAP."""

import sys
import unittest


class Tap(unittest.TestResult):
    """Prints a line for each case, followed by its failures."""

    def __init__(self):
        super().__init__()
        self.count = 0
        self._wrong = []
        self._skip = ""

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._wrong.append(self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._wrong.append(self.errors[-1][1])
        if not isinstance(test, unittest.TestCase):
            self._say(str(test))  # what could not be set up, before any of its cases

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._wrong.append(f"{subtest}: {err[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._skip = f" # SKIP {reason}"

    def stopTest(self, test):
        super().stopTest(test)
        self._say(test.shortDescription() or test.id())

    def _say(self, name):
        self.count += 1
        print(f"{'not ok' if self._wrong else 'ok'} {self.count} - {name}{self._skip}", flush=True)
        for text in self._wrong:
            print("\n".join(f"# {line}" for line in text.splitlines()), flush=True)
        self._wrong = []
        self._skip = ""


def main(names):
    result = Tap()
    unittest.defaultTestLoader.loadTestsFromNames(names).run(result)
    print(f"1..{result.count}")
    return 0 if result.wasSuccessful() and result.count else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
