"""Wrong versions of linear_hierarchical_point (task 6.15)."""

import math

from tests.wrong import mistake, mutant

TASK = "6.15"


def _split(variances, beta_2, beta_1, top_dim, bottom_dim, order=True):
    """Variances coded in z₂, in z₁ and in neither."""
    values = sorted(variances.tolist(), reverse=True) if order else variances.tolist()
    split = top_dim if beta_2 < beta_1 else 0
    return values[:split], values[split:bottom_dim], values[bottom_dim:]


def _rate(values, beta):
    return math.fsum(max(0.0, 0.5 * math.log(2 * v / beta)) for v in values if v > 0)


def _kept(values, beta):
    return math.fsum(min(v, beta / 2) for v in values)


def _point(top, bottom, lost, beta_2, beta_1):
    distortion = _kept(top, beta_2) + _kept(bottom, beta_1) + math.fsum(lost)
    return _rate(top, beta_2), _rate(bottom, beta_1), distortion


def _linear(variances, beta_2, beta_1, top_dim, bottom_dim):
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    parts = _split(variances, beta_2, beta_1, top_dim, bottom_dim)
    return _point(*parts, beta_2, beta_1)


@mistake
def level_beta(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The water level is half of the price, not the price."""
    return _linear(variances, 2 * beta_2, 2 * beta_1, top_dim, bottom_dim)


@mistake
def layers_swapped(variances, beta_2, beta_1, top_dim, bottom_dim):
    """R₁ stands in the place of R₂: the top layer's rate comes first."""
    rate_2, rate_1, distortion = _linear(variances, beta_2, beta_1, top_dim, bottom_dim)
    return rate_1, rate_2, distortion


@mistake
def always_top_first(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The top layer codes even where it is the more expensive one."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    parts = _split(variances, 0.0, 1.0, top_dim, bottom_dim)
    return _point(*parts, beta_2, beta_1)


@mistake
def dearer_layer_first(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The more expensive layer gets the largest components: the cheaper one must."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    parts = _split(variances, beta_1, beta_2, top_dim, bottom_dim)
    return _point(*parts, beta_2, beta_1)


@mistake
def one_price(variances, beta_2, beta_1, top_dim, bottom_dim):
    """Both layers have the water level of the cheaper one; each has its own."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    low = min(beta_2, beta_1)
    return _point(*_split(variances, beta_2, beta_1, top_dim, bottom_dim), low, low)


@mistake
def mean_price(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The water levels are half the mean of the two prices: do not mix them."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    mean = (beta_2 + beta_1) / 2
    return _point(*_split(variances, beta_2, beta_1, top_dim, bottom_dim), mean, mean)


@mistake
def lost_forgotten(variances, beta_2, beta_1, top_dim, bottom_dim):
    """Components beyond the last latent are lost, and their variance is distortion."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    top, bottom, _ = _split(variances, beta_2, beta_1, top_dim, bottom_dim)
    return _point(top, bottom, [], beta_2, beta_1)


@mistake
def no_limit(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The bottom layer codes everything that is left: it has bottom_dim dimensions only."""
    return _linear(variances, beta_2, beta_1, top_dim, len(variances))


@mistake
def rates_weighted(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The rates are multiplied by their prices: they are wanted in nats."""
    rate_2, rate_1, distortion = _linear(variances, beta_2, beta_1, top_dim, bottom_dim)
    return beta_2 * rate_2, beta_1 * rate_1, distortion


@mistake
def not_sorted(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The variances come in any order, and you take the first ones for the largest."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    parts = _split(variances, beta_2, beta_1, top_dim, bottom_dim, order=False)
    return _point(*parts, beta_2, beta_1)


@mistake
def dimensions_added(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The decoder sees z₁ only, so bottom_dim limits both layers together."""
    together = top_dim + bottom_dim
    return _linear(variances, beta_2, beta_1, top_dim, together)


@mistake
def bits(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The rates are in bits: use natural logarithms alone."""
    rate_2, rate_1, distortion = _linear(variances, beta_2, beta_1, top_dim, bottom_dim)
    return rate_2 / math.log(2), rate_1 / math.log(2), distortion


@mistake
def no_half(variances, beta_2, beta_1, top_dim, bottom_dim):
    """The rate of a component is ½ ln(λ/θ), and your ½ is missing."""
    rate_2, rate_1, distortion = _linear(variances, beta_2, beta_1, top_dim, bottom_dim)
    return 2 * rate_2, 2 * rate_1, distortion


@mistake
def negative_rates(variances, beta_2, beta_1, top_dim, bottom_dim):
    """Components below the water level cost nothing; yours have negative rates."""
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    top, bottom, lost = _split(variances, beta_2, beta_1, top_dim, bottom_dim)
    _, _, distortion = _point(top, bottom, lost, beta_2, beta_1)

    def rate(values, beta):
        return math.fsum(0.5 * math.log(2 * v / beta) for v in values if v > 0)

    return rate(top, beta_2), rate(bottom, beta_1), distortion


@mutant
def equal_prices_accepted(variances, beta_2, beta_1, top_dim, bottom_dim):
    return _point(*_split(variances, beta_2, beta_1, top_dim, bottom_dim), beta_2, beta_1)


@mutant
def distortion_of_the_coded_only(variances, beta_2, beta_1, top_dim, bottom_dim):
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    top, bottom, lost = _split(variances, beta_2, beta_1, top_dim, bottom_dim)
    level_2, level_1 = beta_2 / 2, beta_1 / 2
    coded = level_2 * sum(v > level_2 for v in top) + level_1 * sum(v > level_1 for v in bottom)
    return _rate(top, beta_2), _rate(bottom, beta_1), coded + math.fsum(lost)
