"""The report of bench/speed, of measurements with known outcomes."""

import unittest

from vitrine_bench import speed

MACHINE = {
    "date": "2026-11-25T09:30:00Z",
    "commit": "abc1234",
    "cpu": "Some Processor",
    "cpus": 2,
    "kernel": "Linux 6.1 x86_64",
    "system": "Debian 12",
    "others_percent": 1.5,
}
TABLE = """\
| part | what              | Vitrine              | against                 | ratio             | asked    | met |
|------|-------------------|----------------------|-------------------------|-------------------|----------|-----|
| a    | three sizes       | 12.3 ms (1.23–1,235) | x 24.7 ms (0.123–1,235) | 1.00 (0.500–10.0) | ≤ 1.25   | yes |
| a    | one round         | 0.500 MB             | –                       | –                 | ≤ 0.4 MB | no  |
| a    | no unit, no bound | 7.00 (7.00–7.00)     | –                       | –                 | –        | –   |

Vitrine abc1234, 2026-11-25, 2 × Some Processor, Debian 12, Linux 6.1 x86_64. Other programs took 1.5 % of the \
processors as it began. Not measured: c, d."""


def row(ours, other=None, asked=None, **more):
    made = {"row": "a.b", "part": "a", "what": "w", "unit": "ms", "ours": ours} | more
    if other is not None:
        made |= {"against": "x", "other": other}
    return made | ({"asked": asked} if asked else {})


class Rows(unittest.TestCase):
    def test_spread(self):
        """a row has the median, the least and the greatest of its rounds, and keeps these in order"""
        self.assertEqual(speed.sum_up(row([4, 1, 3]))["ours"], {"median": 3, "least": 1, "most": 4, "rounds": [4, 1, 3]})
        self.assertEqual(speed.sum_up(row([10, 40, 20, 30]))["ours"]["median"], 25)
        self.assertEqual(speed.sum_up(row([10, 40, 20, 30]))["rounds"], 4)

    def test_one_side(self):
        """a row without another side and without a bound has neither ratio nor verdict"""
        done = speed.sum_up(row([1]))
        self.assertNotIn("ratio", done)
        self.assertNotIn("met", done)

    def test_ratio(self):
        """the ratio is taken round by round, so a machine that was ten times slower in one round does not change it"""
        ratio = speed.sum_up(row([10, 100, 12], [20, 200, 16]))["ratio"]
        self.assertEqual(ratio, {"median": 0.5, "least": 0.5, "most": 0.75, "rounds": [0.5, 0.5, 0.75]})

    def test_verdict(self):
        """a bound is asked of the ratio, or of the figure if there is no other side"""
        for bound, other, met in (
            ({"at_most": 3}, None, True),
            ({"at_most": 2.9}, None, False),
            ({"at_least": 3}, None, True),
            ({"at_least": 3.1}, None, False),
            ({"at_least": 1.5}, [2], True),
            ({"at_most": 1.4}, [2], False),
        ):
            self.assertIs(speed.sum_up(row([3], other, bound))["met"], met, (bound, other))

    def test_refused(self):
        """a row without rounds, or with sides that differ in rounds, is an error that names it"""
        for wrong, words in ((row([]), "a.b: nothing was measured"), (row([1, 2], [1]), "a.b: the sides differ")):
            with self.assertRaisesRegex(speed.Invalid, words):
                speed.sum_up(wrong)


class Table(unittest.TestCase):
    def test_table(self):
        """the table has three digits, units, ratios, bounds and verdicts, but no row that is marked as a detail"""
        rows = [
            row([1234.6, 12.34, 1.234], [1234.6, 24.68, 0.1234], {"at_most": 1.25}, what="three sizes"),
            row([0.5], None, {"at_most": 0.4}, what="one round", unit="MB"),
            row([7, 7.004], what="no unit, no bound", unit=""),
            row([7], what="not for the table", detail=True),
        ]
        summed = speed.report(rows, MACHINE, quick=False, unmeasured=["c", "d"])
        self.assertEqual(len(summed["rows"]), 4)
        self.assertEqual(speed.table(summed), TABLE)

    def test_quick(self):
        """a quick run says so"""
        self.assertIn("x86_64; --quick. Other", speed.table(speed.report([row([1])], MACHINE, True, [])))
