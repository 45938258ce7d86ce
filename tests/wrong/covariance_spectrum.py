"""Wrong versions of covariance_spectrum (task 2.3). A docstring is what the student is told."""

import torch

from rdlab.rate_distortion import covariance_spectrum as exact
from tests.wrong import mistake, mutant

TASK = "2.3"


@mistake
def ascending(x):
    """Your eigenvalues come smallest first. Return the largest first."""
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))]).flip(0)


@mistake
def centred_in_place(x):
    """You subtract the mean from the caller's data. Centre a copy."""
    x = x.flatten(1)
    x -= x.mean(0)
    squares = torch.linalg.svdvals(x).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake
def correlation(x):
    """You standardise the components, which gives the correlation matrix. Only the mean is taken
    off."""
    x = x.flatten(1)
    x = (x - x.mean(0)) / x.std(0, correction=0).clamp(min=1e-8)
    squares = torch.linalg.svdvals(x).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake
def difference_of_moments(x):
    """You subtract the squared mean from the mean square. Where the mean is large, the digits that
    matter cancel: centre the data first."""
    x = x.flatten(1)
    if len(x) < x.shape[1]:
        return exact(x)
    mean = x.mean(0)
    second = x.T @ x / len(x)
    return torch.linalg.eigvalsh(second - torch.outer(mean, mean)).flip(0).clamp(min=0)


@mistake(raises=True)
def flat_data_only(x):
    """Data with more axes than two, such as images, must be flattened to (N, n) first."""
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake(raises=True)
def full_matrix(x):
    """You build the n × n matrix even for a few points in many dimensions, and run out of memory. N
    points span at most N directions."""
    x = x.flatten(1)
    centred = x - x.mean(0)
    return torch.linalg.eigvalsh(centred.T @ centred / len(x)).flip(0).clamp(min=0)


@mistake
def gram_divisor(x):
    """With fewer points than components you divide by n. The divisor is the number of points,
    always."""
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / max(x.shape)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake
def negative(x):
    """Rounding leaves some of your eigenvalues slightly negative, and a logarithm will meet them.
    They are ≥ 0."""
    x = x.flatten(1)
    centred = x - x.mean(0)
    return torch.linalg.eigvalsh(centred.T @ centred / len(x)).flip(0)


@mistake
def not_centred(x):
    """You do not subtract the mean, so it counts as variance."""
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake
def of_points(x):
    """You compute the covariance between data points, not between components: torch.cov takes each
    row for a variable."""
    return torch.linalg.eigvalsh(torch.cov(x.flatten(1), correction=0)).flip(0).clamp(min=0)


@mistake
def one_mean(x):
    """You subtract one mean for all components. Each component has its own."""
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean()).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake
def sample_divisor(x):
    """You divide by N − 1. The covariance here has divisor N."""
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / (len(x) - 1)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])


@mistake
def small_zeroed(x):
    """You set small eigenvalues to 0. Only negative ones, which come from rounding, may become
    0."""
    x = x.flatten(1)
    n = x.shape[1]
    c = x - x.mean(0)
    s = torch.linalg.svdvals(c) ** 2 / len(x)
    s = torch.cat([s, s.new_zeros(n - len(s))]) if len(s) < n else s
    return torch.where(s > 1e-3 * s[0], s, 0.0)


@mistake
def standard_deviations(x):
    """You return standard deviations: the singular values still have to be squared."""
    x = x.flatten(1)
    values = torch.linalg.svdvals(x - x.mean(0)) / len(x) ** 0.5
    return torch.cat([values, x.new_zeros(x.shape[1] - len(values))])


@mistake
def too_short(x):
    """With fewer points than components you return N eigenvalues. There are n: the last ones are
    0."""
    x = x.flatten(1)
    return torch.linalg.svdvals(x - x.mean(0)).square() / len(x)


@mutant
def divisor_by_size(x):
    # N − 1 for more than 50 points: few points do not show it.
    x = x.flatten(1)
    c = x - x.mean(0)
    s = torch.zeros(c.shape[1], dtype=c.dtype)
    e = torch.linalg.svdvals(c).square() / (len(c) - (len(c) > 50))
    s[: len(e)] = e
    return s


@mutant
def first_points(x):
    # Reads 500 points: shows that a check has more.
    x = x.flatten(1)[:500]
    c = x - x.mean(0)
    s = torch.zeros(c.shape[1], dtype=c.dtype)
    e = torch.linalg.svdvals(c).square() / len(c)
    s[: len(e)] = e
    return s


@mutant
def largest_only(x):
    # 64 eigenvalues, then zeros: shows that a check has more components of some variance.
    x = x.flatten(1)
    c = x - x.mean(0)
    s = torch.zeros(c.shape[1], dtype=c.dtype)
    e = torch.linalg.svdvals(c).square()[:64] / len(c)
    s[: len(e)] = e
    return s


@mutant
def faint_zeroed(x):
    # An absolute tolerance: eigenvalues below 10⁻⁸ count as rounding.
    spectrum = exact(x)
    return spectrum.where(spectrum > 1e-8, 0)
