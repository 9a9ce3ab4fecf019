"""Statistics against known answers."""

import math
import unittest
from unittest import mock

import numpy as np

from vitrine_bench import stats


class Percentiles(unittest.TestCase):
    def test_percentile(self):
        """percentiles are R's type 7"""
        # quantile(c(15, 20, 35, 40, 50), …) and quantile(1:10, …) in R.
        self.assertAlmostEqual(stats.percentile([15, 20, 35, 40, 50], 40), 29)
        self.assertAlmostEqual(stats.percentile(list(range(1, 11)), 25), 3.25)
        self.assertAlmostEqual(stats.percentile(list(range(1, 11)), 95), 9.55)
        self.assertAlmostEqual(stats.percentile([50, 15, 40, 20, 35], 40), 29)
        self.assertEqual(stats.percentile([7], 99), 7)
        self.assertEqual(stats.percentile([1, 2], 0), 1)
        self.assertEqual(stats.percentile([1, 2], 100), 2)

    def test_median(self):
        """medians of odd and even counts are right"""
        self.assertEqual(stats.median([3, 1, 2]), 2)
        self.assertEqual(stats.median([4, 1, 3, 2]), 2.5)

    def test_nothing(self):
        """no values have no percentile"""
        for take in (stats.median, lambda values: stats.percentile(values, 50)):
            self.assertRaises(ValueError, take, [])
        self.assertRaises(ValueError, stats.histogram_percentile, [], 50)
        self.assertRaises(ValueError, stats.histogram_percentile, [[1, 0]], 50)

    def test_histogram(self):
        """a histogram's percentile is the bound of the bucket with the value of that rank"""
        histogram = [[1, 50], [2, 40], [4, 9], [8, 1]]
        wanted = {0: 1, 1: 1, 50: 1, 50.5: 2, 90: 2, 91: 4, 95: 4, 99: 4, 99.5: 8, 100: 8}
        for percent, bound in wanted.items():
            with self.subTest(percent=percent):
                self.assertEqual(stats.histogram_percentile(histogram, percent), bound)

    def test_histogram_rank(self):
        """rounding of floats moves no rank"""
        self.assertEqual(stats.histogram_percentile([[1, 999], [2, 1]], 99.9), 1)
        self.assertEqual(stats.histogram_percentile([[1, 29], [2, 71]], 29), 1)

    def test_histogram_empty_buckets(self):
        """empty buckets count for nothing"""
        self.assertEqual(stats.histogram_percentile([[1, 0], [2, 3], [4, 0]], 0), 2)
        self.assertEqual(stats.histogram_percentile([[1, 0], [2, 3], [4, 0]], 100), 2)

    def test_histogram_like_values(self):
        """a percentile of buckets with one value each is that of NumPy's inverted_cdf"""
        values = np.random.default_rng(4).integers(1, 60, 500)
        histogram = [[int(value), int((values == value).sum())] for value in np.unique(values)]
        for percent in (1, 10, 33.3, 50, 90, 95, 99, 99.9, 100):
            wanted = np.percentile(values, percent, method="inverted_cdf")
            self.assertEqual(stats.histogram_percentile(histogram, percent), wanted)


class Order(unittest.TestCase):
    def test_rotated(self):
        """targets take turns at being first"""
        wanted = [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]
        self.assertEqual(stats.rotated(["a", "b", "c"], 4), wanted)

    def test_fair(self):
        """over as many rounds as targets, each target is once in each place"""
        order = stats.rotated(list("abcde"), 5)
        for place in zip(*order):
            self.assertEqual(sorted(place), list("abcde"))

    def test_few(self):
        """an order of one target, of none, and of no rounds can be made"""
        self.assertEqual(stats.rotated(["a"], 3), [["a"]] * 3)
        self.assertEqual(stats.rotated([], 2), [[], []])
        self.assertEqual(stats.rotated(["a", "b"], 0), [])


