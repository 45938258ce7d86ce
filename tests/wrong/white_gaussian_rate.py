"""Wrong versions of white_gaussian_rate (task 2.4). A docstring is what the student is told."""

import math

import torch

from rdlab.rate_distortion import gaussian_rate
from tests.wrong import mistake, mutant

TASK = "2.4"


@mistake
def bits(variances, distortion):
    """Your rate of the white source is in bits. Report it in nats."""
    ratio = variances.double().sum().item() / distortion
    return max(len(variances) / 2 * math.log2(ratio), 0.0)


@mistake
def geometric_mean(variances, distortion):
    """You take the geometric mean of the variances. "Average" is the arithmetic mean: the white
    source has the same total variance."""
    share = torch.tensor(distortion / len(variances), dtype=torch.float64)
    average = variances.double().log().mean().exp()
    return len(variances) * gaussian_rate(average, share).item()


@mistake
def largest_variance(variances, distortion):
    """You take the largest variance for all components. Take their average."""
    share = torch.tensor(distortion / len(variances), dtype=torch.float64)
    return len(variances) * gaussian_rate(variances.double().max(), share).item()


@mistake
def negative(variances, distortion):
    """Your rate goes below 0 above the total variance. It is 0 there."""
    return len(variances) / 2 * math.log(variances.double().sum().item() / distortion)


@mistake
def no_half(variances, distortion):
    """Your rate of the white source lacks the factor ½."""
    ratio = variances.double().sum().item() / distortion
    return max(len(variances) * math.log(ratio), 0.0)


@mistake
def one_component(variances, distortion):
    """This is the rate of one component. The total is asked."""
    share = torch.tensor(distortion / len(variances), dtype=torch.float64)
    return gaussian_rate(variances.double().mean(), share).item()


@mistake
def own_variances(variances, distortion):
    """You use each component's own variance. The white source has the same, average variance
    everywhere."""
    share = torch.tensor(distortion / len(variances), dtype=torch.float64)
    return gaussian_rate(variances.double(), share).sum().item()


@mistake
def total_distortion(variances, distortion):
    """You compare the total distortion with the variance of one component. Each component gets its
    share of it."""
    distortion = torch.tensor(distortion, dtype=torch.float64)
    return len(variances) * gaussian_rate(variances.double().mean(), distortion).item()


@mistake
def zeros_left_out(variances, distortion):
    """You count only components of some variance: all n share the variance and the distortion."""
    n, total = int((variances > 1e-3).sum()), variances.double().sum().item()
    return 0.5 * n * math.log(total / distortion) if distortion < total else 0.0


@mutant
def components_limited(variances, distortion):
    # At most 100 components: shows that a check has more.
    n, total = min(len(variances), 100), variances.double().sum().item()
    return 0.5 * n * math.log(total / distortion) if distortion < total else 0.0


@mutant
def distortion_floored(variances, distortion):
    # A floor of 1e-5 of the variance: shows that a check goes below.
    n, total = len(variances), variances.double().sum().item()
    return 0.5 * n * math.log(total / max(distortion, 1e-5 * total)) if distortion < total else 0.0


@mutant
def margin(variances, distortion):
    # Zero already 0.01 below the total variance: shows that a check comes that close.
    n, total = len(variances), variances.double().sum().item()
    return 0.5 * n * math.log(total / distortion) if distortion < total - 1e-2 else 0.0
