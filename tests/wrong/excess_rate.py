"""Wrong versions of excess_rate (task 2.5). A docstring is what the student is told."""

import math

from rdlab.rate_distortion import reverse_water_filling, white_gaussian_rate
from tests.wrong import mistake, mutant

TASK = "2.5"


@mistake
def absolute(rate, distortion, variances):
    """You return a distance without sign. Below the limit the excess is negative."""
    return abs(rate - reverse_water_filling(variances, distortion).rate)


@mistake
def clamped(rate, distortion, variances):
    """You cut negative values off. A good coder of real data may lie below the Gaussian limit, and
    that is worth seeing."""
    return max(rate - reverse_water_filling(variances, distortion).rate, 0.0)


@mistake
def limit_ignored_at_zero(rate, distortion, variances):
    """You leave the limit out where it is infinite. At D = 0 it is, so any finite rate lies
    infinitely far below it: the result is −inf."""
    limit = reverse_water_filling(variances, distortion).rate
    return rate - limit if math.isfinite(limit) else rate


@mistake
def mean_distortion(rate, distortion, variances):
    """You divide the distortion by the number of components. Water-filling takes the total."""
    return rate - reverse_water_filling(variances, distortion / len(variances)).rate


@mistake
def ratio(rate, distortion, variances):
    """You return a ratio. Asked for is a difference, in nats."""
    return rate / reverse_water_filling(variances, distortion).rate


@mistake
def sign(rate, distortion, variances):
    """Your excess has the wrong sign: it is positive for a coder that spends more than the
    limit."""
    return reverse_water_filling(variances, distortion).rate - rate


@mistake
def variances_overwritten(rate, distortion, variances):
    """You overwrite the variances of your caller: work on a copy."""
    variances.clamp_(min=1e-6)
    return rate - reverse_water_filling(variances, distortion).rate


@mistake
def white(rate, distortion, variances):
    """You compare with the white Gaussian. The limit meant here is the one on the spectrum, by
    reverse water-filling."""
    return rate - white_gaussian_rate(variances, distortion)


@mistake
def zero_above_total(rate, distortion, variances):
    """Above the total variance the limit is 0, so all of the rate is excess, not none."""
    return (
        rate - reverse_water_filling(variances, distortion).rate
        if distortion < variances.sum()
        else 0.0
    )


@mutant
def rounded(rate, distortion, variances):
    # Three decimals are enough for most rates.
    excess = rate - reverse_water_filling(variances, distortion).rate
    return round(excess, 3) if math.isfinite(excess) else excess
