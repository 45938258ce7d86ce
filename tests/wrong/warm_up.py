"""Wrong versions of warm_up (task 6.4)."""

import math

from tests.wrong import mistake, mutant

TASK = "6.4"


def _warm_up(epoch, epochs):
    length = epochs // 5
    return epoch / length if epoch < length else 1.0


@mistake
def never_one(epoch, epochs):
    """The warm-up takes a fifth of the epochs; yours takes all of them."""
    return epoch / epochs


@mistake
def no_cap(epoch, epochs):
    """After the warm-up the weight stays at 1, and yours goes on rising."""
    return epoch / max(1, epochs // 5)


@mistake
def starts_at_one_step(epoch, epochs):
    """The first epoch has the weight 0: epochs are counted from 0."""
    return min(1.0, (epoch + 1) / max(1, epochs // 5))


@mistake
def inverted(epoch, epochs):
    """The weight falls from 1 to 0; it must rise."""
    return 1 - _warm_up(epoch, epochs)


@mistake
def always_one(epoch, epochs):
    """There is no warm-up at all."""
    return 1.0


@mistake
def tenth(epoch, epochs):
    """Your warm-up ends too early, after a tenth of the epochs."""
    length = epochs // 10
    return epoch / length if epoch < length else 1.0


@mistake
def half(epoch, epochs):
    """Your warm-up ends too late, after half of the epochs."""
    length = epochs // 2
    return epoch / length if epoch < length else 1.0


@mistake
def squared(epoch, epochs):
    """The weight rises as a parabola; a straight line is asked for."""
    return _warm_up(epoch, epochs) ** 2


@mistake
def switched_on(epoch, epochs):
    """The weight jumps from 0 to 1 at the end of the warm-up instead of rising."""
    return 0.0 if epoch < epochs // 5 else 1.0


@mistake
def cosine(epoch, epochs):
    """The weight rises along a cosine; a straight line is asked for, from 0 to 1."""
    return (1 - math.cos(math.pi * _warm_up(epoch, epochs))) / 2


@mutant
def fifth_not_floored(epoch, epochs):
    return min(1.0, epoch / (epochs / 5))


@mutant
def rounded_up(epoch, epochs):
    return min(1.0, epoch / max(1, math.ceil(epochs / 5)))


@mutant
def not_a_number_when_short(epoch, epochs):
    return _warm_up(epoch, epochs) if epochs >= 5 else math.nan


@mutant
def at_least_one_epoch(epoch, epochs):
    return min(1.0, epoch / max(1, epochs // 5))
