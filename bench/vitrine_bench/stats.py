"""Order of rounds, percentiles, and medians with bootstrap intervals.

The values are a list for each round. A disturbance of the machine affects all values of a round, so these are not
independent; rounds nearly are. The bootstrap therefore draws whole rounds with their values (a cluster bootstrap) and
takes the median of all values drawn. An interval lies between two percentiles of these medians.

With few rounds, the percentiles 2.5 and 97.5 give intervals that are too narrow: with five rounds of four values
each, they cover the true median only 80 to 85 times in 100. The percentiles are therefore moved outwards, as far as
Student's t requires (the expanded percentile interval: T. C. Hesterberg, "What Teachers Should Know About the
Bootstrap", The American Statistician 69, 2015). The widest possible interval goes from the least to the greatest
round, and covers the median 93.8 times in 100 with five rounds (1 - 2 / 2**5). With fewer rounds an interval would
mean little, and is None.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, stdtrit

CONFIDENCE = 0.95
LEAST_ROUNDS = 5
RESAMPLES = 10_000
AT_ONCE = 2_000_000  # values in memory


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval. low and high are both None if there are too few rounds."""

    value: float
    low: float | None
    high: float | None
    count: int
    rounds: int

    def excludes(self, value):
        """True if there is an interval, and value is outside of it."""
        return self.low is not None and not self.low <= value <= self.high


def rotated(targets, rounds):
    """The order of targets in each round: A B C, B C A, C A B, so that each target is in each place."""
    if not targets:
        return [[] for _ in range(rounds)]
    starts = [number % len(targets) for number in range(rounds)]
    return [list(targets[start:]) + list(targets[:start]) for start in starts]


def percentile(values, percent):
    """The percentile by linear interpolation between the two nearest values: R's type 7, numpy's default.

    ValueError if there are no values.
    """
    if len(values) == 0:
        raise ValueError("no values to take a percentile of")
    return float(np.percentile(values, percent))


def median(values):
    return percentile(values, 50)


def histogram_percentile(histogram, percent):
    """The percentile of a histogram [[upper, count], ...]: the upper bound of the bucket that holds the value of
    that rank, rounded up, as HdrHistogram has it. So it is at most a bucket's width too large, and never too
    small. 100 gives the greatest. ValueError if nothing was counted.
    """
    total = sum(count for _, count in histogram)
    if total == 0:
        raise ValueError("nothing was counted")
    # Without the rounding, 99.9 % of 1,000 is 999.0000000000001.
    rank = max(1, math.ceil(round(total * percent / 100, 6)))
    seen = 0
    for upper, count in histogram:
        seen += count
        if seen >= rank:
            return float(upper)
    return float(histogram[-1][0])


def median_of_rounds(rounds, seed=1):
    """The median of all values, and its interval. Rounds without values are ignored.

    ValueError if there are no values.
    """
    rounds = [values for values in rounds if values]
    medians = None
    if len(rounds) >= LEAST_ROUNDS:
        medians = _medians(rounds, draw(len(rounds), RESAMPLES, seed))
    return _estimate(median(_all(rounds)), medians, rounds, len(rounds))


def ratio_in_rounds(ours, others, seed=1):
    """The ratio of two medians that were measured in the same rounds, ours over the others'. The bootstrap draws the
    same rounds for both sides, so a disturbance of both cancels out. Rounds that only one side has are ignored.

    ours and others have the same length. None if no round is left or the others' median is 0.
    """
    pairs = [(our, other) for our, other in zip(ours, others, strict=True) if our and other]
    ours = [our for our, _ in pairs]
    others = [other for _, other in pairs]
    draws = draw(len(pairs), RESAMPLES, seed) if len(pairs) >= LEAST_ROUNDS else None
    return _ratio(ours, others, draws, draws)


def ratio_of_runs(new, old, seed=1):
    """The ratio of the medians of two runs, new over old. Each run is drawn by itself, because their rounds have
    nothing in common. None if one has no values or old's median is 0."""
    new = [values for values in new if values]
    old = [values for values in old if values]
    new_draws = old_draws = None
    if min(len(new), len(old)) >= LEAST_ROUNDS:
        new_draws = draw(len(new), RESAMPLES, (seed, 1))
        old_draws = draw(len(old), RESAMPLES, (seed, 2))
    return _ratio(new, old, new_draws, old_draws)


def _all(rounds):
    return [value for values in rounds for value in values]


@dataclass(frozen=True)
class Draws:
    """Numbers of rounds, drawn with replacement. Most draws differ only in their order: distinct has each
    combination once, and which gives, for every draw, its index in distinct."""

    distinct: np.ndarray
    which: np.ndarray


@lru_cache(maxsize=32)
def draw(rounds, times, seed):
    """Draws of so many rounds; cached, because nearly all rows of a report need the same."""
    drawn = np.random.default_rng(seed).integers(0, rounds, size=(times, rounds))
    return Draws(*np.unique(np.sort(drawn, axis=1), axis=0, return_inverse=True))


def _medians(rounds, draws):
    """For each draw, the median of the values of the drawn rounds. Rounds may differ in length."""
    longest = max(len(values) for values in rounds)
    table = np.full((len(rounds), longest), np.nan)
    for row, values in zip(table, rounds):
        row[: len(values)] = values
    take = np.nanmedian if np.isnan(table).any() else np.median
    # In pieces, since there may be a great many values.
    pieces = math.ceil(draws.distinct.size * longest / AT_ONCE)
    medians = [
        take(table[piece].reshape(len(piece), -1), axis=1)
        for piece in np.array_split(draws.distinct, pieces)
    ]
    return np.concatenate(medians)[draws.which]


def _ratio(ours, others, our_draws, other_draws):
    if not ours or not others or median(_all(others)) == 0:
        return None
    ratios = None
    if our_draws is not None:
        below = _medians(others, other_draws)
        if (below > 0).all():
            ratios = _medians(ours, our_draws) / below
    independent = min(len(ours), len(others))
    return _estimate(median(_all(ours)) / median(_all(others)), ratios, ours, independent)


def tail(rounds):
    """The percentile of the bootstrap that is the lower end of an interval of so many rounds; the upper end is 100
    minus it."""
    wide = stdtrit(rounds - 1, (1 + CONFIDENCE) / 2) * math.sqrt(rounds / (rounds - 1))
    return float(100 * ndtr(-wide))


def _estimate(value, resampled, rounds, independent):
    """independent is the number of rounds of the side that had fewer."""
    low = high = None
    if resampled is not None:
        outside = tail(independent)
        low, high = (percentile(resampled, percent) for percent in (outside, 100 - outside))
    return Estimate(value, low, high, len(_all(rounds)), len(rounds))