def exact_interval(values):
    """That of the median of single values, an odd number of them, without drawing: the median of a draw is at
    most the k-th value if more than half of the draw are."""
    values = sorted(values)
    count = len(values)

    def at_most(k):
        part = k / count
        return sum(
            math.comb(count, n) * part**n * (1 - part) ** (count - n)
            for n in range(count // 2 + 1, count + 1)
        )

    tail = stats.tail(count) / 100
    low = next(values[k - 1] for k in range(1, count + 1) if at_most(k) > tail)
    high = next(values[k - 1] for k in range(1, count + 1) if at_most(k) > 1 - tail)
    return low, high


class Medians(unittest.TestCase):
    def test_tail(self):
        """the tails of intervals are those of Hesterberg's table"""
        for rounds, wanted in {5: 0.0010, 10: 0.0086, 20: 0.0159}.items():
            self.assertAlmostEqual(stats.tail(rounds) / 100, wanted, places=4)

    def test_exact(self):
        """an interval agrees with the exact distribution of the bootstrap"""
        for count in (5, 9, 15, 25):
            values = list(np.random.default_rng(count).normal(10, 1, count))
            estimate = stats.median_of_rounds([[value] for value in values])
            with self.subTest(count=count):
                self.assertEqual((estimate.low, estimate.high), exact_interval(values))
                self.assertEqual(estimate.value, stats.median(values))

    def test_five(self):
        """the interval of five rounds goes from the least to the greatest value"""
        estimate = stats.median_of_rounds([[3], [1], [5], [2], [4]])
        self.assertEqual((estimate.value, estimate.low, estimate.high), (3, 1, 5))
        self.assertEqual((estimate.count, estimate.rounds), (5, 5))

    def test_coverage(self):
        """95 % intervals cover the true median about 95 times in 100"""
        generator = np.random.default_rng(11)
        missed = 0
        with mock.patch.object(stats, "RESAMPLES", 1000):
            for _ in range(300):
                rounds = [[value] for value in generator.normal(20, 2, 15)]
                missed += stats.median_of_rounds(rounds).excludes(20)
        self.assertLessEqual(missed, 24)
        self.assertGreaterEqual(missed, 3)

    def test_clusters(self):
        """values of one round do not count as if they were independent"""
        generator = np.random.default_rng(12)
        rounds = [[mean + generator.normal(0, 0.01) for _ in range(50)] for mean in (1, 2, 3, 4, 5)]
        together = stats.median_of_rounds(rounds)
        apart = stats.median_of_rounds([[value] for values in rounds for value in values])
        self.assertLess(together.low, 1.1)
        self.assertGreater(together.high, 4.9)
        self.assertLess(apart.high - apart.low, together.high - together.low)

    def test_uneven(self):
        """rounds may have different numbers of values"""
        rounds = [[1, 2, 9], [4], [5, 6], [2, 3, 8, 9], [7, 7]]
        draws = stats.draw(5, 200, 1)
        drawn = [draws.distinct[which] for which in draws.which]
        wanted = [stats.median([value for index in draw for value in rounds[index]]) for draw in drawn]
        self.assertEqual(list(stats._medians(rounds, draws)), wanted)
        with mock.patch.object(stats, "AT_ONCE", 50):
            self.assertEqual(list(stats._medians(rounds, draws)), wanted)

    def test_equal(self):
        """equal values have an interval of no width"""
        estimate = stats.median_of_rounds([[4, 4]] * 6)
        self.assertEqual((estimate.value, estimate.low, estimate.high), (4, 4, 4))
        self.assertFalse(estimate.excludes(4))
        self.assertTrue(estimate.excludes(4.1))

    def test_few(self):
        """one sample, and four rounds, have a median and no interval"""
        for rounds in ([[7]], [[7], [7], [8], [6]], [[], [7], [], [], [], []]):
            estimate = stats.median_of_rounds(rounds)
            self.assertEqual((estimate.value, estimate.low, estimate.high), (7, None, None))
            self.assertFalse(estimate.excludes(1))
        self.assertRaises(ValueError, stats.median_of_rounds, [[], []])

    def test_seed(self):
        """the same seed gives the same interval"""
        rounds = [[value] for value in np.random.default_rng(3).normal(0, 1, 40)]
        self.assertEqual(stats.median_of_rounds(rounds, 5), stats.median_of_rounds(rounds, 5))


class Ratios(unittest.TestCase):
    def test_in_rounds(self):
        """a disturbance of both sides of a round cancels out in their ratio"""
        others = [[1], [5], [2], [9], [4], [7]]
        ratio = stats.ratio_in_rounds([[2 * value for value in values] for values in others], others)
        self.assertEqual((ratio.value, ratio.low, ratio.high), (2, 2, 2))

    def test_of_runs(self):
        """a disturbance of one of two runs does not cancel out"""
        old = [[1], [5], [2], [9], [4], [7]]
        ratio = stats.ratio_of_runs([[2 * value for value in values] for values in old], old)
        self.assertEqual(ratio.value, 2)
        self.assertLess(ratio.low, 1)
        self.assertGreater(ratio.high, 3)

    def test_of_runs_differ(self):
        """the interval of a ratio excludes 1 for different runs, and contains it for equal ones"""
        slow = [[value] for value in (10, 11, 10.5, 9.9, 10.2)]
        fast = [[value] for value in (5, 5.2, 4.9, 5.1, 5)]
        self.assertTrue(stats.ratio_of_runs(slow, fast).excludes(1))
        self.assertFalse(stats.ratio_of_runs(slow, slow).excludes(1))

    def test_lone_rounds(self):
        """a round that only one side has does not count"""
        ours = [[2], [2], [2], [2], [2], [100]]
        others = [[1], [1], [1], [1], [1], []]
        ratio = stats.ratio_in_rounds(ours, others)
        self.assertEqual((ratio.value, ratio.high, ratio.rounds), (2, 2, 5))

    def test_none(self):
        """there is no ratio without common rounds or with a median of zero"""
        self.assertIsNone(stats.ratio_in_rounds([[1], []], [[], [1]]))
        self.assertIsNone(stats.ratio_in_rounds([[1]] * 5, [[0]] * 5))
        self.assertIsNone(stats.ratio_of_runs([], [[1]]))
        self.assertRaises(ValueError, stats.ratio_in_rounds, [[1]], [])

    def test_zeros(self):
        """there is no interval if a draw has a median of zero"""
        ratio = stats.ratio_in_rounds([[1]] * 5, [[0], [0], [1], [1], [1]])
        self.assertEqual((ratio.value, ratio.low), (1, None))

    def test_few(self):
        """a ratio of few rounds has no interval"""
        ratio = stats.ratio_of_runs([[2], [2], [2], [2]], [[1]] * 9)
        self.assertEqual((ratio.value, ratio.low), (2, None))
