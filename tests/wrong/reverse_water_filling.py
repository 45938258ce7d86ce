"""Wrong versions of reverse_water_filling (task 2.2). A docstring is what the student is told."""

import math

import torch

from rdlab.rate_distortion import WaterFilling, gaussian_rate
from rdlab.rate_distortion import reverse_water_filling as exact
from tests.wrong import mistake, mutant

TASK = "2.2"


def check(variances, distortion):
    """Refuse what describes no source or no distortion."""
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")


def rate_of(variances, distortions):
    """The rate of all components in nats."""
    return gaussian_rate(variances.double(), distortions.double()).sum().item()


def filled(variances, level):
    """The answer for a given water level."""
    distortions = variances.clamp(max=level)
    return WaterFilling(rate_of(variances, distortions), distortions, level)


def halvings(variances, distortion, until):
    """Search for the level by halving an interval, until `until(low, high, round)`."""
    low, high, rounds = 0.0, variances.max().item(), 0
    while not until(low, high, rounds):
        middle = (low + high) / 2
        enough = variances.double().clamp(max=middle).sum() >= distortion
        low, high = (low, middle) if enough else (middle, high)
        rounds += 1
    return high if distortion else 0.0


@mistake
def all_zero_infinite(variances, distortion):
    """At D = 0 you always answer inf. If every variance is 0 there is nothing to tell, and the rate
    is 0."""
    result = exact(variances, distortion)
    return result if distortion else result._replace(rate=math.inf)


@mistake
def assumes_sorted(variances, distortion):
    """You take the variances to be sorted already. They may come in any order."""
    check(variances, distortion)
    level = variances[0].item()
    if distortion < variances.sum().item():
        for active in range(len(variances), 0, -1):
            level = (distortion - variances[active:].sum().item()) / active
            if level <= variances[active - 1]:
                break
    return filled(variances, level)


@mistake
def bits(variances, distortion):
    """Your rate of all components is in bits. Report it in nats."""
    result = exact(variances, distortion)
    return result._replace(rate=result.rate / math.log(2))


@mistake
def coarse_search(variances, distortion):
    """An absolute precision, such as that of a search for the level, is too coarse for small
    variances. Make it relative, or solve exactly."""
    check(variances, distortion)
    level = halvings(variances, distortion, lambda low, high, _: high - low <= 1e-4)
    return filled(variances, level)


@mistake
def distortion_above(variances, distortion):
    """Your distortions add up to more than the total variance. No component can lose more than it
    has."""
    result = exact(variances, distortion)
    surplus = max(distortion - variances.sum().item(), 0.0)
    return result._replace(distortions=result.distortions + surplus / len(variances))


@mistake
def distortion_unchecked(variances, distortion):
    """A negative distortion goes through unnoticed. Raise a ValueError, as for a negative
    variance."""
    return exact(variances, max(distortion, 0.0))


@mistake
def few_halvings(variances, distortion):
    """Your search for the water level stops too early."""
    check(variances, distortion)
    return filled(
        variances, halvings(variances, distortion, lambda low, high, rounds: rounds == 16)
    )


@mistake
def few_rounds(variances, distortion):
    """You drop covered components for a fixed number of rounds: go on until none is covered."""
    check(variances, distortion)
    v = variances.double()
    if distortion >= v.sum():
        return filled(variances, v.max().item())
    active = torch.ones_like(v, dtype=torch.bool)
    for _ in range(5):
        level = (distortion - v[~active].sum()) / active.sum()
        active &= v >= level
    return filled(variances, max(level.item(), 0.0))


@mistake
def forward(variances, distortion):
    """You pour distortion on the largest components first. Reverse water-filling cuts all
    components at one common level."""
    check(variances, distortion)
    left, distortions = distortion, torch.zeros_like(variances)
    for i in variances.argsort(descending=True).tolist():
        distortions[i] = min(left, variances[i].item())
        left -= distortions[i].item()
    return WaterFilling(rate_of(variances, distortions), distortions, distortions.max().item())


@mistake
def level_above(variances, distortion):
    """Your level keeps rising once every component is full. At or above the total variance the
    level is the largest variance."""
    result = exact(variances, distortion)
    return result._replace(level=max(result.level, distortion / len(variances)))


