"""Wrong versions of calibrated_beta (task 5.8). A docstring is what the student is told."""

import math

from tests.wrong import mistake, mutant

TASK = "5.8"


@mistake
def no_two(distortion, pixels):
    """You return the variance: β is twice that."""
    return distortion / pixels


@mistake
def sigma(distortion, pixels):
    """You return a standard deviation."""
    return math.sqrt(distortion / pixels)


@mistake
def half(distortion, pixels):
    """You divide by 2 where you should multiply: solve β = 2 sigma² for the right one."""
    return distortion / (2 * pixels)


@mistake
def not_per_pixel(distortion, pixels):
    """You forget that D is summed over the pixels: sigma² is the variance of one."""
    return 2 * distortion


@mistake
def inverse(distortion, pixels):
    """Your fraction is upside down: a larger distortion fits a larger price."""
    return pixels / (2 * distortion)


@mistake
def root(distortion, pixels):
    """You take the root of the variance before you double it."""
    return 2 * math.sqrt(distortion / pixels)


@mistake
def logarithm(distortion, pixels):
    """You return the logarithm of β."""
    return math.log(2 * distortion / pixels)


@mistake
def squared(distortion, pixels):
    """You square D/n: it is a squared error already."""
    return 2 * (distortion / pixels) ** 2


@mistake
def one_degree_less(distortion, pixels):
    """You divide by n − 1: no mean has been estimated from these pixels."""
    return 2 * distortion / max(pixels - 1, 1)


@mistake
def constant(distortion, pixels):
    """Your β does not depend on the distortion."""
    return 2 / pixels


@mutant
def pixels_of_fashion(distortion, pixels):
    # right for 28 × 28 images alone
    return 2 * distortion / 784


@mutant
def at_most_one(distortion, pixels):
    # prices above 1 are cut
    return min(2 * distortion / pixels, 1.0)
