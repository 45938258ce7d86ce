"""Wrong versions of information_ratio (task 3.10). A docstring is what the student is told."""

import math

from tests.wrong import mistake, mutant

TASK = "3.10"


@mistake
def at_minimum(label_nats, input_nats, minimum=0.1):
    """Exactly at the minimum the ratio still counts: nan is for strictly less."""
    return label_nats / input_nats if input_nats > minimum else math.nan


@mistake
def clamped(label_nats, input_nats, minimum=0.1):
    """You keep the ratio within [0, 1]. Estimates may lie outside: return the ratio itself."""
    return min(max(label_nats / input_nats, 0.0), 1.0) if input_nats >= minimum else math.nan


@mistake
def floor(label_nats, input_nats, minimum=0.1):
    """You lift small informations to the minimum instead of answering nan."""
    return label_nats / max(input_nats, minimum)


@mistake
def inverted(label_nats, input_nats, minimum=0.1):
    """Your ratio is upside down: what is about the label is divided by all that is kept."""
    return input_nats / label_nats if input_nats >= minimum else math.nan


@mistake
def label_guarded(label_nats, input_nats, minimum=0.1):
    """You guard against small I(z; y). What must not be small is the denominator."""
    return label_nats / input_nats if min(label_nats, input_nats) >= minimum else math.nan


@mistake
def minimum_ignored(label_nats, input_nats, minimum=0.1):
    """Your minimum is fixed; use the argument."""
    return label_nats / input_nats if input_nats >= 0.1 else math.nan


@mistake
def rounded(label_nats, input_nats, minimum=0.1):
    """You round the ratio."""
    return round(label_nats / input_nats, 4) if input_nats >= minimum else math.nan


@mistake
def unguarded(label_nats, input_nats, minimum=0.1):
    """A latent that keeps (almost) nothing gives a meaningless ratio, or a division by 0. Return
    nan there."""
    return label_nats / input_nats


@mistake
def zero(label_nats, input_nats, minimum=0.1):
    """You return 0 where the ratio means nothing. That looks like a measurement; return nan."""
    return label_nats / input_nats if input_nats >= minimum else 0.0


@mistake
def zero_minimum_ignored(label_nats, input_nats, minimum=0.1):
    """You take a minimum of 0 for a missing one. The caller who passes 0 wants the ratio of any
    amount that is not negative."""
    return label_nats / input_nats if input_nats >= (minimum or 0.1) else math.nan


@mutant
def label_floored(label_nats, input_nats, minimum=0.1):
    # I(z; y) below −1 counts as −1: shows that a check has a worse classifier.
    return max(label_nats, -1) / input_nats if input_nats >= minimum else math.nan


@mutant
def limited(label_nats, input_nats, minimum=0.1):
    # Ratios above 4 count as 4: shows that a check has a larger one.
    return min(label_nats / input_nats, 4.0) if input_nats >= minimum else math.nan


@mutant
def tolerance(label_nats, input_nats, minimum=0.1):
    # Lets pass what lies less than a thousandth below the minimum.
    if input_nats < minimum - 1e-3:
        return math.nan
    return label_nats / input_nats