@mistake
def negative_rates(variances, distortion):
    """Components below the water level lower your total rate. They are not coded: their rate is 0,
    never negative."""
    result = exact(variances, distortion)
    if not 0 < distortion < variances.sum():
        return result
    rate = 0.5 * (variances[variances > 0].double() / result.level).log().sum().item()
    return result._replace(rate=rate)


@mistake
def per_component(variances, distortion):
    """You take D for the mean over components. It is their total."""
    return exact(variances, distortion * len(variances))


@mistake
def proportional(variances, distortion):
    """You share the distortion in proportion to the variances. That costs more rate than needed:
    what is equal is the level."""
    check(variances, distortion)
    distortions = variances * min(distortion / max(variances.sum().item(), 1e-30), 1.0)
    return WaterFilling(rate_of(variances, distortions), distortions, distortions.max().item())


@mistake
def shared_equally(variances, distortion):
    """You give every component D/n. Where that is more than its variance, the rest must go to the
    other components: the level rises until the distortions add up."""
    check(variances, distortion)
    return filled(variances, min(distortion / len(variances), variances.max().item()))


@mistake
def single_pass(variances, distortion):
    """You hand the surplus of the weak components on once. That lifts the level, and may fill
    further components: repeat until nothing changes."""
    check(variances, distortion)
    full = variances < distortion / len(variances)
    level = variances.max().item()
    if distortion < variances.sum():
        level = (distortion - variances[full].sum().item()) / (~full).sum().item()
    return filled(variances, level)


@mistake
def sorted_in_place(variances, distortion):
    """You sort the caller's variances: `.numpy()` shares memory with the tensor, and `.sort()` of
    an array works in place. Sort a copy."""
    result = exact(variances, distortion)
    variances.numpy().sort()
    return result


@mistake
def sorted_output(variances, distortion):
    """Your distortions come in sorted order. Return them in the order of the variances given."""
    return exact(variances.sort(descending=True).values, distortion)


@mistake
def total_checked(variances, distortion):
    """You refuse a negative total, not a negative variance: look at each."""
    check(variances.sum(), distortion)
    return exact(variances.clamp(min=0), distortion)


@mistake
def variance_unchecked(variances, distortion):
    """A negative variance goes through unnoticed. Raise a ValueError, as for a negative
    distortion."""
    return exact(variances.clamp(min=0), distortion)


@mistake
def zero_distortion(variances, distortion):
    """At D = 0 your rate is finite. Nothing continuous can be told without error: the rate is
    inf."""
    result = exact(variances, distortion)
    return exact(variances, 1e-12)._replace(level=0.0) if result.rate == math.inf else result


@mistake
def zero_variance(variances, distortion):
    """A component without variance turns your rate into nan. It costs nothing and distorts
    nothing."""
    result = exact(variances, distortion)
    ratio = variances.double() / result.distortions.double()
    return result._replace(rate=(0.5 * ratio.log()).clamp(min=0).sum().item())


@mutant
def early_zero(variances, distortion):
    # Rate 0 from 0.999 of the total variance on: shows that a check comes that close.
    check(variances, distortion)
    if distortion >= 0.999 * variances.double().sum().item() > 0:
        return filled(variances, variances.max().item())
    return exact(variances, distortion)


@mutant
def equal_merged(variances, distortion):
    # Equal variances cost their nats once: shows that a check repeats one.
    result = exact(variances, distortion)
    distinct = variances.unique()
    return result._replace(rate=rate_of(distinct, distinct.clamp(max=result.level)))


@mutant
def small_left_out(variances, distortion):
    # Variances below 0.0001 cost nothing: shows that a check lowers the water below that.
    result = exact(variances, distortion)
    counted = variances > 1e-4
    return result._replace(rate=rate_of(variances[counted], result.distortions[counted]))


@mutant
def nearly_zero_accepted(variances, distortion):
    # What lies within 10⁻⁵ below 0 counts as rounding.
    if distortion < -1e-5 or (variances < -1e-5).any():
        raise ValueError("variances and distortion must not be negative")
    return exact(variances.abs(), abs(distortion))


@mutant
def thousand_components(variances, distortion):
    # Codes 1,000 components: shows that a check has more.
    return exact(variances[:1000], distortion)
